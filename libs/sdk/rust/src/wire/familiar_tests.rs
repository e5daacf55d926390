use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{FamiliarHeads, Incoming, Known, MAX_KNOWN, fast_http};
use crate::wire::frame::Frame;

fn frame(head: impl AsRef<[u8]>) -> Frame {
    Frame { head: Bytes::copy_from_slice(head.as_ref()), tail: Some(Bytes::from_static(b"body")) }
}

/// All that a message says, to be compared.
fn said(frame: Frame, decode: impl FnOnce(Frame) -> Result<Incoming, crate::wire::Violation>) -> String {
    match decode(frame) {
        // The strict way sorts the headers by their names.
        Ok(Incoming::Http { id, request, body }) => {
            let mut headers: Vec<_> = request.headers.iter().collect();
            headers.sort_by_key(|(name, _)| *name);
            let (method, path, base) = (&request.method, &request.path, &request.base);
            format!("{id} {method} {path} {base} {headers:?} {:?} {:?} {body:?}", request.user, request.remote)
        }
        other => format!("{other:?}"),
    }
}

fn head(id: &str, path: &str, header_id: &str) -> String {
    format!(
        r#"{{"type":"http","request_id":"{id}","payload":{{"method":"POST","path":"{path}","base":"/b/","headers":{{"accept":"*/*","x-request-id":"{header_id}","x-list":["ä","b"]}},"user":{{"id":"1","name":"ü","role":"admin"}},"remote":"::1"}}}}"#
    )
}

fn is_found(heads: &FamiliarHeads, head: &str) -> bool {
    heads.find(head.as_bytes()).is_some()
}

// [PRO-8]
#[test]
fn a_head_like_one_before_is_found_and_any_other_is_not() {
    let mut heads = FamiliarHeads::new();
    assert!(!is_found(&heads, &head("1", "/a", "x")));
    heads.decode(frame(head("1", "/a", "x"))).unwrap();
    for (id, path, header_id) in [("1", "/a", "x"), ("2", "/b?c=d", "another one"), ("3", "", "")] {
        let head = head(id, path, header_id);
        assert!(is_found(&heads, &head), "{head}");
        assert_eq!(said(frame(&head), |frame| heads.decode(frame)), said(frame(&head), Incoming::decode_any));
    }
    for head in [
        head("", "/a", "x"),
        head(&"i".repeat(129), "/a", "x"),
        head("1", "/\\u0061", "x"),
        head("1", "/ä", "x"),
        head("1", "/a", "x\\n"),
        head("1", "/a", "x").replace("POST", "PUT"),
        head("1", "/a", "x").replace("admin", "viewer"),
        head("1", "/a", "x") + " ",
        head("1", "/a", "x").replace("::1\"", "::1\",\"stream\":1"),
        head("1", "/a\",\"base\":\"", "x"),
        head("1", "/a", "x\",\"accept\":\"y"),
    ] {
        assert!(!is_found(&heads, &head), "{head}");
        assert_eq!(said(frame(&head), |frame| heads.decode(frame)), said(frame(&head), Incoming::decode_any));
    }
}

