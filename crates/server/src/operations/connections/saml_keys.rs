//! Keys and certificates of SAML connections: read what was pasted, make what is ours.

use vestibule_domain::Time;
use vestibule_domain::calendar::OWN_CERTIFICATES;
use vestibule_domain::connection::{SpEncryptionKey, SpSigningKey, VerificationCertificate};
use vestibule_domain::entropy::{Entropy, bytes};
use vestibule_domain::id::{
    ConnectionId, Environment, SamlEncryptionKeyId, SamlSigningKeyId, SamlVerificationKeyId,
};
use vestibule_domain::refusal::{Bounded, Field, Refusal, What, sentence};
use vestibule_domain::secret::Secret;
use vestibule_domain::tenant::Tenant;
use vestibule_domain::time::Span;
use vestibule_saml::key::{
    Certificate, PrivateKeyError, RsaPrivateKey, SigningKey, certificates_from_pem, without_issuers,
};
use vestibule_saml::{Excerpt, UnixMillis};

use crate::failure::Failure;
use crate::world::App;

/// How long the certificates of our own keys are valid.
const VALIDITY: Span = OWN_CERTIFICATES;
/// The longest text that is taken for a private key: 4096 bits have 3.2 KiB.
const MAX_KEY_TEXT: usize = 16 * 1024;

/// A new key that signs our messages, with its certificate.
///
/// # Errors
/// When the cryptography library fails.
pub(crate) async fn new_signing_key(
    app: &App,
    tenant: Tenant,
    of: ConnectionId,
    now: Time,
) -> Result<SpSigningKey, Failure> {
    let key = app.settings_work.run(tenant, RsaPrivateKey::generate).await?.map_err(internal)?;
    signing_key(app, tenant, of, key, now).await
}

/// A key that somebody gives us to sign with (`signing_private_key`).
///
/// # Errors
/// `private_key_too_long`, `saml_signing_private_key_format_not_supported`, `saml_signing_private_key_invalid`.
pub(crate) async fn given_signing_key(
    app: &App,
    tenant: Tenant,
    of: ConnectionId,
    pem: Secret,
    now: Time,
) -> Result<SpSigningKey, Failure> {
    let key = private_key(app, tenant, pem, "signing_private_key").await?;
    signing_key(app, tenant, of, key, now).await
}

/// A key that somebody gives us to decrypt with (`saml_encryption_private_key`).
///
/// # Errors
/// As [`given_signing_key`].
pub(crate) async fn given_encryption_key(
    app: &App,
    tenant: Tenant,
    of: ConnectionId,
    pem: Secret,
    now: Time,
) -> Result<SpEncryptionKey, Failure> {
    let key = private_key(app, tenant, pem, "saml_encryption_private_key").await?;
    let private_key = Secret::new(key.to_pkcs1_pem().as_str());
    let (certificate, _) = certificate(app, tenant, of, key, now).await?;
    let id = SamlEncryptionKeyId::generate(of.environment(), app.entropy.as_ref());
    Ok(SpEncryptionKey { id, private_key, certificate, created_at: now })
}

/// The certificates in a pasted text, one or several (`x509_certificate`).
///
/// # Errors
/// `invalid_x509_certificate` with what was found instead.
pub(crate) fn given_certificates(
    app: &App,
    environment: Environment,
    text: &str,
    now: Time,
) -> Result<Vec<VerificationCertificate>, Refusal> {
    let certificates = certificates_from_pem(text)
        .map_err(|error| Refusal::new(What::Invalid(Field::Certificate)).because(sentence(error)))?;
    // A chain that is pasted as it comes from an authority names one signer. Whoever wants an authority to sign gives it
    // by itself.
    let signers = without_issuers(&certificates);
    Ok(signers.iter().map(|one| verification(app.entropy.as_ref(), environment, one, false, now)).collect())
}

/// A certificate as a connection keeps it.
#[must_use]
pub(crate) fn verification(
    entropy: &dyn Entropy,
    environment: Environment,
    certificate: &Certificate,
    from_metadata: bool,
    now: Time,
) -> VerificationCertificate {
    VerificationCertificate {
        id: SamlVerificationKeyId::generate(environment, entropy),
        pem: certificate.pem(),
        subject: Excerpt::of(certificate.subject()).to_string(),
        issuer: Excerpt::of(certificate.issuer()).to_string(),
        fingerprint: hexadecimal(&certificate.fingerprint_sha256()),
        not_before: Time::from_millis(certificate.not_before().0),
        expires_at: Time::from_millis(certificate.not_after().0),
        created_at: now,
        from_metadata,
    }
}

fn hexadecimal(octets: &[u8]) -> String {
    use std::fmt::Write as _;
    octets.iter().fold(String::with_capacity(octets.len() * 2), |mut text, octet| {
        // Writing to a String does not fail.
        let _ = write!(text, "{octet:02x}");
        text
    })
}

async fn signing_key(
    app: &App,
    tenant: Tenant,
    of: ConnectionId,
    key: RsaPrivateKey,
    now: Time,
) -> Result<SpSigningKey, Failure> {
    let private_key = Secret::new(key.to_pkcs1_pem().as_str());
    let (certificate, expires_at) = certificate(app, tenant, of, key, now).await?;
    let id = SamlSigningKeyId::generate(of.environment(), app.entropy.as_ref());
    Ok(SpSigningKey { id, private_key, certificate, created_at: now, expires_at })
}

/// The self-signed certificate of a key in PEM, and its end.
async fn certificate(
    app: &App,
    tenant: Tenant,
    of: ConnectionId,
    key: RsaPrivateKey,
    now: Time,
) -> Result<(String, Time), Failure> {
    let serial = bytes::<16>(app.entropy.as_ref());
    let end = now.plus(VALIDITY);
    let making = move || {
        let key = SigningKey::new(&key).map_err(internal)?;
        let (from, to) = (UnixMillis(now.millis()), UnixMillis(end.millis()));
        key.self_signed_certificate(&of.to_string(), from, to, serial).map_err(internal)
    };
    let certificate = app.settings_work.run(tenant, making).await??;
    Ok((certificate.pem(), end))
}

async fn private_key(
    app: &App,
    tenant: Tenant,
    pem: Secret,
    field: &'static str,
) -> Result<RsaPrivateKey, Failure> {
    if pem.expose().len() > MAX_KEY_TEXT {
        return Err(Refusal::new(What::TooLarge(Bounded::PrivateKey))
            .because(format!("{field} has more than {MAX_KEY_TEXT} characters."))
            .into());
    }
    let reading = move || RsaPrivateKey::from_pem(pem.expose());
    let key = app.settings_work.run(tenant, reading).await?;
    key.map_err(|error| {
        let kind = match error {
            PrivateKeyError::TooLong => What::TooLarge(Bounded::PrivateKey),
            PrivateKeyError::Malformed | PrivateKeyError::Bits { .. } => What::Invalid(Field::PrivateKey),
            _ => What::UnsupportedKeyFormat,
        };
        Refusal::new(kind).because(format!("In {field}: {error}.")).into()
    })
}

fn internal(error: impl std::fmt::Display) -> Failure {
    Failure::Internal(format!("a key or its certificate could not be made: {error}"))
}
