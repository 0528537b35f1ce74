//! The phone number of a member, to which codes are sent: who may say which one it is.

use super::evidence::Evidence;
use crate::member::{Member, checked_phone};
use crate::refusal::{Field, Refusal, Thing, What};

/// The number that a code goes to, after it was given to a member who has none yet. A number that is there is never
/// replaced by a send: whoever could do that would have the codes sent to themselves.
///
/// # Errors
/// [`Thing::PhoneNumber`] when there is none and none is given; [`Field::PhoneNumber`] for one that is none, and for another
/// than the member's; [`What::SecondFactorNeeded`] when the member has a second factor that was not shown.
pub fn number_for_code(
    member: &mut Member,
    given: Option<&str>,
    evidence: Evidence,
) -> Result<String, Refusal> {
    let given =
        given.filter(|text| !text.is_empty()).map(|text| checked_phone(text.to_owned())).transpose()?;
    let kept = member.mfa_phone_number.clone();
    match given.unwrap_or_else(|| kept.clone()) {
        number if number.is_empty() => Err(What::NotFound(Thing::PhoneNumber).into()),
        // Proving it for the first time adds a factor, whoever wrote it down.
        number if number == kept && !member.mfa_phone_number_verified => {
            evidence.may_add_factor(member)?;
            Ok(number)
        }
        number if number == kept => Ok(number),
        _ if !kept.is_empty() => Err(Refusal::new(What::Invalid(Field::PhoneNumber))
            .because("The member has another number. Remove it first, or change it by updating the member.")),
        number => {
            evidence.may_add_factor(member)?;
            member.set_phone_number(number.clone());
            Ok(number)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mfa::tests::member;

    const ADAS: &str = "+15555550123";

    #[test]
    fn a_send_gives_a_number_to_whom_has_none_and_replaces_none() {
        let mut ada = member();
        let first = Evidence::Intermediate;
        let nothing = number_for_code(&mut ada, None, first).unwrap_err();
        assert_eq!(nothing.what, What::NotFound(Thing::PhoneNumber));
        assert!(number_for_code(&mut ada, Some("0123"), first).is_err());
        assert_eq!(number_for_code(&mut ada, Some(ADAS), first), Ok(ADAS.to_owned()));
        assert_eq!((ada.mfa_phone_number.as_str(), ada.mfa_phone_number_verified), (ADAS, false));
        for evidence in [Evidence::Project, Evidence::Session { second: true }, first] {
            let refused = number_for_code(&mut ada, Some("+15555550199"), evidence).unwrap_err();
            assert_eq!(refused.what, What::Invalid(Field::PhoneNumber));
        }
        assert_eq!(number_for_code(&mut ada, Some(""), first), Ok(ADAS.to_owned()));
    }

    #[test]
    fn who_has_another_second_factor_gets_no_number_by_a_first_one_alone() {
        let mut ada = member();
        ada.totp_id = Some("member-totp-test-957b273b-6559-42f7-9220-194a80242cc1".parse().unwrap());
        for evidence in [Evidence::Session { second: false }, Evidence::Intermediate] {
            let refused = number_for_code(&mut ada, Some(ADAS), evidence).unwrap_err();
            assert_eq!(refused.what, What::SecondFactorNeeded);
        }
        assert!(ada.mfa_phone_number.is_empty());
        assert!(number_for_code(&mut ada, Some(ADAS), Evidence::Session { second: true }).is_ok());
        // Written down, it is still nobody's to prove by a first factor.
        assert!(number_for_code(&mut ada, None, Evidence::Intermediate).is_err());
        ada.mfa_phone_number_verified = true;
        assert_eq!(number_for_code(&mut ada, None, Evidence::Intermediate), Ok(ADAS.to_owned()));
    }
}
