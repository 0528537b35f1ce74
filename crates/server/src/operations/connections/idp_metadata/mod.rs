//! Metadata of SAML identity providers: fetched or pasted, read, and kept current.

pub mod refresh;

use http::StatusCode;
use url::Url;
use vestibule_domain::Time;
use vestibule_domain::connection::{IdpDescription, MAX_SAML_KEYS, SsoBinding, next_metadata_reading};
use vestibule_domain::entropy::{Entropy, bytes};
use vestibule_domain::id::Environment;
use vestibule_domain::refusal::{Field, Refusal, What, sentence};
use vestibule_domain::tenant::Tenant;
use vestibule_saml::UnixMillis;
use vestibule_saml::metadata::{IdpMetadata, MetadataRefusal, read};

use super::saml_keys;
use crate::failure::Failure;
use crate::world::App;
use crate::world::fetch::FetchRequest;

/// The longest document that is fetched: aggregates of large federations have a few MiB.
const LIMIT: usize = 10 * 1024 * 1024;

/// What a document is read for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MetadataQuery<'a> {
    /// On whose behalf.
    pub tenant: Tenant,
    /// Which entity of an aggregate; the only one when nothing is said.
    pub entity_id: Option<&'a str>,
    /// Whether that is so because the connection belongs to this entity already.
    pub pinned: bool,
    /// The environment of the connection, for the ids of new certificates.
    pub environment: Environment,
    /// The time.
    pub now: Time,
}

/// A provider's description, and when to ask for it again.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    /// What the provider says about itself.
    pub description: IdpDescription,
    /// When the document should be read again.
    pub next: Time,
    /// What people should know about it, as sentences.
    pub warnings: Vec<String>,
}

/// Fetches and reads a document.
///
/// # Errors
/// `invalid_saml_metadata_url` when it cannot be fetched, [`Failure::Busy`], and as [`from_xml`].
pub(crate) async fn from_url(app: &App, url: &str, query: MetadataQuery<'_>) -> Result<Read, Failure> {
    let refuse = |why: String| Failure::from(Refusal::new(What::Invalid(Field::MetadataUrl)).because(why));
    let parsed = Url::parse(url).map_err(|error| refuse(sentence(error)))?;
    let mut request = FetchRequest::get(parsed);
    request.limit_bytes = LIMIT;
    let answer = app.fetcher.for_tenant(query.tenant).send(request).await;
    let response = answer.map_err(|error| error.failure(|why| refuse(sentence(why))))?;
    if response.status != StatusCode::OK {
        let status = response.status.as_u16();
        return Err(refuse(format!("The provider answered with status {status}, expected 200.")));
    }
    from_xml(app, response.body, query).await
}

/// Reads a document.
///
/// # Errors
/// `invalid_xml_from_saml_metadata_url` for what is no metadata, `saml_connection_metadata_invalid_format` for
/// metadata that cannot be used, `invalid_idp_entity_id` for that of another provider than the connection's,
/// [`Failure::Busy`].
pub(crate) async fn from_xml(
    app: &App,
    document: Vec<u8>,
    query: MetadataQuery<'_>,
) -> Result<Read, Failure> {
    let choice = query.entity_id.map(str::to_owned);
    let now = UnixMillis(query.now.millis());
    // A large aggregate takes a processor tens of milliseconds.
    let reading = move || offered(&document, choice.as_deref(), now)?.current(now);
    let found = app.settings_work.run(query.tenant, reading).await?;
    let found = found.map_err(|refusal| refused(&refusal, query))?;
    let next = next_metadata_reading(
        query.now,
        found.valid_until.map(|until| Time::from_millis(until.0)),
        found.cache_millis,
        u16::from_be_bytes(bytes::<2>(app.entropy.as_ref())),
    );
    let warnings = warnings(&found, now);
    Ok(Read {
        description: description(app.entropy.as_ref(), found, query.environment, query.now)?,
        next,
        warnings,
    })
}

/// What a document offers to a connection, which takes no more certificates than it may have. It may have expired.
///
/// # Errors
/// The document describes no identity provider that can be used.
pub(crate) fn offered(
    document: &[u8],
    choice: Option<&str>,
    now: UnixMillis,
) -> Result<IdpMetadata, MetadataRefusal> {
    Ok(read(document, choice)?.keep(MAX_SAML_KEYS, now))
}

/// What people should know about a provider's metadata, each once.
#[must_use]
pub(crate) fn warnings(found: &IdpMetadata, now: UnixMillis) -> Vec<String> {
    let remarks = found.remarks(now);
    let mut said: Vec<_> =
        remarks.iter().filter(|remark| remark.is_warning()).map(ToString::to_string).collect();
    // Both bindings usually have one address.
    said.dedup();
    said
}

fn refused(refusal: &MetadataRefusal, query: MetadataQuery<'_>) -> Refusal {
    let kind = match refusal {
        MetadataRefusal::Empty
        | MetadataRefusal::WebPage
        | MetadataRefusal::Json
        | MetadataRefusal::Certificate
        | MetadataRefusal::NotXml
        | MetadataRefusal::Xml(_)
        | MetadataRefusal::NotMetadata { .. } => What::Invalid(Field::MetadataXml),
        MetadataRefusal::UnknownEntity { .. } if query.pinned => {
            let why = format!(
                "{} The connection belongs to that one. To move it to another identity provider, set idp_entity_id \
                 to the new one in the same request or before.",
                sentence(refusal)
            );
            return Refusal::new(What::Invalid(Field::IdpEntityId)).because(why);
        }
        MetadataRefusal::SeveralProviders { .. } | MetadataRefusal::UnknownEntity { .. } => {
            let why = format!("{} metadata_entity_id chooses one.", sentence(refusal));
            return Refusal::new(What::Invalid(Field::Metadata)).because(why);
        }
        _ => What::Invalid(Field::Metadata),
    };
    Refusal::new(kind).because(sentence(refusal))
}

/// What a connection needs of it. Redirect is preferred: it needs no page that submits itself.
///
/// # Errors
/// It offers no address for sign-ins.
pub(crate) fn description(
    entropy: &dyn Entropy,
    found: IdpMetadata,
    environment: Environment,
    now: Time,
) -> Result<IdpDescription, Refusal> {
    let (sso_url, sso_binding) = match (found.redirect_url, found.post_url) {
        (Some(url), _) => (url, SsoBinding::Redirect),
        (None, Some(url)) => (url, SsoBinding::Post),
        (None, None) => {
            return Err(
                Refusal::new(What::Invalid(Field::Metadata)).because("It offers no SingleSignOnService.")
            );
        }
    };
    let certificates = found.signing_certificates.iter();
    let kept = |one| saml_keys::verification(entropy, environment, one, true, now);
    Ok(IdpDescription {
        entity_id: found.entity_id,
        sso_url,
        sso_binding,
        certificates: certificates.map(kept).collect(),
        wants_signed_requests: found.wants_signed_requests,
    })
}
