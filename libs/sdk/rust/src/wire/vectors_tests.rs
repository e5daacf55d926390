//! Every file of `libs/contracts/vectors`, as far as it speaks to a plugin or comes from one.

use std::{fs, path::PathBuf};

use bytes::{BufMut, Bytes, BytesMut};
use serde_json::{Value, json};

use super::{
    frame::{Frame, FrameDecoder},
    incoming::{Incoming, IncomingBody, envelope},
    kv_codec,
    outgoing::Outgoing,
    v1,
};
use crate::{Headers, KvOp, ListOptions, SetOptions, kv::KvQuery};

fn vectors(folder: &str) -> Vec<(String, Value)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../contracts/vectors").join(folder);
    let mut vectors: Vec<_> = fs::read_dir(&root)
        .unwrap_or_else(|error| panic!("{}: {error}", root.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, serde_json::from_slice(&fs::read(&path).unwrap()).unwrap())
        })
        .collect();
    vectors.sort_by(|one, other| one.0.cmp(&other.0));
    assert!(vectors.len() >= 15, "{} has {} vectors", root.display(), vectors.len());
    vectors
}

fn bytes_of(hex: &Value) -> Vec<u8> {
    let digits: Vec<u32> = hex.as_str().unwrap().chars().map(|digit| digit.to_digit(16).unwrap()).collect();
    digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect()
}

fn base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0u32, 0);
    for digit in text.bytes().filter(|digit| *digit != b'=') {
        bits = bits << 6 | ALPHABET.iter().position(|each| *each == digit).unwrap() as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}

/// The frames of some bytes, given in two pieces; the code of a violation, `truncated` where the last frame is not whole.
fn frames_of(bytes: &[u8], split: usize, ready: bool) -> (Vec<Frame>, Option<&'static str>) {
    let mut decoder = FrameDecoder::new();
    if ready {
        decoder.allow_tails();
    }
    let mut frames = Vec::new();
    for piece in [&bytes[..split], &bytes[split..]] {
        decoder.space().put_slice(piece);
        loop {
            match decoder.next() {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(violation) => return (frames, Some(violation.code)),
            }
        }
    }
    let truncated = decoder.is_partial().then_some("truncated");
    (frames, truncated)
}

fn tail_of(vector: &Value) -> Bytes {
    vector["tail"].as_str().map(base64).unwrap_or_default().into()
}

// [PRO-8] [LANG-1]
#[test]
fn frames_of_version_2_split_at_every_byte_are_what_the_vectors_say() {
    for (name, vector) in vectors("v2") {
        let bytes = bytes_of(&vector["frame"]);
        for split in 0..=bytes.len() {
            let (frames, error) = frames_of(&bytes, split, true);
            assert_eq!(error, None, "{name}");
            assert_eq!(frames.len(), 1, "{name}");
            assert_eq!(serde_json::from_slice::<Value>(&frames[0].head).unwrap(), vector["message"], "{name}");
            assert_eq!(frames[0].tail.clone().unwrap_or_default(), tail_of(&vector), "{name}");
        }
    }
}

