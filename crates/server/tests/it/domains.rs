//! Domains that organizations show to be theirs, by records that a name server of these tests serves.

use serde_json::{Value, json};
use tokio::task::JoinSet;
use vestibule_server::domain_checks;

use crate::app::{TestApp, on_both_engines, text as string};
use crate::browser::Browser;
use crate::name_server::{NameServer, Said, text};

on_both_engines!(
    a_record_shows_whose_a_domain_is,
    one_domain_has_one_spelling,
    what_is_everybodys_is_nobodys,
    a_record_of_another_shows_nothing,
    who_comes_second_waits,
    of_many_who_show_a_domain_at_once_one_has_it,
    a_part_of_anothers_domain_waits,
    a_record_that_goes_is_a_warning_and_then_a_loss,
    looks_go_by_themselves_on_one_of_many_nodes,
    answers_that_lie_show_nothing,
    other_places_for_the_record,
    what_the_project_claimed_stays_its_word,
    a_domain_is_removed_with_what_it_opened,
    no_more_than_a_hundred,
);

const DAY: i64 = 24 * 60 * 60;

fn path(organization: &str) -> String {
    format!("/v1/vestibule/organizations/{organization}/domains")
}

/// A server that asks a name server of its own.
async fn asking(app: &TestApp) -> (TestApp, NameServer) {
    let names = NameServer::start().await;
    (app.asking_node(&names).await, names)
}

async fn start(app: &TestApp, organization: &str, domain: &str) -> Value {
    app.post(&path(organization), json!({ "domain": domain })).await.ok()["domain"].clone()
}

/// Looks for the record now, some time after the last look.
async fn check(app: &TestApp, organization: &str, domain: &str) -> Value {
    app.pass(6);
    app.post(&format!("{}/{domain}/check", path(organization)), json!({})).await.ok()["domain"].clone()
}

/// Puts a domain's record where it belongs.
fn publish(names: &NameServer, domain: &Value) {
    names.say(&string(&domain["record"]["name"]), text(&string(&domain["record"]["value"])));
}

async fn shown(app: &TestApp, names: &NameServer, organization: &str, domain: &str) {
    publish(names, &start(app, organization, domain).await);
    assert_eq!(check(app, organization, domain).await["status"], "verified");
}

async fn claimed(app: &TestApp, organization: &str) -> Value {
    let found = app.get(&format!("/v1/b2b/organizations/{organization}")).await.ok();
    found["organization"]["claimed_email_domains"].clone()
}

async fn told(app: &TestApp) -> Vec<String> {
    let events = app.get("/v1/vestibule/events?limit=100").await.ok();
    let kinds = events["events"].as_array().unwrap().iter().map(|event| string(&event["action"]));
    let mut kinds: Vec<String> =
        kinds.filter_map(|kind| kind.strip_prefix("organization.domain.").map(str::to_owned)).collect();
    kinds.reverse();
    kinds
}

async fn a_record_shows_whose_a_domain_is(app: TestApp) {
    let (app, names) = asking(&app).await;
    let acme = app.organization("acme", json!({})).await;
    let connection = app.connection(&acme).await;
    let before = app.session(&connection, "ada@acme.test").await;
    assert_eq!(before["member"]["email_address_verified"], false);

    let begun = start(&app, &acme, "acme.test").await;
    assert_eq!((&begun["status"], &begun["found"]), (&json!("pending"), &Value::Null));
    let record = &begun["record"];
    assert_eq!(
        (&record["type"], &record["name"], &record["relative_name"]),
        (&json!("TXT"), &json!("_vestibule-challenge.acme.test"), &json!("_vestibule-challenge"))
    );
    assert!(string(&record["value"]).len() >= "vestibule-domain=".len() + 32);
    assert!(names.asked().is_empty());
    // Begun twice it is the same, so that the record stays what it is.
    assert_eq!(start(&app, &acme, "acme.test").await["record"], *record);

    let waiting = check(&app, &acme, "acme.test").await;
    assert_eq!((&waiting["status"], &waiting["found"]["what"]), (&json!("pending"), &json!("no_such_name")));
    assert_eq!(claimed(&app, &acme).await, json!([]));
    publish(&names, &begun);
    let verified = check(&app, &acme, "acme.test").await;
    assert_eq!((&verified["status"], &verified["found"]["place"]), (&json!("verified"), &json!("label")));
    assert_eq!(claimed(&app, &acme).await, json!(["acme.test"]));
    assert_eq!(told(&app).await, ["start", "verify"]);

    // The rule about whose a domain is takes it from there: the provider is believed about its addresses, they are led to it, and
    // nobody else's provider brings one.
    let after = app.session(&connection, "ada@acme.test").await;
    assert_eq!(after["member"]["email_address_verified"], true);
    let globex = app.organization("globex", json!({})).await;
    let other = app.connection(&globex).await;
    let refused = Browser::new(&app).sign_in(&other, "eve@acme.test").await;
    assert!(refused.status != 302, "{}", refused.text());
    assert_eq!(app.member_count(&globex).await, 0);
}

