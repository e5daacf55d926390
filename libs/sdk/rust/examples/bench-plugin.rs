//! The plugin that test/bench measures: an echo, and large bodies each way.

use std::process::ExitCode;

use toru_plugin_api::{
    Body, Bytes, HttpRequest, HttpResponse, PluginContext, PluginError, PluginMetadata, ToruPlugin, run,
};

const MAX_ECHO: usize = 1024 * 1024;
static CHUNK: [u8; 65_536] = [b'.'; 65_536];

struct Bench;

impl ToruPlugin for Bench {
    fn metadata(&self) -> PluginMetadata {
        PluginMetadata::new("bench", "Bench", "1.0.0", "B", "/bench")
    }

    async fn handle_http(&self, _: &PluginContext, mut request: HttpRequest) -> Result<HttpResponse, PluginError> {
        match request.route_path() {
            "/echo" => Ok(HttpResponse::with("application/json", request.body.bytes(MAX_ECHO).await?)),
            "/upload" => {
                let mut bytes = 0;
                while let Some(chunk) = request.body.chunk().await? {
                    bytes += chunk.len();
                }
                HttpResponse::json(&serde_json::json!({ "bytes": bytes }))
            }
            "/download" => {
                let bytes = request.query().and_then(|query| query.strip_prefix("bytes="));
                let mut left: usize = bytes.unwrap_or_default().parse()?;
                let body = Body::stream(|sender| async move {
                    while left > 0 {
                        let count = left.min(CHUNK.len());
                        sender.send(Bytes::from_static(&CHUNK[..count])).await?;
                        left -= count;
                    }
                    Ok(())
                });
                Ok(HttpResponse::with("application/octet-stream", body))
            }
            path => Err(PluginError::http(404, format!("nothing at {path}"))),
        }
    }
}

fn main() -> ExitCode {
    run(Bench)
}
