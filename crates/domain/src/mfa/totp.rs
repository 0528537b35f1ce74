//! Authenticator applications: time-based one-time passwords (RFC 6238) with SHA-1, six digits and steps of thirty seconds,
//! because that is what every application on a phone knows. One step before and one after the server's are taken, for clocks
//! that differ (RFC 6238 section 5.2); a step is used once, and none before it any more.

use aws_lc_rs::hmac;
use data_encoding::BASE32_NOPAD;
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};
use zeroize::Zeroizing;

use super::recovery::RecoveryCodes;
use crate::entropy::{Entropy, bytes};
use crate::id::{MemberId, OrganizationId, ProjectId, TotpId};
use crate::member::Member;
use crate::refusal::{Field, Refusal, What};
use crate::secret::Secret;
use crate::time::{Span, Time};

/// The length of a step in seconds.
const STEP: i64 = 30;
/// Steps that are taken before and after the server's own.
const WINDOW: i64 = 1;
/// The digits of a code.
pub const DIGITS: usize = 6;
const MODULUS: u32 = 1_000_000;
/// Bytes of a secret that is drawn here: the length of the hash (RFC 4226 section 4, R6).
const SECRET_BYTES: usize = 20;
/// Bytes of a secret that is brought along: the shortest that was ever common, and more than any application shows.
const BROUGHT_BYTES: std::ops::RangeInclusive<usize> = 10..=64;

/// How long a registration waits for its first proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiration(Span);

impl Expiration {
    /// What it gets when it names none.
    pub const DEFAULT: Self = Self(Span::minutes(60));

    /// Checks a number of minutes.
    ///
    /// # Errors
    /// [`Field::Expiration`] outside 5..=1440.
    pub fn minutes(minutes: i64) -> Result<Self, Refusal> {
        if (5..=1440).contains(&minutes) {
            return Ok(Self(Span::minutes(minutes)));
        }
        Err(Refusal::new(What::Invalid(Field::Expiration))
            .found(format!("{minutes} in expiration_minutes"))
            .expected("5 to 1440"))
    }
}

/// What an application and the server share, in the base32 that people type (RFC 4648 section 6), without padding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TotpSecret(Secret);

impl TotpSecret {
    /// Draws one.
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let random = Zeroizing::new(bytes::<SECRET_BYTES>(entropy));
        Self(Secret::from(BASE32_NOPAD.encode(random.as_slice())))
    }

    /// Takes one from another system: in any case, with spaces, hyphens or padding.
    ///
    /// # Errors
    /// [`Field::TotpSecret`] for what is no base32 of 10 to 64 bytes.
    pub fn brought(text: &str) -> Result<Self, Refusal> {
        let refused = || {
            Refusal::new(What::Invalid(Field::TotpSecret))
                .because("secret must be base32 (A to Z, 2 to 7) of 10 to 64 bytes.")
        };
        if text.len() > 256 {
            return Err(refused());
        }
        let letters = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect::<String>();
        let plain = Secret::from(letters.trim_end_matches('=').to_ascii_uppercase());
        let decoded = BASE32_NOPAD.decode(plain.expose().as_bytes()).map(Zeroizing::new);
        match decoded {
            Ok(decoded) if BROUGHT_BYTES.contains(&decoded.len()) => Ok(Self(plain)),
            _ => Err(refused()),
        }
    }

    /// One that was kept.
    #[must_use]
    pub fn kept(text: String) -> Self {
        Self(Secret::from(text))
    }

    /// The text, for the application and for sealing.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// What an application reads out of a picture: whose code it is, at which product.
    #[must_use]
    pub fn uri(&self, issuer: &str, account: &str) -> Secret {
        let (issuer, account) = (encoded(issuer), encoded(account));
        Secret::from(format!(
            "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={STEP}",
            self.expose()
        ))
    }

    fn key(&self) -> hmac::Key {
        let decoded = BASE32_NOPAD.decode(self.expose().as_bytes()).map(Zeroizing::new).unwrap_or_default();
        hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &decoded)
    }

    /// The newest step in the window that has this code and is later than `after`. All steps are compared, whichever it is.
    fn step_of(&self, code: &str, after: i64, now: Time) -> Option<i64> {
        let (key, present) = (self.key(), now.seconds().div_euclid(STEP));
        let (mut found, mut step) = (Choice::from(0), 0_i64);
        for candidate in present - WINDOW..=present + WINDOW {
            let is_it = code_at(&key, candidate).as_bytes().ct_eq(code.as_bytes())
                & Choice::from(u8::from(candidate > after));
            step.conditional_assign(&candidate, is_it);
            found |= is_it;
        }
        bool::from(found).then_some(step)
    }
}

