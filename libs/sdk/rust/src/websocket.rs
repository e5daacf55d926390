//! WebSockets, with the crate's feature `websocket`.
//!
//! ```
//! use toru_plugin_api::{HttpRequest, HttpResponse, websocket};
//!
//! fn echo(request: &HttpRequest) -> HttpResponse {
//!     websocket::accept(request, |mut socket| async move {
//!         while let Some(message) = socket.receive().await? {
//!             socket.send(message).await?;
//!         }
//!         Ok(())
//!     })
//! }
//! ```

use std::{fmt, future::Future, time::Duration};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::{
    sync::{oneshot, watch},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self,
        error::CapacityError,
        handshake::derive_accept_key,
        protocol::{CloseFrame, Role, WebSocketConfig},
    },
};

use crate::{HttpRequest, HttpResponse, PluginError, Upgraded};

/// Bytes of a message at most, unless the options say otherwise: 1 MiB.
const MAX_MESSAGE: usize = 1024 * 1024;
const READ_BUFFER: usize = 8 * 1024;
/// The client answers a close within this time, or is let go without.
const CLOSE_DEADLINE: Duration = Duration::from_secs(5);
/// Bytes of the reason of a close at most: it is a control frame.
const MAX_REASON: usize = 123;

/// A message, in one piece however it came. Pings are answered and pongs taken by the crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Text.
    Text(String),
    /// Bytes.
    Binary(Bytes),
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Bytes> for Message {
    fn from(bytes: Bytes) -> Self {
        Self::Binary(bytes)
    }
}

impl From<Vec<u8>> for Message {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Binary(bytes.into())
    }
}

/// Why nothing can be received or sent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum WebSocketError {
    /// The connection is closed, or the client has left.
    Closed,
    /// A message is larger than the limit. The client was told with the code 1009.
    TooLarge,
    /// The client broke the protocol: what it did. It was told with the code 1002, or 1007 for text that is not UTF-8.
    Protocol(String),
}

impl fmt::Display for WebSocketError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => formatter.write_str("the WebSocket is closed"),
            Self::TooLarge => formatter.write_str("a message of the WebSocket is larger than allowed"),
            Self::Protocol(what) => write!(formatter, "the client broke the WebSocket protocol: {what}"),
        }
    }
}

impl std::error::Error for WebSocketError {}

impl From<tungstenite::Error> for WebSocketError {
    fn from(error: tungstenite::Error) -> Self {
        match error {
            tungstenite::Error::Capacity(CapacityError::MessageTooLong { .. }) => Self::TooLarge,
            tungstenite::Error::ConnectionClosed | tungstenite::Error::AlreadyClosed | tungstenite::Error::Io(_) => {
                Self::Closed
            }
            // As after a cut cable: no close came before the end.
            tungstenite::Error::Protocol(
                tungstenite::error::ProtocolError::ResetWithoutClosingHandshake
                | tungstenite::error::ProtocolError::SendAfterClosing
                | tungstenite::error::ProtocolError::ReceivedAfterClosing,
            ) => Self::Closed,
            other => Self::Protocol(other.to_string()),
        }
    }
}

/// How WebSockets are accepted.
#[derive(Debug, Clone)]
pub struct Options {
    max_message: usize,
    protocols: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self { max_message: MAX_MESSAGE, protocols: Vec::new() }
    }
}

impl Options {
    /// 1 MiB for a message, no subprotocols.
    pub fn new() -> Self {
        Self::default()
    }

    /// Bytes of a message at most, whole. A larger one closes the connection.
    pub fn max_message(mut self, bytes: usize) -> Self {
        self.max_message = bytes;
        self
    }

    /// A subprotocol that the plugin speaks; the first one that the client offers too is agreed on.
    pub fn protocol(mut self, name: impl Into<String>) -> Self {
        self.protocols.push(name.into());
        self
    }
}

/// The answer that opens a WebSocket, which `serve` has from then on; or 426 or 400 for a request that wants none. The
/// socket is closed when `serve` is done with it: with the code 1000, or 1011 after an error.
pub fn accept<F, W>(request: &HttpRequest, serve: F) -> HttpResponse
where
    F: FnOnce(WebSocket) -> W + Send + Sync + 'static,
    W: Future<Output = Result<(), PluginError>> + Send + 'static,
{
    accept_with(request, Options::default(), serve)
}

/// As [`accept`], with options.
pub fn accept_with<F, W>(request: &HttpRequest, options: Options, serve: F) -> HttpResponse
where
    F: FnOnce(WebSocket) -> W + Send + Sync + 'static,
    W: Future<Output = Result<(), PluginError>> + Send + 'static,
{
    let key = match key_of(request) {
        Ok(key) => key,
        Err(refusal) => return refusal,
    };
    let protocol = agreed(request, &options.protocols);
    let chosen = protocol.clone();
    let response = HttpResponse::upgrade("websocket", move |connection| async move {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(0)
            .max_message_size(Some(options.max_message))
            .max_frame_size(Some(options.max_message));
        let stopping = connection.stopping();
        let stream = WebSocketStream::from_raw_socket(connection, Role::Server, Some(config)).await;
        let (back, mut given_back) = oneshot::channel();
        let result =
            serve(WebSocket { stream: Some(stream), back: Some(back), protocol, stopping: Some(stopping) }).await;
        // Not given back: closed already, or kept by a task of the author's.
        if let Ok(mut stream) = given_back.try_recv() {
            close(&mut stream, if result.is_ok() { 1000 } else { 1011 }, "").await;
        }
        result
    });
    let response = response.header("sec-websocket-accept", derive_accept_key(key.as_bytes()));
    match chosen {
        Some(protocol) => response.header("sec-websocket-protocol", protocol),
        None => response,
    }
}

