use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU8, Ordering};

use serde_json::Value;

use super::*;
use crate::connection::{
    CommonPatch, Connection, ExternalPatch, NewConnection, OidcPatch, ProviderLabel, UrlPolicy,
};
use crate::email::EmailAddress;
use crate::id::{ConnectionId, ConnectionKind, Environment, OrganizationId, ProjectId};
use crate::identity::{EmailTrust, Subject};
use crate::organization::OrganizationPatch;
use crate::patch::Patch;
use crate::refusal::{Name, Via};
use crate::time::Span;

const NOW: Time = Time::from_seconds(1_700_000_000);

/// Every draw is another.
struct Counting(AtomicU8);
impl Entropy for Counting {
    fn fill(&self, out: &mut [u8]) {
        out.fill(self.0.fetch_add(1, Ordering::Relaxed));
    }
}

struct World {
    entropy: Counting,
    organization: Organization,
    connection: Connection,
    /// The connection that is borrowed, if it is.
    lent: Option<Connection>,
}

impl World {
    /// An organization that owns acme.test, with a connection.
    fn new() -> Self {
        let entropy = Counting(AtomicU8::new(1));
        let project = ProjectId::generate(Environment::Test, &entropy);
        let id = OrganizationId::generate(Environment::Test, &entropy);
        let mut patch = OrganizationPatch { name: Patch::Set("Acme".into()), ..OrganizationPatch::default() };
        patch.policy.claimed_email_domains = Patch::Set(vec!["acme.test".into()]);
        let organization = Organization::create(id, project, patch, NOW).unwrap();
        let mut world =
            Self { connection: connection(&organization, &entropy), organization, entropy, lent: None };
        world.set(OidcPatch { issuer: Patch::Set("https://idp.test".into()), ..OidcPatch::default() });
        world
    }

    /// The same, whose connection borrows one of an organization that owns globex.test.
    fn borrowing() -> Self {
        let mut world = Self::new();
        let lender = OrganizationId::generate(Environment::Test, &world.entropy);
        let mut lent =
            Connection { organization_id: lender, ..connection(&world.organization, &world.entropy) };
        let set = |text: &str| Patch::Set(text.to_owned());
        let complete = OidcPatch {
            issuer: set("https://idp.test"),
            client_id: set("client"),
            client_secret: Patch::Set(crate::secret::Secret::new("secret")),
            authorization_url: set("https://idp.test/authorize"),
            token_url: set("https://idp.test/token"),
            userinfo_url: set("https://idp.test/userinfo"),
            jwks_url: set("https://idp.test/jwks"),
            ..OidcPatch::default()
        };
        lent.apply_oidc(complete, None, UrlPolicy::Https, NOW).unwrap();
        let new = NewConnection {
            id: ConnectionId::generate(ConnectionKind::External, Environment::Test, &world.entropy),
            ..new_connection(&world.organization, &world.entropy)
        };
        world.connection = Connection::new_external(&new, &lent, ExternalPatch::default(), NOW).unwrap();
        world.lent = Some(lent);
        world
    }

    fn as_route(&self) -> Route<'_> {
        match &self.lent {
            Some(lent) => Route::borrowed(&self.connection, lent).unwrap(),
            None => Route::own(&self.connection).unwrap(),
        }
    }

    fn set(&mut self, patch: OidcPatch) {
        self.connection.apply_oidc(patch, None, UrlPolicy::Https, NOW).unwrap();
    }

    fn owner(&self, email: &str) -> DomainOwner {
        match email.split_once('@').unwrap().1 {
            "acme.test" if self.lent.is_some() => DomainOwner::Borrowers,
            "globex.test" if self.lent.is_some() => DomainOwner::Ours,
            "acme.test" => DomainOwner::Ours,
            "globex.test" => DomainOwner::Another,
            _ => DomainOwner::Nobody,
        }
    }

    fn says(&self, subject: &str, email: &str, trust: EmailTrust) -> Identity {
        let address = EmailAddress::parse(email).unwrap();
        Identity {
            connection_id: self.as_route().source().id,
            subject: Subject::oidc(self.as_route().source().provider(), subject.to_owned()),
            email: Some(StatedEmail { address, trust, denial: None }),
            name: "Ada".to_owned(),
            attributes: Map::new(),
            groups: Vec::new(),
            trusted_metadata: BTreeMap::new(),
            passing: Map::new(),
        }
    }

    fn admit(&self, identity: &Identity, known: Known) -> Result<Admission, Refusal> {
        let domain =
            identity.email.as_ref().map_or(DomainOwner::Nobody, |email| self.owner(email.address.as_str()));
        let known = Known { domain, ..known };
        admit(&self.organization, self.as_route(), identity, known, NOW, &self.entropy)
    }

    /// Somebody who signs in for the first time.
    fn new_member(&self, subject: &str, email: &str) -> Admission {
        self.admit(&self.says(subject, email, EmailTrust::Verified), Known::default()).unwrap()
    }
}

