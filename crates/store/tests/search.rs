//! Locators, searches and what an organization takes with it, on both engines.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use common::{Fixture, NOW, on_both_engines};
use vestibule_domain::Tenant;
use vestibule_domain::connection::{Connection, NewConnection, ProviderLabel};
use vestibule_domain::id::{ConnectionId, ConnectionKind, Environment, MemberId, OrganizationId};
use vestibule_domain::member::{Member, MemberDraft, MemberStatus};
use vestibule_domain::organization::Organization;
use vestibule_domain::project::Project;
use vestibule_domain::time::Span;
use vestibule_store::tables::members::MemberFilter as M;
use vestibule_store::tables::organizations::OrganizationFilter as O;
use vestibule_store::tables::search::{Cursor, Operator, Search};
use vestibule_store::tables::{connections, members, organizations};
use vestibule_store::{Param, Read, StoreError, Write};

const ENV: Environment = Environment::Test;

on_both_engines!(
    an_organization_goes_by_three_names,
    an_organization_changes_and_goes,
    organizations_are_searched,
    organizations_are_found_by_any_part,
    members_are_searched,
    pages_follow_each_other,
    organizations_that_are_found_first_are_in_order_too,
    a_search_is_counted_once,
    a_project_knows_how_many_organizations_it_has,
    searches_do_not_hold_up_what_is_read_by_key,
);

async fn an_organization_goes_by_three_names(f: Fixture) {
    let project = f.project.id;
    let mut acme = f.organization("Acme");
    acme.external_id = Some("ext|1".into());
    f.store.commit(organizations::insert(&acme)).await.unwrap();
    for locator in [acme.id.to_string().as_str(), "acme", "ACME", "ext|1"] {
        let found = f.store.organization(project, locator).await.unwrap();
        assert_eq!(found.as_ref(), Some(&acme), "{locator}");
    }
    for locator in ["EXT|1", "acm_", "%", "", "acme\u{130}"] {
        assert_eq!(f.store.organization(project, locator).await, Ok(None), "{locator}");
    }

    // A name has one owner, whichever of the two it is to them; a text that begins as an id does is one or nothing.
    let mut beta = f.organization("Beta");
    beta.external_id = Some("Acme".into());
    let taken = f.store.commit(organizations::insert(&beta)).await;
    assert_eq!(taken, Err(StoreError::Guard(organizations::EXTERNAL_ID)));
    let mut gamma = f.organization("Gamma");
    let strange = OrganizationId::generate(ENV, &*f.entropy).to_string();
    gamma.external_id = Some(strange.clone());
    gamma.slug = acme.id.to_string().to_uppercase();
    f.store.commit(organizations::insert(&gamma)).await.unwrap();
    assert_eq!(f.store.organization(project, &acme.id.to_string()).await.unwrap(), Some(acme.clone()));
    for locator in [strange.as_str(), &gamma.slug] {
        assert_eq!(f.store.organization(project, locator).await, Ok(None), "{locator}");
    }

    let other = Project::new("Other".into(), ENV, NOW, &*f.entropy);
    f.add_project(&other).await;
    for locator in [acme.id.to_string().as_str(), "acme", "ext|1"] {
        assert_eq!(f.store.organization(other.id, locator).await, Ok(None), "{locator}");
    }
    assert_eq!(f.store.organization_of(Tenant::stored(other.id, acme.id)).await, Ok(None));

    let home = f.project.home_organization;
    assert_eq!(f.store.organization(project, &home.to_string()).await, Ok(None));
    assert_eq!(f.store.organization(project, &format!("home-{home}")).await, Ok(None));
    assert_eq!(f.store.organization_of(Tenant::stored(project, home)).await.unwrap().unwrap().id, home);
}

async fn kept_member(f: &Fixture, organization: OrganizationId, email: &str) -> Member {
    let member = new_member(f, organization, email);
    f.store.commit(members::insert(&member)).await.unwrap();
    member
}

fn new_member(f: &Fixture, organization: OrganizationId, email: &str) -> Member {
    let draft = MemberDraft { email_address: email.into(), ..MemberDraft::default() };
    let id = MemberId::generate(ENV, &*f.entropy);
    Member::create(id, Tenant::stored(f.project.id, organization), draft, |_| true, NOW).unwrap()
}

