//! What the pages of one connection are made of: who does it, the connection, the guide to its provider's console, and the latest test.

use axum::response::Response;
use http::StatusCode;
use vestibule_domain::connection::Connection;
use vestibule_domain::connection_test::ConnectionTest;
use vestibule_domain::id::ConnectionId;
use vestibule_domain::rbac::asks::ReadConnections;
use vestibule_domain::refusal::What;
use vestibule_domain::setup_link::{SetupLink, SetupProtocol};

use super::enter::{Shown, Stop, Visit};
use super::outcome::Known;
use super::problem::Problem;
use super::steps::{Page, Standing};
use crate::operations::setup_links::held;
use crate::operations::{connection_tests, connections};
use crate::web::page::{see, show};
use crate::web::words::Words;
use crate::world::provider_guides::{Guide, Provider, guides};

/// A connection that is set up, with all that its pages are made of.
pub(super) struct Subject {
    /// Who does it.
    pub visit: Visit,
    /// The connection as it is.
    pub connection: Connection,
    /// The product that it leads to.
    pub provider: &'static Provider,
    /// What is done in its console.
    pub guide: &'static Guide,
    /// The latest test.
    pub test: Option<ConnectionTest>,
}

/// What every page of a connection has.
pub(super) struct Around {
    /// The steps, with where each is.
    pub steps: Vec<StepLink>,
    /// What the product is called.
    pub provider: &'static str,
    /// The title.
    pub title: &'static str,
    /// What the form carries.
    pub form_token: String,
    /// What went wrong.
    pub trouble: Problem,
}

/// A step in the list.
pub(super) struct StepLink {
    /// Where it is.
    pub path: String,
    /// What it is called.
    pub title: &'static str,
    /// Whether it is the page that is shown.
    pub is_here: bool,
    /// Whether it is done.
    pub is_done: bool,
}

impl Subject {
    /// The connection of the path, if the link reaches it.
    ///
    /// # Errors
    /// [`What::NoSuchRoute`]: another's is none.
    pub(super) async fn of(visit: Visit, id: &str) -> Result<Self, Stop> {
        let id: ConnectionId = id.parse().map_err(|_| What::NoSuchRoute)?;
        visit.holder.link.check_reach(id).map_err(|_| What::NoSuchRoute)?;
        let grant = visit.holder.grant::<ReadConnections>()?;
        let all = connections::list(&visit.app, &grant).await?;
        let connection = all.into_iter().find(|connection| connection.id == id).ok_or(What::NoSuchRoute)?;
        let (provider, guide) = guided(&visit.holder.link, &connection).ok_or(What::NoSuchRoute)?;
        let test = connection_tests::latest(&visit.app, &connection).await?;
        Ok(Self { visit, connection, provider, guide, test })
    }

    /// What a refusal of it is about.
    pub(super) fn known(&self) -> Known<'_> {
        Known { connection: &self.connection, provider: self.provider, guide: self.guide }
    }

    /// How far it is.
    pub(super) fn standing(&self) -> Standing<'_> {
        let holder = &self.visit.holder;
        let whose = (&holder.link, holder.organization());
        Standing::of(whose, &self.connection, self.test.as_ref(), self.visit.ctx.now)
    }

    /// What the pages say.
    pub(super) fn words(&self) -> &'static Words {
        self.visit.words()
    }

    /// Where a page of it is.
    pub(super) fn path(&self, page: Page) -> String {
        self.visit.path(&format!("/connections/{}/{}", self.connection.id, page.name()))
    }

    /// What stands around a page of it.
    pub(super) fn around(&self, here: Page, trouble: Problem) -> Around {
        let (words, standing) = (self.words(), self.standing());
        let step = |page: Page| StepLink {
            path: self.path(page),
            title: page.title(words),
            is_here: page == here,
            is_done: standing.is_done(page),
        };
        Around {
            steps: Page::in_order(self.guide).into_iter().map(step).collect(),
            provider: &self.provider.name,
            title: here.title(words),
            form_token: self.visit.holder.form_token(),
            trouble,
        }
    }

    /// The page after one.
    pub(super) fn after(&self, page: Page) -> Page {
        let all = Page::in_order(self.guide);
        let next = all.iter().position(|known| *known == page).and_then(|at| all.get(at + 1));
        next.copied().unwrap_or(Page::Enable)
    }

    /// Notes that a step is done, and goes on to the next.
    pub(super) async fn done(&self, page: Page) -> Shown {
        self.note(page).await?;
        Ok(see(&self.path(self.after(page))))
    }

    /// Notes that a step is done.
    pub(super) async fn note(&self, page: Page) -> Result<(), Stop> {
        let visit = &self.visit;
        let connection = Some(self.connection.id);
        Ok(held::note(&visit.app, &visit.ctx, &visit.holder.link, page.step(), connection).await?)
    }
}

/// The product that a connection leads to, and the guide to its console: the one by which it was made with the link, else that of its
/// label. A borrowed connection has none.
pub(super) fn guided(
    link: &SetupLink,
    connection: &Connection,
) -> Option<(&'static Provider, &'static Guide)> {
    let known = link.guide_of(connection.id).and_then(|guide| guides().provider(guide));
    let provider = known.or_else(|| guides().labelled(connection.identity_provider))?;
    let protocol = SetupProtocol::of(connection.id.kind())?;
    let other = || guides().provider("generic")?.guide(protocol);
    Some((provider, provider.guide(protocol).or_else(other)?))
}

/// A page of a connection as it is answered.
pub(super) fn answer(is_wrong: bool, text: askama::Result<String>) -> Response {
    let status = if is_wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    show(status, text.unwrap_or_default())
}
