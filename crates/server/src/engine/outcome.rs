//! What comes of a sign-in, as values: each purpose has its own end, and a door says it to its browser.

use vestibule_domain::admission::AdmissionKind;
use vestibule_domain::authorization::AuthorizationRequest;
use vestibule_domain::connection::Connection;
use vestibule_domain::id::{ConnectionTestId, TraceId};
use vestibule_domain::identity::Identity;
use vestibule_domain::login::ReturnTo;
use vestibule_domain::member::Member;
use vestibule_domain::organization::Organization;
use vestibule_domain::refusal::Refusal;
use vestibule_domain::secret::{Token, TokenHash};
use vestibule_domain::trace::TraceStep;

use crate::failure::Failure;
use crate::operations::login_sessions::Began;
use crate::operations::sign_in_grants::{Granted, Person};

/// A callback that was dealt with.
#[derive(Debug)]
pub(crate) struct Finished {
    /// The state of the attempt that it used up: the browser's secret has served.
    pub used_up: Option<TokenHash>,
    /// The connection that somebody signed in through, where that borrows the one of the callback.
    pub borrower: Option<Connection>,
    /// How it ended.
    pub outcome: Result<Completed, Refused>,
}

/// A sign-in that reached what it was for.
#[derive(Debug)]
pub(crate) enum Completed {
    /// A member signed in, and the application gets a token.
    SignedIn(Box<SignedIn>),
    /// A member signed in to an application that asked for it.
    Authorized(Box<Authorized>),
    /// Somebody signed in who has still to say as a member of which organization the application is to be answered.
    Proved(Box<Proved>),
    /// A test found what there is to find. Nobody signed in.
    Tested(Box<Tested>),
}

/// A member signed in.
#[derive(Debug)]
pub(crate) struct SignedIn {
    /// Where the application waits.
    pub return_to: ReturnTo,
    /// The organization.
    pub organization: Organization,
    /// How the member was found.
    pub admission: AdmissionKind,
    /// The single-use token, which the application's backend redeems for a session.
    pub token: Token,
}

/// A member signed in to an application that asked for it.
#[derive(Debug)]
pub(crate) struct Authorized {
    /// Who.
    pub person: Person,
    /// What came of it.
    pub granted: Granted,
    /// The session that the browser has from now on.
    pub session: Began,
}

/// Somebody whose browser has a session from now on, and whose application waits for more.
#[derive(Debug)]
pub(crate) struct Proved {
    /// What the application asked for.
    pub request: AuthorizationRequest,
    /// The session.
    pub session: Began,
}

/// What a test found.
#[derive(Debug)]
pub(crate) struct Tested {
    /// The organization.
    pub organization: Organization,
    /// Whom the provider proved.
    pub identity: Identity,
    /// The member that they would be.
    pub member: Member,
    /// How that member would be found.
    pub admission: AdmissionKind,
    /// The checks, all of them passed.
    pub steps: Vec<TraceStep>,
    /// The trace that keeps them.
    pub trace: TraceId,
    /// The test that somebody has prepared, if it is one.
    pub test: Option<ConnectionTestId>,
}

/// The end of a sign-in that was refused before.
#[derive(Clone, Debug)]
pub(crate) struct Before {
    /// Why.
    pub refusal: Refusal,
    /// The trace that says more.
    pub trace: TraceId,
}

/// A sign-in that was refused.
#[derive(Debug)]
pub(crate) struct Refused {
    /// Why.
    pub failure: Failure,
    /// The check that failed, as far as the browser may see it.
    pub failed: Option<TraceStep>,
    /// Where the sign-in was to end, so that it can be begun anew.
    pub return_to: Option<ReturnTo>,
    /// What the application asked for that waits for an answer.
    pub authorization: Option<Box<AuthorizationRequest>>,
    /// Whether it was a test of the connection.
    pub is_test: bool,
    /// The test that somebody has prepared, if it was one.
    pub test: Option<ConnectionTestId>,
    /// The trace that says more, if one was kept.
    pub trace: Option<TraceId>,
    /// How the sign-in ended before, where the browser only brought its answer again.
    pub before: Option<Before>,
}
