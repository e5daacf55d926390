use std::{
    future::{Future, poll_fn},
    pin::Pin,
    sync::{
        OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, Thread},
};

/// What the workers of a runtime do, for the thread that watches them.
#[derive(Debug, Default)]
pub(crate) struct Activity {
    /// Workers that wait for something to do.
    parked: AtomicUsize,
    /// Grows with each turn of the connection's reader or writer, and when a worker begins to wait.
    turns: AtomicUsize,
    /// In author's code at the moment.
    in_handlers: AtomicUsize,
    /// Whether the watching thread is to be woken when a worker goes to work.
    is_asleep: AtomicBool,
    watcher: OnceLock<Thread>,
}

struct InHandler<'a>(&'a AtomicUsize);

impl<'a> InHandler<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for InHandler<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Activity {
    pub(super) fn park(&self) {
        self.turns.fetch_add(1, Ordering::Relaxed);
        self.parked.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn unpark(&self) {
        self.parked.fetch_sub(1, Ordering::SeqCst);
        if self.is_asleep.load(Ordering::SeqCst) && self.is_asleep.swap(false, Ordering::SeqCst) {
            self.call();
        }
    }

    pub(super) fn is_in_handler(&self) -> bool {
        self.in_handlers.load(Ordering::Relaxed) > 0
    }

    /// Drives a handler, counted while it has the thread.
    pub(crate) async fn handler<F: Future>(&self, mut handler: Pin<&mut F>) -> F::Output {
        poll_fn(|context| {
            let _in_handler = InHandler::new(&self.in_handlers);
            handler.as_mut().poll(context)
        })
        .await
    }

    pub(crate) fn turn(&self) {
        self.turns.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn turns(&self) -> usize {
        self.turns.load(Ordering::Relaxed)
    }

    pub(super) fn is_idle(&self) -> bool {
        self.parked.load(Ordering::SeqCst) > 0
    }

    /// The calling thread is the one that watches.
    pub(super) fn watch(&self) {
        let _ = self.watcher.set(thread::current());
    }

    /// Wakes the thread that watches.
    pub(super) fn call(&self) {
        if let Some(watcher) = self.watcher.get() {
            watcher.unpark();
        }
    }

    /// Returns at once unless the workers are idle, else when one goes to work, or when [`Activity::call`] was used.
    pub(super) fn sleep_while_idle(&self) {
        // One of the two sees the other: the worker counts itself before it looks whether somebody sleeps.
        self.is_asleep.store(true, Ordering::SeqCst);
        if self.is_idle() {
            thread::park();
        }
        self.is_asleep.store(false, Ordering::SeqCst);
    }
}
