use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use serde_json::{Map, Value};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, oneshot};

use super::{
    inbound::{Inbound, InboundReader},
    kv_port::lost,
    lock,
    outbound::Outbound,
    outbox::Outbox,
    ticket::Ticket,
};
use crate::{
    BodyError, KvError, PluginError,
    kv::{KvAnswer, KvQuery},
    wire::{
        Violation,
        incoming::{Data, Init},
        json::Object,
        kv_codec,
        outgoing::Outgoing,
    },
};

/// Requests of one side, and streams of one side, that may be open at a time.
const MAX_OPEN: usize = 1024;
/// Questions to the host's storage at a time; further ones wait.
const KV_AT_ONCE: usize = 256;
/// What this crate can use of what a host offers.
const FEATURES: [&str; 6] = ["stream", "upgrade", "kv", "log", "event", "settings"];

/// What is open on the one connection of version 2.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) max_frame: usize,
    window: u64,
    pub(crate) features: Vec<&'static str>,
    requests: Mutex<HashSet<Ticket>>,
    idle: Notify,
    inbound: Mutex<Streams<Arc<Inbound>>>,
    outbound: Mutex<Streams<(Arc<Outbound>, Ticket)>>,
    questions: Mutex<HashMap<String, Question>>,
    kv_slots: Arc<Semaphore>,
    next_question: AtomicU64,
    is_lost: AtomicBool,
}

/// Why an answer cannot have a stream.
#[derive(Debug)]
pub(crate) enum NoStream {
    /// Its request was cancelled, or the host is gone.
    Unwanted,
    TooMany,
}

/// The open streams of one side. Numbers grow: what is not open and not above `highest` is over.
#[derive(Debug)]
struct Streams<S> {
    open: HashMap<u64, S>,
    highest: u64,
}

#[derive(Debug)]
struct Question {
    answer: oneshot::Sender<Object>,
    /// Held until the host has answered, also when nobody waits any more.
    _slot: OwnedSemaphorePermit,
}

impl Connection {
    pub(crate) fn new(outbox: Arc<Outbox>, init: &Init) -> Arc<Self> {
        let offers = |feature: &str| init.features.iter().any(|each| each == feature);
        // The bytes of an upgrade are streams.
        let offered = |feature: &&str| offers(feature) && (*feature != "upgrade" || offers("stream"));
        Arc::new(Self {
            outbox,
            max_frame: init.max_frame,
            window: init.window,
            features: FEATURES.into_iter().filter(offered).collect(),
            requests: Mutex::default(),
            idle: Notify::new(),
            inbound: Mutex::new(Streams { open: HashMap::new(), highest: 0 }),
            outbound: Mutex::new(Streams { open: HashMap::new(), highest: 0 }),
            questions: Mutex::default(),
            kv_slots: Arc::new(Semaphore::new(KV_AT_ONCE)),
            next_question: AtomicU64::new(1),
            is_lost: AtomicBool::new(false),
        })
    }

    pub(crate) fn has(&self, feature: &str) -> bool {
        self.features.contains(&feature)
    }

    /// Opens a request of the host.
    pub(crate) fn open(&self, id: String) -> Result<Ticket, Violation> {
        let ticket = Ticket::new(id);
        let mut requests = lock(&self.requests);
        if requests.len() >= MAX_OPEN {
            return Err(Violation::new("too_many_requests", format!("more than {MAX_OPEN} open requests")));
        }
        if !requests.insert(ticket.clone()) {
            return Err(Violation::new("duplicate_request_id", "the request_id of an open request"));
        }
        Ok(ticket)
    }

    /// Closes a request without an answer, if it is open.
    pub(crate) fn close(&self, ticket: &Ticket) {
        self.finish(ticket, || ());
    }

