//! Mails to whoever set an organization up, before something of its sign-in ends: each with a link of their own to the page where it is
//! changed (ADR 61).

use vestibule_domain::Time;
use vestibule_domain::calendar::{Ending, Part};
use vestibule_domain::email::EmailAddress;
use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::id::{ConnectionId, MessageId};
use vestibule_domain::outbox::{Letter, Means, Message, Purpose, Recipient};
use vestibule_domain::rbac::Actor;
use vestibule_domain::refusal::Channel;
use vestibule_domain::secret::Token;
use vestibule_domain::setup_link::{Intent, SetupLink, SetupLinkStatus, Terms, TermsDraft};
use vestibule_domain::tenant::Tenant;
use vestibule_domain::time::Span;
use vestibule_store::Batch;
use vestibule_store::tables::outbox;
use vestibule_store::tables::setup_links::{self, Wanted};

use super::events::Scene;
use crate::failure::Failure;
use crate::world::App;

/// How long the link in a mail may be opened.
const LIFETIME: Span = Span::days(14);
/// How many people are told.
const MOST_TOLD: usize = 10;
/// In how many of the latest links of an organization contacts are looked for.
const LOOKED_THROUGH: u32 = 50;

/// Who is told, and in which language.
struct Contact {
    address: EmailAddress,
    locale: String,
}

/// The writes that tell the contacts of an organization; none where nobody is known, or the server sends no mail.
///
/// # Errors
/// The store's.
pub(crate) async fn mails(
    app: &App,
    tenant: Tenant,
    ending: &Ending,
    now: Time,
) -> Result<Option<Batch>, Failure> {
    if app.post.require(Channel::Email).is_err() {
        return Ok(None);
    }
    let contacts = contacts(app, tenant, now).await?;
    let Some(organization) = app.store.organization_of(tenant).await?.filter(|_| !contacts.is_empty()) else {
        return Ok(None);
    };
    let connection = match ending.of {
        Part::Connection(id) => Some(id),
        Part::Directory(_) => None,
    };
    let mut batch = Batch::default().requires(setup_links::room(tenant));
    for contact in contacts {
        let token = Token::generate(app.entropy.as_ref());
        let terms = terms(connection, &contact.locale)?;
        let chance = (now, app.entropy.as_ref());
        let link = SetupLink::create(tenant, (terms, LIFETIME), &token, Actor::Server, chance);
        let message = Message {
            id: MessageId::generate_at(tenant.project_id().environment(), now, app.entropy.as_ref()),
            project_id: tenant.project_id(),
            purpose: Purpose::Ending,
            letter: Letter {
                to: Recipient::Email(contact.address),
                means: Means::Link(app.setup_url(token.expose())),
                place: organization.name.clone(),
                invited_by: String::new(),
                ends_at: Some(ending.ends_at),
                language: contact.locale,
            },
            created_at: now,
            expires_at: link.expires_at,
        };
        let told = Scene::unasked(tenant, now)
            .event(app, EventKind::SetupLinkCreated, Object::SetupLink(link.id))
            .with("intents", vec![Intent::Certificates.as_str()])
            .with("expires_at", link.expires_at.to_string());
        batch.extend([
            setup_links::insert(&link),
            outbox::insert(&message, &app.vault, app.entropy.as_ref())?,
            told.write(),
        ]);
    }
    Ok(Some(batch))
}

fn terms(connection: Option<ConnectionId>, locale: &str) -> Result<Terms, Failure> {
    let draft = TermsDraft {
        intents: vec![Intent::Certificates.as_str().to_owned()],
        connection_id: connection,
        locale: locale.to_owned(),
        ..TermsDraft::default()
    };
    Ok(draft.read()?)
}

/// Those whom the vendor named in links of the organization that were not taken back, the latest first.
async fn contacts(app: &App, tenant: Tenant, now: Time) -> Result<Vec<Contact>, Failure> {
    let wanted = Wanted { organization: Some(tenant.organization_id()), status: None };
    let links = app.store.setup_links(tenant.project_id(), wanted, (None, LOOKED_THROUGH, now)).await?;
    let mut found: Vec<Contact> = Vec::new();
    for link in links.items.iter().filter(|link| link.status(now) != SetupLinkStatus::Revoked) {
        for address in &link.terms.contacts {
            if found.len() < MOST_TOLD && !found.iter().any(|known| known.address == *address) {
                found.push(Contact { address: address.clone(), locale: link.terms.locale.clone() });
            }
        }
    }
    Ok(found)
}
