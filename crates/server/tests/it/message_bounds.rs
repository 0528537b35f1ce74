//! What bounds the messages that are sent for somebody: how many they are, and what a name in one can say.

use serde_json::json;
use vestibule_server::MessageLimits;

use crate::app::{TestApp, on_both_engines, text};
use crate::by_mail::{ADA, CODE, INVITE, LINK, SEEK, SEEK_BY_CODE, acme, member, post, send};

on_both_engines!(
    messages_are_counted,
    an_organization_leaves_room_for_others,
    a_name_in_a_message_is_no_message,
);

async fn messages_are_counted(app: TestApp) {
    let organization = acme(&app, json!({})).await;
    let limits =
        MessageLimits { to_address_per_hour: 3, of_project_per_minute: 5, texts_of_project_per_hour: 0 };
    let (one, two) = (app.limited_node(limits, 6).await, app.limited_node(limits, 7).await);
    send(&one, LINK, &organization, ADA).await.ok();
    send(&two, CODE, &organization, ADA).await.ok();
    post(&one, SEEK, json!({ "email_address": ADA })).await.ok();
    for path in [LINK, CODE] {
        let refused = send(&two, path, &organization, ADA).await;
        refused.refused(429, "too_many_requests");
        let seconds: i64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=3601).contains(&seconds), "{seconds}");
    }
    assert_eq!(app.messages_to(ADA).await.len(), 3);
    for (address, allowed) in [("b@acme.test", true), ("c@acme.test", true), ("d@acme.test", false)] {
        let answer = post(&two, SEEK_BY_CODE, json!({ "email_address": address })).await;
        assert_eq!(answer.status == 200, allowed, "{address}: {}", answer.text());
    }
    app.pass(61);
    post(&two, SEEK_BY_CODE, json!({ "email_address": "d@acme.test" })).await.ok();
    app.pass(3600);
    send(&one, LINK, &organization, ADA).await.ok();
}

/// Whoever likes founds an organization and has it send.
async fn an_organization_leaves_room_for_others(app: TestApp) {
    let open = json!({ "email_jit_provisioning": "RESTRICTED", "email_allowed_domains": ["acme.test"] });
    let loud = app.organization("loud", open.clone()).await;
    let quiet = app.organization("quiet", open).await;
    let limits =
        MessageLimits { to_address_per_hour: 0, of_project_per_minute: 6, texts_of_project_per_hour: 0 };
    let node = app.limited_node(limits, 6).await;
    for number in 0..3 {
        send(&node, LINK, &loud, &format!("a{number}@acme.test")).await.ok();
    }
    send(&node, CODE, &loud, "b@acme.test").await.refused(429, "too_many_requests");
    for number in 0..2 {
        send(&node, LINK, &quiet, &format!("a{number}@acme.test")).await.ok();
    }
    post(&node, SEEK, json!({ "email_address": ADA })).await.ok();
    post(&node, SEEK, json!({ "email_address": ADA })).await.refused(429, "too_many_requests");
    app.pass(61);
    send(&node, CODE, &loud, "b@acme.test").await.ok();
}

/// Whoever founds an organization names it, and its mails come from the product.
async fn a_name_in_a_message_is_no_message(app: TestApp) {
    let organization = acme(&app, json!({ "email_invites": "ALL_ALLOWED" })).await;
    let inviter = text(&member(&app, &organization, ADA).await["member_id"]);
    let path = format!("/v1/b2b/organizations/{organization}");
    for header in ["Acme\r\nBcc: eve@evil.test", "Acme\nX: y", "Acme\u{85}"] {
        let refused = app.put(&path, json!({ "organization_name": header })).await;
        refused.refused(400, "invalid_organization_name");
    }
    let name = "Bank: log in at https://evil.test/in \u{202e}emca";
    app.put(&path, json!({ "organization_name": name })).await.ok();
    let eve = json!({ "name": "evil.test/prize \u{2066}Eve" });
    app.put(&format!("{path}/members/{inviter}"), eve).await.ok();
    let body = json!({
        "organization_id": organization, "email_address": "grace@navy.test", "invited_by_member_id": inviter,
    });
    post(&app, INVITE, body).await.ok();
    let sent = app.messages_to("grace@navy.test").await.pop().unwrap();
    assert_eq!(sent.subject, "… Eve invites you to join Bank: log in at … emca");
    assert!(!sent.text.contains("evil.test") && !sent.text.contains('\u{202e}'), "{}", sent.text);
}
