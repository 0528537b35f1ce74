//! What may be used once is used once, however many try at the same time.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use common::{Fixture, NOW, on_both_engines};
use vestibule_domain::id::{
    ConnectionId, ConnectionKind, Environment, LoginId, MemberId, OrganizationId, RegistrationId,
};
use vestibule_domain::login::sent::Sent;
use vestibule_domain::login::{
    ATTEMPT_LIFETIME, AttemptSecrets, LoginAttempt, Purpose, ReturnTo, SSO_TOKEN_LIFETIME, SsoToken,
};
use vestibule_domain::secret::Token;
use vestibule_domain::time::Span;
use vestibule_store::tables::logins::StoredAttempt;
use vestibule_store::tables::{logins, replays, tokens};
use vestibule_store::{Batch, Store, StoreError, Write};

on_both_engines!(
    of_fifty_who_redeem_a_token_one_succeeds,
    of_fifty_who_finish_an_attempt_one_succeeds,
    of_fifty_who_claim_a_message_one_succeeds,
    an_expired_token_is_redeemed_by_nobody,
);

const AT_ONCE: usize = 50;

/// Commits `batch(n)` from many tasks at once and answers the refusals of those who lost.
async fn race(store: &Store, batch: impl Fn(usize) -> Batch) -> Vec<StoreError> {
    let start = std::sync::Arc::new(tokio::sync::Barrier::new(AT_ONCE));
    let tasks: Vec<_> = (0..AT_ONCE)
        .map(|number| {
            let (store, start, batch) = (store.clone(), start.clone(), batch(number));
            tokio::spawn(async move {
                start.wait().await;
                store.commit(batch).await
            })
        })
        .collect();
    let mut refused = Vec::new();
    for task in tasks {
        refused.extend(task.await.unwrap().err());
    }
    refused
}

fn token(f: &Fixture) -> SsoToken {
    let connection_id = ConnectionId::generate(ConnectionKind::Oidc, Environment::Test, &*f.entropy);
    SsoToken {
        hash: Token::generate(&*f.entropy).hash(),
        project_id: f.project.id,
        organization_id: OrganizationId::generate(Environment::Test, &*f.entropy),
        member_id: MemberId::generate(Environment::Test, &*f.entropy),
        connection_id,
        registration_id: RegistrationId::generate(ConnectionKind::Oidc, Environment::Test, &*f.entropy),
        external_id: "00u1".into(),
        protocol: None,
        code_challenge: None,
        unsolicited: false,
        valid_until: None,
        created_at: NOW,
        expires_at: NOW.plus(SSO_TOKEN_LIFETIME),
    }
}

/// A second write of the same batch, to see that losers leave nothing behind.
fn mark(f: &Fixture, token: &SsoToken, number: usize) -> Write {
    replays::claim(f.project.id, &token.connection_id.to_string(), &format!("mark {number}"), NOW)
}

async fn marks(store: &Store) -> i64 {
    let read = vestibule_store::Read::new(
        "used_messages",
        "SELECT 'count', COUNT(*) FROM used_messages",
        Vec::new(),
    );
    store.query_opt(read, |row| row.int(1)).await.unwrap().unwrap()
}

async fn of_fifty_who_redeem_a_token_one_succeeds(f: Fixture) {
    for _ in 0..5 {
        f.store.commit(Write::any("DELETE FROM used_messages", Vec::new())).await.unwrap();
        let token = token(&f);
        f.store.commit(tokens::insert(&token)).await.unwrap();
        let batch = |number| Batch::from(mark(&f, &token, number)).with([tokens::redeem(&token, NOW)]);
        let refused = race(&f.store, batch).await;
        assert_eq!(refused, vec![StoreError::Guard(tokens::UNREDEEMED); AT_ONCE - 1]);
        assert_eq!(marks(&f.store).await, 1);
        let stored = f.store.sso_token(f.project.id, &token.hash).await.unwrap().unwrap();
        assert_eq!((stored.token, stored.redeemed_at), (token, Some(NOW)));
    }
}