    /// Closes a request and queues the last of its answer, unless it was cancelled: then nothing may be sent. In one
    /// step: whoever sees that no request is open may count on the answers being queued.
    pub(crate) fn finish(&self, ticket: &Ticket, send: impl FnOnce()) {
        if ticket.is_closed() {
            return;
        }
        let mut requests = lock(&self.requests);
        // Under the lock it is open exactly if it is in the set: its id is not another's before it is closed.
        if ticket.close() {
            requests.remove(ticket.id());
            send();
        }
        if requests.is_empty() {
            self.idle.notify_waiters();
        }
    }

    /// An id that is not open has just been answered, and its stream, if it has one, goes on.
    pub(crate) fn cancel(&self, id: &str) {
        let mut requests = lock(&self.requests);
        if let Some(ticket) = requests.take(id) {
            ticket.cancel();
        }
        if requests.is_empty() {
            self.idle.notify_waiters();
        }
    }

    /// Cancels what is open, and what goes on sending though it is answered.
    pub(crate) fn cancel_all(&self) {
        lock(&self.requests).drain().for_each(|ticket| ticket.cancel());
        lock(&self.outbound).open.values().for_each(|(_, ticket)| ticket.cancel());
        self.idle.notify_waiters();
    }

    /// Resolves when no request is open, and no answer is on its way.
    pub(crate) async fn until_idle(&self) {
        loop {
            let idle = self.idle.notified();
            // In this order: what is no longer among the first is among the second.
            let is_asked = !lock(&self.requests).is_empty();
            let is_sending = !lock(&self.outbound).open.is_empty();
            if !is_asked && !is_sending {
                return;
            }
            idle.await;
        }
    }

    pub(crate) fn open_inbound(self: &Arc<Self>, id: u64) -> Result<InboundReader, Violation> {
        if !self.has("stream") {
            return Err(Violation::new("invalid_stream", "a stream, which was not agreed on"));
        }
        let mut streams = lock(&self.inbound);
        if id <= streams.highest {
            let text = format!("stream {id} after stream {}: numbers grow", streams.highest);
            return Err(Violation::new("invalid_stream", text));
        }
        if streams.open.len() >= MAX_OPEN {
            return Err(Violation::new("too_many_streams", format!("more than {MAX_OPEN} open streams")));
        }
        let stream = Inbound::new(id, self.window, Arc::downgrade(self));
        streams.highest = id;
        streams.open.insert(id, Arc::clone(&stream));
        Ok(stream.reader())
    }

    /// Whether it was still open.
    pub(crate) fn forget_inbound(&self, id: u64) -> bool {
        lock(&self.inbound).open.remove(&id).is_some()
    }

    /// Begins a stream and queues the message that names it, in one step: the host must see the numbers grow. With that
    /// the request is answered: it is open no more, and only its stream goes on.
    pub(crate) async fn open_outbound(
        &self,
        ticket: &Ticket,
        message: impl FnOnce(u64) -> Outgoing,
    ) -> Result<(u64, Arc<Outbound>), NoStream> {
        let place = self.outbox.reserve().await.ok_or(NoStream::Unwanted)?;
        let mut streams = lock(&self.outbound);
        if streams.open.len() >= MAX_OPEN {
            return Err(NoStream::TooMany);
        }
        let id = streams.highest + 2;
        let stream = Arc::new(Outbound::new(self.window));
        let mut is_open = false;
        self.finish(ticket, || {
            streams.highest = id;
            streams.open.insert(id, (Arc::clone(&stream), ticket.clone()));
            place.send(message(id));
            is_open = true;
        });
        if is_open { Ok((id, stream)) } else { Err(NoStream::Unwanted) }
    }

    /// Ends a stream with its last message, unless it is over. In one step, as [`Connection::finish`].
    pub(crate) async fn end_outbound(&self, id: u64, message: Outgoing) -> bool {
        let Some(place) = self.outbox.reserve().await else { return false };
        let mut streams = lock(&self.outbound);
        let was_open = streams.open.remove(&id).is_some();
        if was_open {
            place.send(message);
        }
        if streams.open.is_empty() {
            self.idle.notify_waiters();
        }
        was_open
    }

