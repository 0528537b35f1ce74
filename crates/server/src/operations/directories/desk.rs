//! Who provisions: a directory that has shown one of its tokens. Whatever it changes relies on what was read of it and of its
//! organization, so that a token which is taken away changes nothing from the moment in which that is acknowledged.

use std::fmt::Display;

use vestibule_domain::directory::{Directory, DirectoryTrace, Outcome, Scope};
use vestibule_domain::id::{DirectoryTraceId, MemberId};
use vestibule_domain::organization::Organization;
use vestibule_domain::rbac::Actor;
use vestibule_domain::refusal::{Refusal, What};
use vestibule_domain::secret::TokenHash;
use vestibule_scim::tolerance::Tolerances;
use vestibule_scim::version::{Tags, Version};
use vestibule_scim::{Refusal as _, ScimRefusal};
use vestibule_store::tables::{directories, directory_traces, organizations, registrations};
use vestibule_store::{Batch, StoreError, Write};

use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::change::{Patience, is_race, kept_changing};
use crate::operations::events::Scene;
use crate::operations::meaning::meaning;
use crate::world::App;

/// The most characters of a path that a trace keeps.
const PATH: usize = 1024;

/// Why a request of a directory is not done.
#[derive(Debug)]
pub(crate) enum Declined {
    /// The protocol says why.
    Protocol(ScimRefusal),
    /// Everything else.
    Failed(Failure),
}

impl From<ScimRefusal> for Declined {
    fn from(refusal: ScimRefusal) -> Self {
        Self::Protocol(refusal)
    }
}

impl<T: Into<Failure>> From<T> for Declined {
    fn from(failure: T) -> Self {
        Self::Failed(failure.into())
    }
}

/// A directory that has shown who it is, and its organization, as they were read.
#[derive(Clone, Debug)]
pub(crate) struct Provisioner {
    /// The directory.
    pub directory: Directory,
    /// The organization whose members it provisions.
    pub organization: Organization,
    token: TokenHash,
}

impl Provisioner {
    /// The directory that has this token, if it is the one that is meant. A wrong one counts against the client's address.
    ///
    /// # Errors
    /// [`What::WrongCredentials`], [`What::TooManyRequests`].
    pub(crate) async fn with_token(
        app: &App,
        ctx: &Ctx,
        is_meant: impl Fn(&Directory) -> bool,
        token: &str,
    ) -> Result<Self, Failure> {
        let token = TokenHash::of(token.as_bytes());
        let found = app.store.directory_by_token(&token).await?;
        let found = found
            .filter(|(directory, _)| is_meant(directory) && directory.good_token(&token, ctx.now).is_some());
        let Some((directory, last_used_at)) = found else {
            app.limits.check_api_failure(ctx.ip)?;
            return Err(What::WrongCredentials.into());
        };
        app.limits.check_api(directory.project_id, ctx.ip)?;
        app.directory_uses.note(directory.project_id, &token, last_used_at, ctx.now);
        let organization = app.store.organization_of(directory.tenant()).await?;
        let organization = organization.ok_or(What::WrongCredentials)?;
        Ok(Self { directory, organization, token })
    }

    /// Whether its token lets it do that.
    ///
    /// # Errors
    /// [`What::ScopeNotGranted`].
    pub(crate) fn require(&self, scope: Scope, ctx: &Ctx) -> Result<(), Failure> {
        let token = self.directory.good_token(&self.token, ctx.now);
        if token.is_some_and(|token| token.allows(scope)) {
            return Ok(());
        }
        let refusal = Refusal::new(What::ScopeNotGranted);
        Err(refusal.because(format!("The token has not the scope {}.", scope.as_str())).into())
    }

    /// The same as it is now.
    async fn again(&self, app: &App, ctx: &Ctx) -> Result<Self, Failure> {
        let found = app.store.directory_by_token(&self.token).await?;
        let found = found.filter(|(directory, _)| directory.good_token(&self.token, ctx.now).is_some());
        let (directory, _) = found.ok_or(What::WrongCredentials)?;
        let organization = app.store.organization_of(directory.tenant()).await?;
        let organization = organization.ok_or(What::WrongCredentials)?;
        Ok(Self { directory, organization, token: self.token.clone() })
    }
}

/// One request of a directory.
pub(crate) struct Desk<'a> {
    /// The server.
    pub app: &'a App,
    /// The request.
    pub ctx: &'a Ctx,
    /// Who asks.
    pub by: &'a Provisioner,
    /// The address of the directory, without a slash at its end.
    pub base: &'a str,
    /// The method.
    pub method: &'a str,
    /// The path below the directory's address, with its query.
    pub path: &'a str,
    /// Which version is wanted, if that is said.
    pub if_match: Option<Tags>,
}

