use std::{
    future::{Future, pending},
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, DuplexStream},
    sync::oneshot,
    time::sleep,
};

use super::{
    catch::{Panicked, catch},
    inbound::{Inbound, InboundReader},
    outbound::Outbound,
    v2::{Connection, Ticket},
};
use crate::{
    Body, BodyError, Headers, HttpRequest, HttpResponse, KvOp, PluginContext, ToruPlugin,
    error::ErrorKind,
    upgrade::{Switch, Upgraded},
    wire::{kv_codec, outgoing::Outgoing},
};

/// Bytes of a body in one message at most, by custom: so that streams take turns.
const CHUNK: usize = 65_536;

/// What is read at once of what an upgraded connection's handler has written.
const READ_AT_ONCE: usize = 16 * 1024;
/// After both directions of an upgraded connection are over, its handler gets this time to end by itself.
const LINGER: Duration = Duration::from_secs(10);

/// What a handler gives, or the answer to its failure.
pub(crate) async fn call<P: ToruPlugin>(
    plugin: &P,
    bundle: Option<&str>,
    context: &PluginContext,
    request: HttpRequest,
) -> HttpResponse {
    if let Some(script) = bundle.filter(|_| request.route_path() == "/bundle.js")
        && matches!(request.method.as_str(), "GET" | "HEAD")
    {
        return HttpResponse::with("text/javascript; charset=utf-8", script.to_owned());
    }
    let what = format!("{} {}", request.method, request.route_path());
    let is_upgrade = request.is_upgrade;
    let handled = pin!(plugin.handle_http(context, request));
    match catch(handled).await {
        Ok(Ok(response)) if response.switch.is_some() && response.status == 101 => {
            if is_upgrade {
                return response;
            }
            log::error!("{what}: the client has not asked for an upgrade, or the host offers none");
            HttpResponse::text("Upgrade required").status(426)
        }
        Ok(Ok(response)) if response.switch.is_some() || !(200..=599).contains(&response.status) => {
            log::error!("{what}: the status {} is not from 200 to 599", response.status);
            failure()
        }
        Ok(Ok(response)) => response,
        Ok(Err(error)) => match error.kind() {
            ErrorKind::Http(status) => HttpResponse::text(error.message()).status(status),
            ErrorKind::NotSupported => HttpResponse::text(error.message()).status(501),
            _ => {
                log::error!("{what}: {error}");
                failure()
            }
        },
        Err(Panicked) => {
            log::error!("{what}: the handler panicked");
            failure()
        }
    }
}

/// Resolves when a client, which takes no more, sends no more either: at once if it has broken off.
async fn abandoned(client: &Inbound) {
    if client.over().await {
        sleep(LINGER).await;
    }
}

pub(crate) fn failure() -> HttpResponse {
    HttpResponse::text("Internal error").status(500)
}

/// The answer to the host's question for a value of the plugin's own; `Err` is code and message.
pub(crate) async fn call_kv<P: ToruPlugin>(
    plugin: &P,
    context: &PluginContext,
    operation: Result<KvOp, String>,
) -> Result<crate::KvReply, (String, String)> {
    let operation = operation.map_err(|what| ("invalid_request".to_owned(), what))?;
    let handled = pin!(plugin.handle_kv(context, operation));
    match catch(handled).await {
        Ok(Ok(reply)) => Ok(reply),
        Ok(Err(error)) if error.kind() == ErrorKind::NotSupported => {
            Err(("invalid_request".into(), error.message().to_owned()))
        }
        Ok(Err(error)) => {
            log::error!("kv: {error}");
            Err(("internal".into(), "The plugin failed".into()))
        }
        Err(Panicked) => Err(("internal".into(), "The plugin failed".into())),
    }
}

/// An open request of the host, until its answer is complete.
pub(crate) struct Exchange {
    pub(crate) connection: Arc<Connection>,
    ticket: Ticket,
    /// The stream of the answer, once it has begun.
    stream: AtomicU64,
}

impl Exchange {
    pub(crate) fn new(connection: Arc<Connection>, ticket: Ticket) -> Self {
        Self { connection, ticket, stream: AtomicU64::new(0) }
    }

    /// Works until done, or until the host has cancelled: then the handler is dropped and its stream broken off.
    pub(crate) async fn run(&self, cancelled: oneshot::Receiver<()>, work: Pin<&mut impl Future<Output = ()>>) {
        tokio::select! {
            () = work => {}
            () = async { if cancelled.await.is_err() { pending::<()>().await } } => {}
        }
        let stream = self.stream.swap(0, Ordering::AcqRel);
        if stream != 0 && self.connection.forget_outbound(stream) {
            self.connection.outbox.bulk(Outgoing::broken(stream, "cancelled", "The request was cancelled")).await;
        }
        self.connection.close(&self.ticket);
    }

