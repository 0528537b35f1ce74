//! The life of a project: everything that is kept, read back, changed and ended, on both engines.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;
#[path = "story/history.rs"]
mod history;

use common::{Fixture, NOW, on_both_engines};
use history::{
    the_audit_trail_is_paged, traces_are_listed_and_pruned, what_is_old_is_forgotten_after_its_time,
    what_is_over_is_forgotten,
};
use vestibule_domain::Patch;
use vestibule_domain::Tenant;
use vestibule_domain::connection::{
    Connection, ConnectionStatus, NewConnection, OidcPatch, ProviderLabel, UrlPolicy,
};
use vestibule_domain::id::{
    ConnectionId, ConnectionKind, Environment, MemberId, OrganizationId, SessionId, SigningKeyId,
};
use vestibule_domain::identity::{Qualifiers, Registration, Subject, SubjectKey};
use vestibule_domain::member::{Member, MemberDraft};
use vestibule_domain::project::{
    ApiSecret, MOST_ENDED_SECRETS, MOST_SECRETS, Project, SecretRecord, SigningKey,
};
use vestibule_domain::rbac::{Additions, Permission, Resource, Role};
use vestibule_domain::redirect::{RedirectKind, RedirectUrl};
use vestibule_domain::secret::{Secret, Token};
use vestibule_domain::session::{Factor, FactorKind, Session, SessionDuration, SsoProtocol};
use vestibule_domain::time::Span;
use vestibule_store::tables::projects::BySecret;
use vestibule_store::tables::{
    connections, keys, members, policies, projects, redirects, registrations, sessions, sign_outs,
};
use vestibule_store::{Batch, StoreError};

const ENV: Environment = Environment::Test;

on_both_engines!(
    a_project_and_its_credentials,
    secrets_have_bounds,
    redirect_urls_and_their_defaults,
    a_connection_from_draft_to_deletion,
    sessions_from_start_to_revocation,
    members_and_their_registrations,
    signing_keys_and_the_policy,
    traces_are_listed_and_pruned,
    the_audit_trail_is_paged,
    what_is_over_is_forgotten,
    what_is_old_is_forgotten_after_its_time,
);

async fn a_project_and_its_credentials(f: Fixture) {
    let project = &f.project;
    assert_eq!(f.store.project(project.id).await.unwrap().as_ref(), Some(project));
    let by_token = f.store.project_by_public_token(project.public_token).await.unwrap();
    assert_eq!(by_token.as_ref(), Some(project));

    let (first, second) = (ApiSecret::generate(ENV, &*f.entropy), ApiSecret::generate(ENV, &*f.entropy));
    let record = |secret: &ApiSecret| SecretRecord::new(secret.hash(), "backend".to_owned(), None, NOW);
    let both = [&first, &second].map(|secret| projects::insert_secret(project.id, &record(secret)));
    f.store.commit(Batch::new().with(both)).await.unwrap();
    for secret in [&first, &second] {
        let found = f.store.project_by_secret(project.id, &secret.hash(), NOW).await.unwrap();
        assert_eq!(found, Some(BySecret { project: project.clone(), last_used_at: None }));
    }
    let other = Project::new("Other".into(), ENV, NOW.plus(Span::seconds(1)), &*f.entropy);
    f.add_project(&other).await;
    assert_eq!(f.store.project_by_secret(other.id, &first.hash(), NOW).await, Ok(None), "a foreign secret");
    assert_eq!(f.store.projects().await.unwrap(), [project.clone(), other]);

    let used = NOW.plus(Span::minutes(7));
    for at in [used, NOW] {
        f.store.commit(projects::use_secret(project.id, &second.hash(), at)).await.unwrap();
    }
    let found = f.store.project_by_secret(project.id, &second.hash(), NOW).await.unwrap();
    assert_eq!(found.unwrap().last_used_at, Some(used), "a use is not taken back");

    let later = NOW.plus(Span::minutes(90));
    let end = |end| projects::end_secret(project.id, &first.hash(), end);
    f.store.commit(end(later)).await.unwrap();
    assert!(f.store.project_by_secret(project.id, &first.hash(), NOW).await.unwrap().is_some());
    assert_eq!(
        f.store.project_by_secret(project.id, &first.hash(), later).await,
        Ok(None),
        "its end is kept"
    );
    f.store.commit(end(NOW)).await.unwrap();
    assert_eq!(f.store.commit(end(NOW)).await, Err(StoreError::Guard(projects::SECRET_ACTIVE)));
    assert_eq!(f.store.commit(end(later)).await, Err(StoreError::Guard(projects::SECRET_ACTIVE)));
    assert_eq!(f.store.project_by_secret(project.id, &first.hash(), NOW).await, Ok(None));
    assert!(f.store.project_by_secret(project.id, &second.hash(), later).await.unwrap().is_some());
    let kept = f.store.project_secrets(project.id).await.unwrap();
    assert_eq!(kept.iter().filter(|secret| secret.ends_at == Some(NOW)).count(), 1);
    assert_eq!(kept.len(), 2);
}

