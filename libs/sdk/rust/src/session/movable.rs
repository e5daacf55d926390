use std::{
    future::{Future, poll_fn},
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use tokio::{runtime::Handle, task::AbortHandle};

use super::lock;
use crate::standby::Activity;

/// A future that a runtime drives, until another one takes it over.
pub(crate) struct Movable {
    /// The runtime that it belongs to: timers and tasks that it makes are of this one, whoever drives it.
    home: Handle,
    activity: Option<Arc<Activity>>,
    slot: Mutex<Slot>,
}

struct Slot {
    /// `None` when it is done.
    work: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    /// How often it has moved: only the task of the last move drives it.
    moves: usize,
    task: Option<AbortHandle>,
}

impl Movable {
    /// Begins to drive it on the current runtime.
    pub(crate) fn spawn(activity: Option<Arc<Activity>>, work: impl Future<Output = ()> + Send + 'static) -> Arc<Self> {
        let home = Handle::current();
        let slot = Mutex::new(Slot { work: Some(Box::pin(work)), moves: 0, task: None });
        let movable = Arc::new(Self { home, activity, slot });
        movable.move_home();
        movable
    }

    pub(crate) fn move_home(self: &Arc<Self>) {
        self.drive_on(&self.home, false);
    }

    pub(crate) fn move_to(self: &Arc<Self>, runtime: &Handle) {
        self.drive_on(runtime, true);
    }

    fn drive_on(self: &Arc<Self>, runtime: &Handle, is_away: bool) {
        let (moves, before) = {
            let mut slot = lock(&self.slot);
            slot.moves += 1;
            (slot.moves, slot.task.take())
        };
        if let Some(before) = before {
            before.abort();
        }
        let movable = Arc::clone(self);
        let task = runtime.spawn(poll_fn(move |context| {
            let _home = is_away.then(|| movable.home.enter());
            movable.poll(moves, context)
        }));
        lock(&self.slot).task = Some(task.abort_handle());
    }

    fn poll(&self, moves: usize, context: &mut Context<'_>) -> Poll<()> {
        let mut slot = lock(&self.slot);
        if slot.moves != moves {
            return Poll::Ready(());
        }
        if let Some(activity) = &self.activity {
            activity.turn();
        }
        // Taken out, so that nothing is left of it after a panic.
        let Some(mut work) = slot.work.take() else { return Poll::Ready(()) };
        let poll = work.as_mut().poll(context);
        if poll.is_pending() {
            slot.work = Some(work);
        }
        poll
    }

    pub(crate) fn stop(&self) {
        let (work, task) = {
            let mut slot = lock(&self.slot);
            (slot.work.take(), slot.task.take())
        };
        drop(work);
        if let Some(task) = task {
            task.abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::{runtime::Builder, sync::mpsc};

    use super::Movable;

    // [SUP-5]
    #[tokio::test]
    async fn goes_on_where_it_was_wherever_it_is_driven() {
        let (questions, mut asked) = mpsc::unbounded_channel::<u8>();
        let (answers, mut answered) = mpsc::unbounded_channel();
        let movable = Movable::spawn(None, async move {
            let mut sum = 0;
            while let Some(number) = asked.recv().await {
                sum += number;
                let _ = answers.send((sum, std::thread::current().id()));
            }
        });
        let here = std::thread::current().id();
        questions.send(1).unwrap();
        assert_eq!(answered.recv().await, Some((1, here)));

        let other = Builder::new_multi_thread().worker_threads(1).build().unwrap();
        movable.move_to(other.handle());
        questions.send(2).unwrap();
        let (sum, there) = answered.recv().await.unwrap();
        assert_eq!(sum, 3);
        assert_ne!(there, here);

        movable.move_home();
        questions.send(3).unwrap();
        assert_eq!(answered.recv().await, Some((6, here)));

        movable.stop();
        assert_eq!(answered.recv().await, None);
        other.shutdown_background();
    }
}
