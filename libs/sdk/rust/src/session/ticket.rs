use std::{
    borrow::Borrow,
    hash::{Hash, Hasher},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::Notify;

/// An open request of the host, among others its `request_id`, which the host may use again as soon as it has the answer.
/// Equal to every other of that id, so that a set of them is one of ids.
#[derive(Debug, Clone)]
pub(crate) struct Ticket(Arc<Request>);

#[derive(Debug)]
struct Request {
    id: String,
    is_closed: AtomicBool,
    cancelled: Notify,
}

impl Ticket {
    pub(super) fn new(id: String) -> Self {
        Self(Arc::new(Request { id, is_closed: AtomicBool::new(false), cancelled: Notify::new() }))
    }

    pub(crate) fn id(&self) -> &str {
        &self.0.id
    }

    pub(super) fn is_closed(&self) -> bool {
        self.0.is_closed.load(Ordering::Acquire)
    }

    /// Whether it was open until now.
    pub(super) fn close(&self) -> bool {
        !self.0.is_closed.swap(true, Ordering::AcqRel)
    }

    /// Closes it, and tells whoever works on it.
    pub(super) fn cancel(&self) {
        self.close();
        self.0.cancelled.notify_one();
    }

    /// Resolves when it is cancelled. For one waiter.
    pub(crate) async fn cancelled(&self) {
        self.0.cancelled.notified().await;
    }
}

impl Borrow<str> for Ticket {
    fn borrow(&self) -> &str {
        self.id()
    }
}

impl PartialEq for Ticket {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl Eq for Ticket {}

impl Hash for Ticket {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id().hash(state);
    }
}
