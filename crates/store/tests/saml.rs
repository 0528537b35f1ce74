//! SAML connections as they are kept: keys sealed, look-up columns, readings of metadata, warnings.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

mod common;

use common::{Fixture, NOW, on_both_engines};
use vestibule_domain::Patch;
use vestibule_domain::calendar;
use vestibule_domain::connection::{
    Connection, GroupRole, NewConnection, ProviderLabel, RoleAssignments, SamlPatch, SpEncryptionKey,
    SpSigningKey, UrlPolicy, VerificationCertificate,
};
use vestibule_domain::id::{
    ConnectionId, ConnectionKind, Environment, OrganizationId, SamlEncryptionKeyId, SamlSigningKeyId,
    SamlVerificationKeyId,
};
use vestibule_domain::secret::Secret;
use vestibule_domain::time::{Span, Time};
use vestibule_store::tables::refreshes::Due;
use vestibule_store::tables::{connections, notices, refreshes};
use vestibule_store::{Param, Read, StoreError};

const ENV: Environment = Environment::Test;

on_both_engines!(
    a_connection_with_its_keys,
    keys_are_sealed_again_under_a_new_data_key,
    one_entity_id_in_an_organization,
    roles_without_the_rest,
    a_reading_belongs_to_one_node,
    a_warning_is_given_once,
);

fn certificate(f: &Fixture, fingerprint: &str, expires_at: Time) -> VerificationCertificate {
    VerificationCertificate {
        id: SamlVerificationKeyId::generate(ENV, &*f.entropy),
        pem: "-----BEGIN CERTIFICATE-----".into(),
        subject: "CN=idp".into(),
        issuer: "CN=idp".into(),
        fingerprint: fingerprint.into(),
        not_before: NOW,
        expires_at,
        created_at: NOW,
        from_metadata: true,
    }
}

fn draft(f: &Fixture, organization: OrganizationId) -> Connection {
    let new = NewConnection {
        id: ConnectionId::generate(ConnectionKind::Saml, ENV, &*f.entropy),
        project_id: f.project.id,
        organization_id: organization,
        display_name: "IdP",
        identity_provider: ProviderLabel::Okta,
    };
    let key = SpSigningKey {
        id: SamlSigningKeyId::generate(ENV, &*f.entropy),
        private_key: Secret::new("signing hunter2"),
        certificate: "-----BEGIN CERTIFICATE-----".into(),
        created_at: NOW,
        expires_at: NOW.plus(Span::days(3652)),
    };
    Connection::new_saml(&new, key, NOW).unwrap()
}

fn complete(f: &Fixture, mut connection: Connection, entity_id: &str) -> Connection {
    let encryption = SpEncryptionKey {
        id: SamlEncryptionKeyId::generate(ENV, &*f.entropy),
        private_key: Secret::new("encryption hunter2"),
        certificate: "-----BEGIN CERTIFICATE-----".into(),
        created_at: NOW,
    };
    let patch = SamlPatch {
        idp_entity_id: Patch::Set(entity_id.into()),
        idp_sso_url: Patch::Set("https://idp.test/sso".into()),
        certificates: vec![certificate(f, "aa", NOW.plus(Span::days(40)))],
        encryption_key: Some(encryption),
        connection_roles: Patch::Set(vec!["stytch_admin".into()]),
        group_roles: Patch::Set(vec![GroupRole { role_id: "editor".into(), group: "eng".into() }]),
        ..SamlPatch::default()
    };
    connection.apply_saml(patch, None, UrlPolicy::Https, NOW).unwrap();
    connection
}

async fn keep(f: &Fixture, connection: &Connection) -> Result<(), StoreError> {
    f.store.commit(connections::insert(connection, &f.vault, &*f.entropy).unwrap()).await
}