/// Only so many are good at once, and of those that are over only the newest are kept.
async fn secrets_have_bounds(f: Fixture) {
    let project = f.project.id;
    let mut now = NOW;
    for _ in 0..MOST_ENDED_SECRETS + 5 {
        now = now.plus(Span::seconds(1));
        let secret = ApiSecret::generate(ENV, &*f.entropy).hash();
        let over = SecretRecord::new(secret, String::new(), Some(now), now);
        f.store.commit(projects::insert_secret(project, &over)).await.unwrap();
    }
    let add = |now| {
        let secret = ApiSecret::generate(ENV, &*f.entropy).hash();
        Batch::from([
            projects::forget_secrets(project, now),
            projects::insert_secret(project, &SecretRecord::new(secret, String::new(), None, now)),
        ])
        .requires(projects::room_for_secret(project, now))
    };
    for _ in 0..MOST_SECRETS {
        f.store.commit(add(now)).await.unwrap();
    }
    assert_eq!(f.store.commit(add(now)).await, Err(StoreError::Guard(projects::SECRET_ROOM)));
    let kept = f.store.project_secrets(project).await.unwrap();
    let (good, over): (Vec<_>, Vec<_>) = kept.iter().partition(|secret| secret.is_good(now));
    assert_eq!((good.len(), over.len()), (MOST_SECRETS, MOST_ENDED_SECRETS));
    assert!(
        over.iter().all(|secret| secret.ends_at > Some(NOW.plus(Span::seconds(5)))),
        "the oldest are forgotten"
    );
}

async fn redirect_urls_and_their_defaults(f: Fixture) {
    let project = f.project.id;
    let url = |path: &str, is_default| RedirectUrl {
        kind: RedirectKind::Login,
        url: format!("https://app.test/{path}"),
        is_default,
    };
    f.store.commit(redirects::add(project, &url("a", true))).await.unwrap();
    f.store.commit(redirects::add(project, &url("b", true))).await.unwrap();
    let again = f.store.commit(redirects::add(project, &url("b", false))).await;
    assert_eq!(again, Err(StoreError::Unique(redirects::UNIQUE.into())));
    assert_eq!(f.store.redirect_urls(project).await.unwrap(), [url("a", false), url("b", true)]);
    let default = f.store.default_redirect_url(project, RedirectKind::Login).await.unwrap();
    assert_eq!(default, Some(url("b", true)));

    f.store
        .commit(redirects::make_default(project, RedirectKind::Login, "https://app.test/a"))
        .await
        .unwrap();
    let default = f.store.default_redirect_url(project, RedirectKind::Login).await.unwrap();
    assert_eq!(default, Some(url("a", true)));
    let missing = redirects::make_default(project, RedirectKind::Login, "https://app.test/c");
    assert_eq!(f.store.commit(missing).await, Err(StoreError::Guard(redirects::EXISTS)));
    let default = f.store.default_redirect_url(project, RedirectKind::Login).await.unwrap();
    assert_eq!(default, Some(url("a", true)), "a missed guard undoes the whole batch");

    for (kind, text, found) in [
        (RedirectKind::Login, "https://app.test/a", true),
        (RedirectKind::Signup, "https://app.test/a", false),
        (RedirectKind::Login, "https://app.test/A", false),
        (RedirectKind::Login, "https://app.test/a/", false),
        (RedirectKind::Login, "https://app.test/_", false),
    ] {
        let result = f.store.redirect_url(project, kind, text).await.unwrap();
        assert_eq!(result.is_some(), found, "{kind:?} {text}");
    }
    f.store.commit(redirects::remove(project, RedirectKind::Login, "https://app.test/a")).await.unwrap();
    assert_eq!(f.store.default_redirect_url(project, RedirectKind::Login).await, Ok(None));
}

