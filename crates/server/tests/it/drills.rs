//! What an operator does when something has leaked, with the program itself and a server that goes on running: afterwards
//! the old one opens nothing, and everything that should live lives.

use std::path::Path;

use serde_json::{Value, json};
use vestibule_store::{Options, Read, Store, StoreUrl};

use crate::app::{postgres_base, text, with_own_database};
use crate::program::{Place, Server};

const UPSTREAM: &str = "the-client-secret-that-is-sealed";
/// Every sealed column, and its statement.
const SEALED: [(&str, &str); 4] = [
    (
        "connections",
        "SELECT id, sealed_client_secret FROM connections WHERE sealed_client_secret IS NOT NULL",
    ),
    ("connections", "SELECT id, sealed_private_keys FROM connections WHERE sealed_private_keys IS NOT NULL"),
    ("signing_keys", "SELECT id, sealed_private_key FROM signing_keys"),
    ("sessions", "SELECT id, sealed_token FROM sessions"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leaks_are_mended_on_sqlite() {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}/v.db", directory.path().display());
    drill(directory.path(), &url).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leaks_are_mended_on_postgres() {
    let Some(base) = postgres_base() else { return };
    let directory = tempfile::tempdir().unwrap();
    with_own_database(&base, async |url: String| drill(directory.path(), &url).await).await;
}

impl Place<'_> {
    async fn texts(&self, table: &'static str, sql: &'static str) -> Vec<String> {
        let store = Store::open(&StoreUrl::parse(self.database).unwrap(), &Options::default()).await.unwrap();
        store.query_all(Read::new(table, sql, Vec::new()), |row| row.text(1)).await.unwrap()
    }

    async fn data_keys(&self) -> Vec<String> {
        self.texts("data_keys", "SELECT 'key', id FROM data_keys ORDER BY created_at, id").await
    }

    /// Which data keys read what is stored.
    async fn sealing_keys(&self) -> Vec<String> {
        let mut keys = Vec::new();
        for (table, sql) in SEALED {
            let sealed = self.texts(table, sql).await;
            keys.extend(sealed.iter().map(|text| text.split('.').nth(1).unwrap().to_owned()));
        }
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}

impl Server {
    /// Makes a connection whose client secret is sealed.
    fn sealed(&self, secret: &(String, String), organization: &str) -> String {
        let path = format!("/v1/b2b/sso/oidc/{organization}");
        let made = self.ok(secret, "POST", &path, &json!({ "display_name": "IdP" }));
        let id = text(&made["connection"]["connection_id"]);
        let path = format!("{path}/connections/{id}");
        self.ok(secret, "PUT", &path, &json!({ "client_secret": UPSTREAM, "client_id": "c" }));
        id
    }

    fn reads_all(&self, secret: &(String, String), organization: &str, most: usize) {
        let found = self.ok(secret, "GET", &format!("/v1/b2b/sso/{organization}"), &json!({}));
        let connections = found["oidc_connections"].as_array().unwrap();
        assert_eq!(connections.len(), most, "none is left out");
        assert!(connections.iter().all(|connection| connection["client_secret"] == UPSTREAM), "{found}");
        let keys = self.ok(secret, "GET", &format!("/v1/b2b/sessions/jwks/{}", secret.0), &json!({}));
        assert!(!keys["keys"].as_array().unwrap().is_empty());
    }
}

async fn drill(directory: &Path, database: &str) {
    let place = Place { directory, database };
    let (old, new) = ("--master-key-file old.key", "--master-key-file new.key");
    let both = format!("{new} --master-key-previous-file old.key");
    for key in ["old", "new"] {
        place.ok(&format!("keys generate --out {key}.key"));
    }
    place.ok(&format!("migrate {old}"));
    let made: Value = serde_json::from_str(&place.ok(&format!("project create Acme --json {old}"))).unwrap();
    let first = (text(&made["project_id"]), text(&made["secret"]));
    let server = place.serve(old);
    let body = json!({ "organization_name": "Acme", "organization_slug": "acme" });
    let organization = server.ok(&first, "POST", "/v1/b2b/organizations", &body);
    let organization = text(&organization["organization"]["organization_id"]);
    server.sealed(&first, &organization);
    server.reads_all(&first, &organization, 1);

    // The project's secret has leaked: another is made, both are good, the first one ends at once.
    let created = place.ok(&format!("secret create {} --json {old}", first.0));
    let second = (first.0.clone(), text(&serde_json::from_str::<Value>(&created).unwrap()["secret"]));
    server.reads_all(&first, &organization, 1);
    server.reads_all(&second, &organization, 1);
    let listed: Value =
        serde_json::from_str(&place.ok(&format!("secret list {} --json {old}", first.0))).unwrap();
    let handle = vestibule_domain::secret::TokenHash::of(first.1.as_bytes()).hex()[..8].to_owned();
    assert!(listed.to_string().contains(&handle), "{listed}");
    place.ok(&format!("secret revoke {} {handle} {old}", first.0));
    assert_eq!(server.call(&first, "GET", &format!("/v1/b2b/sso/{organization}"), &json!({})).0, 401);
    server.reads_all(&second, &organization, 1);

    // The master key has leaked. A server that has both keys runs beside; one that has the old one runs on.
    let leaked = place.data_keys().await;
    let during = place.serve(&both);
    let answer = place.ok(&format!("keys rotate --leaked {both}"));
    assert!(answer.contains("1 data keys are now under master key"), "{answer}");
    assert_eq!(place.data_keys().await.len(), 2);
    assert!(!place.sealing_keys().await.contains(&leaked[0]), "everything was sealed again");
    // It does not know the new data key yet, and seals with the leaked one.
    during.sealed(&second, &organization);
    assert!(place.sealing_keys().await.contains(&leaked[0]));
    during.reads_all(&second, &organization, 2);
    let early = place.refused(&format!("keys forget-data {new}"));
    assert!(early.contains("five minutes"), "{early}");
    assert!(!place.sealing_keys().await.contains(&leaked[0]), "but it was sealed again");

    let after = place.serve(new);
    drop((server, during));
    place.ok(&format!("keys forget-data --force {new}"));
    let left = place.data_keys().await;
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(!left.contains(&leaked[0]));
    assert_eq!(place.sealing_keys().await, left);
    after.sealed(&second, &organization);
    after.reads_all(&second, &organization, 3);
    place.ok(&format!("keys rotate-session {} {new}", second.0));
    after.reads_all(&second, &organization, 3);
    // The old master key opens nothing, whichever command or server is given it.
    let refused = place.refused(&format!("keys rotate-data {old}"));
    assert!(refused.contains("wrong master key"), "{refused}");
    let refused =
        place.refused(&format!("serve --listen 127.0.0.1:0 --base-url https://sso.example.com {old}"));
    assert!(refused.contains("wrong master key"), "{refused}");
}
