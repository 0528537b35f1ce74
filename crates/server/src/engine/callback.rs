//! The end of a sign-in: what the browser brought back from the identity provider is judged, and what the
//! sign-in was for is done. Every end, good or bad, leaves a trace.

use std::sync::Arc;

use vestibule_domain::admission::Admission;
use vestibule_domain::authorization::AuthorizationRequest;
use vestibule_domain::connection::{CallbackAddress, Connection, Protocol, Route};
use vestibule_domain::connection_test::{self, TestOutcome, Verdict};
use vestibule_domain::id::ConnectionTestId;
use vestibule_domain::identity::Identity;
use vestibule_domain::login::{LoginAttempt, Proof, Purpose};
use vestibule_domain::refusal::What;
use vestibule_store::tables::{connection_tests, logins};
use vestibule_store::{Batch, Write};

use super::outcome::{self, Authorized, Before, Completed, Finished, Refused, SignedIn, Tested};
use super::trace::{Steps, id_of};
use super::{oidc, origin, saml};
use crate::failure::Failure;
use crate::http::cookies::Brought;
use crate::http::ctx::Ctx;
use crate::operations::login_sessions;
use crate::operations::sign_in::{self, Admitted, NotAdmitted, Proved};
use crate::operations::sign_in_grants::{self, Person};
use crate::world::App;

/// What the browser brought to a callback.
#[derive(Debug)]
pub(crate) struct CallbackRequest {
    /// Whether it came in the query of a GET, not in a form that was posted.
    pub in_query: bool,
    /// Names and values in their order.
    pub parameters: Vec<(String, String)>,
}

/// Finishes a sign-in of a connection whose answer came to one of its addresses. Whatever comes of it is in the outcome and, for the project to
/// read, in a trace.
pub(crate) async fn finish(
    app: &Arc<App>,
    ctx: &Ctx,
    at: (&Connection, CallbackAddress),
    request: &CallbackRequest,
    browser: Brought<'_>,
) -> Finished {
    let learned = saml::learned(app, ctx, at, request).await;
    let (connection, callback) = (learned.as_ref().unwrap_or(at.0), at.1);
    let mut sign_in = SignIn {
        app,
        ctx,
        connection,
        callback,
        origin: String::new(),
        borrower: None,
        browser,
        steps: Steps::default(),
        attempt: None,
        spends: None,
        before: None,
    };
    let outcome = match sign_in.run(request).await {
        Ok(completed) => Ok(completed),
        Err(failure) => Err(sign_in.refused(failure).await),
    };
    Finished {
        used_up: sign_in.attempt.map(|attempt| attempt.state_hash),
        borrower: sign_in.borrower,
        outcome,
    }
}

/// One sign-in at the callback of its connection, and how far it came.
pub(super) struct SignIn<'a> {
    /// The shared state.
    pub(super) app: &'a Arc<App>,
    /// The request.
    pub(super) ctx: &'a Ctx,
    /// The connection of the callback, which leads to the provider.
    pub(super) connection: &'a Connection,
    /// The address that the answer came to.
    pub(super) callback: CallbackAddress,
    /// The origin that it is below.
    pub(super) origin: String,
    /// The one that borrows it, where somebody signs in through that: set as soon as the attempt says so.
    pub(super) borrower: Option<Connection>,
    /// What the browser has brought.
    pub(super) browser: Brought<'a>,
    /// The checks so far.
    pub(super) steps: Steps,
    /// The attempt, once it is this sign-in's.
    pub(super) attempt: Option<LoginAttempt>,
    /// Uses the attempt up, while that is still to be done.
    pub(super) spends: Option<Write>,
    /// How it ended before.
    pub(super) before: Option<Before>,
}