async fn one_domain_has_one_spelling(app: TestApp) {
    let acme = app.organization("acme", json!({})).await;
    let first = start(&app, &acme, "bücher.example").await;
    assert_eq!(
        (&first["domain"], &first["display_name"]),
        (&json!("xn--bcher-kva.example"), &json!("bücher.example"))
    );
    for same in ["BÜCHER.example.", "XN--bcher-KVA.example", " @bücher。example "] {
        assert_eq!(start(&app, &acme, same).await["record"], first["record"], "{same}");
    }
    let listed = app.get(&path(&acme)).await.ok();
    assert_eq!(listed["domains"].as_array().unwrap().len(), 1);
    let one = app.get(&format!("{}/XN--BCHER-KVA.example.", path(&acme))).await.ok();
    assert_eq!(one["domain"]["domain"], "xn--bcher-kva.example");
}

async fn what_is_everybodys_is_nobodys(app: TestApp) {
    let (app, names) = asking(&app).await;
    let acme = app.organization("acme", json!({})).await;
    for domain in
        ["com", "co.uk", "github.io", "localhost", "10.0.0.1", "[::1]", "a_b.test", "acme..test", ""]
    {
        let refused = app.post(&path(&acme), json!({ "domain": domain })).await;
        assert_eq!(refused.status, 400, "{domain:?}: {}", refused.text());
    }
    for domain in ["gmail.com", "GMAIL.com.", "yahoo.co.uk"] {
        let refused = app.post(&path(&acme), json!({ "domain": domain })).await;
        refused.refused(400, "organization_settings_domain_too_common");
    }
    for nothing in ["acme.test", "no domain"] {
        let path = format!("{}/{}", path(&acme), nothing.replace(' ', "%20"));
        app.get(&path).await.refused(404, "domain_not_found");
        app.post(&format!("{path}/check"), json!({})).await.refused(404, "domain_not_found");
        app.delete(&path).await.refused(404, "domain_not_found");
    }
    assert!(names.asked().is_empty());
}

async fn a_record_of_another_shows_nothing(app: TestApp) {
    let (app, names) = asking(&app).await;
    let acme = app.organization("acme", json!({})).await;
    let globex = app.organization("globex", json!({})).await;
    let ours = start(&app, &acme, "acme.test").await;
    let theirs = start(&app, &globex, "acme.test").await;
    let elsewhere = start(&app, &acme, "other.test").await;
    assert_ne!(ours["record"]["value"], theirs["record"]["value"]);
    for wrong in [&theirs, &elsewhere] {
        names.say("_vestibule-challenge.acme.test", text(&string(&wrong["record"]["value"])));
        let checked = check(&app, &acme, "acme.test").await;
        assert_eq!(
            (&checked["status"], &checked["found"]["what"], &checked["found"]["texts"][0]),
            (&json!("pending"), &json!("other_texts"), &wrong["record"]["value"])
        );
    }
    assert_eq!(claimed(&app, &acme).await, json!([]));
}

