use proptest::prelude::*;
use serde_json::{Value, json};

use super::Headers;

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

fn any_headers() -> impl Strategy<Value = Headers> {
    let name = prop_oneof![4 => "[a-cA-C]", 1 => "[a-z-]{1,9}", 1 => any::<String>()];
    let value = prop_oneof![4 => "[ -~]{0,9}", 1 => any::<String>(), 1 => "[\\PC\"\\\\\\t]{0,9}"];
    prop::collection::vec((name, value), 0..40).prop_map(|fields| {
        let mut headers = Headers::new();
        fields.into_iter().for_each(|(name, value)| headers.append(name, value));
        headers
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    // [PRO-8]
    #[test]
    fn the_text_says_what_the_values_say(headers in any_headers()) {
        let mut text = Vec::new();
        match (headers.put_json(&mut text), headers.to_json()) {
            (Ok(()), Ok(wire)) => prop_assert_eq!(serde_json::from_slice::<Value>(&text).unwrap(), wire),
            (put, made) => prop_assert_eq!(put, made.map(|_| ())),
        }
    }

    // [PRO-3]
    #[test]
    fn shared_headers_are_as_their_own(
        headers in any_headers(), index in any::<prop::sample::Index>(), value in "[ -~]{0,9}", name in "[a-cA-C]",
    ) {
        let shared = headers.clone().into_shared();
        prop_assert_eq!(&shared, &headers);
        let (mut shared, mut own) = (shared, headers);
        if own.iter().next().is_some() {
            let index = index.index(own.iter().count());
            shared = shared.with_value(index, value.clone()).with_value(index, value.clone());
            own = own.with_value(index, value.clone());
            prop_assert_eq!(own.iter().nth(index).unwrap().1, &value);
        }
        prop_assert_eq!(&shared, &own);
        prop_assert_eq!(shared.get(&name), own.get(&name));
        let kept = shared.clone();
        for headers in [&mut shared, &mut own] {
            headers.append("x-more", "1");
            headers.insert(&name, &value);
        }
        prop_assert_eq!(&shared, &own);
        prop_assert!(kept.get("x-more").is_none());
    }
}
