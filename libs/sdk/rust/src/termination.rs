use std::future::pending;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals that ask the process to end, from the moment of [`Termination::watch`] on: one that comes while nobody
/// waits is had by the next [`Termination::asked`].
#[derive(Debug)]
pub(crate) struct Termination(Option<(Signal, Signal)>);

impl Termination {
    /// Where they cannot be watched, none will come: they end the process themselves then.
    pub(crate) fn watch() -> Self {
        let signals = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
        Self(match signals {
            (Ok(terminate), Ok(interrupt)) => Some((terminate, interrupt)),
            _ => None,
        })
    }

    /// Resolves on SIGTERM or SIGINT, each time anew. Dropped before, it loses none.
    pub(crate) async fn asked(&mut self) {
        let Some((terminate, interrupt)) = &mut self.0 else { return pending().await };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}