async fn who_comes_second_waits(app: TestApp) {
    let (app, names) = asking(&app).await;
    let acme = app.organization("acme", json!({})).await;
    let globex = app.organization("globex", json!({})).await;
    shown(&app, &names, &acme, "acme.test").await;
    // Nothing tells that it is taken until control is shown.
    let second = start(&app, &globex, "acme.test").await;
    names.forget("_vestibule-challenge.acme.test");
    let waiting = check(&app, &globex, "acme.test").await;
    assert_eq!((&waiting["status"], &waiting["held"]), (&json!("pending"), &json!(false)));
    let both =
        [start(&app, &acme, "acme.test").await, second].map(|domain| string(&domain["record"]["value"]));
    names.say("_vestibule-challenge.acme.test", Said::Texts(both.to_vec()));
    for _ in 0..2 {
        let held = check(&app, &globex, "acme.test").await;
        assert_eq!((&held["status"], &held["held"]), (&json!("pending"), &json!(true)));
    }
    assert_eq!((claimed(&app, &globex).await, claimed(&app, &acme).await), (json!([]), json!(["acme.test"])));
    assert_eq!(told(&app).await.iter().filter(|kind| *kind == "hold").count(), 1);
    // In another project it is another matter.
    let project = app.other_project().await;
    let there = project.organization("acme", json!({})).await;
    let third = start(&project, &there, "acme.test").await;
    names.say("_vestibule-challenge.acme.test", text(&string(&third["record"]["value"])));
    assert_eq!(check(&project, &there, "acme.test").await["status"], "verified");
}

async fn of_many_who_show_a_domain_at_once_one_has_it(app: TestApp) {
    let (app, names) = asking(&app).await;
    let (mut organizations, mut values) = (Vec::new(), Vec::new());
    for number in 0..6 {
        let organization = app.organization(&format!("org-{number}"), json!({})).await;
        let begun = start(&app, &organization, "acme.test").await;
        values.push(string(&begun["record"]["value"]));
        organizations.push(organization);
    }
    names.say("_vestibule-challenge.acme.test", Said::Texts(values));
    let second = app.asking_node(&names).await;
    app.pass(6);
    let mut all = JoinSet::new();
    for (number, organization) in organizations.into_iter().enumerate() {
        let node = if number % 2 == 0 { app.clone() } else { second.clone() };
        all.spawn(async move {
            let path = format!("{}/acme.test/check", path(&organization));
            let checked = node.post(&path, json!({})).await.ok();
            (string(&checked["domain"]["status"]), checked["domain"]["held"].as_bool().unwrap())
        });
    }
    let mut outcomes = all.join_all().await;
    outcomes.sort();
    assert_eq!(outcomes.pop(), Some(("verified".to_owned(), false)));
    assert_eq!(outcomes, vec![("pending".to_owned(), true); 5]);
}

async fn a_part_of_anothers_domain_waits(app: TestApp) {
    let (app, names) = asking(&app).await;
    let acme = app.organization("acme", json!({})).await;
    let globex = app.organization("globex", json!({})).await;
    shown(&app, &names, &acme, "acme.test").await;
    for domain in ["mail.acme.test", "a.b.acme.test"] {
        publish(&names, &start(&app, &globex, domain).await);
        let held = check(&app, &globex, domain).await;
        assert_eq!((&held["status"], &held["held"]), (&json!("pending"), &json!(true)), "{domain}");
        // Whoever has the whole shows its parts.
        shown(&app, &names, &acme, domain).await;
    }
    // A name that ends alike is no part.
    shown(&app, &names, &globex, "notacme.test").await;
}

