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

mod close;
mod error;
mod handshake;
mod message;
mod options;
mod socket;

use std::future::Future;

use tokio::sync::oneshot;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::protocol::{Role, WebSocketConfig},
};

use self::{
    close::close,
    handshake::{accept_key, agreed, key_of},
};
pub use self::{error::WebSocketError, message::Message, options::Options, socket::WebSocket};
use crate::{HttpRequest, HttpResponse, PluginError};

const READ_BUFFER: usize = 8 * 1024;

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
        // The close frame says it: broken off, the client might never see that.
        if let Err(error) = result {
            log::error!("a WebSocket was closed after an error: {error}");
        }
        Ok(())
    });
    let response = response.header("sec-websocket-accept", accept_key(key));
    match chosen {
        Some(protocol) => response.header("sec-websocket-protocol", protocol),
        None => response,
    }
}
