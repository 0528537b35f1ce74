//! How foreign text and certificates are shown on a terminal and in JSON.

use serde_json::{Value, json};
use vestibule_refusal::Excerpt;
use vestibule_saml::UnixMillis;
use vestibule_saml::key::Certificate;
use vestibule_saml::metadata::{IdpMetadata, Remark};

const DAY: i64 = 24 * 60 * 60 * 1000;

/// Foreign text on one line of a terminal: bounded, and nothing in it moves the cursor.
pub(super) fn plain(text: &str) -> String {
    Excerpt::of(text).to_string()
}

/// What people should know about metadata, each once, with whether it is a warning. Not that an address is plain http when
/// that is `known`: accepted, or the very reason of a refusal.
pub(super) fn remarks(
    metadata: &IdpMetadata,
    now: UnixMillis,
    known: impl Fn(&Excerpt) -> bool,
) -> Vec<(bool, String)> {
    let remarks = metadata.remarks(now);
    let told = remarks.iter().filter(|remark| !matches!(remark, Remark::PlainHttp { url } if known(url)));
    let mut remarks: Vec<_> = told.map(|remark| (remark.is_warning(), remark.to_string())).collect();
    // Both bindings usually have one address.
    remarks.dedup();
    remarks
}

/// A certificate on two lines.
pub(super) fn certificate(certificate: &Certificate, now: UnixMillis) -> [String; 2] {
    [
        format!("{}, {}", plain(certificate.subject()), certificate.key_kind()),
        format!("{}, SHA-256 {}", dates(certificate, now), fingerprint(certificate)),
    ]
}

fn dates(certificate: &Certificate, now: UnixMillis) -> String {
    let (from, until) = (certificate.not_before(), certificate.not_after());
    if now < from {
        return format!("VALID ONLY FROM {from} until {until}");
    }
    match until.since(now) {
        ended if ended <= 0 => format!("EXPIRED at {until}"),
        left => format!("valid until {until} ({} days)", left / DAY),
    }
}

/// The fingerprint as tools and consoles print it.
pub(super) fn fingerprint(certificate: &Certificate) -> String {
    let octets: Vec<_> =
        certificate.fingerprint_sha256().iter().map(|octet| format!("{octet:02X}")).collect();
    octets.join(":")
}

/// A certificate for programs.
pub(super) fn certificate_json(certificate: &Certificate) -> Value {
    json!({
        "subject": certificate.subject(),
        "issuer": certificate.issuer(),
        "key": certificate.key_kind().to_string(),
        "not_before": certificate.not_before().to_string(),
        "not_after": certificate.not_after().to_string(),
        "fingerprint_sha256": fingerprint(certificate),
    })
}
