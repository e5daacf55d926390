//! Where a plugin runs when it has a runtime of its own.
//!
//! One worker is the fastest: between several, half of the time of a small request would go into waking each other. But a
//! handler may block its thread, or compute for long, and pings must be answered all the same (SUP-5). So one worker does
//! everything while that goes well, and a thread beside it watches. When the worker does not come round any more, that
//! thread lets the other workers in, and reads and writes itself, where no handler ever runs, until one worker is enough
//! again.

mod activity;
mod ballast;

use std::{
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tokio::{
    runtime::{Builder, Handle, Runtime},
    sync::oneshot,
    time::{sleep, timeout},
};

pub(crate) use self::activity::Activity;
use self::ballast::Ballast;
use crate::session::{lock, movable::Movable, socket::Spare};

/// While there is work, the worker is looked at so often.
const TICK: Duration = Duration::from_millis(5);
/// Without a turn of the reader or the writer for so many looks, the worker hangs.
const HANGS: u32 = 4;
/// Of so many looks at a worker ...
const SAMPLE: u32 = 40;
/// ... it was in a handler at so many: the handlers compute, and have a use for more processors.
const COMPUTES: u32 = 24;
/// So long the other workers stay at least, and twice as long each time that one was not enough for [`CALM`].
const FIRST_REST: Duration = Duration::from_secs(1);
const LONGEST_REST: Duration = Duration::from_secs(64);
const CALM: Duration = Duration::from_secs(10);
/// A worker whose task blocks may be the one that was to look at timers and sockets, with others asleep beside it and tasks
/// in its queue. A task from outside, so often, wakes one of those, which takes both over.
const PULSE: Duration = Duration::from_millis(100);

/// What reads and writes a connection.
pub(crate) struct Io {
    pub(crate) reading: Arc<Movable>,
    pub(crate) writing: Arc<Movable>,
    pub(crate) socket: Spare,
}

/// The thread that watches.
pub(crate) struct Standby {
    activity: Arc<Activity>,
    io: Mutex<Option<Io>>,
    is_over: AtomicBool,
}

/// The runtime of a plugin, with a thread on standby.
pub(crate) fn start() -> io::Result<(Runtime, Arc<Standby>)> {
    let (runtime, watch) = prepare()?;
    let standby = Arc::clone(&watch.standby);
    thread::Builder::new().name("toru-standby".into()).spawn(move || watch.run())?;
    Ok((runtime, standby))
}

fn prepare() -> io::Result<(Runtime, Watch)> {
    let workers = thread::available_parallelism().map_or(2, usize::from).clamp(2, 8);
    let activity = Arc::new(Activity::default());
    let (parks, unparks) = (Arc::clone(&activity), Arc::clone(&activity));
    let runtime = Builder::new_multi_thread()
        .worker_threads(workers)
        .enable_all()
        .on_thread_park(move || parks.park())
        .on_thread_unpark(move || unparks.unpark())
        .build()?;
    let watch = Watch {
        standby: Arc::new(Standby { activity, io: Mutex::default(), is_over: AtomicBool::new(false) }),
        runtime: runtime.handle().clone(),
        others: workers - 1,
        ballast: Arc::default(),
        own: Builder::new_current_thread().enable_all().build()?,
    };
    Ok((runtime, watch))
}

impl Standby {
    pub(crate) fn activity(&self) -> Arc<Activity> {
        Arc::clone(&self.activity)
    }

    /// Begins to watch over this connection, once for all.
    pub(crate) fn take_on(&self, io: Io) {
        *lock(&self.io) = Some(io);
        self.activity.call();
    }

    /// Lets the thread end, and the workers that it keeps.
    pub(crate) fn end(&self) {
        self.is_over.store(true, Ordering::Release);
        self.activity.call();
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Acquire)
    }
}

struct Watch {
    standby: Arc<Standby>,
    runtime: Handle,
    /// Workers but for one.
    others: usize,
    ballast: Arc<Ballast>,
    /// Of this thread.
    own: Runtime,
}

