//! WebSockets on connections that switched their protocol: written with the frames of RFC 6455 by hand.

use crate::support::switched::{bytes_on, next_on, open, send_on, upgrade};
use crate::support::{Host, Plugin, data, shutdown};
use serde_json::{Value, json};

/// A frame of a client: masked.
fn client(first: u8, payload: &[u8]) -> Vec<u8> {
    const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
    let mut frame = vec![first];
    match payload.len() {
        length @ ..126 => frame.push(0x80 | length as u8),
        length @ ..65_536 => {
            frame.push(0x80 | 126);
            frame.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            frame.push(0x80 | 127);
            frame.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    frame.extend_from_slice(&MASK);
    frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

/// A short frame of a server.
fn server(first: u8, payload: &[u8]) -> Vec<u8> {
    [&[first, payload.len() as u8], payload].concat()
}

fn close_of(code: u16, reason: &str) -> Vec<u8> {
    [&code.to_be_bytes(), reason.as_bytes()].concat()
}

// [LANG-1] [RTE-6]
#[tokio::test]
async fn a_websocket_opens_with_the_key_of_the_specification_and_echoes() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    let mut request = upgrade("1", "/ws", 1);
    request["payload"]["headers"]["sec-websocket-protocol"] = "chat.0, chat.1".into();
    host.send(request).await;
    let (answer, _) = host.answer_to("1").await;
    let stream = answer["payload"]["stream"].as_u64().unwrap();
    let expected = json!({
        "connection": "Upgrade", "upgrade": "websocket",
        "sec-websocket-accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "sec-websocket-protocol": "chat.1",
    });
    assert_eq!(answer["payload"]["headers"], expected);

    send_on(&mut host, &client(0x81, b"which")).await;
    assert_eq!(bytes_on(&mut host, stream, 8).await, server(0x81, b"chat.1"));
    send_on(&mut host, &client(0x82, &[0, 255, 128])).await;
    assert_eq!(bytes_on(&mut host, stream, 5).await, server(0x82, &[0, 255, 128]));
    send_on(&mut host, &client(0x81, b"")).await;
    assert_eq!(bytes_on(&mut host, stream, 2).await, server(0x81, b""));

    // In fragments, with a ping between them, byte by byte.
    let pieces = [client(0x01, "př".as_bytes()), client(0x89, b"now"), client(0x80, "íliš".as_bytes())].concat();
    for byte in pieces {
        send_on(&mut host, &[byte]).await;
    }
    let text = "příliš".as_bytes();
    let expected = [server(0x8a, b"now"), server(0x81, text)].concat();
    assert_eq!(bytes_on(&mut host, stream, expected.len()).await, expected);

    let large = vec![b'a'; 100_000];
    send_on(&mut host, &client(0x82, &large)[..65_536]).await;
    send_on(&mut host, &client(0x82, &large)[65_536..]).await;
    let back = bytes_on(&mut host, stream, 10 + large.len()).await;
    assert!(back[..10] == [0x82, 127, 0, 0, 0, 0, 0, 1, 0x86, 0xa0] && back[10..] == large);

    send_on(&mut host, &client(0x81, b"ping me")).await;
    assert_eq!(bytes_on(&mut host, stream, 15).await, server(0x89, b"are you there"));
    send_on(&mut host, &client(0x8a, b"are you there")).await;
}

// [LANG-1] [RTE-6]
#[tokio::test]
async fn a_websocket_is_closed_by_either_side_with_a_code() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    for (number, sent, expected) in [
        (1, client(0x88, &close_of(1000, "done")), close_of(1000, "done")),
        (2, client(0x81, b"stop"), close_of(1000, "")),
        (3, client(0x81, b"fail"), close_of(1011, "")),
        (4, client(0x81, b"close"), close_of(4000, "as you wish")),
    ] {
        let (id, stream) = (number.to_string(), 2 * number - 1);
        host.send(upgrade(&id, "/ws", stream)).await;
        let answer = host.answer_to(&id).await.0["payload"]["stream"].as_u64().unwrap();
        host.send_tail(data(stream, json!({})), &sent).await;
        let expected = server(0x88, &expected);
        assert_eq!(bytes_on(&mut host, answer, expected.len()).await, expected, "{id}");
        if number != 1 {
            host.send_tail(data(stream, json!({})), &client(0x88, &expected[2..])).await;
        }
        let (last, _) = next_on(&mut host, answer).await;
        // Also after an error: broken off, the client might never see the close.
        assert_eq!(last["end"], true, "{id}: {last}");
    }
    host.log("the WebSocket is over").await;
}

/// What the plugin says on the streams, in its order, until one of them is over: its bytes, and the last message.
async fn all_said(host: &mut Host) -> (Vec<u8>, Value) {
    let mut bytes = Vec::new();
    loop {
        let (message, tail) = host.until(|each| each["type"] == "data").await;
        bytes.extend_from_slice(&tail);
        if message["payload"]["end"] == true || message["payload"]["error"].is_object() {
            return (bytes, message["payload"].clone());
        }
    }
}

// [LANG-1] [RTE-6]
#[tokio::test]
async fn the_answer_to_a_clients_close_and_all_before_it_come_before_the_end_of_anything() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    let close = |code| client(0x88, &close_of(code, ""));
    let closed = |code| server(0x88, &close_of(code, ""));
    let over = [&[0x82u8, 0xff][..], &100_001u64.to_be_bytes(), &[0; 4]].concat();
    for (number, (name, sent, expected)) in [
        ("a close alone", close(1000), closed(1000)),
        ("a close of the client's own", close(4321), closed(4321)),
        (
            "behind two messages",
            [client(0x81, b"a"), client(0x81, b"b"), close(1000)].concat(),
            [server(0x81, b"a"), server(0x81, b"b"), closed(1000)].concat(),
        ),
        (
            "nonsense behind a message",
            [client(0x81, b"a"), client(0x83, b"x")].concat(),
            [server(0x81, b"a"), closed(1002)].concat(),
        ),
        ("text that is not UTF-8", client(0x81, &[0xff]), closed(1007)),
        ("too much", over, closed(1009)),
    ]
    .into_iter()
    .enumerate()
    {
        let stream = 2 * number as u64 + 1;
        host.send(upgrade(name, "/ws", stream)).await;
        let answer = host.answer_to(name).await.0["payload"]["stream"].clone();
        host.send_tail(data(stream, json!({})), &sent).await;
        let (bytes, last) = all_said(&mut host).await;
        assert_eq!(bytes, expected, "{name}");
        // An error on either stream would end the client's connection, with all that is on its way to it.
        assert_eq!(last, json!({ "stream": answer, "end": true }), "{name}");
        host.send(data(stream, json!({"end": true}))).await;
    }
}

