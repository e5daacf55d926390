use std::{
    future::poll_fn,
    mem,
    sync::{Arc, Mutex},
    task::{Poll, Waker},
};

use super::lock;

/// Tasks that wait for their next request, at most; further ones end with theirs.
const MAX_IDLE: usize = 64;

/// Tasks that have served a request and wait for the next: to wake one is much cheaper than to make one.
///
/// When it is dropped, they end.
#[derive(Debug)]
pub(crate) struct Servers<J>(Mutex<Vec<Arc<Desk<J>>>>);

/// Where a task is given its next request.
#[derive(Debug)]
pub(crate) struct Desk<J>(Mutex<State<J>>);

#[derive(Debug)]
enum State<J> {
    /// Nobody waits yet.
    Empty,
    Waiting(Waker),
    Given(J),
    Over,
}

impl<J> Servers<J> {
    pub(crate) fn new() -> Self {
        Self(Mutex::default())
    }

    /// Gives it to a task that waits; `Err`: none does.
    pub(crate) fn give(&self, job: J) -> Result<(), J> {
        let desk = lock(&self.0).pop();
        match desk {
            Some(desk) => {
                desk.put(State::Given(job));
                Ok(())
            }
            None => Err(job),
        }
    }

    /// Offers the task of this desk for the next request; `false`: enough others wait.
    pub(crate) fn offer(&self, desk: &Arc<Desk<J>>) -> bool {
        let mut idle = lock(&self.0);
        let is_wanted = idle.len() < MAX_IDLE;
        if is_wanted {
            idle.push(Arc::clone(desk));
        }
        is_wanted
    }
}

impl<J> Drop for Servers<J> {
    fn drop(&mut self) {
        lock(&self.0).drain(..).for_each(|desk| desk.put(State::Over));
    }
}

impl<J> Desk<J> {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(State::Empty)))
    }

    fn put(&self, state: State<J>) {
        let before = mem::replace(&mut *lock(&self.0), state);
        if let State::Waiting(waker) = before {
            waker.wake();
        }
    }

    /// The next request, once the task has been offered; `None`: none comes any more.
    ///
    /// Never at once: between two requests other tasks of the thread have their turn.
    pub(crate) async fn next(&self) -> Option<J> {
        let mut has_waited = false;
        poll_fn(|context| {
            let mut state = lock(&self.0);
            if !mem::replace(&mut has_waited, true) && !matches!(*state, State::Empty) {
                drop(state);
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            match mem::replace(&mut *state, State::Empty) {
                State::Given(job) => Poll::Ready(Some(job)),
                State::Over => Poll::Ready(None),
                State::Empty | State::Waiting(_) => {
                    *state = State::Waiting(context.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Desk, MAX_IDLE, Servers};

    // [PRO-6]
    #[tokio::test]
    async fn who_waits_is_given_the_next_request_or_told_that_none_comes() {
        let servers = Servers::new();
        assert_eq!(servers.give(0), Err(0));
        let desk = Desk::new();
        assert!(servers.offer(&desk));
        // Given before somebody waits, and after.
        assert_eq!(servers.give(1), Ok(()));
        assert_eq!(servers.give(2), Err(2));
        assert_eq!(desk.next().await, Some(1));
        assert!(servers.offer(&desk));
        let waiting = tokio::spawn({
            let desk = Arc::clone(&desk);
            async move { desk.next().await }
        });
        tokio::task::yield_now().await;
        assert_eq!(servers.give(3), Ok(()));
        assert_eq!(waiting.await.unwrap(), Some(3));
        assert!(servers.offer(&desk));
        drop(servers);
        assert_eq!(desk.next().await, None);
    }

    #[test]
    fn not_all_tasks_of_a_rush_are_kept() {
        let servers = Servers::<u8>::new();
        let wanted = (0..2 * MAX_IDLE).filter(|_| servers.offer(&Desk::new())).count();
        assert_eq!(wanted, MAX_IDLE);
    }
}
