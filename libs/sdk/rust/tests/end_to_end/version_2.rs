//! Version 2, over a real socket against a real process.

use std::io::Write;

use crate::support::{Plugin, data, get, init, request, shutdown, streamed};
use serde_json::{Value, json};

const MIB: usize = 1024 * 1024;

fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index * 31 % 251) as u8).collect()
}

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

fn vector(file: &str, name: &str) -> Value {
    let path = format!("{}/../../contracts/vectors/licences/{file}.json", env!("CARGO_MANIFEST_DIR"));
    let vectors: Vec<Value> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    vectors.into_iter().find(|vector| vector["name"] == name).unwrap_or_else(|| panic!("no vector {name:?}"))
}

fn licensed_init(start: &str, vector: &Value, key: &Value) -> Value {
    let mut message = init(json!({ "start": start, "secret": vector["secret"] }));
    message["payload"]["instance_id"] = vector["instance"].clone();
    message["payload"]["license_key"] = key.clone();
    message
}

// [LANG-1] [LIC-2] [LIC-3]
#[tokio::test]
async fn a_licence_that_holds_is_needed_where_it_is_required() {
    let vector = vector("hmac", "never");
    let mut refused = vector["key"].as_str().unwrap().to_owned();
    refused.replace_range(..1, "_");
    for (key, reason) in [(json!(refused), "format"), (Value::Null, "missing"), (json!(""), "missing")] {
        let mut plugin = Plugin::start(&[]);
        let mut host = plugin.connect().await;
        host.send(licensed_init("licensed", &vector, &key)).await;
        let (failed, _) = host.until(|each| each["type"] == "lifecycle").await;
        assert_eq!((&failed["action"], &failed["payload"]["code"]), (&json!("failed"), &json!("license")), "{reason}");
        let message = failed["payload"]["message"].as_str().unwrap();
        assert!(message.contains(&format!("(reason: {reason})")) && !message.contains(&refused), "{message}");
        assert_eq!(plugin.exit().await.0, 78, "{reason}");
    }
    let plugin = Plugin::start(&[("TORU_LICENSE_KEY", vector["key"].as_str().unwrap())]);
    let mut host = plugin.connect().await;
    // The key of the environment, where the host gives none with `init`.
    host.send(licensed_init("licensed", &vector, &Value::Null)).await;
    let (ready, _) = host.until(|each| each["type"] == "lifecycle").await;
    assert_eq!(ready["action"], "ready");
}

// [LANG-1] [LIC-1] [LIC-3] [OBS-1]
#[tokio::test]
async fn a_plugin_that_may_be_licensed_runs_without_and_says_why_a_key_does_not_hold() {
    let vector = vector("hmac", "another instance");
    let plugin = Plugin::start(&[]);
    let mut host = plugin.connect().await;
    host.send(licensed_init("may be licensed", &vector, &vector["key"])).await;
    let warning = host.log("goes on without a licence").await;
    let said = warning["payload"]["message"].as_str().unwrap();
    assert!(said.contains("(reason: instance)") && said.contains(vector["instance"].as_str().unwrap()), "{said}");
    let line = host.log("the plugin has a licence: false").await.to_string();
    assert!(line.contains("PluginContext") && !line.contains(vector["key"].as_str().unwrap()), "{line}");
}

// [LANG-1] [LIC-2] [LIC-6]
#[tokio::test]
async fn a_licence_is_for_the_plugin_that_the_host_says_it_is_in_whatever_case() {
    let vector = vector("ed25519", "for ever, every version");
    for (plugin_id, expected) in [("ACME", "ready"), ("test-plugin", "failed")] {
        let plugin = Plugin::start(&[]);
        let mut host = plugin.connect().await;
        let mut message = licensed_init("licensed", &vector, &vector["key"]);
        message["payload"]["plugin_id"] = json!(plugin_id);
        message["payload"]["settings"] = json!({ "start": "licensed", "public_keys": vector["public_keys"] });
        host.send(message).await;
        let (answer, _) = host.until(|each| each["type"] == "lifecycle").await;
        assert_eq!(answer["action"], expected, "{answer}");
        let reason = answer["payload"]["message"].as_str().unwrap_or("(reason: plugin)");
        assert!(reason.contains("(reason: plugin)"), "{reason}");
    }
}

