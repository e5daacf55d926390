//! What a hostile host may try: faults 7 to 9.

use std::{fs, path::PathBuf};

use crate::support::{Plugin, data, frame, get, init, request, streamed};
use serde_json::{Value, json};

fn bytes_of(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex.chars().map(|digit| digit.to_digit(16).unwrap()).collect();
    digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect()
}

fn refused() -> Vec<(String, Value)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../contracts/vectors/v2/refused");
    let files = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path());
    let vectors: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, serde_json::from_slice::<Value>(&fs::read(&path).unwrap()).unwrap())
        })
        .filter(|(_, vector)| vector["direction"] != "plugin-to-host")
        .collect();
    assert!(vectors.len() >= 30);
    vectors
}

// [LANG-1] [PRO-8]
#[tokio::test]
async fn each_refused_vector_ends_the_connection_with_its_reason_in_the_log() {
    for (name, vector) in refused() {
        let mut plugin = Plugin::start(&[]);
        let mut host = plugin.connect().await;
        if vector["ready"] == true {
            host.send(init(json!({}))).await;
            host.receive().await;
        } else {
            host.send(init(json!({"start": "slow"}))).await;
        }
        host.send_bytes_to_a_dying(&bytes_of(vector["frames"].as_str().unwrap())).await;
        if vector["reason"] == "truncated" {
            drop(host);
        } else {
            while host.try_receive().await.is_some() {}
        }
        let (status, printed) = plugin.exit().await;
        assert_eq!(status, 1, "{name}");
        let reason = format!("protocol error: {}", vector["reason"].as_str().unwrap());
        assert!(printed.contains(&reason), "{name}: {printed}");
        assert_eq!(printed.matches("protocol error").count(), 1, "{name}: {printed}");
    }
}

/// What ends the connection beyond the vectors; each after `ready`, with the reason.
fn more() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let many = |messages: Vec<Vec<u8>>| messages.concat();
    let open = |count: u64| (0..count).map(|number| frame(&get(&format!("{number}"), "/never"), &[])).collect();
    vec![
        (
            "more than the window",
            many(vec![
                frame(&streamed("1", "/never", 1), &[]),
                frame(&data(1, json!({})), &vec![0; 262_144]),
                frame(&data(1, json!({})), &[0]),
            ]),
            "window_exceeded",
        ),
        (
            "single bytes over the window",
            many(vec![
                frame(&streamed("1", "/never", 1), &[]),
                frame(&data(1, json!({})), &vec![0; 262_100]),
                frame(&data(1, json!({})), &[0]).repeat(45),
            ]),
            "window_exceeded",
        ),
        ("more requests than allowed", many(open(1025)), "too_many_requests"),
        ("headers of a wrong type", frame(&with("headers", json!({"a": 1})), &[]), "invalid_http_request"),
        ("a user of a wrong type", frame(&with("user", json!("root")), &[]), "invalid_http_request"),
        ("a path of a wrong type", frame(&with("path", json!(["/"])), &[]), "invalid_http_request"),
        ("a huge stream", frame(&with("stream", json!(9_007_199_254_740_993u64)), &[]), "invalid_stream"),
        ("a fraction of a stream", frame(&with("stream", json!(1.5)), &[]), "invalid_stream"),
        ("a negative stream", frame(&with("stream", json!(-1)), &[]), "invalid_stream"),
    ]
}

fn with(field: &str, value: Value) -> Value {
    let mut message = request("1", "POST", "/never");
    message["payload"][field] = value;
    message
}

// [LANG-1] [PRO-8]
#[tokio::test]
async fn what_is_against_the_rules_ends_the_connection() {
    for (name, bytes, reason) in more() {
        let mut plugin = Plugin::start(&[]);
        let mut host = plugin.ready().await;
        host.send_bytes_to_a_dying(&bytes).await;
        while host.try_receive().await.is_some() {}
        let (status, printed) = plugin.exit().await;
        assert_eq!(status, 1, "{name}");
        assert!(printed.contains(&format!("protocol error: {reason}")), "{name}: {printed}");
    }
}

