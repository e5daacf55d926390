use bytes::{Bytes, BytesMut};
use serde_json::{Value, json};

use super::{frame, json, timestamp_now};
use crate::Headers;

/// A message on its way to the host.
#[derive(Debug)]
pub(crate) struct Outgoing {
    head: Vec<u8>,
    tail: Bytes,
}

impl Outgoing {
    fn plain(message: Value) -> Self {
        Self::with_tail(message, Bytes::new())
    }

    fn with_tail(message: Value, tail: Bytes) -> Self {
        Self { head: message.to_string().into_bytes(), tail }
    }

    /// The `n` of its frame.
    pub(crate) fn length(&self) -> usize {
        self.head.len() + if self.tail.is_empty() { 0 } else { 4 + self.tail.len() }
    }

    pub(crate) fn put(&self, target: &mut BytesMut) {
        if self.tail.is_empty() {
            frame::put_plain(target, &self.head);
        } else {
            frame::put_with_tail(target, &self.head, &self.tail);
        }
    }

    pub(crate) fn ready(features: &[&str]) -> Self {
        lifecycle("ready", json!({"protocol": 2, "features": features}))
    }

    pub(crate) fn failed(code: &str, message: &str) -> Self {
        lifecycle("failed", json!({"code": code, "message": message}))
    }

    pub(crate) fn ping_answer(id: &str) -> Self {
        Self::plain(json!({"type": "pong", "request_id": id}))
    }

    /// An answer with its whole body; `Err` says which header cannot be sent.
    pub(crate) fn http(id: &str, status: u16, headers: &Headers, body: Bytes) -> Result<Self, String> {
        // Written by hand: the answer to a small request is what this crate sends most.
        let mut head = Vec::with_capacity(256);
        head.extend_from_slice(b"{\"type\":\"http\",\"request_id\":");
        json::put(&mut head, id);
        head.extend_from_slice(b",\"payload\":{\"status\":");
        json::put(&mut head, &status);
        head.extend_from_slice(b",\"headers\":");
        headers.put_json(&mut head)?;
        head.extend_from_slice(b"}}");
        Ok(Self { head, tail: body })
    }

    /// The answer where none else can be given.
    pub(crate) fn http_failure(id: &str) -> Self {
        let payload = json!({"status": 500, "headers": {}});
        Self::with_tail(
            json!({"type": "http", "request_id": id, "payload": payload}),
            Bytes::from_static(b"Internal error"),
        )
    }

    /// The answer where no stream can be begun.
    pub(crate) fn http_unavailable(id: &str) -> Self {
        let payload = json!({"status": 503, "headers": {}});
        Self::with_tail(
            json!({"type": "http", "request_id": id, "payload": payload}),
            Bytes::from_static(b"Too many streams are open"),
        )
    }

    /// An answer whose body comes as `data`.
    pub(crate) fn http_stream(id: &str, status: u16, headers: Value, stream: u64) -> Self {
        let payload = json!({"status": status, "headers": headers, "stream": stream});
        Self::plain(json!({"type": "http", "request_id": id, "payload": payload}))
    }

    pub(crate) fn bytes(stream: u64, bytes: Bytes) -> Self {
        Self::with_tail(json!({"type": "data", "payload": {"stream": stream}}), bytes)
    }

    pub(crate) fn end(stream: u64) -> Self {
        Self::plain(json!({"type": "data", "payload": {"stream": stream, "end": true}}))
    }

    pub(crate) fn broken(stream: u64, code: &str, message: &str) -> Self {
        let error = json!({"code": code, "message": message});
        Self::plain(json!({"type": "data", "payload": {"stream": stream, "error": error}}))
    }

    pub(crate) fn credit(stream: u64, credit: u64) -> Self {
        Self::plain(json!({"type": "data", "payload": {"stream": stream, "credit": credit}}))
    }

    pub(crate) fn kv(id: &str, payload: Value) -> Self {
        Self::plain(json!({"type": "kv", "request_id": id, "payload": payload}))
    }

    pub(crate) fn log(level: &str, message: &str, fields: Option<Value>) -> Self {
        let mut payload = json!({"level": level, "message": message});
        if let Some(fields) = fields {
            payload["fields"] = fields;
        }
        Self::plain(json!({"type": "log", "timestamp": timestamp_now(), "payload": payload}))
    }

    pub(crate) fn event(name: &str, data: Option<Value>) -> Self {
        let mut payload = json!({"name": name});
        if let Some(data) = data {
            payload["data"] = data;
        }
        Self::plain(json!({"type": "event", "payload": payload}))
    }
}

fn lifecycle(action: &str, payload: Value) -> Outgoing {
    Outgoing::plain(json!({"type": "lifecycle", "action": action, "timestamp": timestamp_now(), "payload": payload}))
}
