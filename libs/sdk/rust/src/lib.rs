#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod body;
#[cfg(feature = "codec-bench")]
#[doc(hidden)]
pub mod codec_bench;
mod context;
mod error;
mod events;
mod headers;
mod http;
mod kv;
#[cfg(feature = "license")]
pub mod license;
mod limits;
mod logging;
mod metadata;
mod plugin;
mod runtime;
mod session;
mod standby;
mod termination;
mod upgrade;
#[cfg(feature = "websocket")]
pub mod websocket;
mod wire;

pub use body::{Body, BodyError, BodySender};
pub use bytes::Bytes;
pub use context::{Config, PluginContext};
pub use error::{ErrorKind, PluginError};
pub use events::Events;
pub use headers::Headers;
pub use http::{HttpRequest, HttpResponse, User};
pub use kv::{Kv, KvEntry, KvError, KvOp, KvPage, KvReply, ListOptions, SetOptions};
pub use limits::{HttpLimits, PathRule, ResourceLimits};
pub use log;
pub use metadata::{License, PluginMetadata};
pub use plugin::ToruPlugin;
pub use runtime::{EXIT_CONFIGURATION, run, run_async, serve};
pub use upgrade::Upgraded;
