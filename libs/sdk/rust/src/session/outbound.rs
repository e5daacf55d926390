use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

/// What a stream of the plugin may still send.
#[derive(Debug)]
pub(crate) struct Outbound {
    state: Mutex<State>,
    changed: Notify,
    refusal: Notify,
}

#[derive(Debug)]
struct State {
    credit: u64,
    refused: bool,
}

impl Outbound {
    pub(crate) fn new(window: u64) -> Self {
        Self {
            state: Mutex::new(State { credit: window, refused: false }),
            changed: Notify::new(),
            refusal: Notify::new(),
        }
    }

    /// At least one and at most `wanted` bytes, once the host allows them; `None`: the host wants no more.
    pub(crate) async fn take(&self, wanted: usize) -> Option<usize> {
        loop {
            {
                let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
                if state.refused {
                    return None;
                }
                let taken = usize::try_from(state.credit).map_or(wanted, |credit| credit.min(wanted));
                if taken > 0 {
                    state.credit -= taken as u64;
                    return Some(taken);
                }
            }
            self.changed.notified().await;
        }
    }

    pub(crate) fn add_credit(&self, credit: u64) {
        const MOST: u64 = (1 << 53) - 1;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.credit = state.credit.saturating_add(credit).min(MOST);
        drop(state);
        self.changed.notify_one();
    }

    /// Resolves when the host wants no more, also while nothing is there to be sent. For one waiter.
    pub(crate) async fn refused(&self) {
        self.refusal.notified().await;
    }

    pub(crate) fn refuse(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).refused = true;
        self.changed.notify_one();
        self.refusal.notify_one();
    }
}
