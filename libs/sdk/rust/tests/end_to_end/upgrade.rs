//! Connections that switch their protocol: raw bytes both ways.

use crate::support::switched::{bytes_on, next_on, open, send_on, upgrade};
use crate::support::{Plugin, data, frame, get, init};
use serde_json::json;

// [LANG-1] [RTE-6]
#[tokio::test]
async fn a_switched_connection_carries_raw_bytes_both_ways_and_each_way_ends_by_itself() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    let stream = open(&mut host, "/shout").await;
    for text in ["first", "second"] {
        send_on(&mut host, text.as_bytes()).await;
        assert_eq!(bytes_on(&mut host, stream, text.len()).await, text.to_uppercase().as_bytes());
    }
    host.send_tail(data(1, json!({"end": true})), b"last").await;
    assert_eq!(bytes_on(&mut host, stream, 4).await, b"LAST");
    assert_eq!(next_on(&mut host, stream).await.0["end"], true);

    host.send(upgrade("2", "/half", 3)).await;
    let half = host.answer_to("2").await.0["payload"]["stream"].as_u64().unwrap();
    assert_eq!(bytes_on(&mut host, half, 3).await, b"bye");
    assert_eq!(next_on(&mut host, half).await.0["end"], true);
    host.send_tail(data(3, json!({"end": true})), b"still here").await;
    host.log("read after the end: still here").await;
}

// [LANG-1] [RTE-6]
#[tokio::test]
async fn megabytes_pass_a_switched_connection_within_the_windows() {
    const COUNT: usize = 3 * 1024 * 1024;
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    let stream = open(&mut host, "/shout").await;
    let (mut sent, mut allowed, mut received) = (0, 262_144, 0);
    while received < COUNT {
        while sent < allowed.min(COUNT) {
            let count = (allowed.min(COUNT) - sent).min(65_536);
            send_on(&mut host, &vec![b'x'; count]).await;
            sent += count;
        }
        let (message, tail) = host.until(|each| each["type"] == "data").await;
        if message["payload"]["stream"] == 1 {
            allowed += message["payload"]["credit"].as_u64().unwrap() as usize;
        } else {
            assert!(tail.iter().all(|byte| *byte == b'X'));
            received += tail.len();
            host.send(data(stream, json!({ "credit": tail.len() }))).await;
        }
    }
}

// [LANG-1] [RTE-6]
#[tokio::test]
async fn a_client_that_leaves_ends_reading_writing_and_the_future() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    let gone = json!({"error": {"code": "cancelled", "message": "The client left"}});

    open(&mut host, "/shout").await;
    host.send(data(1, gone.clone())).await;
    host.log("the shouting ended: ConnectionReset").await;

    host.send(upgrade("2", "/flood", 3)).await;
    let flood = host.answer_to("2").await.0["payload"]["stream"].as_u64().unwrap();
    host.send(data(flood, gone.clone())).await;
    host.log("the flood ended: BrokenPipe").await;

    host.send(upgrade("3", "/switch-silent", 5)).await;
    let silent = host.answer_to("3").await.0["payload"]["stream"].as_u64().unwrap();
    host.send(data(5, gone.clone())).await;
    host.send(data(silent, gone)).await;
    host.log("the silent connection was dropped").await;
}

// [LANG-1]
#[tokio::test]
async fn a_switched_connection_whose_future_fails_is_broken_off() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    let stream = open(&mut host, "/switch-fails").await;
    let (payload, _) = next_on(&mut host, stream).await;
    assert_eq!(payload["error"]["code"], "internal");
    assert!(!payload.to_string().contains("switched"));
    host.log("the switched connection failed").await;
}

// [LANG-1] [PRO-4]
#[tokio::test]
async fn any_other_answer_refuses_an_upgrade_and_lets_the_clients_bytes_go() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    for (number, path, status) in [(1, "/unread", 200), (2, "/nowhere", 404), (3, "/switch-wrong", 500)] {
        let id = number.to_string();
        host.send(upgrade(&id, path, 2 * number - 1)).await;
        assert_eq!(host.whole_answer_to(&id).await.0, status, "{path}");
        assert_eq!(next_on(&mut host, 2 * number - 1).await.0["error"]["code"], "unwanted", "{path}");
    }
}

// [LANG-1] [PRO-4]
#[tokio::test]
async fn a_plain_request_for_a_path_that_switches_is_told_to_upgrade() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    for path in ["/shout", "/ws"] {
        host.send(get(path, path)).await;
        assert_eq!(host.whole_answer_to(path).await.0, 426, "{path}");
    }
}

// [LANG-1] [PRO-8]
#[tokio::test]
async fn a_host_that_offers_no_upgrade_must_not_send_one() {
    for features in [json!(["stream"]), json!(["upgrade"])] {
        let mut plugin = Plugin::start(&[]);
        let mut host = plugin.connect().await;
        let mut first = init(json!({}));
        first["payload"]["features"] = features.clone();
        host.send(first).await;
        let ready = host.receive().await.0;
        assert!(!ready["payload"]["features"].as_array().unwrap().contains(&json!("upgrade")), "{ready}");
        host.send_bytes_to_a_dying(&frame(&upgrade("1", "/ws", 1), &[])).await;
        while host.try_receive().await.is_some() {}
        let (status, printed) = plugin.exit().await;
        assert!(status == 1 && printed.contains("protocol error: unexpected_message"), "{features}: {printed}");
    }
}
