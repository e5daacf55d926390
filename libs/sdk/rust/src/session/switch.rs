use std::{
    pin::pin,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use bytes::BytesMut;
use tokio::{
    io::{AsyncReadExt, DuplexStream},
    time::sleep,
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

/// Resolves when a client, which takes no more, sends no more either: at once if it has broken off.
async fn abandoned(client: &Inbound) {
    if client.over().await {
        sleep(LINGER).await;
    }
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
        let Some((id, stream)) = self.connection.open_outbound(&self.ticket, begin).await else { return };
        self.stream.store(id, Ordering::Release);
        let client = inbound.stream();
        let (connection, written) = Upgraded::new(inbound, context);
        let started = pin!(async { switch.start(connection).await });
        let mut work = pin!(catch(started));
        let failed = AtomicBool::new(false);
        let mut sending = pin!(self.send_written(id, &stream, written, &failed));
        let outcome = tokio::select! {
            outcome = &mut work => outcome,
            () = &mut sending => tokio::select! {
                _ = &mut work => return,
                () = abandoned(&client) => return,
            },
        };
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
        sending.await;
    }

    /// The plugin's direction of an upgraded connection, until the plugin ends it or the host wants no more. Then the
    /// pipe is gone, and writing into it fails.
    async fn send_written(&self, id: u64, stream: &Outbound, mut written: DuplexStream, failed: &AtomicBool) {
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
        let is_open = self.connection.forget_outbound(id);
        self.stream.store(0, Ordering::Release);
        if all && is_open {
            self.send_last(match failed.load(Ordering::Relaxed) {
                true => Outgoing::broken(id, "internal", "The handler failed"),
                false => Outgoing::end(id),
            })
            .await;
        }
    }
}