// [LANG-1] [LIC-3] [SUP-10]
#[tokio::test]
async fn a_licence_check_that_cannot_be_made_is_no_fault_of_the_customer() {
    let mut plugin = Plugin::start(&[]);
    let mut host = plugin.connect().await;
    host.send(init(json!({ "start": "licensed", "public_keys": ["no key"] }))).await;
    let (failed, _) = host.until(|each| each["type"] == "lifecycle").await;
    assert_eq!((&failed["action"], &failed["payload"]["code"]), (&json!("failed"), &json!("config")));
    assert_eq!(plugin.exit().await.0, 78);
}

// [LANG-1] [PRO-3] [PRO-7]
#[tokio::test]
async fn small_requests_and_answers_are_bytes_in_one_message() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    let bytes: Vec<u8> = (0..=255).collect();
    host.send_tail(request("1", "POST", "/echo"), &bytes).await;
    let (answer, tail) = host.answer_to("1").await;
    assert_eq!(answer["payload"], json!({"status": 200, "headers": {"content-type": "application/octet-stream"}}));
    assert_eq!(tail, bytes);

    let mut text = request("2", "POST", "/echo");
    text["payload"]["body"] = "příliš".into();
    host.send(text).await;
    assert_eq!(host.whole_answer_to("2").await, (200, "příliš".into()));

    let mut page = get("3", "/test/whoami?x=1");
    page["payload"]["base"] = "/test/".into();
    page["payload"]["headers"]["x-list"] = json!(["a", "b"]);
    host.send(page).await;
    assert_eq!(host.whole_answer_to("3").await, (200, "u-1/Ada/admin an-instance a+b".into()));

    let mut public = get("4", "/whoami");
    public["payload"]["user"] = Value::Null;
    host.send(public).await;
    assert_eq!(host.whole_answer_to("4").await, (200, "nobody an-instance ".into()));
}

// [LANG-1] [FE-1]
#[tokio::test]
async fn the_embedded_bundle_is_served_with_the_route_and_without_it() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    let mut page = get("2", "/test/bundle.js");
    page["payload"]["base"] = "/test/".into();
    for (id, message) in [("1", get("1", "/bundle.js")), ("2", page)] {
        host.send(message).await;
        let (answer, tail) = host.answer_to(id).await;
        assert_eq!(answer["payload"]["headers"]["content-type"], "text/javascript; charset=utf-8");
        assert_eq!(tail, b"export function mount() {}");
    }
}

// [LANG-1] [PRO-4]
#[tokio::test]
async fn failures_of_a_handler_are_answers_and_nothing_leaks() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    for (path, status, body) in [
        ("/fail", 500, "Internal error"),
        ("/panic", 500, "Internal error"),
        ("/bad-status", 500, "Internal error"),
        ("/bad-header", 500, "Internal error"),
        ("/teapot", 418, "I am a teapot"),
        ("/nowhere", 404, "nothing at /nowhere"),
    ] {
        host.send(get(path, path)).await;
        assert_eq!(host.whole_answer_to(path).await, (status, body.into()), "{path}");
    }
    host.log("a secret detail").await;
    host.log("the handler panicked").await;
}

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

