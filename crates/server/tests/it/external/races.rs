//! What happens when lender and borrower act at the same moment. Whoever comes first, nothing is left that borrows what is
//! not there, nobody is signed in by it, and every answer has a name.

use std::time::Duration;

use http::StatusCode;
use serde_json::json;

use super::sign_in::{answered, session};
use super::{BOTH, Lent, Source, borrowed, connections, lend, organization};
use crate::app::{TestApp, on_both_engines, text};
use crate::browser::Browser;
use crate::reply::{Reply, parameter};

on_both_engines!(
    a_sign_in_and_the_removal_of_what_it_borrows,
    a_loan_and_the_removal_of_what_is_lent,
    a_default_and_the_removal_of_what_is_lent,
    many_take_back_at_once,
    a_borrower_is_lent_one_once,
);

const ADA: &str = "ada@example.com";
const ROUNDS: u64 = 8;

async fn after(micros: u64) {
    tokio::time::sleep(Duration::from_micros(micros)).await;
}

/// Nothing was a mistake of ours.
fn is_orderly(reply: &Reply) -> bool {
    !reply.status.is_server_error()
}

async fn a_sign_in_and_the_removal_of_what_it_borrows(app: TestApp) {
    for source in BOTH {
        for round in 0..ROUNDS {
            let lent = Lent::new(&app, source).await;
            let before = session(&app, &lent.borrowed, ADA).await;
            let mut browser = Browser::new(&app);
            let to = browser.start(&lent.borrowed, &[]).await;
            let back = answered(&browser, &to, ADA).await;
            let taking = async {
                after(round * 800).await;
                match round % 2 {
                    0 => lent.remove_source(&app).await,
                    _ => app.delete(&format!("/v1/b2b/organizations/{}", lent.lender)).await,
                }
            };
            let (brought, taken) = tokio::join!(browser.bring(&back), taking);
            taken.ok();
            assert!(is_orderly(&brought), "{}", brought.text());
            if brought.status == StatusCode::FOUND {
                let redeemed = app.redeem(&parameter(&brought.location(), "token")).await;
                redeemed.refused(404, "sso_token_not_found");
            }
            let used = json!({ "session_token": before["session_token"] });
            app.post("/v1/b2b/sessions/authenticate", used).await.refused(404, "session_not_found");
            let member = text(&before["member_id"]);
            let path = format!("/v1/b2b/organizations/{}/member?member_id={member}", lent.borrower);
            assert_eq!(app.get(&path).await.ok()["member"]["sso_registrations"], json!([]));
            assert_eq!(connections(&app, &lent.borrower).await, json!([]));
        }
    }
}

async fn a_loan_and_the_removal_of_what_is_lent(app: TestApp) {
    for round in 0..ROUNDS {
        let lent = Lent::new(&app, Source::Oidc).await;
        let third = app.organization(&super::slug("third"), json!({})).await;
        let taking = async {
            after(round * 200).await;
            match round % 2 {
                0 => lent.remove_source(&app).await,
                _ => app.delete(&format!("/v1/b2b/organizations/{}", lent.lender)).await,
            }
        };
        let (made, taken) = tokio::join!(lend(&app, &third, &lent.lender, &lent.source, json!({})), taking);
        taken.ok();
        assert!(is_orderly(&made), "{}", made.text());
        for organization in [&lent.borrower, &third] {
            assert_eq!(connections(&app, organization).await, json!([]), "round {round}: {}", made.text());
        }
    }
}

async fn a_default_and_the_removal_of_what_is_lent(app: TestApp) {
    for round in 0..ROUNDS {
        let lent = Lent::new(&app, Source::Saml).await;
        let path = format!("/v1/b2b/organizations/{}", lent.borrower);
        let taking = async {
            after(round * 150).await;
            lent.remove_source(&app).await
        };
        let named = json!({ "sso_default_connection_id": lent.borrowed });
        let (changed, taken) = tokio::join!(app.put(&path, named), taking);
        taken.ok();
        assert!(is_orderly(&changed), "{}", changed.text());
        assert_eq!(organization(&app, &lent.borrower).await["sso_default_connection_id"], json!(null));
    }
}

/// Two organizations borrow of each other; both lenders take back, and both borrowers give back, at once.
async fn many_take_back_at_once(app: TestApp) {
    for _ in 0..ROUNDS {
        let lent = Lent::new(&app, Source::Oidc).await;
        let own = app.connection(&lent.borrower).await;
        let back = borrowed(&app, &lent.lender, &lent.borrower, &own, json!({})).await;
        for connection in [&lent.borrowed, &back] {
            session(&app, connection, ADA).await;
        }
        let remove = async |organization: &str, connection: &str| {
            app.delete(&format!("/v1/b2b/sso/{organization}/connections/{connection}")).await
        };
        let (a, b, c, d) = tokio::join!(
            remove(&lent.lender, &lent.source),
            remove(&lent.borrower, &own),
            remove(&lent.borrower, &lent.borrowed),
            remove(&lent.lender, &back),
        );
        a.ok();
        b.ok();
        for given_back in [c, d] {
            assert!(matches!(given_back.status.as_u16(), 200 | 404), "{}", given_back.text());
        }
        for organization in [&lent.lender, &lent.borrower] {
            assert_eq!(connections(&app, organization).await, json!([]));
        }
    }
}

async fn a_borrower_is_lent_one_once(app: TestApp) {
    let lent = Lent::new(&app, Source::Oidc).await;
    let third = app.organization("third", json!({})).await;
    let asks = (0..8).map(|_| {
        let (app, third, lender, source) =
            (app.clone(), third.clone(), lent.lender.clone(), lent.source.clone());
        tokio::spawn(async move { lend(&app, &third, &lender, &source, json!({})).await })
    });
    let mut made = 0;
    for ask in asks.collect::<Vec<_>>() {
        let reply = ask.await.unwrap();
        match reply.status.as_u16() {
            200 => made += 1,
            _ => drop(reply.refused(400, "duplicate_external_sso_connection")),
        }
    }
    assert_eq!(made, 1);
    assert_eq!(connections(&app, &third).await.as_array().unwrap().len(), 1);
}
