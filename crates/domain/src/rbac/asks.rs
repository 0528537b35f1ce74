//! What can be asked for. A type each, so that a grant for one thing does not open another.

use super::Action;
use super::fields::AskOfMember;
use super::grant::Ask;

/// Makes the types, and says which action decides each. Those that depend on what is to be changed have none here:
/// their grants are made where the fields are known.
macro_rules! asks {
    ($($(#[$doc:meta])* $name:ident $(= $needs:expr)? $(, on a member $of_member:expr)?;)*) => {
        $($(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub enum $name {}
        $(impl Ask for $name {
            const NEEDS: Option<Action> = $needs;
        })?
        $(impl AskOfMember for $name {
            const NEEDS: (Action, Action) = $of_member;
        })?)*
    };
}

asks! {
    /// Make a connection.
    CreateConnection = Some(Action::CreateConnection);
    /// See connections, secrets included.
    ReadConnections = Some(Action::ReadConnections);
    /// Change a connection.
    ChangeConnection = Some(Action::UpdateConnection);
    /// Read what sign-ins found. There is no action of its own: who may see connections may see what comes of them.
    ReadTraces = Some(Action::ReadConnections);
    /// Remove a connection.
    DeleteConnection = Some(Action::DeleteConnection);
    /// Connect a directory.
    CreateDirectory = Some(Action::CreateDirectory);
    /// See the directory, its groups, and what became of its requests.
    ReadDirectory = Some(Action::ReadDirectory);
    /// Change a directory, and replace its token.
    ChangeDirectory = Some(Action::UpdateDirectory);
    /// Disconnect a directory.
    DeleteDirectory = Some(Action::DeleteDirectory);
    /// Remove the organization.
    DeleteOrganization = Some(Action::DeleteOrganization);
    /// Search members.
    SearchMembers = Some(Action::SearchMembers);
    /// Bring a deleted member back. There is no action of its own: who may add members may bring one back.
    ReactivateMember = Some(Action::CreateMember);

    /// Let go of an address that a member had before.
    UnlinkRetiredEmail, on a member (Action::UnlinkMemberEmail, Action::UnlinkOwnEmail);
    /// Let a member have another address as soon as they have proved it.
    StartEmailUpdate, on a member (Action::UpdateMemberEmail, Action::UpdateOwnEmail);
    /// Remove a member's phone number.
    DeletePhone, on a member (Action::DeleteMemberPhone, Action::DeleteOwnPhone);
    /// See which applications members have connected.
    ReadApplications = Some(Action::ReadMemberApplications),
        on a member (Action::ReadMemberApplications, Action::ReadOwnApplications);
    /// Disconnect an application of a member.
    EndApplication, on a member (Action::EndMemberApplication, Action::EndOwnApplication);
    /// Remove a password.
    DeletePassword = Some(Action::DeleteMemberPassword);

    /// Change an organization: every field has its action.
    ChangeOrganization;
    /// Add a member: what is given may need more than the action.
    CreateMember;
    /// Change a member: every field has its action.
    ChangeMember;
    /// Remove a member.
    DeleteMember;
    /// Take the authenticator application of a member away.
    DeleteTotp;
    /// Add and prove second factors of members, and see their recovery codes.
    ManageFactors;
    /// End sessions.
    EndSessions;

    /// See what a provider has said of a member.
    ReadProviders;
    /// See how members are tied to connections.
    ReadRegistrations;
    /// Change how members are tied to connections.
    ChangeRegistrations;

    /// Change the roles that exist in the organization only.
    ChangeOrganizationRoles;

    /// See the policy of the project as it is kept.
    ReadPolicy;
    /// Change the policy of the project.
    ChangePolicy;
    /// Lend a connection of another organization to this one.
    BorrowConnection;

    /// Make an organization.
    CreateOrganization;
    /// Search organizations.
    SearchOrganizations;
    /// Remove what cannot be read any more.
    RemoveUnreadable;
    /// See the connections of the project, whichever organization has them.
    ReadAllConnections;
    /// Find a member whatever their organization.
    FindMember;
    /// Read the audit trail.
    ReadEvents;
    /// See which API secrets and session keys the project has.
    ReadProjectKeys;
    /// Make and end API secrets, and make another session key.
    ChangeProjectKeys;
    /// See what browsers and phones may ask for.
    ReadFrontend;
    /// Say what browsers and phones may ask for.
    ChangeFrontend;
    /// See what the project decides for the pages where its people sign in and out.
    ReadLoginSettings;
    /// Decide it.
    ChangeLoginSettings;
    /// See where sessions of another system are asked for.
    ReadSessionMigration;
    /// Say where sessions of another system are asked for.
    ChangeSessionMigration;
    /// See the applications of the project, and what each may do.
    ReadProjectApplications;
    /// Make, change and remove applications of the project, and say what each may do.
    ChangeProjectApplications;
    /// See which domains the organization shows to be its own. There is no action of its own: who may say which domains are let in
    /// may show that one is theirs.
    ReadDomains = Some(Action::UpdateAllowedDomains);
    /// Show that a domain is the organization's.
    ChangeDomains = Some(Action::UpdateAllowedDomains);
    /// See the links into the set-up portal, and how far each is.
    ReadSetupLinks;
    /// Make links into the set-up portal, and take them back.
    ChangeSetupLinks;
}
