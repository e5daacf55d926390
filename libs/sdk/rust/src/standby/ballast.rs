use std::sync::{Arc, Condvar, Mutex, PoisonError};

use tokio::runtime::Handle;

use crate::session::lock;

/// Keeps all workers of a runtime but one from working, so that the one never has to wake another.
#[derive(Debug, Default)]
pub(super) struct Ballast {
    /// How often it was let go of.
    releases: Mutex<usize>,
    released: Condvar,
}

impl Ballast {
    /// Occupies so many workers, each with a task that blocks.
    pub(super) fn load(self: &Arc<Self>, runtime: &Handle, workers: usize) {
        let loaded = *lock(&self.releases);
        for _ in 0..workers {
            let ballast = Arc::clone(self);
            drop(runtime.spawn(async move { ballast.weigh(loaded) }));
        }
    }

    fn weigh(&self, loaded: usize) {
        let releases = lock(&self.releases);
        let is_held = |releases: &mut usize| *releases == loaded;
        drop(self.released.wait_while(releases, is_held).unwrap_or_else(PoisonError::into_inner));
    }

    pub(super) fn release(&self) {
        *lock(&self.releases) += 1;
        self.released.notify_all();
    }
}