async fn a_record_that_goes_is_a_warning_and_then_a_loss(app: TestApp) {
    let (app, names) = asking(&app).await;
    let acme = app.organization("acme", json!({})).await;
    shown(&app, &names, &acme, "acme.test").await;
    let one = format!("{}/acme.test", path(&acme));
    names.forget("_vestibule-challenge.acme.test");
    assert_eq!(domain_checks::due(&app.app).await.unwrap(), 0, "not before a month");
    app.pass(30 * DAY);
    assert_eq!(domain_checks::due(&app.app).await.unwrap(), 1);
    let at_risk = app.get(&one).await.ok()["domain"].clone();
    assert_eq!(at_risk["status"], "at_risk");
    assert!(at_risk["lost_at"].is_string() && at_risk["missed_since"].is_string());
    // The domain stays theirs meanwhile.
    assert_eq!(claimed(&app, &acme).await, json!(["acme.test"]));
    // It comes back, goes again, and stays away.
    publish(&names, &at_risk);
    app.pass(DAY);
    domain_checks::due(&app.app).await.unwrap();
    assert_eq!(app.get(&one).await.ok()["domain"]["status"], "verified");
    names.forget("_vestibule-challenge.acme.test");
    app.pass(30 * DAY);
    domain_checks::due(&app.app).await.unwrap();
    app.pass(29 * DAY);
    domain_checks::due(&app.app).await.unwrap();
    assert_eq!(claimed(&app, &acme).await, json!(["acme.test"]));
    app.pass(DAY);
    domain_checks::due(&app.app).await.unwrap();
    assert_eq!(app.get(&one).await.ok()["domain"]["status"], "lost");
    assert_eq!(claimed(&app, &acme).await, json!([]));
    assert_eq!(told(&app).await, ["start", "verify", "miss", "recover", "miss", "lose"]);
    // Somebody else may have it now, and the first may not have it back.
    let globex = app.organization("globex", json!({})).await;
    shown(&app, &names, &globex, "acme.test").await;
    publish(&names, &at_risk);
    assert_eq!(check(&app, &acme, "acme.test").await["held"], true);
    app.delete(&format!("{}/acme.test", path(&globex))).await.ok();
    assert_eq!(check(&app, &acme, "acme.test").await["status"], "verified");
}

async fn looks_go_by_themselves_on_one_of_many_nodes(app: TestApp) {
    let (app, names) = asking(&app).await;
    let acme = app.organization("acme", json!({})).await;
    let begun = start(&app, &acme, "acme.test").await;
    let second = app.asking_node(&names).await;
    app.pass(61);
    let (one, other) = tokio::join!(domain_checks::due(&app.app), domain_checks::due(&second.app));
    assert_eq!(one.unwrap() + other.unwrap(), 1);
    assert_eq!(app.get(&path(&acme)).await.ok()["domains"][0]["found"]["what"], "no_such_name");
    publish(&names, &begun);
    app.pass(60);
    assert_eq!(domain_checks::due(&second.app).await.unwrap(), 1);
    assert_eq!(claimed(&app, &acme).await, json!(["acme.test"]));
    let events = app.get("/v1/vestibule/events?limit=100").await.ok();
    let verified = events["events"].as_array().unwrap().iter();
    let verified: Vec<_> = verified.filter(|event| event["action"] == "organization.domain.verify").collect();
    assert_eq!(verified[0]["actor"]["type"], "server", "{verified:?}");
    // Who asks twice in a row asks the network once.
    let before = names.asked().len();
    check(&app, &acme, "acme.test").await;
    let asked = names.asked().len();
    app.post(&format!("{}/acme.test/check", path(&acme)), json!({})).await.ok();
    assert!(asked > before && names.asked().len() == asked);
}

async fn answers_that_lie_show_nothing(app: TestApp) {
    let (app, names) = asking(&app).await;
    let acme = app.organization("acme", json!({})).await;
    let begun = start(&app, &acme, "acme.test").await;
    let value = vec![string(&begun["record"]["value"])];
    for (said, found) in [
        (Said::OfAnother(value.clone()), "no_texts"),
        (Said::OtherClass(value.clone()), "no_texts"),
        (Said::Forged(value.clone()), "no_such_name"),
        (Said::Circle, "unusable_answer"),
        (Said::Garbage, "unusable_answer"),
        (Said::Code(2), "server_failure"),
        (Said::Code(5), "refused"),
        (Said::Silence, "timeout"),
        (Said::Alias("evil.example.com"), "points_elsewhere"),
        (Said::Texts(vec![value[0].replace("vestibule-domain=", "vestibule-domain=x")]), "other_texts"),
        (Said::Texts(vec!["x".repeat(2000)]), "no_texts"),
        (Said::Long(vec!["x".repeat(900); 60]), "unusable_answer"),
    ] {
        names.say("_vestibule-challenge.acme.test", said.clone());
        let checked = check(&app, &acme, "acme.test").await;
        assert_eq!(
            (&checked["status"], &checked["found"]["what"]),
            (&json!("pending"), &json!(found)),
            "{said:?}"
        );
    }
    assert_eq!(claimed(&app, &acme).await, json!([]));
    // What is too long for a datagram is fetched by a stream.
    names.say("_vestibule-challenge.acme.test", Said::Long([vec!["x".repeat(900); 5], value].concat()));
    assert_eq!(check(&app, &acme, "acme.test").await["status"], "verified");
}

