//! The handshake of RFC 6455, as far as the host has not done it.

use base64::{Engine, engine::general_purpose::STANDARD};
use sha1::{Digest, Sha1};

use crate::{HttpRequest, HttpResponse};

/// Of RFC 6455 §1.3.
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The value of `sec-websocket-accept`.
pub(super) fn accept_key(key: &str) -> String {
    STANDARD.encode(Sha1::new().chain_update(key).chain_update(GUID).finalize())
}

/// The client's key, or the answer that says what is wrong.
pub(super) fn key_of(request: &HttpRequest) -> Result<&str, HttpResponse> {
    let is_websocket =
        request.headers.get("upgrade").is_some_and(|protocol| protocol.trim().eq_ignore_ascii_case("websocket"));
    if !request.is_upgrade() || !is_websocket || request.method != "GET" {
        let answer = HttpResponse::text("This path takes WebSockets only, on a host that forwards them").status(426);
        return Err(answer.header("connection", "Upgrade").header("upgrade", "websocket"));
    }
    if request.headers.get("sec-websocket-version").map(str::trim) != Some("13") {
        let answer = HttpResponse::text("Version 13 of the WebSocket protocol is needed").status(426);
        return Err(answer.header("sec-websocket-version", "13"));
    }
    // 16 bytes in base64.
    let is_key = |key: &&str| {
        let digit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
        key.strip_suffix("==").is_some_and(|digits| digits.len() == 22 && digits.bytes().all(digit))
    };
    let key = request.headers.get("sec-websocket-key").map(str::trim).filter(is_key);
    key.ok_or_else(|| HttpResponse::text("sec-websocket-key is missing or wrong").status(400))
}

/// The first of the subprotocols that the client offers too.
pub(super) fn agreed(request: &HttpRequest, protocols: &[String]) -> Option<String> {
    let offered: Vec<&str> =
        request.headers.get_all("sec-websocket-protocol").flat_map(|list| list.split(',')).map(str::trim).collect();
    protocols.iter().find(|protocol| offered.contains(&protocol.as_str())).cloned()
}
