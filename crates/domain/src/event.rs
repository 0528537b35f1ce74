//! Events: who did what to what, when, and what changed by it. The audit trail is made of them; whoever is to be told of
//! changes reads the same rows.

mod changes;

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use changes::{Change, Facts, changes};

use crate::id::{
    ApplicationId, AuditId, ConnectionId, DirectoryId, MemberId, OrganizationId, ProjectId, SessionId,
    SetupLinkId,
};
use crate::rbac::Actor;
use crate::time::Time;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal;)*) => {
        /// What happened.
        #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        pub enum EventKind {
            $($(#[$doc])* $kind,)*
            /// Something that this version does not know.
            Other(String),
        }

        impl EventKind {
            /// All that this version writes.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// The stable name.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$kind => $name,)*
                    Self::Other(name) => name,
                }
            }
        }

        impl From<String> for EventKind {
            fn from(name: String) -> Self {
                match name.as_str() {
                    $($name => Self::$kind,)*
                    _ => Self::Other(name),
                }
            }
        }
    };
}

kinds! {
    /// An organization was made.
    OrganizationCreated = "organization.create";
    /// An organization was changed.
    OrganizationUpdated = "organization.update";
    /// An organization lost the API user's own id.
    OrganizationExternalIdCleared = "organization.clear_external_id";
    /// A name of an organization turned out to be another's, and is not its own any more.
    OrganizationNameLost = "organization.name.lose";
    /// An organization was removed with all that was in it.
    OrganizationDeleted = "organization.delete";
    /// A member was made.
    MemberCreated = "member.create";
    /// A member was changed.
    MemberUpdated = "member.update";
    /// A member lost the API user's own id.
    MemberExternalIdCleared = "member.clear_external_id";
    /// An address that a member had before is everybody's again.
    MemberEmailUnlinked = "member.unlink_retired_email";
    /// A member may have another address, as soon as they prove it.
    MemberEmailUpdateStarted = "member.start_email_update";
    /// A member lost the phone number of their second factor.
    MemberPhoneDeleted = "member.delete_mfa_phone_number";
    /// Somebody was invited to become a member.
    MemberInvited = "member.invite";
    /// A link or a code to sign in was sent to a member.
    SignInMailed = "member.sign_in_mail";
    /// A member was removed.
    MemberDeleted = "member.delete";
    /// A deleted member was brought back.
    MemberReactivated = "member.reactivate";
    /// Somebody began to give a member an authenticator application.
    TotpBegun = "member.totp.begin";
    /// The authenticator application of a member was proved for the first time.
    TotpActivated = "member.totp.activate";
    /// The authenticator application of a member was brought along from another system.
    TotpMigrated = "member.totp.migrate";
    /// The authenticator application of a member was taken away.
    TotpDeleted = "member.totp.delete";
    /// The recovery codes of a member were shown.
    RecoveryCodesShown = "member.recovery_codes.show";
    /// The recovery codes of a member were made anew.
    RecoveryCodesRotated = "member.recovery_codes.rotate";
    /// A recovery code of a member was used up.
    RecoveryCodeUsed = "member.recovery_codes.use";
    /// A code was sent to the phone of a member.
    SmsCodeSent = "member.sms_code.send";
    /// Wrong codes of a member have to wait from now on.
    SecondFactorLocked = "member.second_factor.lock";
    /// The bond between a member and a subject at a connection was taken away.
    RegistrationReleased = "member.registration.release";
    /// The bond between a member and a connection leads to another subject there.
    RegistrationRelinked = "member.registration.relink";
    /// A member signed in through a connection.
    MemberSignedIn = "member.sign_in";
    /// A connection was made.
    ConnectionCreated = "connection.create";
    /// A connection was changed.
    ConnectionUpdated = "connection.update";
    /// A connection proves itself to its provider by another key.
    AssertionKeyRotated = "connection.assertion_key.rotate";
    /// A test of a connection was prepared.
    ConnectionTestPrepared = "connection.test.prepare";
    /// A connection was removed.
    ConnectionDeleted = "connection.delete";
    /// A certificate of the provider was removed.
    VerificationCertificateDeleted = "connection.verification_certificate.delete";
    /// A key that decrypts was removed.
    EncryptionKeyDeleted = "connection.encryption_private_key.delete";
    /// A weak algorithm is accepted for a while.
    LegacyAlgorithmAllowed = "connection.legacy_algorithm.allow";
    /// A weak algorithm is not accepted any more.
    LegacyAlgorithmRefused = "connection.legacy_algorithm.refuse";
    /// The provider's metadata changed and was taken over.
    MetadataChanged = "connection.metadata.change";
    /// The provider's metadata changed in a way that is not taken over.
    MetadataRefused = "connection.metadata.refuse";
    /// A certificate of the provider ends soon, or has ended.
    CertificateExpiring = "connection.certificate.expiring";
    /// A certificate of ours, a client secret or a token of a directory ends soon, or has ended.
    CredentialExpiring = "credential.expiring";
    /// A directory was connected.
    DirectoryCreated = "directory.create";
    /// A directory was changed.
    DirectoryUpdated = "directory.update";
    /// A directory has another token beside the one in use.
    DirectoryTokenCreated = "directory.token.create";
    /// A token of a directory is good no more.
    DirectoryTokenRevoked = "directory.token.revoke";
    /// A directory was disconnected.
    DirectoryDeleted = "directory.delete";
    /// A directory has somebody more.
    DirectoryUserCreated = "directory.user.create";
    /// A directory says something else of somebody.
    DirectoryUserUpdated = "directory.user.update";
    /// A directory has somebody no more.
    DirectoryUserDeleted = "directory.user.delete";
    /// A directory has a group more.
    DirectoryGroupCreated = "directory.group.create";
    /// A group of a directory has another name, or other members.
    DirectoryGroupUpdated = "directory.group.update";
    /// A directory has a group no more.
    DirectoryGroupDeleted = "directory.group.delete";
    /// A project is called something else.
    ProjectRenamed = "project.rename";
    /// Browsers and phones may ask a project for something else than before.
    FrontendChanged = "project.frontend.change";
    /// Browsers that sign out may be sent elsewhere than before.
    LoginSettingsChanged = "project.login_settings.change";
    /// Sessions of another system are asked for elsewhere, or not any more.
    SessionMigrationChanged = "project.session_migration.change";
    /// A project has another API secret.
    ProjectSecretCreated = "project.secret.create";
    /// An API secret of a project has a successor, and an end.
    ProjectSecretRotated = "project.secret.rotate";
    /// An API secret of a project is good no more.
    ProjectSecretRevoked = "project.secret.revoke";
    /// A project has other roles, resources or scopes.
    RbacPolicyChanged = "project.rbac_policy.change";
    /// A project's session tokens are signed with a new key.
    SessionKeyRotated = "project.session_key.rotate";
    /// A retired key of a project's session tokens is published no more.
    SessionKeyForgotten = "project.session_key.forget";
    /// An application was made.
    ApplicationCreated = "application.create";
    /// An application was changed.
    ApplicationUpdated = "application.update";
    /// An application has another secret.
    ApplicationSecretRotated = "application.secret.rotate";
    /// An application was removed.
    ApplicationDeleted = "application.delete";
    /// An application was given a token on its own account.
    ApplicationTokenIssued = "application.token.issue";
    /// A connection was enabled for an application, or is not any more.
    ApplicationConnectionsChanged = "application.connections.change";
    /// An application may do something at an API.
    ClientGrantCreated = "application.grant.create";
    /// An application may do something else at an API.
    ClientGrantUpdated = "application.grant.update";
    /// An application may do nothing at an API any more.
    ClientGrantDeleted = "application.grant.delete";
    /// A domain is to be shown to be an organization's.
    DomainStarted = "organization.domain.start";
    /// A domain was shown to be an organization's.
    DomainVerified = "organization.domain.verify";
    /// A domain was shown by one organization and is another's.
    DomainHeld = "organization.domain.hold";
    /// The record by which a domain was shown is gone.
    DomainAtRisk = "organization.domain.miss";
    /// It is back.
    DomainRecovered = "organization.domain.recover";
    /// It was gone for too long: the domain is the organization's no more.
    DomainLost = "organization.domain.lose";
    /// A domain is not shown any more, because somebody said so.
    DomainRemoved = "organization.domain.remove";
    /// A link into the set-up portal was made.
    SetupLinkCreated = "setup_link.create";
    /// A code was sent to a contact of a link.
    SetupLinkCodeSent = "setup_link.send_code";
    /// Somebody opened a link.
    SetupLinkOpened = "setup_link.open";
    /// A step of setting up was done for the first time.
    SetupLinkStepCompleted = "setup_link.step_complete";
    /// What a link is for was done.
    SetupLinkCompleted = "setup_link.complete";
    /// A link was taken back.
    SetupLinkRevoked = "setup_link.revoke";
    /// Somebody who holds a link that is over asks for another one.
    SetupLinkRenewalRequested = "setup_link.request_renewal";
    /// A session began.
    SessionStarted = "session.start";
    /// A sign-in waits for a way in that the organization takes.
    FirstFactorAwaited = "session.await_first_factor";
    /// A sign-in waits for a second factor.
    SecondFactorAwaited = "session.await_second_factor";
    /// A member signed in to an application by the session that their browser has where people sign in.
    LoginSessionUsed = "login_session.use";
    /// A member signed out where people sign in.
    LoginSessionEnded = "login_session.end";
    /// A session was ended.
    SessionRevoked = "session.revoke";
    /// All sessions of a member were ended.
    MemberSessionsRevoked = "session.revoke_all";
}

