use std::{fmt, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD};
use ed25519_dalek::VerifyingKey;
use sha2::{Digest, Sha256};

use super::{LicenseError, date::Date};

/// What a licence key is checked with. It is the plugin's own: the plugin's id and the installation's come from the host.
///
/// A check that cannot be made (a public key that is none, a date that is none) is found when it is used: `require` gives
/// an error without a reason, which the host shows as a wrong configuration.
#[derive(Clone)]
pub struct Check {
    means: Result<Means, Arc<str>>,
}

#[derive(Clone)]
pub(super) enum Means {
    Secret(Vec<u8>),
    PublicKeys { keys: Vec<PublicKey>, released: Option<Date> },
}

#[derive(Clone)]
pub(super) struct PublicKey {
    /// The first 16 hexadecimal digits of the SHA-256 of its bytes.
    pub(super) id: String,
    pub(super) key: VerifyingKey,
}

impl Check {
    /// For keys of the first form, HMAC-SHA256 with this secret; of a text its UTF-8.
    ///
    /// Whoever has the plugin can find the secret in it, and make keys. [`Check::public_keys`] does not have that weakness.
    pub fn secret(secret: impl AsRef<[u8]>) -> Self {
        let secret = secret.as_ref().to_vec();
        Self { means: if secret.is_empty() { Err("the secret is empty".into()) } else { Ok(Means::Secret(secret)) } }
    }

    /// For keys of the second form, Ed25519. Each public key is 32 bytes, or base64 of them (44 characters); several while
    /// one takes the place of another.
    pub fn public_keys<K: AsRef<[u8]>>(keys: &[K]) -> Self {
        let keys: Result<Vec<_>, _> =
            keys.iter().enumerate().map(|(index, key)| PublicKey::read(index, key.as_ref())).collect();
        Self { means: keys.map(|keys| Means::PublicKeys { keys, released: None }) }
    }

    /// The day when this version of the plugin was released, `YYYY-MM-DD`: a key whose updates have ended before is
    /// refused. Without it every key serves every version.
    pub fn released(mut self, day: &str) -> Self {
        self.means = self.means.and_then(|means| match (means, Date::parse(day)) {
            (_, None) => Err(format!("the day of release, {day:?}, is no date YYYY-MM-DD").into()),
            (Means::Secret(_), _) => Err("keys of the first form say nothing about releases".into()),
            (Means::PublicKeys { keys, .. }, released) => Ok(Means::PublicKeys { keys, released }),
        });
        self
    }

    pub(super) fn means(&self) -> Result<&Means, Arc<str>> {
        self.means.as_ref().map_err(Arc::clone)
    }

    /// Why it cannot be made, if it cannot.
    pub(super) fn problem(&self) -> Option<LicenseError> {
        self.means().err().map(LicenseError::wrong_check)
    }
}

/// Without the secret.
impl fmt::Debug for Check {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.means {
            Ok(Means::Secret(_)) => formatter.write_str("Check::secret(…)"),
            Ok(Means::PublicKeys { keys, .. }) => {
                let ids: Vec<_> = keys.iter().map(|key| &key.id).collect();
                write!(formatter, "Check::public_keys({ids:?})")
            }
            Err(problem) => write!(formatter, "Check({problem})"),
        }
    }
}

impl PublicKey {
    fn read(index: usize, given: &[u8]) -> Result<Self, Arc<str>> {
        let decoded = if given.len() == 32 { given.to_vec() } else { STANDARD.decode(given).unwrap_or_default() };
        let key = <[u8; 32]>::try_from(decoded).ok().and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok());
        let key =
            key.ok_or_else(|| format!("public key {} is not 32 bytes of Ed25519 or base64 of them", index + 1))?;
        let digest = Sha256::digest(key.as_bytes());
        Ok(Self { id: digest[..8].iter().map(|byte| format!("{byte:02x}")).collect(), key })
    }
}
