use std::{
    future::Future,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use serde_json::json;

use super::{
    catch::{Panicked, catch},
    outbound::Outbound,
    ticket::Ticket,
    v2::{Connection, NoStream},
};
use crate::{
    Body, BodyError, Headers, HttpResponse,
    wire::{kv_codec, outgoing::Outgoing},
};

/// Bytes of a body in one message at most, by custom: so that streams take turns.
const CHUNK: usize = 65_536;

/// An open request of the host, until its answer is complete.
pub(crate) struct Exchange {
    pub(crate) connection: Arc<Connection>,
    pub(super) ticket: Ticket,
    /// The stream of the answer, once it has begun.
    pub(super) stream: AtomicU64,
}

impl Exchange {
    pub(crate) fn new(connection: Arc<Connection>, ticket: Ticket) -> Self {
        Self { connection, ticket, stream: AtomicU64::new(0) }
    }

    /// Works until done, or until the host has cancelled: then the handler is dropped and its stream broken off.
    pub(crate) async fn run(&self, work: Pin<&mut impl Future<Output = ()>>) {
        tokio::select! {
            // First, so that a handler that need not wait does not pay for what could cancel it.
            biased;
            () = work => {}
            () = self.ticket.cancelled() => {}
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
        let body = match body.into_whole() {
            Ok(bytes) if bytes.len() <= CHUNK || !self.connection.has("stream") => {
                return self.send_whole(status, &headers, bytes).await;
            }
            Ok(bytes) => Body::from(bytes),
            Err(mut stream) if !self.connection.has("stream") => {
                return match stream.bytes(self.connection.max_frame).await {
                    Ok(bytes) => self.send_whole(status, &headers, bytes).await,
                    Err(error) => {
                        log::error!("a streamed answer to a host without streams: {error}");
                        self.send_answer(Outgoing::http_failure(self.ticket.id())).await;
                    }
                };
            }
            Err(stream) => stream,
        };
        Box::pin(self.send_stream(status, &headers, body)).await;
    }

    async fn send_whole(&self, status: u16, headers: &Headers, body: Bytes) {
        let mut message = match Outgoing::http(self.ticket.id(), status, headers, body.clone()) {
            Ok(message) => message,
            Err(what) => {
                log::error!("{what}");
                return self.send_answer(Outgoing::http_failure(self.ticket.id())).await;
            }
        };
        if message.length() > self.connection.max_frame {
            if self.connection.has("stream") {
                return Box::pin(self.send_stream(status, headers, Body::from(body))).await;
            }
            log::error!("an answer of {} bytes does not fit into a message", body.len());
            message = Outgoing::http_failure(self.ticket.id());
        }
        self.send_answer(message).await;
    }

    async fn send_stream(&self, status: u16, headers: &Headers, mut body: Body) {
        let headers = match headers.to_json() {
            Ok(headers) => headers,
            Err(what) => {
                log::error!("{what}");
                return self.send_answer(Outgoing::http_failure(self.ticket.id())).await;
            }
        };
        let first = Outgoing::http_stream(self.ticket.id(), status, headers.clone(), 2);
        // The number of the stream may be up to 15 digits longer.
        if first.length() + 16 > self.connection.max_frame {
            log::error!("the headers of an answer do not fit into a message");
            return self.send_answer(Outgoing::http_failure(self.ticket.id())).await;
        }
        let begin = |stream| Outgoing::http_stream(self.ticket.id(), status, headers, stream);
        let (id, stream) = match self.connection.open_outbound(&self.ticket, begin).await {
            Ok(opened) => opened,
            Err(none) => return self.respond_without(none).await,
        };
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
            Some(message) => {
                self.connection.end_outbound(id, message).await;
            }
            None => {
                self.connection.forget_outbound(id);
            }
        }
        self.stream.store(0, Ordering::Release);
    }

    pub(super) async fn respond_without(&self, stream: NoStream) {
        if matches!(stream, NoStream::TooMany) {
            log::error!("an answer was not sent: as many streams as may be are open");
            self.send_answer(Outgoing::http_unavailable(self.ticket.id())).await;
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
    pub(super) async fn send_chunk(&self, id: u64, stream: &Outbound, mut chunk: Bytes) -> bool {
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

    /// An answer that is complete in itself. It need not wait behind streams, and while there is room it waits for nothing.
    async fn send_answer(&self, message: Outgoing) {
        if !self.connection.outbox.has_room() {
            return self.send_last(message).await;
        }
        self.connection.finish(&self.ticket, || self.connection.outbox.answer(&message));
    }

    /// The answer to a question of the host's for a value.
    pub(crate) async fn respond_kv(&self, answer: Result<crate::KvReply, (String, String)>) {
        let payload = match answer {
            Ok(reply) => kv_codec::encode_reply(&reply),
            Err((code, message)) => json!({"error": {"code": code, "message": message}}),
        };
        let mut message = Outgoing::kv(self.ticket.id(), payload);
        if message.length() > self.connection.max_frame {
            message = Outgoing::kv(self.ticket.id(), json!({"error": {"code": "internal", "message": "Too large"}}));
        }
        self.send_answer(message).await;
    }
}
