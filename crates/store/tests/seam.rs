//! What the seam promises, on both engines.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

mod common;

use common::{Fixture, NOW, Seeded, on_both_engines};
use vestibule_domain::Tenant;
use vestibule_domain::id::{Environment, MemberId, OrganizationId};
use vestibule_domain::member::{Member, MemberDraft};
use vestibule_domain::project::Project;
use vestibule_store::tables::{members, organizations, redirects, replays};
use vestibule_store::{Batch, Guard, Options, Param, Read, Row, Store, StoreError, Write};

on_both_engines!(
    a_batch_is_kept_as_a_whole_or_not_at_all,
    unique_violations_have_one_name,
    a_foreign_key_refuses,
    what_only_one_engine_could_keep_is_refused,
    rows_are_parsed_not_trusted,
    reads_see_acknowledged_writes,
    writers_that_meet_do_not_disturb_each_other,
    batches_that_lock_in_opposite_orders_all_succeed,
    migrating_twice_changes_nothing,
    a_newer_database_is_recognized,
    lost_tables_are_missed,
);

const COUNT: &str = "SELECT 'count', COUNT(*) FROM used_messages";

async fn replay_count(store: &Store) -> i64 {
    let read = Read::new("used_messages", COUNT, Vec::new());
    store.query_opt(read, |row| row.int(1)).await.unwrap().unwrap()
}

fn claim(f: &Fixture, message: &str) -> Write {
    replays::claim(f.project.id, "https://idp.test", message, NOW)
}

async fn a_batch_is_kept_as_a_whole_or_not_at_all(f: Fixture) {
    let missing =
        redirects::remove(f.project.id, vestibule_domain::redirect::RedirectKind::Login, "https://no.test/");
    let batch = Batch::new().with([claim(&f, "a"), missing, claim(&f, "b")]);
    assert_eq!(f.store.commit(batch).await, Err(StoreError::Guard(redirects::EXISTS)));
    assert_eq!(replay_count(&f.store).await, 0);

    let batch = Batch::new().with([claim(&f, "a"), claim(&f, "b"), claim(&f, "a")]);
    assert_eq!(f.store.commit(batch).await, Err(StoreError::Unique(replays::USED.into())));
    assert_eq!(replay_count(&f.store).await, 0);

    f.store.commit(Batch::new().with([claim(&f, "a"), claim(&f, "b")])).await.unwrap();
    f.store.commit(Batch::new()).await.unwrap();
    assert_eq!(replay_count(&f.store).await, 2);
}

fn member(f: &Fixture, organization: OrganizationId, email: &str, external_id: Option<&str>) -> Member {
    let draft = MemberDraft {
        email_address: email.into(),
        external_id: external_id.map(str::to_owned),
        ..MemberDraft::default()
    };
    let id = MemberId::generate(Environment::Test, &*f.entropy);
    Member::create(id, Tenant::stored(f.project.id, organization), draft, |_| true, NOW).unwrap()
}

