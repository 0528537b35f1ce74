//! https for `vestibule dev --tls`: an authority of this machine, made at the first start and kept in the data directory, and a
//! certificate from it, made anew at every start. Whoever trusts the authority trusts it for this machine's own names only: its
//! certificate says so (RFC 5280 section 4.2.1.10), so a stolen key is of no use for any other name.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, NameConstraints, PublicKeyData as _, SanType, date_time_ymd,
};
use rustls::ServerConfig;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use vestibule_domain::time::Time;
use x509_parser::parse_x509_certificate;

use super::setup::write_whole;
use crate::cli::CliError;
use crate::cli::serve::refused;
use crate::http::tls::tls_config;

/// What clients are told to trust.
const AUTHORITY: &str = "ca.pem";
const AUTHORITY_KEY: &str = "ca.key";
const CERTIFICATE: &str = "tls.pem";
const CERTIFICATE_KEY: &str = "tls.key";

const DAY: i64 = 24 * 60 * 60;
/// Trusting an authority is a step by hand: it should not be asked for every year.
const AUTHORITY_DAYS: i64 = 3650;
/// No client takes longer ones from an authority that it was told to trust; every start makes another.
const CERTIFICATE_DAYS: i64 = 90;
/// For clocks that are behind, such as those of virtual machines that slept.
const BACKDATED_DAYS: i64 = 1;

/// What serves https, and what clients have to trust for it.
pub(super) struct Served {
    pub(super) config: Arc<ServerConfig>,
    pub(super) ca_file: PathBuf,
}

/// The files of a start, below the data directory; keys are readable by their owner alone.
///
/// # Errors
/// Files that cannot be read or written.
pub(super) fn prepare(data_dir: &Path, now: Time) -> Result<Served, CliError> {
    let directory = std::path::absolute(data_dir).map_err(refused)?;
    let key = authority(&directory, now)?;
    let issuer = Issuer::new(authority_parameters(now)?, &key);
    let own = KeyPair::generate().map_err(refused)?;
    let certificate = certificate_parameters(now)?.signed_by(&own, &issuer).map_err(refused)?;
    let (certificate_file, key_file) = (directory.join(CERTIFICATE), directory.join(CERTIFICATE_KEY));
    write_whole(&key_file, &own.serialize_pem())?;
    write_whole(&certificate_file, &certificate.pem())?;
    let config = tls_config(&certificate_file, &key_file).map_err(refused)?;
    Ok(Served { config, ca_file: directory.join(AUTHORITY) })
}

/// The key of the authority. One that is damaged, that has lost its certificate or that is about to end is replaced by another,
/// which clients have to be told of again.
fn authority(directory: &Path, now: Time) -> Result<KeyPair, CliError> {
    let (certificate_file, key_file) = (directory.join(AUTHORITY), directory.join(AUTHORITY_KEY));
    if let (Ok(certificate), Ok(key)) = (fs::read(&certificate_file), fs::read_to_string(&key_file))
        && let Ok(key) = KeyPair::from_pem(&key)
        && still_good(&certificate, &key, now)
    {
        return Ok(key);
    }
    let key = KeyPair::generate().map_err(refused)?;
    let certificate = authority_parameters(now)?.self_signed(&key).map_err(refused)?;
    write_whole(&key_file, &key.serialize_pem())?;
    write_whole(&certificate_file, &certificate.pem())?;
    Ok(key)
}

/// Whether a certificate is that of the key and lasts longer than what is issued now.
fn still_good(pem: &[u8], key: &KeyPair, now: Time) -> bool {
    let Ok(der) = CertificateDer::from_pem_slice(pem) else { return false };
    let Ok((_, parsed)) = parse_x509_certificate(&der) else { return false };
    let last = now.seconds() + CERTIFICATE_DAYS * DAY;
    parsed.public_key().raw == key.subject_public_key_info() && parsed.validity().not_after.timestamp() > last
}

fn authority_parameters(now: Time) -> Result<CertificateParams, CliError> {
    let mut parameters = valid_for(AUTHORITY_DAYS, now)?;
    parameters.distinguished_name.push(DnType::CommonName, "Vestibule development authority of this machine");
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    parameters.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![
            GeneralSubtree::DnsName("localhost".to_owned()),
            GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(Ipv4Addr::LOCALHOST.into(), 8)),
            GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(Ipv6Addr::LOCALHOST.into(), 128)),
        ],
        excluded_subtrees: Vec::new(),
    });
    Ok(parameters)
}

