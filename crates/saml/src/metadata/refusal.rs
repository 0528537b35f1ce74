//! Why a document does not give an identity provider.

use thiserror::Error;
use vestibule_refusal::{Excerpt, Refusal};

use crate::UnixMillis;
use crate::xml::XmlError;

/// Why a document does not give an identity provider.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MetadataRefusal {
    /// Nothing but white space.
    #[error("the metadata is empty")]
    Empty,
    /// HTML.
    #[error(
        "this is a web page, perhaps a login page, not metadata: open the address yourself and paste the \
         XML that it gives"
    )]
    WebPage,
    /// JSON.
    #[error(
        "this is JSON, perhaps an OpenID Connect configuration, not SAML metadata: paste the provider's \
         SAML metadata XML"
    )]
    Json,
    /// A certificate alone.
    #[error(
        "this is a certificate, not metadata: paste the provider's metadata XML, or enter the certificate \
         as certificate"
    )]
    Certificate,
    /// Neither of them, and not XML.
    #[error(
        "this is not XML: paste the provider's metadata, which begins with <EntityDescriptor or \
         <EntitiesDescriptor"
    )]
    NotXml,
    /// XML that is not read.
    #[error("the metadata cannot be read: {0}")]
    Xml(XmlError),
    /// Another document.
    #[error("this is {found}, expected an EntityDescriptor or EntitiesDescriptor")]
    NotMetadata {
        /// The root element.
        found: Excerpt,
    },
    /// Metadata of the other side.
    #[error(
        "this is the metadata of a service provider ({entity_id}), perhaps our own: paste the identity \
         provider's"
    )]
    ServiceProvider {
        /// Its entity ID.
        entity_id: Excerpt,
    },
    /// Metadata without an identity provider in it.
    #[error(
        "no SAML 2.0 identity provider is described here (IDPSSODescriptor for {protocol})",
        protocol = super::read::PROTOCOL
    )]
    NoIdentityProvider,
    /// An identity provider of another protocol.
    #[error(
        "the identity provider {entity_id} speaks {found}, expected {protocol}",
        protocol = super::read::PROTOCOL
    )]
    OtherProtocol {
        /// Its entity ID.
        entity_id: Excerpt,
        /// Its `protocolSupportEnumeration`.
        found: Excerpt,
    },
    /// Several identity providers and no choice.
    #[error(
        "{count} identity providers are described here, choose one by its entity ID: {}",
        list(candidates)
    )]
    SeveralProviders {
        /// How many.
        count: usize,
        /// The entity IDs of the first of them.
        candidates: Vec<Excerpt>,
    },
    /// The chosen one is not there.
    #[error("the identity provider {wanted} is not described here, but: {}", list(candidates))]
    UnknownEntity {
        /// What was asked for.
        wanted: Excerpt,
        /// The entity IDs of the first providers that are.
        candidates: Vec<Excerpt>,
    },
    /// Two descriptions of one entity.
    #[error("the entity {entity_id} is described twice")]
    DescribedTwice {
        /// Its entity ID.
        entity_id: Excerpt,
    },
    /// No `entityID`, or an empty one.
    #[error("the EntityDescriptor has no entityID")]
    NoEntityId,
    /// No `SingleSignOnService` that we can send requests to.
    #[error("the identity provider offers no SingleSignOnService by HTTP-Redirect or HTTP-POST")]
    NoSingleSignOnService,
    /// No certificate to verify signatures with.
    #[error("the identity provider has no usable signing certificate{}", because(problems))]
    NoSigningCertificate {
        /// What is wrong with those that are there.
        problems: Vec<String>,
    },
    /// `validUntil` has passed.
    #[error("the metadata was valid until {until}, now it is {now}: get it from the provider again")]
    Expired {
        /// When it ended.
        until: UnixMillis,
        /// Our time.
        now: UnixMillis,
    },
}

fn list(candidates: &[Excerpt]) -> String {
    let names: Vec<_> = candidates.iter().map(Excerpt::as_str).collect();
    names.join(", ")
}

fn because(problems: &[String]) -> String {
    if problems.is_empty() { String::new() } else { format!(": {}", problems.join("; ")) }
}

impl Refusal for MetadataRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::Empty => "metadata_empty",
            Self::WebPage => "metadata_web_page",
            Self::Json => "metadata_json",
            Self::Certificate => "metadata_certificate",
            Self::NotXml => "metadata_not_xml",
            Self::Xml(error) => error.code(),
            Self::NotMetadata { .. } => "metadata_other_document",
            Self::ServiceProvider { .. } => "metadata_service_provider",
            Self::NoIdentityProvider => "metadata_no_identity_provider",
            Self::OtherProtocol { .. } => "metadata_other_protocol",
            Self::SeveralProviders { .. } => "metadata_several_providers",
            Self::UnknownEntity { .. } => "metadata_unknown_entity",
            Self::DescribedTwice { .. } => "metadata_described_twice",
            Self::NoEntityId => "metadata_no_entity_id",
            Self::NoSingleSignOnService => "metadata_no_sso_url",
            Self::NoSigningCertificate { .. } => "metadata_no_signing_certificate",
            Self::Expired { .. } => "metadata_expired",
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::Xml(error) => error.found(),
            Self::NotMetadata { found } | Self::OtherProtocol { found, .. } => Some(found.to_string()),
            Self::ServiceProvider { entity_id } | Self::DescribedTwice { entity_id } => {
                Some(entity_id.to_string())
            }
            Self::SeveralProviders { candidates, .. } | Self::UnknownEntity { candidates, .. } => {
                Some(list(candidates))
            }
            Self::NoSigningCertificate { problems } if !problems.is_empty() => Some(problems.join("; ")),
            Self::Expired { until, .. } => Some(until.to_string()),
            _ => None,
        }
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::Xml(error) => error.expected(),
            Self::NotMetadata { .. } => Some("EntityDescriptor or EntitiesDescriptor".to_owned()),
            Self::ServiceProvider { .. } | Self::NoIdentityProvider => Some("IDPSSODescriptor".to_owned()),
            Self::OtherProtocol { .. } => Some(super::read::PROTOCOL.to_owned()),
            Self::SeveralProviders { .. } => Some("one of them".to_owned()),
            Self::UnknownEntity { wanted, .. } => Some(wanted.to_string()),
            Self::Expired { now, .. } => Some(format!("after {now}")),
            _ => None,
        }
    }
}
