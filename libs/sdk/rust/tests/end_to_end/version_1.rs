//! Version 1: told so, or because the host knows no other.

use crate::support::{Host, Plugin};
use serde_json::{Value, json};

fn lifecycle(action: &str) -> Value {
    json!({
        "type": "lifecycle", "action": action, "timestamp": "2026-01-15T12:00:00Z",
        "payload": { "type": "lifecycle", "action": action, "instance_id": "an-instance", "plugin_socket": "", "log_path": "" },
    })
}

fn http(id: &str, method: &str, path: &str, body: Value) -> Value {
    let headers = json!({
        "x-toru-user-id": "u-1", "x-toru-user": "%C5%BDofie", "x-toru-role": "viewer",
        "x-forwarded-prefix": "/plugins", "x-list": "a, b",
    });
    json!({
        "type": "http", "timestamp": "2026-01-15T12:00:00Z", "request_id": id,
        "payload": {
            "type": "http", "request_id": id,
            "payload": { "method": method, "path": path, "headers": headers, "body": body },
        },
    })
}

async fn once(plugin: &Plugin, message: Value) -> Host {
    let mut host = plugin.connect().await;
    host.send(message).await;
    host
}

async fn started(env: &[(&str, &str)]) -> Plugin {
    let plugin = Plugin::start(env);
    let mut host = once(&plugin, lifecycle("init")).await;
    assert!(host.try_receive().await.is_none(), "`init` is not answered");
    plugin
}

async fn answer(plugin: &Plugin, message: Value) -> Value {
    let mut host = once(plugin, message).await;
    host.receive().await.0
}

// [LANG-1] [PRO-6]
#[tokio::test]
async fn a_plugin_of_version_2_serves_a_host_of_version_1_and_one_of_version_1_says_so() {
    for env in [&[][..], &[("TEST_PROTOCOL", "1")][..]] {
        let mut plugin = started(env).await;
        let reply = answer(&plugin, http("R", "GET", "/test/whoami?x=1", Value::Null)).await;
        assert_eq!(reply["type"], "http");
        assert_eq!(reply["request_id"], "R");
        assert_eq!(reply["payload"]["status"], 200);
        assert_eq!(reply["payload"]["body"], "u-1/Žofie/viewer an-instance a, b");

        drop(once(&plugin, lifecycle("shutdown")).await);
        let (status, printed) = plugin.exit().await;
        assert_eq!(status, 0, "{printed}");
        let line: Value = serde_json::from_str(printed.lines().find(|line| line.contains("goodbye")).unwrap()).unwrap();
        assert_eq!(line["level"], "info");
        assert!(line["timestamp"].is_string());
    }
}

// [LANG-1] [PRO-6] [LIC-3] [SUP-10]
#[tokio::test]
async fn a_licence_key_of_the_environment_that_is_for_another_installation_ends_it_with_status_78() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../contracts/vectors/licences/hmac.json");
    let vectors: Vec<Value> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let vector = vectors.iter().find(|vector| vector["name"] == "never").unwrap();
    let text = |name: &str| vector[name].as_str().unwrap();
    let env = [("TEST_START", "licensed"), ("TEST_SECRET", text("secret")), ("TORU_LICENSE_KEY", text("key"))];

    let mut plugin = started(&env).await;
    let (status, printed) = plugin.exit().await;
    assert_eq!(status, 78);
    assert!(printed.contains("(reason: instance)") && !printed.contains(text("key")), "{printed}");

    let plugin = Plugin::start(&env);
    let mut init = lifecycle("init");
    init["payload"]["instance_id"] = vector["instance"].clone();
    // Its end says that `init` was taken: a request on another connection may overtake it until then.
    assert!(once(&plugin, init).await.try_receive().await.is_none());
    let reply = answer(&plugin, http("R", "GET", "/test/whoami", Value::Null)).await;
    assert_eq!(reply["payload"]["status"], 200);
}

// [LANG-1] [PRO-7]
#[tokio::test]
async fn bodies_are_text_and_what_is_none_is_refused() {
    let plugin = started(&[]).await;
    let reply = answer(&plugin, http("1", "POST", "/echo", "žluť".into())).await;
    assert_eq!(reply["payload"]["body"], "žluť");
    let reply = answer(&plugin, http("2", "GET", "/bytes", Value::Null)).await;
    assert_eq!(reply["payload"]["status"], 500);
    let reply = answer(&plugin, http("3", "POST", "/pipe", "streamed".into())).await;
    assert_eq!(reply["payload"]["body"], "streamed");
    let reply = answer(&plugin, http("4", "GET", "/broken-stream", Value::Null)).await;
    assert_eq!(reply["payload"]["status"], 500);
    let reply = answer(&plugin, http("5", "GET", "/bundle.js", Value::Null)).await;
    assert_eq!(reply["payload"]["body"], "export function mount() {}");
}

