use std::pin::pin;

use super::catch::{Panicked, catch};
use crate::{HttpRequest, HttpResponse, KvOp, PluginContext, ToruPlugin, error::ErrorKind};

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
    let what = [request.method.as_str(), request.route_path()].join(" ");
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