// [PRO-6] [LANG-1]
#[test]
fn messages_of_the_host_in_version_2_are_decoded() {
    for (name, vector) in vectors("v2") {
        if vector["direction"] == "plugin-to-host" {
            continue;
        }
        let (mut frames, _) = frames_of(&bytes_of(&vector["frame"]), 0, true);
        let (message, payload) = (&vector["message"], &vector["message"]["payload"]);
        let expected_id = message["request_id"].as_str().unwrap_or_default();
        let incoming = Incoming::decode(frames.remove(0)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let text = |field: &str| payload[field].as_str().unwrap_or_default().to_owned();
        match incoming {
            Incoming::Init(init) => {
                assert_eq!(init.instance_id, text("instance_id"), "{name}");
                assert_eq!(init.plugin_id, Some(text("plugin_id")), "{name}");
                assert_eq!(init.data_dir, Some(text("data_dir")), "{name}");
                assert_eq!(init.license_key.as_deref(), payload["license_key"].as_str(), "{name}");
                assert_eq!(Value::Object(init.settings), payload["settings"], "{name}");
                assert_eq!(json!(init.features), payload["features"], "{name}");
                assert_eq!(json!(init.max_frame), payload["limits"]["max_frame"], "{name}");
                assert_eq!(json!(init.window), payload["limits"]["window"], "{name}");
            }
            Incoming::Shutdown { grace_ms } => assert_eq!(json!(grace_ms), payload["grace_ms"], "{name}"),
            Incoming::Settings(settings) => assert_eq!(Value::Object(settings), payload["settings"], "{name}"),
            Incoming::Http { id, request, body } => {
                assert_eq!(id, expected_id, "{name}");
                assert_eq!(request.method, text("method"), "{name}");
                assert_eq!(request.path, text("path"), "{name}");
                assert_eq!(request.base, text("base"), "{name}");
                assert_eq!(request.remote, text("remote"), "{name}");
                let headers = Headers::from_json(payload.get("headers")).unwrap();
                assert_eq!(request.headers.to_json(), headers.to_json(), "{name}");
                let user = request.user.map(|user| json!({"id": user.id, "name": user.name, "role": user.role}));
                assert_eq!(user.unwrap_or_default(), payload["user"], "{name}");
                let whole = if payload["body"].is_string() { text("body").into() } else { tail_of(&vector) };
                let expected = payload["stream"].as_u64().map_or(IncomingBody::Whole(whole), IncomingBody::Stream);
                assert_eq!(body, expected, "{name}");
            }
            Incoming::Upgrade { id, request, stream } => {
                assert_eq!(id, expected_id, "{name}");
                assert!(request.is_upgrade, "{name}");
                assert_eq!(request.path, text("path"), "{name}");
                let headers = Headers::from_json(payload.get("headers")).unwrap();
                assert_eq!(request.headers.to_json(), headers.to_json(), "{name}");
                assert_eq!(json!(stream), payload["stream"], "{name}");
            }
            Incoming::Data(data) => {
                assert_eq!(json!(data.stream), payload["stream"], "{name}");
                assert_eq!(data.bytes, tail_of(&vector), "{name}");
                assert_eq!(data.end, payload["end"] == true, "{name}");
                assert_eq!(data.credit, payload["credit"].as_u64(), "{name}");
                let error = data.error.map(|(code, message)| json!({"code": code, "message": message}));
                assert_eq!(error.unwrap_or_default(), payload["error"], "{name}");
            }
            Incoming::Cancel { id } | Incoming::Ping { id } => assert_eq!(id, expected_id, "{name}"),
            Incoming::Pong => assert_eq!(message["type"], "pong", "{name}"),
            Incoming::KvRequest { id, operation } => {
                assert_eq!(id, expected_id, "{name}");
                let query = KvQuery::One(operation.unwrap_or_else(|error| panic!("{name}: {error}")));
                assert_eq!(kv_codec::encode_query(&query), *payload, "{name}");
            }
            Incoming::KvAnswer { id, payload: decoded } => {
                assert_eq!(id, expected_id, "{name}");
                assert_eq!(Value::Object(decoded.clone()), *payload, "{name}");
                let (get, set, delete) = (
                    KvOp::Get { key: "a".into() },
                    KvOp::Set { key: "b".into(), value: "2".into(), options: SetOptions::new() },
                    KvOp::Delete { key: "c".into(), if_revision: None },
                );
                let query = match name.as_str() {
                    "kv-answer-batch" => KvQuery::Batch(vec![get, set, delete]),
                    _ if name.starts_with("kv-answer-list") => KvQuery::List(ListOptions::new()),
                    "kv-answer-delete" => KvQuery::One(delete),
                    "kv-answer-set" => KvQuery::One(set),
                    _ => KvQuery::One(get),
                };
                let answer = kv_codec::decode_answer(&query, &decoded);
                match payload["error"]["code"].as_str() {
                    Some(code) => assert_eq!(answer.unwrap_err().code, code, "{name}"),
                    None => assert!(answer.is_ok(), "{name}: {answer:?}"),
                }
            }
            Incoming::Unknown => assert!(name.starts_with("unknown-type"), "{name}"),
        }
    }
}

// [PRO-6] [LANG-1]
#[test]
fn messages_of_this_crate_in_version_2_are_those_of_the_vectors() {
    let mut compared = 0;
    for (name, vector) in vectors("v2") {
        let (message, payload) = (&vector["message"], &vector["message"]["payload"]);
        let id = message["request_id"].as_str().unwrap_or_default();
        let text = |field: &str| payload[field].as_str().unwrap_or_default();
        let stream = payload["stream"].as_u64().unwrap_or_default();
        let status = payload["status"].as_u64().unwrap_or_default() as u16;
        let given = || Headers::from_json(payload.get("headers")).unwrap();
        let headers = || given().to_json().unwrap();
        let sent = match name.as_str() {
            "pong" => Outgoing::ping_answer(id),
            "lifecycle-ready" => Outgoing::ready(&["stream", "kv"]),
            "lifecycle-ready-no-features" => Outgoing::ready(&[]),
            "lifecycle-failed-config" | "lifecycle-failed-internal" | "lifecycle-failed-license" => {
                Outgoing::failed(text("code"), text("message"))
            }
            "http-response-stream" | "upgrade-response" => Outgoing::http_stream(id, status, headers(), stream),
            "http-response-tail"
            | "http-response-binary-tail"
            | "http-response-no-body"
            | "http-response-header-list"
            | "upgrade-response-refused" => Outgoing::http(id, status, &given(), tail_of(&vector)).unwrap(),
            "data-plugin-bytes" => Outgoing::bytes(stream, tail_of(&vector)),
            "data-plugin-end" => Outgoing::end(stream),
            "data-plugin-error" | "data-plugin-refuses" => Outgoing::broken(
                stream,
                payload["error"]["code"].as_str().unwrap(),
                payload["error"]["message"].as_str().unwrap(),
            ),
            "data-plugin-credit" => Outgoing::credit(stream, payload["credit"].as_u64().unwrap()),
            "event" => Outgoing::event(text("name"), None),
            "event-data" => Outgoing::event(text("name"), Some(payload["data"].clone())),
            "log" => Outgoing::log(text("level"), text("message"), None),
            "kv-batch" => {
                let options = SetOptions::new().if_revision(3);
                kv(
                    id,
                    &KvQuery::Batch(vec![
                        KvOp::Get { key: "a".into() },
                        KvOp::Set { key: "b".into(), value: "2".into(), options },
                        KvOp::Delete { key: "c".into(), if_revision: None },
                    ]),
                )
            }
            "kv-list" => kv(id, &KvQuery::List(ListOptions::new())),
            "kv-list-cursor" => kv(id, &KvQuery::List(ListOptions::new().prefix("user/").cursor("dXNlci85").limit(50))),
            _ => continue,
        };
        let mut bytes = BytesMut::new();
        sent.put(&mut bytes);
        let (frames, error) = frames_of(&bytes, 0, true);
        assert_eq!(error, None, "{name}");
        let mut head: Value = serde_json::from_slice(&frames[0].head).unwrap();
        if head["timestamp"].is_string() {
            head["timestamp"] = "2026-01-15T12:00:00Z".into();
        }
        let mut expected = message.clone();
        if name == "log" {
            expected["timestamp"] = "2026-01-15T12:00:00Z".into();
        }
        assert_eq!(head, expected, "{name}");
        assert_eq!(frames[0].tail.clone().unwrap_or_default(), tail_of(&vector), "{name}");
        compared += 1;
    }
    assert!(compared >= 20, "{compared} were compared");
}

fn kv(id: &str, query: &KvQuery) -> Outgoing {
    Outgoing::kv(id, kv_codec::encode_query(query))
}

// [PRO-8] [LANG-1]
#[test]
fn refused_frames_and_messages_of_version_2_are_refused_for_the_reason_in_the_vectors() {
    for (name, vector) in vectors("v2/refused") {
        let layer = vector["layer"].as_str().unwrap();
        if vector["direction"] == "plugin-to-host" || layer == "connection" {
            continue; // Connections: tests/hostile_host.rs.
        }
        let bytes = bytes_of(&vector["frames"]);
        for split in 0..=bytes.len() {
            let (frames, mut error) = frames_of(&bytes, split, vector["ready"] == true);
            if layer == "message" {
                assert_eq!(error, None, "{name}");
                error = frames.into_iter().find_map(|frame| Incoming::decode(frame).err()).map(|error| error.code);
            }
            assert_eq!(error, vector["reason"].as_str(), "{name} split at {split}");
        }
    }
}

// [PRO-6] [LANG-1]
#[test]
fn messages_of_the_host_in_version_1_are_decoded() {
    for (name, vector) in vectors("v1") {
        let head = serde_json::to_vec(&vector["message"]).unwrap();
        assert!(envelope(&head).is_ok(), "{name}");
        assert!(!v1::is_init_of_version_2(&head), "{name}");
        if vector["direction"] == "plugin-to-host" {
            continue;
        }
        let (message, payload) = (&vector["message"], &vector["message"]["payload"]);
        let expected_id = message["request_id"].as_str().unwrap_or_default();
        match v1::decode(&head, "/acme").unwrap_or_else(|error| panic!("{name}: {error}")) {
            v1::Message::Init { instance_id } => {
                assert_eq!(instance_id.as_deref(), payload["instance_id"].as_str(), "{name}");
            }
            v1::Message::Shutdown => assert_eq!(message["action"], "shutdown", "{name}"),
            v1::Message::Http { id, request } => {
                assert_eq!(id, expected_id, "{name}");
                let inner = &payload["payload"];
                assert_eq!(json!(request.method), inner["method"], "{name}");
                assert_eq!(json!(request.path), inner["path"], "{name}");
                assert_eq!(request.headers.to_json().unwrap(), inner["headers"], "{name}");
                let body = request.body.into_whole().unwrap();
                assert_eq!(body, inner["body"].as_str().unwrap_or_default(), "{name}");
            }
            v1::Message::KvRequest { id, operation } => {
                assert_eq!(id, expected_id, "{name}");
                let query = KvQuery::One(operation.unwrap());
                assert_eq!(kv_codec::encode_query(&query), payload["payload"], "{name}");
            }
            v1::Message::KvAnswer { .. } | v1::Message::Unknown => panic!("{name} was not understood"),
        }
    }
}

// [PRO-6] [LANG-1]
#[test]
fn messages_of_this_crate_in_version_1_are_one_of_the_known_forms() {
    let same_but_timestamp = |sent: Vec<u8>, name: &str| {
        let mut sent: Value = serde_json::from_slice(&sent).unwrap();
        let (_, vector) = vectors("v1").into_iter().find(|(each, _)| each == name).unwrap();
        sent["timestamp"] = vector["message"]["timestamp"].clone();
        assert_eq!(sent, vector["message"], "{name}");
    };
    let id = "550e8400-e29b-41d4-a716-446655440000";
    let mut headers = Headers::new();
    same_but_timestamp(v1::http_answer(id, 204, &headers, &Bytes::new()).unwrap(), "plugin-http-no-body");
    headers.insert("Content-Type", "application/json");
    same_but_timestamp(v1::http_answer(id, 200, &headers, &"{\"ok\":true}".into()).unwrap(), "plugin-http-flat");
    let set = KvOp::Set { key: "counter".into(), value: "1".into(), options: SetOptions::new() };
    same_but_timestamp(v1::kv_question(id, &set).unwrap(), "plugin-kv-request-flat");
    let value = crate::KvReply::Value { value: Some("1".into()), revision: 0 };
    same_but_timestamp(v1::kv_answer(id, Ok(value)), "plugin-kv-answer-flat");
}

// [PRO-7]
#[test]
fn what_version_1_cannot_carry_is_refused_and_not_damaged() {
    let headers = Headers::new();
    assert!(v1::http_answer("1", 200, &headers, &Bytes::from_static(&[0xff])).is_err());
    assert!(v1::http_answer("1", 200, &headers, &vec![b'x'; 16 * 1024 * 1024].into()).is_err());
    let key = || "a".to_owned();
    for operation in [
        KvOp::Delete { key: key(), if_revision: Some(1) },
        KvOp::Set { key: key(), value: key(), options: SetOptions::new().if_revision(0) },
        KvOp::Set { key: key(), value: key(), options: SetOptions::new().ttl(std::time::Duration::from_secs(1)) },
    ] {
        assert_eq!(v1::kv_question("1", &operation).unwrap_err().code, "unsupported");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        ..proptest::prelude::ProptestConfig::default()
    })]

    // [PRO-8] [LANG-1]
    #[test]
    fn damaged_messages_are_refused_or_understood_and_never_a_panic(
        which in proptest::prelude::any::<proptest::sample::Index>(),
        changes in proptest::collection::vec((proptest::prelude::any::<proptest::sample::Index>(), 0u8..=255), 1..4),
    ) {
        static FRAMES: std::sync::OnceLock<Vec<Vec<u8>>> = std::sync::OnceLock::new();
        let frames = FRAMES.get_or_init(|| vectors("v2").iter().map(|(_, vector)| bytes_of(&vector["frame"])).collect());
        let mut bytes = which.get(frames).clone();
        for (position, byte) in changes {
            let position = position.index(bytes.len());
            bytes[position] = byte;
        }
        for frame in frames_of(&bytes, 0, true).0 {
            let _ = v1::decode(&frame.head, "/acme");
            let decoded = Incoming::decode(frame.clone());
            proptest::prop_assert_eq!(sorted(&decoded), sorted(&Incoming::decode_any(frame)));
            if let Ok(Incoming::Data(data)) = decoded {
                proptest::prop_assert!(data.stream > 0 && data.credit != Some(0));
                proptest::prop_assert!(data.is_of_host() || (data.bytes.is_empty() && !data.end));
            }
        }
    }

    // [PRO-8] [LANG-1]
    #[test]
    fn requests_mean_the_same_the_fast_way_and_the_slow_way(
        changes in proptest::collection::vec(
            (
                proptest::sample::select(vec![
                    "/type", "/request_id", "/payload", "/timestamp", "/more", "/payload/method", "/payload/path",
                    "/payload/base", "/payload/headers", "/payload/headers/a", "/payload/headers/A", "/payload/user",
                    "/payload/user/id", "/payload/remote", "/payload/stream", "/payload/body", "/payload/more",
                ]),
                proptest::sample::select(vec![
                    "null", "1", "2", "1.0", "-1", "1e400", "9007199254740993", "\"\"", "\"x\"", "\"\\ud800\"",
                    "\"\\u0041\\n\"", "true", "[]", "[\"a\",\"b\"]", "[1]", "[\"i\",\"n\",\"r\"]", "{}", "{\"a\":\"b\",\"a\":\"c\"}",
                    "{\"id\":\"1\",\"name\":\"2\",\"role\":\"3\"}",
                ]),
            ),
            0..4,
        ),
        tail in proptest::option::of(0usize..3),
    ) {
        // By text and not by value, so that keys can be there twice.
        let mut fields = [String::new(), String::new(), String::new(), String::new()];
        for (path, value) in changes {
            let (place, name) = path.rsplit_once('/').unwrap();
            let place = ["", "/payload", "/payload/headers", "/payload/user"].iter().position(|each| *each == place);
            fields[place.unwrap()].push_str(&format!(",\"{name}\":{value}"));
        }
        let [envelope, payload, headers, user] = fields;
        let head = format!(
            "{{\"type\":\"http\",\"request_id\":\"1\",\"payload\":{{\"method\":\"GET\",\"path\":\"/a\",\
             \"headers\":{{\"host\":\"h\"{headers}}},\"user\":{{\"id\":\"i\",\"name\":\"n\",\"role\":\"r\"{user}}}\
             {payload}}}{envelope}}}"
        );
        let frame = Frame { head: head.into(), tail: tail.map(|length| vec![b'x'; length].into()) };
        proptest::prop_assert_eq!(sorted(&Incoming::decode(frame.clone())), sorted(&Incoming::decode_any(frame)));
    }
}

/// All of a message as a text, whose headers are in the order of their names: the slow way has no other.
fn sorted(message: &Result<Incoming, super::Violation>) -> String {
    match message {
        Ok(Incoming::Http { id, request, body }) => {
            let crate::HttpRequest { method, path, base, headers, user, remote, is_upgrade, .. } = &**request;
            // An invalid name cannot be sent, but is the same either way.
            let mut headers: Vec<_> = headers.iter().collect();
            headers.sort_unstable_by_key(|(name, _)| *name);
            format!("{id} {method} {path} {base} {headers:?} {user:?} {remote} {is_upgrade} {body:?}")
        }
        other => format!("{other:?}"),
    }
}
