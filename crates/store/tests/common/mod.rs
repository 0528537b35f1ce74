//! What every store test needs: both engines, a project, and chance that can be replayed.
//!
//! PostgreSQL comes from `VESTIBULE_TEST_POSTGRES`, a URL of a server where databases may be made; each test
//! makes one of its own and drops it. Without it those tests are skipped, unless `CI` or
//! `VESTIBULE_REQUIRE_POSTGRES` says that they must not be.

#![expect(clippy::disallowed_methods, reason = "tests are configured by environment variables")]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop, and one that is skipped should say so"
)]
#![allow(dead_code, unused_macros, unused_imports, reason = "each test binary uses its own part")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use vestibule_domain::Patch;
use vestibule_domain::Time;
use vestibule_domain::entropy::Entropy;
use vestibule_domain::id::{Environment, OrganizationId};
use vestibule_domain::organization::{Organization, OrganizationPatch};
use vestibule_domain::project::Project;
use vestibule_store::tables::{organizations, projects};
use vestibule_store::{Batch, MasterKey, MasterKeys, Options, Store, StoreUrl, Vault};

/// The instant at which every test begins.
pub(crate) const NOW: Time = Time::from_millis(1_700_000_000_000);

/// Chance that can be replayed.
pub(crate) struct Seeded(AtomicU64);

impl Seeded {
    pub(crate) fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }
}

impl Entropy for Seeded {
    fn fill(&self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            let mut z = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes()[..chunk.len()]);
        }
    }
}

/// A migrated store on one engine, with one project.
#[derive(Clone)]
pub(crate) struct Fixture {
    pub(crate) store: Store,
    pub(crate) vault: Arc<Vault>,
    pub(crate) entropy: Arc<Seeded>,
    pub(crate) project: Project,
    pub(crate) url: StoreUrl,
}

impl Fixture {
    async fn new(url: StoreUrl) -> Self {
        let store = Store::open(&url, &Options::default()).await.unwrap();
        let entropy = Arc::new(Seeded::new(1));
        store.migrate(NOW, &*entropy).await.unwrap();
        let vault = Vault::open(&store, MasterKeys::only(master(1)), &*entropy, NOW).await.unwrap();
        let project = Project::new("Acme".into(), Environment::Test, NOW, &*entropy);
        let fixture = Self { store, vault: Arc::new(vault), entropy, project, url };
        fixture.add_project(&fixture.project).await;
        fixture
    }

    /// Keeps another project with its home organization.
    pub(crate) async fn add_project(&self, project: &Project) {
        let home = Organization::home(project.home_organization, project.id, NOW);
        let batch = Batch::from(projects::insert(project)).with(organizations::insert_home(&home));
        self.store.commit(batch).await.unwrap();
    }

    /// An organization that is not kept yet.
    pub(crate) fn organization(&self, name: &str) -> Organization {
        let id = OrganizationId::generate(Environment::Test, &*self.entropy);
        let slug = Patch::Set(name.to_lowercase().replace(' ', "-"));
        let patch = OrganizationPatch { name: Patch::Set(name.into()), slug, ..OrganizationPatch::default() };
        Organization::create(id, self.project.id, patch, NOW).unwrap()
    }

    /// An organization that is kept.
    pub(crate) async fn kept_organization(&self, name: &str) -> Organization {
        let organization = self.organization(name);
        self.store.commit(organizations::insert(&organization)).await.unwrap();
        organization
    }
}

/// A master key made of one byte.
pub(crate) fn master(byte: u8) -> MasterKey {
    MasterKey::from_bytes([byte; 32])
}

/// Runs a test on an SQLite file.
pub(crate) async fn on_sqlite<F>(test: impl FnOnce(Fixture) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let directory = tempfile::tempdir().unwrap();
    let url = StoreUrl::Sqlite(directory.path().join("v.db"));
    test(Fixture::new(url).await).await;
}

/// Runs a test on a PostgreSQL database of its own, if there is a server.
pub(crate) async fn on_postgres<F>(test: impl FnOnce(Fixture) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let Some(base) = postgres_base() else { return };
    let name = database_name();
    admin(&base, &format!("CREATE DATABASE {name}")).await;
    let url = StoreUrl::parse(&with_database(&base, &name)).unwrap();
    let work = test(Fixture::new(url).await);
    let result = tokio::spawn(work).await;
    admin(&base, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
    if let Err(error) = result {
        std::panic::resume_unwind(error.into_panic());
    }
}

/// The server to test on; `None` skips the test.
pub(crate) fn postgres_base() -> Option<String> {
    let base = std::env::var("VESTIBULE_TEST_POSTGRES").ok().filter(|base| !base.is_empty());
    if base.is_none() {
        let required = ["CI", "VESTIBULE_REQUIRE_POSTGRES"].iter().any(|name| std::env::var(name).is_ok());
        assert!(!required, "VESTIBULE_TEST_POSTGRES is not set, but this run requires PostgreSQL");
        eprintln!("skipped on PostgreSQL: VESTIBULE_TEST_POSTGRES is not set");
    }
    base
}

pub(crate) fn database_name() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("vestibule_test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

pub(crate) async fn admin(base: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(base, tokio_postgres::NoTls).await.unwrap();
    let driver = tokio::spawn(connection);
    client.batch_execute(sql).await.unwrap();
    drop(client);
    driver.await.unwrap().unwrap();
}

/// The same URL with another database.
pub(crate) fn with_database(base: &str, name: &str) -> String {
    let (address, query) =
        base.split_once('?').map_or((base, None), |(address, query)| (address, Some(query)));
    let (scheme, rest) = address.split_once("://").unwrap();
    let authority = rest.split('/').next().unwrap();
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    format!("{scheme}://{authority}/{name}{query}")
}

/// Makes two tests out of each `async fn(Fixture)`.
macro_rules! on_both_engines {
    ($($test:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() { crate::common::on_sqlite(super::$test).await; })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() { crate::common::on_postgres(super::$test).await; })*
        }
    };
}
pub(crate) use on_both_engines;
