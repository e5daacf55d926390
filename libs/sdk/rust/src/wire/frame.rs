use bytes::{BufMut, Bytes, BytesMut};

use super::Violation;

/// Bytes of a frame at most, unless `init` says less: 16 MiB.
pub(crate) const MAX_FRAME: usize = 16 * 1024 * 1024;
/// The top bit of a length: a frame with a tail.
const TAIL_FLAG: u32 = 0x8000_0000;
/// Memory grows with what has arrived, in steps of at least this many bytes, never with what a header announces. Less than
/// 64 KiB: to give back as much as that makes the C library tidy up all it has.
const MIN_READ: usize = 60 * 1024;

/// With less room than this in the buffer, the next read gets a new one: frames that are in use still hold the old one.
const MIN_SPACE: usize = 16 * 1024;

/// One message as it stands on the wire: its JSON and the raw bytes that belong to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) head: Bytes,
    pub(crate) tail: Option<Bytes>,
}

/// Cuts a stream of bytes into frames, however they arrive. Lengths are judged before memory is taken for them.
#[derive(Debug)]
pub(crate) struct FrameDecoder {
    buffer: BytesMut,
    max_frame: usize,
    tails: bool,
}

impl FrameDecoder {
    /// Until `allow_tails`, a frame with a tail is a violation.
    pub(crate) fn new() -> Self {
        Self { buffer: BytesMut::new(), max_frame: MAX_FRAME, tails: false }
    }

    pub(crate) fn set_max_frame(&mut self, max_frame: usize) {
        self.max_frame = max_frame;
    }

    pub(crate) fn allow_tails(&mut self) {
        self.tails = true;
    }

    /// Where the next bytes are read into.
    pub(crate) fn space(&mut self) -> &mut BytesMut {
        if self.buffer.capacity() - self.buffer.len() < MIN_SPACE {
            let step = self.buffer.len().max(MIN_READ);
            self.buffer.reserve(step.min(MAX_FRAME));
        }
        &mut self.buffer
    }

    /// Whether a frame has begun and not ended.
    pub(crate) fn is_partial(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// The next complete frame, or `None` if more bytes are needed.
    pub(crate) fn next(&mut self) -> Result<Option<Frame>, Violation> {
        let Some(first) = self.integer_at(0) else { return Ok(None) };
        let has_tail = first & TAIL_FLAG != 0;
        let length = (first & !TAIL_FLAG) as usize;
        if has_tail && !self.tails {
            return Err(Violation::new("tail_before_ready", "only plain frames are allowed here"));
        }
        if length == 0 {
            return Err(Violation::new("empty_frame", "a frame of 0 bytes"));
        }
        if length > self.max_frame {
            let message = format!("a frame of {length} bytes; {} are the most", self.max_frame);
            return Err(Violation::new("frame_too_large", message));
        }
        if !has_tail {
            return Ok(self.take(4, length).map(|head| Frame { head, tail: None }));
        }
        if length < 5 {
            return Err(Violation::new("invalid_head", "a frame with a tail has no room for a head"));
        }
        let Some(head_length) = self.integer_at(4).map(|value| value as usize) else { return Ok(None) };
        if head_length < 1 || head_length > length - 4 {
            let message = format!("a head of {head_length} bytes in a frame of {length}");
            return Err(Violation::new("invalid_head", message));
        }
        Ok(self.take(8, length - 4).map(|mut body| {
            let tail = body.split_off(head_length);
            Frame { head: body, tail: Some(tail) }
        }))
    }

    fn integer_at(&self, offset: usize) -> Option<u32> {
        let bytes = self.buffer.get(offset..offset + 4)?;
        Some(u32::from_be_bytes(bytes.try_into().ok()?))
    }

    fn take(&mut self, header: usize, length: usize) -> Option<Bytes> {
        if self.buffer.len() < header + length {
            return None;
        }
        let frame = self.buffer.split_to(header + length).freeze();
        Some(frame.slice(header..))
    }
}

/// Appends a plain frame. The caller has checked the length.
pub(crate) fn put_plain(target: &mut BytesMut, json: &[u8]) {
    target.put_u32(json.len() as u32);
    target.put_slice(json);
}

/// Appends a frame with a tail. The caller has checked the length.
pub(crate) fn put_with_tail(target: &mut BytesMut, json: &[u8], tail: &[u8]) {
    target.put_u32(TAIL_FLAG | (4 + json.len() + tail.len()) as u32);
    target.put_u32(json.len() as u32);
    target.put_slice(json);
    target.put_slice(tail);
}

#[cfg(test)]
#[path = "frame_tests.rs"]
mod tests;