fn connection(organization: &Organization, entropy: &dyn Entropy) -> Connection {
    Connection::new_oidc(&new_connection(organization, entropy), NOW).unwrap()
}

fn new_connection(organization: &Organization, entropy: &dyn Entropy) -> NewConnection<'static> {
    NewConnection {
        id: ConnectionId::generate(ConnectionKind::Oidc, Environment::Test, entropy),
        project_id: organization.project_id,
        organization_id: organization.id,
        display_name: "IdP",
        identity_provider: ProviderLabel::Generic,
    }
}

fn by_email(admission: &Admission) -> Known {
    Known {
        by_email: Some((admission.member.clone(), vec![admission.registration.clone()])),
        ..Known::default()
    }
}

fn registered(admission: &Admission) -> Known {
    Known { registered: Some((admission.registration.clone(), admission.member.clone())), ..Known::default() }
}

#[test]
fn an_address_is_verified_in_own_domains_only() {
    let world = World::new();
    assert!(world.new_member("1", "ada@acme.test").member.email_verified);
    assert!(!world.new_member("1", "ada@nobody.test").member.email_verified);
    let silent = world.says("1", "ada@acme.test", EmailTrust::Unstated);
    assert!(world.admit(&silent, Known::default()).unwrap().member.email_verified);
}

#[test]
fn a_domain_that_another_claimed_is_neither_let_in_nor_taken_over() {
    let world = World::new();
    let foreign = world.says("1", "eve@globex.test", EmailTrust::Verified);
    let refused = world.admit(&foreign, Known::default()).unwrap_err();
    assert_eq!(refused.what, What::Taken(Name::ClaimedDomain));
    let known = world.new_member("1", "ada@acme.test");
    let admission = world.admit(&foreign, registered(&known)).unwrap();
    assert_eq!(admission.member.email.as_str(), "ada@acme.test");
}

#[test]
fn another_subject_of_the_same_issuer_is_refused_by_its_registration() {
    let mut world = World::new();
    let known = world.new_member("1", "ada@acme.test");
    let again = world.says("2", "ada@acme.test", EmailTrust::Verified);
    let refused = world.admit(&again, by_email(&known)).unwrap_err();
    assert_eq!(refused.what, What::OtherSubject(Via::Oidc));
    assert!(refused.detail().unwrap().contains(&known.registration.id.to_string()));
    world.set(OidcPatch { relink_changed_subjects: Patch::Set(true), ..OidcPatch::default() });
    let admission = world.admit(&again, by_email(&known)).unwrap();
    assert_eq!(admission.linked_by, Some(LinkedBy::ChangedSubject));
    assert_eq!(
        (admission.registration.id, admission.registering),
        (known.registration.id, Registering::Rebound)
    );
    assert_eq!(admission.registration.external_id, "2");
}

#[test]
fn a_connection_that_moved_takes_its_people_along_and_confuses_nobody() {
    let mut world = World::new();
    let known = world.new_member("1", "ada@acme.test");
    world.set(OidcPatch { issuer: Patch::Set("https://new.test".into()), ..OidcPatch::default() });
    let moved = world.says("9", "ada@acme.test", EmailTrust::Unstated);
    assert_ne!(moved.subject.key(), known.registration.key);
    let admission = world.admit(&moved, by_email(&known)).unwrap();
    assert_eq!(admission.linked_by, Some(LinkedBy::EarlierIssuer));
    assert_eq!(admission.registration.id, known.registration.id);
    assert_eq!(admission.registration.key.issuer, "https://new.test");
    assert_ne!(world.says("1", "eve@acme.test", EmailTrust::Verified).subject.key(), known.registration.key);
}

#[test]
fn another_connection_reaches_a_member_by_verified_addresses_of_own_domains_or_a_switch() {
    let mut world = World::new();
    let (own, foreign) = (world.new_member("1", "ada@acme.test"), world.new_member("2", "bob@nobody.test"));
    world.connection = connection(&world.organization, &world.entropy);
    world.set(OidcPatch { issuer: Patch::Set("https://second.test".into()), ..OidcPatch::default() });
    let linked = |world: &World, known: &Admission, trust| {
        let identity = world.says("7", known.member.email.as_str(), trust);
        world.admit(&identity, by_email(known)).map(|admission| admission.linked_by)
    };
    assert_eq!(linked(&world, &own, EmailTrust::Verified).unwrap(), Some(LinkedBy::VerifiedAddress));
    for (known, trust) in [(&own, EmailTrust::Unstated), (&foreign, EmailTrust::Verified)] {
        assert_eq!(linked(&world, known, trust).unwrap_err().what, What::OtherSubject(Via::Oidc));
    }
    let until = Patch::Set(NOW.plus(Span::days(7)));
    world.set(OidcPatch { link_existing_members_until: until, ..OidcPatch::default() });
    assert_eq!(linked(&world, &foreign, EmailTrust::Unstated).unwrap(), Some(LinkedBy::MigrationSwitch));
}