async fn kept_connection(f: &Fixture, organization: OrganizationId, status: &str) -> ConnectionId {
    let id = ConnectionId::generate(ConnectionKind::Oidc, ENV, &*f.entropy);
    let connection = Connection::new_oidc(
        &NewConnection {
            id,
            project_id: f.project.id,
            organization_id: organization,
            display_name: "IdP",
            identity_provider: ProviderLabel::Okta,
        },
        NOW,
    )
    .unwrap();
    f.store.commit(connections::insert(&connection, &f.vault, &*f.entropy).unwrap()).await.unwrap();
    let set = "UPDATE connections SET status = ?1 WHERE id = ?2";
    f.store.commit(Write::any(set, vec![status.into(), Param::display(id)])).await.unwrap();
    id
}

async fn an_organization_changes_and_goes(f: Fixture) {
    let project = f.project.id;
    let mut acme = f.organization("Acme");
    acme.policy.claimed_email_domains = vec!["acme.test".into()];
    acme.policy.email_allowed_domains = vec!["acme.test".into(), "mail.acme.test".into()];
    f.store.commit(organizations::insert(&acme)).await.unwrap();
    assert_eq!(f.store.organization_claiming(project, "ACME.test").await, Ok(Some(acme.id)));
    assert_eq!(f.store.organization_claiming(project, "mail.acme.test").await, Ok(None));

    let before = acme.version;
    acme.slug = "acme-2".into();
    acme.version += 1;
    acme.policy.claimed_email_domains.clear();
    f.store.commit(organizations::update(&acme, before)).await.unwrap();
    let stale = f.store.commit(organizations::update(&acme, before)).await;
    assert_eq!(stale, Err(StoreError::Guard(organizations::VERSION)));
    assert_eq!(f.store.organization(project, "acme-2").await.unwrap().as_ref(), Some(&acme));
    assert_eq!(f.store.organization(project, "acme").await, Ok(None));
    assert_eq!(f.store.organization_claiming(project, "acme.test").await, Ok(None));

    let beta = f.kept_organization("Beta").await;
    let (ada, bob) =
        (kept_member(&f, acme.id, "ada@acme.test").await, kept_member(&f, beta.id, "bob@beta.test").await);
    let (okta, entra) =
        (kept_connection(&f, acme.id, "active").await, kept_connection(&f, beta.id, "active").await);
    assert_eq!(f.store.member_count(acme.tenant()).await, Ok(1));

    f.store.commit(organizations::delete(Tenant::stored(project, acme.id))).await.unwrap();
    let twice = f.store.commit(organizations::delete(Tenant::stored(project, acme.id))).await;
    assert_eq!(twice, Err(StoreError::Guard(organizations::EXISTS)));
    assert_eq!(f.store.organization_of(Tenant::stored(project, acme.id)).await, Ok(None));
    assert_eq!(f.store.member_of(ada.tenant(), ada.id).await, Ok(None));
    assert_eq!(f.store.connection(&f.vault, project, okta).await, Ok(None));
    assert!(f.store.member_of(bob.tenant(), bob.id).await.unwrap().is_some());
    assert!(f.store.connection(&f.vault, project, entra).await.unwrap().is_some());
    let home =
        f.store.commit(organizations::delete(Tenant::stored(project, f.project.home_organization))).await;
    assert_eq!(home, Err(StoreError::Guard(organizations::EXISTS)));
}

fn everything<F>(filters: Vec<F>, operator: Operator) -> Search<F> {
    Search { operator, filters, after: None, limit: 100 }
}

