//! Every file of `libs/contracts/vectors/licences`: what each key is worth, and what is left of it when one bit is changed.

use std::{fs, path::PathBuf, thread};

use serde_json::{Value, json};

use super::{Check, Form, Licence, Reason, Subject, date::Date, verify};

fn read(file: &str) -> Value {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../contracts/vectors/licences").join(file);
    let text = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap()
}

fn vectors(form: &str) -> Vec<Value> {
    let Value::Array(vectors) = read(&format!("{form}.json")) else { panic!("{form}.json is no list") };
    assert!(vectors.len() > 30, "{form}.json has {} vectors", vectors.len());
    vectors
}

/// `YYYY-MM-DDTHH:MM:SS[.mmm]Z`.
fn seconds(time: &str) -> i64 {
    let number = |from: usize| time[from..from + 2].parse::<i64>().unwrap();
    Date::parse(&time[..10]).unwrap().end() - 86_400 + number(11) * 3600 + number(14) * 60 + number(17)
}

fn check_of(vector: &Value) -> Check {
    if let Some(secret) = vector["secret"].as_str() {
        return Check::secret(secret);
    }
    let keys: Vec<&str> = vector["public_keys"].as_array().unwrap().iter().map(|key| key.as_str().unwrap()).collect();
    let check = Check::public_keys(&keys);
    vector["released"].as_str().map_or(check.clone(), |day| check.released(day))
}

fn verdict(vector: &Value, check: &Check, key: &[u8]) -> Result<Licence, Reason> {
    let subject = Subject {
        plugin: vector["plugin"].as_str().unwrap_or_default(),
        instance: vector["instance"].as_str().unwrap(),
        now: seconds(vector["now"].as_str().unwrap()),
    };
    verify(key, check, &subject)
        .map_err(|error| error.reason().unwrap_or_else(|| panic!("{}: {error}", vector["name"])))
}

fn terms_of(licence: &Licence) -> Value {
    let common = json!({
        "instance_id": licence.instance_id, "expires": licence.expires, "features": licence.features,
    });
    let mut terms = common;
    terms["form"] = if licence.form == Form::Hmac { "hmac".into() } else { "ed25519".into() };
    if licence.form == Form::Ed25519 {
        terms["id"] = json!(licence.id);
        terms["customer"] = json!(licence.customer);
        terms["issued"] = json!(licence.issued);
        terms["updates_until"] = json!(licence.updates_until);
    }
    terms
}

// [LIC-2] [LIC-6]
#[test]
fn every_vector_holds_or_is_refused_with_its_reason() {
    for vector in ["hmac", "ed25519"].into_iter().flat_map(vectors) {
        let name = &vector["name"];
        match verdict(&vector, &check_of(&vector), vector["key"].as_str().unwrap().as_bytes()) {
            Ok(licence) => {
                assert_eq!(vector["expect"], "ok", "{name}");
                let mut terms = vector["terms"].clone();
                // The plugin is the one that asks.
                terms.as_object_mut().unwrap().remove("plugin");
                assert_eq!(terms_of(&licence), terms, "{name}");
            }
            Err(reason) => assert_eq!(vector["expect"], reason.as_str(), "{name}"),
        }
    }
}

/// The letters of `bit-flips.json`.
fn letter(verdict: &Result<Licence, Reason>) -> char {
    match verdict {
        Ok(_) => '!',
        Err(Reason::Missing) => '-',
        Err(Reason::Format) => 'f',
        Err(Reason::Key) => 'k',
        Err(Reason::Signature) => 's',
        Err(Reason::Plugin) => 'p',
        Err(Reason::Instance) => 'i',
        Err(Reason::Expired) => 'e',
        Err(Reason::Updates) => 'u',
    }
}

fn flips(vector: &Value) -> String {
    let check = check_of(vector);
    let mut key = vector["key"].as_str().unwrap().as_bytes().to_vec();
    let mut letters = String::with_capacity(key.len() * 8);
    for at in 0..key.len() {
        for bit in 0..8 {
            key[at] ^= 1 << bit;
            letters.push(letter(&verdict(vector, &check, &key)));
            key[at] ^= 1 << bit;
        }
    }
    letters
}

// [LIC-2] [LIC-6]
#[test]
fn no_key_holds_with_one_bit_changed_and_the_reason_is_that_of_every_language() {
    let expected = read("bit-flips.json");
    let flipped: Vec<(String, Value)> = ["hmac", "ed25519"]
        .into_iter()
        .flat_map(|form| vectors(form).into_iter().map(move |vector| (form, vector)))
        .filter(|(_, vector)| vector["expect"] == "ok")
        .filter_map(|(form, vector)| {
            let lines = expected[form].get(vector["name"].as_str().unwrap())?.as_array().unwrap();
            Some((lines.iter().map(|line| line.as_str().unwrap()).collect(), vector))
        })
        .collect();
    let named: usize = expected.as_object().unwrap().values().map(|form| form.as_object().unwrap().len()).sum();
    assert_eq!(flipped.len(), named);
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for first in 0..threads {
            let share = flipped.iter().skip(first).step_by(threads);
            scope.spawn(move || {
                for (letters, vector) in share {
                    assert!(!letters.contains('!'), "{}", vector["name"]);
                    assert_eq!(&flips(vector), letters, "{}", vector["name"]);
                }
            });
        }
    });
}
