use std::fmt;

use tokio_tungstenite::tungstenite::{
    self,
    error::{CapacityError, ProtocolError},
};

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
                ProtocolError::ResetWithoutClosingHandshake
                | ProtocolError::SendAfterClosing
                | ProtocolError::ReceivedAfterClosing,
            ) => Self::Closed,
            other => Self::Protocol(other.to_string()),
        }
    }
}