async fn organizations_are_searched(f: Fixture) {
    let project = f.project.id;
    let mut kept: Vec<Organization> = ["Acme Ltd", "Beta", "Gamma"].map(|name| f.organization(name)).into();
    for (second, organization) in (0..).zip(&mut kept) {
        organization.created_at = NOW.plus(Span::seconds(second));
    }
    let [acme, beta, gamma] = kept.as_mut_slice() else { return };
    beta.name = "Beta_100%".into();
    beta.slug = "beta-100".into();
    acme.policy.email_allowed_domains = vec!["acme.test".into()];
    gamma.policy.claimed_email_domains = vec!["gamma.test".into()];
    for organization in [&*acme, beta, gamma] {
        f.store.commit(organizations::insert(organization)).await.unwrap();
    }
    let ids = (acme.id, beta.id, gamma.id);
    kept_member(&f, ids.0, "ada@acme.test").await;
    let mut gone = new_member(&f, ids.1, "gone@beta.test");
    gone.delete(NOW);
    f.store.commit(members::insert(&gone)).await.unwrap();
    let active = kept_connection(&f, ids.0, "active").await;
    let pending = kept_connection(&f, ids.1, "pending").await;
    let other = Project::new("Other".into(), ENV, NOW, &*f.entropy);
    f.add_project(&other).await;

    let text = str::to_owned;
    let (a, b, c) = (0, 1, 2);
    let cases: Vec<(Vec<O>, Operator, Vec<usize>)> = vec![
        (vec![], Operator::And, vec![a, b, c]),
        (vec![], Operator::Or, vec![a, b, c]),
        (vec![O::Ids(vec![ids.1.to_string(), "nonsense".into()])], Operator::And, vec![b]),
        (vec![O::Ids(vec![])], Operator::And, vec![]),
        (vec![O::Slugs(vec![text("GAMMA"), text("beta-100")])], Operator::And, vec![b, c]),
        (vec![O::NameFuzzy(text("ACME l"))], Operator::And, vec![a]),
        (vec![O::NameFuzzy(text("100%"))], Operator::And, vec![b]),
        (vec![O::NameFuzzy(text("a_1"))], Operator::And, vec![b]),
        (vec![O::NameFuzzy(text("e%e"))], Operator::And, vec![]),
        (vec![O::NameFuzzy(text("\\"))], Operator::And, vec![]),
        (vec![O::NameFuzzy(text("' OR 1=1 --"))], Operator::And, vec![]),
        (vec![O::SlugFuzzy(text("MMA"))], Operator::And, vec![c]),
        (vec![O::MemberEmails(vec![text("ADA@acme.test"), text("gone@beta.test")])], Operator::And, vec![a]),
        (vec![O::MemberEmailFuzzy(text("acme"))], Operator::And, vec![a]),
        (vec![O::MemberEmailFuzzy(text("gone"))], Operator::And, vec![]),
        (vec![O::AllowedDomains(vec![text("ACME.test"), text("gamma.test")])], Operator::And, vec![a]),
        (vec![O::AllowedDomainFuzzy(text("cme"))], Operator::And, vec![a]),
        (vec![O::ClaimedDomains(vec![text("gamma.test"), text("acme.test")])], Operator::And, vec![c]),
        (vec![O::HasActiveConnection(true)], Operator::And, vec![a]),
        (vec![O::HasActiveConnection(false)], Operator::And, vec![b, c]),
        (vec![O::ConnectionId(pending.to_string())], Operator::And, vec![b]),
        (vec![O::ConnectionId(active.to_string()), O::NameFuzzy(text("gamma"))], Operator::And, vec![]),
        (vec![O::ConnectionId(active.to_string()), O::NameFuzzy(text("gamma"))], Operator::Or, vec![a, c]),
    ];
    let order = [ids.0, ids.1, ids.2];
    for (filters, operator, expected) in cases {
        let what = format!("{operator:?} {filters:?}");
        let found = f.store.search_organizations(project, &everything(filters, operator)).await.unwrap();
        let expected: Vec<_> = expected.into_iter().map(|position| order[position]).collect();
        assert_eq!(found.total, expected.len() as u64, "{what}");
        assert_eq!(found.page.items.iter().map(|item| item.id).collect::<Vec<_>>(), expected, "{what}");
    }
    let none = f.store.search_organizations(other.id, &everything(vec![], Operator::And)).await.unwrap();
    assert_eq!(none.total, 0, "a home organization is never listed");
}

/// Every part of a name and of a slug finds what a plain reading of all of them finds, also after they changed and went.
async fn organizations_are_found_by_any_part(f: Fixture) {
    let project = f.project.id;
    let long = format!("{} & Söhne {}", "Aa".repeat(30), "z_%".repeat(9));
    let names = ["Acme Ltd", "ACME ltd.", "Überlingen 100%", "\u{10ffff}\u{10ffff}x\u{d7ff}", "a", &long];
    let mut kept: Vec<Organization> = names.map(|_| f.organization("Any")).into();
    for ((number, name), organization) in (0..).zip(names).zip(&mut kept) {
        organization.created_at = NOW.plus(Span::seconds(number));
        name.clone_into(&mut organization.name);
        organization.slug = format!("slug-{}{number}", "x".repeat(40));
        f.store.commit(organizations::insert(organization)).await.unwrap();
    }
    found_by_any_part(&f, &kept).await;

    let renamed = &mut kept[0];
    (renamed.name, renamed.slug, renamed.version) =
        ("Lemma".into(), "other-slug".into(), renamed.version + 1);
    f.store.commit(organizations::update(renamed, renamed.version - 1)).await.unwrap();
    let gone = kept.remove(1);
    f.store.commit(organizations::delete(Tenant::stored(project, gone.id))).await.unwrap();
    found_by_any_part(&f, &kept).await;

    let sql = "SELECT organization_id FROM organization_tails WHERE organization_id = ?1";
    let left = Read::new("organization_tails", sql, vec![Param::display(gone.id)]);
    assert_eq!(f.store.query_all(left, |row| row.text(0)).await, Ok(Vec::new()));
}

