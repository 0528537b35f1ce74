//! Collects what a sign-in found, check by check, and keeps it for the project to read.

use serde_json::{Map, Value};
use vestibule_domain::admission::{Admission, AdmissionKind};
use vestibule_domain::bounds::kept_claims;
use vestibule_domain::connection::Connection;
use vestibule_domain::id::{LoginId, MemberId, TraceId};
use vestibule_domain::refusal::Refusal;
use vestibule_domain::trace::{SignInTrace, TraceOutcome, TraceStep};
use vestibule_domain::vouching::LinkedBy;
use vestibule_refusal::Refusal as ProtocolRefusal;
use vestibule_store::Write;
use vestibule_store::tables::traces;

use crate::http::ctx::Ctx;

/// The checks of one attempt so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Steps {
    made: Vec<TraceStep>,
    /// What the browser is shown in place of the first failed check.
    shown: Option<TraceStep>,
}

impl Steps {
    /// Notes a check that passed, with what is worth knowing of it.
    pub(crate) fn passed(&mut self, check: &str, found: impl Into<String>) {
        self.made.push(step(check, true, found.into(), String::new()));
    }

    /// Notes a check that failed.
    pub(crate) fn failed(&mut self, check: &str, found: impl Into<String>, expected: impl Into<String>) {
        self.made.push(step(check, false, found.into(), expected.into()));
    }

    /// Notes a check that a protocol crate failed.
    pub(crate) fn refused(&mut self, check: &str, refusal: &dyn ProtocolRefusal) {
        self.made.push(step_of(check, refusal));
    }

    /// The failed check for the page: the first one, because what failed later followed from it.
    #[must_use]
    pub(crate) fn failure(&self) -> Option<&TraceStep> {
        self.shown.as_ref().or_else(|| self.made.iter().find(|step| !step.passed))
    }

    /// Shows the browser this much of a failed check, where the trace may say more.
    pub(crate) fn show(&mut self, check: &str, refusal: &dyn ProtocolRefusal) {
        self.shown = Some(step_of(check, refusal));
    }

    /// The checks that were made elsewhere follow.
    pub(crate) fn join(&mut self, more: Self) {
        self.made.extend(more.made);
        self.shown = self.shown.take().or(more.shown);
    }

    /// How many checks there are, to come back to by [`Steps::forget_after`].
    #[must_use]
    pub(crate) fn mark(&self) -> usize {
        self.made.len()
    }

    /// Forgets the checks after a mark: they are made anew.
    pub(crate) fn forget_after(&mut self, mark: usize) {
        self.made.truncate(mark);
    }

    /// What is kept of what the provider said about somebody, and a check that says what is left out.
    pub(crate) fn kept(&mut self, said: Map<String, Value>) -> Map<String, Value> {
        let (kept, left) = kept_claims(said);
        if !left.is_empty() {
            let found = format!("too long to keep, and not shown with the member: {}", left.join(", "));
            self.passed("attributes", bounded(found));
        }
        kept
    }

    /// The same checks, and that the identity is a member.
    #[must_use]
    pub(crate) fn admitted(&self, admission: &Admission) -> Self {
        let mut steps = self.clone();
        let found = match (admission.kind, admission.linked_by) {
            (AdmissionKind::Existing, _) => "a member who signed in before",
            (AdmissionKind::Created, _) => "a new member",
            (AdmissionKind::Linked, Some(LinkedBy::EarlierIssuer)) => {
                "a member known by address, who signed in here when the connection led to another issuer"
            }
            (AdmissionKind::Linked, Some(LinkedBy::ChangedSubject)) => {
                "a member known by address as another subject, which relink_changed_subjects lets through"
            }
            (AdmissionKind::Linked, Some(LinkedBy::MigrationSwitch)) => {
                "a member known by address through another connection, which link_existing_members_until lets through"
            }
            (AdmissionKind::Linked, _) => "a member known by address",
        };
        steps.passed("admission", found);
        steps
    }

    /// The checks in order.
    #[must_use]
    pub(crate) fn into_made(self) -> Vec<TraceStep> {
        self.made
    }

    fn write(
        &self,
        ctx: &Ctx,
        connection: &Connection,
        login: Option<LoginId>,
        outcome: TraceOutcome,
    ) -> Write {
        let trace = SignInTrace {
            id: id_of(ctx, connection),
            project_id: connection.project_id,
            organization_id: connection.organization_id,
            connection_id: connection.id,
            login_id: login,
            request_id: ctx.request_id.to_string(),
            at: ctx.now,
            outcome,
            steps: self.made.clone(),
            ip_address: ctx.ip.to_string(),
            user_agent: ctx.user_agent.clone(),
        };
        traces::insert(&trace)
    }

    /// The write that keeps the trace of a sign-in that succeeded.
    #[must_use]
    pub(crate) fn accepted(
        &self,
        ctx: &Ctx,
        connection: &Connection,
        login: Option<LoginId>,
        member: MemberId,
    ) -> Write {
        self.write(ctx, connection, login, TraceOutcome::Accepted { member_id: member })
    }

    /// The write that keeps the trace of a test that came to its end.
    #[must_use]
    pub(crate) fn tested(&self, ctx: &Ctx, connection: &Connection, login: Option<LoginId>) -> Write {
        self.write(ctx, connection, login, TraceOutcome::Tested)
    }

    /// The write that keeps the trace of a refusal.
    #[must_use]
    pub(crate) fn refusal(
        &self,
        ctx: &Ctx,
        connection: &Connection,
        login: Option<LoginId>,
        refusal: &Refusal,
    ) -> Write {
        self.write(ctx, connection, login, TraceOutcome::refused(refusal))
    }
}

/// The id of the trace that a request leaves at a connection.
#[must_use]
pub(super) fn id_of(ctx: &Ctx, connection: &Connection) -> TraceId {
    ctx.request_id.trace(connection.project_id.environment())
}

fn step_of(check: &str, refusal: &dyn ProtocolRefusal) -> TraceStep {
    let found = refusal.found().unwrap_or_else(|| refusal.to_string());
    step(check, false, found, refusal.expected().unwrap_or_default())
}

fn step(check: &str, passed: bool, found: String, expected: String) -> TraceStep {
    TraceStep { check: check.to_owned(), passed, found: bounded(found), expected: bounded(expected) }
}

fn bounded(text: String) -> String {
    const MOST: usize = 500;
    if text.len() <= MOST { text } else { text.chars().take(MOST).collect() }
}