async fn other_places_for_the_record(app: TestApp) {
    let (app, names) = asking(&app).await;
    let acme = app.organization("acme", json!({})).await;
    let apex = start(&app, &acme, "apex.test").await;
    names.say("apex.test", Said::Texts(vec!["v=spf1 -all".to_owned(), string(&apex["record"]["value"])]));
    assert_eq!(check(&app, &acme, "apex.test").await["found"]["place"], "apex");
    let alias = start(&app, &acme, "alias.test").await;
    let target: &'static str = string(&alias["record"]["cname_target"]).leak();
    assert!(target.ends_with(".vestibule.test") || target.contains('.'), "{target}");
    names.say("_vestibule-challenge.alias.test", Said::Alias(target));
    assert_eq!(check(&app, &acme, "alias.test").await["found"]["place"], "alias");
    let doubled = start(&app, &acme, "doubled.test").await;
    names.say("_vestibule-challenge.doubled.test.doubled.test", text(&string(&doubled["record"]["value"])));
    let found = check(&app, &acme, "doubled.test").await;
    assert_eq!((&found["status"], &found["found"]["what"]), (&json!("pending"), &json!("name_doubled")));
}

async fn what_the_project_claimed_stays_its_word(app: TestApp) {
    let (app, names) = asking(&app).await;
    let acme = app.organization("acme", json!({ "claimed_email_domains": ["acme.test"] })).await;
    assert_eq!(app.get(&path(&acme)).await.ok()["claimed_by_project"], json!(["acme.test"]));
    shown(&app, &names, &acme, "acme.test").await;
    assert_eq!(app.get(&path(&acme)).await.ok()["claimed_by_project"], json!([]));
    app.delete(&format!("{}/acme.test", path(&acme))).await.ok();
    assert_eq!(claimed(&app, &acme).await, json!(["acme.test"]));
    // What it takes away is not taken again by itself.
    shown(&app, &names, &acme, "other.test").await;
    let organization = format!("/v1/b2b/organizations/{acme}");
    app.put(&organization, json!({ "claimed_email_domains": ["acme.test"] })).await.ok();
    app.pass(30 * DAY);
    domain_checks::due(&app.app).await.unwrap();
    assert_eq!(claimed(&app, &acme).await, json!(["acme.test"]));
}

async fn a_domain_is_removed_with_what_it_opened(app: TestApp) {
    let (app, names) = asking(&app).await;
    let acme = app.organization("acme", json!({})).await;
    shown(&app, &names, &acme, "acme.test").await;
    let globex = app.organization("globex", json!({})).await;
    app.delete(&format!("{}/acme.test", path(&globex))).await.refused(404, "domain_not_found");
    app.pass(1);
    app.delete(&format!("{}/acme.test", path(&acme))).await.ok();
    assert_eq!(claimed(&app, &acme).await, json!([]));
    assert_eq!(app.get(&path(&acme)).await.ok()["domains"], json!([]));
    // Its record shows nothing any more: the next one is another.
    app.pass(1);
    start(&app, &acme, "acme.test").await;
    assert_eq!(check(&app, &acme, "acme.test").await["found"]["what"], "other_texts");
    assert_eq!(told(&app).await, ["start", "verify", "remove", "start"]);
}

async fn no_more_than_a_hundred(app: TestApp) {
    let acme = app.organization("acme", json!({})).await;
    for number in 0..100 {
        start(&app, &acme, &format!("domain-{number}.test")).await;
    }
    let refused = app.post(&path(&acme), json!({ "domain": "one-more.test" })).await;
    refused.refused(400, "too_many_domains");
    assert_eq!(start(&app, &acme, "domain-7.test").await["status"], "pending");
}
