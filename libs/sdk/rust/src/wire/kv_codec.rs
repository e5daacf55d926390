use serde_json::{Value, json};

use super::json::{self, Object};
use crate::{
    KvEntry, KvError, KvOp, KvPage, KvReply, SetOptions,
    kv::{KvAnswer, KvQuery},
};

/// The payload of a question to the host.
pub(crate) fn encode_query(query: &KvQuery) -> Value {
    match query {
        KvQuery::One(operation) => Value::Object(encode_operation(operation)),
        KvQuery::Batch(operations) => {
            let operations: Vec<Object> = operations.iter().map(encode_operation).collect();
            json!({"action": "batch", "operations": operations})
        }
        KvQuery::List(options) => {
            let mut payload = Object::new();
            payload.insert("action".into(), "list".into());
            put(&mut payload, "prefix", options.prefix.clone());
            put(&mut payload, "cursor", options.cursor.clone());
            put(&mut payload, "limit", options.limit);
            Value::Object(payload)
        }
    }
}

fn encode_operation(operation: &KvOp) -> Object {
    let mut payload = Object::new();
    let (action, key) = match operation {
        KvOp::Get { key } => ("get", key),
        KvOp::Set { key, value, options } => {
            payload.insert("value".into(), value.clone().into());
            put(&mut payload, "ttl_ms", options.ttl_ms);
            put(&mut payload, "if_revision", options.if_revision);
            ("set", key)
        }
        KvOp::Delete { key, if_revision } => {
            put(&mut payload, "if_revision", *if_revision);
            ("delete", key)
        }
    };
    payload.insert("action".into(), action.into());
    payload.insert("key".into(), key.clone().into());
    payload
}

fn put(payload: &mut Object, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        payload.insert(name.into(), value.into());
    }
}

/// The host's answer to a question. One that does not fit is the error `invalid_answer` of that question only.
pub(crate) fn decode_answer(query: &KvQuery, payload: &Object) -> Result<KvAnswer, KvError> {
    if let Some(error) = payload.get("error").filter(|error| !error.is_null()) {
        let text = |name| error.get(name).and_then(Value::as_str).unwrap_or("unknown");
        return Err(KvError::new(text("code"), text("message")));
    }
    answer_of(query, payload).map_err(|what| KvError::new("invalid_answer", what))
}

fn answer_of(query: &KvQuery, payload: &Object) -> Result<KvAnswer, String> {
    let list = |name: &str| {
        let list = payload.get(name).and_then(Value::as_array);
        list.ok_or_else(|| format!("`{name}` is no list"))
    };
    match query {
        KvQuery::One(operation) => reply_of(operation, payload).map(KvAnswer::One),
        KvQuery::Batch(operations) => {
            let results = list("results")?;
            if results.len() != operations.len() {
                return Err("there are more or fewer results than operations".into());
            }
            let pairs = operations.iter().zip(results);
            let replies: Result<_, String> =
                pairs.map(|(operation, result)| reply_of(operation, object(result)?)).collect();
            replies.map(KvAnswer::Batch)
        }
        KvQuery::List(_) => {
            let items: Result<_, String> = list("items")?.iter().map(|item| entry(object(item)?)).collect();
            let cursor = json::optional_string(payload, "cursor")?.map(str::to_owned);
            Ok(KvAnswer::List(KvPage { items: items?, cursor }))
        }
    }
}

fn object(value: &Value) -> Result<&Object, String> {
    value.as_object().ok_or_else(|| "an item is no object".into())
}

fn entry(item: &Object) -> Result<KvEntry, String> {
    Ok(KvEntry {
        key: json::string(item, "key")?.to_owned(),
        value: json::string(item, "value")?.to_owned(),
        revision: revision(item)?,
    })
}

fn revision(payload: &Object) -> Result<u64, String> {
    json::optional_integer(payload, "revision")?.ok_or_else(|| "`revision` is missing".into())
}

fn reply_of(operation: &KvOp, payload: &Object) -> Result<KvReply, String> {
    match operation {
        KvOp::Get { .. } => {
            if !payload.contains_key("value") {
                return Err("`value` is missing".into());
            }
            let value = json::optional_string(payload, "value")?.map(str::to_owned);
            Ok(KvReply::Value { value, revision: revision(payload)? })
        }
        KvOp::Set { .. } => Ok(KvReply::Set { revision: revision(payload)? }),
        KvOp::Delete { .. } => match payload.get("deleted") {
            Some(Value::Bool(deleted)) => Ok(KvReply::Deleted(*deleted)),
            _ => Err("`deleted` is no boolean".into()),
        },
    }
}

/// What the host asks of a plugin that keeps values itself; `Err` is the message of `invalid_request`.
pub(crate) fn decode_operation(payload: &Object) -> Result<KvOp, String> {
    let key = json::string(payload, "key").map(str::to_owned);
    let if_revision = json::optional_integer(payload, "if_revision");
    match json::string(payload, "action")?.to_ascii_lowercase().as_str() {
        "get" => Ok(KvOp::Get { key: key? }),
        "set" => {
            let options = SetOptions { ttl_ms: json::optional_integer(payload, "ttl_ms")?, if_revision: if_revision? };
            Ok(KvOp::Set { key: key?, value: json::string(payload, "value")?.to_owned(), options })
        }
        "delete" => Ok(KvOp::Delete { key: key?, if_revision: if_revision? }),
        _ => Err("the action is none of get, set and delete".into()),
    }
}

/// The payload of an answer to the host.
pub(crate) fn encode_reply(reply: &KvReply) -> Value {
    match reply {
        KvReply::Value { value, revision } => json!({"value": value, "revision": revision}),
        KvReply::Set { revision } => json!({"revision": revision}),
        KvReply::Deleted(deleted) => json!({"deleted": deleted}),
    }
}