/// The code of a step (RFC 4226 section 5.3).
fn code_at(key: &hmac::Key, step: i64) -> Zeroizing<String> {
    let tag = hmac::sign(key, &step.to_be_bytes());
    let digest = tag.as_ref();
    let offset = usize::from(digest.last().copied().unwrap_or_default() & 0x0f);
    let chosen =
        digest.iter().skip(offset).take(4).fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    Zeroizing::new(format!("{:06}", (chosen & 0x7fff_ffff) % MODULUS))
}

/// Percent-encoding that every reader of such an address agrees on: only what is unreserved stays (RFC 3986 section 2.3).
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Where a registration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TotpState {
    /// It waits for its first proof, until then.
    Pending(Time),
    /// It was proved.
    Active,
}

/// The authenticator application of a member. There is one: another can be begun as long as the first is not proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TotpRegistration {
    /// The id.
    pub id: TotpId,
    /// The project.
    pub project_id: ProjectId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The member.
    pub member_id: MemberId,
    /// What it shares with the server.
    pub secret: TotpSecret,
    /// What stands in for it.
    pub recovery_codes: RecoveryCodes,
    /// Where it stands.
    pub state: TotpState,
    /// The last step that was used; no earlier one counts any more.
    pub last_step: i64,
    /// When it was begun.
    pub created_at: Time,
    /// Counts changes; an update names the version it was decided on.
    pub version: i64,
}

/// Why a code proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotProved {
    /// It is not the code.
    Wrong,
    /// It is the code of a step that was used, or of one before it.
    Used,
    /// The registration has waited for too long.
    Over,
}

impl TotpRegistration {
    /// One that waits for its first proof.
    #[must_use]
    pub fn begin(member: &Member, expiration: Expiration, now: Time, entropy: &dyn Entropy) -> Self {
        Self {
            id: TotpId::generate(member.id.environment(), entropy),
            project_id: member.project_id,
            organization_id: member.organization_id,
            member_id: member.id,
            secret: TotpSecret::generate(entropy),
            recovery_codes: RecoveryCodes::generate(entropy),
            state: TotpState::Pending(now.plus(expiration.0)),
            last_step: 0,
            created_at: now,
            version: 1,
        }
    }

    /// One that was proved elsewhere, as the project's backend says.
    #[must_use]
    pub fn brought(
        member: &Member,
        secret: TotpSecret,
        recovery_codes: RecoveryCodes,
        now: Time,
        entropy: &dyn Entropy,
    ) -> Self {
        let begun = Self::begin(member, Expiration::DEFAULT, now, entropy);
        Self { secret, recovery_codes, state: TotpState::Active, ..begun }
    }

    /// Whether it can still be used: it was proved, or may yet be.
    #[must_use]
    pub fn stands(&self, now: Time) -> bool {
        match self.state {
            TotpState::Active => true,
            TotpState::Pending(until) => now < until,
        }
    }

    /// Takes a code: the step is used up, and a registration that waited for its first proof is active.
    ///
    /// # Errors
    /// [`NotProved`]; it is then unchanged.
    pub fn prove(&mut self, code: &str, now: Time) -> Result<(), NotProved> {
        if !self.stands(now) {
            return Err(NotProved::Over);
        }
        let fresh = self.secret.step_of(code, self.last_step, now);
        let ever = self.secret.step_of(code, i64::MIN, now);
        match (fresh, ever) {
            (Some(step), _) => {
                self.last_step = step;
                self.state = TotpState::Active;
                self.version += 1;
                Ok(())
            }
            (None, Some(_)) => Err(NotProved::Used),
            (None, None) => Err(NotProved::Wrong),
        }
    }

    /// Uses a recovery code up.
    ///
    /// # Errors
    /// [`NotProved::Wrong`], also as long as the application was never proved: its codes stand in for nothing yet.
    pub fn recover(&mut self, code: &str) -> Result<(), NotProved> {
        if self.state != TotpState::Active || !self.recovery_codes.use_up(code) {
            return Err(NotProved::Wrong);
        }
        self.version += 1;
        Ok(())
    }

    /// Gives it new recovery codes; the old ones are worth nothing any more.
    pub fn rotate_recovery_codes(&mut self, entropy: &dyn Entropy) {
        self.recovery_codes = RecoveryCodes::generate(entropy);
        self.version += 1;
    }
}

