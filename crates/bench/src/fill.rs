//! Fills a store with organizations, each with an active connection, with members and with sessions, past the server:
//! through the API it would take longer than everything else here together.

use std::fmt;
use std::fs;
use std::path::Path;

use vestibule_domain::Patch;
use vestibule_domain::Time;
use vestibule_domain::connection::{Connection, NewConnection, OidcPatch, ProviderLabel, UrlPolicy};
use vestibule_domain::entropy::Entropy;
use vestibule_domain::id::{
    ConnectionId, ConnectionKind, Environment, MemberId, OrganizationId, ProjectId, RegistrationId, SessionId,
};
use vestibule_domain::member::{Member, MemberDraft};
use vestibule_domain::organization::{Organization, OrganizationPatch};
use vestibule_domain::secret::{Secret, Token};
use vestibule_domain::session::{Factor, FactorKind, Session, SessionDuration, SsoProtocol};
use vestibule_store::tables::{connections, members, organizations, sessions};
use vestibule_store::{Batch, MasterKey, MasterKeys, Options, Store, StoreUrl, Vault};

use crate::process::Binary;
use crate::provider::random;
use crate::{Result, clock, note};

/// Rows that are kept with one sync. More take longer: SQLite goes through what it has noted of a batch at each of its statements.
const TOGETHER: usize = 500;
/// Batches that are under way at once, where the store takes several.
const AT_ONCE: usize = 8;
/// What `vestibule dev` calls its files.
pub(crate) const DATABASE_FILE: &str = "vestibule.db";
const MASTER_KEY_FILE: &str = "master.key";

struct System;

impl Entropy for System {
    fn fill(&self, out: &mut [u8]) {
        random(out);
    }
}

/// How much is put in. Members are spread over the organizations, sessions over the members.
#[derive(Clone, Copy)]
pub(crate) struct Filling {
    pub(crate) organizations: usize,
    pub(crate) members: usize,
    pub(crate) sessions: usize,
}

impl Filling {
    /// Organizations with so many members each, of whom nobody is signed in.
    pub(crate) const fn of(organizations: usize, members_each: usize) -> Self {
        Self { organizations, members: organizations * members_each, sessions: 0 }
    }
}

impl fmt::Display for Filling {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} organizations", self.organizations)?;
        if self.members > 0 {
            write!(out, ", {} members", self.members)?;
        }
        if self.sessions > 0 {
            write!(out, ", {} sessions", self.sessions)?;
        }
        Ok(())
    }
}

/// Lets a server prepare its data directory and perhaps a database, and fills its project.
pub(crate) async fn fill(
    binary: &Binary,
    data_dir: &Path,
    database: Option<&str>,
    filling: Filling,
) -> Result<()> {
    note(&format!("filling a store with {filling}"));
    let server = binary.start_on(data_dir, database).await?;
    let project: ProjectId =
        server.project_id.parse().map_err(|_| "the ready file names no project".to_owned())?;
    server.stop().await?;
    let key = MasterKey::parse(fs::read_to_string(data_dir.join(MASTER_KEY_FILE))?.trim())?;
    let embedded = format!("sqlite:{}", data_dir.join(DATABASE_FILE).display());
    let url = StoreUrl::parse(database.unwrap_or(&embedded))?;
    let now = Time::from_millis(i64::try_from(clock::since_epoch().as_millis())?);
    let store = Store::open(&url, &Options::default()).await?;
    let vault = Vault::open(&store, MasterKeys { current: key, previous: None }, &System, now).await?;
    let mut keeper = Keeper { store, under_way: tokio::task::JoinSet::new() };
    let mut batch = Batch::new();
    let mut rows = 0;
    for number in 0..filling.organizations {
        let organization = organization(project, number, now)?;
        let connection = connection(&organization, number, now)?;
        batch.extend(organizations::insert(&organization));
        batch.push(connections::insert(&connection, &vault, &System)?);
        rows += 2;
        let sessions = share(filling.sessions, number, filling.organizations);
        let people = share(filling.members, number, filling.organizations);
        for person in 0..people {
            let member = member(&organization, person, now)?;
            batch.push(members::insert(&member));
            rows += 1;
            for _ in 0..share(sessions, person, people) {
                batch.push(sessions::insert(&session(&member, &connection, now)?, &vault, &System)?);
                rows += 1;
            }
        }
        if rows >= TOGETHER {
            rows = 0;
            keeper.keep(std::mem::take(&mut batch)).await?;
        }
    }
    keeper.keep(batch).await?;
    keeper.finish().await
}

/// How many of `all` things fall to `number` of `among`.
const fn share(all: usize, number: usize, among: usize) -> usize {
    if among == 0 {
        return 0;
    }
    all / among + (number < all % among) as usize
}

/// Keeps batches, several at once.
struct Keeper {
    store: Store,
    under_way: tokio::task::JoinSet<Result<()>>,
}

impl Keeper {
    async fn keep(&mut self, batch: Batch) -> Result<()> {
        if self.under_way.len() >= AT_ONCE
            && let Some(kept) = self.under_way.join_next().await
        {
            kept??;
        }
        let store = self.store.clone();
        self.under_way.spawn(async move { Ok(store.commit(batch).await?) });
        Ok(())
    }

    async fn finish(mut self) -> Result<()> {
        while let Some(kept) = self.under_way.join_next().await {
            kept??;
        }
        Ok(())
    }
}

fn member(organization: &Organization, number: usize, now: Time) -> Result<Member> {
    let draft = MemberDraft {
        email_address: format!("filled-{number}@bench.example"),
        name: format!("Filled {number}"),
        ..MemberDraft::default()
    };
    let id = MemberId::generate(Environment::Test, &System);
    let tenant = organization.tenant();
    Member::create(id, tenant, draft, |_| false, now).map_err(|refusal| refusal.to_string().into())
}

fn session(member: &Member, connection: &Connection, now: Time) -> Result<Session> {
    let factor = Factor {
        kind: FactorKind::Sso {
            protocol: SsoProtocol::Oidc,
            registration_id: RegistrationId::generate(ConnectionKind::Oidc, Environment::Test, &System),
            connection_id: connection.id,
            external_id: member.id.to_string(),
        },
        created_at: now,
        last_authenticated_at: now,
        valid_until: None,
    };
    let duration = SessionDuration::minutes(600).map_err(|refusal| refusal.to_string())?;
    let id = SessionId::generate_at(Environment::Test, now, &System);
    Ok(Session::start(id, member, &Token::generate(&System), vec![factor], duration, now))
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

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn shares_add_up() {
        for (all, among) in [(10, 3), (0, 4), (3, 5), (100, 1), (7, 0)] {
            let sum: usize = (0..among).map(|number| share(all, number, among)).sum();
            assert_eq!(sum, if among == 0 { 0 } else { all });
        }
    }
}
