//! Tests of a connection, also of one that signs nobody in yet: prepared by whoever sets it up, made once by whoever follows its
//! link, and told to the first (ADR 52). A test changes nothing.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::admission::{Admission, AdmissionKind};
use crate::bounds::kept_claims;
use crate::connection::{Connection, Discovered, Protocol};
use crate::entropy::Entropy;
use crate::id::{ConnectionId, ConnectionTestId, OrganizationId, ProjectId, TraceId};
use crate::identity::Identity;
use crate::rbac::Actor;
use crate::refusal::Refusal;
use crate::secret::{Token, TokenHash, derive};
use crate::spelled::spelled;
use crate::tenant::Tenant;
use crate::time::{Span, Time};

/// How long a test may be begun.
pub const TEST_LIFETIME: Span = Span::minutes(10);
/// After how long without an answer it is said that none may come.
pub const SILENCE: Span = Span::minutes(2);

spelled! {
    /// How far a test is.
    pub enum TestStatus {
        /// Nobody has begun it.
        Waiting = "waiting",
        /// Somebody is at the provider.
        Running = "running",
        /// Somebody would have signed in.
        Passed = "passed",
        /// Nobody would have.
        Failed = "failed",
        /// Nobody began it, or came back, in time.
        Expired = "expired",
    }
}

spelled! {
    /// As whom somebody would have signed in.
    pub enum Would {
        /// A member who signed in before.
        SignIn = "sign_in",
        /// A member who is known by the address.
        Link = "link",
        /// A new member.
        Create = "create",
    }
}

impl From<AdmissionKind> for Would {
    fn from(kind: AdmissionKind) -> Self {
        match kind {
            AdmissionKind::Existing => Self::SignIn,
            AdmissionKind::Linked => Self::Link,
            AdmissionKind::Created => Self::Create,
        }
    }
}

/// A test.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectionTest {
    /// The id.
    pub id: ConnectionTestId,
    /// The project.
    pub project_id: ProjectId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The connection.
    pub connection_id: ConnectionId,
    /// The hash of the token in its link.
    pub token_hash: TokenHash,
    /// The settings that are tested ([`stamp`]).
    pub settings: String,
    /// Who prepared it.
    pub by: Actor,
    /// A path of ours, where whoever made the test goes on; `""` for none.
    pub return_to: String,
    /// When it was prepared.
    pub created_at: Time,
    /// When somebody began it.
    pub started_at: Option<Time>,
    /// How it ended.
    pub outcome: Option<TestOutcome>,
}

/// How a test ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TestOutcome {
    /// When.
    pub at: Time,
    /// The trace, which has the checks.
    pub trace_id: TraceId,
    /// Who would have signed in, or why nobody.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// Who would have signed in, or why nobody.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// Somebody would have.
    Passed {
        /// Who.
        person: Box<Person>,
    },
    /// Nobody would have.
    Failed {
        /// Why.
        refusal: Box<Refusal>,
    },
}

/// Somebody as the application would see them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Person {
    /// As whom.
    pub would: Option<Would>,
    /// The address.
    pub email: String,
    /// The subject at the provider.
    pub subject: String,
    /// The name.
    pub name: String,
    /// The groups that the provider named.
    pub groups: Vec<String>,
    /// The roles that signing in would give.
    pub roles: Vec<String>,
    /// What the provider said.
    pub attributes: Map<String, Value>,
}

impl Person {
    /// Who was proved, and what would have come of it through this connection.
    #[must_use]
    pub fn of(identity: &Identity, admission: &Admission, connection: &Connection) -> Self {
        let granted = connection.role_assignments().granted_to(&admission.registration);
        let mut roles: Vec<String> = granted.into_iter().map(|(role, _)| role).collect();
        roles.extend(admission.member.roles.iter().cloned());
        roles.sort();
        roles.dedup();
        Self {
            would: Some(admission.kind.into()),
            email: admission.member.email.as_str().to_owned(),
            subject: identity.subject.value.clone(),
            name: identity.name.clone(),
            groups: identity.groups.clone(),
            roles,
            attributes: kept_claims(identity.attributes.clone()).0,
        }
    }
}

impl ConnectionTest {
    /// A test of a connection as it is now.
    #[must_use]
    pub fn prepare(
        connection: &Connection,
        (by, return_to): (Actor, String),
        token: &Token,
        (now, entropy): (Time, &dyn Entropy),
    ) -> Self {
        Self {
            id: ConnectionTestId::generate(connection.id.environment(), entropy),
            project_id: connection.project_id,
            organization_id: connection.organization_id,
            connection_id: connection.id,
            token_hash: token.hash(),
            settings: stamp(connection),
            by,
            return_to,
            created_at: now,
            started_at: None,
            outcome: None,
        }
    }

    /// The place.
    #[must_use]
    pub const fn tenant(&self) -> Tenant {
        Tenant::stored(self.project_id, self.organization_id)
    }

    /// Until when it may be begun.
    #[must_use]
    pub fn expires_at(&self) -> Time {
        self.created_at.plus(TEST_LIFETIME)
    }

    /// How far it is.
    #[must_use]
    pub fn status(&self, now: Time) -> TestStatus {
        match (&self.outcome, self.started_at) {
            (Some(TestOutcome { verdict: Verdict::Passed { .. }, .. }), _) => TestStatus::Passed,
            (Some(TestOutcome { verdict: Verdict::Failed { .. }, .. }), _) => TestStatus::Failed,
            (None, Some(began)) if now < began.plus(TEST_LIFETIME) => TestStatus::Running,
            (None, None) if now < self.expires_at() => TestStatus::Waiting,
            (None, _) => TestStatus::Expired,
        }
    }

    /// Whether the provider has kept whoever makes the test for so long that it may have shown them an error of its own.
    #[must_use]
    pub fn is_silent(&self, now: Time) -> bool {
        self.outcome.is_none() && self.started_at.is_some_and(|began| now >= began.plus(SILENCE))
    }

    /// Whether the connection is set otherwise since.
    #[must_use]
    pub fn is_out_of_date(&self, connection: &Connection) -> bool {
        self.settings != stamp(connection)
    }

    /// Whether it shows that the connection works as it is set now.
    #[must_use]
    pub fn proves(&self, connection: &Connection, now: Time) -> bool {
        self.status(now) == TestStatus::Passed && !self.is_out_of_date(connection)
    }
}

/// What settings are known by: two connections with the same stamp ask and judge alike. Certificates count by their keys, not by
/// when they were added, and a name is no setting.
#[must_use]
pub fn stamp(connection: &Connection) -> String {
    let settings = match &connection.protocol {
        Protocol::Oidc(settings) => {
            let mut settings = settings.as_ref().clone();
            let secret = derive("client secret of a test", &[settings.client_secret.expose()]);
            settings.discovered = Discovered::default();
            serde_json::to_string(&settings).map(|settings| format!("{settings}{secret}"))
        }
        Protocol::Saml(settings) => {
            let mut settings = settings.as_ref().clone();
            for certificate in &mut settings.verification_certificates {
                certificate.created_at = Time::default();
                certificate.from_metadata = false;
            }
            serde_json::to_string(&settings)
        }
        Protocol::External(settings) => serde_json::to_string(settings),
    };
    derive("settings of a connection", &[&settings.unwrap_or_default(), connection.common.callback.as_str()])
}