#[test]
fn a_shared_issuer_without_a_pin_serves_members_only() {
    let mut world = World::new();
    world.set(OidcPatch { issuer: Patch::Set("https://accounts.google.com".into()), ..OidcPatch::default() });
    assert!(world.connection.missing().contains(&"hosted_domain"));
    let stranger = world.says("1", "ada@acme.test", EmailTrust::Verified);
    assert_eq!(world.admit(&stranger, Known::default()).unwrap_err().what, What::JitNotAllowed);
    world.set(OidcPatch { hosted_domain: Patch::Set("acme.test".into()), ..OidcPatch::default() });
    assert!(!world.connection.missing().contains(&"hosted_domain"));
    let known = world.admit(&stranger, Known::default()).unwrap();
    world.set(OidcPatch { hosted_domain: Patch::Clear, ..OidcPatch::default() });
    world.admit(&stranger, registered(&known)).unwrap();
}

#[test]
fn what_nobody_verified_counts_in_own_domains_where_the_connection_says_so() {
    let mut world = World::new();
    let (own, foreign) = (
        world.says("1", "ada@acme.test", EmailTrust::Unverified),
        world.says("1", "ada@nobody.test", EmailTrust::Unverified),
    );
    let refused = world.admit(&own, Known::default()).unwrap_err();
    assert_eq!(refused.what, What::DisownedEmail(Via::Oidc));
    assert!(refused.detail().unwrap().contains("trust_unverified_addresses"));
    world.set(OidcPatch { trust_unverified_addresses: Patch::Set(true), ..OidcPatch::default() });
    assert!(world.admit(&own, Known::default()).unwrap().member.email_verified);
    assert!(world.admit(&foreign, Known::default()).is_err());
}

#[test]
fn a_new_name_follows_and_one_that_was_entered_here_stays_until_then() {
    let world = World::new();
    let mut known = world.new_member("1", "ada@acme.test");
    known.member.name = "Countess".to_owned();
    let mut identity = world.says("1", "ada@acme.test", EmailTrust::Verified);
    assert_eq!(world.admit(&identity, registered(&known)).unwrap().member.name, "Countess");
    identity.name = "Ada King".to_owned();
    let renamed = world.admit(&identity, registered(&known)).unwrap();
    assert_eq!(renamed.member.name, "Ada King");
    identity.name.clear();
    assert_eq!(world.admit(&identity, registered(&renamed)).unwrap().member.name, "Ada King");
}

#[test]
fn mapped_attributes_overwrite_what_the_provider_wrote_and_nothing_else() {
    let world = World::new();
    let mut identity = world.says("1", "ada@acme.test", EmailTrust::Verified);
    let say = |identity: &mut Identity, plan: &str| {
        identity.trusted_metadata = BTreeMap::from([("plan".to_owned(), Value::from(plan))]);
    };
    let plan = |admission: &Admission| admission.member.trusted_metadata["plan"].clone();
    say(&mut identity, "free");
    let first = world.admit(&identity, Known::default()).unwrap();
    say(&mut identity, "pro");
    let second = world.admit(&identity, registered(&first)).unwrap();
    assert_eq!(plan(&second), "pro", "the provider's own value");
    let mut written = second.clone();
    written.member.trusted_metadata.insert("plan".to_owned(), Value::from("gold"));
    assert_eq!(plan(&world.admit(&identity, registered(&written)).unwrap()), "gold");
    say(&mut identity, "free");
    assert_eq!(plan(&world.admit(&identity, registered(&written)).unwrap()), "gold");
    // A member whom the backend has made.
    let mut made = written.clone();
    made.registration.said = None;
    assert_eq!(
        plan(
            &world
                .admit(&identity, Known { by_email: Some((made.member.clone(), vec![])), ..Known::default() })
                .unwrap()
        ),
        "gold"
    );
    // Before it was kept what was written, a value that the provider has sent is the provider's.
    made.registration.attributes.insert("urn:plan".to_owned(), Value::from(vec!["gold"]));
    assert_eq!(plan(&world.admit(&identity, registered(&made)).unwrap()), "free");
}