async fn found_by_any_part(f: &Fixture, kept: &[Organization]) {
    let name: fn(&Organization) -> &str = |o| &o.name;
    let slug: fn(&Organization) -> &str = |o| &o.slug;
    let mut parts: Vec<String> = ["acme lte", "zz", "\u{e000}", "e%e", "\\"].map(str::to_owned).into();
    for organization in kept {
        parts.extend(parts_of(&organization.name));
        parts.extend(parts_of(&organization.slug));
    }
    parts.sort();
    parts.dedup();
    for part in parts {
        for (filter, called) in [(O::NameFuzzy(part.clone()), name), (O::SlugFuzzy(part.clone()), slug)] {
            let search = everything(vec![filter], Operator::And);
            let found = f.store.search_organizations(f.project.id, &search).await.unwrap();
            let has = |o: &&Organization| called(o).to_ascii_lowercase().contains(&part.to_ascii_lowercase());
            let expected: Vec<_> = kept.iter().filter(has).map(|o| o.id).collect();
            let ids: Vec<_> = found.page.items.iter().map(|item| item.id).collect();
            assert_eq!((ids, found.total), (expected.clone(), expected.len() as u64), "{part:?}");
        }
    }
}

/// Some of the parts of a text, as many of each length: the first, the last, and one in between.
fn parts_of(text: &str) -> Vec<String> {
    let signs: Vec<char> = text.chars().collect();
    let of_length = |length: usize| {
        let last = signs.len() - length;
        let cut = |at: usize| signs[at..at + length].iter().collect::<String>();
        [cut(0), cut(last / 2), cut(last)]
    };
    (1..=signs.len()).flat_map(of_length).collect()
}

async fn members_are_searched(f: Fixture) {
    let (acme, beta) = (f.kept_organization("Acme").await, f.kept_organization("Beta").await);
    let mut kept: Vec<Member> = ["ada@acme.test", "bob@acme.test", "gone@acme.test"]
        .map(|email| new_member(&f, acme.id, email))
        .into();
    for (second, member) in (0..).zip(&mut kept) {
        member.created_at = NOW.plus(Span::seconds(second));
    }
    let [ada, bob, gone] = kept.as_mut_slice() else { return };
    ada.roles = vec!["editor".into(), "50%_a".into()];
    ada.mfa_phone_number = "+15555550123".into();
    ada.external_id = Some("ext".into());
    bob.is_breakglass = true;
    bob.status = MemberStatus::Pending;
    bob.roles = vec!["edit".into()];
    gone.delete(NOW);
    let order = [ada.id, bob.id, gone.id];
    for member in &kept {
        f.store.commit(members::insert(member)).await.unwrap();
    }
    let elsewhere = kept_member(&f, beta.id, "ada@beta.test").await;

    let text = str::to_owned;
    let (a, b, c) = (0, 1, 2);
    let cases: Vec<(Vec<M>, Operator, Vec<usize>)> = vec![
        (vec![], Operator::And, vec![a, b]),
        (vec![M::Ids(vec![order[1].to_string(), text("ext")])], Operator::And, vec![a, b]),
        (vec![M::Ids(vec![])], Operator::Or, vec![]),
        (vec![M::Emails(vec![text("ADA@acme.test"), text("gone@acme.test")])], Operator::And, vec![a]),
        (vec![M::EmailFuzzy(text("BOB@"))], Operator::And, vec![b]),
        (vec![M::IsBreakglass(true)], Operator::And, vec![b]),
        (vec![M::IsBreakglass(false)], Operator::And, vec![a]),
        (vec![M::Statuses(vec![MemberStatus::Deleted])], Operator::And, vec![c]),
        (vec![M::Statuses(MemberStatus::ALL.to_vec())], Operator::And, vec![a, b, c]),
        (vec![M::PhoneNumbers(vec![text("+15555550123")])], Operator::And, vec![a]),
        (vec![M::PhoneNumberFuzzy(text("555501"))], Operator::And, vec![a]),
        (vec![M::PasswordExists(true)], Operator::And, vec![]),
        (vec![M::PasswordExists(false)], Operator::And, vec![a, b]),
        (vec![M::Roles(vec![text("editor")])], Operator::And, vec![a]),
        (vec![M::Roles(vec![text("edit")])], Operator::And, vec![b]),
        (vec![M::Roles(vec![text("50%_a")])], Operator::And, vec![a]),
        (vec![M::Roles(vec![text("5%")])], Operator::And, vec![]),
        (vec![M::Roles(vec![])], Operator::And, vec![]),
        (vec![M::Roles(vec![text("stytch_member")])], Operator::And, vec![a]),
        (vec![M::Roles(vec![text("stytch_member"), text("edit")])], Operator::And, vec![a, b]),
        (vec![M::EmailFuzzy(text("bob")), M::PhoneNumberFuzzy(text("555"))], Operator::And, vec![]),
        (vec![M::EmailFuzzy(text("bob")), M::PhoneNumberFuzzy(text("555"))], Operator::Or, vec![a, b]),
    ];
    for (filters, operator, expected) in cases {
        let what = format!("{operator:?} {filters:?}");
        let found = f.store.search_members([acme.tenant()], &everything(filters, operator)).await.unwrap();
        let expected: Vec<_> = expected.into_iter().map(|position| order[position]).collect();
        assert_eq!(found.total, expected.len() as u64, "{what}");
        assert_eq!(found.page.items.iter().map(|item| item.id).collect::<Vec<_>>(), expected, "{what}");
    }
    let both = [acme.tenant(), beta.tenant()];
    let fuzzy = everything(vec![M::EmailFuzzy(text("ada"))], Operator::And);
    let found = f.store.search_members(both, &fuzzy).await.unwrap();
    assert!(found.total == 2 && found.page.items.iter().any(|member| member.id == elsewhere.id));
    assert_eq!(f.store.search_members([], &fuzzy).await.unwrap().total, 0);
}

