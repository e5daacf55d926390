use std::{
    future::poll_fn,
    mem,
    sync::{Arc, atomic::Ordering},
    task::Poll,
};

use bytes::BytesMut;
use tokio::{
    io::{AsyncWrite, AsyncWriteExt},
    sync::mpsc,
    time::timeout,
};

use super::{
    WRITE_DEADLINE, lock,
    outbox::{BATCH, Outbox},
};
use crate::wire::outgoing::Outgoing;

/// The other end of an [`Outbox`], for [`write_all`].
#[derive(Debug)]
pub(crate) struct Queues {
    pub(super) control: mpsc::UnboundedReceiver<Outgoing>,
    pub(super) bulk: mpsc::Receiver<Outgoing>,
    pub(super) logs: mpsc::Receiver<Outgoing>,
    /// Answers whose turn comes when so many messages of `bulk` have been taken.
    pub(super) due: BytesMut,
    pub(super) behind: usize,
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
                Some(message) = queues.control.recv() => { outbox.took(1); Some(message) }
                () = outbox.answered.notified() => None,
                Some(message) = queues.bulk.recv() => Some(message),
                Some(message) = queues.logs.recv() => Some(message),
                () = outbox.close.notified() => continue,
            };
            if let Some(first) = first {
                first.put(&mut batch);
            }
            // Others that are about to answer come first, unless there is enough: then one write is for many of them.
            tokio::select! {
                biased;
                () = outbox.worth.notified() => {}
                () = turn_of_others() => {}
            }
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

/// Lets the tasks before it in the queue run. Not tokio's `yield_now`, after which only the same thread goes on, and a handler
/// may block that.
pub(super) async fn turn_of_others() {
    let mut has_waited = false;
    poll_fn(|context| {
        if mem::replace(&mut has_waited, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Appends `from` and leaves it empty: with the memory that was `to`'s, if nothing need be copied.
fn take_all(from: &mut BytesMut, to: &mut BytesMut) {
    if to.is_empty() {
        mem::swap(from, to);
    } else {
        to.extend_from_slice(from);
        from.clear();
    }
}

impl Queues {
    /// Bytes and events in their order, and answers behind what had been sent before them.
    fn fill_bulk(&mut self, batch: &mut BytesMut, outbox: &Outbox) {
        if self.due.is_empty() {
            take_all(&mut lock(&outbox.answers), &mut self.due);
            self.behind = self.bulk.len();
        }
        loop {
            if self.behind == 0 {
                take_all(&mut self.due, batch);
            }
            if batch.len() >= BATCH {
                return;
            }
            match self.bulk.try_recv() {
                Ok(message) => message.put(batch),
                Err(_) => return take_all(&mut self.due, batch),
            }
            self.behind = self.behind.saturating_sub(1);
        }
    }

    /// Takes what is there: first what must not wait, then answers and bytes, then some of the log.
    fn fill(&mut self, batch: &mut BytesMut, outbox: &Outbox) {
        let mut taken = 0;
        while batch.len() < BATCH {
            let Ok(message) = self.control.try_recv() else { break };
            message.put(batch);
            taken += 1;
        }
        outbox.took(taken);
        self.fill_bulk(batch, outbox);
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bytes::Bytes;
    use serde_json::Value;
    use tokio::io::{AsyncReadExt, duplex};

    use super::{Outbox, write_all};
    use crate::{
        Headers,
        wire::{frame::FrameDecoder, outgoing::Outgoing},
    };

    const BULK: usize = 64;

    // [PRO-6]
    #[tokio::test]
    async fn an_answer_comes_behind_what_its_handler_sent_before() {
        let (outbox, queues) = Outbox::new();
        let large = Bytes::from(vec![b'.'; 65_536]);
        for _ in 0..BULK - 1 {
            assert!(outbox.bulk(Outgoing::bytes(2, large.clone())).await);
        }
        assert!(outbox.bulk(Outgoing::event("done", None)).await);
        outbox.answer(&Outgoing::http("1", 200, &Headers::new(), large).unwrap());
        let (mut host, sink) = duplex(1024);
        let writer = tokio::spawn(write_all(sink, Arc::clone(&outbox), queues));
        let mut decoder = FrameDecoder::new();
        decoder.allow_tails();
        let mut kinds = Vec::new();
        outbox.close();
        while host.read_buf(decoder.space()).await.unwrap() > 0 {
            while let Some(frame) = decoder.next().unwrap() {
                kinds.push(serde_json::from_slice::<Value>(&frame.head).unwrap()["type"].clone());
            }
        }
        writer.await.unwrap();
        assert_eq!(kinds.len(), BULK + 1);
        assert_eq!(kinds[BULK - 1..], ["event", "http"]);
    }
}
