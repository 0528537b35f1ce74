//! What a connection asks of its provider and what it makes of the answer, in all the ways that one can be set to: the second
//! dialect's settings, which the first has no words for.

mod modes;
mod people;
mod profile;
mod shared;

use serde_json::Value;
use vestibule_domain::Patch;
use vestibule_domain::connection::{CommonPatch, Connection, OidcPatch, Protocol, SamlPatch, UrlPolicy};
use vestibule_domain::mapping::attribute_map::AttributeMap;
use vestibule_store::Batch;
use vestibule_store::tables::{connections, homes};

use crate::app::TestApp;

/// The connection with this id.
pub(crate) async fn load(app: &TestApp, id: &str) -> Connection {
    let found = app.app.store.connection_at_callback(&app.app.vault, id.parse().unwrap()).await;
    found.unwrap().unwrap()
}

/// Changes a connection in what its own dialect does not say.
pub(crate) async fn set(app: &TestApp, id: &str, patch: OidcPatch) {
    change(app, id, |connection| {
        let now = app.app.clock.now();
        match &connection.protocol {
            Protocol::Oidc(_) => connection.apply_oidc(patch, None, UrlPolicy::HttpsOrLoopback, now),
            Protocol::Saml(_) => {
                let patch = SamlPatch { common: patch.common, ..SamlPatch::default() };
                connection.apply_saml(patch, None, UrlPolicy::HttpsOrLoopback, now)
            }
            Protocol::External(_) => connection.apply_common(patch.common, UrlPolicy::HttpsOrLoopback, now),
        }
        .unwrap();
    })
    .await;
}

/// Changes a connection in what all have.
pub(crate) async fn set_common(app: &TestApp, id: &str, common: CommonPatch) {
    set(app, id, OidcPatch { common, ..OidcPatch::default() }).await;
}

pub(crate) async fn change(app: &TestApp, id: &str, change: impl FnOnce(&mut Connection)) {
    let mut connection = load(app, id).await;
    let loaded = connection.version;
    change(&mut connection);
    let update = connections::update(&connection, loaded, &app.app.vault, app.app.entropy.as_ref()).unwrap();
    app.app.store.commit(Batch::from(update).with(homes::home_domains(&connection))).await.unwrap();
}

/// A map of attributes as it is stored.
pub(crate) fn map(stored: Value) -> Patch<AttributeMap> {
    Patch::Set(serde_json::from_value(stored).unwrap())
}