async fn pages_follow_each_other(f: Fixture) {
    let acme = f.kept_organization("Acme").await;
    let mut ids = Vec::new();
    for number in 0..11 {
        let mut member = new_member(&f, acme.id, &format!("m{number}@acme.test"));
        // Several of one instant: the id decides.
        member.created_at = NOW.plus(Span::seconds(number / 4));
        f.store.commit(members::insert(&member)).await.unwrap();
        ids.push((member.created_at, member.id.to_string()));
    }
    ids.sort();
    // However the rows are found: in the order of the listing, or by keys and put in order then.
    let emails = (0..12).map(|number| format!("m{number}@acme.test")).collect();
    for filters in [vec![], vec![M::Emails(emails)], vec![M::EmailFuzzy("@acme".into())]] {
        for limit in [1, 4, 5, 11, 12] {
            let what = format!("limit {limit}, {filters:?}");
            let (operator, filters) = (Operator::And, filters.clone());
            let mut search: Search<M> = Search { operator, filters, after: None, limit };
            let mut seen = Vec::new();
            loop {
                let found = f.store.search_members([acme.tenant()], &search).await.unwrap();
                assert_eq!(found.total, 11, "{what}");
                seen.extend(found.page.items.iter().map(|m| (m.created_at, m.id.to_string())));
                let Some(next) = found.page.next else { break };
                search.after = Cursor::parse(&next.to_string());
                assert!(search.after.is_some());
            }
            assert_eq!(seen, ids, "{what}");
        }
    }
}

async fn organizations_that_are_found_first_are_in_order_too(f: Fixture) {
    let mut ids = Vec::new();
    for number in 0..7 {
        let mut organization = f.organization(&format!("Acme {number}"));
        organization.created_at = NOW.plus(Span::seconds(9 - number / 3));
        f.store.commit(organizations::insert(&organization)).await.unwrap();
        kept_member(&f, organization.id, "ada@acme.test").await;
        ids.push((organization.created_at, organization.id.to_string()));
    }
    f.store.commit(organizations::insert(&f.organization("Other"))).await.unwrap();
    ids.sort();
    let by_id = ids.iter().map(|(_, id)| id.clone()).collect();
    for filter in [O::Ids(by_id), O::NameFuzzy("acme ".into()), O::MemberEmails(vec!["ada@acme.test".into()])]
    {
        let mut search = everything(vec![filter], Operator::And);
        search.limit = 2;
        let mut seen = Vec::new();
        loop {
            let found = f.store.search_organizations(f.project.id, &search).await.unwrap();
            assert_eq!(found.total, 7, "{:?}", search.filters);
            seen.extend(found.page.items.iter().map(|o| (o.created_at, o.id.to_string())));
            let Some(next) = found.page.next else { break };
            search.after = Some(next);
        }
        assert_eq!(seen, ids, "{:?}", search.filters);
    }
}