async fn unique_violations_have_one_name(f: Fixture) {
    let mut acme = f.organization("Acme");
    acme.external_id = Some("x".into());
    acme.policy.claimed_email_domains = vec!["acme.test".into()];
    f.store.commit(organizations::insert(&acme)).await.unwrap();
    let refused = |result: Result<(), StoreError>| match result {
        Err(StoreError::Unique(name)) => name,
        other => panic!("expected a unique violation, found {other:?}"),
    };

    let mut same = f.organization("Same");
    same.id = acme.id;
    assert_eq!(refused(f.store.commit(organizations::insert(&same)).await), "organizations_pkey");
    let mut other = f.organization("ACME");
    other.slug = "aCMe".into();
    assert_eq!(refused(f.store.commit(organizations::insert(&other)).await), organizations::SLUG_INDEX);
    other.external_id = Some("x".into());
    assert_eq!(
        refused(f.store.commit(organizations::insert(&other)).await),
        organizations::SLUG_INDEX,
        "of two"
    );
    other.slug = "other".into();
    assert_eq!(
        refused(f.store.commit(organizations::insert(&other)).await),
        organizations::EXTERNAL_ID_INDEX
    );
    // One name space: a slug is nobody else's external id, whatever the case, and the other way round.
    let named = async |slug: &str, external_id: Option<&str>| {
        let mut named = f.organization("Named");
        (named.slug, named.external_id) = (slug.to_owned(), external_id.map(str::to_owned));
        f.store.commit(organizations::insert(&named)).await.map(|()| named)
    };
    assert_eq!(named("X", None).await.unwrap_err(), StoreError::Guard(organizations::SLUG));
    assert_eq!(
        named("fresh", Some("AcMe")).await.unwrap_err(),
        StoreError::Guard(organizations::EXTERNAL_ID)
    );
    let own = named("own", Some("OWN")).await.unwrap();
    for name in ["own", "OWN", "Own"] {
        assert_eq!(f.store.organization(f.project.id, name).await.unwrap().as_ref(), Some(&own), "{name}");
    }
    // What one gives up another may take, and what goes with one is free.
    let mut renamed = own.clone();
    (renamed.slug, renamed.external_id, renamed.version) = ("renamed".into(), None, 2);
    f.store.commit(organizations::update(&renamed, 1)).await.unwrap();
    let next = named("own", None).await.unwrap();
    f.store.commit(organizations::delete(next.tenant())).await.unwrap();
    named("OWN", None).await.unwrap();
    other.external_id = None;
    other.policy.claimed_email_domains = vec!["ACME.test".into()];
    assert_eq!(refused(f.store.commit(organizations::insert(&other)).await), organizations::CLAIMED_DOMAIN);

    f.store.commit(members::insert(&member(&f, acme.id, "a@acme.test", Some("m")))).await.unwrap();
    let again = members::insert(&member(&f, acme.id, "A@acme.test", None));
    assert_eq!(refused(f.store.commit(again).await), members::EMAIL);
    let again = members::insert(&member(&f, acme.id, "A@acme.test", Some("m")));
    assert_eq!(refused(f.store.commit(again).await), members::EMAIL, "of two");
    let again = members::insert(&member(&f, acme.id, "b@acme.test", Some("m")));
    assert_eq!(refused(f.store.commit(again).await), members::EXTERNAL_ID);
}

async fn a_foreign_key_refuses(f: Fixture) {
    let nowhere = OrganizationId::generate(Environment::Test, &*f.entropy);
    let orphan = members::insert(&member(&f, nowhere, "a@acme.test", None));
    assert_eq!(f.store.commit(orphan).await, Err(StoreError::Reference));

    // The key spans project and organization: another project's organization is no parent either.
    let other = Project::new("Other".into(), Environment::Test, NOW, &*f.entropy);
    f.add_project(&other).await;
    let mut stranger = member(&f, f.project.home_organization, "a@acme.test", None);
    stranger.project_id = other.id;
    assert_eq!(f.store.commit(members::insert(&stranger)).await, Err(StoreError::Reference));
}

async fn what_only_one_engine_could_keep_is_refused(f: Fixture) {
    assert_eq!(f.store.commit(claim(&f, "a\0b")).await, Err(StoreError::Nul));
    let read = Read::new(
        "used_messages",
        "SELECT message_id FROM used_messages WHERE message_id = ?1",
        vec!["\0".into()],
    );
    assert_eq!(f.store.query_all(read, |row| row.text(0)).await, Err(StoreError::Nul));

    let odd = "quote ' \" percent % question ?1 dollar $1 emoji \u{1f511} back\\slash";
    f.store.commit(claim(&f, odd)).await.unwrap();
    let read = Read::new(
        "used_messages",
        "SELECT message_id FROM used_messages WHERE message_id = ?1",
        vec![odd.into()],
    );
    assert_eq!(f.store.query_all(read, |row| row.text(0)).await.unwrap(), [odd]);

    let unwritable = Param::json(&std::collections::BTreeMap::from([((1, 2), "a key that is no text")]));
    let write = Write::any("UPDATE policies SET doc = ?1", vec![unwritable]);
    assert!(matches!(f.store.commit(write).await, Err(StoreError::Document(_))));
}