impl From<EventKind> for String {
    fn from(kind: EventKind) -> Self {
        kind.as_str().to_owned()
    }
}

/// What something was done to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "type", content = "id", rename_all = "snake_case")]
pub enum Object {
    /// A project.
    Project(ProjectId),
    /// An organization.
    Organization(OrganizationId),
    /// A member.
    Member(MemberId),
    /// A connection.
    Connection(ConnectionId),
    /// A session.
    Session(SessionId),
    /// An application.
    Application(ApplicationId),
    /// A directory.
    Directory(DirectoryId),
    /// A link into the set-up portal.
    SetupLink(SetupLinkId),
    /// Something that this version does not know, or an event from before objects had types.
    Other(String),
}

impl Object {
    /// The stable name of its kind.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Project(_) => "project",
            Self::Organization(_) => "organization",
            Self::Member(_) => "member",
            Self::Connection(_) => "connection",
            Self::Session(_) => "session",
            Self::Application(_) => "application",
            Self::Directory(_) => "directory",
            Self::SetupLink(_) => "setup_link",
            Self::Other(_) => "other",
        }
    }

    /// The object of an id whose kind its form tells.
    #[must_use]
    pub fn named(id: &str) -> Self {
        let project = || id.parse().map(Self::Project);
        let organization = || id.parse().map(Self::Organization);
        let member = || id.parse().map(Self::Member);
        let connection = || id.parse().map(Self::Connection);
        let session = || id.parse().map(Self::Session);
        project()
            .or_else(|_| organization())
            .or_else(|_| member())
            .or_else(|_| connection())
            .or_else(|_| session())
            .or_else(|_| id.parse().map(Self::Application))
            .or_else(|_| id.parse().map(Self::Directory))
            .or_else(|_| id.parse().map(Self::SetupLink))
            .unwrap_or_else(|_| Self::Other(id.to_owned()))
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Project(id) => id.fmt(f),
            Self::Organization(id) => id.fmt(f),
            Self::Member(id) => id.fmt(f),
            Self::Connection(id) => id.fmt(f),
            Self::Session(id) => id.fmt(f),
            Self::Application(id) => id.fmt(f),
            Self::Directory(id) => id.fmt(f),
            Self::SetupLink(id) => id.fmt(f),
            Self::Other(id) => f.write_str(id),
        }
    }
}

