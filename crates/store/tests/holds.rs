//! What a batch relies on is held: of two batches that exclude each other never both leave their effect, on both
//! engines, and nobody is told anything but what happened.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{Fixture, NOW, on_both_engines};
use tokio::sync::Barrier;
use tokio::task::JoinHandle;
use vestibule_domain::Tenant;
use vestibule_domain::connection::{Connection, NewConnection, ProviderLabel};
use vestibule_domain::id::{
    ConnectionId, ConnectionKind, Environment, MemberId, OrganizationId, ProjectId, RegistrationId, SessionId,
};
use vestibule_domain::identity::{Registration, Subject};
use vestibule_domain::member::{Member, MemberDraft};
use vestibule_domain::organization::Organization;
use vestibule_domain::secret::Token;
use vestibule_domain::session::{Factor, FactorKind, Session, SessionDuration, SsoProtocol};
use vestibule_store::tables::{
    connections, members, organizations, registrations, replays, sessions, sign_outs,
};
use vestibule_store::{Batch, Guard, Hold, Read, Store, StoreError, StoreUrl, Write};

on_both_engines!(
    a_hold_refuses_what_is_gone_or_has_moved,
    a_hold_refuses_what_others_have_claimed_meanwhile,
    the_first_hold_in_order_is_reported_then_the_first_write,
    a_write_reports_its_own_guard_beside_holds,
    a_missed_hold_keeps_nothing,
    sessions_beside_the_deletion_of_their_connection,
    sessions_beside_the_deletion_of_their_member,
    sessions_beside_the_deletion_of_their_organization,
    members_beside_the_deletion_of_their_organization,
    a_default_connection_beside_its_deletion,
    of_fifty_who_make_a_connection_as_many_succeed_as_may,
    everything_at_once,
);

const ENV: Environment = Environment::Test;
const ROUNDS: usize = 40;

/// An organization with a connection and a member who is registered there.
#[derive(Clone)]
struct House {
    organization: Organization,
    connection: Connection,
    member: Member,
    registration: Registration,
}

impl House {
    async fn new(f: &Fixture, name: &str) -> Self {
        let organization = f.kept_organization(name).await;
        let connection = connection(f, organization.id);
        let member = member(f, organization.id, "ada@acme.test");
        let registration = registration(f, &member, connection.id);
        let batch = Batch::new().with([
            connections::insert(&connection, &f.vault, &*f.entropy).unwrap(),
            members::insert(&member),
            registrations::insert(&registration),
        ]);
        f.store.commit(batch).await.unwrap();
        Self { organization, connection, member, registration }
    }

    fn ids(&self) -> (ProjectId, OrganizationId, ConnectionId, MemberId) {
        (self.organization.project_id, self.organization.id, self.connection.id, self.member.id)
    }

    /// What the redemption of a token does.
    fn sign_in(&self, f: &Fixture) -> Batch {
        let (project, organization, connection, member) = self.ids();
        let session = session(f, &self.member, &self.registration);
        Batch::new()
            .with([sessions::insert(&session, &f.vault, &*f.entropy).unwrap()])
            .requires([
                registrations::stands(project, self.registration.id),
                members::stands(Tenant::stored(project, organization), member),
                connections::stands(Tenant::stored(project, organization), connection),
            ])
            .requires(organizations::stands(Tenant::stored(project, organization)))
    }

    /// A person who signs in for the first time.
    fn first_sign_in(&self, f: &Fixture, email: &str) -> Batch {
        let (project, organization, connection, _) = self.ids();
        let new = member(f, organization, email);
        let registered = registration(f, &new, connection);
        Batch::new()
            .with([members::insert(&new), registrations::insert(&registered)])
            .requires([connections::stands(Tenant::stored(project, organization), connection)])
            .requires(organizations::stands(Tenant::stored(project, organization)))
    }

