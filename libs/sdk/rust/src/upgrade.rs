use std::{
    fmt,
    future::Future,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use tokio::{
    io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf},
    sync::oneshot,
};

use crate::{PluginContext, PluginError, session::inbound::Inbound};

/// Bytes that may be written ahead of what the host has credit for; beyond it, writes wait.
const PIPE: usize = 65_536;

/// The raw bytes of a connection that has switched its protocol: what the client sends is read, what is written goes to
/// the client, both at the pace of the slower side. It is given to [`HttpResponse::upgrade`](crate::HttpResponse::upgrade).
///
/// Reading ends with 0 bytes when the client sends no more, and fails with `ConnectionReset` when it has left. Writing
/// fails with `BrokenPipe` once nobody takes it any more. `shutdown` ends the plugin's direction alone; dropped, it ends
/// both.
pub struct Upgraded {
    inbound: Arc<Inbound>,
    /// What was received and not yet read.
    rest: Bytes,
    outgoing: DuplexStream,
    /// Dropped with this, which tells the session that nobody reads any more.
    _held: oneshot::Sender<()>,
    #[cfg(feature = "websocket")]
    stopping: tokio::sync::watch::Receiver<bool>,
}

impl Upgraded {
    /// The other end has what is written; the last resolves when this is dropped.
    pub(crate) fn new(inbound: Arc<Inbound>, context: &PluginContext) -> (Self, DuplexStream, oneshot::Receiver<()>) {
        let _ = context;
        let (outgoing, written) = tokio::io::duplex(PIPE);
        let (held, dropped) = oneshot::channel();
        let connection = Self {
            inbound,
            rest: Bytes::new(),
            outgoing,
            _held: held,
            #[cfg(feature = "websocket")]
            stopping: context.stopping.clone(),
        };
        (connection, written, dropped)
    }

    #[cfg(feature = "websocket")]
    pub(crate) fn stopping(&self) -> tokio::sync::watch::Receiver<bool> {
        self.stopping.clone()
    }
}

impl AsyncRead for Upgraded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.rest.is_empty() {
            match ready!(self.inbound.poll_chunk(context)) {
                Ok(Some(chunk)) => self.rest = chunk,
                Ok(None) => return Poll::Ready(Ok(())),
                Err(error) => return Poll::Ready(Err(io::Error::new(io::ErrorKind::ConnectionReset, error))),
            }
        }
        let count = self.rest.len().min(buffer.remaining());
        buffer.put_slice(&self.rest[..count]);
        self.rest.advance(count);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Upgraded {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.outgoing).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.outgoing).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.outgoing).poll_shutdown(context)
    }
}

impl fmt::Debug for Upgraded {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Upgraded")
    }
}

type Running = Pin<Box<dyn Future<Output = Result<(), PluginError>> + Send>>;

/// What serves the connection after an answer with status 101.
pub(crate) struct Switch(Box<dyn FnOnce(Upgraded) -> Running + Send + Sync>);

impl Switch {
    pub(crate) fn new<F, W>(serve: F) -> Self
    where
        F: FnOnce(Upgraded) -> W + Send + Sync + 'static,
        W: Future<Output = Result<(), PluginError>> + Send + 'static,
    {
        Self(Box::new(|connection| Box::pin(serve(connection))))
    }

    pub(crate) fn start(self, connection: Upgraded) -> Running {
        (self.0)(connection)
    }
}

impl fmt::Debug for Switch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Switch")
    }
}
