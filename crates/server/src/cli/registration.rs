//! `vestibule registration`: how members are tied to subjects at connections, and the way back when somebody was made anew
//! at their identity provider.

use std::process::ExitCode;
use std::sync::Arc;

use vestibule_domain::connection::Way;
use vestibule_domain::event::EventKind;
use vestibule_domain::id::RegistrationId;
use vestibule_domain::identity::Registration;
use vestibule_domain::rbac::asks::FindMember;
use vestibule_domain::rbac::{Actor, Authority, builtin_policy};
use vestibule_store::tables::{connections, registrations};
use vestibule_store::{Store, StoreError};

use super::args::{RegisteredArgs, RegistrationCommand};
use super::audit::{OPERATOR, event_of_member};
use super::known::listed;
use super::open::{CliError, open, open_vault};
use super::out;
use super::run::{Tools, known_project, store};
use crate::world::config::StoreConfig;

pub(super) async fn run(command: RegistrationCommand, tools: Tools<'_>) -> Result<ExitCode, CliError> {
    match command {
        RegistrationCommand::List { member } => list(member).await?,
        RegistrationCommand::Release { member, registration_id } => {
            release(member, registration_id, tools).await?;
        }
        RegistrationCommand::Relink { member, registration_id, subject } => {
            relink(member, registration_id, &subject, tools).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(member: RegisteredArgs) -> Result<(), CliError> {
    let store = store((*member.config).clone()).await?;
    for one in registered(&store, &member).await? {
        let Registration { id, external_id, connection_id, last_login_at, key, .. } = one;
        out::answer(format_args!(
            "{id}  {external_id:?} at {connection_id} ({}), last on {last_login_at}",
            key.issuer
        ));
    }
    Ok(())
}

async fn release(member: RegisteredArgs, id: RegistrationId, tools: Tools<'_>) -> Result<(), CliError> {
    let store = store((*member.config).clone()).await?;
    let registration = one(&store, &member, id).await?;
    let event =
        event_of_member(&registration, EventKind::RegistrationReleased, &registration.external_id, tools);
    store.commit(registrations::release(&registration).with([event])).await.map_err(in_words)?;
    out::answer(format_args!("released {id}: the next sign-in with the member's address makes another"));
    Ok(())
}

async fn relink(
    member: RegisteredArgs,
    id: RegistrationId,
    subject: &str,
    tools: Tools<'_>,
) -> Result<(), CliError> {
    let config = StoreConfig::resolve(&(*member.config).clone().load()?)?;
    let store = open(&config.database).await?;
    let vault = open_vault(&store, &config, tools.entropy, tools.now).await?;
    let mut registration = one(&store, &member, id).await?;
    let (tenant, connection) = (registration.tenant(), registration.connection_id);
    let found = store.connection_of(&vault, tenant, connection).await?;
    let found = found.ok_or_else(|| CliError::Refused(format!("{connection} is gone")))?;
    let lent = store.lent(&vault, &found).await?;
    let way = Way::new(found, lent)?;
    let before = registration.external_id.clone();
    registration.relink(way.as_route(), subject)?;
    let event = event_of_member(&registration, EventKind::RegistrationRelinked, &before, tools);
    let held = connections::as_loaded(way.as_route());
    let batch = registrations::relink(&registration).with([event]).requires(held);
    store.commit(batch).await.map_err(in_words)?;
    out::answer(format_args!("{id} leads to {:?} now", registration.external_id));
    Ok(())
}

async fn registered(store: &Store, member: &RegisteredArgs) -> Result<Vec<Registration>, CliError> {
    let project = known_project(store, member.project_id).await?;
    // No right that is asked for here depends on what the project adds.
    let policy = Arc::new(builtin_policy());
    let authority = Authority::of_project(project.id, Actor::Operator(OPERATOR.to_owned()), policy);
    let grant = authority.project::<FindMember>()?;
    if store.member_anywhere(&grant, member.member_id).await?.is_none() {
        return Err(CliError::Refused(format!("the project has no member {}", member.member_id)));
    }
    Ok(store.registrations(project.id, member.member_id).await?)
}

async fn one(store: &Store, member: &RegisteredArgs, id: RegistrationId) -> Result<Registration, CliError> {
    let all = registered(store, member).await?;
    let known: Vec<_> = all.iter().map(|one| one.id).collect();
    all.into_iter().find(|one| one.id == id).ok_or_else(|| {
        CliError::Refused(format!("{} has no registration {id}; {}", member.member_id, listed(&known)))
    })
}

fn in_words(error: StoreError) -> CliError {
    let why = match &error {
        StoreError::Unique(index) if index == registrations::SUBJECT => {
            "another registration of the connection has this subject: release that first"
        }
        StoreError::Guard(registrations::EXISTS) => "the registration is gone",
        StoreError::Guard(connections::VERSION) => "the connection has changed meanwhile: try again",
        _ => return error.into(),
    };
    CliError::Refused(why.to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use vestibule_domain::Patch;
    use vestibule_domain::connection::{Connection, NewConnection, OidcPatch, ProviderLabel, UrlPolicy};
    use vestibule_domain::id::{
        ConnectionId, ConnectionKind, Environment, MemberId, OrganizationId, RegistrationId as Id,
    };
    use vestibule_domain::identity::Subject;
    use vestibule_domain::member::{Member, MemberDraft};
    use vestibule_domain::organization::{Organization, OrganizationPatch};
    use vestibule_domain::time::Time;
    use vestibule_store::tables::{members, organizations};
    use vestibule_store::{Batch, Vault};

    use super::*;
    use crate::cli::args::AdminCommand;
    use crate::cli::{Cli, Command, project};
    use crate::world::config::DatabaseConfig;
    use crate::world::entropy::SeededEntropy;

    const ISSUER: &str = "https://idp.test";

    /// A member who signed in as `sub-1`.
    async fn registered(store: &Store, vault: &Vault, tools: Tools<'_>) -> Registration {
        let (project, _) =
            project::create(store, "Acme", Environment::Test, (vault, "key".into()), tools).await.unwrap();
        let id = OrganizationId::generate(Environment::Test, tools.entropy);
        let patch = OrganizationPatch { name: Patch::Set("Acme".into()), ..OrganizationPatch::default() };
        let organization = Organization::create(id, project.id, patch, tools.now).unwrap();
        let new = NewConnection {
            id: ConnectionId::generate(ConnectionKind::Oidc, Environment::Test, tools.entropy),
            project_id: project.id,
            organization_id: id,
            display_name: "IdP",
            identity_provider: ProviderLabel::Generic,
        };
        let mut connection = Connection::new_oidc(&new, tools.now).unwrap();
        let issuer = OidcPatch { issuer: Patch::Set(ISSUER.into()), ..OidcPatch::default() };
        connection.apply_oidc(issuer, None, UrlPolicy::Https, tools.now).unwrap();
        let draft = MemberDraft { email_address: "ada@acme.test".into(), ..MemberDraft::default() };
        let member = MemberId::generate(Environment::Test, tools.entropy);
        let member = Member::create(member, organization.tenant(), draft, |_| false, tools.now).unwrap();
        let registration = Registration {
            id: Id::generate(ConnectionKind::Oidc, Environment::Test, tools.entropy),
            project_id: project.id,
            organization_id: id,
            member_id: member.id,
            connection_id: connection.id,
            external_id: "sub-1".into(),
            key: Subject::oidc(ISSUER, "sub-1".into()).key(),
            said: None,
            attributes: serde_json::Map::new(),
            groups: Vec::new(),
            created_at: tools.now,
            last_login_at: tools.now,
            arrivals: vestibule_domain::identity::Arrivals::default(),
        };
        let batch = Batch::from(organizations::insert(&organization)).with([
            connections::insert(&connection, vault, tools.entropy).unwrap(),
            members::insert(&member),
            registrations::insert(&registration),
        ]);
        store.commit(batch).await.unwrap();
        registration
    }

    #[tokio::test]
    async fn a_registration_is_listed_relinked_and_released() {
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path().to_str().unwrap();
        let entropy = SeededEntropy::new(1);
        let tools = Tools { now: Time::from_seconds(1_700_000_000), entropy: &entropy };
        let vestibule = async |line: String| {
            let with = format!("--database-url sqlite:{directory}/v.db --master-key-file {directory}/key");
            let line = format!("vestibule {line} {with}");
            let Command::Admin(command) = Cli::try_parse_from(line.split(' ')).unwrap().command else {
                panic!("{line}");
            };
            match command {
                AdminCommand::Registration { command } => run(command, tools).await.map(drop),
                other => {
                    assert_eq!(crate::cli::run(other, tools).await, ExitCode::SUCCESS);
                    Ok(())
                }
            }
        };
        let key = crate::cli::keys::new_master_key(&entropy);
        std::fs::write(format!("{directory}/key"), key.expose()).unwrap();
        vestibule("migrate".to_owned()).await.unwrap();
        let config = StoreConfig {
            database: DatabaseConfig::at(format!("sqlite:{directory}/v.db")),
            master_key: key,
            master_key_previous: None,
        };
        let store = open(&config.database).await.unwrap();
        let vault = open_vault(&store, &config, &entropy, tools.now).await.unwrap();
        let known = registered(&store, &vault, tools).await;
        let whose = format!("{} {}", known.project_id, known.member_id);

        vestibule(format!("registration list {whose}")).await.unwrap();
        vestibule(format!("registration relink {whose} {} sub-2", known.id)).await.unwrap();
        let now = async || store.registrations(known.project_id, known.member_id).await.unwrap();
        assert_eq!(now().await[0].key, Subject::oidc(ISSUER, "sub-2".into()).key());
        vestibule(format!("registration release {whose} {}", known.id)).await.unwrap();
        assert!(now().await.is_empty());
        let again = vestibule(format!("registration release {whose} {}", known.id)).await;
        assert!(again.unwrap_err().to_string().contains("no registration"));
    }
}
