use std::sync::Weak;

use serde_json::{Map, Value};

use crate::{PluginError, session::v2::Connection};

/// Rows for the host's list of events, shown live in the console.
#[derive(Debug, Clone)]
pub struct Events(Option<Weak<Connection>>);

impl Events {
    /// `None`: a host of version 1, or one that takes no events.
    pub(crate) fn new(connection: Option<Weak<Connection>>) -> Self {
        Self(connection)
    }

    /// Adds an event of the type `plugin.<name>`; `name`: `^[a-z][a-z0-9_.-]{0,63}$`, `data`: an object or null. A host
    /// that takes no events gets a line in the log instead.
    pub async fn emit(&self, name: &str, data: Value) -> Result<(), PluginError> {
        if !is_name(name) {
            return Err(PluginError::internal(format!("{name:?} is no name of an event")));
        }
        let data: Option<Map<String, Value>> = match data {
            Value::Null => None,
            Value::Object(data) => Some(data),
            _ => return Err(PluginError::internal("the data of an event is an object or null")),
        };
        let Some(connection) = &self.0 else {
            log::info!("event {name} {}", data.map(Value::Object).unwrap_or_default());
            return Ok(());
        };
        let connection = connection.upgrade().ok_or_else(|| PluginError::internal("the host is gone"))?;
        connection.send_event(name, data).await
    }
}

fn is_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.-".contains(&byte);
    name.len() <= 64 && name.starts_with(|first: char| first.is_ascii_lowercase()) && name.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn names_of_events_are_checked() {
        for good in ["a", "sync.done", "a_b-c.9", &"a".repeat(64)] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", "A", "1a", ".a", "a b", "ž", &"a".repeat(65)] {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