impl SignIn<'_> {
    /// The connection that somebody signs in through. Its organization is whose sign-in this is.
    pub(super) fn through(&self) -> &Connection {
        self.borrower.as_ref().unwrap_or(self.connection)
    }

    fn as_route(&self) -> Result<Route<'_>, Failure> {
        let route = match &self.borrower {
            Some(borrower) => Route::borrowed(borrower, self.connection),
            None => Route::own(self.connection),
        };
        Ok(route.ok_or(What::UnknownCallback)?)
    }

    async fn run(&mut self, request: &CallbackRequest) -> Result<Completed, Failure> {
        let connection = self.connection;
        self.origin = origin::of(self.app, self.ctx, connection, self.callback).await?;
        let (purpose, proof) = match &connection.protocol {
            Protocol::Oidc(settings) => oidc::prove(self, settings, request).await?,
            Protocol::Saml(settings) => saml::prove(self, settings, request).await?,
            // Answers come to the callback of the connection that is borrowed.
            Protocol::External(_) => return Err(What::UnknownCallback.into()),
        };
        // A sign-in that began at the provider has no attempt that was asked.
        if self.attempt.is_none() {
            connection.check_switched_on()?;
        }
        match self.complete(purpose, proof).await {
            Ok(completed) => Ok(completed),
            Err(why) => Err(self.not_admitted(why)),
        }
    }

    /// Does what the sign-in was for.
    async fn complete(&self, purpose: Purpose, proof: Proof) -> Result<Completed, NotAdmitted> {
        let (app, ctx, connection) = (self.app, self.ctx, self.through());
        let login = self.attempt.as_ref().map(|attempt| attempt.id);
        let proved = Proved {
            route: self.as_route()?,
            proof: &proof,
            spends: self.spends.as_ref(),
            unsolicited: self.attempt.is_none(),
        };
        match purpose {
            Purpose::Token(return_to) => {
                let challenge = return_to.code_challenge.as_deref();
                let (admitted, token) = sign_in::issue_token(app, ctx, proved, challenge, |admission| {
                    let member = admission.member.id;
                    self.steps.admitted(admission).accepted(ctx, connection, login, member)
                })
                .await?;
                Ok(Completed::SignedIn(Box::new(SignedIn {
                    return_to,
                    organization: admitted.organization,
                    admission: admitted.admission.kind,
                    token,
                })))
            }
            Purpose::Authorization { authorization } => self.authorize(&authorization, proved).await,
            Purpose::Test | Purpose::PreparedTest { .. } => {
                let admitted = sign_in::test(app, ctx, proved, |admission| {
                    let trace = self.steps.admitted(admission).tested(ctx, connection, login);
                    let person = || connection_test::Person::of(&proof.identity, admission, connection);
                    let told = self.told(|| Verdict::Passed { person: Box::new(person()) });
                    [trace].into_iter().chain(told).collect()
                })
                .await?;
                Ok(Completed::Tested(Box::new(self.tested(admitted, proof.identity))))
            }
        }
    }

    fn tested(&self, admitted: Admitted, identity: Identity) -> Tested {
        Tested {
            steps: self.steps.admitted(&admitted.admission).into_made(),
            organization: admitted.organization,
            admission: admitted.admission.kind,
            member: admitted.admission.member,
            identity,
            trace: id_of(self.ctx, self.through()),
            test: self.test_id(),
        }
    }

    /// Tells whoever prepared a test what came of it, if this is one that somebody has prepared.
    fn told(&self, verdict: impl FnOnce() -> Verdict) -> Option<Write> {
        let (ctx, connection) = (self.ctx, self.through());
        let test = self.test_id()?;
        let outcome = TestOutcome { at: ctx.now, trace_id: id_of(ctx, connection), verdict: verdict() };
        Some(connection_tests::finish(connection.project_id, test, &outcome))
    }

    /// The test that somebody has prepared, if this is one.
    pub(super) fn test_id(&self) -> Option<ConnectionTestId> {
        match self.attempt.as_ref()?.purpose {
            Purpose::PreparedTest { test_id } => Some(test_id),
            _ => None,
        }
    }

    /// Answers an application, and begins the session of the browser or goes on with it.
    async fn authorize(
        &self,
        request: &AuthorizationRequest,
        proved: Proved<'_>,
    ) -> Result<Completed, NotAdmitted> {
        let (app, ctx, connection) = (self.app, self.ctx, self.through());
        let began = self.attempt.as_ref().map_or(ctx.now, |attempt| attempt.created_at);
        let judged = request.freshness.judge(proved.proof.authenticated_at, began);
        judged.map_err(NotAdmitted::Refused)?;
        let project = connection.project_id;
        let before = login_sessions::live(app, ctx, project, self.browser.session(project).as_ref()).await?;
        let login = self.attempt.as_ref().map(|attempt| attempt.id);
        let give = |admission: &Admission| {
            let (mut writes, session) = login_sessions::begin(app, ctx, proved, before.as_ref());
            if request.chooses_organization {
                return (writes, (session, None));
            }
            let whose = (&admission.member, &admission.registration);
            let (more, granted) =
                sign_in_grants::begin(app, ctx, proved.route, request, whose, &session.session);
            writes.extend(more);
            (writes, (session, Some(granted)))
        };
        let (admitted, (session, granted)) = sign_in::keep(app, ctx, proved, give, |admission| {
            let member = admission.member.id;
            self.steps.admitted(admission).accepted(ctx, connection, login, member)
        })
        .await?;
        let Some(granted) = granted else {
            return Ok(Completed::Proved(Box::new(outcome::Proved { request: request.clone(), session })));
        };
        let person = Person {
            member: admitted.admission.member,
            registration: admitted.admission.registration,
            source: proved.route.source().clone(),
        };
        Ok(Completed::Authorized(Box::new(Authorized { person, granted, session })))
    }

    fn not_admitted(&mut self, why: NotAdmitted) -> Failure {
        match why {
            NotAdmitted::Refused(refusal) => {
                let (found, expected) = sides(refusal.what);
                self.steps.failed("admission", found, expected);
                let advice = oidc::admission_advice(refusal.what, self.connection.identity_provider);
                let note = format!("{}{advice}", refusal.note);
                refusal.because(note).into()
            }
            NotAdmitted::AttemptUsed => self.used_before(match self.connection.protocol {
                Protocol::Oidc(_) => &oidc::REFUSALS,
                Protocol::Saml(_) | Protocol::External(_) => &saml::REFUSALS,
            }),
            NotAdmitted::Replayed(failure) => {
                self.steps.failed("replay", "a message that was used before", "a message that is used once");
                failure
            }
            NotAdmitted::Failed(failure) => failure,
        }
    }

    /// Keeps the trace of a refusal and uses the attempt up, which ends with it. A store that fails here is logged and
    /// changes nothing for the browser. Whether the trace is kept.
    async fn keep_refusal(&self, told: Vec<Write>) -> bool {
        let store = &self.app.store;
        let kept = match &self.spends {
            Some(spends) => match store.commit(Batch::from(spends.clone()).with(told.clone())).await {
                // Somebody else has used it up meanwhile: that is no reason to lose the trace.
                Err(error) if error.is_guard(logins::UNFINISHED) => store.commit(told).await,
                kept => kept,
            },
            None => store.commit(told).await,
        };
        if let Err(error) = &kept {
            tracing::error!(%error, "a sign-in trace could not be kept");
        }
        kept.is_ok()
    }

    async fn refused(&self, failure: Failure) -> Refused {
        let login = self.attempt.as_ref().map(|attempt| attempt.id);
        let trace = self.steps.refusal(self.ctx, self.through(), login, &failure.refusal());
        let told = self.told(|| Verdict::Failed { refusal: Box::new(failure.refusal()) });
        let is_kept = self.keep_refusal([trace].into_iter().chain(told).collect()).await;
        let purpose = self.attempt.as_ref().map(|attempt| &attempt.purpose);
        let is_test = purpose.is_some_and(Purpose::is_test);
        let return_to = match purpose {
            Some(Purpose::Token(return_to)) => Some(return_to.clone()),
            _ => None,
        };
        let authorization = match purpose {
            Some(Purpose::Authorization { authorization }) => Some(authorization.clone()),
            _ => None,
        };
        let trace = is_kept.then(|| id_of(self.ctx, self.through()));
        Refused {
            failure,
            failed: self.steps.failure().cloned(),
            return_to,
            authorization,
            is_test,
            test: self.test_id(),
            trace,
            before: self.before.clone(),
        }
    }
}

/// What an admission found and needs. The refusal says the rest.
const fn sides(what: What) -> (&'static str, &'static str) {
    match what {
        What::NoEmail(_) => ("no e-mail address", "an e-mail address"),
        What::DisownedEmail(_) => {
            ("an e-mail address that is not verified", "one that the identity provider has verified")
        }
        What::OtherSubject(_) => ("another subject", "the one that the address is known by"),
        What::Taken(_) => ("a domain that another organization has claimed", "a domain that nobody else has"),
        What::NotSpokenFor => {
            ("an address of this organization", "one that the lending organization's provider speaks for")
        }
        What::NotAskedAgain => ("somebody who was asked before", "somebody who was asked again"),
        What::NoMatchingGroup => ("no group that the connection has a role for", "one of them"),
        _ => ("somebody who may not sign in here", "a member of the organization"),
    }
}
