use std::process::Command;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ed25519_dalek::{Signer, SigningKey};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Check, Form, Reason, Subject, date::Date, now, verify};

const INSTANCE: &str = "9b2f1c1e-6f0a-4c39-8f0e-0d5a6c1f2e3b";
const SECRET: &[u8] = b"a secret of the tests";
/// 2027-01-01T00:00:00Z.
const NEW_YEAR_2027: i64 = 1_798_761_600;

fn hmac_key(terms: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET).unwrap();
    mac.update(terms.as_bytes());
    STANDARD.encode(format!("{terms}:{}", STANDARD.encode(mac.finalize().into_bytes())))
}

fn pair() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn public_key() -> [u8; 32] {
    pair().verifying_key().to_bytes()
}

fn ed25519_key(payload: &[u8]) -> String {
    let id: String = Sha256::digest(public_key())[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    let signed = format!("TORU2.{id}.{}", URL_SAFE_NO_PAD.encode(payload));
    let signature = pair().sign(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
}

fn payload() -> Value {
    json!({
        "id": "L-1", "plugin": "acme", "instance": INSTANCE, "customer": "Příliš & Söhne", "issued": "2026-01-15",
        "expires": "2026-12-31", "updates_until": "2026-11-20", "features": ["export", "sso.saml"],
    })
}

fn reason(key: &str, check: &Check, now: i64) -> Option<Reason> {
    let subject = Subject { plugin: "acme", instance: INSTANCE, now };
    verify(key.as_bytes(), check, &subject).err().map(|error| error.reason().expect("the check is right"))
}

fn reason_of(payload: &Value) -> Option<Reason> {
    reason(&ed25519_key(payload.to_string().as_bytes()), &Check::public_keys(&[public_key()]), 0)
}

// [LIC-2] [LIC-6]
#[test]
fn the_last_second_of_the_last_day_is_the_one_before_midnight_in_utc() {
    let first_form = hmac_key(&format!("{INSTANCE}:2026-12-31"));
    let second_form = ed25519_key(payload().to_string().as_bytes());
    for (key, check) in
        [(first_form, Check::secret(SECRET)), (second_form, Check::public_keys(&[STANDARD.encode(public_key())]))]
    {
        assert_eq!(reason(&key, &check, NEW_YEAR_2027 - 1), None);
        assert_eq!(reason(&key, &check, NEW_YEAR_2027), Some(Reason::Expired));
    }
    // The clock of this machine says what `date` says in UTC.
    let date = Command::new("date").args(["-u", "+%s"]).output().unwrap().stdout;
    let seconds: i64 = String::from_utf8(date).unwrap().trim().parse().unwrap();
    assert!((seconds - now()).abs() < 60);
}

// [LIC-2] [LIC-6]
#[test]
fn no_time_zone_makes_a_day_longer_or_shorter() {
    let test = "license::tests::the_last_second_of_the_last_day_is_the_one_before_midnight_in_utc";
    for zone in ["Etc/GMT+12", "Pacific/Kiritimati"] {
        let ran =
            Command::new(std::env::current_exe().unwrap()).args(["--exact", test]).env("TZ", zone).output().unwrap();
        let said = String::from_utf8_lossy(&ran.stdout);
        assert!(ran.status.success() && said.contains("1 passed"), "{zone}: {said}");
    }
}

// [LIC-2]
#[test]
fn only_days_that_exist_are_dates() {
    for day in ["0001-01-01", "9999-12-31", "2024-02-29", "2000-02-29", "2026-04-30"] {
        assert!(Date::parse(day).is_some(), "{day}");
    }
    for day in [
        "0000-01-01",
        "2026-02-29",
        "1900-02-29",
        "2026-04-31",
        "2026-13-01",
        "2026-00-10",
        "2026-01-00",
        "2026-01-32",
        "2026-1-01",
        "26-01-01",
        "+026-01-01",
        "2026-01-+1",
        "2026/01/01",
        " 2026-01-01",
        "2026-01-01T",
        "20é6-01-01",
        "",
    ] {
        assert!(Date::parse(day).is_none(), "{day}");
    }
    assert_eq!(Date::parse("1969-12-31").unwrap().end(), 0);
    assert_eq!(Date::parse("2026-12-31").unwrap().end(), NEW_YEAR_2027);
    assert_eq!(Date::parse("9999-12-31").unwrap().end(), 253_402_300_800);
    assert!(Date::parse("2026-10-02") > Date::parse("2026-09-30"));
}

// [LIC-6]
#[test]
fn what_the_payload_may_hold() {
    let licence = verify(
        ed25519_key(payload().to_string().as_bytes()).as_bytes(),
        &Check::public_keys(&[public_key()]).released("2026-11-20"),
        &Subject { plugin: "acme", instance: INSTANCE, now: 0 },
    )
    .unwrap();
    assert_eq!(licence.form, Form::Ed25519);
    assert_eq!(licence.customer.as_deref(), Some("Příliš & Söhne"));
    assert_eq!(licence.expires.as_deref(), Some("2026-12-31"));
    assert_eq!(licence.updates_until.as_deref(), Some("2026-11-20"));
    assert!(licence.has("sso.saml") && !licence.has("sso"));

    let with = |name: &str, value: Value| {
        let mut changed = payload();
        changed[name] = value;
        changed
    };
    for (name, value) in [
        ("expires", Value::Null),
        ("updates_until", Value::Null),
        ("features", json!([])),
        ("customer", json!("ž".repeat(200))),
        ("x_newer", json!({ "any": [1] })),
    ] {
        assert_eq!(reason_of(&with(name, value.clone())), None, "{name}: {value}");
    }
    for (name, value) in [
        ("id", json!("a b")),
        ("id", json!("")),
        ("id", json!("x".repeat(65))),
        ("plugin", Value::Null),
        ("instance", json!(INSTANCE.to_uppercase())),
        ("customer", json!("")),
        ("customer", json!("ž".repeat(201))),
        ("customer", json!("a\u{85}b")),
        ("issued", Value::Null),
        ("expires", json!("never")),
        ("updates_until", json!("2026-02-30")),
        ("features", json!("export")),
        ("features", json!(["Export"])),
        ("features", json!([".export"])),
        ("features", json!(vec!["x"; 65])),
        ("features", json!([1])),
    ] {
        assert_eq!(reason_of(&with(name, value.clone())), Some(Reason::Format), "{name}: {value}");
    }
    for name in payload().as_object().unwrap().keys() {
        let mut without = payload();
        without.as_object_mut().unwrap().remove(name);
        assert_eq!(reason_of(&without), Some(Reason::Format), "{name}");
    }
    for not_an_object in [&b"[]"[..], b"", b"{", b"{\"id\": \"\xff\"}"] {
        let key = ed25519_key(not_an_object);
        assert_eq!(reason(&key, &Check::public_keys(&[public_key()]), 0), Some(Reason::Format));
    }
}

// [LIC-6]
#[test]
fn a_key_of_one_form_is_none_of_the_other_and_says_what_to_do() {
    let (secret, public) = (Check::secret(SECRET), Check::public_keys(&[public_key()]));
    let first_form = hmac_key(&format!("{INSTANCE}:never"));
    let second_form = ed25519_key(payload().to_string().as_bytes());
    assert_eq!(reason(&first_form, &secret, NEW_YEAR_2027), None);
    assert_eq!(reason(&first_form, &public, 0), Some(Reason::Format));
    assert_eq!(reason(&second_form, &secret, 0), Some(Reason::Format));
    // The bytes of the public key as a secret: what a verifier that believes the key would fall for.
    assert_eq!(reason(&first_form, &Check::secret(public_key()), 0), Some(Reason::Signature));
    // The key pairs of others, and of others first.
    let other = SigningKey::from_bytes(&[8; 32]).verifying_key().to_bytes();
    assert_eq!(reason(&second_form, &Check::public_keys(&[other]), 0), Some(Reason::Key));
    assert_eq!(reason(&second_form, &Check::public_keys(&[other, public_key()]), 0), None);
    assert_eq!(reason(&second_form, &public.clone().released("2026-11-21"), 0), Some(Reason::Updates));

    let elsewhere = Subject { plugin: "acme", instance: "another", now: 0 };
    let error = verify(second_form.as_bytes(), &public, &elsewhere).unwrap_err();
    let said = error.to_string();
    assert!(said.contains("another") && said.contains("reason: instance") && !said.contains(&second_form), "{said}");
    let elsewhere = Subject { plugin: "acme-2", ..elsewhere };
    assert!(verify(second_form.as_bytes(), &public, &Subject { plugin: "ACME", instance: INSTANCE, now: 0 }).is_ok());
    assert_eq!(verify(second_form.as_bytes(), &public, &elsewhere).unwrap_err().reason(), Some(Reason::Plugin));
}

// [LIC-3]
#[test]
fn a_check_that_cannot_be_made_is_an_error_of_configuration() {
    for check in [
        Check::secret(""),
        Check::secret("x").released("2026-01-01"),
        Check::public_keys(&["short"]),
        Check::public_keys(&[public_key()]).released("2026-02-30"),
    ] {
        let error = verify(b"any", &check, &Subject { plugin: "acme", instance: INSTANCE, now: 0 }).unwrap_err();
        assert_eq!(error.reason(), None, "{error}");
        assert_eq!(crate::PluginError::from(error).kind(), crate::ErrorKind::Config);
    }
    assert!(!format!("{:?}", Check::secret("hush")).contains("hush"));
}
