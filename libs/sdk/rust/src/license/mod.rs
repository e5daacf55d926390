//! Licence keys, verified on the spot: no server is asked, and nobody is told.
//!
//! This module is the cargo feature `license`, off unless asked for: it brings a dozen crates, the curve among them, which
//! make a plugin's first build take nearly half as long again, and most plugins check no licence.
//!
//! The check belongs into `init`. Once a plugin runs it goes on running: nothing here looks again.
//!
//! ```
//! use toru_plugin_api::{PluginContext, PluginError, license::Check};
//!
//! /// Of the key pair that `toru licence keygen` made. Who has it can verify keys, and not make any.
//! const PUBLIC_KEYS: &[&str] = &["7B/+/2xwhMn1o+7gJXh0toZnLXO+T24yezj5osal+Zs="];
//!
//! async fn init(context: &PluginContext) -> Result<(), PluginError> {
//!     let check = Check::public_keys(PUBLIC_KEYS).released("2026-11-21");
//!     let licence = context.license().require(&check)?; // or the process ends, and the host shows why
//!     if licence.has("export") {
//!         // …
//!     }
//!     Ok(())
//! }
//! ```

mod check;
mod date;
mod ed25519;
mod error;
mod hmac;
mod licence;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod vectors_tests;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub use check::Check;
pub use error::{LicenseError, Reason};
pub use licence::{Form, Licence};

use crate::PluginContext;

/// The licence key that was set for this plugin, if one was: `context.license()`.
#[derive(Debug, Clone, Copy)]
pub struct LicenseKey<'context> {
    context: &'context PluginContext,
}

impl PluginContext {
    /// The licence key that was set for this plugin, to be checked.
    pub fn license(&self) -> LicenseKey<'_> {
        LicenseKey { context: self }
    }
}

impl LicenseKey<'_> {
    /// The licence, for a plugin that does not run without one.
    ///
    /// The error becomes a [`PluginError`](crate::PluginError) of the right kind with `?`. From `init` it ends the process
    /// with status 78: the host shows the reason, and tries again as soon as the key has changed.
    pub fn require(&self, check: &Check) -> Result<Licence, LicenseError> {
        let instance = &*self.context.instance_id;
        match self.context.license_key.as_deref().filter(|key| !key.is_empty()) {
            Some(key) => {
                verify(key.as_bytes(), check, &Subject { plugin: &self.context.plugin_id, instance, now: now() })
            }
            None => Err(check.problem().unwrap_or_else(|| LicenseError::refused(Reason::Missing, instance))),
        }
    }

    /// The licence, for a plugin that does more with one; `None` where there is no key, or one that does not hold. Why it
    /// does not is a warning in the plugin's log.
    pub fn optional(&self, check: &Check) -> Option<Licence> {
        match self.require(check) {
            Ok(licence) => return Some(licence),
            Err(error) if error.reason() == Some(Reason::Missing) => {}
            Err(error) if error.reason().is_none() => log::error!("{error}"),
            Err(error) => log::warn!("The plugin goes on without a licence. {error}"),
        }
        None
    }
}

/// What a key has to be for, and when.
struct Subject<'a> {
    plugin: &'a str,
    instance: &'a str,
    /// Seconds since 1970-01-01T00:00:00Z, which know no time zone.
    now: i64,
}

fn verify(key: &[u8], check: &Check, subject: &Subject<'_>) -> Result<Licence, LicenseError> {
    let found = match check.means() {
        Ok(check::Means::Secret(secret)) => hmac::verify(key, secret, subject),
        Ok(check::Means::PublicKeys { keys, released }) => ed25519::verify(key, keys, *released, subject),
        Err(problem) => return Err(LicenseError::wrong_check(problem)),
    };
    found.map_err(|reason| LicenseError::refused(reason, subject.instance))
}

/// A key holds to the end of its last day, in UTC.
fn in_time(expires: Option<date::Date>, now: i64) -> Result<(), Reason> {
    match expires {
        Some(last_day) if now >= last_day.end() => Err(Reason::Expired),
        _ => Ok(()),
    }
}

fn now() -> i64 {
    let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => seconds(since),
        // A clock before 1970 is wrong, and a key is not ended by that.
        Err(before) => -seconds(before.duration()),
    }
}

/// `8-4-4-4-12` lower-case hexadecimal digits of a UUID of version 4.
fn is_instance_id(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            14 => byte == b'4',
            19 => matches!(byte, b'8' | b'9' | b'a' | b'b'),
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        })
}
