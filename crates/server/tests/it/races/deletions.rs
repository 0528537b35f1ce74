//! Everything that takes something away, as data.

use serde_json::json;

use super::mutations::Mutation;
use super::scene::{Act, Scene};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deletion {
    Organization,
    Member,
    Connection,
    Session,
    /// All sessions of the member: who uses one of them at this moment gets no other out of it.
    Sessions,
    /// The connection is given to another provider: what the old one says counts no more.
    Move,
}

pub(super) const DELETIONS: [(Deletion, &str); 6] = [
    (Deletion::Organization, "delete the organization"),
    (Deletion::Member, "delete the member"),
    (Deletion::Connection, "delete the connection"),
    (Deletion::Session, "revoke the session"),
    (Deletion::Sessions, "revoke the member's sessions"),
    (Deletion::Move, "move the connection"),
];

impl Deletion {
    /// A connection that moves is in the way of those who sign in through it and of those who change it. Whose sessions are
    /// ended may sign in again.
    pub(super) const fn meets(self, mutation: Mutation) -> bool {
        match self {
            Self::Move => matches!(
                mutation,
                Mutation::OidcCallback
                    | Mutation::SamlCallback
                    | Mutation::Start
                    | Mutation::Redeem
                    | Mutation::UpdateOidc
                    | Mutation::UpdateSaml
            ),
            Self::Sessions => matches!(
                mutation,
                Mutation::Exchange
                    | Mutation::RedeemIntoSession
                    | Mutation::Authenticate
                    | Mutation::Prolong
                    | Mutation::MemberRoles
            ),
            _ => true,
        }
    }

    pub(super) fn act(self, scene: &Scene) -> Act {
        match self {
            Self::Organization => Act::delete(scene.organization_path("")),
            Self::Member => Act::delete(scene.member_path("")),
            Self::Connection => {
                Act::delete(format!("/v1/b2b/sso/{}/connections/{}", scene.organization, scene.connection))
            }
            Self::Session => {
                Act::post("/v1/b2b/sessions/revoke", json!({ "member_session_id": scene.session_id }))
            }
            Self::Sessions => Act::post("/v1/b2b/sessions/revoke", json!({ "member_id": scene.member })),
            Self::Move => Act::put(scene.settings_path(), scene.moved()),
        }
    }
}
