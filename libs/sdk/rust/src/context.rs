use std::{fmt, path::PathBuf, sync::Arc};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tokio::sync::watch;

use crate::{Events, Kv, PluginError};

/// What a plugin knows and may use. Cheap to clone.
#[derive(Clone)]
#[non_exhaustive]
pub struct PluginContext {
    /// The plugin's id.
    pub plugin_id: Arc<str>,
    /// The UUID of this installation of the host.
    pub instance_id: Arc<str>,
    /// A directory of the plugin's own, kept between starts.
    pub data_dir: Arc<PathBuf>,
    /// The licence key that was set for this plugin. Never log it.
    pub license_key: Option<Arc<str>>,
    /// The settings as they were when this context was made: for a handler, when its request came.
    pub config: Config,
    /// The plugin's key-value storage in the host's database. In version 1 it works while a request is being handled,
    /// with the context of that request.
    pub kv: Kv,
    /// Rows for the host's list of events.
    pub events: Events,
    pub(crate) stopping: watch::Receiver<bool>,
}

impl PluginContext {
    /// Resolves when the host has asked the plugin to stop: the moment to end what would go on for ever.
    pub async fn stopping(&self) {
        let mut stopping = self.stopping.clone();
        // An error means that the sender is gone, and the process is about to end.
        let _ = stopping.wait_for(|stopping| *stopping).await;
    }
}

/// Without the licence key, and without the settings, some of which may be secret.
impl fmt::Debug for PluginContext {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PluginContext")
            .field("plugin_id", &self.plugin_id)
            .field("instance_id", &self.instance_id)
            .field("data_dir", &self.data_dir)
            .finish_non_exhaustive()
    }
}

/// The settings of a plugin: one JSON object.
#[derive(Debug, Clone, Default)]
pub struct Config(Arc<Map<String, Value>>);

impl Config {
    pub(crate) fn new(settings: Map<String, Value>) -> Self {
        Self(Arc::new(settings))
    }

    /// One setting.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// All of them.
    pub fn as_object(&self) -> &Map<String, Value> {
        &self.0
    }

    /// All of them as a type of your own. What does not fit is a [`PluginError::config`].
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, PluginError> {
        T::deserialize(Value::Object(self.0.as_ref().clone()))
            .map_err(|error| PluginError::config(format!("The settings are wrong: {error}")))
    }
}
