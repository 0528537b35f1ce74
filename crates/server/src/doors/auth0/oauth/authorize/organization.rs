//! As a member of which organization somebody signs in: the one that the request names, or the one that the person names or chooses
//! where the application has to know it and asks for that.

use axum::response::Response;
use vestibule_domain::application::OrganizationPrompt;
use vestibule_domain::authorization::AskedOrganization;
use vestibule_domain::login_session::LoginSession;
use vestibule_domain::organization::Organization;
use vestibule_domain::refusal::{Refusal, Thing, What};

use super::request::Read;
use super::way::usable;
use super::{Arrival, page};
use crate::doors::auth0::wire::ids;
use crate::failure::Failure;
use crate::operations::login_sessions;

/// The most organizations that somebody chooses among.
const MOST: usize = 50;

/// What is known of the organization.
pub(super) enum Known {
    /// This one; none where the application asks for none.
    Is(Option<Box<Organization>>),
    /// The person has to be asked first, on this page.
    Asks(Response),
    /// The person chooses once it is known who they are.
    LaterChosen,
}

/// Finds out.
///
/// # Errors
/// There is no such organization; the person would have to be asked, and must not be.
pub(super) async fn known(at: &Arrival<'_>, read: &mut Read) -> Result<Known, Failure> {
    if let Some(called) = read.wishes.organization.clone() {
        let found = find(at, &called).await?.ok_or(What::NotFound(Thing::Organization))?;
        is_asked_for(read, &found, &called);
        return Ok(Known::Is(Some(Box::new(found))));
    }
    let Some(prompt) = read.wishes.organization_prompt else { return Ok(Known::Is(None)) };
    if read.wishes.silently {
        return Err(What::InteractionNeeded.into());
    }
    if prompt == OrganizationPrompt::After {
        return Ok(Known::LaterChosen);
    }
    let Some(typed) = read.wishes.typed_organization.clone() else {
        return Ok(Known::Asks(page::ask_organization(at, read, "")));
    };
    match find(at, &typed).await? {
        Some(found) => {
            is_asked_for(read, &found, &typed);
            Ok(Known::Is(Some(Box::new(found))))
        }
        None => Ok(Known::Asks(page::ask_organization(at, read, &typed))),
    }
}

/// An organization by its id or name.
async fn find(at: &Arrival<'_>, called: &str) -> Result<Option<Organization>, Failure> {
    let id = ids::read_organization(called).map(|id| id.to_string());
    let locator = id.as_deref().unwrap_or(called);
    Ok(at.app.store.organization(at.site.project.id, locator).await?)
}

fn is_asked_for(read: &mut Read, organization: &Organization, called: &str) {
    let by_name = organization.slug.eq_ignore_ascii_case(called);
    let name = by_name.then(|| organization.slug.clone());
    read.request.organization = Some(AskedOrganization { id: organization.id, name });
}

/// What becomes of somebody who is signed in and has to choose: the one organization that they are a member of, or a page with all
/// of them.
///
/// # Errors
/// They are a member of none that the application lets in.
pub(super) async fn chosen(
    at: &Arrival<'_>,
    read: &mut Read,
    session: &LoginSession,
) -> Result<Known, Failure> {
    let mut open = Vec::new();
    for organization in login_sessions::organizations(at.app, session, MOST).await? {
        let source =
            at.app.store.connection(&at.app.vault, at.site.project.id, session.proven.source_id).await?;
        let Some(source) = source else { break };
        match usable(at.app, &read.application, Some(&organization), source).await {
            Ok(Some(_)) => open.push(organization),
            Ok(None) | Err(Failure::Refused(_)) => {}
            Err(failure) => return Err(failure),
        }
    }
    match open.len() {
        0 => Err(Refusal::new(What::JitNotAllowed)
            .because("The user is not part of an organization that this application is open to.")
            .into()),
        1 => {
            let only = open.remove(0);
            let id = ids::organization(only.id);
            is_asked_for(read, &only, &id);
            Ok(Known::Is(Some(Box::new(only))))
        }
        _ => Ok(Known::Asks(page::choose_organization(at, read, &open))),
    }
}
