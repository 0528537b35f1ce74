//! What a write that the store refused means to the one who asked. One place for all operations.

use vestibule_domain::id::ProjectId;
use vestibule_domain::refusal::{Counted, Judged, Name, Refusal, Thing, What};
use vestibule_store::tables::quotas::Quota;
use vestibule_store::tables::{
    applications, client_grants, connections, directories, directory_groups, directory_users, domain_proofs,
    email_codes, intermediate, lending, login_hosts, login_sessions, magic_links, members, organizations,
    projects, quotas, registrations, replays, retired_emails, sessions, setup_links, sign_in_grants, tokens,
    totp,
};
use vestibule_store::{Guard, StoreError};

use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// What helps when an address is somebody's who does not have it any more.
const RESERVED: &str = "A member of this organization had the address before, and it is reserved for them: \
                        `unlink_retired_email` on that member sets it free.";

/// The meaning of a refused batch.
#[must_use]
pub(crate) fn meaning(error: StoreError) -> Failure {
    let what = match &error {
        StoreError::Unique(index) => taken(index),
        StoreError::Guard(guard) => missed(*guard),
        // A foreign key of ours leads to the organization, or to a member inside it.
        StoreError::Reference => Some(What::NotFound(Thing::Organization)),
        _ => None,
    };
    match what {
        Some(what) if error.is_guard(retired_emails::RESERVED) => Refusal::new(what).because(RESERVED).into(),
        Some(what) => Refusal::new(what).into(),
        None => error.into(),
    }
}

/// When it is worth asking again for what a quota refused.
///
/// # Errors
/// The store's.
pub(crate) async fn limited(
    app: &App,
    ctx: &Ctx,
    project: ProjectId,
    quotas: &[Quota],
) -> Result<Failure, StoreError> {
    let mut seconds = 1;
    for quota in quotas {
        if let Some(ends) = app.store.quota_ends(project, quota).await? {
            let left = (ends.millis() - ctx.now.millis()).max(0) / 1000 + 1;
            seconds = seconds.max(u64::try_from(left).unwrap_or(1));
        }
    }
    Ok(Failure::Limited(seconds))
}

/// Who has the name already.
fn taken(index: &str) -> Option<What> {
    Some(match index {
        organizations::SLUG_INDEX => What::Taken(Name::OrganizationSlug),
        organizations::EXTERNAL_ID_INDEX => What::Taken(Name::OrganizationExternalId),
        organizations::CLAIMED_DOMAIN => What::Taken(Name::ClaimedDomain),
        members::EMAIL | directory_users::MEMBER => What::Taken(Name::MemberEmail),
        directories::PLACE => What::Taken(Name::Directory),
        directory_users::USER_NAME => What::Taken(Name::UserName),
        directory_users::EXTERNAL_ID | registrations::SUBJECT => What::Taken(Name::DirectoryExternalId),
        directory_groups::NAME => What::Taken(Name::GroupName),
        members::EXTERNAL_ID => What::Taken(Name::MemberExternalId),
        connections::IDP_ENTITY => What::Taken(Name::IdpEntityId),
        connections::NAME => What::Taken(Name::Connection),
        client_grants::AUDIENCE => What::Taken(Name::ClientGrant),
        login_hosts::UNIQUE => What::Taken(Name::LoginHost),
        connections::BORROWED => What::Taken(Name::LentConnection),
        replays::USED => What::Assertion(Judged::Replayed),
        _ => return None,
    })
}

/// What is not there, or not as it was.
fn missed(guard: Guard) -> Option<What> {
    Some(match guard {
        organizations::EXISTS => What::NotFound(Thing::Organization),
        organizations::SLUG => What::Taken(Name::OrganizationSlug),
        organizations::EXTERNAL_ID => What::Taken(Name::OrganizationExternalId),
        organizations::CLAIMED => What::Taken(Name::ClaimedDomain),
        replays::UNUSED => What::Assertion(Judged::Replayed),
        retired_emails::RESERVED => What::Taken(Name::MemberEmail),
        connections::EXISTS => What::NotFound(Thing::Connection),
        directories::GROUP | directory_groups::EXISTS => What::NotFound(Thing::DirectoryGroup),
        directory_groups::NO_USER => What::NotFound(Thing::DirectoryUser),
        connections::ROOM => What::TooMany(Counted::Connections),
        applications::ROOM => What::TooMany(Counted::Applications),
        sign_in_grants::CODE_UNUSED => What::NotFound(Thing::AuthorizationCode),
        sign_in_grants::REFRESH_UNUSED | sign_in_grants::EXISTS => What::NotFound(Thing::RefreshToken),
        domain_proofs::ROOM => What::TooMany(Counted::DomainProofs),
        domain_proofs::VERSION => What::NotFound(Thing::DomainProof),
        setup_links::ROOM => What::TooMany(Counted::SetupLinks),
        setup_links::VERSION => What::NotFound(Thing::SetupLink),
        applications::VERSION => What::NotFound(Thing::Application),
        client_grants::EXISTS => What::NotFound(Thing::ClientGrant),
        login_hosts::EXISTS => What::NotFound(Thing::LoginHost),
        projects::SECRET_ACTIVE => What::NotFound(Thing::ApiSecret),
        projects::SECRET_LEFT => What::IsLastSecret,
        projects::SECRET_ROOM => What::TooMany(Counted::ApiSecrets),
        lending::ROOM => What::TooMany(Counted::LentConnections),
        members::EXISTS => What::NotFound(Thing::Member),
        magic_links::UNUSED => What::NotFound(Thing::MagicLink),
        email_codes::UNUSED => What::NotFound(Thing::EmailCode),
        totp::NONE_ACTIVE => What::Taken(Name::Totp),
        quotas::SPENT => What::TooManyRequests,
        tokens::UNREDEEMED | registrations::EXISTS => What::NotFound(Thing::SsoToken),
        intermediate::UNUSED => What::NotFound(Thing::IntermediateSession),
        login_sessions::LIVE | sessions::LIVE | sessions::VERSION | members::ACTS => {
            What::NotFound(Thing::Session)
        }
        _ => return None,
    })
}
