//! What is missing to a session still (contract 4.7).

use serde::Serialize;
use vestibule_domain::login::demand::Missing;
use vestibule_domain::member::Member;

use super::member::totp_registration_id;

/// A second factor is missing.
#[derive(Debug, Serialize)]
pub(crate) struct MfaRequired {
    member_options: Option<MemberOptions>,
    secondary_auth_initiated: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct MemberOptions {
    mfa_phone_number: String,
    totp_registration_id: String,
}

/// A way in is missing that the organization takes.
#[derive(Debug, Serialize)]
pub(crate) struct PrimaryRequired {
    allowed_auth_methods: Vec<&'static str>,
}

/// A second factor, where it is missing. What a member could use is shown of those who have something or enrolled; to all
/// others an application offers to set one up.
pub(crate) fn mfa_required(
    member: Option<&Member>,
    missing: &Missing,
    is_code_sent: bool,
) -> Option<MfaRequired> {
    let options = |member: &Member| MemberOptions {
        mfa_phone_number: member.mfa_phone_number.clone(),
        totp_registration_id: totp_registration_id(member),
    };
    let could = |member: &&Member| {
        member.mfa_enrolled || member.totp_id.is_some() || !member.mfa_phone_number.is_empty()
    };
    missing.second.then(|| MfaRequired {
        member_options: member.filter(could).map(options),
        secondary_auth_initiated: is_code_sent.then_some("sms_otp"),
    })
}

/// Another way in, where one is missing.
pub(crate) fn primary_required(missing: &Missing) -> Option<PrimaryRequired> {
    let methods = missing.primary.as_ref()?;
    Some(PrimaryRequired { allowed_auth_methods: methods.iter().map(|method| method.as_str()).collect() })
}