// [LANG-1] [RTE-6]
#[tokio::test]
async fn a_client_that_does_not_hang_up_after_the_goodbye_is_let_go_of() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    let stream = open(&mut host, "/ws").await;
    send_on(&mut host, &client(0x88, &close_of(1000, ""))).await;
    assert_eq!(all_said(&mut host).await.1, json!({ "stream": stream, "end": true }));
    let (_, last) = all_said(&mut host).await;
    assert!(last["stream"] == 1 && last["error"]["code"] == "unwanted", "{last}");
}

// [LANG-1] [RTE-6]
#[tokio::test]
async fn a_websocket_whose_client_is_gone_without_a_close_is_over() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    let stream = open(&mut host, "/ws").await;
    host.send(data(1, json!({"end": true}))).await;
    host.log("the WebSocket is over").await;
    // Nobody is there who could answer a close: it goes out, and the stream ends.
    while next_on(&mut host, stream).await.0["end"] != true {}
}

// [LANG-1] [PRO-5] [SUP-7]
#[tokio::test]
async fn a_shutdown_closes_websockets_as_going_away() {
    let mut plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    let stream = open(&mut host, "/ws").await;
    host.send(shutdown(60_000)).await;
    assert_eq!(bytes_on(&mut host, stream, 4).await, server(0x88, &close_of(1001, "")));
    send_on(&mut host, &client(0x88, &close_of(1001, ""))).await;
    assert_eq!(next_on(&mut host, stream).await.0["end"], true);
    assert_eq!(plugin.exit().await.0, 0);
}

