use std::{env, path::PathBuf};

/// What the host tells a process at its start.
#[derive(Debug, Clone)]
pub(crate) struct Environment {
    pub(crate) socket: PathBuf,
    pub(crate) plugin_id: String,
    pub(crate) instance_id: String,
    pub(crate) license_key: Option<String>,
    pub(crate) data_dir: PathBuf,
}

impl Environment {
    /// `None` without `TORU_PLUGIN_SOCKET`: the process was not started by a host.
    pub(crate) fn read(plugin_id: &str) -> Option<Self> {
        let socket = env::var_os("TORU_PLUGIN_SOCKET").filter(|path| !path.is_empty())?;
        Some(Self::at(socket.into(), plugin_id))
    }

    pub(crate) fn at(socket: PathBuf, plugin_id: &str) -> Self {
        let text = |name| env::var(name).ok().filter(|value| !value.is_empty());
        Self {
            socket,
            plugin_id: text("TORU_PLUGIN_ID").unwrap_or_else(|| plugin_id.to_owned()),
            instance_id: text("TORU_INSTANCE_ID").unwrap_or_default(),
            license_key: text("TORU_LICENSE_KEY"),
            // The working directory is the plugin's own data directory.
            data_dir: env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
        }
    }
}
