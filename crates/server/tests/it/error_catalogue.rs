//! Every row of the error catalogue as a client sees it. A changed line in the snapshot is a changed
//! contract.

use axum::response::IntoResponse as _;
use serde_json::Value;
use vestibule_domain::fault::{Fault, FaultKind};
use vestibule_domain::id::{Environment, RequestId};
use vestibule_domain::session::Origin;
use vestibule_server::ctx::Ctx;
use vestibule_server::entropy::SeededEntropy;
use vestibule_server::reply::{Failure, render_failure};

use crate::reply::Reply;

fn ctx() -> Ctx {
    Ctx {
        request_id: RequestId::generate(Environment::Test, &SeededEntropy::new(1)),
        now: vestibule_domain::Time::from_millis(0),
        ip: std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
        user_agent: String::new(),
    }
}

async fn envelope(fault: Fault) -> (u16, Value) {
    let mut response = Failure::from(fault).into_response();
    render_failure(&mut response, &ctx(), "https://sso.example.com", &tracing::Span::none());
    let reply = Reply::read(response).await;
    (reply.status.as_u16(), reply.json())
}

#[tokio::test]
async fn every_row() {
    let mut rows = Vec::new();
    for kind in FaultKind::ALL {
        let (status, body) = envelope((*kind).into()).await;
        assert_eq!(body["status_code"], status, "{}", kind.name());
        let members: Vec<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(members, ["error_message", "error_type", "error_url", "request_id", "status_code"]);
        rows.push(format!("{status} {:<50} {}", kind.name(), body["error_message"].as_str().unwrap()));
    }
    insta::assert_snapshot!(rows.join("\n"));
}

#[tokio::test]
async fn a_detail_follows_the_sentence() {
    let fault = Fault::new(FaultKind::InvalidField).because("Found \"x\" in mfa_policy.");
    insta::assert_json_snapshot!(envelope(fault).await.1);
}

#[test]
fn the_origin_of_a_request_is_its_address_and_agent() {
    let expected = Origin { user_agent: String::new(), ip_address: "127.0.0.1".to_owned() };
    assert_eq!(ctx().origin(), expected);
}
