//! Talking with the host: one connection in version 2, one for each request in version 1.

pub(crate) mod catch;
mod dispatch;
pub(crate) mod environment;
pub(crate) mod handle;
pub(crate) mod inbound;
pub(crate) mod kv_port;
pub(crate) mod movable;
pub(crate) mod outbound;
pub(crate) mod outbox;
pub(crate) mod reader;
pub(crate) mod respond;
pub(crate) mod serve_v2;
pub(crate) mod servers;
pub(crate) mod socket;
pub(crate) mod switch;
pub(crate) mod ticket;
pub(crate) mod v1;
pub(crate) mod v2;
mod work;
pub(crate) mod writer;

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// A frame that has begun must end within this time.
pub(crate) const FRAME_DEADLINE: Duration = Duration::from_secs(30);
/// The host must take something of what is written to it within this time.
pub(crate) const WRITE_DEADLINE: Duration = Duration::from_secs(60);
/// An answer of the host's storage must come within this time.
pub(crate) const KV_DEADLINE: Duration = Duration::from_secs(30);
/// After SIGTERM the host waits 2 s before it kills: less than that for what is in flight.
pub(crate) const TERMINATE_GRACE: Duration = Duration::from_millis(1500);
/// What `on_shutdown` gets at least, also after the grace and without a host.
pub(crate) const SHUTDOWN_HOOK: Duration = Duration::from_millis(500);
/// Longer graces are of no use, and this one cannot overflow a clock.
pub(crate) const MAX_GRACE: Duration = Duration::from_secs(3600);

/// What a mutex holds, also after a panic: nothing here leaves it half changed.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