#[test]
fn somebody_who_comes_through_a_borrowed_connection_is_one_of_the_borrower() {
    let world = World::borrowing();
    let mut identity = world.says("1", "ada@globex.test", EmailTrust::Verified);
    identity.trusted_metadata.insert("plan".to_owned(), Value::from("gold"));
    let admission = world.admit(&identity, Known::default()).unwrap();
    let (member, registration) = (&admission.member, &admission.registration);
    assert_eq!(member.organization_id, world.organization.id);
    assert_eq!(
        (registration.connection_id, registration.id.kind()),
        (world.connection.id, ConnectionKind::External)
    );
    assert!(member.email_verified && member.email_stated, "the lender's own domain");
    assert!(member.trusted_metadata.is_empty(), "the lender's mapping writes nothing here");
}

#[test]
fn a_lender_has_no_say_about_domains_that_are_not_its_own() {
    let world = World::borrowing();
    let new = world.new_member("1", "ada@nobody.test");
    assert!(!new.member.email_verified && !new.member.email_stated);
    let ours = world.says("2", "ceo@acme.test", EmailTrust::Verified);
    assert_eq!(world.admit(&ours, Known::default()).unwrap_err().what, What::NotSpokenFor);
    let moved = world.admit(&ours, registered(&new)).unwrap();
    assert_eq!(moved.member.email.as_str(), "ada@nobody.test", "nor is the address taken over");
    // Whoever signs in by other means is not taken over; who has never come may come this way.
    let waiting = Known { by_email: Some((new.member.clone(), Vec::new())), ..Known::default() };
    let theirs = world.says("3", "ada@nobody.test", EmailTrust::Verified);
    assert!(world.admit(&theirs, waiting.clone()).is_ok());
    let proven = Member { email_verified: true, ..new.member };
    let known = Known { by_email: Some((proven, Vec::new())), ..waiting };
    assert_eq!(world.admit(&theirs, known).unwrap_err().what, What::NotSpokenFor);
}

/// The world's connection, whose profiles follow its provider so.
fn following(sync: ProfileSync) -> World {
    let mut world = World::new();
    let common = CommonPatch { profile_sync: Patch::Set(sync), ..CommonPatch::default() };
    world.set(OidcPatch { common, ..OidcPatch::default() });
    world
}

fn saying(identity: Identity, name: &str, department: &str) -> Identity {
    let attributes = Map::from_iter([("department".to_owned(), Value::from(department))]);
    Identity { name: name.to_owned(), attributes, groups: vec![department.to_owned()], ..identity }
}

#[test]
fn a_profile_follows_its_provider_as_often_as_the_connection_says() {
    for (sync, name, address, department) in [
        (ProfileSync::OnEachLogin, "Countess", "new@acme.test", "poetry"),
        (ProfileSync::OnFirstLogin, "Ada", "ada@acme.test", "math"),
    ] {
        let world = following(sync);
        let first = saying(world.says("1", "ada@acme.test", EmailTrust::Verified), "Ada", "math");
        let first = world.admit(&first, Known::default()).unwrap();
        assert_eq!(first.registration.attributes["department"], "math");
        let known = Known {
            registered: Some((first.registration.clone(), first.member.clone())),
            ..Known::default()
        };
        let again = saying(world.says("1", "new@acme.test", EmailTrust::Verified), "Countess", "poetry");
        let again = world.admit(&again, known).unwrap();
        assert_eq!((again.member.name.as_str(), again.member.email.as_str()), (name, address), "{sync:?}");
        assert_eq!(again.registration.attributes["department"], department, "{sync:?}");
        // Roles go by the groups of now in any case.
        assert_eq!(again.registration.groups, ["poetry"]);
    }
}

#[test]
fn who_is_never_made_by_signing_in_is_only_found() {
    let world = following(ProfileSync::NeverOnLogin);
    let identity = saying(world.says("1", "ada@acme.test", EmailTrust::Verified), "Ada", "math");
    let refusal = world.admit(&identity, Known::default()).unwrap_err();
    assert_eq!(refusal.what, What::UnknownUser);
    // Somebody whom a directory or the API has made is found by their address, and stays as they were made.
    let draft = MemberDraft { email_address: "ada@acme.test".to_owned(), ..MemberDraft::default() };
    let id = MemberId::generate(Environment::Test, &world.entropy);
    let made = Member::create(id, world.organization.tenant(), draft, |_| false, NOW).unwrap();
    let known = Known { by_email: Some((made, Vec::new())), ..Known::default() };
    let found = world.admit(&identity, known).unwrap();
    assert_eq!((found.kind, found.member.name.as_str()), (AdmissionKind::Linked, ""));
    assert!(found.registration.attributes.is_empty());
}