async fn a_connection_with_its_keys(f: Fixture) {
    let (project, vault) = (f.project.id, &*f.vault);
    let acme = f.kept_organization("Acme").await;
    let draft = draft(&f, acme.id);
    keep(&f, &draft).await.unwrap();
    assert_eq!(f.store.connection(vault, project, draft.id).await.unwrap().as_ref(), Some(&draft));
    let ready = complete(&f, draft.clone(), "https://idp.test");
    let update = connections::update(&ready, draft.version, vault, &*f.entropy).unwrap();
    f.store.commit(update).await.unwrap();
    let found = f.store.connection_at_callback(vault, ready.id).await.unwrap().unwrap();
    assert_eq!(found, ready, "private keys included");
    assert_eq!(f.store.active_connections(acme.tenant()).await.unwrap().len(), 1);

    let sql = "SELECT id, sealed_private_keys, doc FROM connections WHERE id = ?1";
    let read = Read::new("connections", sql, vec![Param::display(ready.id)]);
    let parse = |row: &vestibule_store::Row<'_>| Ok((row.text(1)?, row.text(2)?));
    let (sealed, doc) = f.store.query_opt(read, parse).await.unwrap().unwrap();
    assert!(!sealed.contains("hunter2") && !doc.contains("hunter2"), "{sealed} {doc}");
    // What was sealed for one connection is nothing at another.
    let other = complete(&f, self::draft(&f, acme.id), "https://other.test");
    keep(&f, &other).await.unwrap();
    let swap = "UPDATE connections SET sealed_private_keys = ?2 WHERE id = ?1";
    let swap = vestibule_store::Write::any(swap, vec![Param::display(other.id), sealed.into()]);
    f.store.commit(swap).await.unwrap();
    let moved = f.store.connection_at_callback(vault, other.id).await;
    assert!(matches!(moved, Err(StoreError::Seal(_))), "{moved:?}");
}

async fn keys_are_sealed_again_under_a_new_data_key(f: Fixture) {
    let acme = f.kept_organization("Acme").await;
    let ready = complete(&f, draft(&f, acme.id), "https://idp.test");
    keep(&f, &ready).await.unwrap();
    f.vault.rotate_data_key(&*f.entropy, NOW).await.unwrap();
    assert_eq!(f.vault.reseal(&*f.entropy).await.unwrap(), 1);
    assert_eq!(f.vault.reseal(&*f.entropy).await.unwrap(), 0);
    assert_eq!(f.store.connection_at_callback(&f.vault, ready.id).await.unwrap(), Some(ready));
}

async fn one_entity_id_in_an_organization(f: Fixture) {
    let (acme, beta) = (f.kept_organization("Acme").await, f.kept_organization("Beta").await);
    for organization in [acme.id, beta.id] {
        keep(&f, &complete(&f, draft(&f, organization), "https://idp.test")).await.unwrap();
        // Those that have none yet do not meet.
        keep(&f, &draft(&f, organization)).await.unwrap();
        keep(&f, &draft(&f, organization)).await.unwrap();
    }
    let twin = complete(&f, draft(&f, acme.id), "https://idp.test");
    assert_eq!(keep(&f, &twin).await, Err(StoreError::Unique(connections::IDP_ENTITY.into())));
    let all = f.store.connections(&f.vault, acme.tenant()).await.unwrap();
    let first = all.iter().find(|connection| connection.missing().is_empty()).unwrap();
    f.store.commit(connections::delete(acme.tenant(), first.id, NOW)).await.unwrap();
    keep(&f, &twin).await.unwrap();
}

async fn roles_without_the_rest(f: Fixture) {
    let (project, acme) = (f.project.id, f.kept_organization("Acme").await);
    let (with, without) = (complete(&f, draft(&f, acme.id), "https://idp.test"), draft(&f, acme.id));
    keep(&f, &with).await.unwrap();
    keep(&f, &without).await.unwrap();
    let expected = RoleAssignments {
        everybody: vec!["stytch_admin".into()],
        groups: vec![GroupRole { role_id: "editor".into(), group: "eng".into() }],
    };
    let both = [with.id, without.id];
    assert_eq!(f.store.role_assignments(project, &both).await, Ok(vec![(with.id, expected)]));
    assert_eq!(f.store.role_assignments(project, &[]).await, Ok(Vec::new()));
    let other = vestibule_domain::project::Project::new("O".into(), ENV, NOW, &*f.entropy);
    assert_eq!(f.store.role_assignments(other.id, &both).await, Ok(Vec::new()));
    f.store.commit(connections::delete(acme.tenant(), with.id, NOW)).await.unwrap();
    assert_eq!(f.store.role_assignments(project, &both).await, Ok(Vec::new()));
}