    /// Decided on the organization as it was: the connection is not its default.
    fn delete_connection(&self) -> Batch {
        let (project, organization, connection, _) = self.ids();
        Batch::new()
            .with(sign_outs::of_connection(Tenant::stored(project, organization), connection))
            .with([
                registrations::delete_of_connection(project, connection),
                connections::delete(Tenant::stored(project, organization), connection, NOW),
            ])
            .requires(organizations::at_version(
                Tenant::stored(project, organization),
                self.organization.version,
            ))
    }

    fn delete_member(&self) -> Batch {
        let mut member = self.member.clone();
        member.delete(NOW);
        Batch::from(sign_outs::of_member(member.project_id, member.id)).with([
            registrations::delete_of_member(member.project_id, member.id),
            members::update(&member, self.member.version),
        ])
    }

    fn delete_organization(&self) -> Batch {
        organizations::delete(self.organization.tenant())
    }

    /// The connection becomes the organization's default.
    fn set_default(&self) -> Batch {
        let (project, organization, connection, _) = self.ids();
        let mut changed = self.organization.clone();
        changed.policy.sso_default_connection_id = Some(connection);
        changed.version += 1;
        Batch::from(organizations::update(&changed, self.organization.version))
            .requires([connections::stands(Tenant::stored(project, organization), connection)])
    }

    async fn living(&self, f: &Fixture, table: &str) -> i64 {
        let (sql, id) = match table {
            "sessions" => ("SELECT 'n', COUNT(*) FROM sessions WHERE organization_id = ?1", ""),
            "identities" => ("SELECT 'n', COUNT(*) FROM identities WHERE organization_id = ?1", ""),
            "members" => {
                ("SELECT 'n', COUNT(*) FROM members WHERE organization_id = ?1 AND status <> ?2", "deleted")
            }
            _ => (
                "SELECT 'n', COUNT(*) FROM connections WHERE organization_id = ?1 AND deleted_at IS NULL",
                "",
            ),
        };
        let mut params = vec![self.organization.id.to_string().into()];
        params.extend(Some(id).filter(|id| !id.is_empty()).map(Into::into));
        f.store.query_opt(Read::new("count", sql, params), |row| row.int(1)).await.unwrap().unwrap()
    }
}

fn connection(f: &Fixture, organization: OrganizationId) -> Connection {
    let id = ConnectionId::generate(ConnectionKind::Oidc, ENV, &*f.entropy);
    let new = NewConnection {
        id,
        project_id: f.project.id,
        organization_id: organization,
        display_name: "Okta",
        identity_provider: ProviderLabel::Okta,
    };
    Connection::new_oidc(&new, NOW).unwrap()
}

fn member(f: &Fixture, organization: OrganizationId, email: &str) -> Member {
    let draft = MemberDraft { email_address: email.into(), ..MemberDraft::default() };
    let id = MemberId::generate(ENV, &*f.entropy);
    Member::create(id, Tenant::stored(f.project.id, organization), draft, |_| true, NOW).unwrap()
}

fn registration(f: &Fixture, member: &Member, connection: ConnectionId) -> Registration {
    Registration {
        id: RegistrationId::generate(ConnectionKind::Oidc, ENV, &*f.entropy),
        project_id: member.project_id,
        organization_id: member.organization_id,
        member_id: member.id,
        connection_id: connection,
        external_id: member.email.to_string(),
        key: Subject::oidc("https://idp.test", member.email.to_string()).key(),
        said: None,
        attributes: serde_json::Map::new(),
        groups: Vec::new(),
        created_at: NOW,
        last_login_at: NOW,
        arrivals: vestibule_domain::identity::Arrivals::default(),
    }
}

fn session(f: &Fixture, member: &Member, registration: &Registration) -> Session {
    let kind = FactorKind::Sso {
        protocol: SsoProtocol::Oidc,
        registration_id: registration.id,
        connection_id: registration.connection_id,
        external_id: registration.external_id.clone(),
    };
    let factor = Factor { kind, created_at: NOW, last_authenticated_at: NOW, valid_until: None };
    let id = SessionId::generate(ENV, &*f.entropy);
    Session::start(id, member, &Token::generate(&*f.entropy), vec![factor], SessionDuration::DEFAULT, NOW)
}