// [PRO-8]
#[test]
fn nothing_is_remembered_where_a_field_could_stand_twice_or_the_body_in_the_head() {
    let request = r#"{"type":"http","request_id":"1","payload":{"method":"GET","path":"/","headers":HEADERS}}"#;
    for (headers, is_known) in [
        (r#"{"a":"b"}"#, true),
        (r#"{"x-request-id":"1"}"#, true),
        (r#"{"x-request-id":["1"]}"#, true),
        (r#"{"X-Request-Id":"1"}"#, true),
        (r#"{"a\"x-request-id":"1"}"#, false),
        (r#"{"x-request\u002did":"1"}"#, false),
        (r#"{"x-request-id":"ä"}"#, false),
        (r#"{"stream":"1"}"#, false),
        (r#"{},"body":"text""#, false),
        (r#"{},"stream":1"#, false),
    ] {
        let head = request.replace("HEADERS", headers);
        let (_, mut decoded, _) = fast_http::decode(head.as_bytes(), &Bytes::new()).unwrap();
        assert_eq!(Known::of(head.as_bytes(), &mut decoded).is_some(), is_known, "{head}");
    }
}

// [PRO-8]
#[test]
fn few_heads_are_remembered_however_many_come() {
    let mut heads = FamiliarHeads::new();
    for number in 0..10_000 {
        let head = head("1", "/a", "x").replace("admin", &format!("role-{number}"));
        heads.decode(frame(head)).unwrap();
    }
    assert_eq!(heads.known.len(), MAX_KNOWN);
    let long = head("1", "/a", "x").replace("admin", &"a".repeat(100_000));
    for _ in 0..100 {
        heads.decode(frame(&long)).unwrap();
    }
    assert!(!is_found(&heads, &long));
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[a-c]{0,3}", 1 => r#"[ -~]{0,6}"#, 1 => "\\PC{0,4}"]
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![3 => "[a-c]", 1 => Just("x-request-id".to_owned()), 1 => Just("X-Request-Id".to_owned()), 1 => text()]
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => text().prop_map(Value::from),
        1 => prop::collection::vec(text(), 0..3).prop_map(Value::from),
        1 => Just(Value::Null),
    ]
}

/// Requests as hosts write them, with what they may leave out, and some of what they may not write.
fn request() -> impl Strategy<Value = Vec<u8>> {
    let headers = prop::collection::vec((name(), value()), 0..4);
    let more = prop_oneof![
        6 => Just(String::new()),
        1 => Just(r#","user":{"id":"1","name":"n","role":"r"}"#.to_owned()),
        1 => Just(r#","stream":3"#.to_owned()),
        1 => Just(r#","body":"b""#.to_owned()),
        1 => Just(r#","path":"/twice""#.to_owned()),
        1 => Just(r#","x-request-id":"outside""#.to_owned()),
    ];
    (text(), text(), headers, more).prop_map(|(id, path, headers, more)| {
        let fields: Vec<_> = headers.iter().map(|(name, value)| format!("{}:{value}", json!(name))).collect();
        let (id, path, fields) = (json!(id), json!(path), fields.join(","));
        let payload = format!(r#"{{"method":"GET","path":{path},"headers":{{{fields}}}{more}}}"#);
        format!(r#"{{"type":"http","request_id":{id},"payload":{payload}}}"#).into_bytes()
    })
}

/// Another text at one place, so that it is almost a head from before.
fn changed() -> impl Strategy<Value = (prop::sample::Index, usize, Vec<u8>)> {
    let bytes = prop_oneof![
        2 => "[a-c]{0,2}".prop_map(String::into_bytes),
        1 => prop::sample::select(vec!["\"", "\\", ",", "}", "\",\"", "\u{e4}", "\u{7f}", "\n", "\\u0061"])
            .prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 1..3),
    ];
    (any::<prop::sample::Index>(), 0usize..3, bytes)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    // [PRO-8]
    #[test]
    fn what_was_seen_before_changes_no_verdict(
        requests in prop::collection::vec(request(), 1..4),
        changes in prop::collection::vec((any::<prop::sample::Index>(), changed()), 0..12),
    ) {
        let mut heads = FamiliarHeads::new();
        let mut all = requests.clone();
        for (which, (at, removed, put)) in changes {
            let mut bytes = which.get(&requests).clone();
            let at = at.index(bytes.len());
            let end = (at + removed).min(bytes.len());
            bytes.splice(at..end, put);
            all.push(bytes);
        }
        all.extend(requests);
        for bytes in all {
            let strict = said(frame(&bytes), Incoming::decode_any);
            prop_assert_eq!(said(frame(&bytes), |frame| heads.decode(frame)), strict, "{}", String::from_utf8_lossy(&bytes));
        }
    }

    // [PRO-8]
    #[test]
    fn whatever_id_path_and_request_id_are_they_come_as_they_are(
        all in prop::collection::vec(("[ -~]{1,9}", "[ -~]{0,30}", "[ -~]{0,12}"), 1..8),
    ) {
        let mut heads = FamiliarHeads::new();
        heads.decode(frame(head("1", "/", "first"))).unwrap();
        for (id, path, header_id) in all {
            let escaped = |text: &str| json!(text).to_string().trim_matches('"').to_owned();
            let plain = [&id, &path, &header_id].into_iter().all(|text| !text.contains(['"', '\\']));
            let head = if plain { head(&id, &path, &header_id) } else { head(&escaped(&id), &path.replace(['"', '\\'], ""), "x") };
            prop_assert_eq!(is_found(&heads, &head), plain || !id.contains(['"', '\\']));
            prop_assert_eq!(said(frame(&head), |frame| heads.decode(frame)), said(frame(&head), Incoming::decode_any));
        }
    }
}
