use std::{
    future::Future,
    pin::{Pin, pin},
    sync::Arc,
};

use super::{
    dispatch::Session,
    handle::{call, call_kv},
    inbound::InboundReader,
    respond::Exchange,
    servers::Desk,
    ticket::Ticket,
};
use crate::{HttpRequest, HttpResponse, KvOp, ToruPlugin, runtime::Shared};

/// An open request, and what is to be done.
pub(super) struct Request {
    pub(super) ticket: Ticket,
    pub(super) job: Job,
    /// Whether it came after the shutdown.
    pub(super) stopping: bool,
}

pub(super) enum Job {
    Http(Box<HttpRequest>),
    /// With the client's bytes after the answer.
    Upgrade(Box<HttpRequest>, InboundReader),
    Kv(Result<KvOp, String>),
}

impl<P: ToruPlugin> Session<P> {
    /// The task of a request, and of those that are given to it afterwards.
    pub(super) async fn serve_one_after_another(mut session: Arc<Self>, shared: Arc<Shared<P>>, mut request: Request) {
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

/// In the form of the host's own errors (RFC 9457): to the client it is the host that has no plugin just now.
fn about_to_end() -> HttpResponse {
    const DOCUMENT: &str =
        r#"{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"The plugin is about to end"}"#;
    HttpResponse::text(DOCUMENT).header("content-type", "application/problem+json").status(503)
}
