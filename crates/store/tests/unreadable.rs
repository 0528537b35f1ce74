//! A row that cannot be read hides no other: lists leave it out and count it, look-ups of it fail, and it can be
//! deleted.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use common::{Fixture, NOW, on_both_engines};
use vestibule_domain::Patch;
use vestibule_domain::connection::{Connection, NewConnection, OidcPatch, ProviderLabel, UrlPolicy};
use vestibule_domain::event::{Event, EventKind, Object};
use vestibule_domain::id::{AuditId, ConnectionId, ConnectionKind, Environment, MemberId, SessionId};
use vestibule_domain::member::{Member, MemberDraft};
use vestibule_domain::organization::Organization;
use vestibule_domain::rbac::Actor;
use vestibule_domain::secret::{Secret, Token};
use vestibule_domain::session::{Session, SessionDuration};
use vestibule_domain::time::Span;
use vestibule_store::tables::events::EventFilter;
use vestibule_store::tables::search::{Operator, Search};
use vestibule_store::tables::{connections, events, members, organizations, sessions};
use vestibule_store::{Guard, Param, StoreError, Write};

const ENV: Environment = Environment::Test;

on_both_engines!(
    a_search_goes_on_after_a_bad_row,
    pages_of_the_audit_trail_go_on_after_a_bad_row,
    one_bad_connection_hides_no_other,
    one_bad_session_hides_no_other,
    who_cannot_be_read_can_be_erased,
    what_stands_beside_the_document_counts,
);

async fn spoil(f: &Fixture, sql: &'static str, id: impl std::fmt::Display, doc: &str) {
    f.store
        .commit(vec![Write::one(sql, vec![Param::display(id), doc.into()], Guard("spoilt"))])
        .await
        .unwrap();
}

const ORGANIZATION: &str = "UPDATE organizations SET doc = ?2 WHERE id = ?1";
const MEMBER: &str = "UPDATE members SET doc = ?2 WHERE id = ?1";
const CONNECTION: &str = "UPDATE connections SET doc = ?2 WHERE id = ?1";
const CLIENT_SECRET: &str = "UPDATE connections SET sealed_client_secret = ?2 WHERE id = ?1";
const SESSION: &str = "UPDATE sessions SET doc = ?2 WHERE id = ?1";
const TOKEN: &str = "UPDATE sessions SET sealed_token = ?2 WHERE id = ?1";
const EVENT: &str = "UPDATE audit_events SET doc = ?2 WHERE id = ?1";

async fn kept_member(f: &Fixture, organization: &Organization, email: &str) -> Member {
    let draft = MemberDraft { email_address: email.into(), ..MemberDraft::default() };
    let id = MemberId::generate(ENV, &*f.entropy);
    let member = Member::create(id, organization.tenant(), draft, |_| true, NOW).unwrap();
    f.store.commit(vec![members::insert(&member)]).await.unwrap();
    member
}

/// The ids of all that a search finds, page by page of one.
async fn walked(f: &Fixture) -> (Vec<String>, u64) {
    let mut search = Search { operator: Operator::And, filters: Vec::new(), after: None, limit: 1 };
    let (mut found, mut pages) = (Vec::new(), 0);
    loop {
        let page = f.store.search_organizations(f.project.id, &search).await.unwrap();
        found.extend(page.page.items.iter().map(|organization| organization.name.clone()));
        pages += 1;
        assert!(pages < 9, "the pages do not end");
        search.after = page.page.next;
        if search.after.is_none() {
            return (found, page.total);
        }
    }
}