/// The client's key, or the answer that says what is wrong.
fn key_of(request: &HttpRequest) -> Result<&str, HttpResponse> {
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

fn agreed(request: &HttpRequest, protocols: &[String]) -> Option<String> {
    let offered: Vec<&str> =
        request.headers.get_all("sec-websocket-protocol").flat_map(|list| list.split(',')).map(str::trim).collect();
    protocols.iter().find(|protocol| offered.contains(&protocol.as_str())).cloned()
}

/// Sends a close, and waits for the client's for a while.
async fn close(stream: &mut WebSocketStream<Upgraded>, code: u16, reason: &str) {
    let mut end = reason.len().min(MAX_REASON);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    let frame = CloseFrame { code: code.into(), reason: reason[..end].into() };
    let exchange = async {
        if stream.close(Some(frame)).await.is_ok() {
            while let Some(Ok(_)) = stream.next().await {}
        }
    };
    let _ = timeout(CLOSE_DEADLINE, exchange).await;
}

/// Resolves once.
async fn told_to_stop(stopping: &mut Option<watch::Receiver<bool>>) {
    let Some(watched) = stopping else { return std::future::pending().await };
    if watched.wait_for(|stopping| *stopping).await.is_err() {
        // The session is over, and so are its streams.
        std::future::pending::<()>().await;
    }
    *stopping = None;
}

/// An open WebSocket.
///
/// `receive` may stand in a `tokio::select!`: nothing is lost when it is dropped. A message that `send` has begun goes
/// out also when `send` is dropped.
pub struct WebSocket {
    stream: Option<WebSocketStream<Upgraded>>,
    /// Where the stream goes when this is dropped: to be closed.
    back: Option<oneshot::Sender<WebSocketStream<Upgraded>>>,
    protocol: Option<String>,
    /// Whether the plugin is to end; `None` once the client was told.
    stopping: Option<watch::Receiver<bool>>,
}

impl WebSocket {
    /// The subprotocol that was agreed on.
    pub fn protocol(&self) -> Option<&str> {
        self.protocol.as_deref()
    }

    /// The next message; `None` once the client has closed or left. When the host asks the plugin to stop, this closes
    /// with the code 1001, and what the client has sent before its own close still comes.
    pub async fn receive(&mut self) -> Result<Option<Message>, WebSocketError> {
        let Some(stream) = &mut self.stream else { return Ok(None) };
        loop {
            let received = tokio::select! {
                biased;
                () = told_to_stop(&mut self.stopping) => {
                    let going_away = CloseFrame { code: 1001.into(), reason: "".into() };
                    // Where that fails, reading fails too.
                    let _ = stream.close(Some(going_away)).await;
                    continue;
                }
                received = stream.next() => received,
            };
            match received {
                Some(Ok(tungstenite::Message::Text(text))) => return Ok(Some(Message::Text(text.as_str().into()))),
                Some(Ok(tungstenite::Message::Binary(bytes))) => return Ok(Some(Message::Binary(bytes))),
                Some(Ok(_)) => {}
                None => return Ok(None),
                Some(Err(error)) => {
                    let not_text = matches!(error, tungstenite::Error::Utf8(_));
                    let error = WebSocketError::from(error);
                    let code = match &error {
                        WebSocketError::Closed => return Ok(None),
                        WebSocketError::TooLarge => 1009,
                        WebSocketError::Protocol(_) if not_text => 1007,
                        WebSocketError::Protocol(_) => 1002,
                    };
                    if let Some(mut stream) = self.stream.take() {
                        close(&mut stream, code, "").await;
                    }
                    return Err(error);
                }
            }
        }
    }

    /// Sends a message, and waits while the client is not ready for more.
    pub async fn send(&mut self, message: impl Into<Message>) -> Result<(), WebSocketError> {
        let message = match message.into() {
            Message::Text(text) => tungstenite::Message::Text(text.into()),
            Message::Binary(bytes) => tungstenite::Message::Binary(bytes),
        };
        self.write(message).await
    }

    /// Sends a ping with up to 125 bytes; the pong keeps idle connections open on the way. It is not reported.
    pub async fn ping(&mut self, data: impl Into<Bytes>) -> Result<(), WebSocketError> {
        let data = data.into();
        if data.len() > 125 {
            return Err(WebSocketError::TooLarge);
        }
        self.write(tungstenite::Message::Ping(data)).await
    }

    async fn write(&mut self, message: tungstenite::Message) -> Result<(), WebSocketError> {
        let stream = self.stream.as_mut().ok_or(WebSocketError::Closed)?;
        stream.send(message).await.map_err(|error| match error {
            // Whatever was wrong with the connection, it was not this message.
            tungstenite::Error::Capacity(_) => WebSocketError::TooLarge,
            _ => WebSocketError::Closed,
        })
    }

    /// Closes with a code (1000, or one of your own from 4000 to 4999) and a reason of up to 123 bytes, and waits up to
    /// 5 s for the client's close.
    pub async fn close(mut self, code: u16, reason: &str) {
        if let Some(mut stream) = self.stream.take() {
            close(&mut stream, code, reason).await;
        }
    }
}

impl Drop for WebSocket {
    fn drop(&mut self) {
        if let (Some(stream), Some(back)) = (self.stream.take(), self.back.take()) {
            let _ = back.send(stream);
        }
    }
}

impl fmt::Debug for WebSocket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("WebSocket").field("protocol", &self.protocol).finish_non_exhaustive()
    }
}
