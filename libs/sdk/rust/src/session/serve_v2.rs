use std::{
    future::Future,
    path::PathBuf,
    pin::{Pin, pin},
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use tokio::{
    net::UnixStream,
    sync::{mpsc, oneshot, watch},
    time::{Instant, sleep_until, timeout},
};

use super::{
    MAX_GRACE, SHUTDOWN_HOOK, TERMINATE_GRACE,
    catch::catch,
    environment::Environment,
    handle::{call, call_kv},
    inbound::InboundReader,
    kv_port::KvPort,
    lock,
    movable::Movable,
    outbox::Outbox,
    reader::{FrameReader, ReadEnd},
    respond::Exchange,
    servers::{Desk, Servers},
    ticket::Ticket,
    v2::Connection,
    writer::write_all,
};
use crate::{
    Body, Config, Events, HttpRequest, HttpResponse, Kv, KvOp, PluginContext, PluginError, PluginMetadata, ToruPlugin,
    logging,
    runtime::{Shared, bounded, status_of},
    standby::{Activity, Io, Standby},
    termination::Termination,
    wire::{
        Violation,
        familiar::FamiliarHeads,
        frame::Frame,
        incoming::{Incoming, IncomingBody, Init},
        outgoing::Outgoing,
    },
};

/// What is written at the end gets this time.
const FLUSH: Duration = Duration::from_secs(2);

struct Session<P> {
    connection: Arc<Connection>,
    shared: OnceLock<Arc<Shared<P>>>,
    /// With the settings of now.
    context: Mutex<Arc<PluginContext>>,
    settings: watch::Sender<Config>,
    stopping: watch::Sender<bool>,
    /// `shutdown`, with its grace.
    shutdown: mpsc::Sender<Duration>,
    servers: Servers<Request>,
    activity: Option<Arc<Activity>>,
}

/// An open request, and what is to be done.
struct Request {
    ticket: Ticket,
    job: Job,
    /// Whether it came after the shutdown.
    stopping: bool,
}

enum Job {
    Http(Box<HttpRequest>),
    /// With the client's bytes after the answer.
    Upgrade(Box<HttpRequest>, InboundReader),
    Kv(Result<KvOp, String>),
}

/// Serves the one connection of version 2, whose first message is `first`; the exit status. With a standby, pings are
/// answered whatever handlers do.
pub(crate) async fn serve<P: ToruPlugin>(
    mut plugin: P,
    metadata: PluginMetadata,
    environment: Environment,
    reader: FrameReader<UnixStream>,
    first: Frame,
    termination: &mut Termination,
    standby: Option<&Standby>,
) -> u8 {
    let init = match Incoming::decode(first) {
        Ok(Incoming::Init(init)) => init,
        Ok(_) => return 1,
        Err(violation) => {
            log::error!("protocol error: {violation}");
            return 1;
        }
    };
    let (mut reader, sink, socket) = match reader.into_movable() {
        Ok(movable) => movable,
        Err(error) => {
            log::error!("the connection cannot be used: {error}");
            return 1;
        }
    };
    reader.decoder.set_max_frame(init.max_frame);
    let (outbox, queues) = Outbox::new();
    let activity = standby.map(Standby::activity);
    let (written, writer) = oneshot::channel();
    let writing = Movable::spawn(activity.clone(), {
        let outbox = Arc::clone(&outbox);
        async move {
            write_all(sink, outbox, queues).await;
            let _ = written.send(());
        }
    });
    let connection = Connection::new(outbox, &init);
    if connection.has("log") {
        logging::send_to(Some(Arc::downgrade(&connection)));
    }
    let (shutdown, mut shutdown_asked) = mpsc::channel(1);
    let session = Arc::new(Session::new(Arc::clone(&connection), environment, *init, shutdown, activity.clone()));
    // Before anything is read: a change that comes at once, or during `init`, is told of too.
    let changes = session.settings.subscribe();
    let (ready, is_ready) = watch::channel(false);
    let (read, mut end_of_reading) = oneshot::channel();
    let reading = Movable::spawn(activity, {
        let session = Arc::clone(&session);
        async move {
            let _ = read.send(read_all(session, reader, is_ready).await);
        }
    });

    let context = session.context();
    let started = tokio::select! {
        started = async { catch(pin!(plugin.init(&context))).await } => {
            started.unwrap_or_else(|_| Err(PluginError::internal("`init` panicked")))
        }
        end = &mut end_of_reading => return lost(&connection, end.ok()),
        Some(_) = shutdown_asked.recv() => return flush(&connection, writer, 0).await,
        () = termination.asked() => return flush(&connection, writer, 0).await,
    };
    if let Err(error) = started {
        let status = status_of(&error);
        let code = match error.kind() {
            crate::ErrorKind::Config => "config",
            crate::ErrorKind::License => "license",
            _ => "internal",
        };
        log::error!("the plugin cannot start: {error}");
        connection.outbox.bulk(Outgoing::failed(code, error.message())).await;
        return flush(&connection, writer, status).await;
    }

    let shared = Arc::new(Shared { plugin, bundle: metadata.bundle.map(Into::into) });
    let _ = session.shared.set(Arc::clone(&shared));
    // Before the host can know: its next frame may have a tail.
    let _ = ready.send(true);
    connection.outbox.bulk(Outgoing::ready(&connection.features)).await;
    if let Some(standby) = standby {
        standby.take_on(Io { reading: Arc::clone(&reading), writing, socket });
    }
    let settings = tokio::spawn(watch_settings(Arc::clone(&session), Arc::clone(&shared), changes));

    let grace = tokio::select! {
        end = &mut end_of_reading => {
            let status = lost(&connection, end.ok());
            bounded("on_shutdown", SHUTDOWN_HOOK, shared.plugin.on_shutdown(&session.context())).await;
            settings.abort();
            return status;
        }
        Some(grace) = shutdown_asked.recv() => grace.min(MAX_GRACE),
        () = termination.asked() => TERMINATE_GRACE,
    };
    session.stopping.send_replace(true);
    let deadline = Instant::now() + grace;
    tokio::select! {
        () = connection.until_idle() => {}
        () = sleep_until(deadline) => log::warn!("requests were in flight at the end of the grace"),
        () = termination.asked() => {}
        _ = &mut end_of_reading => {}
    }
    connection.cancel_all();
    let rest = deadline.saturating_duration_since(Instant::now()).max(SHUTDOWN_HOOK);
    bounded("on_shutdown", rest, shared.plugin.on_shutdown(&session.context())).await;
    settings.abort();
    reading.stop();
    flush(&connection, writer, 0).await
}

/// The host is gone, or has broken the protocol: everything that waits for it ends.
/// In the form of the host's own errors (RFC 9457): to the client it is the host that has no plugin just now.
fn about_to_end() -> HttpResponse {
    const DOCUMENT: &str =
        r#"{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"The plugin is about to end"}"#;
    HttpResponse::text(DOCUMENT).header("content-type", "application/problem+json").status(503)
}

fn lost(connection: &Connection, end: Option<ReadEnd>) -> u8 {
    connection.lose();
    logging::send_to(None);
    match end {
        Some(ReadEnd::Violation(violation)) => log::error!("protocol error: {violation}"),
        Some(ReadEnd::Closed) | None => log::error!("the connection to the host is gone"),
    }
    1
}

async fn flush(connection: &Connection, writer: oneshot::Receiver<()>, status: u8) -> u8 {
    connection.outbox.close();
    let _ = timeout(FLUSH, writer).await;
    status
}

async fn watch_settings<P: ToruPlugin>(
    session: Arc<Session<P>>,
    shared: Arc<Shared<P>>,
    mut settings: watch::Receiver<Config>,
) {
    while settings.changed().await.is_ok() {
        let config = settings.borrow_and_update().clone();
        let context = session.context();
        if catch(pin!(shared.plugin.on_settings(&context, &config))).await.is_err() {
            log::error!("on_settings panicked");
        }
    }
}

async fn read_all<P: ToruPlugin, R: tokio::io::AsyncRead + Unpin>(
    session: Arc<Session<P>>,
    mut reader: FrameReader<R>,
    mut ready: watch::Receiver<bool>,
) -> ReadEnd {
    let mut is_ready = false;
    let mut familiar = FamiliarHeads::new();
    loop {
        session.connection.outbox.room().await;
        let frame = tokio::select! {
            biased;
            changed = ready.changed(), if !is_ready => {
                if changed.is_err() {
                    return ReadEnd::Closed;
                }
                is_ready = true;
                reader.decoder.allow_tails();
                continue;
            }
            frame = reader.next() => frame,
        };
        let taken = frame.and_then(|frame| Ok(session.take(familiar.decode(frame)?)?));
        if let Err(end) = taken {
            return end;
        }
    }
}

impl<P: ToruPlugin> Session<P> {
    fn new(
        connection: Arc<Connection>,
        environment: Environment,
        init: Init,
        shutdown: mpsc::Sender<Duration>,
        activity: Option<Arc<Activity>>,
    ) -> Self {
        let (stopping, is_stopping) = watch::channel(false);
        let config = Config::new(init.settings);
        let (settings, _) = watch::channel(config.clone());
        let weak = Arc::downgrade(&connection);
        let license_key = init.license_key.or(environment.license_key);
        let context = PluginContext {
            plugin_id: init.plugin_id.unwrap_or(environment.plugin_id).into(),
            instance_id: init.instance_id.into(),
            data_dir: Arc::new(init.data_dir.map_or(environment.data_dir, PathBuf::from)),
            license_key: license_key.map(Into::into),
            config,
            kv: Kv::new(KvPort::V2(weak.clone())),
            events: Events::new(Some(weak).filter(|_| connection.has("event"))),
            stopping: is_stopping,
        };
        Self {
            connection,
            shared: OnceLock::new(),
            context: Mutex::new(Arc::new(context)),
            settings,
            stopping,
            shutdown,
            servers: Servers::new(),
            activity,
        }
    }

    fn context(&self) -> Arc<PluginContext> {
        Arc::clone(&lock(&self.context))
    }

    fn change(&self, config: Config) {
        {
            let mut context = lock(&self.context);
            *context = Arc::new(PluginContext { config: config.clone(), ..PluginContext::clone(&context) });
        }
        self.settings.send_replace(config);
    }

    /// Acts on a message, without ever waiting for an author's code.
    fn take(self: &Arc<Self>, message: Incoming) -> Result<(), Violation> {
        let connection = &self.connection;
        match message {
            Incoming::Ping { id } => connection.outbox.control(Outgoing::ping_answer(&id)),
            Incoming::Data(data) => connection.data(data)?,
            Incoming::Http { id, mut request, body } => {
                request.body = match body {
                    IncomingBody::Whole(bytes) => bytes.into(),
                    IncomingBody::Stream(stream) => Body::inbound(connection.open_inbound(stream)?),
                };
                self.spawn(id, Job::Http(request))?;
            }
            Incoming::KvRequest { id, operation } => self.spawn(id, Job::Kv(operation))?,
            Incoming::Upgrade { .. } if !connection.has("upgrade") => {
                return Err(Violation::new("unexpected_message", "an upgrade, which was not agreed on"));
            }
            Incoming::Upgrade { id, request, stream } => {
                let inbound = connection.open_inbound(stream)?;
                self.spawn(id, Job::Upgrade(request, inbound))?;
            }
            Incoming::KvAnswer { id, payload } => connection.kv_answered(&id, payload)?,
            Incoming::Cancel { id } => connection.cancel(&id),
            Incoming::Settings(settings) => self.change(Config::new(settings)),
            // A second one changes nothing.
            Incoming::Shutdown { grace_ms } => {
                self.stopping.send_replace(true);
                let _ = self.shutdown.try_send(Duration::from_millis(grace_ms));
            }
            Incoming::Pong => return Err(Violation::new("unknown_request_id", "a pong to no open ping")),
            Incoming::Init(_) => return Err(Violation::new("unexpected_message", "init comes once")),
            Incoming::Unknown => {}
        }
        Ok(())
    }

    /// Serves a request in a task of its own, for as long as it takes.
    fn spawn(self: &Arc<Self>, id: String, job: Job) -> Result<(), Violation> {
        let Some(shared) = self.shared.get() else {
            return Err(Violation::new("unexpected_message", "a request before ready"));
        };
        let ticket = self.connection.open(id)?;
        // Now: what came before the shutdown is served, however late its task gets its turn.
        let stopping = *self.stopping.borrow();
        if let Err(request) = self.servers.give(Request { ticket, job, stopping }) {
            tokio::spawn(Self::serve_one_after_another(Arc::clone(self), Arc::clone(shared), request));
        }
        Ok(())
    }

    async fn serve_one_after_another(mut session: Arc<Self>, shared: Arc<Shared<P>>, mut request: Request) {
        let desk = Desk::new();
        loop {
            {
                let Request { ticket, job, stopping } = request;
                let exchange = Exchange::new(Arc::clone(&session.connection), ticket);
                let work = pin!(session.work(&shared, &exchange, job, stopping));
                exchange.run(work).await;
            }
            if !session.servers.offer(&desk) {
                return;
            }
            // Whoever waits does not keep the session.
            let waiting = Arc::downgrade(&session);
            drop(session);
            let Some(next) = desk.next().await else { return };
            let Some(again) = waiting.upgrade() else { return };
            (session, request) = (again, next);
        }
    }

    async fn handler<F: Future>(&self, handler: Pin<&mut F>) -> F::Output {
        match &self.activity {
            Some(activity) => activity.handler(handler).await,
            None => handler.await,
        }
    }

    async fn work(&self, shared: &Shared<P>, exchange: &Exchange, job: Job, stopping: bool) {
        let context = self.context();
        let (request, inbound) = match job {
            Job::Kv(operation) => {
                let handled = pin!(call_kv(&shared.plugin, &context, operation));
                return exchange.respond_kv(self.handler(handled).await).await;
            }
            Job::Http(request) => (request, None),
            Job::Upgrade(request, inbound) => (request, Some(inbound)),
        };
        if stopping {
            return exchange.respond(about_to_end()).await;
        }
        let handled = pin!(call(&shared.plugin, shared.bundle.as_deref(), &context, *request));
        let mut response = self.handler(handled).await;
        match (response.switch.take(), inbound) {
            (Some(switch), Some(inbound)) => {
                // In a box, like all that is large and rare: a small request should not pay for it.
                Box::pin(exchange.switch(&context, response.headers, inbound, switch)).await;
            }
            // An upgrade that is refused: the client's stream is let go of first.
            (_, inbound) => {
                drop(inbound);
                exchange.respond(response).await;
            }
        }
    }
}