fn new_connection(f: &Fixture, organization: OrganizationId) -> Connection {
    let id = ConnectionId::generate(ConnectionKind::Oidc, ENV, &*f.entropy);
    Connection::new_oidc(
        &NewConnection {
            id,
            project_id: f.project.id,
            organization_id: organization,
            display_name: "Okta",
            identity_provider: ProviderLabel::Okta,
        },
        NOW,
    )
    .unwrap()
}

fn complete(mut connection: Connection) -> Connection {
    let patch = OidcPatch {
        issuer: Patch::Set("https://idp.test".into()),
        client_id: Patch::Set("client".into()),
        client_secret: Patch::Set(Secret::new("hunter2")),
        authorization_url: Patch::Set("https://idp.test/authorize".into()),
        token_url: Patch::Set("https://idp.test/token".into()),
        userinfo_url: Patch::Set("https://idp.test/userinfo".into()),
        jwks_url: Patch::Set("https://idp.test/jwks".into()),
        ..OidcPatch::default()
    };
    connection.apply_oidc(patch, None, UrlPolicy::Https, NOW.plus(Span::seconds(1))).unwrap();
    connection
}

async fn a_connection_from_draft_to_deletion(f: Fixture) {
    let (project, vault) = (f.project.id, &*f.vault);
    let acme = f.kept_organization("Acme").await;
    let draft = new_connection(&f, acme.id);
    f.store.commit(connections::insert(&draft, vault, &*f.entropy).unwrap()).await.unwrap();
    assert_eq!(f.store.connection(vault, project, draft.id).await.unwrap().as_ref(), Some(&draft));
    assert_eq!(f.store.active_connections(acme.tenant()).await.unwrap(), []);

    let ready = complete(draft.clone());
    assert_eq!(ready.status(), ConnectionStatus::Active);
    let update = connections::update(&ready, draft.version, vault, &*f.entropy).unwrap();
    f.store.commit(update.clone()).await.unwrap();
    assert_eq!(f.store.commit(update).await, Err(StoreError::Guard(connections::VERSION)));
    let in_organization = f.store.connection_of(vault, acme.tenant(), ready.id).await.unwrap();
    assert_eq!(in_organization.as_ref(), Some(&ready));
    assert_eq!(f.store.connection_at_callback(vault, ready.id).await.unwrap().as_ref(), Some(&ready));
    assert_eq!(f.store.connections(vault, acme.tenant()).await, Ok(vec![ready.clone()]));
    let active = f.store.active_connections(acme.tenant()).await.unwrap();
    assert_eq!(active.first().map(|found| (found.id, found.display_name.as_str())), Some((ready.id, "Okta")));
    let of_several = f.store.active_connections_of(project, &[acme.id, f.project.home_organization]).await;
    assert_eq!(of_several, Ok(active));
    assert_eq!(f.store.active_connections_of(project, &[]).await, Ok(Vec::new()));

    // Another tenant does not find it and cannot change it.
    let (beta, other) = (f.kept_organization("Beta").await, Project::new("O".into(), ENV, NOW, &*f.entropy));
    assert_eq!(f.store.connection(vault, other.id, ready.id).await, Ok(None));
    assert_eq!(f.store.connection_of(vault, beta.tenant(), ready.id).await, Ok(None));
    let mut foreign = ready.clone();
    foreign.organization_id = beta.id;
    let update = connections::update(&foreign, ready.version, vault, &*f.entropy).unwrap();
    assert_eq!(f.store.commit(update).await, Err(StoreError::Guard(connections::VERSION)));
    let delete = connections::delete(beta.tenant(), ready.id, NOW);
    assert_eq!(f.store.commit(delete).await, Err(StoreError::Guard(connections::EXISTS)));

    let delete = connections::delete(acme.tenant(), ready.id, NOW);
    f.store.commit(delete.clone()).await.unwrap();
    assert_eq!(f.store.commit(delete).await, Err(StoreError::Guard(connections::EXISTS)));
    assert_eq!(f.store.connection(vault, project, ready.id).await, Ok(None));
    assert_eq!(f.store.connection_at_callback(vault, ready.id).await, Ok(None));
    assert_eq!(f.store.active_connections(acme.tenant()).await, Ok(Vec::new()));
}

