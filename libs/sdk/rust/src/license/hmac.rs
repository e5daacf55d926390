//! The first form: `base64("<instance_id>:<expiry>:<signature>")`.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{Form, Licence, Reason, Subject, date::Date, in_time, is_instance_id};

const SIGNATURE_BYTES: usize = 32;

pub(super) fn verify(key: &[u8], secret: &[u8], subject: &Subject<'_>) -> Result<Licence, Reason> {
    // The engine takes the canonical form alone: padded, and the bits that are left over are zero.
    let text = STANDARD.decode(key).ok().and_then(|text| String::from_utf8(text).ok()).ok_or(Reason::Format)?;
    let mut fields = text.split(':');
    let (Some(instance), Some(expiry), Some(signature), None) =
        (fields.next(), fields.next(), fields.next(), fields.next())
    else {
        return Err(Reason::Format);
    };
    let expires = match expiry {
        "never" => None,
        day => Some(Date::parse(day).ok_or(Reason::Format)?),
    };
    let signature = STANDARD.decode(signature).ok().filter(|bytes| bytes.len() == SIGNATURE_BYTES);
    let (true, Some(signature)) = (is_instance_id(instance), signature) else { return Err(Reason::Format) };

    let mut mac = Hmac::<Sha256>::new_from_slice(secret).map_err(|_| Reason::Signature)?;
    mac.update(format!("{instance}:{expiry}").as_bytes());
    // In constant time.
    mac.verify_slice(&signature).map_err(|_| Reason::Signature)?;
    if instance != subject.instance {
        return Err(Reason::Instance);
    }
    in_time(expires, subject.now)?;
    Ok(Licence {
        form: Form::Hmac,
        instance_id: instance.to_owned(),
        expires: expires.map(|_| expiry.to_owned()),
        id: None,
        customer: None,
        issued: None,
        updates_until: None,
        features: Vec::new(),
    })
}
