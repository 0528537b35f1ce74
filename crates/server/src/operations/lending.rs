//! What goes along when a connection goes that is lent: those that borrow it, with their registrations and sessions, in the
//! same batch. Lending gives nobody a hold on the lender: it takes its connection back by removing it, at once.

use vestibule_domain::Time;
use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::organization::Organization;
use vestibule_store::tables::connections;
use vestibule_store::tables::lending::{self, Borrower, Lent};
use vestibule_store::tables::{application_connections, organizations, registrations, sign_outs};
use vestibule_store::{Batch, Write};

use super::events::Scene;
use crate::world::App;

/// Removes what is borrowed of something that goes. The batch that it becomes part of locks the lending organization.
pub(crate) fn taken_back(app: &App, lent: Lent, borrowers: &[Borrower], now: Time) -> Batch {
    let mut batch = Batch::new().requires([lending::as_loaded(lent, borrowers.len())]);
    let mut organizations: Vec<(Organization, i64)> = Vec::new();
    for borrower in borrowers {
        batch = batch.with(removed(app, borrower, now));
        let Some(organization) = &borrower.organization else { continue };
        let known = organizations.iter_mut().find(|(known, _)| known.id == organization.id);
        match known {
            Some((known, _)) => known.lose_connection(borrower.connection, now),
            None => {
                let mut without = organization.clone();
                without.lose_connection(borrower.connection, now);
                organizations.push((without, organization.version));
            }
        }
    }
    for (without, loaded) in organizations {
        // One that does not name the connection must not begin to.
        batch = if without.version == loaded {
            batch.requires(organizations::at_version(without.tenant(), loaded))
        } else {
            batch.with(organizations::update(&without, loaded))
        };
    }
    batch
}

/// The server takes it away, whoever made the lender's go: who that was is nothing to the borrower.
fn removed(app: &App, borrower: &Borrower, now: Time) -> Vec<Write> {
    let (tenant, id) = (borrower.tenant, borrower.connection);
    let event = Scene::unasked(tenant, now)
        .event(app, EventKind::ConnectionDeleted, Object::Connection(id))
        .with("because", "the connection that it borrowed was removed");
    let goes = [
        connections::delete(tenant, id, now),
        registrations::delete_of_connection(tenant.project_id(), id),
        application_connections::forget_connection(tenant.project_id(), id),
        event.write(),
    ];
    sign_outs::of_connection(tenant, id).into_iter().chain(goes).collect()
}
