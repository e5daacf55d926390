//! Bodies as streams.

use serde_json::json;

use crate::support::{Plugin, data, get, init, pattern, request, shutdown, streamed};

const MIB: usize = 1024 * 1024;

// [LANG-1] [PRO-7] [RTE-6]
#[tokio::test]
async fn eight_mebibytes_stream_through_both_ways() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    let bytes = pattern(8 * MIB);
    host.send(streamed("1", "/pipe", 1)).await;
    let (answer, _) = host.answer_to("1").await;
    let back = answer["payload"]["stream"].as_u64().unwrap();
    assert_eq!(back % 2, 0);
    let (mut sent, mut allowed, mut received) = (0, 262_144, Vec::new());
    loop {
        while sent < bytes.len() && sent < allowed {
            let end = (sent + 65_536).min(allowed).min(bytes.len());
            let fields = if end == bytes.len() { json!({"end": true}) } else { json!({}) };
            host.send_tail(data(1, fields), &bytes[sent..end]).await;
            sent = end;
        }
        let (message, tail) = host.until(|each| each["type"] == "data").await;
        let payload = &message["payload"];
        assert!(payload["error"].is_null(), "{message}");
        if payload["stream"] == 1 {
            allowed += payload["credit"].as_u64().unwrap() as usize;
            continue;
        }
        assert!(tail.len() <= 65_536);
        received.extend_from_slice(&tail);
        if payload["end"] == true {
            break;
        }
        host.send(data(back, json!({ "credit": tail.len() }))).await;
    }
    assert!(received == bytes, "{} bytes came back", received.len());
}

// [LANG-1] [PRO-7]
#[tokio::test]
async fn large_whole_answers_come_as_a_stream() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    let bytes = pattern(3 * MIB);
    host.send_tail(request("1", "POST", "/echo"), &bytes).await;
    let (status, body) = host.whole_answer_to("1").await;
    assert!(status == 200 && body == bytes, "{} bytes came back", body.len());
}

// [LANG-1] [RTE-6]
#[tokio::test]
async fn a_sender_stops_at_the_window_and_a_slow_reader_blocks_nobody_else() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    host.send(get("1", "/endless")).await;
    let (answer, _) = host.answer_to("1").await;
    let stream = answer["payload"]["stream"].as_u64().unwrap();
    let mut received = 0;
    while received < 262_144 {
        received += host.until(|each| each["payload"]["stream"] == stream).await.1.len();
    }
    host.send_tail(request("2", "POST", "/echo"), b"others go on").await;
    assert_eq!(host.whole_answer_to("2").await, (200, b"others go on".into()));
    host.ping("p").await;
    assert_eq!(received, 262_144);
    assert!(host.passed.iter().all(|(each, _)| each["payload"]["stream"] != stream), "more than the window");

    host.send(data(stream, json!({"credit": 5}))).await;
    assert_eq!(host.until(|each| each["payload"]["stream"] == stream).await.1.len(), 5);
    host.send(data(stream, json!({"error": {"code": "cancelled", "message": "The client left"}}))).await;
    host.send(get("1", "/unread")).await;
    assert_eq!(host.whole_answer_to("1").await.0, 200);
}

// [LANG-1] [RTE-6]
#[tokio::test]
async fn a_refused_answer_stream_is_dropped_though_it_is_silent() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    host.send(get("1", "/silent-stream")).await;
    let stream = host.answer_to("1").await.0["payload"]["stream"].as_u64().unwrap();
    assert_eq!(host.until(|each| each["payload"]["stream"] == stream).await.1, b"data: first\n\n");
    host.send(data(stream, json!({"error": {"code": "cancelled", "message": ""}}))).await;
    host.log("the silent stream was dropped").await;
}