// [LANG-1] [PRO-6]
#[tokio::test]
async fn sixty_four_requests_are_in_flight_at_once_and_answered_in_any_order() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    for number in 0..64u64 {
        host.send(streamed(&format!("r{number}"), "/echo", 2 * number + 1)).await;
    }
    for number in (0..64u64).rev() {
        host.send_tail(data(2 * number + 1, json!({"end": true})), format!("body {number}").as_bytes()).await;
        let answer = host.whole_answer_to(&format!("r{number}")).await;
        assert_eq!(answer, (200, format!("body {number}").into_bytes()));
    }
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
async fn cancel_drops_the_handler_and_sends_no_answer() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    host.send(get("1", "/noticed")).await;
    host.log("the handler has begun").await;
    host.send(json!({"type": "cancel", "request_id": "1"})).await;
    host.log("the handler was dropped").await;

    host.send(json!({"type": "cancel", "request_id": "never-opened"})).await;
    host.ping("b").await;
    assert!(host.passed.iter().all(|(each, _)| each["type"] != "http"));
}

// [LANG-1] [RTE-6]
#[tokio::test]
async fn a_cancelled_or_refused_answer_stream_is_dropped_though_it_is_silent() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    for (id, by_cancel) in [("1", true), ("2", false)] {
        host.send(get(id, "/silent-stream")).await;
        let stream = host.answer_to(id).await.0["payload"]["stream"].as_u64().unwrap();
        assert_eq!(host.until(|each| each["payload"]["stream"] == stream).await.1, b"data: first\n\n");
        if by_cancel {
            host.send(json!({"type": "cancel", "request_id": id})).await;
            let (broken, _) = host.until(|each| each["payload"]["stream"] == stream).await;
            assert_eq!(broken["payload"]["error"]["code"], "cancelled");
        } else {
            host.send(data(stream, json!({"error": {"code": "cancelled", "message": ""}}))).await;
        }
        host.log("the silent stream was dropped").await;
    }
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

// [LANG-1] [SUP-1] [SUP-5]
#[tokio::test]
async fn pings_are_answered_while_a_handler_is_slow_and_while_init_runs() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    host.send(get("1", "/never")).await;
    for number in 0..10 {
        host.ping(&format!("p{number}")).await;
    }
    let slow = Plugin::start(&[]);
    let mut host = slow.connect().await;
    host.send(init(json!({"start": "slow"}))).await;
    host.ping("early").await;
}

// [LANG-1] [SUP-5]
#[tokio::test]
async fn a_handler_that_blocks_its_thread_keeps_neither_pings_nor_other_requests_waiting() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    // Tasks that have served something before, and ones that have not.
    for number in 0..8 {
        host.send(get(&number.to_string(), "/unread")).await;
        host.whole_answer_to(&number.to_string()).await;
    }
    host.send(get("block", "/block")).await;
    for number in 0..8 {
        host.send(get(&format!("r{number}"), "/unread")).await;
    }
    for _ in 0..8 {
        assert_eq!(host.until(|each| each["type"] == "http").await.0["payload"]["status"], 200);
    }
    for number in 0..3 {
        host.ping(&format!("p{number}")).await;
    }
    host.send(get("let-go", "/let-go")).await;
    assert_eq!(host.whole_answer_to("block").await, (200, b"let go".into()));
}

// [LANG-1] [SUP-5] [SUP-6]
#[tokio::test]
async fn pings_are_answered_and_the_end_is_noticed_while_handlers_block_all_threads() {
    let mut plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    // More than there are workers on any machine.
    for number in 0..12 {
        host.send(get(&format!("block{number}"), "/block")).await;
        host.ping(&format!("p{number}")).await;
    }
    for number in 0..12 {
        host.ping(&format!("q{number}")).await;
    }
    host.send(json!({"type": "cancel", "request_id": "block0"})).await;
    host.send(get("block0", "/unread")).await;
    host.ping("last").await;
    drop(host);
    assert_eq!(plugin.exit().await.0, 1);
}