async fn rows_are_parsed_not_trusted(f: Fixture) {
    let acme = f.kept_organization("Acme").await;
    let break_it = |doc: &str| {
        Write::any(
            "UPDATE organizations SET doc = ?1 WHERE id = ?2",
            vec![doc.into(), Param::display(acme.id)],
        )
    };
    f.store.commit(break_it("{}")).await.unwrap();
    let Err(StoreError::Row(error)) = f.store.organization_of(Tenant::stored(f.project.id, acme.id)).await
    else {
        panic!("expected a row error");
    };
    assert_eq!((error.table, error.id), ("organizations", acme.id.to_string()));

    let other = serde_json::to_string(&f.organization("Other")).unwrap();
    f.store.commit(break_it(&other)).await.unwrap();
    let result = f.store.organization_of(Tenant::stored(f.project.id, acme.id)).await;
    assert!(matches!(result, Err(StoreError::Row(_))), "a document of another row: {result:?}");

    let null = Read::new(
        "t",
        "SELECT 'id', CAST(NULL AS TEXT), CAST(NULL AS BIGINT), CAST(7 AS BIGINT)",
        Vec::new(),
    );
    let parse = |row: &Row<'_>| {
        assert!(row.text(1).is_err() && row.int(2).is_err() && row.text(3).is_err() && row.int(0).is_err());
        assert!(row.text(9).is_err());
        Ok((row.opt_text(1)?, row.opt_int(2)?, row.int(3)?))
    };
    assert_eq!(f.store.query_opt(null, parse).await.unwrap(), Some((None, None, 7)));
}

async fn reads_see_acknowledged_writes(f: Fixture) {
    for round in 0..200 {
        f.store.commit(claim(&f, &round.to_string())).await.unwrap();
        assert_eq!(replay_count(&f.store).await, round + 1);
    }
}

async fn writers_that_meet_do_not_disturb_each_other(f: Fixture) {
    let tasks: Vec<_> = (0..100)
        .map(|number| {
            let store = f.store.clone();
            // Every second batch fails in its middle; the others share its transaction on SQLite.
            let mut batch = Batch::from(claim(&f, &format!("first {number}")));
            if number % 2 == 1 {
                batch.push(claim(&f, &format!("first {number}")));
            }
            batch.push(claim(&f, &format!("second {number}")));
            tokio::spawn(async move { store.commit(batch).await })
        })
        .collect();
    for (number, task) in tasks.into_iter().enumerate() {
        let result = task.await.unwrap();
        assert_eq!(result.is_ok(), number % 2 == 0, "{number}: {result:?}");
    }
    assert_eq!(replay_count(&f.store).await, 100);
}

