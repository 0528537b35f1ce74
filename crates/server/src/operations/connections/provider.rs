//! What the provider of a SAML connection calls itself, where nobody has said it.

use vestibule_domain::Time;
use vestibule_domain::connection::Connection;
use vestibule_domain::event::{EventKind, Object};

use crate::failure::Failure;
use crate::operations::change::{Decision, change};
use crate::operations::events::Scene;
use crate::world::App;

/// Keeps what a response has proved, with an event that tells it. Gives the connection as it is now.
///
/// # Errors
/// The connection is gone, another one of the organization has this provider, or a text that is no entity id.
pub(crate) async fn learn(
    app: &App,
    known: &Connection,
    entity_id: &str,
    now: Time,
) -> Result<Connection, Failure> {
    let (tenant, id) = (known.tenant(), known.id);
    let load = || super::load(app, tenant, id);
    let (connection, ()) = change(app, id, load, |connection| {
        let before = connection.clone();
        if !connection.learn_saml_provider(entity_id, now)? {
            return Ok(Decision::Leave(()));
        }
        let event = Scene::unasked(tenant, now)
            .event(app, EventKind::MetadataChanged, Object::Connection(id))
            .changed(&before, &*connection);
        Ok(Decision::Save(event.write().into(), ()))
    })
    .await?;
    Ok(connection)
}
