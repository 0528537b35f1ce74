//! An enveloped signature as XML-DSig has it: one reference to the element itself, exclusive canonical form.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::key::SamlKey;
use super::spec::SignatureMethod;
use super::text::DS;
use crate::KeyError;

const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

/// Puts a signature after the first `saml:Issuer` of `element`, which has this `id` and is in canonical form.
pub(super) fn signed(
    element: &str,
    id: &str,
    key: &SamlKey,
    method: SignatureMethod,
) -> Result<String, KeyError> {
    let digest = STANDARD.encode(method.digest(element.as_bytes()));
    let info = format!(
        "<ds:CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\"></ds:CanonicalizationMethod>\
         <ds:SignatureMethod Algorithm=\"{method}\"></ds:SignatureMethod>\
         <ds:Reference URI=\"#{id}\"><ds:Transforms><ds:Transform Algorithm=\"{ENVELOPED}\"></ds:Transform>\
         <ds:Transform Algorithm=\"{EXCLUSIVE}\"></ds:Transform></ds:Transforms>\
         <ds:DigestMethod Algorithm=\"{digest_method}\"></ds:DigestMethod>\
         <ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>",
        method = method.uri(),
        digest_method = method.digest_uri(),
    );
    // By itself the element declares its prefix; inside the signature that has been done.
    let message = format!("<ds:SignedInfo xmlns:ds=\"{DS}\">{info}");
    let value = STANDARD.encode(key.sign(method, message.as_bytes())?);
    let signature = format!(
        "<ds:Signature xmlns:ds=\"{DS}\"><ds:SignedInfo>{info}<ds:SignatureValue>{value}</ds:SignatureValue>\
         <ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>\
         </ds:Signature>",
        certificate = key.certificate_base64(),
    );
    Ok(element.replacen(ISSUER_END, &format!("{ISSUER_END}{signature}"), 1))
}

const ISSUER_END: &str = "</saml:Issuer>";
