use std::{
    io::Write,
    sync::{
        PoisonError, RwLock, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use log::{
    Level, Log, Metadata, Record,
    kv::{Key, Value as FieldValue, VisitSource},
};
use serde_json::{Map, Value, json};

use crate::{
    session::v2::Connection,
    wire::{outgoing::Outgoing, timestamp_now},
};

/// Characters of a message at most: the log's queue is bounded, in bytes too.
const MAX_MESSAGE: usize = 8192;
const MAX_FIELDS: usize = 32;

/// Where lines go: to the host as `log` messages, else to standard output as JSON, one object a line.
static HOST: RwLock<Option<Weak<Connection>>> = RwLock::new(None);
static LOGGER: Logger = Logger;
/// Whether nothing is said any more, but for [`LAST_WORDS`].
static IS_OVER: AtomicBool = AtomicBool::new(false);
/// The target of why the process ends.
const LAST_WORDS: &str = "toru_plugin_api";

struct Logger;

/// Installs the logger, unless the author has installed one. `TORU_PLUGIN_LOG` is the least level, `info` unless set.
pub(crate) fn install() {
    IS_OVER.store(false, Ordering::Release);
    if log::set_logger(&LOGGER).is_ok() {
        let level = std::env::var("TORU_PLUGIN_LOG").ok().and_then(|level| level.parse().ok());
        log::set_max_level(level.unwrap_or(log::LevelFilter::Info));
    }
}

/// From now on lines go to this host.
pub(crate) fn send_to(connection: Option<Weak<Connection>>) {
    *HOST.write().unwrap_or_else(PoisonError::into_inner) = connection;
}

/// Says why the process ends, and nothing after it: a host takes the last line for the reason, and handlers that end with
/// the connection have more to say.
pub(crate) fn last_words(reason: &str) {
    {
        // Whoever is about to print is done before.
        let _alone = HOST.write().unwrap_or_else(PoisonError::into_inner);
        IS_OVER.store(true, Ordering::Release);
    }
    log::error!(target: LAST_WORDS, "{reason}");
}

impl Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= log::max_level()
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let level = level_name(record.level());
        let message = shortened(record.args().to_string());
        let fields = fields_of(record);
        let host = HOST.read().unwrap_or_else(PoisonError::into_inner);
        if IS_OVER.load(Ordering::Acquire) && record.target() != LAST_WORDS {
            return;
        }
        match host.as_ref().and_then(Weak::upgrade) {
            Some(connection) => {
                let line = Outgoing::log(level, &message, fields.map(Value::Object));
                if line.length() <= connection.max_frame {
                    connection.outbox.log(line);
                }
            }
            None => print_line(level, &message, fields),
        }
    }

    fn flush(&self) {}
}

fn print_line(level: &str, message: &str, fields: Option<Map<String, Value>>) {
    let mut line = fields.unwrap_or_default();
    line.insert("timestamp".into(), timestamp_now().into());
    line.insert("level".into(), level.into());
    line.insert("message".into(), message.into());
    // Nobody is left to tell when standard output is gone.
    let _ = writeln!(std::io::stdout().lock(), "{}", Value::Object(line));
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warn => "warn",
        Level::Info => "info",
        Level::Debug => "debug",
        Level::Trace => "trace",
    }
}

fn shortened(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(MAX_MESSAGE) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// The fields of `log::info!(count = 3; "…")`, and the module that speaks.
fn fields_of(record: &Record<'_>) -> Option<Map<String, Value>> {
    struct Fields(Map<String, Value>);
    impl<'kvs> VisitSource<'kvs> for Fields {
        fn visit_pair(&mut self, key: Key<'kvs>, value: FieldValue<'kvs>) -> Result<(), log::kv::Error> {
            if self.0.len() < MAX_FIELDS {
                let field = value.to_u64().map(Value::from);
                let field = field.or_else(|| value.to_i64().map(Value::from));
                let field = field.or_else(|| value.to_f64().map(|number| json!(number)));
                let field = field.or_else(|| value.to_bool().map(Value::from));
                let field = field.unwrap_or_else(|| shortened(value.to_string()).into());
                self.0.insert(key.to_string(), field);
            }
            Ok(())
        }
    }
    let mut fields = Fields(Map::new());
    fields.0.insert("target".into(), record.target().into());
    let _ = record.key_values().visit(&mut fields);
    Some(fields.0)
}

#[cfg(test)]
mod tests {
    use super::{MAX_MESSAGE, fields_of, shortened};
    use log::Record;
    use serde_json::json;

    // [OBS-1]
    #[test]
    fn fields_keep_their_types() {
        let pairs: [(&str, log::kv::Value<'_>); 3] = [("count", 3.into()), ("ok", true.into()), ("path", "/x".into())];
        let record = Record::builder().target("acme").key_values(&pairs).build();
        let fields = serde_json::Value::Object(fields_of(&record).unwrap());
        assert_eq!(fields, json!({"target": "acme", "count": 3, "ok": true, "path": "/x"}));
    }

    // [OBS-1]
    #[test]
    fn long_messages_are_cut_between_characters() {
        let text = shortened("ž".repeat(MAX_MESSAGE + 10));
        assert_eq!(text.chars().count(), MAX_MESSAGE + 1);
        assert_eq!(shortened("short".into()), "short");
    }
}