    /// Sends an answer: in one message if it is small, else as a stream as fast as the host takes it.
    pub(crate) async fn respond(&self, response: HttpResponse) {
        let HttpResponse { status, headers, body, .. } = response;
        let (status, headers, body) = match headers.to_json() {
            Ok(headers) => (status, headers, body),
            Err(what) => {
                log::error!("{what}");
                (500, json!({}), Body::from("Internal error"))
            }
        };
        let body = match body.into_whole() {
            Ok(bytes) if bytes.len() <= CHUNK || !self.connection.has("stream") => {
                return self.send_whole(status, headers, bytes).await;
            }
            Ok(bytes) => Body::from(bytes),
            Err(mut stream) if !self.connection.has("stream") => {
                return match stream.bytes(self.connection.max_frame).await {
                    Ok(bytes) => self.send_whole(status, headers, bytes).await,
                    Err(error) => {
                        log::error!("a streamed answer to a host without streams: {error}");
                        self.send_whole(500, json!({}), Bytes::from_static(b"Internal error")).await;
                    }
                };
            }
            Err(stream) => stream,
        };
        Box::pin(self.send_stream(status, headers, body)).await;
    }

    async fn send_whole(&self, status: u16, headers: Value, body: Bytes) {
        let mut message = Outgoing::http(&self.ticket.id, status, headers.clone(), body.clone());
        if message.length() > self.connection.max_frame {
            if self.connection.has("stream") {
                return Box::pin(self.send_stream(status, headers, Body::from(body))).await;
            }
            log::error!("an answer of {} bytes does not fit into a message", body.len());
            message = Outgoing::http(&self.ticket.id, 500, json!({}), Bytes::from_static(b"Internal error"));
        }
        self.send_last(message).await;
    }

    async fn send_stream(&self, status: u16, headers: Value, mut body: Body) {
        let first = Outgoing::http_stream(&self.ticket.id, status, headers.clone(), 2);
        // The number of the stream may be up to 15 digits longer.
        if first.length() + 16 > self.connection.max_frame {
            log::error!("the headers of an answer do not fit into a message");
            return self.send_last(Outgoing::http(&self.ticket.id, 500, json!({}), Bytes::new())).await;
        }
        let begin = |stream| Outgoing::http_stream(&self.ticket.id, status, headers, stream);
        let Some((id, stream)) = self.connection.open_outbound(&self.ticket, begin).await else { return };
        self.stream.store(id, Ordering::Release);
        let last = tokio::select! {
            sent = async { catch(pin!(self.pump(id, &stream, &mut body))).await } => match sent {
                Ok(Some(Ok(()))) => Some(Outgoing::end(id)),
                Ok(Some(Err(BodyError::Broken { code, message }))) => Some(Outgoing::broken(id, &code, &message)),
                Ok(Some(Err(error))) => Some(Outgoing::broken(id, "internal", &error.to_string())),
                Ok(None) => None,
                Err(Panicked) => Some(Outgoing::broken(id, "internal", "The handler failed")),
            },
            () = stream.refused() => None,
        };
        // The body is dropped before the end is told: whoever writes it sees that nobody reads any more.
        drop(body);
        match last {
            Some(message) if self.connection.forget_outbound(id) => {
                self.stream.store(0, Ordering::Release);
                self.send_last(message).await;
            }
            _ => self.stream.store(0, Ordering::Release),
        }
    }

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
        if Outgoing::http_stream(&self.ticket.id, 101, headers.clone(), u64::MAX).length() > self.connection.max_frame {
            log::error!("the headers of an answer do not fit into a message");
            return self.respond(failure()).await;
        }
        let begin = |stream| Outgoing::http_stream(&self.ticket.id, 101, headers, stream);
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

    /// `None`: the host wants no more.
    async fn pump(&self, id: u64, stream: &Outbound, body: &mut Body) -> Option<Result<(), BodyError>> {
        loop {
            match body.chunk().await {
                Ok(Some(chunk)) => {
                    if !self.send_chunk(id, stream, chunk).await {
                        return None;
                    }
                }
                Ok(None) => return Some(Ok(())),
                Err(error) => return Some(Err(error)),
            }
        }
    }

    /// `false`: the host wants no more.
    async fn send_chunk(&self, id: u64, stream: &Outbound, mut chunk: Bytes) -> bool {
        // 128 bytes are enough for the head of a `data` message with any number.
        let most = CHUNK.min(self.connection.max_frame.saturating_sub(128)).max(1);
        while !chunk.is_empty() {
            let Some(taken) = stream.take(chunk.len().min(most)).await else { return false };
            if !self.connection.outbox.bulk(Outgoing::bytes(id, chunk.split_to(taken))).await {
                return false;
            }
        }
        true
    }

    async fn send_last(&self, message: Outgoing) {
        let Some(place) = self.connection.outbox.reserve().await else { return };
        self.connection.finish(&self.ticket, || place.send(message));
    }

    /// The answer to a question of the host's for a value.
    pub(crate) async fn respond_kv(&self, answer: Result<crate::KvReply, (String, String)>) {
        let payload = match answer {
            Ok(reply) => kv_codec::encode_reply(&reply),
            Err((code, message)) => json!({"error": {"code": code, "message": message}}),
        };
        let mut message = Outgoing::kv(&self.ticket.id, payload);
        if message.length() > self.connection.max_frame {
            message = Outgoing::kv(&self.ticket.id, json!({"error": {"code": "internal", "message": "Too large"}}));
        }
        self.send_last(message).await;
    }
}