/// Reads a code as it was typed: spaces between the digits are what applications show.
///
/// # Errors
/// [`Field::TotpCode`] for anything but six digits; what was found is not repeated.
pub fn checked_code(text: &str, field: Field) -> Result<Secret, Refusal> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).take(DIGITS + 1).collect();
    if digits.len() == DIGITS && digits.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(Secret::from(digits));
    }
    Err(Refusal::new(What::Invalid(field)).because("code must be six digits."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mfa::tests::member;

    struct Fixed;
    impl Entropy for Fixed {
        fn fill(&self, out: &mut [u8]) {
            out.fill(9);
        }
    }

    /// RFC 6238 appendix B has eight digits; six are their end.
    const VECTORS: [(i64, &str); 6] = [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ];

    fn rfc_secret() -> TotpSecret {
        TotpSecret::brought(&BASE32_NOPAD.encode(b"12345678901234567890")).unwrap()
    }

    fn registration() -> TotpRegistration {
        let begun = TotpRegistration::begin(&member(), Expiration::DEFAULT, Time::default(), &Fixed);
        TotpRegistration { secret: rfc_secret(), ..begun }
    }

    #[test]
    fn the_vectors_of_the_specifications() {
        let key = rfc_secret().key();
        for (seconds, code) in VECTORS {
            assert_eq!(code_at(&key, seconds / STEP).as_str(), code, "{seconds}");
        }
        // RFC 4226 appendix D.
        let counted = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
            "520489",
        ];
        for (step, code) in (0..).zip(counted) {
            assert_eq!(code_at(&key, step).as_str(), code);
        }
    }

    #[test]
    fn a_step_before_and_a_step_after_are_taken_and_each_once() {
        let at = |step: i64| Time::from_seconds(step * STEP);
        let mut totp = registration();
        for early in [0, 1, 2] {
            assert_eq!(totp.clone().prove("287082", at(early)), Ok(()), "step 1 in step {early}");
        }
        assert_eq!(totp.clone().prove("287082", at(3)), Err(NotProved::Wrong));
        assert_eq!(totp.prove("359152", at(1)), Ok(()), "the step after");
        assert_eq!((totp.state, totp.last_step, totp.version), (TotpState::Active, 2, 2));
        assert_eq!(totp.prove("359152", at(2)), Err(NotProved::Used));
        assert_eq!(totp.prove("287082", at(2)), Err(NotProved::Used), "no earlier step either");
        assert_eq!(totp.prove("000000", at(2)), Err(NotProved::Wrong));
        assert_eq!(totp.prove("969429", at(2)), Ok(()));
        assert_eq!(totp.version, 3);
    }

    #[test]
    fn a_registration_waits_for_its_first_proof_and_then_for_nothing() {
        let late = Time::default().plus(Span::minutes(60));
        let code = |now: Time| code_at(&rfc_secret().key(), now.seconds() / STEP);
        let mut totp = registration();
        assert_eq!(totp.clone().prove(&code(late), late), Err(NotProved::Over));
        let recovery = totp.recovery_codes.expose().next().unwrap().to_owned();
        assert_eq!(totp.recover(&recovery), Err(NotProved::Wrong));
        let in_time = Time::default().plus(Span::minutes(59));
        assert_eq!(totp.prove(&code(in_time), in_time), Ok(()));
        assert_eq!(totp.prove(&code(late), late), Ok(()));
        let recovery = totp.recovery_codes.expose().next().unwrap().to_owned();
        assert_eq!(totp.recover(&recovery), Ok(()));
        assert!(Expiration::minutes(4).is_err() && Expiration::minutes(1441).is_err());
        assert!(Expiration::minutes(5).is_ok() && Expiration::minutes(1440).is_ok());
    }

    #[test]
    fn secrets_are_read_as_people_have_them() {
        let drawn = TotpSecret::generate(&Fixed);
        assert_eq!(drawn.expose().len(), 32);
        let typed = drawn.expose().to_lowercase().replace("BE", "be -").clone() + "====";
        assert_eq!(TotpSecret::brought(&typed).unwrap(), drawn);
        for wrong in
            ["", "MFRGG", "not base32 0189", &"A".repeat(200), &"A".repeat(300), "\u{fb01}MFRGGZDFMZTWQ2LK"]
        {
            let refused = TotpSecret::brought(wrong).unwrap_err();
            assert_eq!(refused.what, What::Invalid(Field::TotpSecret), "{wrong}");
        }
        assert!(!format!("{drawn:?}").contains(drawn.expose()));
    }

    #[test]
    fn an_application_reads_whose_code_it_is() {
        let uri = rfc_secret().uri("Acme & Söhne", "ada+1@acme.test");
        assert_eq!(
            uri.expose(),
            "otpauth://totp/Acme%20%26%20S%C3%B6hne:ada%2B1%40acme.test?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Acme%20%26%20S%C3%B6hne&algorithm=SHA1&digits=6&period=30"
        );
    }

    #[test]
    fn codes_are_six_digits() {
        assert_eq!(checked_code(" 123 456 ", Field::TotpCode).unwrap().expose(), "123456");
        for wrong in ["", "12345", "1234567", "12345a", "１２３４５６", "12345\0", &"1".repeat(100_000)]
        {
            assert!(checked_code(wrong, Field::TotpCode).is_err(), "{wrong}");
        }
    }
}
