use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use bytes::BytesMut;
use tokio::{
    io::{AsyncWrite, AsyncWriteExt},
    sync::{Notify, mpsc},
    task::yield_now,
    time::timeout,
};

use super::WRITE_DEADLINE;
use crate::wire::outgoing::Outgoing;

/// Answers and bytes that wait for the host to read, at most; whoever has more waits.
const BULK_FRAMES: usize = 64;
/// Log messages that wait, at most; more are counted and dropped, for a line of the log must never stop a handler.
const LOG_FRAMES: usize = 512;
/// Pongs, credit and refusals that wait, before nothing more is read from a host that does not read.
const CONTROL_BACKLOG: usize = 256;
/// Bytes that are written at once, about.
const BATCH: usize = 256 * 1024;

/// The way to the host: a queue for what must not wait, one for what may, one for the log.
#[derive(Debug)]
pub(crate) struct Outbox {
    control: mpsc::UnboundedSender<Outgoing>,
    bulk: mpsc::Sender<Outgoing>,
    logs: mpsc::Sender<Outgoing>,
    dropped_logs: AtomicUsize,
    backlog: AtomicUsize,
    drained: Notify,
    closing: AtomicBool,
    close: Notify,
}

/// The other end, for [`write_all`].
#[derive(Debug)]
pub(crate) struct Queues {
    control: mpsc::UnboundedReceiver<Outgoing>,
    bulk: mpsc::Receiver<Outgoing>,
    logs: mpsc::Receiver<Outgoing>,
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
            dropped_logs: AtomicUsize::new(0),
            backlog: AtomicUsize::new(0),
            drained: Notify::new(),
            closing: AtomicBool::new(false),
            close: Notify::new(),
        };
        (Arc::new(outbox), Queues { control: control_queue, bulk: bulk_queue, logs: log_queue })
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
}

/// Writes until the connection is gone, the host takes nothing for too long, or all is written after `close`.
pub(crate) async fn write_all(mut sink: impl AsyncWrite + Unpin, outbox: Arc<Outbox>, mut queues: Queues) {
    let mut batch = BytesMut::new();
    loop {
        let closing = outbox.closing.load(Ordering::Acquire);
        queues.fill(&mut batch, &outbox);
        if batch.is_empty() {
            if closing {
                let _ = sink.shutdown().await;
                return;
            }
            let first = tokio::select! {
                biased;
                Some(message) = queues.control.recv() => { outbox.took(1); message }
                Some(message) = queues.bulk.recv() => message,
                Some(message) = queues.logs.recv() => message,
                () = outbox.close.notified() => continue,
            };
            first.put(&mut batch);
            // Others that are about to answer come first: then one write is for all of them.
            yield_now().await;
            queues.fill(&mut batch, &outbox);
        }
        while !batch.is_empty() {
            match timeout(WRITE_DEADLINE, sink.write_buf(&mut batch)).await {
                Ok(Ok(1..)) => {}
                _ => return,
            }
        }
        if batch.capacity() > 4 * BATCH {
            batch = BytesMut::new();
        }
    }
}

impl Outbox {
    fn took(&self, count: usize) {
        if count > 0 {
            self.backlog.fetch_sub(count, Ordering::AcqRel);
            self.drained.notify_waiters();
        }
    }
}

impl Queues {
    /// Takes what is there: first what must not wait, then answers and bytes, then some of the log.
    fn fill(&mut self, batch: &mut BytesMut, outbox: &Outbox) {
        let mut taken = 0;
        while batch.len() < BATCH {
            let Ok(message) = self.control.try_recv() else { break };
            message.put(batch);
            taken += 1;
        }
        outbox.took(taken);
        while batch.len() < BATCH {
            let Ok(message) = self.bulk.try_recv() else { break };
            message.put(batch);
        }
        for _ in 0..32 {
            let Ok(message) = self.logs.try_recv() else { break };
            message.put(batch);
        }
        let dropped = outbox.dropped_logs.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            let text = format!("{dropped} log messages were dropped: there were more than the host could take");
            Outgoing::log("warn", &text, None).put(batch);
        }
    }
}
