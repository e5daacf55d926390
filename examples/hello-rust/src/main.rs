//! Hello Rust: counts its visits in the host's storage, and has a page in the console.

use std::process::ExitCode;

use toru_plugin_api::{HttpRequest, HttpResponse, PluginContext, PluginError, PluginMetadata, ToruPlugin, run};

struct HelloRust {
    /// Requests come at once: one visit at a time is added.
    counting: tokio::sync::Mutex<()>,
}

impl ToruPlugin for HelloRust {
    fn metadata(&self) -> PluginMetadata {
        PluginMetadata::new("hello-rust", "Hello Rust", "1.0.0", "🦀", "/hello-rust")
            .author("Toru Steering Center")
            .description("Counts its visits. A start for a plugin of your own in Rust.")
            .bundle(include_str!("page.js"))
    }

    async fn handle_http(&self, context: &PluginContext, request: HttpRequest) -> Result<HttpResponse, PluginError> {
        match (request.method.as_str(), request.route_path()) {
            ("GET", "/visits") => visits(context, read(context).await?),
            ("POST", "/visits") => {
                let _one_at_a_time = self.counting.lock().await;
                let count = read(context).await? + 1;
                context.kv.set("visits", count.to_string()).await?;
                visits(context, count)
            }
            ("GET", "/") => Ok(HttpResponse::html(PAGE)),
            (method, path) => Err(PluginError::http(404, format!("nothing at {method} {path}"))),
        }
    }
}

async fn read(context: &PluginContext) -> Result<u64, PluginError> {
    Ok(context.kv.get("visits").await?.map_or(Ok(0), |count| count.parse())?)
}

fn visits(context: &PluginContext, count: u64) -> Result<HttpResponse, PluginError> {
    HttpResponse::json(&serde_json::json!({ "visits": count, "instance_id": context.instance_id }))
}

const PAGE: &str = r#"<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Hello Rust</title>
<h1>Hello from Rust</h1><p>Open this plugin in the console to see its page.</p></html>
"#;

fn main() -> ExitCode {
    run(HelloRust { counting: tokio::sync::Mutex::new(()) })
}
