//! A response as people have it at hand: the XML, its base64, or the whole body of the form that was posted.

use std::fmt;

use thiserror::Error;
use vestibule_refusal::Refusal;

use crate::xml::octets;

use super::response::{DecodeError, MOST_RESPONSE_OCTETS, decode_response, is_markup};

/// What a response was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputForm {
    /// The XML document itself.
    Xml,
    /// The value of the form field.
    Base64,
    /// The body of the posted form.
    FormBody,
}

impl fmt::Display for InputForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Xml => "an XML document",
            Self::Base64 => "the base64 of an XML document",
            Self::FormBody => "the body of a posted form",
        })
    }
}

/// A response that was read, not judged.
#[derive(Clone, PartialEq, Eq)]
pub struct ResponseInput {
    /// The octets of the document.
    pub xml: Vec<u8>,
    /// The form's `RelayState`, when there was a form with one.
    pub relay_state: Option<String>,
    /// What it was read from.
    pub form: InputForm,
}

impl fmt::Debug for ResponseInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseInput")
            .field("form", &self.form)
            .field("octets", &self.xml.len())
            .finish_non_exhaustive()
    }
}

/// Why no response could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InputError {
    /// The field is not a message.
    #[error(transparent)]
    Field(#[from] DecodeError),
    /// The text is neither XML nor UTF-8.
    #[error("the input is neither XML nor text{}", .0.map(|what| format!(": {what}")).unwrap_or_default())]
    NotText(Option<&'static str>),
    /// A request was given.
    #[error("the input is a form with a SAMLRequest; a SAMLResponse is expected")]
    Request,
    /// The form has the field more than once.
    #[error("the form has {0} more than once")]
    Repeated(&'static str),
    /// A `%` is not followed by two hexadecimal digits.
    #[error("the input is not URL-encoded correctly")]
    Encoding,
}

impl Refusal for InputError {
    fn code(&self) -> &'static str {
        match self {
            Self::Field(error) => error.code(),
            Self::NotText(_) => "input_not_text",
            Self::Request => "input_is_a_request",
            Self::Repeated(_) => "input_field_repeated",
            Self::Encoding => "input_encoding",
        }
    }

    fn expected(&self) -> Option<String> {
        Some("a SAML response: XML, base64, or a form body with SAMLResponse".to_owned())
    }
}

/// Finds out what `input` is and gives the response in it. For tools; a server takes the form field and nothing else
/// ([`decode_response`]).
///
/// # Errors
/// [`InputError`].
pub fn read_response(input: &[u8]) -> Result<ResponseInput, InputError> {
    if is_markup(input) {
        if input.len() > MOST_RESPONSE_OCTETS {
            return Err(DecodeError::TooLarge.into());
        }
        return Ok(ResponseInput { xml: input.to_vec(), relay_state: None, form: InputForm::Xml });
    }
    let text = std::str::from_utf8(input).map_err(|_| InputError::NotText(octets::recognised(input)))?;
    let text = text.trim_start_matches('\u{FEFF}').trim();
    if text.contains("SAMLResponse=") {
        return form_body(text);
    }
    if text.contains("SAMLRequest=") {
        return Err(InputError::Request);
    }
    let xml = decode_response(&url_decoded(text, Plus::Plus)?)?;
    Ok(ResponseInput { xml, relay_state: None, form: InputForm::Base64 })
}

fn form_body(text: &str) -> Result<ResponseInput, InputError> {
    let response = field(text, "SAMLResponse")?.unwrap_or_default();
    let relay_state = field(text, "RelayState")?.map(|value| url_decoded(value, Plus::Space)).transpose()?;
    let xml = match decode_response(&url_decoded(response, Plus::Space)?) {
        // Browsers' tools show forms decoded, and then a plus sign is one of base64's.
        Err(DecodeError::NotBase64) => decode_response(&url_decoded(response, Plus::Plus)?)?,
        decided => decided?,
    };
    Ok(ResponseInput { xml, relay_state, form: InputForm::FormBody })
}

/// The one field of this name.
fn field<'a>(body: &'a str, name: &'static str) -> Result<Option<&'a str>, InputError> {
    let pairs = body.split(['&', '?']).filter_map(|pair| pair.trim_start().split_once('='));
    let mut values = pairs.filter(|(found, _)| *found == name).map(|(_, value)| value);
    let value = values.next();
    match values.next() {
        Some(_) => Err(InputError::Repeated(name)),
        None => Ok(value),
    }
}

/// What a plus sign means.
#[derive(Clone, Copy)]
enum Plus {
    Space,
    Plus,
}

fn url_decoded(text: &str, plus: Plus) -> Result<String, InputError> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(octet) = rest.next() {
        octets.push(match (octet, plus) {
            (b'%', _) => hex(rest.next())? << 4 | hex(rest.next())?,
            (b'+', Plus::Space) => b' ',
            (other, _) => other,
        });
    }
    String::from_utf8(octets).map_err(|_| InputError::Encoding)
}

fn hex(digit: Option<u8>) -> Result<u8, InputError> {
    let value = digit.and_then(|digit| char::from(digit).to_digit(16)).ok_or(InputError::Encoding)?;
    u8::try_from(value).map_err(|_| InputError::Encoding)
}
