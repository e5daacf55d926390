use std::time::Duration;

use futures_util::StreamExt;
use tokio::time::timeout;
use tokio_tungstenite::{WebSocketStream, tungstenite::protocol::CloseFrame};

use crate::Upgraded;

/// The client answers a close within this time, or is let go without.
const CLOSE_DEADLINE: Duration = Duration::from_secs(5);
/// Bytes of the reason of a close at most: it is a control frame.
const MAX_REASON: usize = 123;

/// Sends a close, and waits for the client's for a while.
pub(super) async fn close(stream: &mut WebSocketStream<Upgraded>, code: u16, reason: &str) {
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
