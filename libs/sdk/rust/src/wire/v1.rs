//! Version 1: every message is plain JSON, with what counts up to two payloads deep.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{
    Violation, frame,
    incoming::{Envelope, envelope},
    json::{self, Object},
    kv_codec, timestamp_now,
};
use crate::{Headers, HttpRequest, KvError, KvOp, KvReply, User};

/// A message of the host.
#[derive(Debug)]
pub(crate) enum Message {
    Init { instance_id: Option<String> },
    Shutdown,
    Http { id: String, request: Box<HttpRequest> },
    KvRequest { id: String, operation: Result<KvOp, String> },
    KvAnswer { id: String, answer: Result<Option<String>, KvError> },
    Unknown,
}

/// Whether a first frame is an `init` of version 2. Anything else is for version 1 to judge.
pub(crate) fn is_init_of_version_2(head: &[u8]) -> bool {
    envelope(head).is_ok_and(|message| {
        message.kind == "lifecycle"
            && message.action.as_deref() == Some("init")
            && message.payload.get("protocol").and_then(json::integer).is_some_and(|version| version >= 2)
    })
}

/// `route`: the plugin's, to tell paths that have it from those that have not.
pub(crate) fn decode(head: &[u8], route: &str) -> Result<Message, Violation> {
    let Envelope { kind, action, request_id, mut payload } = envelope(head)?;
    let inner = match payload.remove("payload") {
        Some(Value::Object(inner)) => inner,
        _ => Object::new(),
    };
    let id = || {
        let inner = payload.get("request_id").and_then(Value::as_str).map(str::to_owned);
        let id = request_id.clone().or(inner);
        id.ok_or_else(|| Violation::new("missing_request_id", format!("{kind:?} without request_id")))
    };
    match kind.as_str() {
        "lifecycle" => match action.as_deref().or_else(|| payload.get("action").and_then(Value::as_str)) {
            Some("init") => {
                Ok(Message::Init { instance_id: payload.get("instance_id").and_then(Value::as_str).map(str::to_owned) })
            }
            Some("shutdown") => Ok(Message::Shutdown),
            _ => Ok(Message::Unknown),
        },
        "http" => {
            let request = if payload.contains_key("method") { &payload } else { &inner };
            let request =
                decode_request(request, route).map_err(|what| Violation::new("invalid_http_request", what))?;
            Ok(Message::Http { id: id()?, request: Box::new(request) })
        }
        "kv" if payload.contains_key("action") => {
            Ok(Message::KvRequest { id: id()?, operation: kv_codec::decode_operation(&payload) })
        }
        "kv" => {
            let payload =
                if payload.contains_key("value") || payload.contains_key("error") { &payload } else { &inner };
            Ok(Message::KvAnswer { id: id()?, answer: decode_answer(payload) })
        }
        _ => Ok(Message::Unknown),
    }
}

fn decode_request(fields: &Object, route: &str) -> Result<HttpRequest, String> {
    let path = json::string(fields, "path")?.to_owned();
    let headers = Headers::from_json(fields.get("headers"))?;
    let user = headers.get("x-toru-user-id").map(|id| User {
        id: id.to_owned(),
        name: percent_decoded(headers.get("x-toru-user").unwrap_or_default()),
        role: headers.get("x-toru-role").unwrap_or("viewer").to_owned(),
    });
    // Only a page route keeps the plugin's route in the path; the prefix says which one it was.
    let is_page = headers.get("x-forwarded-prefix").is_none_or(|prefix| prefix.ends_with("/plugins"));
    let has_route = path.strip_prefix(route).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    Ok(HttpRequest {
        method: json::string(fields, "method")?.to_owned(),
        base: if is_page && has_route { format!("{route}/") } else { String::new() },
        remote: headers.get("x-forwarded-for").unwrap_or_default().to_owned(),
        body: json::optional_string(fields, "body")?.map(str::to_owned).unwrap_or_default().into(),
        path,
        headers,
        user,
        ..HttpRequest::default()
    })
}

fn decode_answer(payload: &Object) -> Result<Option<String>, KvError> {
    match payload.get("error") {
        None | Some(Value::Null) => {}
        Some(Value::String(message)) => return Err(KvError::new("internal", message.clone())),
        Some(error) => {
            let text = |name| error.get(name).and_then(Value::as_str).unwrap_or("unknown");
            return Err(KvError::new(text("code"), text("message")));
        }
    }
    let value = json::optional_string(payload, "value").map_err(|what| KvError::new("invalid_answer", what))?;
    Ok(value.map(str::to_owned))
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, others @ ..] = rest {
        let decoded = match rest {
            [b'%', high, low, ..] => hex(*high).zip(hex(*low)).map(|(high, low)| high << 4 | low),
            _ => None,
        };
        bytes.push(decoded.unwrap_or(*first));
        rest = if decoded.is_some() { &rest[3..] } else { others };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// An answer; `Err` says why version 1 cannot carry it.
pub(crate) fn http_answer(id: &str, status: u16, headers: &Headers, body: &Bytes) -> Result<Vec<u8>, String> {
    let text = std::str::from_utf8(body).map_err(|_| "version 1 carries text only, and the body is not UTF-8")?;
    let body = if text.is_empty() { Value::Null } else { Value::from(text) };
    let payload = json!({"status": status, "headers": headers.to_json()?, "body": body});
    let message = encode("http", id, payload);
    if message.len() > frame::MAX_FRAME {
        return Err(format!("the answer is larger than a frame of version 1 ({} bytes)", frame::MAX_FRAME));
    }
    Ok(message)
}

/// A question to the host's storage; `Err` for what version 1 has not.
pub(crate) fn kv_question(id: &str, operation: &KvOp) -> Result<Vec<u8>, KvError> {
    let unsupported = || KvError::new("unsupported", "Version 1 has neither revisions nor a time to live");
    let payload = match operation {
        KvOp::Get { key } => json!({"action": "get", "key": key}),
        KvOp::Set { key, value, options } if options.ttl_ms.is_none() && options.if_revision.is_none() => {
            json!({"action": "set", "key": key, "value": value})
        }
        KvOp::Delete { key, if_revision: None } => json!({"action": "delete", "key": key}),
        _ => return Err(unsupported()),
    };
    let message = encode("kv", id, payload);
    if message.len() > frame::MAX_FRAME {
        return Err(KvError::new("kv_value_too_large", "The value does not fit into a message"));
    }
    Ok(message)
}

/// An answer to a question of the host.
pub(crate) fn kv_answer(id: &str, answer: Result<KvReply, (String, String)>) -> Vec<u8> {
    let payload = match answer {
        Ok(KvReply::Value { value, .. }) => json!({"value": value}),
        Ok(_) => json!({"value": null}),
        Err((code, message)) => json!({"value": null, "error": {"code": code, "message": message}}),
    };
    encode("kv", id, payload)
}

fn encode(kind: &str, id: &str, payload: Value) -> Vec<u8> {
    json!({"type": kind, "timestamp": timestamp_now(), "request_id": id, "payload": payload}).to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::percent_decoded;

    #[test]
    fn names_of_users_are_decoded_and_odd_ones_stay() {
        for (text, expected) in [("%C5%BDofie", "Žofie"), ("a%", "a%"), ("%zz", "%zz"), ("%4", "%4"), ("", "")] {
            assert_eq!(percent_decoded(text), expected);
        }
    }
}
