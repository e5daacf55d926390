//! The second form: `TORU2.<key id>.<payload>.<signature>`. The prefix says the algorithm; nothing that is signed can.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::Signature;
use serde_json::{Map, Value};

use super::{Form, Licence, Reason, Subject, check::PublicKey, date::Date, in_time, is_instance_id};

const PREFIX: &str = "TORU2";
const MAX_CHARACTERS: usize = 4096;
const KEY_ID_DIGITS: usize = 16;
const MAX_CUSTOMER: usize = 200;
const MAX_FEATURES: usize = 64;
/// Of a licence id, a plugin id and the name of a feature.
const MAX_NAME: usize = 64;

pub(super) fn verify(
    key: &[u8],
    public_keys: &[PublicKey],
    released: Option<Date>,
    subject: &Subject<'_>,
) -> Result<Licence, Reason> {
    let Parts { key_id, signed, payload, signature } = Parts::of(key).ok_or(Reason::Format)?;
    let public_key = public_keys.iter().find(|each| each.id == key_id).ok_or(Reason::Key)?;
    // Strict: no key of small order, and one signature has one form.
    public_key.key.verify_strict(signed.as_bytes(), &signature).map_err(|_| Reason::Signature)?;

    let Payload { plugin, licence, expires, updates_until } = Payload::read(&payload).ok_or(Reason::Format)?;
    // Ids of plugins are compared without case, as everywhere in the host.
    if !plugin.eq_ignore_ascii_case(subject.plugin) {
        return Err(Reason::Plugin);
    }
    if licence.instance_id != subject.instance {
        return Err(Reason::Instance);
    }
    in_time(expires, subject.now)?;
    match (released, updates_until) {
        (Some(released), Some(last_day)) if released > last_day => Err(Reason::Updates),
        _ => Ok(licence),
    }
}

struct Parts<'a> {
    key_id: &'a str,
    /// Everything before the signature.
    signed: &'a str,
    payload: Vec<u8>,
    signature: Signature,
}

impl<'a> Parts<'a> {
    fn of(key: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(key).ok().filter(|text| text.len() <= MAX_CHARACTERS)?;
        let (signed, signature) = text.rsplit_once('.')?;
        let mut parts = signed.split('.');
        let (prefix, key_id, payload) = (parts.next()?, parts.next()?, parts.next()?);
        let is_digit = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if parts.next().is_some() || prefix != PREFIX || key_id.len() != KEY_ID_DIGITS || !key_id.bytes().all(is_digit)
        {
            return None;
        }
        // The engine takes the canonical form alone: no padding, and the bits that are left over are zero.
        let payload = URL_SAFE_NO_PAD.decode(payload).ok().filter(|payload| !payload.is_empty())?;
        let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
        Some(Self { key_id, signed, payload, signature })
    }
}

struct Payload {
    plugin: String,
    licence: Licence,
    expires: Option<Date>,
    updates_until: Option<Date>,
}

impl Payload {
    /// Of members that are not known here nothing is asked.
    fn read(json: &[u8]) -> Option<Self> {
        let payload: Map<String, Value> = serde_json::from_slice(json).ok()?;
        let text = |name: &str| payload.get(name)?.as_str();
        let day = |name: &str| match payload.get(name)? {
            Value::Null => Some(None),
            given => Some(Some(Date::parse(given.as_str()?)?)),
        };
        let plugin = text("plugin").filter(|plugin| is_plugin_id(plugin))?;
        let id = text("id").filter(|id| is_name(id, is_name_byte))?;
        let instance = text("instance").filter(|instance| is_instance_id(instance))?;
        let customer = text("customer").filter(|customer| {
            (1..=MAX_CUSTOMER).contains(&customer.chars().count()) && !customer.chars().any(char::is_control)
        })?;
        let issued = text("issued").filter(|issued| Date::parse(issued).is_some())?;
        let (expires, updates_until) = (day("expires")?, day("updates_until")?);
        let features = payload.get("features")?.as_array().filter(|features| features.len() <= MAX_FEATURES)?;
        let features: Option<Vec<_>> = features.iter().map(|each| feature(each.as_str()?)).collect();
        let licence = Licence {
            form: Form::Ed25519,
            instance_id: instance.to_owned(),
            expires: text("expires").map(str::to_owned),
            id: Some(id.to_owned()),
            customer: Some(customer.to_owned()),
            issued: Some(issued.to_owned()),
            updates_until: text("updates_until").map(str::to_owned),
            features: features?,
        };
        Some(Self { plugin: plugin.to_owned(), licence, expires, updates_until })
    }
}

/// Upper-case letters are accepted from existing plugins, as in their metadata.
fn is_plugin_id(text: &str) -> bool {
    !text.starts_with('-') && is_name(text, |byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn feature(text: &str) -> Option<String> {
    let is_of_feature = |byte: u8| is_name_byte(byte) && !byte.is_ascii_uppercase();
    let begins_well = text.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit());
    (begins_well && is_name(text, is_of_feature)).then(|| text.to_owned())
}

fn is_name(text: &str, allowed: impl Fn(u8) -> bool) -> bool {
    (1..=MAX_NAME).contains(&text.len()) && text.bytes().all(allowed)
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}
