use serde_json::{Map, Value};

use super::Violation;

/// Levels of nesting in a message at most.
const MAX_DEPTH: usize = 64;
/// Values in a message at most, so that a frame of commas does not become gigabytes of memory.
const MAX_VALUES: usize = 1_000_000;

pub(crate) type Object = Map<String, Value>;

/// One JSON object in UTF-8 without a byte order mark. Of two equal keys the last one counts.
pub(crate) fn parse_object(bytes: &[u8]) -> Result<Object, Violation> {
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Err(Violation::new("byte_order_mark", "a message begins with a byte order mark"));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Violation::new("invalid_utf8", "a message is not UTF-8"))?;
    check_size(text.as_bytes())?;
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Violation::new("not_an_object", "a message is no JSON object")),
        Err(error) => Err(Violation::new("invalid_json", format!("a message is no JSON ({error})"))),
    }
}

/// Counts before anything is built: brackets outside of strings for the depth, commas and openings for the values.
fn check_size(text: &[u8]) -> Result<(), Violation> {
    let (mut depth, mut values, mut in_string, mut escaped) = (0usize, 0usize, false, false);
    for byte in text {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => {
                depth += 1;
                values += 1;
                if depth > MAX_DEPTH {
                    return Err(Violation::new(
                        "too_deep",
                        format!("a message is nested deeper than {MAX_DEPTH} levels"),
                    ));
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' => values += 1,
            _ => {}
        }
        if values > MAX_VALUES {
            return Err(Violation::new("too_many_values", format!("a message has more than {MAX_VALUES} values")));
        }
    }
    Ok(())
}

/// Appends the text of a value.
pub(crate) fn put(target: &mut Vec<u8>, value: &(impl serde::Serialize + ?Sized)) {
    // Strings, numbers and values of JSON always have a JSON form, and a vector takes all of it.
    let _ = serde_json::to_writer(target, value);
}

/// A field that may be absent or null, and is a string otherwise; `Err` is what is wrong.
pub(crate) fn optional_string<'a>(object: &'a Object, name: &str) -> Result<Option<&'a str>, String> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(format!("`{name}` is no string")),
    }
}

/// A field that must be there and be a string.
pub(crate) fn string<'a>(object: &'a Object, name: &str) -> Result<&'a str, String> {
    object.get(name).and_then(Value::as_str).ok_or_else(|| format!("`{name}` is no string"))
}

/// A field that may be absent or null, and is an integer from 0 to 2^53 − 1 otherwise.
pub(crate) fn optional_integer(object: &Object, name: &str) -> Result<Option<u64>, String> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => integer(value).map(Some).ok_or_else(|| format!("`{name}` is no integer from 0 to 2^53 − 1")),
    }
}

/// An integer from 0 to 2^53 − 1. `1.0` and `1e0` are integers in JSON.
pub(crate) fn integer(value: &Value) -> Option<u64> {
    const MAX_SAFE: u64 = (1 << 53) - 1;
    let number = value.as_u64().or_else(|| {
        let float = value.as_f64()?;
        (float.fract() == 0.0 && (0.0..=MAX_SAFE as f64).contains(&float)).then_some(float as u64)
    })?;
    (number <= MAX_SAFE).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::{integer, parse_object};
    use proptest::prelude::*;
    use serde_json::json;

    // [PRO-8]
    #[test]
    fn what_is_no_object_in_utf_8_is_refused() {
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(64), "]".repeat(64));
        let wide = format!("[{}1]", "1,".repeat(1_000_001));
        for bytes in [
            b"".as_slice(),
            b"[]",
            b"null",
            b"1",
            b"{",
            b"{}x",
            b"{\"a\":01}",
            b"{\"a\":\"\xff\"}",
            b"{\"\xc0\xaf\":1}",
            b"\xef\xbb\xbf{}",
            b"{'a':1}",
            b"{\"a\":NaN}",
            deep.as_bytes(),
            wide.as_bytes(),
        ] {
            assert!(parse_object(bytes).is_err(), "{:?}", String::from_utf8_lossy(bytes).get(..40));
        }
    }

    // [PRO-8]
    #[test]
    fn sixty_four_levels_are_allowed_and_brackets_in_strings_do_not_count() {
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(63), "]".repeat(63));
        assert!(parse_object(deep.as_bytes()).is_ok());
        let quoted = format!("{{\"a\":\"\\\"{}\"}}", "[{".repeat(1000));
        assert!(parse_object(quoted.as_bytes()).is_ok());
    }

    // [PRO-8]
    #[test]
    fn of_two_equal_keys_the_last_one_counts() {
        assert_eq!(parse_object(b"{\"a\":1,\"a\":2}").unwrap()["a"], 2);
    }

    #[test]
    fn integers_are_exact() {
        assert_eq!(integer(&json!(9_007_199_254_740_991u64)), Some(9_007_199_254_740_991));
        for bad in [json!(9_007_199_254_740_992u64), json!(-1), json!(1.5), json!("1"), json!(1e300), json!(null)] {
            assert_eq!(integer(&bad), None, "{bad}");
        }
        assert_eq!(integer(&json!(2.0)), Some(2));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

        // [PRO-8]
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(prop::sample::select(b"{}[]\",:\\1ae\xff \xc3".to_vec()), 0..80)) {
            let _ = parse_object(&bytes);
        }
    }
}
