//! Signing in by mail: a link or a code that is sent to an address, and shows that mail to it reaches somebody.

use crate::email::EmailAddress;
use crate::entropy::{Entropy, bytes};
use crate::id::{MemberId, OrganizationId, ProjectId};
use crate::member::{Member, MemberStatus};
use crate::organization::Organization;
use crate::outbox::Purpose;
use crate::refusal::{Field, Refusal, What};
use crate::secret::{Token, TokenHash, derive};
use crate::session::{AuthMethod, EmailMethod};
use crate::time::{Span, Time};

/// Digits of a code.
pub const CODE_DIGITS: usize = 6;
/// How often a code may be tried: of a million that there are.
pub const CODE_TRIES: i64 = 5;

/// For how long something that is sent may be good, in minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    usual: i64,
    least: i64,
    most: i64,
}

impl Lifetime {
    /// A link: an hour; a week at most.
    pub const LINK: Self = Self { usual: 60, least: 5, most: 10_080 };
    /// An invitation, which waits for somebody who expects nothing: a week.
    pub const INVITE: Self = Self { usual: 10_080, least: 5, most: 10_080 };
    /// A code, of which there are few: ten minutes.
    pub const CODE: Self = Self { usual: 10, least: 2, most: 15 };

    /// Reads what was asked for in `field`.
    ///
    /// # Errors
    /// A number of minutes outside the bounds.
    pub fn read(self, field: &str, given: Option<i64>) -> Result<Span, Refusal> {
        let minutes = given.unwrap_or(self.usual);
        if (self.least..=self.most).contains(&minutes) {
            return Ok(Span::minutes(minutes));
        }
        Err(Refusal::new(What::Invalid(Field::Setting))
            .found(format!("{minutes} in {field}"))
            .expected(format!("{} to {} minutes", self.least, self.most)))
    }
}

/// Whose something is that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SentTo {
    /// A member of an organization, at their address.
    Member(OrganizationId, MemberId),
    /// A member of an organization, at an address that is to become theirs.
    Moving(OrganizationId, MemberId),
    /// Whoever has the address, and looks for their organizations.
    Seeker,
}

/// A link that was sent. It is good once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MagicLink {
    /// Hash of the token in it.
    pub hash: TokenHash,
    /// The project.
    pub project_id: ProjectId,
    /// Whose it is.
    pub to: SentTo,
    /// Where it was sent: it shows that mail to this address reaches somebody, whatever a member's address is meanwhile.
    pub address: EmailAddress,
    /// The application's own PKCE challenge.
    pub code_challenge: Option<String>,
    /// When it was asked for.
    pub created_at: Time,
    /// Until when it may be followed.
    pub expires_at: Time,
}

/// A code that is typed, never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(Token);

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[code]")
    }
}

impl Code {
    /// Draws a code: every one is as likely as every other.
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        const CODES: u32 = 1_000_000;
        // Numbers beyond the last whole million would make the first codes more likely.
        const FAIR: u32 = u32::MAX - u32::MAX % CODES;
        loop {
            let drawn = u32::from_be_bytes(bytes::<4>(entropy));
            if drawn < FAIR {
                return Self(Token::presented(&format!("{:0width$}", drawn % CODES, width = CODE_DIGITS)));
            }
        }
    }

    /// Takes a code as somebody typed it; spaces that people put between digits count for nothing. What is no code is not
    /// the right one.
    #[must_use]
    pub fn presented(text: &str) -> Self {
        let typed = text.chars().filter(|c| !c.is_whitespace()).take(CODE_DIGITS + 1);
        Self(Token::presented(&typed.collect::<String>()))
    }

    /// The digits.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// By what a code is found: its project and whose it is, without saying so.
#[must_use]
pub fn code_subject(place: Option<OrganizationId>, address: &EmailAddress) -> String {
    let place = place.map(|id| id.to_string()).unwrap_or_default();
    derive("code-by-mail", &[&place, address.as_str()])
}

/// Whether members of an organization may sign in by what is sent in this way.
#[must_use]
pub fn allows(organization: &Organization, method: EmailMethod) -> bool {
    organization.allows(match method {
        EmailMethod::MagicLink => AuthMethod::MagicLink,
        EmailMethod::Otp => AuthMethod::EmailOtp,
    })
}

/// What is sent to an address of an organization.
///
/// # Errors
/// The organization does not let the member sign in this way; nobody has the address, and it is not let in.
pub fn sent_for(
    organization: &Organization,
    found: Option<&Member>,
    address: &EmailAddress,
    method: EmailMethod,
) -> Result<Purpose, Refusal> {
    let is_exempt = found.is_some_and(|member| member.is_breakglass);
    if !allows(organization, method) && !is_exempt {
        return Err(What::MethodNotAllowedHere.into());
    }
    match found.map(|member| member.status) {
        Some(MemberStatus::Active) => Ok(Purpose::Login),
        Some(MemberStatus::Pending | MemberStatus::Invited) => Ok(Purpose::Signup),
        Some(MemberStatus::Deleted) | None if organization.lets_in_by_mail(address) => Ok(Purpose::Signup),
        Some(MemberStatus::Deleted) | None => {
            Err(Refusal::new(What::MailJitNotAllowed).found("an address that no member has").expected(
                "a member, or a domain of email_allowed_domains with email_jit_provisioning RESTRICTED",
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    struct Counting(AtomicU32, u32);
    impl Entropy for Counting {
        fn fill(&self, out: &mut [u8]) {
            let drawn = self.0.fetch_add(self.1, Ordering::Relaxed);
            out.copy_from_slice(&drawn.to_be_bytes());
        }
    }

    #[test]
    fn a_code_has_six_digits_and_none_is_likelier() {
        let drawn = |first: u32, step| Code::generate(&Counting(first.into(), step)).expose().to_owned();
        assert_eq!(drawn(42, 0), "000042");
        assert_eq!(drawn(1_999_999, 0), "999999");
        // Beyond the last whole million: drawn again.
        assert_eq!(drawn(u32::MAX, 8), "000007");
    }

    #[test]
    fn a_code_is_taken_as_people_type_it_and_does_not_print() {
        assert_eq!(Code::presented(" 123 456\n").expose(), "123456");
        assert_eq!(Code::presented("1234567890").expose(), "1234567", "too long stays wrong");
        assert_eq!(format!("{:?}", Code::presented("123456")), "[code]");
    }

    #[test]
    fn lifetimes_have_bounds() {
        assert_eq!(Lifetime::CODE.read("x", None), Ok(Span::minutes(10)));
        assert_eq!(Lifetime::LINK.read("x", Some(5)), Ok(Span::minutes(5)));
        for (lifetime, minutes) in [
            (Lifetime::CODE, 16),
            (Lifetime::CODE, 1),
            (Lifetime::LINK, 4),
            (Lifetime::INVITE, 10_081),
            (Lifetime::INVITE, i64::MIN),
        ] {
            let refusal = lifetime.read("login_expiration_minutes", Some(minutes)).unwrap_err();
            assert_eq!(refusal.what, What::Invalid(Field::Setting), "{minutes}");
            assert!(refusal.found.contains("login_expiration_minutes"), "{refusal}");
        }
    }

    #[test]
    fn codes_of_two_places_are_two() {
        let address = EmailAddress::parse("ada@acme.test").unwrap();
        let acme = "organization-test-957b273b-6559-42f7-9220-194a80242cc1".parse().unwrap();
        assert_ne!(code_subject(Some(acme), &address), code_subject(None, &address));
    }
}
