use serde_json::{Map, Value};

/// Header fields in their order, names in lower case. A name may be there more than once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// The first value of a name, in any letter case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(each, _)| each.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// All values of a name, in any letter case.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(each, _)| each.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Sets a field; earlier ones of that name go.
    pub fn insert(&mut self, name: impl AsRef<str>, value: impl Into<String>) {
        let name = name.as_ref().to_ascii_lowercase();
        self.0.retain(|(each, _)| *each != name);
        self.0.push((name, value.into()));
    }

    /// Adds a field to those of that name.
    pub fn append(&mut self, name: impl AsRef<str>, value: impl Into<String>) {
        self.0.push((name.as_ref().to_ascii_lowercase(), value.into()));
    }

    /// All fields.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
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
        for (name, value) in &self.0 {
            if !is_token(name) {
                return Err(format!("the name of a header is no token: {name:?}"));
            }
            if value.bytes().any(|byte| (byte < b' ' && byte != b'\t') || byte == 0x7f) {
                return Err(format!("the value of the header {name} has control characters"));
            }
            let text = Value::String(value.clone());
            match fields.get_mut(name) {
                None => drop(fields.insert(name.clone(), text)),
                Some(Value::Array(list)) => list.push(text),
                Some(first) => *first = Value::Array(vec![first.take(), text]),
            }
        }
        Ok(Value::Object(fields))
    }
}

/// A `token` of RFC 9110.
fn is_token(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::Headers;
    use serde_json::json;

    // [PRO-3]
    #[test]
    fn repeated_names_become_a_list_and_come_back() {
        let mut headers = Headers::new();
        headers.append("Vary", "accept");
        headers.append("vary", "cookie");
        headers.insert("X-A", "1");
        let wire = headers.to_json().unwrap();
        assert_eq!(wire, json!({"vary": ["accept", "cookie"], "x-a": "1"}));
        assert_eq!(Headers::from_json(Some(&wire)).unwrap(), headers);
        assert_eq!(headers.get_all("VARY").collect::<Vec<_>>(), ["accept", "cookie"]);
    }

    // [PRO-8]
    #[test]
    fn what_could_forge_a_header_is_refused() {
        for (name, value) in [("a b", "x"), ("", "x"), ("a", "x\r\nb: y"), ("a", "\0"), ("a:", "x")] {
            let mut headers = Headers::new();
            headers.insert(name, value);
            assert!(headers.to_json().is_err(), "{name:?}: {value:?}");
        }
        for wire in [json!([]), json!({"a": 1}), json!({"a": ["x", null]}), json!("a")] {
            assert!(Headers::from_json(Some(&wire)).is_err(), "{wire}");
        }
    }
}
