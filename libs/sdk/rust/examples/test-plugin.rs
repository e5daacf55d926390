//! A plugin for the tests of this crate: one route for each thing that a plugin can do. What it does at its start comes
//! from the setting or the variable `TEST_START`.

use std::{process::ExitCode, time::Duration};

use toru_plugin_api::{
    Body, Bytes, Config, HttpRequest, HttpResponse, KvOp, KvReply, ListOptions, PluginContext, PluginError,
    PluginMetadata, SetOptions, ToruPlugin, log, run,
};

struct TestPlugin;

impl ToruPlugin for TestPlugin {
    fn metadata(&self) -> PluginMetadata {
        let version = std::env::var("TEST_PROTOCOL").ok().and_then(|version| version.parse().ok());
        PluginMetadata::new("test-plugin", "Test", "1.0.0", "🧪", "/test")
            .bundle("export function mount() {}")
            .protocol(version.unwrap_or(2))
    }

    async fn init(&mut self, context: &PluginContext) -> Result<(), PluginError> {
        match context.config.get("start").and_then(|start| start.as_str()) {
            Some("config") => Err(PluginError::config("Setting \"url\" is missing")),
            Some("license") => Err(PluginError::license("The licence has expired")),
            Some("internal") => Err(PluginError::internal("Out of luck")),
            Some("panic") => panic!("init panics, as asked"),
            Some("slow") => std::future::pending().await,
            _ => Ok(()),
        }
    }

    async fn handle_http(
        &self,
        context: &PluginContext,
        mut request: HttpRequest,
    ) -> Result<HttpResponse, PluginError> {
        let path = request.route_path().to_owned();
        match path.as_str() {
            "/echo" => {
                let body = request.body.bytes(64 * 1024 * 1024).await?;
                Ok(HttpResponse::with("application/octet-stream", body))
            }
            "/pipe" => {
                let mut incoming = request.body;
                Ok(HttpResponse::with(
                    "application/octet-stream",
                    Body::stream(|sender| async move {
                        while let Some(chunk) = incoming.chunk().await? {
                            sender.send(chunk).await?;
                        }
                        Ok(())
                    }),
                ))
            }
            "/count" => {
                let mut count = 0;
                while let Some(chunk) = request.body.chunk().await? {
                    count += chunk.len();
                }
                Ok(HttpResponse::text(count.to_string()))
            }
            "/whoami" => Ok(HttpResponse::text(format!(
                "{} {} {}",
                request.user.map_or_else(|| "nobody".into(), |user| format!("{}/{}/{}", user.id, user.name, user.role)),
                context.instance_id,
                request.headers.get_all("x-list").collect::<Vec<_>>().join("+"),
            ))),
            "/hold" => {
                let _held = request;
                std::future::pending().await
            }
            "/" | "/never" => std::future::pending().await,
            "/unread" => Ok(HttpResponse::text("done")),
            "/endless" => Ok(HttpResponse::with(
                "application/octet-stream",
                Body::stream(|sender| async move {
                    loop {
                        sender.send(Bytes::from_static(&[7; 10_000])).await?;
                    }
                }),
            )),
            "/silent-stream" => {
                let stopped = Notice("the silent stream was dropped");
                Ok(HttpResponse::with(
                    "text/event-stream",
                    Body::stream(|sender| async move {
                        let _stopped = stopped;
                        sender.send("data: first\n\n").await?;
                        std::future::pending().await
                    }),
                ))
            }
            "/until-stop" => {
                context.stopping().await;
                Ok(HttpResponse::text("finished"))
            }
            "/noticed" => {
                let _noticed = Notice("the handler was dropped");
                std::future::pending().await
            }
            "/broken-stream" => Ok(HttpResponse::new(200).body(Body::stream(|sender| async move {
                sender.send("some").await?;
                Err(PluginError::internal("no more"))
            }))),
            "/fail" => Err(PluginError::internal("a secret detail")),
            "/teapot" => Err(PluginError::http(418, "I am a teapot")),
            "/panic" => panic!("the handler panics, as asked"),
            "/bad-status" => Ok(HttpResponse::new(99)),
            "/bad-header" => Ok(HttpResponse::new(200).header("x-a", "b\r\nc: d")),
            "/bytes" => Ok(HttpResponse::with("application/octet-stream", vec![0xff, 0xfe, 0])),
            "/log" => {
                log::warn!(attempt = 3, path = "/x"; "a line");
                context.events.emit("sync.done", serde_json::json!({"count": 42})).await?;
                Ok(HttpResponse::new(204))
            }
            "/settings" => HttpResponse::json(context.config.as_object()),
            "/kv" => kv(context).await,
            "/kv-v1" => {
                context.kv.set("a", "1").await?;
                let (first, second) = tokio::join!(context.kv.get("a"), context.kv.get("b"));
                context.kv.delete("a").await?;
                let list = context.kv.list(ListOptions::new()).await.map_err(|error| error.code);
                Ok(HttpResponse::text(format!("{first:?} {second:?} {list:?}")))
            }
            _ => Err(PluginError::http(404, format!("nothing at {path}"))),
        }
    }

    async fn handle_kv(&self, _context: &PluginContext, operation: KvOp) -> Result<KvReply, PluginError> {
        match operation {
            KvOp::Get { key } if key == "count" => Ok(KvReply::Value { value: Some("1".into()), revision: 7 }),
            KvOp::Get { .. } => Ok(KvReply::Value { value: None, revision: 0 }),
            KvOp::Set { .. } => Ok(KvReply::Set { revision: 8 }),
            KvOp::Delete { .. } => Err(PluginError::not_supported("Nothing is ever deleted here")),
        }
    }

    async fn on_settings(&self, _context: &PluginContext, settings: &Config) {
        log::info!("settings: {}", settings.as_object().len());
    }

    async fn on_shutdown(&self, _context: &PluginContext) {
        log::info!("goodbye");
    }
}

struct Notice(&'static str);

impl Drop for Notice {
    fn drop(&mut self) {
        log::info!("{}", self.0);
    }
}

async fn kv(context: &PluginContext) -> Result<HttpResponse, PluginError> {
    let kv = &context.kv;
    let revision = kv.set_with("a", "1", SetOptions::new().ttl(Duration::from_secs(60)).if_revision(0)).await?;
    let entry = kv.get_entry("a").await?;
    let conflict = kv.delete_if("a", revision + 1).await.err().map(|error| error.is_conflict());
    let page = kv.list(ListOptions::new().prefix("a").limit(10)).await?;
    let batch = vec![
        KvOp::Get { key: "a".into() },
        KvOp::Set { key: "b".into(), value: "2".into(), options: SetOptions::new() },
        KvOp::Delete { key: "c".into(), if_revision: None },
    ];
    let replies = kv.batch(batch).await?;
    Ok(HttpResponse::text(format!(
        "{revision} {entry:?} {conflict:?} {} {:?} {replies:?}",
        page.items.len(),
        page.cursor
    )))
}

fn main() -> ExitCode {
    run(TestPlugin)
}
