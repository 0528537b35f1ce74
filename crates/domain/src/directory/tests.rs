use super::*;
use crate::email::EmailAddress;
use crate::id::Environment;
use crate::member::{Member, MemberDraft, MemberStatus};
use crate::organization::{Organization, OrganizationPatch, PolicyPatch};
use crate::vouching::DomainOwner;

const NOW: Time = Time::from_seconds(1_800_000_000);

/// Every draw is another.
struct Counting(std::sync::atomic::AtomicU8);

impl Entropy for Counting {
    fn fill(&self, out: &mut [u8]) {
        out.fill(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    }
}

fn entropy() -> Counting {
    Counting(std::sync::atomic::AtomicU8::new(1))
}

fn acme() -> Organization {
    let project = ProjectId::generate(Environment::Test, &entropy());
    let policy = PolicyPatch {
        claimed_email_domains: Patch::Set(vec!["acme.example".to_owned()]),
        ..PolicyPatch::default()
    };
    let patch =
        OrganizationPatch { name: Patch::Set("Acme".to_owned()), policy, ..OrganizationPatch::default() };
    let id = OrganizationId::generate(Environment::Test, &entropy());
    Organization::create(id, project, patch, NOW).unwrap()
}

fn member(organization: &Organization, address: &str) -> Member {
    let draft = MemberDraft { email_address: address.to_owned(), ..MemberDraft::default() };
    let id = MemberId::generate(Environment::Test, &entropy());
    Member::create(id, organization.tenant(), draft, |_| true, NOW).unwrap()
}

fn stated(address: &str, name: &str, active: bool) -> Stated {
    Stated { email: EmailAddress::parse(address).ok(), name: name.to_owned(), active, ..Stated::default() }
}

fn decide(organization: &Organization, stated: &Stated, found: Found) -> Result<MemberChange, Refusal> {
    let person = DirectoryUserId::generate(Environment::Test, &entropy());
    provision(organization, person, stated, found, NOW, &entropy())
}

#[test]
fn somebody_new_becomes_a_member_whose_address_counts_in_own_domains_only() {
    let acme = acme();
    for (address, verified) in [("ada@acme.example", true), ("ada@elsewhere.example", false)] {
        let made = decide(&acme, &stated(address, "Ada", true), Found::default()).unwrap();
        let MemberChange::Created(member) = made else { panic!("{made:?}") };
        assert_eq!(
            (member.email_verified, member.email_stated, member.name.as_str()),
            (verified, false, "Ada")
        );
        assert_eq!(member.status, MemberStatus::Active);
        assert!(member.provisioned_by.is_some());
    }
    let nobody = decide(&acme, &stated("no address", "Ada", true), Found::default());
    assert_eq!(nobody, Ok(MemberChange::Nobody));
    let inactive = decide(&acme, &stated("ada@acme.example", "Ada", false), Found::default());
    assert_eq!(inactive, Ok(MemberChange::Nobody));
}

#[test]
fn the_domain_of_another_organization_is_nobodys_to_give() {
    let acme = acme();
    let found = Found { domain: DomainOwner::Another, ..Found::default() };
    let refused = decide(&acme, &stated("ada@other.example", "", true), found.clone()).unwrap_err();
    assert_eq!(refused.what, What::Taken(Name::ClaimedDomain));
    let known = Found {
        member: Some(member(&acme, "ada@acme.example")),
        earlier: Some(stated("ada@acme.example", "", true)),
        ..found
    };
    let refused = decide(&acme, &stated("ada@other.example", "", true), known).unwrap_err();
    assert_eq!(refused.what, What::Taken(Name::ClaimedDomain));
}

#[test]
fn who_is_there_already_is_tied_once() {
    let acme = acme();
    let mut there = member(&acme, "ada@acme.example");
    there.name = "Countess".to_owned();
    there.roles = vec!["editor".to_owned()];
    let holder = |is_provisioned| Some(Holder { member: there.clone(), is_provisioned, is_anothers: false });
    let found = Found { holder: holder(false), ..Found::default() };
    let tied = decide(&acme, &stated("ada@acme.example", "Ada", true), found).unwrap();
    let after = tied.member().unwrap();
    assert_eq!((after.id, after.name.as_str(), after.roles.len()), (there.id, "Countess", 1));
    let found = Found { holder: holder(true), ..Found::default() };
    let refused = decide(&acme, &stated("ada@acme.example", "Ada", true), found).unwrap_err();
    assert_eq!(refused.what, What::Taken(Name::MemberEmail));
}

#[test]
fn what_the_directory_has_not_changed_stays_as_somebody_else_wrote_it() {
    let acme = acme();
    let mut there = member(&acme, "ada@acme.example");
    there.name = "Written here".to_owned();
    let earlier = stated("old@acme.example", "Ada", true);
    let found = Found { member: Some(there), earlier: Some(earlier), ..Found::default() };
    let same = decide(&acme, &stated("old@acme.example", "Ada", true), found.clone()).unwrap();
    assert_eq!(same.member().map(|member| member.name.as_str()), Some("Written here"));
    assert_eq!(same.member().map(|member| member.email.as_str()), Some("ada@acme.example"));
    let changed = decide(&acme, &stated("new@acme.example", "Ada L", true), found).unwrap();
    let after = changed.member().unwrap();
    assert_eq!((after.name.as_str(), after.email.as_str()), ("Ada L", "new@acme.example"));
}

#[test]
fn who_is_locked_out_is_gone_and_comes_back_by_a_word() {
    let acme = acme();
    let mut there = member(&acme, "ada@acme.example");
    there.roles = vec!["editor".to_owned()];
    let earlier = Some(stated("ada@acme.example", "", true));
    let found = Found { member: Some(there), earlier, ..Found::default() };
    let gone = decide(&acme, &stated("ada@acme.example", "", false), found).unwrap();
    assert!(gone.ends() && !gone.brings_back());
    let after = gone.member().unwrap().clone();
    assert_eq!((after.status, after.roles.len()), (MemberStatus::Deleted, 0));
    let earlier = Some(stated("ada@acme.example", "", false));
    let found = Found { member: Some(after.clone()), earlier, ..Found::default() };
    let still = decide(&acme, &stated("ada@acme.example", "", false), found.clone()).unwrap();
    assert!(!still.ends() && !still.brings_back());
    let back = decide(&acme, &stated("ada@acme.example", "", true), found).unwrap();
    assert!(back.brings_back());
    assert_eq!(back.member().map(|member| member.status), Some(MemberStatus::Active));
}

#[test]
fn who_is_kept_for_bad_days_is_not_the_directorys_to_remove() {
    let acme = acme();
    let mut there = member(&acme, "ada@acme.example");
    there.is_breakglass = true;
    let found = Found { member: Some(there.clone()), ..Found::default() };
    let refused = decide(&acme, &stated("ada@acme.example", "", false), found).unwrap_err();
    assert_eq!(refused.what, What::BreakglassStays);
    assert_eq!(depart(&there, NOW).unwrap_err().what, What::BreakglassStays);
    there.is_breakglass = false;
    assert!(depart(&there, NOW).unwrap().ends());
}

#[test]
fn a_token_is_replaced_while_both_are_good() {
    let tenant = acme().tenant();
    let mut directory = Directory::create(tenant, None, DirectoryPatch::default(), NOW, &entropy()).unwrap();
    let entropy = entropy();
    let made = |form| NewToken::generate(form, NOW, &entropy);
    let (one, two) = (made(TokenForm::Letters), made(TokenForm::Letters));
    assert_eq!(one.secret.expose().len(), 48);
    directory.add_token(one.record.clone(), NOW).unwrap();
    assert_eq!(directory.complete_rotation(NOW).unwrap_err().what, What::NotRotating);
    directory.add_token(two.record.clone(), NOW).unwrap();
    for token in [&one, &two] {
        assert!(directory.good_token(&token.record.hash, NOW).is_some());
    }
    let third = directory.add_token(made(TokenForm::Named).record, NOW).unwrap_err();
    assert_eq!(third.what, What::Taken(Name::DirectoryToken));
    directory.complete_rotation(NOW).unwrap();
    assert!(directory.good_token(&one.record.hash, NOW).is_none());
    let over = two.record.ends_at.unwrap();
    assert!(directory.good_token(&two.record.hash, over).is_none(), "a token has an end");
}

#[test]
fn only_products_that_have_directories_are_named() {
    let tenant = acme().tenant();
    let patch = DirectoryPatch { provider: Patch::Set(ProviderLabel::Keycloak), ..DirectoryPatch::default() };
    let refused = Directory::create(tenant, None, patch, NOW, &entropy()).unwrap_err();
    assert_eq!(refused.what, What::Invalid(Field::DirectoryProvider));
}
