//! Endpoints as data: each says by which method and path it is reached and what it needs. The router is built from the
//! list, and so are the tests that walk every endpoint; none can be served without standing in it (ADR 0019).

use std::any::type_name;
use std::marker::PhantomData;
use std::sync::Arc;

use axum::handler::Handler;
use axum::response::IntoResponse as _;
use axum::routing::{self, MethodRouter};
use axum::{Extension, Router};
use http::header::ALLOW;
use http::{HeaderValue, Method};
use vestibule_domain::directory::Scope;
use vestibule_domain::rbac::Action;
use vestibule_domain::refusal::{Refusal, What};

use super::door::Door;
use super::takes::{Taken, Takes};
use crate::failure::Failure;
use crate::world::App;

/// What an endpoint needs of whoever calls it. An organization is always one of the caller's project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: it is there for everybody.
    Nothing,
    /// A token that the server has issued for its management, with any of these scopes.
    AnyScope(&'static [&'static str]),
    /// A token that the server has issued for its management, with each of these scopes.
    EveryScope(&'static [&'static str]),
    /// An access token that came of signing in to an application.
    SignIn,
    /// A token of a directory: any, or one that lets it do that.
    Directory(Option<Scope>),
    /// A link into the set-up portal that was opened in this browser.
    OpenedLink,
    /// The project's credentials; a member's session beside them takes nothing away.
    Project,
    /// The project's credentials alone: who passes on a member's session is refused.
    ProjectAlone,
    /// The project's credentials alone, and an organization.
    ProjectAloneIn,
    /// A member's own session, whatever their roles.
    Session,
    /// The project, or a member of the organization.
    Belonging,
    /// The project, or a member of the organization with the right to do this.
    Right(Action),
    /// The project, or a member of the organization with the right to change each of the fields that are given.
    RightsOfFields,
}

impl Needs {
    /// Whether it happens in one organization, which the caller has to belong to.
    #[must_use]
    pub const fn organization(self) -> bool {
        matches!(self, Self::ProjectAloneIn | Self::Belonging | Self::Right(_) | Self::RightsOfFields)
    }

    /// Whether it is a token with scopes. What is stated of these is what is enforced.
    #[must_use]
    pub const fn scoped(self) -> bool {
        matches!(self, Self::AnyScope(_) | Self::EveryScope(_))
    }

    /// Whether whoever reads the token has to know it: it travels with the request.
    const fn travels(self) -> bool {
        self.scoped() || matches!(self, Self::Directory(Some(_)))
    }
}

/// One endpoint.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// The door it stands behind, [`Door::NAME`].
    pub door: &'static str,
    /// The method.
    pub method: Method,
    /// The path, with its parameters in braces.
    pub path: String,
    /// The parameters of the query that name things of a tenant.
    pub query: Vec<String>,
    /// What it needs.
    pub needs: Needs,
    /// The path of its handler in the source.
    handler: &'static str,
    takes: fn(&mut Taken),
}

impl Endpoint {
    /// What it is called where calls have names: the file of its handler, and the handler.
    #[must_use]
    pub fn name(&self) -> String {
        // One handler may stand behind several doors; which is no part of its name.
        let handler = self.handler.split('<').next().unwrap_or_default();
        let mut words = handler.rsplit("::");
        let (handler, file) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        format!("{file}_{handler}")
    }

    /// What it takes beside its path.
    #[must_use]
    pub fn takes(&self) -> Taken {
        let mut taken = Taken::default();
        (self.takes)(&mut taken);
        taken
    }
}

/// The endpoints of a door, with their handlers.
pub struct Endpoints<D> {
    list: Vec<Endpoint>,
    router: Router<Arc<App>>,
    door: PhantomData<fn() -> D>,
}

impl<D: Door> Default for Endpoints<D> {
    fn default() -> Self {
        Self { list: Vec::new(), router: Router::new(), door: PhantomData }
    }
}

/// Gives the table a function for each method.
macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident = $method:ident;)*) => {
        $($(#[$doc])*
        #[must_use]
        pub fn $name<H, T>(self, path: &str, needs: Needs, handler: H) -> Self
        where
            H: Handler<T, Arc<App>>,
            T: Takes + 'static,
        {
            self.add(Method::$method, path, needs, (type_name::<H>(), T::takes), routing::$name(handler))
        })*
    };
}

impl<D: Door> Endpoints<D> {
    /// None.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    methods! {
        /// One that is read. Behind a question mark stand the parameters of the query that name things of a tenant.
        get = GET;
        /// One that takes something in.
        post = POST;
        /// One that changes something.
        put = PUT;
        /// One that changes a part of something.
        patch = PATCH;
        /// One that takes something away.
        delete = DELETE;
    }

    /// One that a browser is sent to, and where something happens. A HEAD is nobody who signs in: what looks at links before
    /// people do must not use them up. `allowed` are the methods of the path.
    #[must_use]
    pub fn visit<H, T>(self, path: &str, needs: Needs, allowed: &'static str, handler: H) -> Self
    where
        H: Handler<T, Arc<App>>,
        T: Takes + 'static,
    {
        let nobody = move || async move {
            let refused = Failure::from(Refusal::new(What::MethodNotAllowed).found(Method::HEAD));
            ([(ALLOW, HeaderValue::from_static(allowed))], refused).into_response()
        };
        self.add(Method::GET, path, needs, (type_name::<H>(), T::takes), routing::get(handler).head(nobody))
    }

    /// Adds those of another file of the same door.
    #[must_use]
    pub fn and(mut self, more: Self) -> Self {
        self.list.extend(more.list);
        Self { list: self.list, router: self.router.merge(more.router), door: PhantomData }
    }

    /// The list.
    #[must_use]
    pub fn list(&self) -> &[Endpoint] {
        &self.list
    }

    /// The routes, for [`super::door::behind`]: until then nobody says their refusals.
    pub fn into_routes(self) -> Router<Arc<App>> {
        self.router
    }

    fn add(
        mut self,
        method: Method,
        path: &str,
        needs: Needs,
        (handler, takes): (&'static str, fn(&mut Taken)),
        route: MethodRouter<Arc<App>>,
    ) -> Self {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let query = query.split('&').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        let route = if needs.travels() { route.layer(Extension(needs)) } else { route };
        self.router = self.router.route(path, route);
        self.list.push(Endpoint {
            door: D::NAME,
            method,
            path: path.to_owned(),
            query,
            needs,
            handler,
            takes,
        });
        self
    }
}