// [LANG-1] [PRO-8]
#[tokio::test]
async fn frames_that_break_the_websocket_protocol_close_with_the_code_for_it() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    let unmasked = server(0x81, b"no mask");
    let huge = [&[0x82u8, 0xff][..], &u64::MAX.to_be_bytes(), &[0; 4]].concat();
    let over = [&[0x82u8, 0xff][..], &100_001u64.to_be_bytes(), &[0; 4]].concat();
    for (number, (name, bytes, codes)) in [
        ("no mask", unmasked, vec![1002]),
        ("reserved bits", client(0xf1, b"x"), vec![1002]),
        ("an unknown opcode", client(0x83, b"x"), vec![1002]),
        ("a ping in fragments", client(0x09, b"x"), vec![1002]),
        ("a ping that is too long", client(0x89, &[0; 126]), vec![1002]),
        ("a continuation of nothing", client(0x80, b"x"), vec![1002]),
        ("a text inside of a text", [client(0x01, b"x"), client(0x81, b"y")].concat(), vec![1002]),
        ("text that is not UTF-8", client(0x81, &[0xff]), vec![1007]),
        ("a message over the limit", over, vec![1009]),
        ("a length of all ones", huge, vec![1002, 1009]),
        ("fragments over the limit", [client(0x02, &[0; 60_000]), client(0x80, &[0; 60_000])].concat(), vec![1009]),
    ]
    .into_iter()
    .enumerate()
    {
        let (id, stream) = (name.to_owned(), 2 * number as u64 + 1);
        host.send(upgrade(&id, "/ws", stream)).await;
        let answer = host.answer_to(&id).await.0["payload"]["stream"].as_u64().unwrap();
        for piece in bytes.chunks(65_536) {
            host.send_tail(data(stream, json!({})), piece).await;
        }
        let close = bytes_on(&mut host, answer, 4).await;
        let code = u16::from_be_bytes([close[2], close[3]]);
        assert!(close[..2] == [0x88, 2] && codes.contains(&code), "{name}: {close:?}");
        host.log("a WebSocket was closed after an error").await;
    }
    host.ping("others live").await;
}

// [LANG-1] [PRO-4]
#[tokio::test]
async fn a_websocket_with_a_wrong_handshake_is_refused() {
    let plugin = Plugin::start(&[]);
    let mut host = plugin.ready().await;
    for (number, (header, value, status)) in [
        ("sec-websocket-version", json!("8"), 426),
        ("sec-websocket-version", Value::Null, 426),
        ("sec-websocket-key", json!("dGhlIHNhbXBsZSBub25jZQ"), 400),
        ("sec-websocket-key", json!("dGhlIHNhbXBsZSBub25jZQ==dGhl"), 400),
        ("sec-websocket-key", Value::Null, 400),
        ("upgrade", json!("h2c"), 426),
    ]
    .into_iter()
    .enumerate()
    {
        let id = number.to_string();
        let mut request = upgrade(&id, "/ws", 2 * number as u64 + 1);
        let headers = request["payload"]["headers"].as_object_mut().unwrap();
        headers.remove(header);
        if !value.is_null() {
            headers.insert(header.into(), value);
        }
        host.send(request).await;
        let (answer, _) = host.answer_to(&id).await;
        assert_eq!(answer["payload"]["status"], status, "{header}");
        if header == "sec-websocket-version" {
            assert_eq!(answer["payload"]["headers"]["sec-websocket-version"], "13");
        }
    }
}