// [LANG-1] [KV-6]
#[tokio::test]
async fn the_storage_of_the_host_is_asked_and_answers() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    host.send(get("1", "/kv")).await;
    for (expected, answer) in [
        (json!({"action": "set", "key": "a", "value": "1", "ttl_ms": 60000, "if_revision": 0}), json!({"revision": 5})),
        (json!({"action": "get", "key": "a"}), json!({"value": "1", "revision": 5})),
        (
            json!({"action": "delete", "key": "a", "if_revision": 6}),
            json!({"error": {"code": "kv_conflict", "message": "another one"}}),
        ),
        (
            json!({"action": "list", "prefix": "a", "limit": 10}),
            json!({"items": [{"key": "a", "value": "1", "revision": 5}], "cursor": "c"}),
        ),
        (
            json!({"action": "batch", "operations": [
                {"action": "get", "key": "a"},
                {"action": "set", "key": "b", "value": "2"},
                {"action": "delete", "key": "c"},
            ]}),
            json!({"results": [{"value": "1", "revision": 5}, {"revision": 6}, {"deleted": false}]}),
        ),
    ] {
        let (question, _) = host.until(|each| each["type"] == "kv").await;
        assert_eq!(question["payload"], expected);
        host.send(json!({"type": "kv", "request_id": question["request_id"], "payload": answer})).await;
    }
    let (status, body) = host.whole_answer_to("1").await;
    let expected = "5 Some(KvEntry { key: \"a\", value: \"1\", revision: 5 }) Some(true) 1 Some(\"c\") \
        [Value { value: Some(\"1\"), revision: 5 }, Set { revision: 6 }, Deleted(false)]";
    assert_eq!((status, String::from_utf8(body).unwrap().as_str()), (200, expected));
}

// [LANG-1] [KV-6]
#[tokio::test]
async fn an_answer_of_the_storage_that_is_of_no_use_ends_its_own_request_only() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    for (id, payload) in [("1", json!({})), ("2", json!({"revision": "x"})), ("3", json!({"revision": -1}))] {
        host.send(get(id, "/kv")).await;
        let (question, _) = host.until(|each| each["type"] == "kv").await;
        host.send(json!({"type": "kv", "request_id": question["request_id"], "payload": payload})).await;
        assert_eq!(host.whole_answer_to(id).await.0, 500);
    }
}

// [LANG-1] [KV-8]
#[tokio::test]
async fn the_host_can_ask_for_values_that_the_plugin_keeps() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    for (question, answer) in [
        (json!({"action": "get", "key": "count"}), json!({"value": "1", "revision": 7})),
        (json!({"action": "get", "key": "none"}), json!({"value": null, "revision": 0})),
        (json!({"action": "set", "key": "a", "value": "b"}), json!({"revision": 8})),
    ] {
        host.send(json!({"type": "kv", "request_id": "1", "payload": question})).await;
        assert_eq!(host.until(|each| each["type"] == "kv").await.0["payload"], answer);
    }
    for question in [json!({"action": "delete", "key": "a"}), json!({"action": "list"}), json!({"action": 1})] {
        host.send(json!({"type": "kv", "request_id": "1", "payload": question})).await;
        let (answer, _) = host.until(|each| each["type"] == "kv").await;
        assert_eq!(answer["payload"]["error"]["code"], "invalid_request", "{question}");
    }
}

// [LANG-1] [OBS-1]
#[tokio::test]
async fn lines_of_the_log_and_events_are_messages() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    host.send(get("1", "/log")).await;
    let line = host.log("a line").await;
    assert_eq!(line["payload"]["level"], "warn");
    assert_eq!(line["payload"]["fields"]["attempt"], 3);
    assert_eq!(line["payload"]["fields"]["path"], "/x");
    let (event, _) = host.until(|each| each["type"] == "event").await;
    assert_eq!(event["payload"], json!({"name": "sync.done", "data": {"count": 42}}));
    assert_eq!(host.whole_answer_to("1").await.0, 204);
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

// [LANG-1] [PRO-6]
#[tokio::test]
async fn a_request_id_may_be_used_again_as_soon_as_its_answer_is_there() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    for round in 0..300u32 {
        host.send_tail(request("same", "POST", "/echo"), &round.to_be_bytes()).await;
        assert_eq!(host.whole_answer_to("same").await, (200, round.to_be_bytes().to_vec()));
    }
}
