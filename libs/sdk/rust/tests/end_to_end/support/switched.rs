//! Connections that switch their protocol, from the host's side: request `1` on stream 1, and what comes on the streams.

use super::{Host, data, streamed};
use serde_json::{Value, json};

pub fn upgrade(id: &str, path: &str, stream: u64) -> Value {
    let mut message = streamed(id, path, stream);
    message["type"] = "upgrade".into();
    message["payload"]["method"] = "GET".into();
    message["payload"]["headers"] = json!({
        "connection": "Upgrade", "upgrade": "websocket",
        "sec-websocket-version": "13", "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    });
    message
}

/// Opens request `1` on stream 1: the stream of the answer.
pub async fn open(host: &mut Host, path: &str) -> u64 {
    host.send(upgrade("1", path, 1)).await;
    let (answer, tail) = host.answer_to("1").await;
    assert_eq!(answer["payload"]["status"], 101, "{answer}");
    assert!(tail.is_empty());
    answer["payload"]["stream"].as_u64().expect("a stream")
}

/// The next message about a stream.
pub async fn next_on(host: &mut Host, stream: u64) -> (Value, Vec<u8>) {
    let (message, tail) = host.until(|each| each["type"] == "data" && each["payload"]["stream"] == stream).await;
    (message["payload"].clone(), tail)
}

/// So many bytes, in as many pieces as they come in.
pub async fn bytes_on(host: &mut Host, stream: u64, count: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while bytes.len() < count {
        let (payload, tail) = next_on(host, stream).await;
        assert!(payload["error"].is_null() && payload["end"].is_null(), "{payload}");
        bytes.extend_from_slice(&tail);
    }
    assert_eq!(bytes.len(), count, "{bytes:?}");
    bytes
}

/// On stream 1.
pub async fn send_on(host: &mut Host, bytes: &[u8]) {
    host.send_tail(data(1, json!({})), bytes).await;
}