impl Watch {
    fn run(self) {
        self.standby.activity.watch();
        let Some(io) = self.until_taken_on() else { return };
        let mut rest = FIRST_REST;
        while !self.standby.is_over() {
            let since = Instant::now();
            if self.one_is_enough() {
                io.move_home();
                self.until_it_hangs();
            }
            self.ballast.release();
            rest = if since.elapsed() < CALM { (rest * 2).min(LONGEST_REST) } else { FIRST_REST };
            io.move_to(&self.own);
            self.drive(rest);
        }
    }

    /// All workers work: a connection begins, or is of version 1.
    fn until_taken_on(&self) -> Option<Io> {
        while !self.standby.is_over() {
            if let Some(io) = lock(&self.standby.io).take() {
                return Some(io);
            }
            thread::park_timeout(PULSE);
            drop(self.runtime.spawn(async {}));
        }
        None
    }

    /// Keeps the other workers from working, if one comes round soon without them.
    fn one_is_enough(&self) -> bool {
        self.ballast.load(&self.runtime, self.others);
        let (came_round, has_come_round) = oneshot::channel();
        drop(self.runtime.spawn(async move { came_round.send(()) }));
        self.own.block_on(async { timeout(TICK * HANGS, has_come_round).await.is_ok() })
    }

    fn until_it_hangs(&self) {
        let activity = &self.standby.activity;
        let (mut turns, mut without_turn, mut looks, mut in_handlers) = (activity.turns(), 0, 0, 0);
        while !self.standby.is_over() {
            thread::park_timeout(TICK);
            let before = std::mem::replace(&mut turns, activity.turns());
            without_turn = if turns == before { without_turn + 1 } else { 0 };
            if activity.is_idle() {
                if without_turn > 0 {
                    activity.sleep_while_idle();
                }
                without_turn = 0;
            }
            looks += 1;
            in_handlers += u32::from(activity.is_in_handler());
            if without_turn >= HANGS || in_handlers >= COMPUTES {
                return;
            }
            if looks >= SAMPLE {
                (looks, in_handlers) = (0, 0);
            }
        }
    }

    /// Lets this thread do what its own runtime has to do, for so long.
    fn drive(&self, time: Duration) {
        let end = Instant::now() + time;
        self.own.block_on(async {
            while Instant::now() < end && !self.standby.is_over() {
                sleep(PULSE).await;
                drop(self.runtime.spawn(async {}));
            }
        });
    }
}

impl Io {
    fn move_to(&self, runtime: &Runtime) {
        let moved = {
            let _here = runtime.enter();
            self.socket.move_here()
        };
        match moved {
            Ok(()) => [&self.reading, &self.writing].into_iter().for_each(|each| each.move_to(runtime.handle())),
            // Out of file descriptors: the other workers do what they can.
            Err(error) => log::error!("pings may wait for handlers that block: {error}"),
        }
    }

    fn move_home(&self) {
        self.socket.move_home();
        self.reading.move_home();
        self.writing.move_home();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::prepare;

    // [SUP-5]
    #[test]
    fn a_worker_that_hangs_is_noticed_and_the_others_do_what_it_had_to() {
        let (runtime, watch) = prepare().unwrap();
        watch.standby.activity.watch();
        // On a busy machine it may take several times.
        let until_one_is_enough = || {
            while !watch.one_is_enough() {
                watch.ballast.release();
            }
        };
        until_one_is_enough();
        let (let_go, gate) = mpsc::channel::<()>();
        let (done, is_done) = mpsc::channel();
        let blocked = runtime.spawn(async move {
            // Behind it, in the queue of the same worker.
            for _ in 0..3 {
                let done = done.clone();
                drop(tokio::spawn(async move { done.send(()) }));
            }
            let _ = gate.recv();
        });
        watch.until_it_hangs();
        assert!(!blocked.is_finished());
        watch.ballast.release();
        is_done.recv().unwrap();
        let_go.send(()).unwrap();
        runtime.block_on(blocked).unwrap();
        until_one_is_enough();
        watch.ballast.release();
        runtime.shutdown_background();
    }
}
