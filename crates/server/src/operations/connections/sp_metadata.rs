//! Our own metadata for the identity provider of a SAML connection, which both dialects serve, each at an address of its own.

use vestibule_domain::connection::SamlSettings;
use vestibule_saml::key::Certificate;
use vestibule_saml::metadata::SpMetadata;

use crate::failure::Failure;
use crate::world::KnownAs;

/// The media type of metadata (SAML metadata appendix A).
pub(crate) const MEDIA_TYPE: &str = "application/samlmetadata+xml";
/// For how long a provider may keep it: a new key is listed when it is added, long before an old one is taken away.
const CACHE_SECONDS: u32 = 86_400;

/// The metadata of a connection that is known as this.
///
/// # Errors
/// A stored certificate that does not parse.
pub(crate) fn document(known_as: &KnownAs, settings: &SamlSettings) -> Result<String, Failure> {
    let callback = &known_as.callback;
    let signing = certificates(settings.signing_keys.iter().rev().map(|key| &key.certificate))?;
    let encryption = certificates(settings.encryption_keys.iter().rev().map(|key| &key.certificate))?;
    let alternative: Vec<_> = settings.further_acs_url(callback).into_iter().collect();
    let metadata = SpMetadata {
        entity_id: &known_as.entity_id,
        acs_url: callback,
        alternative_acs_urls: &alternative,
        name_id_format: Some(settings.nameid_format.as_str()),
        authn_requests_signed: settings.authn_requests_signed,
        // A signature on the response alone is accepted too; most providers sign the assertion when asked.
        want_assertions_signed: true,
        signing: &signing,
        encryption: &encryption,
        valid_until: None,
        cache_seconds: Some(CACHE_SECONDS),
    };
    Ok(metadata.to_xml())
}

fn certificates<'a>(pems: impl Iterator<Item = &'a String>) -> Result<Vec<Certificate>, Failure> {
    pems.map(|pem| Certificate::from_pem(pem))
        .collect::<Result<_, _>>()
        .map_err(|error| Failure::Internal(format!("a stored certificate does not parse: {error}")))
}
