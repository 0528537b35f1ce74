//! What connections are found by besides their ids: their names, and the domains whose people are led to them.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

mod common;

use common::{Fixture, NOW, on_both_engines};
use serde_json::json;
use vestibule_domain::Patch;
use vestibule_domain::connection::{
    CommonPatch, Connection, ConnectionName, KeptOptions, NewConnection, ProviderLabel, Strategy, UrlPolicy,
};
use vestibule_domain::id::{ConnectionId, ConnectionKind, Environment, OrganizationId};
use vestibule_store::tables::{connections, homes};
use vestibule_store::{Batch, Param, StoreError, Write};

on_both_engines!(
    a_name_is_found_and_belongs_to_one,
    one_from_before_is_called_by_its_id,
    people_are_led_home,
    what_is_common_is_kept_beside_the_document,
);

fn draft(f: &Fixture, organization: OrganizationId) -> Connection {
    let new = NewConnection {
        id: ConnectionId::generate(ConnectionKind::Oidc, Environment::Test, &*f.entropy),
        project_id: f.project.id,
        organization_id: organization,
        display_name: "IdP",
        identity_provider: ProviderLabel::Generic,
    };
    Connection::new_oidc(&new, NOW).unwrap()
}

fn named(f: &Fixture, organization: OrganizationId, text: &str) -> Connection {
    draft(f, organization).named(name(text))
}

fn name(text: &str) -> ConnectionName {
    ConnectionName::parse(text).unwrap()
}

async fn keep(f: &Fixture, connection: &Connection) -> Result<(), StoreError> {
    let insert = connections::insert(connection, &f.vault, &*f.entropy).unwrap();
    f.store.commit(Batch::from(insert).with(homes::home_domains(connection))).await
}

async fn save(f: &Fixture, connection: &Connection, loaded: i64) {
    let update = connections::update(connection, loaded, &f.vault, &*f.entropy).unwrap();
    f.store.commit(Batch::from(update).with(homes::home_domains(connection))).await.unwrap();
}

fn leads(domains: &[&str]) -> CommonPatch {
    let domains = domains.iter().map(|domain| (*domain).to_owned()).collect();
    CommonPatch { home_domains: Patch::Set(domains), ..CommonPatch::default() }
}

async fn a_name_is_found_and_belongs_to_one(f: Fixture) {
    let (acme, globex) = (f.kept_organization("Acme").await, f.kept_organization("Globex").await);
    let (first, second) = (named(&f, acme.id, "Acme-oidc"), named(&f, globex.id, "Acme-oidc"));
    keep(&f, &first).await.unwrap();
    let find = |text: &'static str| {
        let f = f.clone();
        async move { f.store.connection_named(&f.vault, f.project.id, &name(text)).await.unwrap() }
    };
    assert_eq!(find("Acme-oidc").await.as_ref(), Some(&first));
    assert_eq!(find("acme-oidc").await, None, "names are compared exactly");
    // Also in another organization.
    assert!(keep(&f, &second).await.unwrap_err().is_unique(connections::NAME));
    f.store.commit(connections::delete(acme.tenant(), first.id, NOW)).await.unwrap();
    assert_eq!(find("Acme-oidc").await, None);
    keep(&f, &second).await.unwrap();
    assert_eq!(find("Acme-oidc").await.unwrap().id, second.id);
}

/// A node that knows no names makes connections without one.
async fn one_from_before_is_called_by_its_id(f: Fixture) {
    let acme = f.kept_organization("Acme").await;
    let one = named(&f, acme.id, "given");
    keep(&f, &one).await.unwrap();
    let forget = "UPDATE connections SET name = NULL WHERE id = ?1";
    f.store.commit(Write::any(forget, vec![Param::display(one.id)])).await.unwrap();
    let by_id = ConnectionName::of_id(one.id);
    let found = f.store.connection_named(&f.vault, f.project.id, &by_id).await.unwrap().unwrap();
    assert_eq!((found.id, found.name), (one.id, by_id.clone()));
    let taking = draft(&f, acme.id).named(by_id);
    assert!(keep(&f, &taking).await.unwrap_err().is_unique(connections::NAME));
}

async fn people_are_led_home(f: Fixture) {
    let acme = f.kept_organization("Acme").await;
    let (mut first, mut second) = (named(&f, acme.id, "first"), named(&f, acme.id, "second"));
    first.apply_common(leads(&["acme.test", "ACME.example"]), UrlPolicy::Https, NOW).unwrap();
    second.apply_common(leads(&["acme.test"]), UrlPolicy::Https, NOW).unwrap();
    keep(&f, &first).await.unwrap();
    second.created_at = NOW.plus(vestibule_domain::time::Span::seconds(1));
    keep(&f, &second).await.unwrap();
    let at = |domain: &'static str| {
        let f = f.clone();
        async move {
            let found = f.store.connections_at_home(&f.vault, f.project.id, domain, 10).await.unwrap();
            found.into_iter().map(|one| one.name.to_string()).collect::<Vec<_>>()
        }
    };
    assert_eq!(at("Acme.TEST").await, ["first", "second"], "the oldest first");
    assert_eq!(at("acme.example").await, ["first"]);
    assert!(at("sub.acme.test").await.is_empty() && at("test").await.is_empty());
    let loaded = first.version;
    first.apply_common(leads(&["other.test"]), UrlPolicy::Https, NOW).unwrap();
    save(&f, &first, loaded).await;
    assert_eq!(
        (at("acme.test").await, at("other.test").await),
        (vec!["second".into()], vec!["first".into()])
    );
    f.store.commit(connections::delete(acme.tenant(), second.id, NOW)).await.unwrap();
    assert!(at("acme.test").await.is_empty());
}

async fn what_is_common_is_kept_beside_the_document(f: Fixture) {
    let acme = f.kept_organization("Acme").await;
    let mut one = named(&f, acme.id, "okta").made_for(Strategy::Okta);
    let kept = KeptOptions::of(json!({ "x": [1] }).as_object().unwrap()).unwrap();
    let patch = CommonPatch { kept: Patch::Set(kept), ..leads(&["acme.test"]) };
    one.apply_common(patch, UrlPolicy::Https, NOW).unwrap();
    keep(&f, &one).await.unwrap();
    let found = f.store.connection_of(&f.vault, acme.tenant(), one.id).await.unwrap().unwrap();
    assert_eq!(found, one);
    assert_eq!((found.strategy(), found.kept.to_map()["x"][0].as_i64()), (Strategy::Okta, Some(1)));
    // A node that knows nothing of it changes the document, and drops nothing.
    let older = "UPDATE connections SET doc = '{}', version = version + 1 WHERE id = ?1";
    f.store.commit(Write::any(older, vec![Param::display(one.id)])).await.unwrap();
    let found = f.store.connection_of(&f.vault, acme.tenant(), one.id).await.unwrap().unwrap();
    assert_eq!((found.common, found.kept), (one.common, one.kept));
}