/// One event. Never with a secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Kept")]
pub struct Event {
    /// The id.
    pub id: AuditId,
    /// The project.
    pub project_id: ProjectId,
    /// The organization it happened in, if in one.
    pub organization_id: Option<OrganizationId>,
    /// Who did it.
    pub actor: Actor,
    /// What was done.
    #[serde(rename = "action")]
    pub kind: EventKind,
    /// What it was done to.
    pub object: Object,
    /// Which fields changed.
    pub changes: Vec<Change>,
    /// What else is worth knowing.
    pub detail: Map<String, Value>,
    /// The request it happened in, `""` when the server did it unasked.
    pub request_id: String,
    /// Where the request came from, `""` when the server did it unasked.
    pub ip_address: String,
    /// When.
    pub at: Time,
}

/// An event as it is kept, by this version or an older one.
#[derive(Deserialize)]
struct Kept {
    id: AuditId,
    project_id: ProjectId,
    #[serde(default)]
    organization_id: Option<OrganizationId>,
    #[serde(default)]
    actor: Option<Who>,
    action: EventKind,
    object: Option<Object>,
    /// Before objects had types.
    target: Option<String>,
    #[serde(default)]
    changes: Vec<Change>,
    #[serde(default)]
    detail: Map<String, Value>,
    #[serde(default)]
    request_id: String,
    #[serde(default)]
    ip_address: Option<String>,
    at: Time,
}

