//! The namespace names of SAML and of what it is built on.

/// SAML protocol messages (core 3).
pub const SAMLP: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
/// SAML assertions (core 2).
pub const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
/// SAML metadata.
pub const MD: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
/// XML Signature.
pub const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
/// XML Signature 1.1.
pub const DS11: &str = "http://www.w3.org/2009/xmldsig11#";
/// XML Encryption.
pub const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";
/// XML Encryption 1.1.
pub const XENC11: &str = "http://www.w3.org/2009/xmlenc11#";
/// Exclusive canonicalisation: the namespace of `InclusiveNamespaces`, and the name of the algorithm.
pub const EC: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
/// XML Schema datatypes.
pub const XS: &str = "http://www.w3.org/2001/XMLSchema";
/// `xsi:type` and `xsi:nil`.
pub const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
/// What the prefix `xml` is always bound to.
pub const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// What the prefix `xmlns` is always bound to.
pub const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// What responses are made of.
pub(super) const KNOWN: [&str; 6] = [SAML, SAMLP, DS, XSI, EC, XENC];
