//! `serve`: a plugin and a host of one's own in the same process, as an author's tests would have it. In a program of its own:
//! from `serve` on, signals do not end it any more.

#[path = "end_to_end/support/mod.rs"]
mod support;

use std::{fs, time::Duration};

use serde_json::json;
use support::{Host, PATIENCE, get, init, new_directory, shutdown};
use tokio::{net::UnixStream, time::timeout};
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

// [LANG-1]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plugin_is_served_in_process_and_ends_with_its_status() {
    let directory = new_directory();
    let socket = directory.join("p.sock");
    let path = socket.clone();
    let plugin = tokio::spawn(async move { serve(Greeter { greeting: String::new() }, &path).await });
    let connect = async {
        loop {
            match UnixStream::connect(&socket).await {
                Ok(stream) => break stream,
                Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        }
    };
    let mut host = Host::new(timeout(PATIENCE, connect).await.expect("the plugin listens"));
    host.send(init(json!({}))).await;
    assert_eq!(host.receive().await.0["action"], "ready");
    host.send(get("1", "/")).await;
    assert_eq!(host.whole_answer_to("1").await, (200, b"hello from test-plugin".into()));
    host.send(shutdown(1000)).await;
    assert_eq!(timeout(PATIENCE, plugin).await.expect("it ends").unwrap(), 0);
    fs::remove_dir_all(&directory).unwrap();
}