// [LANG-1] [PRO-6] [RTE-6]
#[tokio::test]
async fn a_request_whose_answer_has_begun_is_open_no_more() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    let mut streams = Vec::new();
    for number in 0..1024 {
        let id = number.to_string();
        host.send(get(&id, "/silent-stream")).await;
        streams.push(host.answer_to(&id).await.0["payload"]["stream"].as_u64().expect("a stream"));
    }
    // As many requests as may be open beside them, and an id that was answered may be used again.
    for number in 0..1023 {
        host.send(get(&number.to_string(), "/never")).await;
    }
    host.send(get("one more", "/unread")).await;
    assert_eq!(host.whole_answer_to("one more").await, (200, b"done".into()));
    // But not as many streams.
    host.send(get("a stream more", "/silent-stream")).await;
    assert_eq!(host.whole_answer_to("a stream more").await.0, 503);
    // There is nothing to cancel of what was answered: the answer's stream may be refused.
    host.send(json!({"type": "cancel", "request_id": "1023"})).await;
    host.ping("p").await;
    let broken = |each: &serde_json::Value| each["payload"]["error"].is_object();
    assert!(!host.passed.iter().any(|(each, _)| broken(each)));
    host.send(data(streams[1023], json!({"error": {"code": "cancelled", "message": ""}}))).await;
    host.log("the silent stream was dropped").await;
    host.send(get("in its place", "/silent-stream")).await;
    assert_eq!(host.answer_to("in its place").await.0["payload"]["status"], 200);
}

// [LANG-1] [PRO-5]
#[tokio::test]
async fn a_shutdown_waits_for_streams_and_breaks_off_what_is_open_at_the_end_of_the_grace() {
    let mut plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    host.send(streamed("1", "/pipe", 1)).await;
    let back = host.answer_to("1").await.0["payload"]["stream"].as_u64().unwrap();
    host.send(shutdown(60_000)).await;
    host.ping("p").await;
    host.send_tail(data(1, json!({"end": true})), b"to the end").await;
    let (last, _) = host.until(|each| each["payload"]["stream"] == back && each["payload"]["end"] == true).await;
    assert!(last["payload"]["error"].is_null());
    assert_eq!(plugin.exit().await.0, 0);

    let mut plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    host.send(get("1", "/silent-stream")).await;
    host.answer_to("1").await;
    host.send(shutdown(50)).await;
    host.log("at the end of the grace").await;
    host.log("the silent stream was dropped").await;
    assert_eq!(plugin.exit().await.0, 0);
}

// [LANG-1]
#[tokio::test]
async fn a_stream_whose_writer_fails_is_broken_off() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    host.send(get("1", "/broken-stream")).await;
    let stream = host.answer_to("1").await.0["payload"]["stream"].as_u64().unwrap();
    let (last, _) =
        host.until(|each| each["payload"]["stream"] == stream && each["payload"]["error"].is_object()).await;
    assert_eq!(last["payload"]["error"]["code"], "internal");
    assert!(!last.to_string().contains("no more"));
}

// [LANG-1]
#[tokio::test]
async fn an_upload_that_nobody_reads_is_refused_and_one_that_breaks_off_ends_its_handler() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    host.send(streamed("1", "/unread", 1)).await;
    assert_eq!(host.whole_answer_to("1").await, (200, b"done".into()));
    let (refusal, _) = host.until(|each| each["type"] == "data").await;
    assert_eq!(refusal["payload"]["error"]["code"], "unwanted");
    host.send_tail(data(1, json!({"end": true})), b"was on its way").await;
    host.send(data(1, json!({"error": {"code": "answered", "message": ""}}))).await;

    host.send(streamed("2", "/count", 3)).await;
    host.send_tail(data(3, json!({})), b"half").await;
    host.send(data(3, json!({"error": {"code": "cancelled", "message": "gone"}}))).await;
    assert_eq!(host.whole_answer_to("2").await.0, 500);
}

// [LANG-1]
#[tokio::test]
async fn a_host_without_streams_gets_whole_answers() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.connect().await;
    let mut first = init(json!({}));
    first["payload"]["features"] = json!([]);
    host.send(first).await;
    assert_eq!(host.receive().await.0["payload"]["features"], json!([]));
    let bytes = pattern(200_000);
    host.send_tail(request("1", "POST", "/echo"), &bytes).await;
    let (answer, tail) = host.answer_to("1").await;
    assert!(answer["payload"]["stream"].is_null() && tail == bytes);
    host.send(get("2", "/kv")).await;
    assert_eq!(host.whole_answer_to("2").await.0, 500);
}
