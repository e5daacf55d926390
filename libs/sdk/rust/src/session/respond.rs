use std::{
    future::{Future, pending},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::{
    catch::{Panicked, catch},
    outbound::Outbound,
    v2::{Connection, Ticket},
};
use crate::{
    Body, BodyError, HttpRequest, HttpResponse, KvOp, PluginContext, ToruPlugin,
    error::ErrorKind,
    wire::{kv_codec, outgoing::Outgoing},
};

/// Bytes of a body in one message at most, by custom: so that streams take turns.
const CHUNK: usize = 65_536;

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
    match catch(plugin.handle_http(context, request)).await {
        Ok(Ok(response)) if !(200..=599).contains(&response.status) => {
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
    match catch(plugin.handle_kv(context, operation)).await {
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
    pub(crate) async fn run(&self, cancelled: oneshot::Receiver<()>, work: impl Future<Output = ()>) {
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
        self.send_stream(status, headers, body).await;
    }

    async fn send_whole(&self, status: u16, headers: Value, body: Bytes) {
        let mut message = Outgoing::http(&self.ticket.id, status, headers.clone(), body.clone());
        if message.length() > self.connection.max_frame {
            if self.connection.has("stream") {
                return self.send_stream(status, headers, Body::from(body)).await;
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
            sent = catch(self.pump(id, &stream, &mut body)) => match sent {
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

    /// `None`: the host wants no more.
    async fn pump(&self, id: u64, stream: &Outbound, body: &mut Body) -> Option<Result<(), BodyError>> {
        // 128 bytes are enough for the head of a `data` message with any number.
        let most = CHUNK.min(self.connection.max_frame.saturating_sub(128)).max(1);
        loop {
            let mut chunk = match body.chunk().await {
                Ok(Some(chunk)) => chunk,
                Ok(None) => return Some(Ok(())),
                Err(error) => return Some(Err(error)),
            };
            while !chunk.is_empty() {
                let taken = stream.take(chunk.len().min(most)).await?;
                if !self.connection.outbox.bulk(Outgoing::bytes(id, chunk.split_to(taken))).await {
                    return None;
                }
            }
        }
    }

    async fn send_last(&self, message: Outgoing) {
        let Some(place) = self.connection.outbox.reserve().await else { return };
        if self.connection.close(&self.ticket) {
            place.send(message);
        }
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