    pub(crate) fn forget_outbound(&self, id: u64) -> bool {
        let mut streams = lock(&self.outbound);
        let was_open = streams.open.remove(&id).is_some();
        if streams.open.is_empty() {
            self.idle.notify_waiters();
        }
        was_open
    }

    pub(crate) fn data(&self, data: Data) -> Result<(), Violation> {
        let unknown = || Violation::new("unknown_stream", format!("no message named stream {}", data.stream));
        if data.is_of_host() {
            let mut streams = lock(&self.inbound);
            if data.stream > streams.highest {
                return Err(unknown());
            }
            let is_last = data.end || data.error.is_some();
            let stream =
                if is_last { streams.open.remove(&data.stream) } else { streams.open.get(&data.stream).cloned() };
            drop(streams);
            let Some(stream) = stream else { return Ok(()) };
            stream.push(data.bytes)?;
            match data.error {
                Some((code, message)) => stream.end(Err(BodyError::Broken { code, message })),
                None if data.end => stream.end(Ok(())),
                None => {}
            }
            return Ok(());
        }
        let mut streams = lock(&self.outbound);
        if data.stream > streams.highest {
            return Err(unknown());
        }
        if data.error.is_some() {
            if let Some((stream, _)) = streams.open.remove(&data.stream) {
                stream.refuse();
            }
            if streams.open.is_empty() {
                self.idle.notify_waiters();
            }
        } else if let (Some((stream, _)), Some(credit)) = (streams.open.get(&data.stream), data.credit) {
            stream.add_credit(credit);
        }
        Ok(())
    }

    pub(crate) async fn ask_kv(&self, query: KvQuery) -> Result<KvAnswer, KvError> {
        if !self.has("kv") {
            return Err(KvError::new("unsupported", "The host offers no storage"));
        }
        let slot = Arc::clone(&self.kv_slots).acquire_owned().await.map_err(|_| lost())?;
        let id = format!("k{}", self.next_question.fetch_add(1, Ordering::Relaxed));
        let message = Outgoing::kv(&id, kv_codec::encode_query(&query));
        if message.length() > self.max_frame {
            return Err(KvError::new("kv_value_too_large", "The question does not fit into a message"));
        }
        let place = self.outbox.reserve().await.ok_or_else(lost)?;
        let (answer, answered) = oneshot::channel();
        {
            let mut questions = lock(&self.questions);
            if self.is_lost.load(Ordering::Acquire) {
                return Err(lost());
            }
            questions.insert(id, Question { answer, _slot: slot });
        }
        place.send(message);
        let payload = answered.await.map_err(|_| lost())?;
        kv_codec::decode_answer(&query, &payload)
    }

    pub(crate) fn kv_answered(&self, id: &str, payload: Object) -> Result<(), Violation> {
        let question = lock(&self.questions).remove(id);
        let question = question.ok_or_else(|| Violation::new("unknown_request_id", "an answer to no open request"))?;
        // Whoever asked may have been cancelled.
        let _ = question.answer.send(payload);
        Ok(())
    }

    pub(crate) async fn send_event(&self, name: &str, data: Option<Map<String, Value>>) -> Result<(), PluginError> {
        let message = Outgoing::event(name, data.map(Value::Object));
        if message.length() > self.max_frame {
            return Err(PluginError::internal("the event does not fit into a message"));
        }
        if self.outbox.bulk(message).await { Ok(()) } else { Err(PluginError::internal("the host is gone")) }
    }

    /// Ends everything that waits for the host.
    pub(crate) fn lose(&self) {
        self.is_lost.store(true, Ordering::Release);
        self.cancel_all();
        lock(&self.questions).clear();
        self.kv_slots.close();
        let broken = || BodyError::Broken { code: "connection_lost".into(), message: "The host is gone".into() };
        lock(&self.inbound).open.drain().for_each(|(_, stream)| stream.end(Err(broken())));
        lock(&self.outbound).open.drain().for_each(|(_, (stream, _))| stream.refuse());
    }
}
