//! The codec without the wire, for test/bench: every request and every answer is encoded, cut into frames and decoded.

use std::sync::OnceLock;

use bytes::{BufMut, BytesMut};
use serde_json::{Value, json};

use crate::{
    HttpResponse,
    wire::{
        familiar::FamiliarHeads,
        frame::{Frame, FrameDecoder, put_with_tail},
        incoming::{Incoming, IncomingBody, envelope},
        outgoing::Outgoing,
    },
};

/// Exchanges of one call.
pub const BATCH: usize = 64;

/// Body and request, made once as in the other languages.
fn given() -> &'static (String, Value) {
    static GIVEN: OnceLock<(String, Value)> = OnceLock::new();
    GIVEN.get_or_init(|| {
        let body = body();
        let request = request(body.len());
        (body, request)
    })
}

fn body() -> String {
    let text = "The quick brown fox jumps over the lazy dog. ".repeat(23);
    json!({ "items": &text[..1024 - r#"{"items":""}"#.len()] }).to_string()
}

/// As `test/bench/wire/exchange.ts` has it.
fn request(length: usize) -> Value {
    json!({
        "method": "POST", "path": "/echo", "base": "",
        "headers": {
            "host": "192.0.2.1:8080",
            "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "accept": "application/json, text/plain, */*",
            "accept-language": "en-US,en;q=0.5",
            "content-type": "application/json",
            "content-length": length.to_string(),
            "x-forwarded-for": "192.0.2.7",
            "x-request-id": "9f0c2f4e-2f0b-4a36-8b6e-0a3a7a4f2f10",
        },
        "user": { "id": "5f64b3c2", "name": "admin", "role": "admin" },
        "remote": "192.0.2.7",
    })
}

fn frames(bytes: &[u8]) -> Vec<Frame> {
    let mut decoder = FrameDecoder::new();
    decoder.allow_tails();
    decoder.space().put_slice(bytes);
    std::iter::from_fn(|| decoder.next().expect("right frames")).collect()
}

/// `BATCH` exchanges in version 2.
pub fn exchange_all() {
    let (body, request) = given();
    let mut there = BytesMut::new();
    for number in 0..BATCH {
        let head = format!(r#"{{"type":"http","request_id":"{number}","payload":{request}}}"#);
        put_with_tail(&mut there, head.as_bytes(), body.as_bytes());
    }
    let mut back = BytesMut::new();
    let mut familiar = FamiliarHeads::new();
    for frame in frames(&there) {
        let Ok(Incoming::Http { id, request, body: IncomingBody::Whole(bytes) }) = familiar.decode(frame) else {
            panic!("the request was not decoded");
        };
        assert!(request.headers.get("host").is_some() && bytes.len() == body.len());
        let HttpResponse { status, headers, .. } = HttpResponse::with("application/json", bytes.clone());
        Outgoing::http(&id, status, &headers, bytes).expect("right headers").put(&mut back);
    }
    for frame in frames(&back) {
        let answer = envelope(&frame.head).expect("a right answer");
        assert!(answer.payload["status"] == 200 && frame.tail.is_some_and(|tail| tail.len() == body.len()));
    }
}

/// What any program must do that sends the same as JSON: to text and back to values, body included.
pub fn json_all() {
    let (body, request) = given();
    for number in 0..BATCH {
        let mut message = request.clone();
        message["id"] = number.into();
        message["body"] = body.as_str().into();
        let found: Value = serde_json::from_slice(&message.to_string().into_bytes()).expect("JSON");
        let headers = json!({"content-type": "application/json"});
        let answer = json!({"id": found["id"], "status": 200, "headers": headers, "body": body});
        let answer: Value = serde_json::from_slice(&answer.to_string().into_bytes()).expect("JSON");
        assert_eq!(answer["id"], number);
    }
}
