//! What the service provider asks: as much of an `AuthnRequest` (SAML core 3.4.1) as an answer needs.
//!
//! It is read leniently and its signature is not looked at: this provider tells nobody anything that is not
//! invented. Whom it answers is decided by the addresses it was configured with.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::text::unescaped;

/// A request is a few hundred bytes; nothing longer is unpacked.
const MOST: usize = 64 * 1024;

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthnRequest {
    /// `ID`: what the answer is in response to.
    pub id: String,
    /// The service provider's entity id.
    pub issuer: String,
    /// Where the answer goes; without it, to where this service provider is known to be.
    pub acs_url: Option<String>,
    /// The name in the subject, when the service provider knows who is expected.
    pub subject: Option<String>,
    /// `ForceAuthn`: whether the person is to be asked once more.
    pub force_authn: bool,
}

impl AuthnRequest {
    /// Reads the `SAMLRequest` parameter of the Redirect binding (bindings 3.4.4.1): deflated, then base64.
    #[must_use]
    pub fn from_redirect(parameter: &str) -> Option<Self> {
        let packed = STANDARD.decode(parameter).ok()?;
        let bytes = miniz_oxide::inflate::decompress_to_vec_with_limit(&packed, MOST).ok()?;
        Self::from_xml(std::str::from_utf8(&bytes).ok()?)
    }

    /// Reads the `SAMLRequest` field of the POST binding (bindings 3.5.4): base64.
    #[must_use]
    pub fn from_post(field: &str) -> Option<Self> {
        let letters: String = field.split_whitespace().collect();
        Self::from_xml(std::str::from_utf8(&STANDARD.decode(letters).ok()?).ok()?)
    }

    /// Reads the document.
    #[must_use]
    pub fn from_xml(xml: &str) -> Option<Self> {
        let root = tag(xml, "AuthnRequest")?;
        Some(Self {
            id: attribute(root, "ID")?,
            issuer: text_of(xml, "Issuer")?,
            acs_url: attribute(root, "AssertionConsumerServiceURL"),
            force_authn: matches!(attribute(root, "ForceAuthn").as_deref(), Some("true" | "1")),
            subject: text_of(xml, "NameID"),
        })
    }
}

/// The start tag of the first element with this local name, without its brackets.
fn tag<'x>(xml: &'x str, local: &str) -> Option<&'x str> {
    let mut rest = xml;
    loop {
        let (_, after) = rest.split_once('<')?;
        let end = end_of_tag(after)?;
        let found = after.get(..end)?;
        let name =
            found.split(|letter: char| letter.is_whitespace() || letter == '/').next().unwrap_or_default();
        if name.rsplit(':').next() == Some(local) {
            return Some(found);
        }
        rest = after.get(end..)?;
    }
}

/// Where the tag ends: at the first `>` outside of quotes.
fn end_of_tag(text: &str) -> Option<usize> {
    let mut quote = None;
    text.char_indices().find_map(|(at, letter)| match (quote, letter) {
        (None, '>') => Some(at),
        (None, '"' | '\'') => {
            quote = Some(letter);
            None
        }
        (Some(open), _) if open == letter => {
            quote = None;
            None
        }
        _ => None,
    })
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let mut rest = tag;
    loop {
        let (before, after) = rest.split_once('=')?;
        let found = before.trim_end().rsplit(char::is_whitespace).next().unwrap_or_default();
        let value = after.trim_start();
        let quote = value.chars().next().filter(|letter| matches!(letter, '"' | '\''))?;
        let (value, after) = value.get(1..)?.split_once(quote)?;
        if found == name {
            return Some(unescaped(value));
        }
        rest = after;
    }
}

/// The text up to the next tag of the first element with this local name.
fn text_of(xml: &str, local: &str) -> Option<String> {
    let tag = tag(xml, local)?;
    // `tag` is a part of `xml`, so its end is a place in it.
    let start = tag.as_ptr() as usize - xml.as_ptr() as usize + tag.len() + 1;
    let (text, _) = xml.get(start..)?.split_once('<')?;
    Some(unescaped(text.trim())).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const XML: &str = "<?xml version=\"1.0\"?>\n<!-- > --><samlp:AuthnRequest xmlns:samlp='urn:x' \
        ForceAuthn=\"false\" ID = '_1' Destination=\"https://idp/?a=1&gt;2\" \
        AssertionConsumerServiceURL=\"http://sp/acs?a=1&amp;b=2\">\
        <saml:Issuer xmlns:saml=\"urn:y\"> http://sp/metadata </saml:Issuer></samlp:AuthnRequest>";

    fn expected() -> AuthnRequest {
        AuthnRequest {
            id: "_1".into(),
            issuer: "http://sp/metadata".into(),
            acs_url: Some("http://sp/acs?a=1&b=2".into()),
            force_authn: false,
            subject: None,
        }
    }

    #[test]
    fn a_request_is_read_from_both_bindings() {
        let packed = miniz_oxide::deflate::compress_to_vec(XML.as_bytes(), 6);
        assert_eq!(AuthnRequest::from_redirect(&STANDARD.encode(packed)), Some(expected()));
        let mut wrapped = STANDARD.encode(XML);
        wrapped.insert_str(40, "\r\n");
        assert_eq!(AuthnRequest::from_post(&wrapped), Some(expected()));
    }

    #[test]
    fn the_expected_person_is_read() {
        let subject = "<saml:Subject><saml:NameID Format='f'>ada@example.com</saml:NameID></saml:Subject>";
        let xml = XML.replace("</samlp:AuthnRequest>", &format!("{subject}</samlp:AuthnRequest>"));
        assert_eq!(AuthnRequest::from_xml(&xml).unwrap().subject.as_deref(), Some("ada@example.com"));
    }

    #[test]
    fn what_is_no_request_is_none() {
        for text in
            ["", "<", "<AuthnRequest", "<AuthnRequest>", "<AuthnRequest ID=\"_1\"/>", "ID=\"", "é<é ID=é>"]
        {
            assert_eq!(AuthnRequest::from_xml(text), None, "{text}");
        }
        assert_eq!(AuthnRequest::from_redirect("!"), None);
        let bomb = miniz_oxide::deflate::compress_to_vec(&vec![b' '; MOST + 1], 6);
        assert_eq!(AuthnRequest::from_redirect(&STANDARD.encode(bomb)), None);
    }
}
