use std::{
    collections::VecDeque,
    future::poll_fn,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    task::{Context, Poll, Waker},
};

use bytes::{Bytes, BytesMut};
use tokio::sync::Notify;

use super::v2::Connection;
use crate::{
    BodyError,
    wire::{Violation, outgoing::Outgoing},
};

/// Smaller pieces are joined, so that a stream of single bytes costs no more memory than its window.
const SMALL: usize = 4096;

/// A stream that the host sends: filled by the reader of the connection, emptied by a [`crate::Body`].
#[derive(Debug)]
pub(crate) struct Inbound {
    id: u64,
    window: u64,
    connection: Weak<Connection>,
    state: Mutex<State>,
    over: Notify,
}

#[derive(Debug)]
struct State {
    chunks: VecDeque<Bytes>,
    small: BytesMut,
    /// What the host may still send.
    credit: u64,
    /// What was read and not yet given back as credit.
    consumed: u64,
    end: Option<Result<(), BodyError>>,
    /// Whoever waits for the next bytes.
    reader: Option<Waker>,
}

impl State {
    fn wake(&mut self) {
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
    }
}

/// Reads an [`Inbound`]; dropped before the end, it tells the host that no more is wanted.
#[derive(Debug)]
pub(crate) struct InboundReader(Arc<Inbound>);

impl Inbound {
    pub(crate) fn new(id: u64, window: u64, connection: Weak<Connection>) -> Arc<Self> {
        let state = State {
            chunks: VecDeque::new(),
            small: BytesMut::new(),
            credit: window,
            consumed: 0,
            end: None,
            reader: None,
        };
        Arc::new(Self { id, window, connection, state: Mutex::new(state), over: Notify::new() })
    }

    pub(crate) fn reader(self: &Arc<Self>) -> InboundReader {
        InboundReader(Arc::clone(self))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn push(&self, bytes: Bytes) -> Result<(), Violation> {
        if bytes.is_empty() {
            return Ok(());
        }
        let mut state = self.state();
        let length = bytes.len() as u64;
        if length > state.credit {
            let text = format!("{length} bytes on stream {}, where {} were allowed", self.id, state.credit);
            return Err(Violation::new("window_exceeded", text));
        }
        state.credit -= length;
        if bytes.len() < SMALL {
            state.small.extend_from_slice(&bytes);
        }
        if bytes.len() >= SMALL || state.small.len() >= 4 * SMALL {
            let small = state.small.split().freeze();
            state.chunks.extend(Some(small).filter(|small| !small.is_empty()));
        }
        if bytes.len() >= SMALL {
            state.chunks.push_back(bytes);
        }
        state.wake();
        Ok(())
    }

    pub(crate) fn end(&self, end: Result<(), BodyError>) {
        let mut state = self.state();
        state.end.get_or_insert(end);
        state.wake();
        drop(state);
        self.over.notify_one();
    }

    /// Resolves when the host sends no more: whether it has come to its end, or was broken off. For one waiter.
    pub(crate) async fn over(&self) -> bool {
        loop {
            if let Some(end) = &self.state().end {
                return end.is_ok();
            }
            self.over.notified().await;
        }
    }

    /// The next bytes. For one reader at a time.
    pub(crate) fn poll_chunk(&self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>, BodyError>> {
        let mut state = self.state();
        // A stream that was broken off has no use for the bytes before.
        if let Some(Err(error)) = &state.end {
            return Poll::Ready(Err(error.clone()));
        }
        let chunk = state.chunks.pop_front().or_else(|| {
            let small = state.small.split().freeze();
            Some(small).filter(|small| !small.is_empty())
        });
        let Some(chunk) = chunk else {
            if state.end.is_some() {
                return Poll::Ready(Ok(None));
            }
            state.reader = Some(context.waker().clone());
            return Poll::Pending;
        };
        state.consumed += chunk.len() as u64;
        let credit = state.consumed;
        if state.end.is_none() && credit >= (self.window / 2).max(1) {
            state.consumed = 0;
            state.credit += credit;
            if let Some(connection) = self.connection.upgrade() {
                connection.outbox.control(Outgoing::credit(self.id, credit));
            }
        }
        Poll::Ready(Ok(Some(chunk)))
    }
}

impl InboundReader {
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, BodyError> {
        poll_fn(|context| self.0.poll_chunk(context)).await
    }

    /// For another who reads meanwhile, and is told when this is dropped.
    pub(crate) fn stream(&self) -> Arc<Inbound> {
        Arc::clone(&self.0)
    }
}

impl Drop for InboundReader {
    fn drop(&mut self) {
        let is_over = self.0.state().end.is_some();
        if let Some(connection) = self.0.connection.upgrade().filter(|_| !is_over)
            && connection.forget_inbound(self.0.id)
        {
            connection.outbox.control(Outgoing::broken(self.0.id, "unwanted", "Nobody reads this stream any more"));
        }
        self.0.end(Err(BodyError::Closed));
    }
}
