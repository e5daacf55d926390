use std::future::Future;

use crate::{Config, HttpRequest, HttpResponse, KvOp, KvReply, PluginContext, PluginError, PluginMetadata};

/// A plugin. Write the methods as `async fn`; only `metadata` and `handle_http` are needed.
///
/// Requests come at once and in any order: handlers take `&self`. A handler whose caller has left is dropped at its next
/// `await`. A handler that panics answers 500 and harms no other request.
pub trait ToruPlugin: Send + Sync + 'static {
    /// What the plugin is. Must need neither the socket nor the network.
    fn metadata(&self) -> PluginMetadata;

    /// Called once before any request. [`PluginError::config`] and [`PluginError::license`] end the process with status
    /// 78, and it is not started again until somebody changes something.
    fn init(&mut self, context: &PluginContext) -> impl Future<Output = Result<(), PluginError>> + Send {
        let _ = context;
        async { Ok(()) }
    }

    /// Answers a request. An error answers 500 (or what [`PluginError::http`] says) and is logged.
    fn handle_http(
        &self,
        context: &PluginContext,
        request: HttpRequest,
    ) -> impl Future<Output = Result<HttpResponse, PluginError>> + Send;

    /// Answers the host's question for values that the plugin keeps itself: `Get`, `Set` and `Delete` only.
    fn handle_kv(
        &self,
        context: &PluginContext,
        operation: KvOp,
    ) -> impl Future<Output = Result<KvReply, PluginError>> + Send {
        let _ = (context, operation);
        async { Err(PluginError::not_supported("This plugin keeps no values of its own")) }
    }

    /// The settings have changed, and are valid against the schema. `context.config` has them too from now on.
    fn on_settings(&self, context: &PluginContext, settings: &Config) -> impl Future<Output = ()> + Send {
        let _ = (context, settings);
        async {}
    }

    /// Called once before the process ends, after the last request, also when the host is gone. Be quick.
    fn on_shutdown(&self, context: &PluginContext) -> impl Future<Output = ()> + Send {
        let _ = context;
        async {}
    }
}
