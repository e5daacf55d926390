use std::io;

use tokio::{
    io::{AsyncRead, AsyncReadExt},
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    time::{Instant, timeout_at},
};

use super::{
    FRAME_DEADLINE,
    socket::{Half, Spare, split},
};
use crate::wire::{
    Violation,
    frame::{Frame, FrameDecoder},
};

/// Why no more frames come.
#[derive(Debug)]
pub(crate) enum ReadEnd {
    /// The connection ended between two frames.
    Closed,
    Violation(Violation),
}

impl From<Violation> for ReadEnd {
    fn from(violation: Violation) -> Self {
        Self::Violation(violation)
    }
}

/// Reads frames. Cancel safe: what has been read is kept.
#[derive(Debug)]
pub(crate) struct FrameReader<R> {
    source: R,
    pub(crate) decoder: FrameDecoder,
    /// Since when a frame has been on its way.
    partial_since: Option<Instant>,
}

impl<R: AsyncRead + Unpin> FrameReader<R> {
    pub(crate) fn new(source: R) -> Self {
        Self { source, decoder: FrameDecoder::new(), partial_since: None }
    }

    pub(crate) async fn next(&mut self) -> Result<Frame, ReadEnd> {
        loop {
            if let Some(frame) = self.decoder.next()? {
                self.partial_since = None;
                return Ok(frame);
            }
            let partial = self.decoder.is_partial();
            let read = self.source.read_buf(self.decoder.space());
            let read = if partial {
                let since = *self.partial_since.get_or_insert_with(Instant::now);
                let late = |_| Violation::new("frame_timeout", "a frame did not end in time");
                timeout_at(since + FRAME_DEADLINE, read).await.map_err(late)?
            } else {
                self.partial_since = None;
                read.await
            };
            match read {
                Ok(0) | Err(_) if partial => {
                    return Err(Violation::new("truncated", "the connection ended inside of a frame").into());
                }
                Ok(0) | Err(_) => return Err(ReadEnd::Closed),
                Ok(_) => {}
            }
        }
    }
}

impl FrameReader<UnixStream> {
    /// The reading half, with what has been read, and the writing half.
    pub(crate) fn into_split(self) -> (FrameReader<OwnedReadHalf>, OwnedWriteHalf) {
        let (source, sink) = self.source.into_split();
        (FrameReader { source, decoder: self.decoder, partial_since: self.partial_since }, sink)
    }

    /// As [`FrameReader::into_split`], for halves that may move to another runtime.
    pub(crate) fn into_movable(self) -> io::Result<(FrameReader<Half<OwnedReadHalf>>, Half<OwnedWriteHalf>, Spare)> {
        let (source, sink, spare) = split(self.source)?;
        Ok((FrameReader { source, decoder: self.decoder, partial_since: self.partial_since }, sink, spare))
    }
}