async fn of_fifty_who_finish_an_attempt_one_succeeds(f: Fixture) {
    let secrets =
        AttemptSecrets { state: Token::generate(&*f.entropy), browser: Token::generate(&*f.entropy) };
    let token = token(&f);
    let attempt = LoginAttempt {
        id: LoginId::generate(Environment::Test, &*f.entropy),
        project_id: f.project.id,
        organization_id: token.organization_id,
        connection_id: token.connection_id,
        state_hash: secrets.state.hash(),
        browser_hash: secrets.browser.hash(),
        provider: "https://idp.test".into(),
        began_at: "192.0.2.1".to_owned(),
        began_as: "sso.example.com".to_owned(),
        sent: Sent::default(),
        purpose: Purpose::Token(ReturnTo {
            login_redirect_url: "https://app.test/".into(),
            signup_redirect_url: "https://app.test/".into(),
            code_challenge: Some("challenge".into()),
        }),
        created_at: NOW,
        expires_at: NOW.plus(ATTEMPT_LIFETIME),
    };
    f.store.commit(logins::insert(&attempt)).await.unwrap();
    let late = logins::finish(&attempt, attempt.expires_at);
    assert_eq!(f.store.commit(late).await, Err(StoreError::Guard(logins::UNFINISHED)));
    let batch = |number| Batch::from(mark(&f, &token, number)).with([logins::finish(&attempt, NOW)]);
    let refused = race(&f.store, batch).await;
    assert_eq!(refused, vec![StoreError::Guard(logins::UNFINISHED); AT_ONCE - 1]);
    assert_eq!(marks(&f.store).await, 1);
    let stored = f.store.login_attempt(&attempt.state_hash).await.unwrap();
    assert_eq!(stored, Some(StoredAttempt::Finished));

    let kept_by_a_browser = LoginAttempt { state_hash: Token::generate(&*f.entropy).hash(), ..attempt };
    assert_eq!(f.store.login_attempt(&kept_by_a_browser.state_hash).await.unwrap(), None);
    f.store.commit(Write::any("DELETE FROM used_messages", Vec::new())).await.unwrap();
    let batch = |number| Batch::from(mark(&f, &token, number)).with([logins::claim(&kept_by_a_browser)]);
    let refused = race(&f.store, batch).await;
    assert_eq!(refused, vec![StoreError::Guard(logins::UNFINISHED); AT_ONCE - 1]);
    assert_eq!(marks(&f.store).await, 1);
    let stored = f.store.login_attempt(&kept_by_a_browser.state_hash).await.unwrap();
    assert_eq!(stored, Some(StoredAttempt::Finished));
}

async fn of_fifty_who_claim_a_message_one_succeeds(f: Fixture) {
    let token = token(&f);
    let refused = race(&f.store, |_| mark(&f, &token, 0).into()).await;
    assert_eq!(refused, vec![StoreError::Unique(replays::USED.into()); AT_ONCE - 1]);
}

async fn an_expired_token_is_redeemed_by_nobody(f: Fixture) {
    let token = token(&f);
    f.store.commit(tokens::insert(&token)).await.unwrap();
    let late = tokens::redeem(&token, token.expires_at);
    assert_eq!(f.store.commit(late).await, Err(StoreError::Guard(tokens::UNREDEEMED)));

    let mut foreign = token.clone();
    foreign.project_id = vestibule_domain::id::ProjectId::generate(Environment::Test, &*f.entropy);
    let elsewhere = tokens::redeem(&foreign, NOW);
    assert_eq!(f.store.commit(elsewhere).await, Err(StoreError::Guard(tokens::UNREDEEMED)));
    assert_eq!(f.store.sso_token(foreign.project_id, &token.hash).await, Ok(None));

    let in_time = tokens::redeem(&token, token.expires_at.minus(Span::seconds(1)));
    f.store.commit(in_time).await.unwrap();
}