async fn a_reading_belongs_to_one_node(f: Fixture) {
    let acme = f.kept_organization("Acme").await;
    let connection = draft(&f, acme.id).id;
    let hour = Span::minutes(60);
    f.store.commit(refreshes::plan(f.project.id, connection, NOW.plus(hour))).await.unwrap();
    f.store.commit(refreshes::plan(f.project.id, connection, NOW)).await.unwrap();
    let due = Due { connection_id: connection, due_at: NOW };
    assert_eq!(f.store.due_metadata_refreshes(NOW, 10).await, Ok(vec![due]));
    assert_eq!(f.store.due_metadata_refreshes(NOW.minus(Span::seconds(1)), 10).await, Ok(Vec::new()));
    let claims = (0..6).map(|_| {
        let store = f.store.clone();
        tokio::spawn(async move { store.commit(refreshes::claim_due(&due, NOW.plus(hour), NOW)).await })
    });
    let mut won = 0;
    for claim in claims.collect::<Vec<_>>() {
        match claim.await.unwrap() {
            Ok(()) => won += 1,
            Err(error) => assert_eq!(error, StoreError::Guard(refreshes::CLAIMED)),
        }
    }
    assert_eq!(won, 1);
    // A reading on demand keeps its distance from any other.
    let apart = Span::minutes(10);
    let later = NOW.plus(apart);
    let claim = |now| f.store.commit(refreshes::claim_now(connection, now, apart));
    let busy = Err(StoreError::Guard(refreshes::CLAIMED));
    assert_eq!(claim(later.minus(Span::seconds(1))).await, busy);
    assert_eq!(claim(later).await, Ok(()));
    assert_eq!(claim(later).await, busy);
    f.store.commit(refreshes::forget(connection)).await.unwrap();
    assert_eq!(claim(later.plus(hour)).await, busy);
}

async fn a_warning_is_given_once(f: Fixture) {
    let acme = f.kept_organization("Acme").await;
    let ready = complete(&f, draft(&f, acme.id), "https://idp.test");
    keep(&f, &ready).await.unwrap();
    let end = NOW.plus(Span::days(40));
    assert_eq!(
        f.store.connections_with_ends((end.minus(Span::seconds(1)), NOW), "", 10).await,
        Ok(Vec::new())
    );
    let ending = f.store.connections_with_ends((end, NOW), "", 10).await.unwrap();
    assert_eq!((ending.len(), ending[0].id.as_str()), (1, ready.id.to_string().as_str()));
    assert_eq!(
        ending[0].endings,
        calendar::of_connection(ready.id, &ready.display_name, &ready.protocol, NOW)
    );
    let after = ready.id.to_string();
    assert_eq!(f.store.connections_with_ends((end, NOW), &after, 10).await, Ok(Vec::new()));

    let give = |days| notices::give(f.project.id, &ending[0].id, &ending[0].endings[0], days, NOW);
    f.store.commit(give(90)).await.unwrap();
    assert_eq!(f.store.commit(give(90)).await, Err(StoreError::Unique(notices::GIVEN.into())));
    f.store.commit(give(30)).await.unwrap();
    let given = f.store.certificate_notices(&after).await;
    assert_eq!(given, Ok(vec![("aa".into(), 30), ("aa".into(), 90)]));
    f.store.commit(notices::forget(ready.id)).await.unwrap();
    f.store.commit(connections::delete(acme.tenant(), ready.id, NOW)).await.unwrap();
    assert_eq!(f.store.connections_with_ends((end, NOW), "", 10).await, Ok(Vec::new()));
    assert_eq!(f.store.certificate_notices(&after).await, Ok(Vec::new()));
}
