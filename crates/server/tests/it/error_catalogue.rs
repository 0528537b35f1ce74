//! Every row of the error catalogue as a client sees it. A changed line in the snapshot is a changed
//! contract.

use serde_json::Value;
use vestibule_domain::id::{Environment, RequestId};
use vestibule_domain::refusal::{Field, Refusal, What};
use vestibule_domain::session::Origin;
use vestibule_server::doors::stytch::catalogue::ErrorKind;
use vestibule_server::doors::stytch::{Stytch, kind};
use vestibule_server::http::ctx::Ctx;
use vestibule_server::http::door::Door as _;
use vestibule_server::world::entropy::SeededEntropy;

fn ctx() -> Ctx {
    Ctx {
        request_id: RequestId::generate(Environment::Test, &SeededEntropy::new(1)),
        now: vestibule_domain::Time::from_millis(0),
        ip: std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
        user_agent: String::new(),
    }
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