async fn batches_that_lock_in_opposite_orders_all_succeed(f: Fixture) {
    for message in ["a", "b"] {
        f.store.commit(claim(&f, message)).await.unwrap();
    }
    let count = |message: &str| {
        let sql = "UPDATE used_messages SET expires_at = expires_at + 1 WHERE message_id = ?1";
        Write::one(sql, vec![message.into()], Guard("message_exists"))
    };
    let tasks: Vec<_> = (0..8)
        .map(|number| {
            let (first, second) = if number % 2 == 0 { ("a", "b") } else { ("b", "a") };
            let (store, batch) = (f.store.clone(), Batch::from(vec![count(first), count(second)]));
            tokio::spawn(async move { store.commit(batch).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let read = Read::new("used_messages", "SELECT message_id, expires_at FROM used_messages", Vec::new());
    let counts = f.store.query_all(read, |row| row.int(1)).await.unwrap();
    assert_eq!(counts, [NOW.millis() + 8; 2]);
}

async fn migrating_twice_changes_nothing(f: Fixture) {
    assert_eq!(f.store.pending_migrations().await.unwrap(), Vec::<&str>::new());
    assert_eq!(f.store.migrate(NOW, &*f.entropy).await.unwrap(), Vec::<&str>::new());
    let again = Store::open(&f.url, &Options::default()).await.unwrap();
    assert_eq!(again.pending_migrations().await.unwrap(), Vec::<&str>::new());
    assert_eq!(again.project(f.project.id).await.unwrap(), Some(f.project.clone()));
    again.probe(NOW).await.unwrap();
}

async fn lost_tables_are_missed(f: Fixture) {
    assert_eq!(f.store.lost_tables().await.unwrap(), Vec::<String>::new());
    f.store.commit(Write::any("ALTER TABLE certificate_notices RENAME TO gone", Vec::new())).await.unwrap();
    assert_eq!(f.store.lost_tables().await.unwrap(), ["certificate_notices"]);
}

async fn a_newer_database_is_recognized(f: Fixture) {
    let future = "INSERT INTO schema_migrations (version, name, applied_at) VALUES (?1, ?2, ?3)";
    let params = vec![Param::Int(9999), "9999_future".into(), Param::Int(0)];
    f.store.commit(Write::any(future, params)).await.unwrap();
    // One that programs like this can work with, as during a rolling upgrade.
    assert_eq!(f.store.pending_migrations().await.unwrap(), Vec::<&str>::new());
    f.store.probe(NOW).await.unwrap();
    // And one that they cannot.
    f.store.commit(Write::any("UPDATE schema_floor SET known = ?1", vec![Param::Int(9999)])).await.unwrap();
    let result = f.store.pending_migrations().await;
    assert!(matches!(result, Err(StoreError::Newer { found: 9999, .. })), "{result:?}");
    assert!(f.store.migrate(NOW, &*f.entropy).await.is_err());
}

/// Whoever else has an account on the machine cannot read the file.
#[cfg(unix)]
#[tokio::test]
async fn the_file_belongs_to_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    common::on_sqlite(|f| async move {
        f.store.commit(claim(&f, "a")).await.unwrap();
        let path = f.url.to_string();
        let path = path.strip_prefix("sqlite:").unwrap();
        for suffix in ["", "-wal", "-shm"] {
            let mode = std::fs::metadata(format!("{path}{suffix}")).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{suffix} {mode:o}");
        }
    })
    .await;
}

#[tokio::test]
async fn opening_does_not_migrate() {
    let store = Store::open(&vestibule_store::StoreUrl::Memory, &Options::default()).await.unwrap();
    assert_eq!(
        store.pending_migrations().await.unwrap(),
        [
            "0001_foundation",
            "0002_saml",
            "0003_events",
            "0004_oidc_readings",
            "0005_who_is_who",
            "0006_who_is_who_told",
            "0007_retention",
            "0008_used_messages",
            "0009_former_clients",
            "0010_retired_data_keys",
            "0011_operations",
            "0012_fewer_indexes",
            "0013_outbox",
            "0014_policy_versions",
            "0015_borrowed_connections",
            "0016_by_mail",
            "0017_second_factors",
            "0018_project_secrets",
            "0019_retired_emails",
            "0020_retired_emails_reserved",
            "0021_session_migrations",
            "0022_frontend_settings",
            "0023_what_organizations_are_called",
            "0024_organization_counts",
            "0025_organization_tails",
            "0026_named_connections",
            "0027_applications",
            "0028_arrivals",
            "0029_sign_in_grants",
            "0030_login_sessions",
            "0031_directories",
            "0032_setup_links",
            "0033_login_settings",
            "0035_directory_policies",
            "0037_domain_proofs",
            "0039_traces_found",
        ]
    );
    assert!(store.projects().await.is_err());
}

/// Several nodes start at once.
#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_migrate_at_once_agree() {
    let Some(base) = common::postgres_base() else { return };
    let name = common::database_name();
    common::admin(&base, &format!("CREATE DATABASE {name}")).await;
    let url = vestibule_store::StoreUrl::parse(&common::with_database(&base, &name)).unwrap();
    let all = Store::open(&url, &Options::default()).await.unwrap().pending_migrations().await.unwrap().len();
    assert!(all >= 7);
    let nodes: Vec<_> = (0..4)
        .map(|_| {
            let url = url.clone();
            tokio::spawn(async move {
                let store = Store::open(&url, &Options::default()).await?;
                Ok::<_, StoreError>(store.migrate(NOW, &Seeded::new(1)).await?.len())
            })
        })
        .collect();
    let mut applied = 0;
    for node in nodes {
        applied += node.await.unwrap().unwrap();
    }
    assert_eq!(applied, all);
    common::admin(&base, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
}

/// The server restarts, or somebody ends its connections.
#[tokio::test(flavor = "multi_thread")]
async fn lost_connections_are_opened_again() {
    let Some(base) = common::postgres_base() else { return };
    let work = move |f: Fixture| async move {
        for round in 0..3 {
            let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()";
            let url = f.url.to_string();
            let database = url.rsplit('/').next().unwrap();
            common::admin(&common::with_database(&base, database), others).await;
            assert_eq!(replay_count(&f.store).await, round);
            f.store.commit(claim(&f, &round.to_string())).await.unwrap();
        }
    };
    common::on_postgres(work).await;
}

/// A caller that hangs up neither undoes its batch nor leaves a transaction open.
#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_hangs_up_disturbs_nobody() {
    let work = |f: Fixture| async move {
        for round in 0..50_i64 {
            let commit = f.store.commit(claim(&f, &round.to_string()));
            drop(tokio::time::timeout(std::time::Duration::from_micros(50), commit).await);
        }
        f.store.commit(claim(&f, "last")).await.unwrap();
        let first = replay_count(&f.store).await;
        assert!((1..=51).contains(&first));
        f.store.commit(Write::any("DELETE FROM used_messages", Vec::new())).await.unwrap();
    };
    common::on_sqlite(work).await;
    common::on_postgres(work).await;
}