// [LANG-1] [PRO-8]
#[tokio::test]
async fn why_it_ends_are_the_last_words_of_a_plugin_whatever_ends_with_it() {
    let mut plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    for number in 0..50 {
        let id = number.to_string();
        host.send(streamed(&id, "/pipe", 2 * number + 1)).await;
        host.answer_to(&id).await;
    }
    host.send_bytes_to_a_dying(&frame(&json!({"type": "pong", "request_id": "none"}), &[])).await;
    while host.try_receive().await.is_some() {}
    let (status, printed) = plugin.exit().await;
    assert_eq!(status, 1);
    assert!(printed.contains("goodbye"), "{printed}");
    assert!(
        printed.lines().last().is_some_and(|line| line.contains("protocol error: unknown_request_id")),
        "{printed}"
    );
}

// [LANG-1] [PRO-8]
#[tokio::test]
async fn limits_that_cannot_be_worked_with_are_refused() {
    for limits in [
        json!({"max_frame": 10}),
        json!({"window": 0}),
        json!({"window": 9_007_199_254_740_991u64}),
        json!({"max_frame": "x"}),
    ] {
        let mut plugin = Plugin::start(&[]);
        let mut host = plugin.connect().await;
        let mut first = init(json!({}));
        first["payload"]["limits"] = limits;
        host.send_bytes_to_a_dying(&frame(&first, &[])).await;
        let (status, printed) = plugin.exit().await;
        assert_eq!(status, 1);
        assert!(printed.contains("invalid_lifecycle"), "{printed}");
    }
}

// [LANG-1] [PRO-8]
#[tokio::test]
async fn bytes_that_come_one_by_one_are_the_same_messages() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    for byte in frame(&request("1", "POST", "/echo"), b"slowly") {
        host.send_bytes(&[byte]).await;
    }
    assert_eq!(host.whole_answer_to("1").await, (200, b"slowly".into()));
}

// [LANG-1]
#[tokio::test]
async fn what_is_unknown_is_ignored() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    host.send(json!({"type": "greeting"})).await;
    host.send_tail(json!({"type": "greeting", "payload": {"a": 1}}), b"tail").await;
    host.send(json!({"type": "lifecycle", "action": "applaud", "timestamp": ""})).await;
    host.send(json!({"type": "ping", "request_id": "p", "more": {"__proto__": []}})).await;
    host.until(|each| each["type"] == "pong").await;
}

// [LANG-1]
#[tokio::test]
async fn the_largest_frame_is_taken() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    let head = request("1", "POST", "/count");
    let tail = vec![7; 16 * 1024 * 1024 - 4 - head.to_string().len()];
    host.send_tail(head, &tail).await;
    assert_eq!(host.whole_answer_to("1").await, (200, tail.len().to_string().into_bytes()));
}

// [LANG-1]
#[tokio::test]
async fn a_host_that_asks_and_does_not_read_costs_no_memory_without_bound() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    let before = plugin.resident_bytes();
    let pings: Vec<u8> =
        (0..1000).flat_map(|number| frame(&json!({"type": "ping", "request_id": format!("{number}")}), &[])).collect();
    // Until the plugin reads no more: 64 MiB of pings would be taken by one that queues what it answers.
    let mut sent = 0;
    for _ in 0..2000 {
        let write = host.send_bytes(&pings);
        if tokio::time::timeout(std::time::Duration::from_millis(500), write).await.is_err() {
            break;
        }
        sent += pings.len();
    }
    assert!(sent < 32 * 1024 * 1024, "{sent} bytes of pings were taken");
    assert!(plugin.resident_bytes() < before + 32 * 1024 * 1024);
}

// [LANG-1]
#[tokio::test]
async fn a_stream_of_single_bytes_that_nobody_reads_costs_about_its_window() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    host.send(streamed("1", "/never-read", 1)).await;
    host.answer_to("1").await;
    host.send(streamed("2", "/hold", 3)).await;
    let before = plugin.resident_bytes();
    // Piece by piece: each of them has the whole patience.
    let pieces = frame(&data(3, json!({})), &[1]).repeat(4096);
    for _ in 0..64 {
        host.send_bytes(&pieces).await;
    }
    host.ping("p").await;
    assert!(plugin.resident_bytes() < before + 16 * 1024 * 1024);
}
