use std::fmt;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::sync::{oneshot, watch};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{self, protocol::CloseFrame},
};

use super::{Message, WebSocketError, close::close};
use crate::Upgraded;

/// An open WebSocket.
///
/// `receive` may stand in a `tokio::select!`: nothing is lost when it is dropped. A message that `send` has begun goes
/// out also when `send` is dropped.
pub struct WebSocket {
    pub(super) stream: Option<WebSocketStream<Upgraded>>,
    /// Where the stream goes when this is dropped: to be closed.
    pub(super) back: Option<oneshot::Sender<WebSocketStream<Upgraded>>>,
    pub(super) protocol: Option<String>,
    /// Whether the plugin is to end; `None` once the client was told.
    pub(super) stopping: Option<watch::Receiver<bool>>,
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

/// Resolves once.
async fn told_to_stop(stopping: &mut Option<watch::Receiver<bool>>) {
    let Some(watched) = stopping else { return std::future::pending().await };
    if watched.wait_for(|stopping| *stopping).await.is_err() {
        // The session is over, and so are its streams.
        std::future::pending::<()>().await;
    }
    *stopping = None;
}