async fn a_search_is_counted_once(f: Fixture) {
    for name in ["Alpha", "Bravo", "Charlie"] {
        f.store.commit(organizations::insert(&f.organization(name))).await.unwrap();
    }
    let search = |after| Search::<O> { operator: Operator::And, filters: Vec::new(), after, limit: 1 };
    let first = f.store.search_organizations(f.project.id, &search(None)).await.unwrap();
    assert_eq!(first.total, 3);
    f.store.commit(organizations::insert(&f.organization("Delta"))).await.unwrap();
    // The next page goes on with what the first one found, and its cursor says so.
    let next = Cursor::parse(&first.page.next.unwrap().to_string());
    let second = f.store.search_organizations(f.project.id, &search(next)).await.unwrap();
    assert_eq!((second.total, second.page.items.len()), (3, 1));
    assert_eq!(f.store.search_organizations(f.project.id, &search(None)).await.unwrap().total, 4);
}

/// Nobody counts them for that, so what adds, fails to add and removes has to be seen in the number.
async fn a_project_knows_how_many_organizations_it_has(f: Fixture) {
    let other = Project::new("Other".into(), ENV, NOW, &*f.entropy);
    f.add_project(&other).await;
    let listed = async |project| {
        let search = Search::<O> { operator: Operator::And, filters: Vec::new(), after: None, limit: 1 };
        f.store.search_organizations(project, &search).await.unwrap().total
    };
    assert_eq!(listed(f.project.id).await, 0);
    let mut kept: Vec<Organization> =
        ["Alpha", "Bravo", "Charlie", "Delta"].map(|name| f.organization(name)).into();
    let batch: Vec<Write> = kept.iter().flat_map(organizations::insert).collect();
    f.store.commit(batch).await.unwrap();
    assert_eq!(listed(f.project.id).await, 4);

    // One that is refused leaves nothing, and neither does a change.
    let again = f.store.commit(organizations::insert(&f.organization("Alpha"))).await;
    assert!(again.is_err());
    let changed = &mut kept[1];
    changed.version += 1;
    f.store.commit(organizations::update(changed, changed.version - 1)).await.unwrap();
    assert_eq!(listed(f.project.id).await, 4);

    f.store.commit(organizations::delete(kept[0].tenant())).await.unwrap();
    assert_eq!((listed(f.project.id).await, listed(other.id).await), (3, 0));
    let adding = kept.len()..kept.len() + 8;
    let added = adding.map(|number| {
        let (store, organization) = (f.store.clone(), f.organization(&format!("Added {number}")));
        tokio::spawn(async move { store.commit(organizations::insert(&organization)).await })
    });
    for added in added.collect::<Vec<_>>() {
        added.await.unwrap().unwrap();
    }
    assert_eq!(listed(f.project.id).await, 11);
}

/// As many searches as may run at once and more, each of some seconds, hold up neither a read by key nor a project
/// whose turn it is.
async fn searches_do_not_hold_up_what_is_read_by_key(f: Fixture) {
    const LONG: &str = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000000)
         SELECT 'n', COUNT(*) FROM n";
    let quiet = Project::new("Quiet".into(), ENV, NOW, &*f.entropy);
    f.add_project(&quiet).await;
    let greedy: Vec<_> = (0..6)
        .map(|_| {
            let (store, project) = (f.store.clone(), f.project.id);
            tokio::spawn(async move {
                store.scan(project, Read::new("numbers", LONG, Vec::new()), |row| row.int(1)).await
            })
        })
        .collect();
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    for _ in 0..20 {
        f.store.project(f.project.id).await.unwrap().unwrap();
    }
    let search = Search::<O> { operator: Operator::And, filters: Vec::new(), after: None, limit: 1 };
    f.store.search_organizations(quiet.id, &search).await.unwrap();
    let under_way = greedy.iter().filter(|search| !search.is_finished()).count();
    assert!(under_way >= 4, "the searches were over: {under_way}");
    for search in greedy {
        // Those at the end of the line may have been told to come again.
        match search.await.unwrap() {
            Ok(counted) => assert_eq!(counted, [4_000_000]),
            Err(error) => assert!(matches!(error, StoreError::Unavailable(_)), "{error}"),
        }
    }
}
