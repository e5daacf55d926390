//! Requests and their answers.

use serde_json::{Value, json};

use crate::support::{Plugin, data, get, init, request, streamed};

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