async fn a_search_goes_on_after_a_bad_row(f: Fixture) {
    let mut all = Vec::new();
    for name in ["Ant", "Bee", "Cat", "Dog"] {
        all.push(f.kept_organization(name).await);
    }
    all.sort_by_key(|organization| organization.id.to_string());
    let names = |all: &[Organization]| all.iter().map(|o| o.name.clone()).collect::<Vec<_>>();
    assert_eq!(walked(&f).await, (names(&all), 4));
    assert_eq!(f.store.unreadable_rows(), 0);
    // One in the middle, and the one on which the listing ends.
    let last = all.pop().unwrap();
    let bad = all.remove(1);
    for organization in [&bad, &last] {
        spoil(&f, ORGANIZATION, organization.id, "{\"id\": \"who knows\"").await;
    }
    assert_eq!(walked(&f).await, (names(&all), 4));
    let seen = f.store.unreadable_rows();
    assert!(seen >= 2, "{seen}");

    let error = f.store.organization_of(bad.tenant()).await.unwrap_err();
    assert!(matches!(error, StoreError::Row(_)), "{error}");
    assert!(error.to_string().contains(&bad.id.to_string()), "{error}");
    assert!(!error.to_string().contains("who knows"), "what stands in a row is nobody's business: {error}");
    assert_eq!(f.store.unreadable_rows(), seen + 1);
    f.store.commit(organizations::delete(bad.tenant())).await.unwrap();
    assert_eq!(f.store.organization_of(bad.tenant()).await, Ok(None));
}

async fn pages_of_the_audit_trail_go_on_after_a_bad_row(f: Fixture) {
    let mut events = Vec::new();
    for second in 0..5 {
        let event = Event {
            id: AuditId::generate(ENV, &*f.entropy),
            project_id: f.project.id,
            organization_id: None,
            actor: Actor::Backend,
            kind: EventKind::OrganizationUpdated,
            object: Object::Other(second.to_string()),
            changes: Vec::new(),
            detail: serde_json::Map::new(),
            request_id: "request".into(),
            ip_address: String::new(),
            at: NOW.plus(Span::seconds(second)),
        };
        f.store.commit(vec![events::append(&event)]).await.unwrap();
        events.insert(0, event);
    }
    let bad = events.remove(1);
    spoil(&f, EVENT, bad.id, "null").await;
    let first = f.store.events(f.project.id, &EventFilter::default(), None, 2).await.unwrap();
    let later = events.split_off(1);
    assert_eq!(first.items, events, "two rows, one of which cannot be read");
    let second = f.store.events(f.project.id, &EventFilter::default(), first.next.as_ref(), 3).await.unwrap();
    assert_eq!((second.items, second.next), (later, None));
}

async fn one_bad_connection_hides_no_other(f: Fixture) {
    let organization = f.kept_organization("Acme").await;
    let mut kept = Vec::new();
    for name in ["one", "two", "three"] {
        let id = ConnectionId::generate(ConnectionKind::Oidc, ENV, &*f.entropy);
        let mut connection = Connection::new_oidc(
            &NewConnection {
                id,
                project_id: f.project.id,
                organization_id: organization.id,
                display_name: name,
                identity_provider: ProviderLabel::Okta,
            },
            NOW,
        )
        .unwrap();
        let secret =
            OidcPatch { client_secret: Patch::Set(Secret::new("the client's own")), ..OidcPatch::default() };
        connection.apply_oidc(secret, None, UrlPolicy::Https, NOW).unwrap();
        let write = connections::insert(&connection, &f.vault, &*f.entropy).unwrap();
        f.store.commit(vec![write]).await.unwrap();
        kept.push(connection);
    }
    let (garbage, tampered) = (kept.remove(0), kept.remove(0));
    spoil(&f, CONNECTION, garbage.id, "[").await;
    spoil(&f, CLIENT_SECRET, tampered.id, "not sealed").await;
    let listed = f.store.connections(&f.vault, organization.tenant()).await.unwrap();
    assert_eq!(listed, kept);
    assert_eq!(f.store.unreadable_rows(), 2);
    for bad in [&garbage, &tampered] {
        assert!(f.store.connection(&f.vault, f.project.id, bad.id).await.is_err());
        f.store.commit(vec![connections::delete(organization.tenant(), bad.id, NOW)]).await.unwrap();
        assert_eq!(f.store.connection(&f.vault, f.project.id, bad.id).await, Ok(None));
    }
}

