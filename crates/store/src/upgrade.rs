//! What the migration to names and issuers leaves to the program: to say who lost a name, and to bind registrations to
//! the issuer that their connection leads to. Everything here may be done twice, and by several nodes at once.

use serde_json::{Map, Value, json};
use vestibule_domain::Time;
use vestibule_domain::entropy::Entropy;
use vestibule_domain::event::{Event, EventKind, Facts, Object, changes};
use vestibule_domain::id::AuditId;
use vestibule_domain::identity::{indexed, kept_before};
use vestibule_domain::name::NameKind;
use vestibule_domain::organization::Organization;
use vestibule_domain::rbac::Actor;

use crate::dialect::Row;
use crate::error::{RowError, StoreError};
use crate::params;
use crate::sql::{Batch, Param, Read, Write};
use crate::store::Store;
use crate::tables::{events, members, organizations, retired_emails};

/// Organizations that do not own what they are called: another is older and has it, or it reads as an id.
const NAMELESS: &str = "SELECT o.id, o.doc, o.created_at, o.version,
         CAST(CASE WHEN s.organization_id = o.id THEN 0 ELSE 1 END AS BIGINT),
         CAST(CASE WHEN o.external_id IS NULL OR e.organization_id = o.id THEN 0 ELSE 1 END AS BIGINT)
     FROM organizations o
     LEFT JOIN organization_names s ON s.project_id = o.project_id AND s.name_key = o.slug_key
     LEFT JOIN organization_names e ON e.project_id = o.project_id AND e.name_key = lower(o.external_id)
     WHERE o.is_home = 0 AND (s.organization_id IS NULL OR s.organization_id <> o.id
         OR (o.external_id IS NOT NULL AND (e.organization_id IS NULL OR e.organization_id <> o.id)))
     ORDER BY o.created_at, o.id";
const UNBOUND: &str = "SELECT c.id, c.project_id, c.doc FROM connections c
     WHERE EXISTS (SELECT 1 FROM identities i WHERE i.connection_id = c.id AND i.issuer = '')";
const BIND: &str =
    "UPDATE identities SET issuer = ?3 WHERE project_id = ?1 AND connection_id = ?2 AND issuer = ''";
const UNFOLDED: &str = "SELECT id, project_id, external_id FROM identities
     WHERE id LIKE 'saml-%' AND qualifiers = '' AND subject_key = external_id
         AND external_id <> lower(trim(external_id))";
const FOLD: &str = "UPDATE identities SET subject_key = ?3 WHERE project_id = ?1 AND id = ?2";

/// Members who had another address before.
const READDRESSED: &str = "SELECT id, doc, created_at, version FROM members
     WHERE status <> 'deleted' AND doc LIKE '%\"retired_emails\":[{%' ORDER BY created_at, id";

pub(crate) const ALL: &[&str] = &[READDRESSED, NAMELESS, UNBOUND, BIND, UNFOLDED, FOLD];

/// Does all of it.
pub(crate) async fn who_is_who(store: &Store, now: Time, entropy: &dyn Entropy) -> Result<(), StoreError> {
    tell_lost_names(store, now, entropy).await?;
    bind_registrations(store).await?;
    fold_subjects(store).await
}

/// Reserves the addresses that members had before for them, but for those that somebody else has taken since.
pub(crate) async fn reserve_retired_emails(store: &Store) -> Result<(), StoreError> {
    let read = Read::new("members", READDRESSED, Vec::new());
    for member in store.list(read, members::read_member).await? {
        store.commit(retired_emails::reserve(&member)).await?;
    }
    Ok(())
}

struct Nameless {
    organization: Organization,
    lost: Vec<NameKind>,
}

async fn tell_lost_names(store: &Store, now: Time, entropy: &dyn Entropy) -> Result<(), StoreError> {
    for nameless in store.list(Read::new("organizations", NAMELESS, Vec::new()), nameless).await? {
        let before = nameless.organization;
        let mut organization = before.clone();
        organization.give_up_names(&nameless.lost, now);
        tracing::warn!(
            organization = %organization.id,
            lost_slug = nameless.lost.contains(&NameKind::Slug),
            lost_external_id = nameless.lost.contains(&NameKind::ExternalId),
            "a name of this organization belongs to an older one, or reads as an id: it is found by its id, and its \
             audit trail says what it was called"
        );
        let batch = Batch::from(organizations::update(&organization, before.version))
            .with([events::append(&lost(&before, &organization, now, entropy))]);
        match store.commit(batch).await {
            // Another node was faster.
            Ok(()) | Err(StoreError::Guard(organizations::VERSION)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn nameless(row: &Row<'_>) -> Result<Nameless, RowError> {
    let slug = (row.int(4)? != 0).then_some(NameKind::Slug);
    let external_id = (row.int(5)? != 0).then_some(NameKind::ExternalId);
    let lost = slug.into_iter().chain(external_id).collect();
    Ok(Nameless { organization: organizations::read_organization(row)?, lost })
}

fn lost(before: &Organization, after: &Organization, now: Time, entropy: &dyn Entropy) -> Event {
    Event {
        id: AuditId::generate_at(after.id.environment(), now, entropy),
        project_id: after.project_id,
        organization_id: Some(after.id),
        actor: Actor::Server,
        kind: EventKind::OrganizationNameLost,
        object: Object::Organization(after.id),
        changes: changes(&Facts::from(before), &Facts::from(after)),
        detail: Map::from_iter([("at".to_owned(), json!("migration"))]),
        request_id: String::new(),
        ip_address: String::new(),
        at: now,
    }
}

/// Connections whose document cannot be read leave their registrations unbound: those are found under every issuer.
async fn bind_registrations(store: &Store) -> Result<(), StoreError> {
    let parse = |row: &Row<'_>| Ok((row.text(0)?, row.text(1)?, row.text(2)?));
    for (connection, project, doc) in
        store.query_all(Read::new("connections", UNBOUND, Vec::new()), parse).await?
    {
        let doc: Value = serde_json::from_str(&doc).unwrap_or_default();
        let issuer = doc.get("issuer").or_else(|| doc.get("idp_entity_id")).and_then(Value::as_str);
        let Some(issuer) = issuer.filter(|issuer| !issuer.is_empty()) else { continue };
        store.commit(Write::any(BIND, params![project, connection, indexed(issuer)])).await?;
    }
    Ok(())
}

/// SAML names are compared without the white space around them, and addresses as addresses.
async fn fold_subjects(store: &Store) -> Result<(), StoreError> {
    let parse = |row: &Row<'_>| Ok((row.text(0)?, row.text(1)?, row.text(2)?));
    for (id, project, subject) in
        store.query_all(Read::new("identities", UNFOLDED, Vec::new()), parse).await?
    {
        let folded = kept_before(&subject);
        if folded == subject {
            continue;
        }
        match store.commit(Write::any(FOLD, params![project, Param::from(id), folded])).await {
            // The same person is registered under the folded name too: that registration is found.
            Ok(()) | Err(StoreError::Unique(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
