//! An authenticator application, written after RFC 4226 and 6238 without the server's code.

use aws_lc_rs::hmac;
use serde_json::Value;

use crate::app::{TestApp, text};

/// What a person has on their telephone.
#[derive(Clone, Debug)]
pub(crate) struct Authenticator {
    pub(crate) id: String,
    key: Vec<u8>,
    pub(crate) recovery_codes: Vec<String>,
}

impl Authenticator {
    /// Reads what a registration shows.
    pub(crate) fn of(begun: &Value) -> Self {
        let codes = begun["recovery_codes"].as_array().unwrap();
        Self {
            id: text(&begun["totp_registration_id"]),
            key: base32(begun["secret"].as_str().unwrap()),
            recovery_codes: codes.iter().map(text).collect(),
        }
    }

    /// One with a secret from elsewhere.
    pub(crate) fn with_secret(secret: &str) -> Self {
        Self { id: String::new(), key: base32(secret), recovery_codes: Vec::new() }
    }

    /// What it shows now.
    pub(crate) fn code(&self, app: &TestApp) -> String {
        self.code_of(app, 0)
    }

    /// What it shows some steps from now.
    pub(crate) fn code_of(&self, app: &TestApp, steps: i64) -> String {
        let step = app.app.clock.now().seconds() / 30 + steps;
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.key);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let digest = tag.as_ref();
        let at = usize::from(digest[19] & 15);
        let number = u32::from_be_bytes(digest[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
        format!("{:06}", number % 1_000_000)
    }

    /// A code that it shows in none of the steps around now.
    pub(crate) fn wrong_code(&self, app: &TestApp) -> String {
        let right: Vec<String> = (-2..=2).map(|steps| self.code_of(app, steps)).collect();
        (0..10).map(|n| format!("{n:06}")).find(|code| !right.contains(code)).unwrap()
    }
}

/// RFC 4648 section 6.
fn base32(text: &str) -> Vec<u8> {
    let (mut out, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for letter in text.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'2'..=b'7' => letter - b'2' + 26,
            other => panic!("{} in a secret", char::from(other)),
        };
        bits = bits << 5 | u32::from(value);
        held += 5;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from(bits >> held & 0xff).unwrap());
        }
    }
    out
}
