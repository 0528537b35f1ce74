//! What was changed about an organization's sign-in: the part of the audit trail that its own administrator may see.

use vestibule_domain::event::{Event, Object};
use vestibule_domain::id::ConnectionId;
use vestibule_domain::rbac::Grant;
use vestibule_domain::rbac::asks::ReadConnections;
use vestibule_store::tables::events::EventFilter;
use vestibule_store::tables::search::{Cursor, Page};

use crate::failure::Failure;
use crate::world::App;

/// How many events are read at once, and how many of these rounds one page may take.
const AT_ONCE: u32 = 200;
const ROUNDS: u32 = 10;

/// A part of what was changed about connections, directories and links, or about one connection, the newest first. What is told of
/// members is for the vendor. A page may have fewer than `limit` and still say where the next begins.
///
/// # Errors
/// The store's.
pub(crate) async fn list(
    app: &App,
    grant: &Grant<ReadConnections>,
    only: Option<ConnectionId>,
    (before, limit): (Option<&Cursor>, u32),
) -> Result<Page<Event>, Failure> {
    let organization = grant.tenant().organization_id();
    let filter = EventFilter {
        organization: only.is_none().then_some(organization),
        object: only.map(|id| id.to_string()),
        ..EventFilter::default()
    };
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let (mut items, mut before) = (Vec::new(), before.cloned());
    for _ in 0..ROUNDS {
        let page = app.store.events(grant.project_id(), &filter, before.as_ref(), AT_ONCE).await?;
        for event in page.items {
            if event.organization_id != Some(organization) || !is_of_sign_in(&event) {
                continue;
            }
            if items.len() == most {
                let next = items.last().map(|last: &Event| Cursor::new(last.at, last.id));
                return Ok(Page { items, next });
            }
            items.push(event);
        }
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    Ok(Page { items, next: before })
}

const fn is_of_sign_in(event: &Event) -> bool {
    matches!(event.object, Object::Connection(_) | Object::Directory(_) | Object::SetupLink(_))
}
