/// Which of the two forms a licence key has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Form {
    /// The first form: HMAC-SHA256 with a secret that the plugin shares with its vendor.
    Hmac,
    /// The second form: an Ed25519 signature, verified with the vendor's public key.
    Ed25519,
}

/// The terms of a licence key that holds. A key of the first form has an instance and an expiry, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Licence {
    /// The form of its key.
    pub form: Form,
    /// The installation that it is for: the one that the plugin runs in.
    pub instance_id: String,
    /// Its last day in UTC, `YYYY-MM-DD`; `None` if it does not end.
    pub expires: Option<String>,
    /// The vendor's name for it.
    pub id: Option<String>,
    /// Whom it was issued to.
    pub customer: Option<String>,
    /// The day when it was issued, `YYYY-MM-DD`.
    pub issued: Option<String>,
    /// Versions of the plugin released until this day, `YYYY-MM-DD`, may be used for ever; `None`: every version.
    pub updates_until: Option<String>,
    /// What the vendor has licensed, in words of the vendor's own.
    pub features: Vec<String>,
}

impl Licence {
    /// Whether the vendor has licensed this feature.
    pub fn has(&self, feature: &str) -> bool {
        self.features.iter().any(|each| each == feature)
    }
}