async fn kept_member(f: &Fixture, organization: OrganizationId, email: &str) -> Member {
    let draft = MemberDraft { email_address: email.into(), name: "Ada".into(), ..MemberDraft::default() };
    let id = MemberId::generate(ENV, &*f.entropy);
    let member =
        Member::create(id, Tenant::stored(f.project.id, organization), draft, |_| true, NOW).unwrap();
    f.store.commit(members::insert(&member)).await.unwrap();
    member
}

fn new_session(f: &Fixture, member: &Member, connection: ConnectionId) -> (Session, Token) {
    let token = Token::generate(&*f.entropy);
    let factor = Factor {
        kind: FactorKind::Sso {
            protocol: SsoProtocol::Oidc,
            registration_id: vestibule_domain::id::RegistrationId::generate(
                ConnectionKind::Oidc,
                ENV,
                &*f.entropy,
            ),
            connection_id: connection,
            external_id: "00u1".into(),
        },
        created_at: NOW,
        last_authenticated_at: NOW,
        valid_until: None,
    };
    let session = Session::start(
        SessionId::generate(ENV, &*f.entropy),
        member,
        &token,
        vec![factor],
        SessionDuration::DEFAULT,
        NOW,
    );
    (session, token)
}

async fn kept_session(f: &Fixture, member: &Member, connection: ConnectionId) -> (Session, Token) {
    let (session, token) = new_session(f, member, connection);
    f.store.commit(sessions::insert(&session, &f.vault, &*f.entropy).unwrap()).await.unwrap();
    (session, token)
}

async fn sessions_from_start_to_revocation(f: Fixture) {
    let (project, vault) = (f.project.id, &*f.vault);
    let acme = f.kept_organization("Acme").await;
    let ada = kept_member(&f, acme.id, "ada@acme.test").await;
    let bob = kept_member(&f, acme.id, "bob@acme.test").await;
    let okta = new_connection(&f, acme.id).id;
    let entra = new_connection(&f, acme.id).id;
    let (session, token) = kept_session(&f, &ada, okta).await;
    let found = f.store.session_by_token(vault, project, &token.hash()).await.unwrap();
    assert_eq!(found.as_ref(), Some(&session));
    assert_eq!(f.store.session(vault, project, session.id).await.unwrap().as_ref(), Some(&session));
    let other = Project::new("O".into(), ENV, NOW, &*f.entropy).id;
    assert_eq!(f.store.session_by_token(vault, other, &token.hash()).await, Ok(None));
    assert_eq!(f.store.session(vault, other, session.id).await, Ok(None));

    // Uses: an older clock moves nothing back, a use without a duration leaves the end.
    let later = NOW.plus(Span::minutes(1));
    let end = later.plus(Span::minutes(60));
    f.store.commit(sessions::touch(project, session.id, later, Some(end))).await.unwrap();
    f.store.commit(sessions::touch(project, session.id, NOW, None)).await.unwrap();
    let touched = f.store.session(vault, project, session.id).await.unwrap().unwrap();
    assert_eq!((touched.last_accessed_at, touched.expires_at, touched.version), (later, end, 3));
    let dead = f.store.commit(sessions::touch(project, session.id, end, None)).await;
    assert_eq!(dead, Err(StoreError::Guard(sessions::LIVE)));

    let mut changed = touched.clone();
    changed.custom_claims.insert("plan".into(), "pro".into());
    changed.touch(None, later);
    f.store.commit(sessions::update(&changed, touched.version)).await.unwrap();
    let stale = f.store.commit(sessions::update(&changed, touched.version)).await;
    assert_eq!(stale, Err(StoreError::Guard(sessions::VERSION)));
    assert_eq!(f.store.session(vault, project, session.id).await.unwrap().as_ref(), Some(&changed));

    let live = |member: MemberId, now| f.store.live_sessions(vault, acme.tenant(), member, now);
    let (second, _) = kept_session(&f, &ada, entra).await;
    assert_eq!(live(ada.id, NOW).await.unwrap().len(), 2);
    let after_second = second.expires_at;
    assert_eq!(live(ada.id, after_second).await.unwrap(), [changed.clone()], "the other has expired");
    kept_session(&f, &bob, okta).await;

    f.store.commit(sessions::revoke_of_member_by_connection(project, ada.id, okta)).await.unwrap();
    assert_eq!(live(ada.id, NOW).await, Ok(vec![second.clone()]));
    assert_eq!(live(bob.id, NOW).await.unwrap().len(), 1);
    f.store.commit(Batch::from(sign_outs::of_connection(acme.tenant(), okta))).await.unwrap();
    assert_eq!(live(bob.id, NOW).await.unwrap(), []);
    f.store.commit(sessions::revoke(other, second.id)).await.unwrap();
    assert_eq!(live(ada.id, NOW).await.unwrap().len(), 1, "another project ends nothing");
    f.store.commit(sessions::revoke(project, second.id)).await.unwrap();
    kept_session(&f, &ada, okta).await;
    f.store.commit(Batch::from(sign_outs::of_member(project, ada.id))).await.unwrap();
    kept_session(&f, &bob, okta).await;
    f.store.commit(Batch::from(sign_outs::of_organization(acme.tenant()))).await.unwrap();
    assert!(live(ada.id, NOW).await.unwrap().is_empty() && live(bob.id, NOW).await.unwrap().is_empty());
}

