//! Applications: programs that have credentials of their own in a project (OAuth 2.0 clients, RFC 6749 section 2). What they
//! may do at which API is a [`ClientGrant`].

mod client_id;
mod grant;
mod keys;
mod patch;
mod settings;
mod urls;

pub use client_id::ClientId;
pub use grant::{Audience, ClientGrant, MOST_SCOPES, checked_scopes};
pub use keys::{ApplicationKey, MOST_KEYS};
pub use patch::ApplicationPatch;
pub(crate) use patch::{others as keep_others, urls as checked_urls};
pub use settings::{
    ApplicationKind, ApplicationSettings, Expiration, GrantType, OrganizationPrompt, OrganizationUsage,
    Proof, RefreshPolicy, Rotation,
};
pub use urls::{AppUrl, is_registered_origin};

use crate::entropy::Entropy;
use crate::id::{ApplicationId, ProjectId};
use crate::redirect::LoopbackHttp;
use crate::refusal::Refusal;
use crate::secret::{Secret, Token};
use crate::time::Time;

/// The most applications of a project.
pub const MOST_APPLICATIONS: usize = 10_000;

/// One application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// The id, as the audit trail has it.
    pub id: ApplicationId,
    /// The project.
    pub project_id: ProjectId,
    /// By what it is known where it signs people in. An identifier, never a credential.
    pub client_id: ClientId,
    /// Its secret. Whoever administers the project may read it again, so it is kept sealed and not hashed.
    pub secret: Secret,
    /// What can be set.
    pub settings: ApplicationSettings,
    /// When it was made.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
    /// Counts its changes.
    pub version: i64,
}

impl Application {
    /// A new application.
    ///
    /// # Errors
    /// As for [`Application::apply`]; a name is needed.
    pub fn create(
        project: ProjectId,
        patch: ApplicationPatch,
        loopback: LoopbackHttp,
        now: Time,
        entropy: &dyn Entropy,
    ) -> Result<Self, Refusal> {
        let settings = ApplicationSettings::new(patch, loopback)?;
        Ok(Self {
            id: ApplicationId::generate(project.environment(), entropy),
            project_id: project,
            client_id: ClientId::generate(entropy),
            secret: new_secret(entropy),
            settings,
            created_at: now,
            updated_at: now,
            version: 1,
        })
    }

    /// Changes what is given.
    ///
    /// # Errors
    /// A value that cannot be taken; nothing is changed then.
    pub fn apply(
        &mut self,
        patch: ApplicationPatch,
        loopback: LoopbackHttp,
        now: Time,
    ) -> Result<(), Refusal> {
        self.settings = self.settings.changed(patch, loopback)?;
        self.touch(now);
        Ok(())
    }

    /// Gives it another secret; the one before is good no more.
    pub fn rotate_secret(&mut self, now: Time, entropy: &dyn Entropy) {
        self.secret = new_secret(entropy);
        self.touch(now);
    }

    fn touch(&mut self, now: Time) {
        self.updated_at = now;
        self.version += 1;
    }

    /// Whether a text is the secret. It takes as long whatever is wrong with it.
    #[must_use]
    pub fn knows(&self, presented: &Secret) -> bool {
        !self.secret.is_empty() && self.secret == *presented
    }
}

/// 256 random bits.
fn new_secret(entropy: &dyn Entropy) -> Secret {
    Secret::new(Token::generate(entropy).expose())
}
