//! Reading a provider's metadata (metadata 2).

use smallvec::SmallVec;
use vestibule_refusal::Excerpt;

use super::keys::Keys;
use super::{IdpMetadata, MetadataRefusal, OfferedAttribute, UnreadableHint};
use crate::UnixMillis;
use crate::time::duration_millis;
use crate::xml::{Document, Element, Limits, ns, octets};

/// What a SAML 2.0 role has in its `protocolSupportEnumeration` (metadata 2.4.1).
pub(super) const PROTOCOL: &str = ns::SAMLP;
/// How many candidates a refusal lists.
const MOST_CANDIDATES: usize = 10;
/// How deep `EntitiesDescriptor` may be inside itself.
const MOST_GROUPS: usize = 8;
/// How far into a document a web page is looked for: past comments and conditional styles.
const LOOKED_AT: usize = 1024;
const REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
const POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";

/// Up to 10 MiB and 500,000 nodes: the aggregates of large federations.
const LIMITS: Limits =
    Limits { bytes: 10 * 1024 * 1024, nodes: 500_000, attributes: 500_000, ..Limits::METADATA };

/// Reads the identity provider out of a metadata document: an `EntityDescriptor`, or an `EntitiesDescriptor` (nested
/// up to eight times) with the entity that `choose` names, or with a single identity provider.
///
/// People save, mend and paste metadata, so the document may be in another encoding than it declares, may begin with
/// white space and comments, and hints that cannot be read (until when it is valid, how long to keep it) become remarks.
///
/// Of the entity, its `IDPSSODescriptor`s for SAML 2.0 are read. Other roles, extensions, contacts and signatures are
/// skipped. An expired document is read; see [`IdpMetadata::current`].
///
/// # Errors
/// [`MetadataRefusal`], which recognises what people paste instead of metadata.
pub fn read(document: &[u8], choose: Option<&str>) -> Result<IdpMetadata, MetadataRefusal> {
    let is_utf8 = std::str::from_utf8(document).is_ok();
    let text = if document.len() <= LIMITS.bytes { octets::text_of(document) } else { None };
    // What is no text, or too long to be looked at, the reader refuses by name.
    let document = text.as_deref().map_or(document, str::as_bytes);
    recognise(document)?;
    let parsed = Document::parse_metadata(document, &LIMITS).map_err(MetadataRefusal::Xml)?;
    let root = parsed.root();
    if !is_entity(root) && !is_group(root) {
        let found = Excerpt::of(&format!("{} in the namespace \"{}\"", root.local_name(), root.namespace()));
        return Err(MetadataRefusal::NotMetadata { found });
    }
    let mut entities = Vec::new();
    collect(root, Validity::default(), 0, &mut entities)?;
    let mut found = describe(chosen(&entities, choose)?, entities.len())?;
    found.is_utf8 = is_utf8;
    Ok(found)
}

/// What people paste where metadata belongs.
fn recognise(document: &[u8]) -> Result<(), MetadataRefusal> {
    let text = document.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(document).trim_ascii_start();
    let begins =
        |prefix: &[u8]| text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    if text.is_empty() {
        return Err(MetadataRefusal::Empty);
    }
    let beginning = text.get(..text.len().min(LOOKED_AT)).unwrap_or_default().to_ascii_lowercase();
    if begins(b"<!doctype html") || beginning.windows(5).any(|window| window == b"<html") {
        return Err(MetadataRefusal::WebPage);
    }
    if begins(b"{") || begins(b"[") {
        return Err(MetadataRefusal::Json);
    }
    if begins(b"-----BEGIN") || begins(b"MII") {
        return Err(MetadataRefusal::Certificate);
    }
    // Octets that are no UTF-8, as UTF-16 with its mark, are named by the reader.
    if begins(b"<") || std::str::from_utf8(document).is_err() {
        return Ok(());
    }
    Err(MetadataRefusal::NotXml)
}

/// An entity, and until when what is around it is valid.
struct Entity<'d> {
    element: Element<'d>,
    id: &'d str,
    validity: Validity,
}

