use std::{
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::Poll,
};

/// A future of the author's panicked; the panic's own message has gone to standard error.
#[derive(Debug)]
pub(crate) struct Panicked;

/// Drives a future of the author's; a panic ends it and nothing else.
///
/// It takes the future pinned, as all do here that drive one of unknown size: an `async fn` keeps an argument twice, and
/// every request would pay for moving it.
pub(crate) async fn catch<F: Future>(mut future: Pin<&mut F>) -> Result<F::Output, Panicked> {
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
        Err(_) => Poll::Ready(Err(Panicked)),
    })
    .await
}