/// What is to be kept for a request.
pub(crate) struct Plan<T> {
    /// The batch.
    pub batch: Batch,
    /// The paths of what changes.
    pub changed: Vec<String>,
    /// The liberties that it took because of what there was.
    pub tolerances: Tolerances,
    /// Whom it is about.
    pub member: Option<MemberId>,
    /// The answer.
    pub answer: T,
    /// Nobody may sign in meanwhile who is not known yet: somebody is locked out.
    pub locks_out: bool,
    /// Whether somebody who was made at the same moment makes the decision another.
    pub makes_member: bool,
}

impl Desk<'_> {
    /// Does a request: decides by what there is, keeps it with its trace in one batch, and decides anew when somebody else was
    /// faster.
    ///
    /// # Errors
    /// What `decide` refuses, and names that somebody else has.
    pub(crate) async fn keep<T, F>(
        &self,
        row: impl Display,
        status: u16,
        tolerances: &Tolerances,
        mut decide: impl FnMut(Provisioner) -> F,
    ) -> Result<T, Declined>
    where
        F: Future<Output = Result<Plan<T>, Declined>>,
    {
        let app = self.app;
        let turn = app.turns.at(&row.to_string()).await;
        let _turn = turn.ok_or_else(|| Declined::Failed(kept_changing()))?;
        let mut patience = Patience::default();
        let mut by = self.by.clone();
        let mut has_met = false;
        loop {
            let (tenant, version) = (by.directory.tenant(), by.organization.version);
            let held = directories::at_version(&by.directory);
            let plan = decide(by).await?;
            let outcome = Outcome::Done { changed: plan.changed };
            let locks = plan.locks_out.then(|| organizations::serialised(tenant));
            let batch = plan
                .batch
                .with([self.trace(status, outcome, plan.member, &tolerances.clone().with(&plan.tolerances))])
                .requires(organizations::at_version(tenant, version))
                .requires(locks)
                .requires([held]);
            match app.store.commit(batch).await {
                Ok(()) => return Ok(plan.answer),
                Err(error) if is_race(&error) || (plan.makes_member && is_twin(&error)) => {}
                // A sign-in made the registration at the same moment: whom it leads to is known now.
                Err(error) if error.is_unique(registrations::BOND) => {}
                Err(error) if error.is_unique(registrations::SUBJECT) && !has_met => has_met = true,
                Err(error) => return Err(meaning(error).into()),
            }
            patience.wait(app).await?;
            by = self.by.again(app, self.ctx).await?;
        }
    }

    /// The trace of this request.
    fn trace(
        &self,
        status: u16,
        outcome: Outcome,
        member: Option<MemberId>,
        tolerances: &Tolerances,
    ) -> Write {
        let (ctx, directory) = (self.ctx, &self.by.directory);
        let environment = directory.project_id.environment();
        let tolerated = tolerances
            .iter()
            .map(|found| (found.tolerance.code().to_owned(), u64::try_from(found.times).unwrap_or(u64::MAX)));
        directory_traces::insert(&DirectoryTrace {
            id: DirectoryTraceId::generate_at(environment, ctx.now, self.app.entropy.as_ref()),
            project_id: directory.project_id,
            organization_id: directory.organization_id,
            directory_id: directory.id,
            at: ctx.now,
            method: self.method.to_owned(),
            path: self.path.chars().take(PATH).collect(),
            status,
            outcome,
            member_id: member,
            tolerated: tolerated.collect(),
            request_id: ctx.request_id.to_string(),
            ip_address: ctx.ip.to_string(),
            user_agent: ctx.user_agent.clone(),
        })
    }

    /// Remembers that the request was refused. What is over because there is too much of it leaves no trace: there would be
    /// too much of those too.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn remember_refusal(
        &self,
        status: u16,
        detail: &str,
        declined: &Declined,
    ) -> Result<(), Failure> {
        let reason = match declined {
            Declined::Protocol(refusal) => refusal.code().to_owned(),
            Declined::Failed(Failure::Refused(refusal)) => refusal.what.name(),
            Declined::Failed(_) => return Ok(()),
        };
        let outcome = Outcome::Refused { reason, detail: detail.to_owned() };
        let trace = self.trace(status, outcome, None, &Tolerances::none());
        match self.app.store.commit(trace).await {
            // The directory is gone meanwhile, and so is what became of its requests.
            Err(StoreError::Reference) => Ok(()),
            kept => Ok(kept?),
        }
    }

    /// Where events of this request happen.
    pub(super) fn scene(&self) -> Scene {
        let directory = &self.by.directory;
        Scene::proved(self.ctx, directory.tenant(), Actor::Directory(directory.id))
    }

    /// Looks whether what is there is what the client has read.
    pub(super) fn require_version(&self, version: i64) -> Result<(), ScimRefusal> {
        match &self.if_match {
            Some(tags) => tags.require(tag(version)),
            None => Ok(()),
        }
    }
}

/// A version as the protocol has it.
#[must_use]
pub(crate) fn tag(version: i64) -> Version {
    Version(u64::try_from(version).unwrap_or_default())
}

fn is_twin(error: &StoreError) -> bool {
    error.is_unique(vestibule_store::tables::members::EMAIL)
}
