//! Secrets at rest.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::sync::Arc;

use common::{Fixture, NOW, Seeded, master, on_both_engines};
use vestibule_domain::Patch;
use vestibule_domain::connection::{Connection, NewConnection, OidcPatch, ProviderLabel, UrlPolicy};
use vestibule_domain::id::{ConnectionId, ConnectionKind, Environment, SigningKeyId};
use vestibule_domain::project::SigningKey;
use vestibule_domain::secret::Secret;
use vestibule_store::seal::SealError;
use vestibule_store::tables::{connections, keys};
use vestibule_store::vault::rotate_master_key;
use vestibule_store::{MasterKeys, Param, Read, Store, StoreError, Vault, Write};

on_both_engines!(
    a_secret_is_not_in_the_database,
    a_wrong_master_key_is_named,
    the_master_key_rotates,
    data_keys_rotate,
    a_sealed_text_cannot_be_moved_or_altered,
    nodes_that_open_at_once_agree_on_a_data_key,
);

async fn kept_connection(f: &Fixture, secret: &str) -> Connection {
    let id = ConnectionId::generate(ConnectionKind::Oidc, Environment::Test, &*f.entropy);
    let home = f.project.home_organization;
    let mut connection = Connection::new_oidc(
        &NewConnection {
            id,
            project_id: f.project.id,
            organization_id: home,
            display_name: "IdP",
            identity_provider: ProviderLabel::Generic,
        },
        NOW,
    )
    .unwrap();
    let patch = OidcPatch { client_secret: Patch::Set(Secret::new(secret)), ..OidcPatch::default() };
    connection.apply_oidc(patch, None, UrlPolicy::Https, NOW).unwrap();
    f.store.commit(connections::insert(&connection, &f.vault, &*f.entropy).unwrap()).await.unwrap();
    connection
}

async fn secret_of(store: &Store, vault: &Vault, connection: &Connection) -> Result<String, StoreError> {
    let found = store.connection(vault, connection.project_id, connection.id).await?.unwrap();
    Ok(found.oidc().unwrap().client_secret.expose().to_owned())
}

async fn sealed_text(store: &Store, connection: &Connection) -> String {
    let sql = "SELECT id, sealed_client_secret, doc FROM connections WHERE id = ?1";
    let read = Read::new("connections", sql, vec![Param::display(connection.id)]);
    let (sealed, doc) = store.query_opt(read, |row| Ok((row.text(1)?, row.text(2)?))).await.unwrap().unwrap();
    assert!(!doc.contains("hunter2"), "{doc}");
    sealed
}

async fn a_secret_is_not_in_the_database(f: Fixture) {
    let connection = kept_connection(&f, "hunter2").await;
    let sealed = sealed_text(&f.store, &connection).await;
    assert!(sealed.starts_with(&format!("v1.{}.", f.vault.active_key())), "{sealed}");
    assert_eq!(secret_of(&f.store, &f.vault, &connection).await.unwrap(), "hunter2");
    let again = f.vault.seal("a/b/c", &Secret::new("hunter2"), &*f.entropy).unwrap();
    assert_ne!(
        again,
        f.vault.seal("a/b/c", &Secret::new("hunter2"), &*f.entropy).unwrap(),
        "a nonce of its own"
    );
}

async fn a_wrong_master_key_is_named(f: Fixture) {
    let result = Vault::open(&f.store, MasterKeys::only(master(2)), &*f.entropy, NOW).await.map(drop);
    let expected =
        SealError::WrongMasterKey { expected: master(1).id().into(), found: master(2).id().into() };
    assert_eq!(result, Err(StoreError::Seal(expected)));
    // One key, though it is given as both, as when it is tried alone.
    let once =
        rotate_master_key(&f.store, &master(2), &master(2), &*f.entropy).await.unwrap_err().to_string();
    assert!(once.ends_with(&format!("but {} was given", master(2).id())), "{once}");
    let two = rotate_master_key(&f.store, &master(2), &master(3), &*f.entropy).await.unwrap_err().to_string();
    assert!(two.ends_with(&format!("{} and {} were given", master(3).id(), master(2).id())), "{two}");
}

