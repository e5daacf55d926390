//! The storage of the host, the one that a plugin keeps, log lines and events.

use serde_json::json;

use crate::support::{Plugin, get};

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
