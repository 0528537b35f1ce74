//! What the provider publishes about itself (SAML metadata 2.4.3).

use super::spec::NameIdFormat;
use super::text::{DS, MD, POST, REDIRECT, SAMLP, value};

/// The `EntityDescriptor`, with the certificates as base64.
pub(super) fn document(entity_id: &str, sso_url: &str, certificates: &[String]) -> String {
    let keys: String = certificates.iter().map(|certificate| key(certificate)).collect();
    let formats: String = NameIdFormat::ALL
        .into_iter()
        .filter_map(NameIdFormat::uri)
        .map(|uri| format!("<md:NameIDFormat>{uri}</md:NameIDFormat>"))
        .collect();
    let places: String = [REDIRECT, POST]
        .into_iter()
        .map(|binding| {
            let url = value(sso_url);
            format!(
                "<md:SingleSignOnService Binding=\"{binding}\" Location=\"{url}\"></md:SingleSignOnService>"
            )
        })
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <md:EntityDescriptor xmlns:md=\"{MD}\" entityID=\"{entity_id}\">\
         <md:IDPSSODescriptor WantAuthnRequestsSigned=\"false\" protocolSupportEnumeration=\"{SAMLP}\">\
         {keys}{formats}{places}</md:IDPSSODescriptor></md:EntityDescriptor>\n",
        entity_id = value(entity_id),
    )
}

fn key(certificate: &str) -> String {
    format!(
        "<md:KeyDescriptor use=\"signing\"><ds:KeyInfo xmlns:ds=\"{DS}\"><ds:X509Data>\
         <ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
    )
}