async fn the_master_key_rotates(f: Fixture) {
    let connection = kept_connection(&f, "hunter2").await;
    f.vault.rotate_data_key(&*f.entropy, NOW).await.unwrap();
    assert_eq!(rotate_master_key(&f.store, &master(1), &master(2), &*f.entropy).await, Ok(2));
    // It may have been interrupted after the batch: running it again is fine, and so is a running server.
    assert_eq!(rotate_master_key(&f.store, &master(1), &master(2), &*f.entropy).await, Ok(0));
    assert_eq!(secret_of(&f.store, &f.vault, &connection).await.unwrap(), "hunter2");

    let old = Vault::open(&f.store, MasterKeys::only(master(1)), &*f.entropy, NOW).await.map(drop);
    assert!(matches!(old, Err(StoreError::Seal(SealError::WrongMasterKey { .. }))), "{old:?}");
    let both = [
        MasterKeys { current: master(2), previous: Some(master(1)) },
        MasterKeys { current: master(3), previous: Some(master(2)) },
        MasterKeys::only(master(2)),
    ];
    for masters in both {
        let vault = Vault::open(&f.store, masters, &*f.entropy, NOW).await.unwrap();
        assert_eq!(secret_of(&f.store, &vault, &connection).await.unwrap(), "hunter2");
    }
    let strange = rotate_master_key(&f.store, &master(7), &master(8), &*f.entropy).await;
    assert!(matches!(strange, Err(StoreError::Seal(SealError::WrongMasterKey { .. }))), "{strange:?}");
}

async fn data_keys_rotate(f: Fixture) {
    let first = f.vault.active_key();
    let connection = kept_connection(&f, "hunter2").await;
    let key = SigningKey {
        id: SigningKeyId::generate(Environment::Test, &*f.entropy),
        project_id: f.project.id,
        private_key: Secret::new("private"),
        created_at: NOW,
        retired_at: None,
    };
    f.store.commit(keys::insert(&key, &f.vault, &*f.entropy).unwrap()).await.unwrap();

    // Another node that loaded its keys before the rotation reads what is sealed after it.
    let other = Vault::open(&f.store, MasterKeys::only(master(1)), &*f.entropy, NOW).await.unwrap();
    f.vault.rotate_data_key(&*f.entropy, NOW).await.unwrap();
    assert_ne!(f.vault.active_key(), first);
    assert_eq!(other.active_key(), first);
    let late = kept_connection(&f, "later").await;
    assert_eq!(secret_of(&f.store, &other, &late).await.unwrap(), "later");

    assert_eq!(secret_of(&f.store, &f.vault, &connection).await.unwrap(), "hunter2");
    assert!(sealed_text(&f.store, &connection).await.starts_with(&format!("v1.{first}.")));
    assert_eq!(f.vault.reseal(&*f.entropy).await, Ok(2));
    assert_eq!(f.vault.reseal(&*f.entropy).await, Ok(0));
    assert!(sealed_text(&f.store, &connection).await.starts_with(&format!("v1.{}.", f.vault.active_key())));
    assert_eq!(secret_of(&f.store, &f.vault, &connection).await.unwrap(), "hunter2");
    let kept = f.store.signing_keys(&f.vault, f.project.id).await.unwrap();
    assert_eq!(kept.first().map(|key| key.private_key.expose()), Some("private"));
}

async fn a_sealed_text_cannot_be_moved_or_altered(f: Fixture) {
    let (one, two) = (kept_connection(&f, "hunter2").await, kept_connection(&f, "other").await);
    let put = |connection: &Connection, sealed: &str| {
        let params = vec![Param::display(connection.id), sealed.into()];
        Write::any("UPDATE connections SET sealed_client_secret = ?2 WHERE id = ?1", params)
    };
    let sealed = sealed_text(&f.store, &one).await;
    f.store.commit(put(&two, &sealed)).await.unwrap();
    let moved = secret_of(&f.store, &f.vault, &two).await;
    assert!(matches!(moved, Err(StoreError::Seal(SealError::Tampered(_)))), "{moved:?}");

    let mut altered = sealed.clone();
    let last = altered.pop().unwrap();
    altered.push(if last == 'A' { 'Q' } else { 'A' });
    for text in
        [altered.as_str(), "v1.", "v1.x.y", "", "v2.a.b", "hunter2", sealed.rsplit_once('.').unwrap().0]
    {
        f.store.commit(put(&one, text)).await.unwrap();
        let result = secret_of(&f.store, &f.vault, &one).await;
        assert!(matches!(result, Err(StoreError::Seal(_))), "{text:?}: {result:?}");
    }
    f.store.commit(put(&one, &sealed)).await.unwrap();
    assert_eq!(secret_of(&f.store, &f.vault, &one).await.unwrap(), "hunter2");
}

async fn nodes_that_open_at_once_agree_on_a_data_key(f: Fixture) {
    f.store.commit(Write::any("DELETE FROM data_keys", Vec::new())).await.unwrap();
    let nodes: Vec<_> = (0..8)
        .map(|node| {
            let store = f.store.clone();
            tokio::spawn(async move {
                let entropy = Arc::new(Seeded::new(100 + node));
                Vault::open(&store, MasterKeys::only(master(1)), &*entropy, NOW).await.unwrap().active_key()
            })
        })
        .collect();
    let mut active = std::collections::HashSet::new();
    for node in nodes {
        active.insert(node.await.unwrap());
    }
    assert_eq!(active.len(), 1);
}
