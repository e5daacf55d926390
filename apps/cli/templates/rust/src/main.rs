//! {{title}}: a plugin for Toru Steering Center.

use std::{
    process::ExitCode,
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::{Value, json};
use toru_plugin_api::{
    Config, HttpRequest, HttpResponse, PluginContext, PluginError, PluginMetadata, ToruPlugin,
    User, run,
};

struct Plugin;

impl ToruPlugin for Plugin {
    fn metadata(&self) -> PluginMetadata {
        // As Cargo.toml has it.
        let version = env!("CARGO_PKG_VERSION");
        PluginMetadata::new("{{id}}", "{{title}}", version, "🧩", "/{{id}}")
            .bundle(include_str!("../page.bundle.js"))
            // What an administrator sets on the settings page.
            .settings_schema(json!({
                "type": "object",
                "properties": {
                    "greeting": { "type": "string", "title": "Greeting", "default": "Hello", "maxLength": 50 }
                }
            }))
    }

    async fn handle_http(
        &self,
        context: &PluginContext,
        request: HttpRequest,
    ) -> Result<HttpResponse, PluginError> {
        match (request.method.as_str(), request.route_path()) {
            ("POST", "/visits") => visit(context, &request).await,
            (method, path) => Err(PluginError::http(
                404,
                format!("nothing at {method} {path}"),
            )),
        }
    }
}

/// Greets who asks, and remembers when somebody did: in milliseconds since 1970, as pages count time.
async fn visit(
    context: &PluginContext,
    request: &HttpRequest,
) -> Result<HttpResponse, PluginError> {
    let last_visit: Option<u64> = context
        .kv
        .get("last_visit")
        .await?
        .map(|text| text.parse())
        .transpose()?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
    context.kv.set("last_visit", now.to_string()).await?;
    let greeting = greeting(&context.config, request.user.as_ref());
    HttpResponse::json(&json!({ "greeting": greeting, "last_visit": last_visit }))
}

fn greeting(settings: &Config, user: Option<&User>) -> String {
    let greeting = settings
        .get("greeting")
        .and_then(Value::as_str)
        .unwrap_or("Hello");
    let name = user.map_or("stranger", |user| user.name.as_str());
    format!("{greeting}, {name}!")
}

fn main() -> ExitCode {
    run(Plugin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stranger_is_greeted_without_settings() {
        assert_eq!(greeting(&Config::default(), None), "Hello, stranger!");
    }
}
