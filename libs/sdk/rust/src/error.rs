use std::fmt;

/// What a [`PluginError`] means to the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A setting is missing or wrong. From `init`: the process exits with status 78 and is not started again.
    Config,
    /// The licence is missing, wrong or expired. From `init`: as [`ErrorKind::Config`].
    License,
    /// Answers an HTTP request with this status and the message as text.
    Http(u16),
    /// The plugin does not do this.
    NotSupported,
    /// Anything else. From a handler: 500, and the message is in the log only.
    Internal,
}

/// The error of a plugin. Any `std::error::Error` becomes one with `?`, as [`ErrorKind::Internal`].
///
/// Like `anyhow::Error` it is no `std::error::Error` itself: that is what makes `?` work for all others.
pub struct PluginError {
    kind: ErrorKind,
    message: String,
}

impl PluginError {
    /// A setting is missing or wrong.
    pub fn config(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Config, message: message.into() }
    }

    /// The licence is missing, wrong or expired.
    pub fn license(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::License, message: message.into() }
    }

    /// An answer with a status from 400 to 599 and a text that the caller may see. Other statuses count as 500.
    pub fn http(status: u16, message: impl Into<String>) -> Self {
        let status = if (400..=599).contains(&status) { status } else { 500 };
        Self { kind: ErrorKind::Http(status), message: message.into() }
    }

    /// The plugin does not do this.
    pub fn not_supported(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::NotSupported, message: message.into() }
    }

    /// Anything else; the message goes to the log and not to the caller.
    pub fn internal(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Internal, message: message.into() }
    }

    /// What it means to the host.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The text, with the causes that it was made from.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl<E: std::error::Error> From<E> for PluginError {
    fn from(error: E) -> Self {
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            message.push_str(": ");
            message.push_str(&cause.to_string());
            source = cause.source();
        }
        Self::internal(message)
    }
}

impl fmt::Display for PluginError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl fmt::Debug for PluginError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}: {}", self.kind, self.message)
    }
}