/// Before there were several kinds of actors it was a member, or nobody.
#[derive(Deserialize)]
#[serde(untagged)]
enum Who {
    Actor(Actor),
    Member(MemberId),
}

impl From<Kept> for Event {
    fn from(mut kept: Kept) -> Self {
        let from_detail = || match kept.detail.get("ip_address") {
            Some(Value::String(address)) => address.clone(),
            _ => String::new(),
        };
        let ip_address = kept.ip_address.clone().unwrap_or_else(from_detail);
        kept.detail.remove("ip_address");
        let actor = match kept.actor {
            Some(Who::Actor(actor)) => actor,
            Some(Who::Member(id)) => Actor::Member(id),
            // What the server did unasked had no request.
            None if kept.request_id.is_empty() => Actor::Server,
            None => Actor::Backend,
        };
        Self {
            id: kept.id,
            project_id: kept.project_id,
            organization_id: kept.organization_id,
            actor,
            kind: kept.action,
            object: kept.object.unwrap_or_else(|| Object::named(kept.target.as_deref().unwrap_or_default())),
            changes: kept.changes,
            detail: kept.detail,
            request_id: kept.request_id,
            ip_address,
            at: kept.at,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const UUID: &str = "00000000-0000-4000-8000-000000000000";

    #[test]
    fn an_event_of_the_first_version_is_read() {
        let old = json!({
            "id": format!("audit-event-test-{UUID}"), "project_id": format!("project-test-{UUID}"),
            "organization_id": null, "actor": format!("member-test-{UUID}"), "action": "connection.update",
            "target": format!("oidc-connection-test-{UUID}"), "detail": {"ip_address": "127.0.0.1", "changed": ["issuer"]},
            "request_id": "request-id-test-1", "at": 5,
        });
        let event: Event = serde_json::from_value(old).unwrap();
        assert_eq!(event.actor.kind(), "member");
        assert_eq!(event.kind, EventKind::ConnectionUpdated);
        assert_eq!(event.object.kind(), "connection");
        assert_eq!((event.ip_address.as_str(), event.detail.len()), ("127.0.0.1", 1));
        let kept = serde_json::to_value(&event).unwrap();
        assert_eq!(serde_json::from_value::<Event>(kept).unwrap(), event);
    }

    #[test]
    fn what_a_newer_version_wrote_is_shown_as_it_is() {
        let newer = json!({
            "id": format!("audit-event-test-{UUID}"), "project_id": format!("project-test-{UUID}"),
            "action": "portal.open", "target": "x", "more": 1, "at": 1,
        });
        let event: Event = serde_json::from_value(newer).unwrap();
        assert_eq!((event.kind.as_str(), event.object), ("portal.open", Object::Other("x".to_owned())));
        assert_eq!(event.actor, Actor::Server);
    }

    #[test]
    fn names_read_back() {
        for kind in EventKind::ALL {
            assert_eq!(&EventKind::from(kind.as_str().to_owned()), kind);
        }
    }
}
