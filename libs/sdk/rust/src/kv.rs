use std::{fmt, sync::Arc, time::Duration};

use crate::session::kv_port::KvPort;

/// One operation on one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KvOp {
    /// Reads a value.
    Get {
        /// The key.
        key: String,
    },
    /// Writes a value.
    Set {
        /// The key.
        key: String,
        /// The value.
        value: String,
        /// Time to live and condition.
        options: SetOptions,
    },
    /// Removes a key.
    Delete {
        /// The key.
        key: String,
        /// Only if the key has this revision.
        if_revision: Option<u64>,
    },
}

/// What an operation has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KvReply {
    /// Of `Get`: the value, and its revision, 0 for none.
    Value {
        /// The value, if there is one.
        value: Option<String>,
        /// Its revision.
        revision: u64,
    },
    /// Of `Set`: the new revision; 0 in version 1, which has none.
    Set {
        /// The new revision.
        revision: u64,
    },
    /// Of `Delete`: whether there was such a key. Version 1 does not tell, and this is `true`.
    Deleted(bool),
}

/// A value with its revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KvEntry {
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
    /// Grows with every write of the key.
    pub revision: u64,
}

/// A page of [`Kv::list`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KvPage {
    /// In the order of the keys' UTF-8 bytes.
    pub items: Vec<KvEntry>,
    /// Where the next page begins; `None` for the last one.
    pub cursor: Option<String>,
}

/// How a value is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SetOptions {
    pub(crate) ttl_ms: Option<u64>,
    pub(crate) if_revision: Option<u64>,
}

impl SetOptions {
    /// Without conditions, and kept.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value goes away after this time (in whole milliseconds, at least one).
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl_ms = Some(u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).clamp(1, (1 << 53) - 1));
        self
    }

    /// Only if the key has this revision; 0: only if there is no such key. Else `kv_conflict`.
    pub fn if_revision(mut self, revision: u64) -> Self {
        self.if_revision = Some(revision);
        self
    }

    /// The time to live that was asked for.
    pub fn get_ttl(&self) -> Option<Duration> {
        self.ttl_ms.map(Duration::from_millis)
    }

    /// The revision that was asked for.
    pub fn get_if_revision(&self) -> Option<u64> {
        self.if_revision
    }
}

/// Which keys [`Kv::list`] gives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListOptions {
    pub(crate) prefix: Option<String>,
    pub(crate) cursor: Option<String>,
    pub(crate) limit: Option<u32>,
}

impl ListOptions {
    /// All keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only keys that begin with this.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = Some(prefix.into());
        self
    }

    /// Goes on where an earlier page has ended.
    pub fn cursor(mut self, cursor: impl Into<String>) -> Self {
        self.cursor = Some(cursor.into());
        self
    }

    /// Items on a page, 1 to 1000; 100 unless set.
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }
}

/// Why the storage has not done something.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KvError {
    /// `kv_key_invalid`, `kv_value_too_large`, `kv_conflict` … as the host gives it, or of this side: `unsupported` (in
    /// this version of the protocol), `timeout`, `connection_lost`, `invalid_answer`.
    pub code: String,
    /// A text for people.
    pub message: String,
}

impl KvError {
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into() }
    }

    /// Whether the revision was another one than `if_revision`.
    pub fn is_conflict(&self) -> bool {
        self.code == "kv_conflict"
    }
}

impl fmt::Display for KvError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.message, self.code)
    }
}

impl std::error::Error for KvError {}

/// A question to the host's storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KvQuery {
    One(KvOp),
    List(ListOptions),
    Batch(Vec<KvOp>),
}

/// What came back for a [`KvQuery`], in the same order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KvAnswer {
    One(KvReply),
    List(KvPage),
    Batch(Vec<KvReply>),
}

/// The plugin's own key-value storage in the host's database. Cheap to clone; calls may be made at once.
#[derive(Debug, Clone)]
pub struct Kv(Arc<KvPort>);

impl Kv {
    pub(crate) fn new(port: KvPort) -> Self {
        Self(Arc::new(port))
    }

    /// The value of a key.
    pub async fn get(&self, key: impl Into<String>) -> Result<Option<String>, KvError> {
        Ok(self.get_entry(key).await?.map(|entry| entry.value))
    }

    /// The value of a key, with its revision.
    pub async fn get_entry(&self, key: impl Into<String>) -> Result<Option<KvEntry>, KvError> {
        let key = key.into();
        match self.one(KvOp::Get { key: key.clone() }).await? {
            KvReply::Value { value, revision } => Ok(value.map(|value| KvEntry { key, value, revision })),
            _ => Err(unexpected()),
        }
    }

    /// Writes a value, and gives its new revision.
    pub async fn set(&self, key: impl Into<String>, value: impl Into<String>) -> Result<u64, KvError> {
        self.set_with(key, value, SetOptions::new()).await
    }

    /// Writes a value with a time to live or on a condition, and gives its new revision.
    pub async fn set_with(
        &self,
        key: impl Into<String>,
        value: impl Into<String>,
        options: SetOptions,
    ) -> Result<u64, KvError> {
        match self.one(KvOp::Set { key: key.into(), value: value.into(), options }).await? {
            KvReply::Set { revision } => Ok(revision),
            _ => Err(unexpected()),
        }
    }

    /// Removes a key; whether there was one.
    pub async fn delete(&self, key: impl Into<String>) -> Result<bool, KvError> {
        self.remove(key.into(), None).await
    }

    /// Removes a key if it has this revision; `kv_conflict` otherwise.
    pub async fn delete_if(&self, key: impl Into<String>, revision: u64) -> Result<bool, KvError> {
        self.remove(key.into(), Some(revision)).await
    }

    /// A page of keys and values.
    pub async fn list(&self, options: ListOptions) -> Result<KvPage, KvError> {
        match self.0.ask(KvQuery::List(options)).await? {
            KvAnswer::List(page) => Ok(page),
            _ => Err(unexpected()),
        }
    }

    /// Up to 100 operations, all of them done or none; a reply for each.
    pub async fn batch(&self, operations: Vec<KvOp>) -> Result<Vec<KvReply>, KvError> {
        match self.0.ask(KvQuery::Batch(operations)).await? {
            KvAnswer::Batch(replies) => Ok(replies),
            _ => Err(unexpected()),
        }
    }

    async fn remove(&self, key: String, if_revision: Option<u64>) -> Result<bool, KvError> {
        match self.one(KvOp::Delete { key, if_revision }).await? {
            KvReply::Deleted(deleted) => Ok(deleted),
            _ => Err(unexpected()),
        }
    }

    async fn one(&self, operation: KvOp) -> Result<KvReply, KvError> {
        match self.0.ask(KvQuery::One(operation)).await? {
            KvAnswer::One(reply) => Ok(reply),
            _ => Err(unexpected()),
        }
    }
}

fn unexpected() -> KvError {
    KvError::new("invalid_answer", "The host's answer does not fit the question")
}