fn certificate_parameters(now: Time) -> Result<CertificateParams, CliError> {
    let mut parameters = valid_for(CERTIFICATE_DAYS, now)?;
    parameters.distinguished_name.push(DnType::CommonName, "localhost");
    let addresses = [IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST)];
    parameters.subject_alt_names = vec![SanType::DnsName("localhost".try_into().map_err(refused)?)];
    parameters.subject_alt_names.extend(addresses.map(SanType::IpAddress));
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    parameters.use_authority_key_identifier_extension = true;
    Ok(parameters)
}

fn valid_for(days: i64, now: Time) -> Result<CertificateParams, CliError> {
    let seconds = |time: i64| u64::try_from(time).map(Duration::from_secs).map_err(refused);
    let epoch = date_time_ymd(1970, 1, 1);
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.not_before = epoch + seconds(now.seconds() - BACKDATED_DAYS * DAY)?;
    parameters.not_after = epoch + seconds(now.seconds() + days * DAY)?;
    Ok(parameters)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use rustls::client::WebPkiServerVerifier;
    use rustls::client::danger::ServerCertVerifier as _;
    use rustls_pki_types::{ServerName, UnixTime};

    use super::*;

    const NOW: Time = Time::from_seconds(1_800_000_000);

    /// Whether a client that trusts the authority takes the certificate for a name.
    fn is_taken(directory: &Path, name: &str) -> bool {
        let read = |file| CertificateDer::from_pem_file(directory.join(file)).unwrap();
        let mut roots = rustls::RootCertStore::empty();
        roots.add(read(AUTHORITY)).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
        let at = UnixTime::since_unix_epoch(Duration::from_secs(1_800_000_000));
        let name = ServerName::try_from(name).unwrap().to_owned();
        verifier.verify_server_cert(&read(CERTIFICATE), &[], &name, &[], at).is_ok()
    }

    #[test]
    fn this_machine_is_vouched_for_and_nobody_else() {
        let directory = tempfile::tempdir().unwrap();
        let served = prepare(directory.path(), NOW).unwrap();
        assert_eq!(served.ca_file, directory.path().join(AUTHORITY));
        for name in ["localhost", "127.0.0.1", "::1"] {
            assert!(is_taken(directory.path(), name), "{name}");
        }
        assert!(!is_taken(directory.path(), "sso.example.com"));
    }

    #[test]
    fn the_authority_can_name_no_other_host() {
        let directory = tempfile::tempdir().unwrap();
        let key = authority(directory.path(), NOW).unwrap();
        let issuer = Issuer::new(authority_parameters(NOW).unwrap(), &key);
        let own = KeyPair::generate().unwrap();
        let mut parameters = certificate_parameters(NOW).unwrap();
        parameters.subject_alt_names = vec![SanType::DnsName("sso.example.com".try_into().unwrap())];
        let forged = parameters.signed_by(&own, &issuer).unwrap();
        fs::write(directory.path().join(CERTIFICATE), forged.pem()).unwrap();
        assert!(!is_taken(directory.path(), "sso.example.com"));
    }

    #[test]
    fn keys_are_for_their_owner_alone() {
        let directory = tempfile::tempdir().unwrap();
        prepare(directory.path(), NOW).unwrap();
        for file in [AUTHORITY_KEY, CERTIFICATE_KEY] {
            let mode = fs::metadata(directory.path().join(file)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
    }

    #[test]
    fn the_authority_of_a_first_start_is_that_of_the_next_while_it_is_good() {
        let directory = tempfile::tempdir().unwrap();
        let file = |name: &str| directory.path().join(name);
        let authority_at = |now: Time| {
            prepare(directory.path(), now).unwrap();
            fs::read(file(AUTHORITY)).unwrap()
        };
        let first = authority_at(NOW);
        assert_eq!(authority_at(NOW), first);
        assert!(is_taken(directory.path(), "localhost"));

        let late = authority_at(Time::from_seconds(NOW.seconds() + AUTHORITY_DAYS * DAY));
        assert_ne!(late, first, "one that ends before what it issues is replaced");
        fs::write(file(AUTHORITY_KEY), KeyPair::generate().unwrap().serialize_pem()).unwrap();
        let other = authority_at(NOW);
        assert_ne!(other, late, "a key that is another's is replaced");
        fs::write(file(AUTHORITY_KEY), "damaged").unwrap();
        assert_ne!(authority_at(NOW), other);
        assert!(is_taken(directory.path(), "localhost"));
    }
}