/// `validUntil` and `cacheDuration`: the strictest on the way down hold (metadata 2.3.1, 2.3.2, 2.4.1).
#[derive(Clone, Default)]
struct Validity {
    until: Option<UnixMillis>,
    cache_millis: Option<i64>,
    /// Those that cannot be read. They advise, and are no reason to know nothing of the provider.
    unreadable: Vec<UnreadableHint>,
}

impl Validity {
    fn within(mut self, element: Element<'_>) -> Self {
        let until = element.attribute("validUntil").map(str::trim);
        match until.map(UnixMillis::from_xs_date_time) {
            Some(Ok(time)) => self.until = earliest(self.until, Some(time)),
            Some(Err(error)) => {
                self.not_read("validUntil", error.found, "a time such as 2026-02-28T12:00:00Z");
            }
            None => {}
        }
        let cache = element.attribute("cacheDuration").map(str::trim);
        match cache.map(duration_millis) {
            Some(Ok(millis)) => self.cache_millis = earliest(self.cache_millis, Some(millis)),
            Some(Err(error)) => self.not_read("cacheDuration", error.found, "a duration such as PT6H"),
            None => {}
        }
        self
    }

    fn not_read(&mut self, name: &'static str, found: Excerpt, expected: &'static str) {
        self.unreadable.push(UnreadableHint { name, found, expected });
    }
}

fn earliest<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    [one, other].into_iter().flatten().min()
}

fn is_entity(element: Element<'_>) -> bool {
    element.is(ns::MD, "EntityDescriptor")
}

fn is_group(element: Element<'_>) -> bool {
    element.is(ns::MD, "EntitiesDescriptor")
}

fn collect<'d>(
    element: Element<'d>,
    around: Validity,
    depth: usize,
    entities: &mut Vec<Entity<'d>>,
) -> Result<(), MetadataRefusal> {
    if is_entity(element) {
        match element.attribute("entityID").map(str::trim).filter(|id| !id.is_empty()) {
            Some(id) => entities.push(Entity { element, id, validity: around }),
            None if depth == 0 => return Err(MetadataRefusal::NoEntityId),
            // One odd entity of a federation is no reason to refuse all the others.
            None => {}
        }
        return Ok(());
    }
    if depth >= MOST_GROUPS {
        return Err(MetadataRefusal::NotMetadata {
            found: Excerpt::of("EntitiesDescriptor inside itself again and again"),
        });
    }
    let validity = around.within(element);
    element
        .elements()
        .filter(|child| is_entity(*child) || is_group(*child))
        .try_for_each(|child| collect(child, validity.clone(), depth + 1, entities))
}

fn chosen<'e, 'd>(
    entities: &'e [Entity<'d>],
    choose: Option<&str>,
) -> Result<&'e Entity<'d>, MetadataRefusal> {
    let is_provider = |entity: &&Entity<'_>| roles(entity.element).next().is_some();
    let providers = || entities.iter().filter(is_provider);
    let candidates = || providers().take(MOST_CANDIDATES).map(|entity| Excerpt::of(entity.id)).collect();
    if let Some(wanted) = choose {
        let mut named = entities.iter().filter(|entity| entity.id == wanted);
        let entity = named.next().ok_or_else(|| MetadataRefusal::UnknownEntity {
            wanted: Excerpt::of(wanted),
            candidates: candidates(),
        })?;
        return match named.next() {
            None => Ok(entity),
            Some(_) => Err(MetadataRefusal::DescribedTwice { entity_id: Excerpt::of(wanted) }),
        };
    }
    if let [only] = entities {
        return Ok(only);
    }
    match (providers().next(), providers().count()) {
        (Some(only), 1) => Ok(only),
        (None, _) => Err(MetadataRefusal::NoIdentityProvider),
        (Some(_), count) => Err(MetadataRefusal::SeveralProviders { count, candidates: candidates() }),
    }
}

