//! A plugin for the tests of this crate: one route for each thing that a plugin can do. What it does at its start comes
//! from the setting or the variable `TEST_START`.

use std::{
    process::ExitCode,
    sync::{Condvar, Mutex},
    time::Duration,
};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use toru_plugin_api::{
    Body, Bytes, Config, HttpRequest, HttpResponse, KvOp, KvReply, ListOptions, PluginContext, PluginError,
    PluginMetadata, SetOptions, ToruPlugin, Upgraded,
    license::Check,
    log, run,
    websocket::{self, Message, WebSocket},
};

static GATE: (Mutex<bool>, Condvar) = (Mutex::new(false), Condvar::new());

struct TestPlugin;

/// From the setting or the variable `TEST_SECRET`, or the settings `public_keys` and `released`.
fn check(context: &PluginContext) -> Check {
    let text = |name: &str| context.config.get(name).and_then(|value| value.as_str());
    if let Some(secret) = text("secret").map(str::to_owned).or_else(|| std::env::var("TEST_SECRET").ok()) {
        return Check::secret(secret);
    }
    let keys = context.config.get("public_keys").and_then(|keys| keys.as_array());
    let keys: Vec<&str> = keys.into_iter().flatten().filter_map(|key| key.as_str()).collect();
    let check = Check::public_keys(&keys);
    text("released").map_or(check.clone(), |day| check.released(day))
}

impl ToruPlugin for TestPlugin {
    fn metadata(&self) -> PluginMetadata {
        let version = std::env::var("TEST_PROTOCOL").ok().and_then(|version| version.parse().ok());
        PluginMetadata::new("test-plugin", "Test", "1.0.0", "🧪", "/test")
            .bundle("export function mount() {}")
            .protocol(version.unwrap_or(2))
    }

    async fn init(&mut self, context: &PluginContext) -> Result<(), PluginError> {
        let start = context.config.get("start").and_then(|start| start.as_str()).map(str::to_owned);
        match start.or_else(|| std::env::var("TEST_START").ok()).as_deref() {
            Some("config") => Err(PluginError::config("Setting \"url\" is missing")),
            Some("license") => Err(PluginError::license("The licence has expired")),
            Some("internal") => Err(PluginError::internal("Out of luck")),
            Some("panic") => panic!("init panics, as asked"),
            Some("slow") => std::future::pending().await,
            Some("licensed") => {
                log::info!("the plugin is licensed until {:?}", context.license().require(&check(context))?.expires);
                Ok(())
            }
            Some("may be licensed") => {
                let licence = context.license().optional(&check(context));
                log::info!("the plugin has a licence: {}, {context:?}, {:?}", licence.is_some(), context.license());
                Ok(())
            }
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
            "/block" => {
                // Of the worst kind: it keeps its thread.
                let (is_open, opened) = &GATE;
                let open = is_open.lock().map_err(|_| PluginError::internal("no gate"))?;
                drop(opened.wait_while(open, |is_open| !*is_open));
                Ok(HttpResponse::text("let go"))
            }
            "/let-go" => {
                *GATE.0.lock().map_err(|_| PluginError::internal("no gate"))? = true;
                GATE.1.notify_all();
                Ok(HttpResponse::text("done"))
            }
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
            "/asks-until-stop" => {
                context.kv.get("begun").await?;
                context.stopping().await;
                Ok(HttpResponse::text("finished"))
            }
            "/noticed" => {
                let _noticed = Notice("the handler was dropped");
                log::info!("the handler has begun");
                std::future::pending().await
            }
            "/noticed-asking" => {
                let _noticed = Notice("the handler was dropped");
                context.kv.get("begun").await?;
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
            "/shout" => Ok(HttpResponse::upgrade("shout", shout)),
            "/half" => Ok(HttpResponse::upgrade("half", |mut connection| async move {
                connection.write_all(b"bye").await?;
                connection.shutdown().await?;
                let mut rest = Vec::new();
                connection.read_to_end(&mut rest).await?;
                log::info!("read after the end: {}", String::from_utf8_lossy(&rest));
                Ok(())
            })),
            "/flood" => Ok(HttpResponse::upgrade("flood", |mut connection| async move {
                let sent = loop {
                    if let Err(error) = connection.write_all(&[7; 10_000]).await {
                        break error;
                    }
                };
                log::info!("the flood ended: {:?}", sent.kind());
                Ok(())
            })),
            "/switch-fails" => Ok(HttpResponse::upgrade("fails", |_| async {
                Err(PluginError::internal("the switched connection failed"))
            })),
            "/switch-silent" => {
                let silent = Notice("the silent connection was dropped");
                Ok(HttpResponse::upgrade("silent", |connection| async move {
                    let (_silent, _connection) = (silent, connection);
                    std::future::pending().await
                }))
            }
            "/switch-wrong" => Ok(HttpResponse::upgrade("wrong", |_| async { Ok(()) }).header("a b", "c")),
            "/ws" => {
                let options = websocket::Options::new().max_message(100_000).protocol("chat.2").protocol("chat.1");
                Ok(websocket::accept_with(&request, options, echo))
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

async fn shout(mut connection: Upgraded) -> Result<(), PluginError> {
    let mut buffer = vec![0; 10_000];
    loop {
        let count = match connection.read(&mut buffer).await {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(error) => {
                log::info!("the shouting ended: {:?}", error.kind());
                return Ok(());
            }
        };
        buffer[..count].make_ascii_uppercase();
        connection.write_all(&buffer[..count]).await?;
    }
}

async fn echo(mut socket: WebSocket) -> Result<(), PluginError> {
    while let Some(message) = socket.receive().await? {
        match &message {
            Message::Text(text) if text == "which" => {
                let protocol = socket.protocol().unwrap_or("none").to_owned();
                socket.send(protocol).await?;
            }
            Message::Text(text) if text == "ping me" => socket.ping("are you there").await?,
            Message::Text(text) if text == "stop" => return Ok(()),
            Message::Text(text) if text == "fail" => return Err(PluginError::internal("asked to fail")),
            Message::Text(text) if text == "close" => {
                socket.close(4000, "as you wish").await;
                return Ok(());
            }
            _ => socket.send(message).await?,
        }
    }
    log::info!("the WebSocket is over");
    Ok(())
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
