use std::{fmt, sync::Arc};

use crate::PluginError;

/// Why a licence key does not hold: the first of the checks that failed, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// There is no key.
    Missing,
    /// It has not the form of a key: something is missing, or was changed on its way.
    Format,
    /// It was signed with a key pair that this version of the plugin does not know.
    Key,
    /// The vendor has not signed it, or not with these words.
    Signature,
    /// It is for another plugin.
    Plugin,
    /// It is for another installation.
    Instance,
    /// Its last day is over.
    Expired,
    /// This version of the plugin was released after the last day of updates.
    Updates,
}

impl Reason {
    /// The word for it, the same in every language: `missing`, `format`, `key`, `signature`, `plugin`, `instance`,
    /// `expired` or `updates`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Format => "format",
            Self::Key => "key",
            Self::Signature => "signature",
            Self::Plugin => "plugin",
            Self::Instance => "instance",
            Self::Expired => "expired",
            Self::Updates => "updates",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A licence key that does not hold. Its text says what to do about it, and never has the key.
///
/// Like [`PluginError`] it is no `std::error::Error`: that is what lets `?` make a [`PluginError::license`] of it.
#[derive(Debug, Clone)]
pub struct LicenseError {
    reason: Option<Reason>,
    message: Arc<str>,
}

impl LicenseError {
    pub(super) fn refused(reason: Reason, instance: &str) -> Self {
        let message = match reason {
            Reason::Missing => "There is no licence key for this plugin. Enter the one of its vendor".into(),
            Reason::Format => {
                "The licence key is not whole, or is no key for this plugin. Enter it again, exactly as its vendor sent it"
                    .into()
            }
            Reason::Key => {
                "The licence key is signed with a key pair that this version of the plugin does not know. Update the \
                 plugin, or ask its vendor for a new key"
                    .into()
            }
            Reason::Signature => {
                "The licence key was changed, or does not come from the plugin's vendor. Enter it again, exactly as its \
                 vendor sent it"
                    .into()
            }
            Reason::Plugin => "The licence key is for another plugin. Enter the one for this plugin".into(),
            Reason::Instance => format!(
                "The licence key is for another installation. Ask the plugin's vendor for one for this installation, \
                 {instance}"
            ),
            Reason::Expired => "The licence has expired. Ask the plugin's vendor for a new key".into(),
            Reason::Updates => {
                "The licence does not include this version of the plugin, which was released after its last day of \
                 updates. Go back to an earlier version, or ask the plugin's vendor for a new key"
                    .into()
            }
        };
        Self { reason: Some(reason), message: message.into() }
    }

    pub(super) fn wrong_check(problem: Arc<str>) -> Self {
        Self { reason: None, message: problem }
    }

    /// Why the key does not hold; `None` if what the plugin checks with is wrong itself, which no key can mend.
    pub fn reason(&self) -> Option<Reason> {
        self.reason
    }
}

impl fmt::Display for LicenseError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reason {
            Some(reason) => write!(formatter, "{} (reason: {reason}).", self.message),
            None => write!(formatter, "The licence check of the plugin is wrong: {}.", self.message),
        }
    }
}

impl From<LicenseError> for PluginError {
    fn from(error: LicenseError) -> Self {
        match error.reason {
            Some(_) => Self::license(error.to_string()),
            None => Self::config(error.to_string()),
        }
    }
}
