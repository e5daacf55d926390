//! `serve`: a plugin and a host of one's own in the same process, as an author's tests would have it. In a program of its own:
//! from `serve` on, signals do not end it any more.

#[path = "end_to_end/support/mod.rs"]
mod support;

use std::{fs, path::Path, time::Duration};

use serde_json::{Value, json};
use support::{Host, PATIENCE, frame, get, init, new_directory, shutdown};
use tokio::{net::UnixStream, task::JoinHandle, time::timeout};
use toru_plugin_api::{HttpRequest, HttpResponse, PluginContext, PluginError, PluginMetadata, ToruPlugin, serve};

struct Greeter {
    greeting: String,
}

impl ToruPlugin for Greeter {
    fn metadata(&self) -> PluginMetadata {
        PluginMetadata::new("greeter", "Greeter", "1.0.0", "👋", "/greeter")
    }

    async fn init(&mut self, context: &PluginContext) -> Result<(), PluginError> {
        self.greeting = format!("hello from {}", context.plugin_id);
        Ok(())
    }

    async fn handle_http(&self, _: &PluginContext, _: HttpRequest) -> Result<HttpResponse, PluginError> {
        Ok(HttpResponse::text(self.greeting.as_str()))
    }
}

/// Answers with its setting `mood`, as it is when the request has its turn.
struct Moody;

impl ToruPlugin for Moody {
    fn metadata(&self) -> PluginMetadata {
        PluginMetadata::new("moody", "Moody", "1.0.0", "👋", "/moody")
    }

    async fn handle_http(&self, context: &PluginContext, _: HttpRequest) -> Result<HttpResponse, PluginError> {
        let mood = context.config.get("mood").and_then(|mood| mood.as_str()).unwrap_or("none");
        Ok(HttpResponse::text(mood))
    }
}

/// A host that is connected to the plugin, once that is ready, and the plugin's status.
async fn served(plugin: impl ToruPlugin, socket: &Path, settings: Value) -> (Host, JoinHandle<u8>) {
    let path = socket.to_owned();
    let status = tokio::spawn(async move { serve(plugin, &path).await });
    let connect = async {
        loop {
            match UnixStream::connect(socket).await {
                Ok(stream) => break stream,
                Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        }
    };
    let mut host = Host::new(timeout(PATIENCE, connect).await.expect("the plugin listens"));
    host.send(init(settings)).await;
    assert_eq!(host.receive().await.0["action"], "ready");
    (host, status)
}

// [LANG-1]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plugin_is_served_in_process_and_ends_with_its_status() {
    let directory = new_directory();
    let socket = directory.join("p.sock");
    let (mut host, plugin) = served(Greeter { greeting: String::new() }, &socket, json!({})).await;
    host.send(get("1", "/")).await;
    assert_eq!(host.whole_answer_to("1").await, (200, b"hello from test-plugin".into()));
    host.send(shutdown(1000)).await;
    assert_eq!(timeout(PATIENCE, plugin).await.expect("it ends").unwrap(), 0);
    fs::remove_dir_all(&directory).unwrap();
}

// [PRO-6] On one thread, where nothing runs beside the reader.
#[tokio::test(flavor = "current_thread")]
async fn the_first_requests_of_a_rush_are_served_before_the_last_are_taken() {
    let directory = new_directory();
    let (mut host, plugin) = served(Moody, &directory.join("p.sock"), json!({ "mood": "calm" })).await;
    let requests = |ids: std::ops::Range<u32>| ids.flat_map(|id| frame(&get(&id.to_string(), "/"), &[]));
    let settings = json!({
        "type": "lifecycle", "action": "settings", "timestamp": "2026-01-15T12:00:00Z",
        "payload": { "settings": { "mood": "hurried" } },
    });
    let rush: Vec<u8> = requests(0..16).chain(frame(&settings, &[])).chain(requests(16..64)).collect();
    host.send_bytes(&rush).await;
    for id in 0..64 {
        let mood = if id < 16 { "calm" } else { "hurried" };
        assert_eq!(host.whole_answer_to(&id.to_string()).await, (200, mood.into()), "{id}");
    }
    host.send(shutdown(1000)).await;
    assert_eq!(timeout(PATIENCE, plugin).await.expect("it ends").unwrap(), 0);
    fs::remove_dir_all(&directory).unwrap();
}
