use std::sync::atomic::{AtomicU8, Ordering};

use super::*;
use crate::id::Environment;

/// Chance that is never the same twice.
#[derive(Default)]
struct Counting(AtomicU8);

impl Entropy for Counting {
    fn fill(&self, out: &mut [u8]) {
        for byte in out {
            *byte = self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

const NOW: Time = Time::from_seconds(1_800_000_000);

fn proof() -> DomainProof {
    let entropy = Counting::default();
    let project = ProjectId::generate(Environment::Test, &entropy);
    let organization = OrganizationId::generate(Environment::Test, &entropy);
    let domain = DomainName::parse("acme.test").unwrap();
    DomainProof::begin(Tenant::stored(project, organization), domain, Actor::Server, (NOW, &entropy))
}

fn verified() -> DomainProof {
    let mut proof = proof();
    assert_eq!(proof.checked(record(), Claim::Free, NOW), Change::Verified);
    proof
}

const fn record() -> Seen {
    Seen::Record { place: Place::Label }
}

const fn silent() -> Seen {
    Seen::Unanswered { why: Unanswered::Silent }
}

fn after(days: i64) -> Time {
    NOW.plus(Span::days(days))
}

#[test]
fn a_challenge_is_of_one_organization_and_one_domain() {
    let (one, other) = (proof(), proof());
    assert_eq!(one.challenge("sso.test").value, format!("vestibule-domain={}", one.token));
    assert!(one.token.len() == 40 && one.challenge("sso.test").target == format!("{}.sso.test", one.token));
    // As drawn by the same chance at another point.
    let entropy = Counting::default();
    let _ = bytes::<7>(&entropy);
    let again = DomainProof::begin(one.tenant(), one.domain.clone(), Actor::Server, (NOW, &entropy));
    assert_ne!(again.token, other.token);
}

#[test]
fn it_is_looked_for_often_at_first_and_then_less() {
    let mut proof = proof();
    let (mut looks, mut now) = (Vec::new(), NOW);
    while let Some(next) = proof.next_check_at {
        looks.push(next.millis() - now.millis());
        now = next;
        assert_eq!(proof.checked(Seen::NoSuchName, Claim::Free, now), Change::Nothing);
    }
    let every = |span: Span| looks.iter().filter(|pause| **pause == span.millis()).count();
    assert_eq!((every(Span::minutes(1)), every(Span::minutes(60)), every(Span::days(1))), (10, 168, 30));
    assert_eq!((proof.state, now > after(36)), (ProofState::Pending, true));
    proof.await_again(now);
    proof.checked(Seen::NoSuchName, Claim::Free, now);
    assert_eq!(proof.next_check_at, Some(now.plus(Span::minutes(1))));
}

#[test]
fn a_record_claims_what_nobody_else_has() {
    let shown = verified();
    assert_eq!((shown.state, shown.claims, shown.verified_at), (ProofState::Verified, true, Some(NOW)));
    assert_eq!(shown.next_check_at, Some(after(30)));
    let mut known = proof();
    assert_eq!(known.checked(record(), Claim::Ours, NOW), Change::Verified);
    assert!(!known.claims && !known.let_go());
}

#[test]
fn what_another_has_stays_theirs_and_is_told_once() {
    let mut second = proof();
    assert_eq!(second.checked(record(), Claim::Another, NOW), Change::Held);
    assert_eq!(second.checked(record(), Claim::Another, NOW), Change::Nothing);
    assert_eq!((second.state, second.is_held, second.claims), (ProofState::Pending, true, false));
    assert_eq!(second.checked(record(), Claim::Free, NOW), Change::Verified);
    assert!(!second.is_held && second.claims);
}

#[test]
fn a_record_that_goes_is_a_warning_and_a_month_later_a_loss() {
    let mut proof = verified();
    assert_eq!(proof.checked(Seen::NoSuchName, Claim::Ours, after(30)), Change::AtRisk);
    assert_eq!((proof.lost_at(), proof.next_check_at), (Some(after(60)), Some(after(31))));
    assert_eq!(proof.checked(Seen::NoSuchName, Claim::Ours, after(59)), Change::Nothing);
    assert!(proof.claims);
    assert_eq!(proof.checked(Seen::NoSuchName, Claim::Ours, after(60)), Change::Lost);
    assert!(proof.let_go() && !proof.let_go());
    assert_eq!(proof.state, ProofState::Lost);
    // And is shown again.
    assert_eq!(proof.checked(record(), Claim::Free, after(61)), Change::Verified);
    assert_eq!((proof.claims, proof.missed_since), (true, None));
}

#[test]
fn a_record_that_comes_back_ends_the_warning() {
    let mut proof = verified();
    proof.checked(Seen::NoTexts, Claim::Ours, after(30));
    assert_eq!(proof.checked(record(), Claim::Ours, after(31)), Change::Recovered);
    assert_eq!((proof.state, proof.lost_at()), (ProofState::Verified, None));
    assert!(proof.claims);
}

#[test]
fn that_nobody_answers_is_a_warning_after_days_only() {
    let mut proof = verified();
    assert_eq!(proof.checked(silent(), Claim::Ours, after(30)), Change::Nothing);
    assert_eq!((proof.state, proof.next_check_at), (ProofState::Verified, Some(after(31))));
    assert_eq!(proof.checked(silent(), Claim::Ours, after(32)), Change::Nothing);
    assert_eq!(proof.checked(silent(), Claim::Ours, after(33)), Change::AtRisk);
    assert_eq!(proof.checked(silent(), Claim::Ours, after(60)), Change::Lost);
}

#[test]
fn what_the_project_took_away_is_not_taken_again() {
    let mut proof = verified();
    assert_eq!(proof.checked(record(), Claim::Free, after(30)), Change::Nothing);
    assert!(!proof.claims);
    proof.missed_since = Some(after(30));
    assert_eq!(proof.checked(Seen::NoSuchName, Claim::Free, after(60)), Change::Lost);
    assert!(!proof.let_go());
}

#[test]
fn looking_twice_in_a_row_brings_nothing() {
    let mut proof = proof();
    assert!(!proof.is_fresh(NOW));
    proof.checked(Seen::NoSuchName, Claim::Free, NOW);
    assert!(proof.is_fresh(NOW.plus(Span::seconds(4))) && !proof.is_fresh(NOW.plus(Span::seconds(5))));
}
