use std::{
    collections::HashMap,
    pin::pin,
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use tokio::{
    io::AsyncWriteExt,
    net::{
        UnixListener, UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{Mutex, OnceCell, Semaphore, mpsc, oneshot, watch},
    time::{Instant, sleep_until, timeout},
};

use super::{
    SHUTDOWN_HOOK, TERMINATE_GRACE, WRITE_DEADLINE,
    catch::catch,
    environment::Environment,
    handle::{call, call_kv, failure},
    kv_port::{KvPort, QuestionV1},
    reader::{FrameReader, ReadEnd},
};
use crate::{
    Config, Events, HttpRequest, HttpResponse, Kv, KvError, PluginContext, PluginError, PluginMetadata, ToruPlugin,
    runtime::{First, Shared, bounded, status_of},
    termination::Termination,
    wire::{
        Violation,
        frame::{MAX_FRAME, put_plain},
        v1::{self as wire, Message},
    },
};

/// The host uses 16 at once unless it is configured otherwise; further connections wait.
const MAX_CONNECTIONS: usize = 256;
/// Questions to the storage that one request may have on their way.
const MAX_QUESTIONS: usize = 64;
/// The host waits 5 s after `shutdown` before it sends SIGTERM.
const SHUTDOWN_GRACE: Duration = Duration::from_millis(4500);
const NO_KV: &str = "In version 1 the storage can be used while a request is being handled, with its context";

struct Host<P> {
    /// The plugin, until it is initialised.
    fresh: Mutex<Option<P>>,
    shared: OnceCell<Arc<Shared<P>>>,
    metadata: PluginMetadata,
    environment: Environment,
    instance_id: OnceLock<Arc<str>>,
    in_flight: watch::Sender<usize>,
    stopping: watch::Sender<bool>,
    /// What ends the process: a status for now, or `None` for after what is in flight.
    end: mpsc::Sender<Option<u8>>,
}

/// Serves the connections of version 1; the exit status.
pub(crate) async fn serve<P: ToruPlugin>(
    plugin: P,
    metadata: PluginMetadata,
    environment: Environment,
    listener: UnixListener,
    termination: &mut Termination,
    first: Option<First>,
) -> u8 {
    let (end, mut ended) = mpsc::channel(1);
    let host = Arc::new(Host {
        fresh: Mutex::new(Some(plugin)),
        shared: OnceCell::new(),
        metadata,
        environment,
        instance_id: OnceLock::new(),
        in_flight: watch::channel(0).0,
        stopping: watch::channel(false).0,
        end,
    });
    if let Some((reader, frame)) = first {
        tokio::spawn(Arc::clone(&host).connection(reader, Some(frame.head)));
    }
    let slots = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let accepting = accept_all(Arc::clone(&host), &listener, slots);
    let grace = tokio::select! {
        Some(end) = ended.recv() => match end {
            Some(status) => return status,
            None => SHUTDOWN_GRACE,
        },
        () = termination.asked() => TERMINATE_GRACE,
        () = accepting => {
            log::error!("connections cannot be accepted any more");
            return 1;
        }
    };
    host.stopping.send_replace(true);
    drop(listener);
    let deadline = Instant::now() + grace;
    let mut in_flight = host.in_flight.subscribe();
    tokio::select! {
        _ = in_flight.wait_for(|count| *count == 0) => {}
        () = sleep_until(deadline) => log::warn!("requests were in flight at the end of the grace"),
        () = termination.asked() => {}
    }
    if let Some(shared) = host.shared.get() {
        let context = host.context(KvPort::None(NO_KV));
        bounded("on_shutdown", SHUTDOWN_HOOK, shared.plugin.on_shutdown(&context)).await;
    }
    0
}

async fn accept_all<P: ToruPlugin>(host: Arc<Host<P>>, listener: &UnixListener, slots: Arc<Semaphore>) {
    while let Ok(slot) = Arc::clone(&slots).acquire_owned().await {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of file descriptors, as a rule: some come back when requests end.
                log::error!("cannot accept: {error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let connection = Arc::clone(&host).connection(FrameReader::new(stream), None);
        tokio::spawn(async move {
            connection.await;
            drop(slot);
        });
    }
}

/// Counts a request for as long as it is handled.
struct InFlight<'a>(&'a watch::Sender<usize>);

impl<'a> InFlight<'a> {
    fn new(count: &'a watch::Sender<usize>) -> Self {
        count.send_modify(|count| *count += 1);
        Self(count)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

impl<P: ToruPlugin> Host<P> {
    /// One connection, to its end. What it does wrong harms no other.
    async fn connection(self: Arc<Self>, reader: FrameReader<UnixStream>, first: Option<Bytes>) {
        let (reader, sink) = reader.into_split();
        let mut wire = Wire { reader, sink };
        match self.messages(&mut wire, first).await {
            Ok(()) | Err(ReadEnd::Closed) => {}
            Err(ReadEnd::Violation(violation)) => log::error!("protocol error: {violation}"),
        }
    }

    async fn messages(&self, wire: &mut Wire, mut first: Option<Bytes>) -> Result<(), ReadEnd> {
        loop {
            let head = match first.take() {
                Some(head) => head,
                None => wire.reader.next().await?.head,
            };
            match wire::decode(&head, &self.metadata.route)? {
                Message::Init { instance_id } => {
                    if let Some(id) = instance_id {
                        let _ = self.instance_id.set(id.into());
                    }
                    self.plugin().await;
                    // Nothing else comes on this connection, and the host waits for its end for a while.
                    return Ok(());
                }
                Message::Shutdown => {
                    let _ = self.end.try_send(None);
                    return Ok(());
                }
                Message::Http { id, request } => self.http(wire, id, *request).await?,
                Message::KvRequest { id, operation } => {
                    let Some(shared) = self.plugin().await else { return Ok(()) };
                    let context = self.context(KvPort::None(NO_KV));
                    let answer = call_kv(&shared.plugin, &context, operation).await;
                    wire.write(&wire::kv_answer(&id, answer)).await?;
                }
                Message::KvAnswer { .. } => {
                    return Err(Violation::new("unknown_request_id", "an answer to no open request").into());
                }
                Message::Unknown => {}
            }
        }
    }

    /// The plugin, initialised; `None` if it cannot run, and the process is about to end.
    async fn plugin(&self) -> Option<&Arc<Shared<P>>> {
        let start = || async {
            let Some(mut plugin) = self.fresh.lock().await.take() else { return Err(()) };
            let context = self.context(KvPort::None(NO_KV));
            let started = catch(pin!(plugin.init(&context))).await;
            match started.unwrap_or_else(|_| Err(PluginError::internal("`init` panicked"))) {
                Ok(()) => Ok(Arc::new(Shared { plugin, bundle: self.metadata.bundle.clone().map(Into::into) })),
                Err(error) => {
                    log::error!("the plugin cannot start: {error}");
                    let _ = self.end.try_send(Some(status_of(&error)));
                    Err(())
                }
            }
        };
        self.shared.get_or_try_init(start).await.ok()
    }

    fn context(&self, kv: KvPort) -> PluginContext {
        let environment = &self.environment;
        let instance_id = self.instance_id.get().cloned();
        PluginContext {
            plugin_id: environment.plugin_id.as_str().into(),
            instance_id: instance_id.unwrap_or_else(|| environment.instance_id.as_str().into()),
            data_dir: Arc::new(environment.data_dir.clone()),
            license_key: environment.license_key.as_deref().map(Into::into),
            config: Config::default(),
            kv: Kv::new(kv),
            events: Events::new(None),
            stopping: self.stopping.subscribe(),
        }
    }

    /// Handles a request while its questions to the storage and their answers go over the same connection. The host
    /// closes it when the client has left: then the handler is dropped.
    async fn http(&self, wire: &mut Wire, id: String, request: HttpRequest) -> Result<(), ReadEnd> {
        let _in_flight = InFlight::new(&self.in_flight);
        let Some(shared) = self.plugin().await else { return Err(ReadEnd::Closed) };
        let (questions, mut asked) = mpsc::channel(MAX_QUESTIONS);
        let context = self.context(KvPort::V1(questions));
        let mut work = pin!(answer(&id, shared, &context, request));
        let mut open: HashMap<String, oneshot::Sender<Result<Option<String>, KvError>>> = HashMap::new();
        let mut number = 0u64;
        loop {
            tokio::select! {
                message = &mut work => return wire.write(&message).await,
                Some(QuestionV1 { operation, answer }) = asked.recv(), if open.len() < MAX_QUESTIONS => {
                    number += 1;
                    let question = format!("{number}.kv");
                    match wire::kv_question(&question, &operation) {
                        Ok(message) => {
                            open.insert(question, answer);
                            wire.write(&message).await?;
                        }
                        Err(error) => drop(answer.send(Err(error))),
                    }
                }
                frame = wire.reader.next() => match wire::decode(&frame?.head, &self.metadata.route)? {
                    Message::KvAnswer { id, answer } => match open.remove(&id) {
                        Some(waiting) => drop(waiting.send(answer)),
                        None => {
                            return Err(Violation::new("unknown_request_id", "an answer to no open request").into());
                        }
                    },
                    Message::Unknown => {}
                    _ => return Err(Violation::new("unexpected_message", "a second request at once").into()),
                },
            }
        }
    }
}

/// The message that answers a request: a whole body of text, as version 1 has it.
async fn answer<P: ToruPlugin>(id: &str, shared: &Shared<P>, context: &PluginContext, request: HttpRequest) -> Vec<u8> {
    let response = call(&shared.plugin, shared.bundle.as_deref(), context, request).await;
    let HttpResponse { status, headers, mut body, .. } = response;
    let whole = match catch(pin!(body.bytes(MAX_FRAME))).await {
        Ok(body) => body.map_err(|error| error.to_string()),
        Err(_) => Err("the handler panicked".into()),
    };
    let message = whole.and_then(|body| wire::http_answer(id, status, &headers, &body));
    message.unwrap_or_else(|what| {
        log::error!("{what}");
        let HttpResponse { status, headers, .. } = failure();
        wire::http_answer(id, status, &headers, &Bytes::from_static(b"Internal error")).unwrap_or_default()
    })
}

struct Wire {
    reader: FrameReader<OwnedReadHalf>,
    sink: OwnedWriteHalf,
}

impl Wire {
    async fn write(&mut self, json: &[u8]) -> Result<(), ReadEnd> {
        let mut bytes = BytesMut::with_capacity(4 + json.len());
        put_plain(&mut bytes, json);
        while !bytes.is_empty() {
            match timeout(WRITE_DEADLINE, self.sink.write_buf(&mut bytes)).await {
                Ok(Ok(1..)) => {}
                _ => return Err(ReadEnd::Closed),
            }
        }
        Ok(())
    }
}
