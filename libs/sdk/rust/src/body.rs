use std::{fmt, future::Future, pin::Pin};

use bytes::{Bytes, BytesMut};
use tokio::sync::mpsc;

use crate::{PluginError, session::inbound::InboundReader};

/// Chunks that a [`BodySender`] may be ahead of the host by; beyond it, `send` waits.
const CHANNEL_CHUNKS: usize = 4;

/// A body: nothing, bytes, or a stream of chunks with backpressure.
#[derive(Debug, Default)]
pub struct Body(Kind);

#[derive(Debug, Default)]
enum Kind {
    #[default]
    Empty,
    Bytes(Bytes),
    Produced(Produced),
    Inbound(InboundReader),
}

type Producer = Pin<Box<dyn Future<Output = Result<(), PluginError>> + Send>>;

struct Produced {
    receiver: mpsc::Receiver<Bytes>,
    /// In a mutex only so that a `Body` is `Sync` and may be borrowed across an `await`.
    producer: std::sync::Mutex<Option<Producer>>,
}

impl fmt::Debug for Produced {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Produced")
    }
}

/// Why a body could not be read or written to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyError {
    /// The other side broke it off: its code and message.
    Broken {
        /// The reason as a word, such as `cancelled`.
        code: String,
        /// The reason as a text.
        message: String,
    },
    /// It is larger than the limit that was given.
    TooLarge,
    /// It is not UTF-8.
    NotText,
    /// Nobody reads it any more.
    Closed,
}

impl fmt::Display for BodyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken { code, message } => write!(formatter, "the body was broken off ({code}): {message}"),
            Self::TooLarge => formatter.write_str("the body is larger than allowed"),
            Self::NotText => formatter.write_str("the body is not UTF-8"),
            Self::Closed => formatter.write_str("nobody reads the body any more"),
        }
    }
}

impl std::error::Error for BodyError {}

/// Writes the chunks of a [`Body::stream`].
#[derive(Debug, Clone)]
pub struct BodySender(mpsc::Sender<Bytes>);

impl BodySender {
    /// Sends a chunk, and waits while the host is not ready for more. `Closed`: nobody wants it any more.
    pub async fn send(&self, chunk: impl Into<Bytes>) -> Result<(), BodyError> {
        let chunk = chunk.into();
        if chunk.is_empty() {
            return Ok(());
        }
        self.0.send(chunk).await.map_err(|_| BodyError::Closed)
    }

    /// Resolves when nobody reads the body any more.
    pub async fn closed(&self) {
        self.0.closed().await;
    }
}

impl Body {
    /// Nothing.
    pub fn empty() -> Self {
        Self::default()
    }

    /// A body that `produce` writes, as fast as it is read. Dropped half-way when the client leaves; an error that it
    /// returns breaks the body off.
    ///
    /// ```
    /// use toru_plugin_api::Body;
    ///
    /// let body = Body::stream(|sender| async move {
    ///     for number in 0..1_000_000 {
    ///         sender.send(format!("{number}\n")).await?;
    ///     }
    ///     Ok(())
    /// });
    /// ```
    pub fn stream<F, P>(produce: F) -> Self
    where
        F: FnOnce(BodySender) -> P,
        P: Future<Output = Result<(), PluginError>> + Send + 'static,
    {
        let (sender, receiver) = mpsc::channel(CHANNEL_CHUNKS);
        let producer: Producer = Box::pin(produce(BodySender(sender)));
        Self(Kind::Produced(Produced { receiver, producer: std::sync::Mutex::new(Some(producer)) }))
    }

    pub(crate) fn inbound(stream: InboundReader) -> Self {
        Self(Kind::Inbound(stream))
    }

    /// The next bytes; `None` at the end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, BodyError> {
        match &mut self.0 {
            Kind::Empty => Ok(None),
            Kind::Bytes(_) => {
                let Kind::Bytes(bytes) = std::mem::take(&mut self.0) else { return Ok(None) };
                Ok(Some(bytes).filter(|bytes| !bytes.is_empty()))
            }
            Kind::Produced(produced) => produced.chunk().await,
            Kind::Inbound(stream) => stream.chunk().await,
        }
    }

    /// All of it. `TooLarge` if it has more than `limit` bytes.
    pub async fn bytes(&mut self, limit: usize) -> Result<Bytes, BodyError> {
        if let Kind::Bytes(bytes) = &self.0 {
            if bytes.len() > limit {
                return Err(BodyError::TooLarge);
            }
            let Kind::Bytes(bytes) = std::mem::take(&mut self.0) else { return Ok(Bytes::new()) };
            return Ok(bytes);
        }
        let mut all = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            if all.len() + chunk.len() > limit {
                return Err(BodyError::TooLarge);
            }
            all.extend_from_slice(&chunk);
        }
        Ok(all.freeze())
    }

    /// All of it as text. `TooLarge` if it has more than `limit` bytes, `NotText` if it is not UTF-8.
    pub async fn text(&mut self, limit: usize) -> Result<String, BodyError> {
        let bytes = self.bytes(limit).await?;
        String::from_utf8(bytes.into()).map_err(|_| BodyError::NotText)
    }

    /// The bytes of a body that is no stream.
    pub(crate) fn into_whole(self) -> Result<Bytes, Self> {
        match self.0 {
            Kind::Empty => Ok(Bytes::new()),
            Kind::Bytes(bytes) => Ok(bytes),
            other => Err(Self(other)),
        }
    }
}

impl Produced {
    async fn chunk(&mut self) -> Result<Option<Bytes>, BodyError> {
        loop {
            let slot = self.producer.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
            let Some(producer) = slot else { return Ok(self.receiver.recv().await) };
            tokio::select! {
                biased;
                chunk = self.receiver.recv() => if chunk.is_some() { return Ok(chunk) } else {
                    // All senders are gone, and what is left of the producer still has a say in how it ends.
                    let ended = producer.as_mut().await;
                    *slot = None;
                    ended.map_err(broken)?;
                    return Ok(None);
                },
                ended = producer.as_mut() => {
                    *slot = None;
                    // What was sent before a failure is still in the channel; the failure counts more.
                    ended.map_err(broken)?;
                }
            }
        }
    }
}

fn broken(error: PluginError) -> BodyError {
    log::error!("a body was broken off: {error}");
    BodyError::Broken { code: "internal".into(), message: "The handler failed".into() }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self(if bytes.is_empty() { Kind::Empty } else { Kind::Bytes(bytes) })
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Bytes::from(text).into()
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Bytes::from_static(text.as_bytes()).into()
    }
}

impl From<&'static [u8]> for Body {
    fn from(bytes: &'static [u8]) -> Self {
        Bytes::from_static(bytes).into()
    }
}