async fn members_and_their_registrations(f: Fixture) {
    let project = f.project.id;
    let (acme, beta) = (f.kept_organization("Acme").await, f.kept_organization("Beta").await);
    let mut ada = kept_member(&f, acme.id, "ada@acme.test").await;
    assert_eq!(f.store.member(acme.tenant(), &ada.id.to_string()).await.unwrap().as_ref(), Some(&ada));
    assert_eq!(f.store.member(beta.tenant(), &ada.id.to_string()).await, Ok(None));
    assert_eq!(f.store.member_of(ada.tenant(), ada.id).await.unwrap().as_ref(), Some(&ada));
    assert_eq!(f.store.member_by_email(acme.tenant(), &ada.email).await.unwrap().as_ref(), Some(&ada));
    assert_eq!(f.store.member_by_email(beta.tenant(), &ada.email).await, Ok(None));

    let before = ada.version;
    ada.external_id = Some("ext-1".into());
    ada.touch(NOW);
    f.store.commit(members::update(&ada, before)).await.unwrap();
    assert_eq!(f.store.commit(members::update(&ada, before)).await, Err(StoreError::Guard(members::VERSION)));
    assert_eq!(f.store.member(acme.tenant(), "ext-1").await.unwrap().as_ref(), Some(&ada));
    assert_eq!(f.store.member(beta.tenant(), "ext-1").await, Ok(None));

    let connection = new_connection(&f, acme.id).id;
    let mut registration = Registration {
        id: vestibule_domain::id::RegistrationId::generate(ConnectionKind::Oidc, ENV, &*f.entropy),
        project_id: project,
        organization_id: acme.id,
        member_id: ada.id,
        connection_id: connection,
        external_id: "00u1".into(),
        key: Subject::oidc("https://idp.test", "00u1".into()).key(),
        said: None,
        attributes: serde_json::Map::new(),
        groups: vec!["eng".into()],
        created_at: NOW,
        last_login_at: NOW,
        arrivals: vestibule_domain::identity::Arrivals::default(),
    };
    f.store.commit(registrations::insert(&registration)).await.unwrap();
    let mut twin = registration.clone();
    twin.id = vestibule_domain::id::RegistrationId::generate(ConnectionKind::Oidc, ENV, &*f.entropy);
    let twice = f.store.commit(registrations::insert(&twin)).await;
    assert_eq!(twice, Err(StoreError::Unique(registrations::SUBJECT.into())));
    registration.attributes.insert("name".into(), "Ada".into());
    registration.last_login_at = NOW.plus(Span::seconds(9));
    f.store.commit(registrations::update(&registration)).await.unwrap();
    // They were known before they came, and have come once now.
    registration.arrivals.count = 1;
    assert_eq!(
        f.store.commit(registrations::update(&twin)).await,
        Err(StoreError::Guard(registrations::EXISTS))
    );

    let subject = |subject: &str| Subject::oidc("https://idp.test", subject.into());
    let found = f.store.registered_member(acme.tenant(), connection, &subject("00u1")).await.unwrap();
    assert_eq!(found, Some((registration.clone(), ada.clone())));
    let other_issuer = Subject::oidc("https://other.test", "00u1".into());
    for (organization, subject) in [
        (beta.id, subject("00u1")),
        (acme.id, subject("00U1")),
        (acme.id, subject("%")),
        (acme.id, other_issuer.clone()),
    ] {
        let nobody =
            f.store.registered_member(Tenant::stored(project, organization), connection, &subject).await;
        assert_eq!(nobody, Ok(None), "{subject:?}");
    }
    // One member has one subject at a connection; it may become another.
    twin.key = other_issuer.key();
    let second = f.store.commit(registrations::insert(&twin)).await;
    assert_eq!(second, Err(StoreError::Unique(registrations::BOND.into())));
    registration.key = other_issuer.key();
    f.store.commit(registrations::rebind(&registration)).await.unwrap();
    let found = f.store.registered_member(acme.tenant(), connection, &other_issuer).await.unwrap();
    assert_eq!(found, Some((registration.clone(), ada.clone())));
    a_registration_from_before_is_found(&f, &registration).await;
    assert_eq!(f.store.registrations(project, ada.id).await.unwrap(), [registration.clone()]);
    assert_eq!(f.store.registrations_of(project, &[ada.id]).await.unwrap(), [registration.clone()]);
    assert_eq!(f.store.registrations_of(project, &[]).await, Ok(Vec::new()));

    // Deleting frees the address and the external id; the member stays readable.
    let before = ada.version;
    ada.delete(NOW);
    let batch = Batch::from(members::update(&ada, before)).with(sign_outs::of_member(project, ada.id));
    f.store.commit(batch).await.unwrap();
    assert_eq!(f.store.member_by_email(acme.tenant(), &ada.email).await, Ok(None));
    assert_eq!(f.store.member(acme.tenant(), "ext-1").await, Ok(None));
    assert_eq!(f.store.member_of(ada.tenant(), ada.id).await.unwrap().as_ref(), Some(&ada));
    assert_eq!(f.store.member_count(acme.tenant()).await, Ok(0));
    kept_member(&f, acme.id, "ada@acme.test").await;
    let before = ada.version;
    ada.reactivate(NOW).unwrap();
    let taken = f.store.commit(members::update(&ada, before)).await;
    assert_eq!(taken, Err(StoreError::Unique(members::EMAIL.into())));

    f.store.commit(registrations::delete_of_member(project, registration.member_id)).await.unwrap();
    f.store.commit(registrations::insert(&twin)).await.unwrap();
    f.store.commit(registrations::delete_of_connection(project, connection)).await.unwrap();
    f.store.commit(registrations::insert(&twin)).await.unwrap();
    f.store.commit(registrations::delete_of_member(project, ada.id)).await.unwrap();
    assert_eq!(f.store.registrations(project, ada.id).await, Ok(Vec::new()));
}

