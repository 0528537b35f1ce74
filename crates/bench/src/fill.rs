//! Fills a store with organizations, each with an active connection, past the server: through the API it would
//! take longer than everything else here together.

use std::fs;
use std::path::Path;

use vestibule_domain::Patch;
use vestibule_domain::Time;
use vestibule_domain::connection::{Connection, NewConnection, OidcPatch, ProviderLabel, UrlPolicy};
use vestibule_domain::entropy::Entropy;
use vestibule_domain::id::{ConnectionId, ConnectionKind, Environment, OrganizationId, ProjectId};
use vestibule_domain::organization::{Organization, OrganizationPatch};
use vestibule_domain::secret::Secret;
use vestibule_store::tables::{connections, organizations};
use vestibule_store::{Batch, MasterKey, MasterKeys, Options, Store, StoreUrl, Vault};

use crate::process::Binary;
use crate::provider::random;
use crate::{Result, clock, note};

/// Organizations that are kept with one sync.
const TOGETHER: usize = 500;
/// What `vestibule dev` calls its files.
const DATABASE_FILE: &str = "vestibule.db";
const MASTER_KEY_FILE: &str = "master.key";

struct System;

impl Entropy for System {
    fn fill(&self, out: &mut [u8]) {
        random(out);
    }
}

/// Lets a server prepare its data directory, and adds `count` organizations to its project.
pub(crate) async fn fill(binary: &Binary, data_dir: &Path, count: usize) -> Result<()> {
    note(&format!("filling a store with {count} organizations"));
    let server = binary.start(data_dir).await?;
    let project: ProjectId =
        server.project_id.parse().map_err(|_| "the ready file names no project".to_owned())?;
    server.stop().await?;
    let key = MasterKey::parse(fs::read_to_string(data_dir.join(MASTER_KEY_FILE))?.trim())?;
    let url = StoreUrl::parse(&format!("sqlite:{}", data_dir.join(DATABASE_FILE).display()))?;
    let now = Time::from_millis(i64::try_from(clock::since_epoch().as_millis())?);
    let store = Store::open(&url, &Options::default()).await?;
    let vault = Vault::open(&store, MasterKeys { current: key, previous: None }, &System, now).await?;
    let mut batch = Batch::new();
    for number in 0..count {
        let organization = organization(project, number, now)?;
        batch.extend(organizations::insert(&organization));
        batch.push(connections::insert(&connection(&organization, number, now)?, &vault, &System)?);
        if number % TOGETHER == TOGETHER - 1 {
            store.commit(std::mem::take(&mut batch)).await?;
        }
    }
    Ok(store.commit(batch).await?)
}

fn organization(project: ProjectId, number: usize, now: Time) -> Result<Organization> {
    let patch = OrganizationPatch {
        name: Patch::Set(format!("Filled {number}")),
        slug: Patch::Set(format!("filled-{number}")),
        ..OrganizationPatch::default()
    };
    let id = OrganizationId::generate(Environment::Test, &System);
    Organization::create(id, project, patch, now).map_err(|refusal| refusal.to_string().into())
}

fn connection(organization: &Organization, number: usize, now: Time) -> Result<Connection> {
    let id = ConnectionId::generate(ConnectionKind::Oidc, Environment::Test, &System);
    let (project, owner) = (organization.project_id, organization.id);
    let refused = |refusal: vestibule_domain::Refusal| refusal.to_string();
    let mut connection = Connection::new_oidc(
        &NewConnection {
            id,
            project_id: project,
            organization_id: owner,
            display_name: "Filled",
            identity_provider: ProviderLabel::Okta,
        },
        now,
    )
    .map_err(refused)?;
    let issuer = format!("https://idp-{number}.bench.example");
    let url = |path: &str| Patch::Set(format!("{issuer}{path}"));
    let patch = OidcPatch {
        client_id: Patch::Set(format!("client-{number}")),
        client_secret: Patch::Set(Secret::new(format!("secret-{number}"))),
        authorization_url: url("/authorize"),
        token_url: url("/token"),
        userinfo_url: url("/userinfo"),
        jwks_url: url("/jwks"),
        issuer: Patch::Set(issuer.clone()),
        ..OidcPatch::default()
    };
    connection.apply_oidc(patch, None, UrlPolicy::Https, now).map_err(refused)?;
    Ok(connection)
}
