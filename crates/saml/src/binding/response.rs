//! The `SAMLResponse` field of a posted form (bindings 3.5.4).

use miniz_oxide::inflate::decompress_to_vec_with_limit;
use thiserror::Error;
use vestibule_refusal::Refusal;

use crate::b64;

/// Most octets of a decoded response.
pub const MOST_RESPONSE_OCTETS: usize = 512 * 1024;

/// Most characters of a field: the base64 of the largest response, and line breaks.
const MOST_FIELD_CHARS: usize = 768 * 1024;

/// How much is inflated to see what is inside.
const GLIMPSE_OCTETS: usize = 1024;

/// Why a form field is not a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// Nothing but white space.
    #[error("the SAMLResponse field is empty")]
    Empty,
    /// More than 512 KiB.
    #[error("the SAML response is larger than 512 KiB")]
    TooLarge,
    /// Not base64.
    #[error("the SAMLResponse field is not base64")]
    NotBase64,
    /// The XML itself.
    #[error("the SAMLResponse field holds XML that is not in base64: the HTTP-POST binding wants base64")]
    Bare,
    /// Compressed, as only the HTTP-Redirect binding does it.
    #[error(
        "the SAML response is compressed (DEFLATE): the provider must use the HTTP-POST binding for responses"
    )]
    Deflated,
}

impl Refusal for DecodeError {
    fn code(&self) -> &'static str {
        match self {
            Self::Empty => "response_empty",
            Self::TooLarge => "response_too_large",
            Self::NotBase64 | Self::Bare => "response_not_base64",
            Self::Deflated => "response_deflated",
        }
    }

    fn expected(&self) -> Option<String> {
        Some("the base64 of an XML document of at most 512 KiB".to_owned())
    }
}

/// The message in a `SAMLResponse` field: strict base64 in which white space is allowed, of at most 512 KiB.
///
/// # Errors
/// [`DecodeError`]; a compressed message is refused by name.
pub fn decode_response(field: &str) -> Result<Vec<u8>, DecodeError> {
    if field.len() > MOST_FIELD_CHARS {
        return Err(DecodeError::TooLarge);
    }
    let not_base64 = if is_markup(field.as_bytes()) { DecodeError::Bare } else { DecodeError::NotBase64 };
    let message = b64::decode(field).ok_or(not_base64)?;
    match message.len() {
        0 => Err(DecodeError::Empty),
        1..=MOST_RESPONSE_OCTETS if is_deflated(&message) => Err(DecodeError::Deflated),
        1..=MOST_RESPONSE_OCTETS => Ok(message),
        _ => Err(DecodeError::TooLarge),
    }
}

/// Whether the octets begin like an XML document.
pub(super) fn is_markup(octets: &[u8]) -> bool {
    let text = octets.strip_prefix(b"\xef\xbb\xbf").unwrap_or(octets);
    text.trim_ascii_start().starts_with(b"<")
}

fn is_deflated(message: &[u8]) -> bool {
    if is_markup(message) {
        return false;
    }
    let inflated =
        decompress_to_vec_with_limit(message, GLIMPSE_OCTETS).unwrap_or_else(|stopped| stopped.output);
    is_markup(&inflated)
}
