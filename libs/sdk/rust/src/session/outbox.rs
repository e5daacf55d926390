use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use bytes::BytesMut;
use tokio::sync::{Notify, mpsc};

use super::{lock, writer::Queues};
use crate::wire::outgoing::Outgoing;

/// Answers and bytes that wait for the host to read, at most; whoever has more waits.
const BULK_FRAMES: usize = 64;
/// Log messages that wait, at most; more are counted and dropped, for a line of the log must never stop a handler.
const LOG_FRAMES: usize = 512;
/// Pongs, credit and refusals that wait, before nothing more is read from a host that does not read.
const CONTROL_BACKLOG: usize = 256;
/// Bytes that are written at once, about.
pub(super) const BATCH: usize = 256 * 1024;
/// So many bytes of answers are worth a write of their own: the host works on them while others are being made.
const WORTH: usize = 16 * 1024;

/// The way to the host: a queue for what must not wait, one for what may, one for the log.
#[derive(Debug)]
pub(crate) struct Outbox {
    control: mpsc::UnboundedSender<Outgoing>,
    bulk: mpsc::Sender<Outgoing>,
    logs: mpsc::Sender<Outgoing>,
    pub(super) answers: Mutex<BytesMut>,
    /// There is an answer, where there was none.
    pub(super) answered: Notify,
    /// There are answers worth a write.
    pub(super) worth: Notify,
    pub(super) dropped_logs: AtomicUsize,
    backlog: AtomicUsize,
    drained: Notify,
    pub(super) closing: AtomicBool,
    pub(super) close: Notify,
}

impl Outbox {
    pub(crate) fn new() -> (Arc<Self>, Queues) {
        let (control, control_queue) = mpsc::unbounded_channel();
        let (bulk, bulk_queue) = mpsc::channel(BULK_FRAMES);
        let (logs, log_queue) = mpsc::channel(LOG_FRAMES);
        let outbox = Self {
            control,
            bulk,
            logs,
            answers: Mutex::default(),
            answered: Notify::new(),
            worth: Notify::new(),
            dropped_logs: AtomicUsize::new(0),
            backlog: AtomicUsize::new(0),
            drained: Notify::new(),
            closing: AtomicBool::new(false),
            close: Notify::new(),
        };
        let due = BytesMut::new();
        (Arc::new(outbox), Queues { control: control_queue, bulk: bulk_queue, logs: log_queue, due, behind: 0 })
    }

    /// For what answers the host's own messages: small, and bounded by [`Outbox::room`] for the next one.
    pub(crate) fn control(&self, message: Outgoing) {
        // Counted first: the writer may take it at once.
        self.backlog.fetch_add(1, Ordering::AcqRel);
        let _ = self.control.send(message);
    }

    /// Waits while the host does not take what it has caused.
    pub(crate) async fn room(&self) {
        loop {
            let drained = self.drained.notified();
            if self.backlog.load(Ordering::Acquire) < CONTROL_BACKLOG {
                return;
            }
            drained.await;
        }
    }

    /// A place in the queue; `None` once the connection is gone.
    pub(crate) async fn reserve(&self) -> Option<mpsc::Permit<'_, Outgoing>> {
        self.bulk.reserve().await.ok()
    }

    pub(crate) async fn bulk(&self, message: Outgoing) -> bool {
        self.bulk.send(message).await.is_ok()
    }

    /// Whether there is room for an answer; if not, it waits for its turn as [`Outbox::bulk`].
    pub(crate) fn has_room(&self) -> bool {
        lock(&self.answers).len() < BATCH
    }

    /// For an answer that is complete in itself, if there is room. It goes out behind what was sent before it.
    pub(crate) fn answer(&self, message: &Outgoing) {
        let mut answers = lock(&self.answers);
        let before = answers.len();
        message.put(&mut answers);
        let after = answers.len();
        drop(answers);
        if before == 0 {
            self.answered.notify_one();
        }
        if before < WORTH && after >= WORTH {
            self.worth.notify_one();
        }
    }

    /// Never waits.
    pub(crate) fn log(&self, message: Outgoing) {
        if self.logs.try_send(message).is_err() {
            self.dropped_logs.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Lets the writer end when it has written what is there.
    pub(crate) fn close(&self) {
        self.closing.store(true, Ordering::Release);
        self.close.notify_one();
    }

    /// So much of what [`Outbox::control`] was given has been taken.
    pub(super) fn took(&self, count: usize) {
        if count > 0 {
            self.backlog.fetch_sub(count, Ordering::AcqRel);
            self.drained.notify_waiters();
        }
    }
}
