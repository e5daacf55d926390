//! The routes of docs/conformance.md and a storage of its own; the variable `PROTOCOL` says the version.

use std::{
    collections::HashMap,
    io::{self, Write},
    process::ExitCode,
    sync::Mutex,
    time::Duration,
};

use toru_plugin_api::{
    Body, Bytes, HttpRequest, HttpResponse, KvOp, KvReply, PluginContext, PluginError, PluginMetadata, ToruPlugin, log,
    run, websocket,
};

const MAX_BODY: usize = 64 * 1024 * 1024;
const MAX_VALUE: usize = 1024 * 1024;
/// Larger than a frame may be in one of the checks.
static PIECE: [u8; 100_000] = [b'.'; 100_000];

#[derive(Default)]
struct Conformance {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    entries: HashMap<String, (String, u64)>,
    revision: u64,
}

impl ToruPlugin for Conformance {
    fn metadata(&self) -> PluginMetadata {
        let protocol = std::env::var("PROTOCOL").ok().and_then(|version| version.parse().ok());
        PluginMetadata::new("conformance-rs", "Conformance", "1.0.0", "✓", "/conformance-rs")
            .protocol(protocol.unwrap_or(2))
    }

    async fn handle_http(
        &self,
        context: &PluginContext,
        mut request: HttpRequest,
    ) -> Result<HttpResponse, PluginError> {
        match request.route_path() {
            "/conformance/echo" => {
                Ok(HttpResponse::with("application/octet-stream", request.body.bytes(MAX_BODY).await?))
            }
            "/conformance/slow" => {
                tokio::time::sleep(Duration::from_millis(number(&request, "ms")?)).await;
                Ok(HttpResponse::text("slow"))
            }
            "/conformance/download" => {
                let bytes = usize::try_from(number(&request, "bytes")?)?;
                Ok(HttpResponse::with("application/octet-stream", download(bytes)))
            }
            "/conformance/kv" => {
                let value = String::from_utf8(request.body.bytes(MAX_VALUE).await?.to_vec())?;
                context.kv.set("conformance", &value).await?;
                Ok(HttpResponse::text(context.kv.get("conformance").await?.unwrap_or_default()))
            }
            "/conformance/tell" => {
                log::info!(by = "the plugin"; "told");
                context.events.emit("told", serde_json::json!({ "by": "the plugin" })).await?;
                Ok(HttpResponse::text("told"))
            }
            "/conformance/flood" => {
                let line = "flood ".repeat(200_000) + "\n";
                io::stdout().write_all(line.as_bytes())?;
                io::stderr().write_all(line.as_bytes())?;
                Ok(HttpResponse::text("flooded"))
            }
            "/conformance/websocket" => Ok(websocket::accept(&request, |mut socket| async move {
                while let Some(message) = socket.receive().await? {
                    socket.send(message).await?;
                }
                Ok(())
            })),
            path => Err(PluginError::http(404, format!("nothing at {path}"))),
        }
    }

    async fn handle_kv(&self, _: &PluginContext, operation: KvOp) -> Result<KvReply, PluginError> {
        let mut kept = self.kept.lock().map_err(|_| PluginError::internal("the storage is broken"))?;
        Ok(match operation {
            KvOp::Get { key } => match kept.entries.get(&key) {
                Some((value, revision)) => KvReply::Value { value: Some(value.clone()), revision: *revision },
                None => KvReply::Value { value: None, revision: 0 },
            },
            KvOp::Set { key, value, .. } => {
                kept.revision += 1;
                let revision = kept.revision;
                kept.entries.insert(key, (value, revision));
                KvReply::Set { revision }
            }
            KvOp::Delete { key, .. } => KvReply::Deleted(kept.entries.remove(&key).is_some()),
        })
    }
}

/// The number in `?name=…`.
fn number(request: &HttpRequest, name: &str) -> Result<u64, PluginError> {
    let pairs = request.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    let value = pairs.into_iter().find_map(|(key, value)| (key == name).then_some(value));
    let value = value.and_then(|value| value.parse().ok());
    value.ok_or_else(|| PluginError::http(400, format!("`{name}` is a whole number")))
}

fn download(mut left: usize) -> Body {
    Body::stream(move |sender| async move {
        while left > 0 {
            let count = left.min(PIECE.len());
            sender.send(Bytes::from_static(&PIECE[..count])).await?;
            left -= count;
        }
        Ok(())
    })
}

fn main() -> ExitCode {
    run(Conformance::default())
}