async fn signing_keys_and_the_policy(f: Fixture) {
    let project = f.project.id;
    let key = |second| SigningKey {
        id: SigningKeyId::generate(ENV, &*f.entropy),
        project_id: project,
        private_key: Secret::new(format!("private {second}")),
        created_at: NOW.plus(Span::seconds(second)),
        retired_at: None,
    };
    let (old, new) = (key(0), key(1));
    let insert = |key: &SigningKey| keys::insert(key, &f.vault, &*f.entropy).unwrap();
    f.store.commit(insert(&old)).await.unwrap();
    let second = f.store.commit(insert(&new)).await;
    assert_eq!(second, Err(StoreError::Unique(keys::ACTIVE.into())), "one key is active");
    let retire = keys::retire(project, old.id, NOW);
    f.store.commit([retire.clone(), insert(&new)]).await.unwrap();
    assert_eq!(f.store.commit(retire).await, Err(StoreError::Guard(keys::SIGNS)));
    let kept = f.store.signing_keys(&f.vault, project).await.unwrap();
    let shown: Vec<_> = kept.iter().map(|key| (key.id, key.private_key.expose(), key.retired_at)).collect();
    assert_eq!(shown, [(old.id, "private 0", Some(NOW)), (new.id, "private 1", None)]);
    for id in [old.id, new.id] {
        f.store.commit(keys::forget(project, id)).await.unwrap();
    }
    assert_eq!(
        f.store.signing_keys(&f.vault, project).await.unwrap().len(),
        1,
        "only a retired key is forgotten"
    );

    assert_eq!(f.store.policy(project).await, Ok(None));
    let mut additions = additions();
    f.store.commit(policies::set(project, &additions, 0)).await.unwrap();
    let twice = f.store.commit(policies::set(project, &additions, 0)).await;
    assert_eq!(twice, Err(StoreError::Guard(policies::VERSION)));
    additions.roles.clear();
    f.store.commit(policies::set(project, &additions, 1)).await.unwrap();
    let stale = f.store.commit(policies::set(project, &additions, 1)).await;
    assert_eq!(stale, Err(StoreError::Guard(policies::VERSION)));
    assert_eq!(f.store.policy(project).await, Ok(Some((additions, 2))));
    let read_with = f.store.project(project).await.unwrap().unwrap();
    assert_eq!(read_with.policy_version, 2, "the version is read with the project");
}

