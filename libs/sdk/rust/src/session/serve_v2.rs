use std::{pin::pin, sync::Arc, time::Duration};

use tokio::{
    net::UnixStream,
    sync::{mpsc, oneshot, watch},
    time::{Instant, sleep_until, timeout},
};

use super::{
    MAX_GRACE, SHUTDOWN_HOOK, TERMINATE_GRACE,
    catch::catch,
    dispatch::{Session, read_all},
    environment::Environment,
    movable::Movable,
    outbox::Outbox,
    reader::{FrameReader, ReadEnd},
    v2::Connection,
    writer::write_all,
};
use crate::{
    Config, PluginError, PluginMetadata, ToruPlugin, logging,
    runtime::{Shared, bounded, status_of},
    standby::{Io, Standby},
    termination::Termination,
    wire::{frame::Frame, incoming::Incoming, outgoing::Outgoing},
};

/// What is written at the end gets this time.
const FLUSH: Duration = Duration::from_secs(2);

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
        end = &mut end_of_reading => {
            lose(&connection);
            return end_with(end.ok());
        }
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
            lose(&connection);
            bounded("on_shutdown", SHUTDOWN_HOOK, shared.plugin.on_shutdown(&session.context())).await;
            settings.abort();
            return end_with(end.ok());
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
fn lose(connection: &Connection) {
    connection.lose();
    logging::send_to(None);
}

/// Says why, and gives the exit status.
fn end_with(end: Option<ReadEnd>) -> u8 {
    match end {
        Some(ReadEnd::Violation(violation)) => logging::last_words(&format!("protocol error: {violation}")),
        Some(ReadEnd::Closed) | None => logging::last_words("the connection to the host is gone"),
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
