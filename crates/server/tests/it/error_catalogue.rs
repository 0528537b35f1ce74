//! Every row of the error catalogue as a client sees it. A changed line in the snapshot is a changed
//! contract.

use serde_json::Value;
use vestibule_domain::id::{Environment, RequestId};
use vestibule_domain::refusal::{Field, Refusal, Thing, What};
use vestibule_domain::session::Origin;
use vestibule_server::Door as _;
use vestibule_server::ErrorKind;
use vestibule_server::Language;
use vestibule_server::SeededEntropy;
use vestibule_server::{Auth0, row};
use vestibule_server::{Ctx, Facts};
use vestibule_server::{Stytch, kind};

fn ctx() -> Ctx {
    Facts {
        request_id: RequestId::generate(Environment::Test, &SeededEntropy::new(1)),
        now: vestibule_domain::Time::from_millis(0),
        ip: std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
        host: String::new(),
        user_agent: String::new(),
        is_read_by_person: false,
        language: Language::default(),
        chosen_language: None,
        unknown: std::sync::OnceLock::new(),
        allowance: std::sync::OnceLock::new(),
        is_asked_by_own_page: std::sync::OnceLock::new(),
        framed_by: std::sync::OnceLock::new(),
    }
    .into()
}

fn envelope(refusal: &Refusal) -> (u16, Value) {
    let said = Stytch::refuse(refusal, &ctx(), "https://sso.example.com");
    (said.status.as_u16(), serde_json::from_slice(&said.body).unwrap())
}

#[test]
fn every_row() {
    let meanings = What::all();
    let mut rows = Vec::new();
    for row in ErrorKind::ALL {
        let meaning = meanings.iter().find(|meaning| kind(**meaning) == *row);
        let meaning = meaning.unwrap_or_else(|| panic!("nothing means {}", row.name()));
        let (status, body) = envelope(&Refusal::new(*meaning));
        assert_eq!(body["status_code"], status, "{}", row.name());
        let members: Vec<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(members, ["error_message", "error_type", "error_url", "request_id", "status_code"]);
        rows.push(format!("{status} {:<50} {}", row.name(), body["error_message"].as_str().unwrap()));
    }
    insta::assert_snapshot!(rows.join("\n"));
}

#[test]
fn a_detail_follows_the_sentence() {
    let refusal = Refusal::new(What::Invalid(Field::Setting)).found("\"x\" in mfa_policy");
    insta::assert_json_snapshot!(envelope(&refusal).1);
}

#[test]
fn the_origin_of_a_request_is_its_address_and_agent() {
    let expected = Origin { user_agent: String::new(), ip_address: "127.0.0.1".to_owned() };
    assert_eq!(ctx().origin(), expected);
}

/// What the second door makes of each meaning: the match is exhaustive, and this is what it says.
#[test]
fn every_meaning_in_the_second_dialect() {
    let mut rows = Vec::new();
    for what in What::all() {
        let said = Auth0::refuse(&Refusal::new(what), &ctx(), "https://sso.example.com");
        let body: Value = serde_json::from_slice(&said.body).unwrap();
        let row = row(what);
        assert_eq!(
            (said.status, body["statusCode"].as_u64()),
            (row.status, Some(row.status.as_u16().into()))
        );
        assert_eq!(body["error"], row.status.canonical_reason().unwrap());
        let code = body["errorCode"].as_str().unwrap_or("-");
        rows.push(format!("{what:?}: {} {code} {}", said.status.as_u16(), body["message"].as_str().unwrap()));
    }
    insta::assert_snapshot!(rows.join("\n"));
}

#[test]
fn the_second_dialect_tells_what_was_found_where_its_sentence_is_free() {
    let body = |refusal: &Refusal| -> Value {
        serde_json::from_slice(&Auth0::refuse(refusal, &ctx(), "").body).unwrap()
    };
    let told = body(&Refusal::new(What::Invalid(Field::ClientId)).because("options.client_id is required"));
    assert_eq!(told["message"], "options.client_id is required");
    // Clients know this one: nothing is added to it.
    let fixed = body(&Refusal::new(What::NotFound(Thing::Connection)).found("con_1"));
    assert_eq!(fixed["message"], "The connection does not exist");
}