fn additions() -> Additions {
    let actions = vec!["read".to_owned()];
    let permission = Permission { resource_id: "documents".to_owned(), actions: actions.clone() };
    let (role_id, description) = ("reader".to_owned(), String::new());
    Additions {
        roles: vec![Role { role_id, description: description.clone(), permissions: vec![permission] }],
        resources: vec![Resource { resource_id: "documents".to_owned(), description, actions }],
        scopes: Vec::new(),
    }
}

/// Before issuers and qualifiers were kept, a name was all that there was.
async fn a_registration_from_before_is_found(f: &Fixture, registration: &Registration) {
    let set = async |issuer: &str, qualifiers: &str, key: &str| {
        let mut old = registration.clone();
        old.key = SubjectKey { issuer: issuer.into(), qualifiers: qualifiers.into(), value: key.into() };
        f.store.commit(registrations::rebind(&old)).await.unwrap();
    };
    let named = |issuer: &str, format: &str, value: &str| {
        let qualifiers = Qualifiers::Name {
            format: format.into(),
            name_qualifier: String::new(),
            sp_name_qualifier: String::new(),
        };
        Subject::saml(issuer, &[], value.into(), qualifiers)
    };
    let found = async |subject: &Subject| {
        let found =
            f.store.registered_member(registration.tenant(), registration.connection_id, subject).await;
        found.unwrap().is_some()
    };
    set("idp", "", "first.last@acme.test").await;
    for subject in [
        named("idp", "emailAddress", "first.last@acme.test"),
        named("idp", "unspecified", "First.Last@acme.test"),
    ] {
        assert!(found(&subject).await, "{subject:?}");
    }
    assert!(!found(&named("other", "emailAddress", "first.last@acme.test")).await);
    set("", "", "00u1").await;
    assert!(found(&named("any", "persistent", "00u1")).await, "bound to no issuer");
    let full = named("idp", "persistent", "00u1").key();
    set(&full.issuer, &full.qualifiers, &full.value).await;
    assert!(found(&named("idp", "persistent", "00u1")).await);
    assert!(!found(&named("idp", "unspecified", "00u1")).await);
    f.store.commit(registrations::rebind(registration)).await.unwrap();
}
