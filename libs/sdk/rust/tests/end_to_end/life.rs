//! A plugin from its start to its end.

use std::io::Write;

use serde_json::json;

use crate::support::{Plugin, get, init, shutdown, streamed};

// [LANG-1] [PRO-6]
#[tokio::test]
async fn ready_takes_the_features_that_it_can_use_and_shutdown_ends_with_status_0() {
    let mut plugin = Plugin::start(&[]);
    let mut host = plugin.connect().await;
    host.send(init(json!({}))).await;
    let (ready, tail) = host.receive().await;
    assert_eq!(ready["type"], "lifecycle");
    assert_eq!(ready["action"], "ready");
    assert!(ready["timestamp"].is_string());
    assert_eq!(
        ready["payload"],
        json!({"protocol": 2, "features": ["stream", "upgrade", "kv", "log", "event", "settings"]})
    );
    assert!(tail.is_empty());

    host.send(shutdown(5000)).await;
    host.log("goodbye").await;
    assert_eq!(plugin.exit().await.0, 0);
}

// [LANG-1] [LIC-3] [SUP-10]
#[tokio::test]
async fn a_start_that_fails_says_why_and_ends_with_the_status_for_it() {
    for (start, code, status) in
        [("config", "config", 78), ("license", "license", 78), ("internal", "internal", 1), ("panic", "internal", 1)]
    {
        let mut plugin = Plugin::start(&[]);
        let mut host = plugin.connect().await;
        host.send(init(json!({ "start": start }))).await;
        let (failed, _) = host.until(|each| each["type"] == "lifecycle").await;
        assert_eq!(failed["action"], "failed", "{start}");
        assert_eq!(failed["payload"]["code"], code, "{start}");
        assert_eq!(plugin.exit().await.0, status, "{start}");
    }
}

// [LANG-1] [MGR-5]
#[tokio::test]
async fn new_settings_are_those_of_the_next_request() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.connect().await;
    host.send(init(json!({"colour": "green"}))).await;
    // A change that comes before `ready` is told of as well.
    host.send(json!({
        "type": "lifecycle", "action": "settings", "timestamp": "2026-01-15T12:00:00Z",
        "payload": { "settings": { "colour": "blue" } },
    }))
    .await;
    assert_eq!(host.until(|each| each["type"] == "lifecycle").await.0["action"], "ready");
    host.log("settings: 1").await;
    host.send(get("1", "/settings")).await;
    assert_eq!(host.whole_answer_to("1").await.1, br#"{"colour":"blue"}"#);
    host.send(json!({
        "type": "lifecycle", "action": "settings", "timestamp": "2026-01-15T12:00:00Z",
        "payload": { "settings": { "colour": "red", "more": 1 } },
    }))
    .await;
    host.log("settings: 2").await;
    host.send(get("2", "/settings")).await;
    assert_eq!(host.whole_answer_to("2").await.1, br#"{"colour":"red","more":1}"#);
}

// [LANG-1] [PRO-5] [SUP-7]
#[tokio::test]
async fn shutdown_finishes_what_is_in_flight_and_takes_no_more() {
    let mut plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    host.send(get("1", "/until-stop")).await;
    host.send(get("2", "/never")).await;
    host.ping("p").await;
    host.send(shutdown(60_000)).await;
    assert_eq!(host.whole_answer_to("1").await, (200, b"finished".into()));
    host.send(get("3", "/unread")).await;
    let (refusal, document) = host.answer_to("3").await;
    let payload = &refusal["payload"];
    assert_eq!(
        (&payload["status"], &payload["headers"]["content-type"]),
        (&json!(503), &json!("application/problem+json"))
    );
    let document: serde_json::Value = serde_json::from_slice(&document).unwrap();
    assert_eq!((&document["status"], &document["title"]), (&json!(503), &json!("Service Unavailable")));
    host.send(json!({"type": "cancel", "request_id": "2"})).await;
    host.log("goodbye").await;
    assert_eq!(plugin.exit().await.0, 0);
}

// [LANG-1] [PRO-5]
#[tokio::test]
async fn the_grace_of_a_shutdown_is_a_limit() {
    let mut plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    host.send(get("1", "/never")).await;
    host.send(shutdown(50)).await;
    host.log("at the end of the grace").await;
    assert_eq!(plugin.exit().await.0, 0);
}

// [LANG-1] [PRO-5]
#[tokio::test]
async fn sigterm_ends_it_with_status_0() {
    let mut plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    let pid = plugin.pid().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    host.log("goodbye").await;
    assert_eq!(plugin.exit().await.0, 0);
}

// [LANG-1] [PRO-5]
#[tokio::test]
async fn sigterm_is_lost_at_no_moment_after_the_socket_is_there() {
    for n in 0..30u64 {
        let mut plugin = Plugin::start(&[]);
        let mut host = plugin.connect().await;
        // Ready to go: a process that is only then started would always come late.
        let mut killer = std::process::Command::new("sh")
            .args(["-c", &format!("read line; kill -TERM {}", plugin.pid())])
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        // Some before `init`, some between it and `ready`, most in the moments after.
        if n >= 5 {
            host.send(init(json!({}))).await;
        }
        if n >= 10 {
            assert_eq!(host.receive().await.0["action"], "ready");
        }
        let moment = std::time::Instant::now() + std::time::Duration::from_micros(n.saturating_sub(10) * 20);
        while std::time::Instant::now() < moment {
            std::hint::spin_loop();
        }
        killer.stdin.take().unwrap().write_all(b"\n").unwrap();
        let (status, printed) = plugin.exit().await;
        assert_eq!(status, 0, "start {n}: {printed}");
        assert!(killer.wait().unwrap().success());
    }
}

// [LANG-1] [SUP-6]
#[tokio::test]
async fn no_plugin_outlives_its_host() {
    let mut plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    host.send(get("1", "/noticed")).await;
    host.send(streamed("2", "/count", 1)).await;
    host.ping("p").await;
    drop(host);
    let (status, printed) = plugin.exit().await;
    assert_eq!(status, 1);
    assert!(printed.contains("the connection to the host is gone") && printed.contains("goodbye"), "{printed}");
}

// [LANG-1]
#[tokio::test]
async fn probes_before_and_beside_the_connection_do_no_harm() {
    let plugin = Plugin::start(&[]);
    drop(plugin.connect().await);
    drop(plugin.connect().await);
    let mut host = plugin.ready().await;
    let mut other = plugin.connect().await;
    assert!(other.try_receive().await.is_none());
    host.ping("p").await;
}
