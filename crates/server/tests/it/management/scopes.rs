//! Which scope opens which call: every call of the Management API is asked with a token that has all scopes but those it is
//! listed with, and with one that has enough of them.

use vestibule_server::routes::{self, management_scopes};
use vestibule_server::{Endpoint, Needs};

use super::{Manager, refused};
use crate::app::{TestApp, on_both_engines};

on_both_engines!(what_is_stated_is_what_opens);

fn all() -> Vec<(Endpoint, &'static [&'static str], bool)> {
    let listed = routes::endpoints().into_iter().filter_map(|endpoint| match endpoint.needs {
        Needs::AnyScope(scopes) => Some((endpoint, scopes, false)),
        Needs::EveryScope(scopes) => Some((endpoint, scopes, true)),
        _ => None,
    });
    let listed: Vec<_> = listed.collect();
    assert!(listed.len() >= 60, "only {} calls are listed", listed.len());
    listed
}

/// The golden table: what opens each call.
#[test]
fn the_table() {
    let lines: Vec<String> = all()
        .into_iter()
        .map(|(endpoint, scopes, every)| {
            let word = if every { "all of" } else { "any of" };
            format!("{:<6} {}  {word} {}", endpoint.method, endpoint.path, scopes.join(" "))
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

/// A path whose ids nobody has.
fn path(endpoint: &Endpoint) -> String {
    let pieces = endpoint.path.trim_start_matches("/api/v2").split('/');
    let filled = pieces.map(|piece| if piece.starts_with('{') { "nobody" } else { piece });
    filled.collect::<Vec<_>>().join("/")
}

async fn what_is_stated_is_what_opens(app: TestApp) {
    let every_scope = management_scopes();
    for (endpoint, scopes, every) in all() {
        let ask = async |held: &[&str]| {
            let manager = Manager::with(&app, held).await;
            manager.send(endpoint.method.clone(), &path(&endpoint), "{}").await
        };
        let without: Vec<&str> =
            every_scope.iter().copied().filter(|scope| !scopes.contains(scope)).collect();
        let answer = ask(&without).await;
        let (code, message) = refused(&answer, 403);
        assert_eq!(code, "insufficient_scope", "{} {}", endpoint.method, endpoint.path);
        assert!(message.starts_with("Insufficient scope, expected"), "{message}");
        assert!(scopes.iter().all(|scope| message.contains(scope)), "{message}");
        if every {
            for left_out in scopes {
                let some: Vec<&str> = scopes.iter().copied().filter(|scope| scope != left_out).collect();
                assert_eq!(
                    ask(&some).await.status,
                    403,
                    "{} {} without {left_out}",
                    endpoint.method,
                    endpoint.path
                );
            }
            assert_ne!(ask(scopes).await.status, 403, "{} {}", endpoint.method, endpoint.path);
        } else {
            for one in scopes {
                assert_ne!(ask(&[one]).await.status, 403, "{} {} with {one}", endpoint.method, endpoint.path);
            }
        }
    }
}
