//! Issues licence keys as a vendor would: for tests alone, which need keys that the SDK has not made. One order as JSON on
//! standard input: `{secret, instance, expires}`, or `{seed, payload}` with the 32 bytes of the private key in hexadecimal
//! and the JSON that is signed, as text. The key is printed.

use std::error::Error;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ed25519_dalek::{Signer, SigningKey};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::{Digest, Sha256};

#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Order {
    Hmac { secret: String, instance: String, expires: Value },
    Ed25519 { seed: String, payload: String },
}

fn main() -> Result<(), Box<dyn Error>> {
    let key = match serde_json::from_str(&std::io::read_to_string(std::io::stdin())?)? {
        Order::Hmac { secret, instance, expires } => {
            let terms = format!("{instance}:{}", expires.as_str().unwrap_or("never"));
            let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())?;
            mac.update(terms.as_bytes());
            STANDARD.encode(format!("{terms}:{}", STANDARD.encode(mac.finalize().into_bytes())))
        }
        Order::Ed25519 { seed, payload } => {
            let digits = (0..seed.len()).step_by(2);
            let seed: Result<Vec<u8>, _> = digits.map(|at| u8::from_str_radix(&seed[at..at + 2], 16)).collect();
            let pair = SigningKey::from_bytes(&seed?.as_slice().try_into()?);
            let digest = Sha256::digest(pair.verifying_key().as_bytes());
            let id: String = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
            let signed = format!("TORU2.{id}.{}", URL_SAFE_NO_PAD.encode(payload));
            let signature = pair.sign(signed.as_bytes());
            format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
        }
    };
    println!("{key}");
    Ok(())
}
