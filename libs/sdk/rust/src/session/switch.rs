use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::BytesMut;
use tokio::{
    io::{AsyncReadExt, DuplexStream},
    sync::oneshot,
    time::{sleep, timeout},
};

use super::{
    catch::{Panicked, catch},
    handle::failure,
    inbound::{Inbound, InboundReader},
    outbound::Outbound,
    respond::Exchange,
};
use crate::{
    Headers, PluginContext,
    upgrade::{Switch, Upgraded},
    wire::outgoing::Outgoing,
};

/// What is read at once of what an upgraded connection's handler has written.
const READ_AT_ONCE: usize = 16 * 1024;
/// After both directions of an upgraded connection are over, its handler gets this time to end by itself.
const LINGER: Duration = Duration::from_secs(10);
/// After the plugin's direction has ended, the client gets this time to hang up: what it still sends is thrown away.
const HANG_UP: Duration = Duration::from_secs(3);

/// Resolves when a client, which takes no more, sends no more either: at once if it has broken off.
async fn abandoned(client: &Inbound) {
    if client.over().await {
        sleep(LINGER).await;
    }
}

/// Reads what the client sends after the plugin has said its last, so that the client sees that before it is let go of.
async fn hang_up(mut inbound: InboundReader, dropped: oneshot::Receiver<()>) {
    let client = inbound.stream();
    tokio::select! {
        _ = dropped => {}
        () = abandoned(&client) => return,
    }
    let rest = async { while let Ok(Some(_)) = inbound.chunk().await {} };
    let _ = timeout(HANG_UP, rest).await;
}

impl Exchange {
    /// Answers 101, and lets `switch` serve the connection until it is done with it.
    pub(crate) async fn switch(
        &self,
        context: &PluginContext,
        headers: Headers,
        inbound: InboundReader,
        switch: Switch,
    ) {
        let headers = match headers.to_json() {
            Ok(headers) => headers,
            Err(what) => {
                log::error!("{what}");
                return self.respond(failure()).await;
            }
        };
        if Outgoing::http_stream(self.ticket.id(), 101, headers.clone(), u64::MAX).length() > self.connection.max_frame
        {
            log::error!("the headers of an answer do not fit into a message");
            return self.respond(failure()).await;
        }
        let begin = |stream| Outgoing::http_stream(self.ticket.id(), 101, headers, stream);
        let (id, stream) = match self.connection.open_outbound(&self.ticket, begin).await {
            Ok(opened) => opened,
            Err(none) => return self.respond_without(none).await,
        };
        self.stream.store(id, Ordering::Release);
        let client = inbound.stream();
        let (connection, written, dropped) = Upgraded::new(Arc::clone(&client), context);
        let started = pin!(async { switch.start(connection).await });
        let mut work = pin!(catch(started));
        let failed = AtomicBool::new(false);
        let mut sending = pin!(self.send_written(id, &stream, written, &failed));
        let ended = tokio::select! {
            outcome = &mut work => {
                match outcome {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => {
                        log::error!("an upgraded connection was broken off: {error}");
                        failed.store(true, Ordering::Relaxed);
                    }
                    Err(Panicked) => {
                        log::error!("an upgraded connection was broken off: its handler panicked");
                        failed.store(true, Ordering::Relaxed);
                    }
                }
                // What was written goes out, and whoever was given the connection may go on with it.
                sending.await
            }
            ended = &mut sending => {
                tokio::select! {
                    _ = &mut work => {}
                    () = abandoned(&client) => return,
                }
                ended
            }
        };
        // Only now: to the host a refusal of the client's bytes ends both directions, and what is on its way to the client.
        if ended {
            hang_up(inbound, dropped).await;
        }
    }

    /// The plugin's direction of an upgraded connection, until the plugin ends it or the host wants no more. Then the
    /// pipe is gone, and writing into it fails. Whether the host was told of its end.
    async fn send_written(&self, id: u64, stream: &Outbound, mut written: DuplexStream, failed: &AtomicBool) -> bool {
        let send = async {
            let mut buffer = BytesMut::new();
            loop {
                buffer.reserve(READ_AT_ONCE);
                match written.read_buf(&mut buffer).await {
                    Ok(0) | Err(_) => return true,
                    Ok(_) if !self.send_chunk(id, stream, buffer.split().freeze()).await => return false,
                    Ok(_) => {}
                }
            }
        };
        let all = tokio::select! {
            all = send => all,
            () = stream.refused() => false,
        };
        drop(written);
        let has_failed = failed.load(Ordering::Relaxed);
        let was_open = match (all, has_failed) {
            (true, true) => {
                let broken = Outgoing::broken(id, "internal", "The handler failed");
                self.connection.end_outbound(id, broken).await
            }
            (true, false) => self.connection.end_outbound(id, Outgoing::end(id)).await,
            (false, _) => self.connection.forget_outbound(id),
        };
        self.stream.store(0, Ordering::Release);
        all && was_open && !has_failed
    }
}
