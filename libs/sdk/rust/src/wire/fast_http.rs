use std::{fmt, marker::PhantomData};

use bytes::Bytes;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};

use super::incoming::{IncomingBody, is_request_id};
use crate::{Headers, HttpRequest, User};

/// Beyond so many, looking for a repeated one costs more than it saves.
const MAX_HEADERS: usize = 64;
const MAX_STREAM: u64 = (1 << 53) - 1;

/// An `http` request as hosts write it, without a tree of values in between: that costs more than all the rest of a small
/// request. `None` for whatever is unusual or wrong, which the slow way then judges: a message is never refused here, and
/// what is taken here means the same there. That nothing unknown is taken also bounds depth and number of values.
pub(crate) fn decode(head: &[u8], tail: &Bytes) -> Option<(String, HttpRequest, IncomingBody)> {
    if !head.starts_with(b"{\"type\":\"http\"") {
        return None;
    }
    let Envelope { request_id, payload: Object(payload), .. } = serde_json::from_slice(head).ok()?;
    let body = match (payload.body, payload.stream, tail.is_empty()) {
        (None, None, _) => IncomingBody::Whole(tail.clone()),
        (Some(text), None, true) => IncomingBody::Whole(text.into()),
        (None, Some(stream), true) if stream % 2 == 1 && stream <= MAX_STREAM => IncomingBody::Stream(stream),
        _ => return None,
    };
    let user = payload.user.map(|Object(UserFields { id, name, role })| User { id, name, role });
    let request = HttpRequest {
        method: payload.method,
        path: payload.path,
        base: payload.base.unwrap_or_default(),
        headers: payload.headers.unwrap_or_default(),
        user,
        remote: payload.remote.unwrap_or_default(),
        ..HttpRequest::default()
    };
    is_request_id(&request_id).then_some((request_id, request, body))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    #[serde(rename = "type")]
    _kind: String,
    #[serde(rename = "timestamp", default)]
    _timestamp: Option<String>,
    request_id: String,
    payload: Object<Payload>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    method: String,
    path: String,
    base: Option<String>,
    headers: Option<Headers>,
    user: Option<Object<UserFields>>,
    remote: Option<String>,
    stream: Option<u64>,
    body: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UserFields {
    id: String,
    name: String,
    role: String,
}

/// What serde would also take from a list, as the fields in their order, from an object alone.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Object)
    }
}

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields)
    }
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Headers;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("headers")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Headers, A::Error> {
        let unusual = || serde::de::Error::custom("unusual");
        let mut headers = Headers::new();
        let mut names = 0;
        while let Some(name) = map.next_key::<String>()? {
            names += 1;
            // Of two equal keys the last one counts, and the slow way knows that.
            if names > MAX_HEADERS || headers.get(&name).is_some() {
                return Err(unusual());
            }
            match map.next_value::<Values>()? {
                Values::One(value) => headers.append(name, value),
                Values::Many(values) => values.into_iter().for_each(|value| headers.append(&name, value)),
            }
        }
        Ok(headers)
    }
}

enum Values {
    One(String),
    Many(Vec<String>),
}

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrMany)
    }
}

struct OneOrMany;

impl<'de> Visitor<'de> for OneOrMany {
    type Value = Values;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string or a list of strings")
    }

    fn visit_str<E>(self, value: &str) -> Result<Values, E> {
        Ok(Values::One(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Values, E> {
        Ok(Values::One(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Values, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(Values::Many(values))
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::decode;

    // [PRO-8]
    #[test]
    fn usual_requests_go_the_fast_way_and_what_is_no_object_never_does() {
        let request = |payload: &str| {
            let head = format!("{{\"type\":\"http\",\"request_id\":\"1\",\"payload\":{payload}}}");
            decode(head.as_bytes(), &Bytes::new()).is_some()
        };
        assert!(request(r#"{"method":"GET","path":"/","headers":{"a":"b","c":["d","e"]},"user":null,"stream":1}"#));
        assert!(request(r#"{"method":"GET","path":"/","user":{"id":"i","name":"n","role":"r"},"remote":"x"}"#));
        assert!(!request(r#"["GET","/","",{},null,"",1,null]"#));
        assert!(!request(r#"{"method":"GET","path":"/","user":["i","n","r"]}"#));
        assert!(!request(r#"{"method":"GET","path":"/","headers":["a","b"]}"#));
    }
}