// [LANG-1] [KV-1] [KV-2] [KV-3]
#[tokio::test]
async fn the_storage_is_asked_on_the_connection_of_the_request() {
    let plugin = started(&[]).await;
    let mut host = once(&plugin, http("R", "GET", "/kv-v1", Value::Null)).await;
    for (expected, value) in [
        (json!({"action": "set", "key": "a", "value": "1"}), Value::Null),
        (json!({"action": "get", "key": "a"}), "1".into()),
        (json!({"action": "get", "key": "b"}), Value::Null),
        (json!({"action": "delete", "key": "a"}), Value::Null),
    ] {
        let (question, _) = host.receive().await;
        assert_eq!(question["type"], "kv");
        assert_eq!(question["payload"], expected);
        let id = &question["request_id"];
        let payload = json!({"type": "kv", "request_id": id, "value": value});
        host.send(json!({"type": "kv", "timestamp": "", "request_id": id, "payload": payload})).await;
    }
    let (reply, _) = host.receive().await;
    assert_eq!(reply["payload"]["body"], "Ok(Some(\"1\")) Ok(None) Err(\"unsupported\")");
}

// [LANG-1] [KV-8]
#[tokio::test]
async fn the_host_can_ask_for_values() {
    let plugin = started(&[]).await;
    let question = json!({
        "type": "kv", "timestamp": "", "request_id": "R",
        "payload": {
            "type": "kv", "request_id": "R", "action": "Get", "key": "count",
            "payload": { "action": "get", "key": "count" },
        },
    });
    assert_eq!(answer(&plugin, question).await["payload"]["value"], "1");
}

// [LANG-1] [RTE-6]
#[tokio::test]
async fn a_closed_connection_drops_the_handler_and_others_are_served_meanwhile() {
    let mut plugin = started(&[]).await;
    let mut waiting = once(&plugin, http("1", "GET", "/noticed-asking", Value::Null)).await;
    assert_eq!(waiting.receive().await.0["type"], "kv");
    assert_eq!(answer(&plugin, http("2", "GET", "/unread", Value::Null)).await["payload"]["body"], "done");
    drop(waiting);
    drop(once(&plugin, lifecycle("shutdown")).await);
    let (status, printed) = plugin.exit().await;
    assert_eq!(status, 0);
    assert!(printed.contains("the handler was dropped"), "{printed}");
}

// [LANG-1] [PRO-5]
#[tokio::test]
async fn shutdown_finishes_what_is_in_flight() {
    let mut plugin = started(&[]).await;
    let mut waiting = once(&plugin, http("1", "GET", "/asks-until-stop", Value::Null)).await;
    // It asks, so it is in flight: a request on a connection that is only open might still be read after the shutdown.
    let id = waiting.receive().await.0["request_id"].clone();
    let payload = json!({"type": "kv", "request_id": id, "value": null});
    waiting.send(json!({"type": "kv", "timestamp": "", "request_id": id, "payload": payload})).await;
    drop(once(&plugin, lifecycle("shutdown")).await);
    assert_eq!(waiting.receive().await.0["payload"]["body"], "finished");
    assert_eq!(plugin.exit().await.0, 0);
}

// [LANG-1] [PRO-8]
#[tokio::test]
async fn what_is_against_the_rules_ends_that_connection_only() {
    let plugin = started(&[]).await;
    for bytes in [
        &[0, 0, 0, 0][..],
        &[0xff; 8],
        &[0x80, 0, 0, 16, 0, 0, 0, 2, b'{', b'}'],
        &[0, 0, 0, 2, b'[', b']'],
        &[0, 0, 0, 1, 0xff],
    ] {
        let mut host = plugin.connect().await;
        host.send_bytes_to_a_dying(bytes).await;
        assert!(host.try_receive().await.is_none(), "{bytes:x?}");
        assert_eq!(answer(&plugin, http("1", "GET", "/unread", Value::Null)).await["payload"]["status"], 200);
    }
    let mut twice = once(&plugin, http("1", "GET", "/never", Value::Null)).await;
    twice.send(http("2", "GET", "/unread", Value::Null)).await;
    assert!(twice.try_receive().await.is_none());
}

// [LANG-1]
#[tokio::test]
async fn a_path_that_is_too_long_for_a_socket_is_refused_clearly() {
    let path = format!("/tmp/{}", "x".repeat(110));
    let mut plugin = Plugin::start(&[("TORU_PLUGIN_SOCKET", &path)]);
    let (status, printed) = plugin.exit().await;
    assert_eq!(status, 1);
    assert!(printed.contains("a socket's has 107 at most"), "{printed}");
}
