//! Metadata of identity providers, good and odd, and what people paste instead.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

#[allow(dead_code, reason = "each test program uses another part")]
#[path = "../forge/mod.rs"]
mod forge;
mod good;
mod pasted;
mod refused;

use std::sync::LazyLock;

use forge::Key;

const NAMESPACES: &str = concat!(
    r#"xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" "#,
    r#"xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance""#,
);
const SAML2: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
const REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
const POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";

static FIRST: LazyLock<Key> = LazyLock::new(Key::rsa);
static SECOND: LazyLock<Key> = LazyLock::new(Key::rsa);

/// A `KeyDescriptor`; `attributes` is its `use`, or nothing.
fn key(attributes: &str, key: &Key) -> String {
    let certificate = key.certificate.base64();
    format!(
        "<md:KeyDescriptor {attributes}><ds:KeyInfo><ds:X509Data><ds:X509Certificate>\n{certificate}\n\
         </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
    )
}

fn service(binding: &str, location: &str) -> String {
    format!("<md:SingleSignOnService Binding=\"{binding}\" Location=\"{location}\"/>")
}

fn role(content: &str) -> String {
    format!("<md:IDPSSODescriptor protocolSupportEnumeration=\"{SAML2}\">{content}</md:IDPSSODescriptor>")
}

/// What a role needs at least.
fn least() -> String {
    key("use=\"signing\"", &FIRST) + &service(REDIRECT, "https://idp.example/sso")
}

fn entity(attributes: &str, content: &str) -> String {
    format!("<md:EntityDescriptor {NAMESPACES} {attributes}>{content}</md:EntityDescriptor>")
}

/// The smallest good document.
fn small(id: &str) -> String {
    entity(&format!("entityID=\"{id}\""), &role(&least()))
}

fn group(attributes: &str, content: &str) -> String {
    format!("<md:EntitiesDescriptor {NAMESPACES} {attributes}>{content}</md:EntitiesDescriptor>")
}
