/// Bytes of a message at most, unless the options say otherwise: 1 MiB.
const MAX_MESSAGE: usize = 1024 * 1024;

/// How WebSockets are accepted.
#[derive(Debug, Clone)]
pub struct Options {
    pub(super) max_message: usize,
    pub(super) protocols: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self { max_message: MAX_MESSAGE, protocols: Vec::new() }
    }
}

impl Options {
    /// 1 MiB for a message, no subprotocols.
    pub fn new() -> Self {
        Self::default()
    }

    /// Bytes of a message at most, whole. A larger one closes the connection.
    pub fn max_message(mut self, bytes: usize) -> Self {
        self.max_message = bytes;
        self
    }

    /// A subprotocol that the plugin speaks; the first one that the client offers too is agreed on.
    pub fn protocol(mut self, name: impl Into<String>) -> Self {
        self.protocols.push(name.into());
        self
    }
}