/// Commits all batches at once and gives their answers in the same order.
async fn race(store: &Store, batches: Vec<Batch>) -> Vec<Result<(), StoreError>> {
    let start = Arc::new(Barrier::new(batches.len()));
    let tasks: Vec<JoinHandle<_>> = batches
        .into_iter()
        .map(|batch| {
            let (store, start) = (store.clone(), Arc::clone(&start));
            tokio::spawn(async move {
                start.wait().await;
                store.commit(batch).await
            })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}

/// Runs rounds of a race between `others` of a house and a deletion in it, which always succeeds. The deletion
/// starts in another place each round.
async fn rounds(
    f: &Fixture,
    others: impl Fn(&House) -> Vec<Batch>,
    deletion: impl Fn(&House) -> Batch,
    refusals: &[StoreError],
) -> Vec<House> {
    let mut houses = Vec::new();
    for round in 0..ROUNDS {
        let house = House::new(f, &format!("House {round}")).await;
        let mut batches = others(&house);
        let place = round % (batches.len() + 1);
        batches.insert(place, deletion(&house));
        let mut answers = race(&f.store, batches).await;
        assert_eq!(answers.remove(place), Ok(()), "the deletion of round {round}");
        for answer in answers {
            let expected = answer.as_ref().err().is_none_or(|error| refusals.contains(error));
            assert!(expected, "round {round}: {answer:?}");
        }
        houses.push(house);
    }
    houses
}

/// Closes the store and asks PostgreSQL how often a batch was given up for another one: the driver tries such a
/// batch again, so that nothing else shows it.
async fn no_deadlocks(f: Fixture) {
    let StoreUrl::Postgres(url) = f.url.clone() else { return };
    drop(f);
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    let driver = tokio::spawn(connection);
    let count = async |sql: &str| -> i64 { client.query_one(sql, &[]).await.unwrap().get(0) };
    // A connection adds what it has counted when it ends.
    let others = "SELECT COUNT(*) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()";
    while count(others).await > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(count(deadlocks).await, 0, "deadlocks");
    drop(client);
    driver.await.unwrap().unwrap();
}

fn guard(guard: Guard) -> Result<(), StoreError> {
    Err(StoreError::Guard(guard))
}

async fn requires(f: &Fixture, hold: impl IntoIterator<Item = Hold>) -> Result<(), StoreError> {
    f.store.commit(Batch::new().requires(hold)).await
}

async fn a_hold_refuses_what_others_have_claimed_meanwhile(f: Fixture) {
    let (acme, project) = (f.kept_organization("Acme").await.tenant(), f.project.id);
    let unclaimed = |domain: &str| [organizations::unclaimed(acme, domain)];
    assert_eq!(requires(&f, unclaimed("beta.test")).await, Ok(()));
    let mut beta = f.organization("Beta");
    beta.policy.claimed_email_domains = vec!["beta.test".to_owned()];
    beta.policy.email_allowed_domains = vec!["shared.test".to_owned()];
    f.store.commit(organizations::insert(&beta)).await.unwrap();
    assert_eq!(requires(&f, unclaimed("Beta.test")).await, guard(organizations::CLAIMED));
    assert_eq!(requires(&f, unclaimed("shared.test")).await, Ok(()));
    assert_eq!(requires(&f, [organizations::unclaimed(beta.tenant(), "beta.test")]).await, Ok(()));

    let unused = |message: &str| [replays::unused(project, "https://idp.test", message)];
    assert_eq!(requires(&f, unused("m")).await, Ok(()));
    f.store.commit(vec![replays::claim(project, "https://idp.test", "m", NOW)]).await.unwrap();
    assert_eq!(requires(&f, unused("m")).await, guard(replays::UNUSED));
    assert_eq!(requires(&f, unused("n")).await, Ok(()));
}

async fn a_hold_refuses_what_is_gone_or_has_moved(f: Fixture) {
    let house = House::new(&f, "Acme").await;
    let beta = f.kept_organization("Beta").await.tenant();
    let (project, _, okta, ada) = house.ids();
    let acme = house.organization.tenant();
    let first = house.organization.version;
    let all = || {
        [
            (organizations::stands(acme), organizations::EXISTS),
            ([organizations::serialised(acme)], organizations::EXISTS),
            (organizations::at_version(acme, first), organizations::VERSION),
            ([connections::stands(acme, okta)], connections::EXISTS),
            ([connections::at_version(acme, okta, house.connection.version)], connections::VERSION),
            ([members::stands(acme, ada)], members::EXISTS),
            ([members::acts(acme, ada)], members::ACTS),
            ([members::at_version(acme, ada, house.member.version)], members::VERSION),
            ([registrations::stands(project, house.registration.id)], registrations::EXISTS),
        ]
    };
    for (hold, missed) in all() {
        assert_eq!(requires(&f, hold).await, Ok(()), "{missed:?}");
    }
    assert_eq!(requires(&f, connections::room(acme, 2)).await, Ok(()));
    assert_eq!(requires(&f, connections::room(acme, 1)).await, guard(connections::ROOM));

    // What another organization has is not there.
    assert_eq!(requires(&f, [connections::stands(beta, okta)]).await, guard(connections::EXISTS));
    assert_eq!(requires(&f, [members::stands(beta, ada)]).await, guard(members::EXISTS));

    f.store.commit(house.set_default()).await.unwrap();
    assert_eq!(requires(&f, organizations::at_version(acme, first)).await, guard(organizations::VERSION));
    f.store.commit(connections::delete(acme, okta, NOW)).await.unwrap();
    f.store.commit(house.delete_member()).await.unwrap();
    let deleted = members::at_version(acme, ada, house.member.version + 1);
    assert_eq!(requires(&f, [deleted]).await, Ok(()), "a deleted member has a version too");
    assert_eq!(requires(&f, connections::room(acme, 1)).await, Ok(()), "deleted ones take no room");
    f.store.commit(house.delete_organization()).await.unwrap();
    for (hold, missed) in all() {
        assert_eq!(requires(&f, hold).await, guard(missed));
    }
    assert_eq!(requires(&f, connections::room(acme, 1)).await, guard(organizations::EXISTS));
}

/// The row that a write changes is locked like a hold, but whether it is there is the write's question.
async fn a_write_reports_its_own_guard_beside_holds(f: Fixture) {
    let house = House::new(&f, "Acme").await;
    let acme = house.organization.tenant();
    f.store.commit(house.delete_connection()).await.unwrap();
    let update = connections::update(&house.connection, 1, &f.vault, &*f.entropy).unwrap();
    let batch = Batch::from(update).requires(organizations::stands(acme));
    assert_eq!(f.store.commit(batch).await, guard(connections::VERSION));
}

async fn the_first_hold_in_order_is_reported_then_the_first_write(f: Fixture) {
    let house = House::new(&f, "Acme").await;
    let (project, acme, okta, ada) = house.ids();
    let stale = members::update(&house.member, house.member.version + 7);
    let (no_member, no_connection) = (MemberId::generate(ENV, &*f.entropy), connection(&f, acme).id);
    let holds = [
        members::stands(Tenant::stored(project, acme), no_member),
        members::stands(Tenant::stored(project, acme), ada),
        connections::stands(Tenant::stored(project, acme), okta),
        connections::stands(Tenant::stored(project, acme), no_connection),
    ];
    let stands = || organizations::stands(Tenant::stored(project, acme));
    let batch = Batch::from(stale.clone()).requires(holds).requires(stands());
    assert_eq!(f.store.commit(batch).await, guard(connections::EXISTS));
    let batch = Batch::from(stale).requires(organizations::stands(Tenant::stored(project, acme)));
    assert_eq!(f.store.commit(batch).await, guard(members::VERSION));
}

async fn a_missed_hold_keeps_nothing(f: Fixture) {
    let house = House::new(&f, "Acme").await;
    f.store.commit(house.delete_connection()).await.unwrap();
    assert_eq!(f.store.commit(house.sign_in(&f)).await, guard(connections::EXISTS));
    assert_eq!(f.store.commit(house.first_sign_in(&f, "new@acme.test")).await, guard(connections::EXISTS));
    assert_eq!((house.living(&f, "sessions").await, house.living(&f, "members").await), (0, 1));
}

async fn sessions_beside_the_deletion_of_their_connection(f: Fixture) {
    let others = |house: &House| (0..6).map(|_| house.sign_in(&f)).collect();
    let refusals = [StoreError::Guard(connections::EXISTS), StoreError::Guard(registrations::EXISTS)];
    for house in rounds(&f, others, House::delete_connection, &refusals).await {
        assert_eq!((house.living(&f, "sessions").await, house.living(&f, "identities").await), (0, 0));
        assert_eq!(house.living(&f, "connections").await, 0);
    }
    no_deadlocks(f).await;
}

async fn sessions_beside_the_deletion_of_their_member(f: Fixture) {
    let others = |house: &House| (0..6).map(|_| house.sign_in(&f)).collect();
    let refusals = [StoreError::Guard(members::EXISTS)];
    for house in rounds(&f, others, House::delete_member, &refusals).await {
        assert_eq!((house.living(&f, "sessions").await, house.living(&f, "identities").await), (0, 0));
        assert_eq!(house.living(&f, "members").await, 0);
    }
    no_deadlocks(f).await;
}

async fn sessions_beside_the_deletion_of_their_organization(f: Fixture) {
    // Some hold nothing: the foreign key alone stands against them.
    let unheld = |house: &House| {
        let session = session(&f, &house.member, &house.registration);
        Batch::from(sessions::insert(&session, &f.vault, &*f.entropy).unwrap())
    };
    let others = |house: &House| {
        let held = (0..4).map(|_| house.sign_in(&f));
        held.chain([unheld(house), unheld(house)]).collect()
    };
    let refusals = [StoreError::Guard(organizations::EXISTS), StoreError::Reference];
    for house in rounds(&f, others, House::delete_organization, &refusals).await {
        assert_eq!((house.living(&f, "sessions").await, house.living(&f, "members").await), (0, 0));
    }
    no_deadlocks(f).await;
}

async fn members_beside_the_deletion_of_their_organization(f: Fixture) {
    let others = |house: &House| {
        let (project, organization, ..) = house.ids();
        let insert = |number| members::insert(&member(&f, organization, &format!("{number}@acme.test")));
        let unheld = (0..3).map(|number| Batch::from(insert(number)));
        let held = (3..6).map(|number| {
            Batch::from(insert(number)).requires(organizations::stands(Tenant::stored(project, organization)))
        });
        unheld.chain(held).chain([house.first_sign_in(&f, "new@acme.test")]).collect()
    };
    let refusals = [StoreError::Guard(organizations::EXISTS), StoreError::Reference];
    for house in rounds(&f, others, House::delete_organization, &refusals).await {
        assert_eq!((house.living(&f, "members").await, house.living(&f, "connections").await), (0, 0));
        assert_eq!(house.living(&f, "identities").await, 0);
    }
    no_deadlocks(f).await;
}

async fn a_default_connection_beside_its_deletion(f: Fixture) {
    for round in 0..ROUNDS {
        let house = House::new(&f, &format!("House {round}")).await;
        let mut batches = vec![house.set_default(), house.delete_connection()];
        if round % 2 == 1 {
            batches.reverse();
        }
        let mut answers = race(&f.store, batches).await;
        if round % 2 == 1 {
            answers.reverse();
        }
        let organization = f.store.organization_of(house.organization.tenant()).await.unwrap().unwrap();
        let default = organization.policy.sso_default_connection_id;
        if house.living(&f, "connections").await == 1 {
            assert_eq!(answers, [Ok(()), guard(organizations::VERSION)]);
            assert_eq!(default, Some(house.connection.id));
        } else {
            assert_eq!(answers, [guard(connections::EXISTS), Ok(())]);
            assert_eq!(default, None);
        }
    }
    no_deadlocks(f).await;
}

async fn of_fifty_who_make_a_connection_as_many_succeed_as_may(f: Fixture) {
    for most in [1, 7, 20] {
        let acme = f.kept_organization(&format!("House {most}")).await;
        let batches = (0..50).map(|_| {
            let insert = connections::insert(&connection(&f, acme.id), &f.vault, &*f.entropy).unwrap();
            Batch::from(insert).requires(connections::room(acme.tenant(), most))
        });
        let answers = race(&f.store, batches.collect()).await;
        let kept = answers.iter().filter(|answer| answer.is_ok()).count();
        assert_eq!(kept, most);
        assert!(answers.iter().all(|answer| answer.is_ok() || *answer == guard(connections::ROOM)));
        let there = f.store.connections(&f.vault, acme.tenant()).await.unwrap();
        assert_eq!(there.len(), most);
    }
    no_deadlocks(f).await;
}

/// Every kind of batch meets every other, on few rows. Nobody hears of anything but a guard or a missing parent.
async fn everything_at_once(f: Fixture) {
    for round in 0..ROUNDS {
        let house = House::new(&f, &format!("House {round}")).await;
        let (project, organization, connection, ada) = house.ids();
        let kept = session(&f, &house.member, &house.registration);
        f.store.commit(sessions::insert(&kept, &f.vault, &*f.entropy).unwrap()).await.unwrap();
        let mut renamed = house.organization.clone();
        renamed.slug = format!("renamed-{round}");
        renamed.version += 1;
        let mut promoted = house.member.clone();
        promoted.touch(NOW);
        let another = self::connection(&f, organization);
        let another = connections::insert(&another, &f.vault, &*f.entropy).unwrap();
        let update = connections::update(&house.connection, 1, &f.vault, &*f.entropy).unwrap();
        let end: Write = sessions::revoke_of_member_by_connection(project, ada, connection);
        let mut batches = vec![
            house.sign_in(&f),
            house.sign_in(&f).with([members::update(&promoted, house.member.version)]),
            house.sign_in(&f).with([registrations::update(&house.registration)]),
            house.first_sign_in(&f, "a@acme.test"),
            house.first_sign_in(&f, "b@acme.test"),
            house.set_default(),
            Batch::from(organizations::update(&renamed, house.organization.version))
                .with([update.clone()])
                .requires([connections::stands(Tenant::stored(project, organization), connection)]),
            Batch::from(another).requires(connections::room(Tenant::stored(project, organization), 100)),
            Batch::from([update, end])
                .requires([members::stands(Tenant::stored(project, organization), ada)]),
            Batch::from(sessions::touch(project, kept.id, NOW, None)),
            Batch::from(sessions::update(&kept, kept.version))
                .requires([members::stands(Tenant::stored(project, organization), ada)]),
            house.delete_connection(),
            house.delete_connection().with(organizations::update(&renamed, house.organization.version)),
            house.delete_member(),
            members::erase(house.member.tenant(), ada),
        ];
        if round % 2 == 0 {
            batches.push(house.delete_organization());
        }
        let turn = round % batches.len();
        batches.rotate_left(turn);
        for answer in race(&f.store, batches).await {
            let expected = matches!(answer, Ok(()) | Err(StoreError::Guard(_) | StoreError::Reference));
            assert!(expected, "round {round}: {answer:?}");
        }
    }
    no_deadlocks(f).await;
}