/// The `IDPSSODescriptor`s of an entity.
fn roles<'d>(entity: Element<'d>) -> impl Iterator<Item = Element<'d>> {
    entity.elements().filter(|child| child.is(ns::MD, "IDPSSODescriptor"))
}

fn speaks_saml2(role: &Element<'_>) -> bool {
    role.attribute("protocolSupportEnumeration")
        .is_some_and(|protocols| protocols.split_ascii_whitespace().any(|protocol| protocol == PROTOCOL))
}

fn describe(entity: &Entity<'_>, entities: usize) -> Result<IdpMetadata, MetadataRefusal> {
    let mine: SmallVec<[Element<'_>; 1]> = roles(entity.element).filter(speaks_saml2).collect();
    if mine.is_empty() {
        return Err(not_a_provider(entity));
    }
    let mut validity = entity.validity.clone().within(entity.element);
    for role in &mine {
        validity = validity.within(*role);
    }
    let inside = |local: &'static str| {
        mine.iter().flat_map(|role| role.elements()).filter(move |child| child.is(ns::MD, local))
    };
    let (redirect_url, post_url) =
        (endpoint(inside("SingleSignOnService"), REDIRECT), endpoint(inside("SingleSignOnService"), POST));
    if redirect_url.is_none() && post_url.is_none() {
        return Err(MetadataRefusal::NoSingleSignOnService);
    }
    let keys = Keys::read(inside("KeyDescriptor"));
    if keys.signing.is_empty() {
        return Err(MetadataRefusal::NoSigningCertificate { problems: keys.problems });
    }
    let attributes =
        mine.iter().flat_map(|role| role.elements()).filter(|child| child.is(ns::SAML, "Attribute"));
    Ok(IdpMetadata {
        entity_id: entity.id.to_owned(),
        redirect_url,
        post_url,
        signing_certificates: keys.signing,
        encryption_certificates: keys.encryption,
        unusable_keys: keys.problems,
        name_id_formats: inside("NameIDFormat").filter_map(trimmed_text).collect(),
        wants_signed_requests: mine.iter().any(|role| is_true(role.attribute("WantAuthnRequestsSigned"))),
        attributes: attributes.filter_map(offered).collect(),
        valid_until: validity.until,
        cache_millis: validity.cache_millis,
        unreadable_hints: validity.unreadable,
        repeated_certificates: keys.repeated,
        issuing_certificates: keys.issuing,
        certificates_left_out: 0,
        entities,
        is_utf8: true,
    })
}

fn not_a_provider(entity: &Entity<'_>) -> MetadataRefusal {
    let entity_id = Excerpt::of(entity.id);
    if let Some(role) = roles(entity.element).next() {
        let found = Excerpt::of(role.attribute("protocolSupportEnumeration").unwrap_or("nothing"));
        return MetadataRefusal::OtherProtocol { entity_id, found };
    }
    if entity.element.elements().any(|child| child.is(ns::MD, "SPSSODescriptor")) {
        return MetadataRefusal::ServiceProvider { entity_id };
    }
    MetadataRefusal::NoIdentityProvider
}

/// The first address of a binding (metadata 2.2.2).
fn endpoint<'d>(mut services: impl Iterator<Item = Element<'d>>, binding: &str) -> Option<String> {
    let found = services.find(|service| {
        service.attribute("Binding").map(str::trim) == Some(binding)
            && service.attribute("Location").is_some_and(|location| !location.trim().is_empty())
    });
    found?.attribute("Location").map(|location| location.trim().to_owned())
}

fn trimmed_text(element: Element<'_>) -> Option<String> {
    let text = element.text().ok()?;
    Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn offered(attribute: Element<'_>) -> Option<OfferedAttribute> {
    let name = attribute.attribute("Name").filter(|name| !name.is_empty())?.to_owned();
    Some(OfferedAttribute { name, friendly_name: attribute.attribute("FriendlyName").map(str::to_owned) })
}

/// An `xs:boolean`, also as it is written in other languages.
fn is_true(value: Option<&str>) -> bool {
    value.map(str::trim).is_some_and(|value| value == "1" || value.eq_ignore_ascii_case("true"))
}
