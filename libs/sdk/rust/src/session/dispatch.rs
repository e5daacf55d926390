use std::{
    path::PathBuf,
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use tokio::{
    io::AsyncRead,
    sync::{mpsc, watch},
};

use super::{
    environment::Environment,
    kv_port::KvPort,
    lock,
    reader::{FrameReader, ReadEnd},
    servers::Servers,
    v2::Connection,
    work::{Job, Request},
    writer::turn_of_others,
};
use crate::{
    Body, Config, Events, Kv, PluginContext, ToruPlugin,
    runtime::Shared,
    standby::Activity,
    wire::{
        Violation,
        familiar::FamiliarHeads,
        incoming::{Incoming, IncomingBody, Init},
        outgoing::Outgoing,
    },
};

/// After so many messages others have their turn: the host works on the answers to the first of a rush while the plugin
/// works on the rest. With all of a rush taken at once, the two would wait for one another.
const RUSH: usize = 16;

/// A plugin and its connection of version 2, from `init` on.
pub(super) struct Session<P> {
    pub(super) connection: Arc<Connection>,
    pub(super) shared: OnceLock<Arc<Shared<P>>>,
    /// With the settings of now.
    context: Mutex<Arc<PluginContext>>,
    pub(super) settings: watch::Sender<Config>,
    pub(super) stopping: watch::Sender<bool>,
    /// `shutdown`, with its grace.
    shutdown: mpsc::Sender<Duration>,
    pub(super) servers: Servers<Request>,
    pub(super) activity: Option<Arc<Activity>>,
}

/// Has every message acted on, until the connection ends or the host breaks the protocol.
pub(super) async fn read_all<P: ToruPlugin, R: AsyncRead + Unpin>(
    session: Arc<Session<P>>,
    mut reader: FrameReader<R>,
    mut ready: watch::Receiver<bool>,
) -> ReadEnd {
    let mut is_ready = false;
    let mut familiar = FamiliarHeads::new();
    let mut taken_before_others = 0;
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
        taken_before_others += 1;
        if taken_before_others == RUSH {
            taken_before_others = 0;
            turn_of_others().await;
        }
    }
}

impl<P: ToruPlugin> Session<P> {
    pub(super) fn new(
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

    pub(super) fn context(&self) -> Arc<PluginContext> {
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
}