async fn one_bad_session_hides_no_other(f: Fixture) {
    let organization = f.kept_organization("Acme").await;
    let ada = kept_member(&f, &organization, "ada@acme.test").await;
    let mut kept = Vec::new();
    for _ in 0..3 {
        let (id, token) = (SessionId::generate(ENV, &*f.entropy), Token::generate(&*f.entropy));
        let session = Session::start(id, &ada, &token, Vec::new(), SessionDuration::DEFAULT, NOW);
        f.store.commit(vec![sessions::insert(&session, &f.vault, &*f.entropy).unwrap()]).await.unwrap();
        kept.push(session);
    }
    let (garbage, tampered) = (kept.remove(0), kept.remove(0));
    spoil(&f, SESSION, garbage.id, "{}").await;
    spoil(&f, TOKEN, tampered.id, "not sealed").await;
    let listed = f.store.live_sessions(&f.vault, organization.tenant(), ada.id, NOW).await.unwrap();
    assert_eq!(listed, kept);
    for bad in [&garbage, &tampered] {
        let found = f.store.session_by_token(&f.vault, f.project.id, &bad.token_hash).await;
        assert!(found.is_err(), "a session that cannot be read is not one that does not exist");
        f.store.commit(vec![sessions::revoke(f.project.id, bad.id)]).await.unwrap();
        assert_eq!(f.store.session(&f.vault, f.project.id, bad.id).await, Ok(None));
    }
}

async fn who_cannot_be_read_can_be_erased(f: Fixture) {
    let (acme, other) = (f.kept_organization("Acme").await, f.kept_organization("Other").await);
    let ada = kept_member(&f, &acme, "ada@acme.test").await;
    let alan = kept_member(&f, &acme, "alan@acme.test").await;
    let (id, token) = (SessionId::generate(ENV, &*f.entropy), Token::generate(&*f.entropy));
    let session = Session::start(id, &ada, &token, Vec::new(), SessionDuration::DEFAULT, NOW);
    f.store.commit(vec![sessions::insert(&session, &f.vault, &*f.entropy).unwrap()]).await.unwrap();
    spoil(&f, MEMBER, ada.id, "{}").await;
    let search = Search { operator: Operator::And, filters: Vec::new(), after: None, limit: 9 };
    let found = f.store.search_members([acme.tenant()], &search).await.unwrap();
    assert_eq!((found.page.items, found.total), (vec![alan], 2));
    assert!(f.store.member_by_email(acme.tenant(), &ada.email).await.is_err());

    let elsewhere = f.store.commit(members::erase(other.tenant(), ada.id)).await;
    assert_eq!(elsewhere, Err(StoreError::Guard(members::EXISTS)), "another organization's member");
    f.store.commit(members::erase(acme.tenant(), ada.id)).await.unwrap();
    assert_eq!(f.store.member_of(acme.tenant(), ada.id).await, Ok(None));
    assert_eq!(f.store.session(&f.vault, f.project.id, session.id).await, Ok(None));
}

async fn what_stands_beside_the_document_counts(f: Fixture) {
    let acme = f.kept_organization("Acme").await;
    let least = format!(
        "{{\"id\": \"{}\", \"project_id\": \"{}\", \"name\": \"Acme\", \"slug\": \"acme\"}}",
        acme.id, f.project.id
    );
    spoil(&f, ORGANIZATION, acme.id, &least).await;
    let mut read = f.store.organization_of(acme.tenant()).await.unwrap().unwrap();
    assert_eq!((read.created_at, read.updated_at, read.version), (NOW, NOW, 1));
    read.version += 1;
    f.store.commit(organizations::update(&read, 1)).await.unwrap();
    let ada = kept_member(&f, &acme, "ada@acme.test").await;
    let least = format!(
        "{{\"id\": \"{}\", \"project_id\": \"{}\", \"organization_id\": \"{}\", \"email\": \"{}\", \"status\": \"active\"}}",
        ada.id,
        f.project.id,
        acme.id,
        ada.email.as_str()
    );
    spoil(&f, MEMBER, ada.id, &least).await;
    let mut read = f.store.member_of(acme.tenant(), ada.id).await.unwrap().unwrap();
    assert_eq!((read.created_at, read.updated_at, read.version), (NOW, NOW, 1));
    read.version += 1;
    f.store.commit(vec![members::update(&read, 1)]).await.unwrap();
}
