use std::{fmt, sync::Arc};

use serde_json::{Map, Value};

use crate::wire::json;

/// Beyond so many fields, looking for a repeated name one by one costs more than a map.
const FEW: usize = 32;

/// Header fields in their order, names in lower case. A name may be there more than once.
#[derive(Clone)]
pub struct Headers(Fields);

#[derive(Clone)]
enum Fields {
    Own(Vec<(String, String)>),
    /// Of many requests, which differ in one value at most; what changes them makes a copy first.
    Shared {
        all: Arc<[(String, String)]>,
        other: Option<(usize, String)>,
    },
}

impl Headers {
    /// None.
    pub fn new() -> Self {
        Self(Fields::Own(Vec::new()))
    }

    /// The same, cheap to clone.
    pub(crate) fn into_shared(self) -> Self {
        match self.0 {
            Fields::Own(fields) => Self(Fields::Shared { all: fields.into(), other: None }),
            Fields::Shared { .. } => self,
        }
    }

    /// The same but for one value, of the field that is the `index`th.
    pub(crate) fn with_value(&self, index: usize, value: String) -> Self {
        let mut headers = self.clone();
        match &mut headers.0 {
            Fields::Shared { other: other @ None, .. } => *other = Some((index, value)),
            _ => headers.own()[index].1 = value,
        }
        headers
    }

    fn own(&mut self) -> &mut Vec<(String, String)> {
        if let Fields::Shared { .. } = self.0 {
            let fields = self.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            self.0 = Fields::Own(fields);
        }
        match &mut self.0 {
            Fields::Own(fields) => fields,
            Fields::Shared { .. } => unreachable!("they have just become its own"),
        }
    }

    /// The first value of a name, in any letter case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(each, _)| each.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// All values of a name, in any letter case.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.iter().filter(move |(each, _)| each.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Sets a field; earlier ones of that name go.
    pub fn insert(&mut self, name: impl AsRef<str>, value: impl Into<String>) {
        let name = name.as_ref().to_ascii_lowercase();
        let fields = self.own();
        fields.retain(|(each, _)| *each != name);
        fields.push((name, value.into()));
    }

    /// Adds a field to those of that name.
    pub fn append(&mut self, name: impl AsRef<str>, value: impl Into<String>) {
        self.own().push((name.as_ref().to_ascii_lowercase(), value.into()));
    }

    /// All fields.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let (fields, other) = match &self.0 {
            Fields::Own(fields) => (fields.as_slice(), None),
            Fields::Shared { all, other } => (&**all, other.as_ref()),
        };
        fields.iter().enumerate().map(move |(index, (name, value))| match other {
            Some((at, other)) if *at == index => (name.as_str(), other.as_str()),
            _ => (name.as_str(), value.as_str()),
        })
    }

    /// A string for each name, or a list of strings. `Err` says what is wrong.
    pub(crate) fn from_json(value: Option<&Value>) -> Result<Self, String> {
        let mut headers = Self::new();
        let fields = match value {
            None | Some(Value::Null) => return Ok(headers),
            Some(Value::Object(fields)) => fields,
            Some(_) => return Err("`headers` is no object".into()),
        };
        for (name, value) in fields {
            match value {
                Value::String(text) => headers.append(name, text),
                Value::Array(list) if list.iter().all(Value::is_string) => {
                    list.iter().filter_map(Value::as_str).for_each(|text| headers.append(name, text));
                }
                _ => return Err("the value of a header is no string".into()),
            }
        }
        Ok(headers)
    }

    /// The wire form; `Err` says which field cannot be sent.
    pub(crate) fn to_json(&self) -> Result<Value, String> {
        let mut fields = Map::new();
        for (name, value) in self.iter() {
            check(name, value)?;
            let text = Value::String(value.to_owned());
            match fields.get_mut(name) {
                None => drop(fields.insert(name.to_owned(), text)),
                Some(Value::Array(list)) => list.push(text),
                Some(first) => *first = Value::Array(vec![first.take(), text]),
            }
        }
        Ok(Value::Object(fields))
    }

    /// Appends the wire form as text; `Err` as [`Headers::to_json`], and then a part may have been appended.
    pub(crate) fn put_json(&self, target: &mut Vec<u8>) -> Result<(), String> {
        let is_repeated =
            |(index, (name, _)): (usize, (&str, _))| self.iter().take(index).any(|(each, _)| each == name);
        if self.iter().nth(FEW).is_some() || self.iter().enumerate().any(is_repeated) {
            return self.to_json().map(|fields| json::put(target, &fields));
        }
        target.push(b'{');
        for (index, (name, value)) in self.iter().enumerate() {
            check(name, value)?;
            // The characters of a token stand for themselves in JSON.
            target.extend_from_slice(if index == 0 { &b"\""[..] } else { b",\"" });
            target.extend_from_slice(name.as_bytes());
            target.extend_from_slice(b"\":");
            json::put(target, value);
        }
        target.push(b'}');
        Ok(())
    }
}

impl Default for Headers {
    fn default() -> Self {
        Self::new()
    }
}

impl PartialEq for Headers {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Headers {}

impl fmt::Debug for Headers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Headers").field(&self.iter().collect::<Vec<_>>()).finish()
    }
}

fn check(name: &str, value: &str) -> Result<(), String> {
    if !is_token(name) {
        return Err(format!("the name of a header is no token: {name:?}"));
    }
    if value.bytes().any(|byte| (byte < b' ' && byte != b'\t') || byte == 0x7f) {
        return Err(format!("the value of the header {name} has control characters"));
    }
    Ok(())
}

/// A `token` of RFC 9110.
fn is_token(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

#[cfg(test)]
#[path = "headers_tests.rs"]
mod tests;
