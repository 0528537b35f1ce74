//! The built-in identity provider. Its SAML key is kept in the data directory: making one takes a few hundred
//! milliseconds, and the sample company's connection holds its certificate.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use vestibule_testidp::{Algorithm, Config as IdpConfig, SamlKey, TestIdp, User};

use super::setup::{Credentials, write_whole};
use crate::cli::CliError;
use crate::cli::serve::refused;
use crate::world::App;

/// Where the provider is served.
pub(super) const PATH: &str = "/test-idp";

const KEY_FILE: &str = "test-idp-saml.json";

/// The key as it is kept; both are base64 of DER.
#[derive(Deserialize, Serialize)]
struct Kept {
    private_key: String,
    certificate: String,
}

/// The issuer: everything the provider serves is below it.
pub(super) fn issuer(app: &App) -> String {
    format!("{}{PATH}", app.base_url)
}

/// The provider, with the key of an earlier start if there is one.
///
/// # Errors
/// A key file that is damaged.
pub(super) fn build(app: &Arc<App>, data_dir: &Path, credentials: &Credentials) -> Result<TestIdp, CliError> {
    let (clock, entropy) = (app.clock.clone(), app.entropy.clone());
    let config = IdpConfig {
        issuer: issuer(app),
        client_id: credentials.idp_client_id.clone(),
        client_secret: credentials.idp_client_secret.clone(),
        redirect_prefix: format!("{}/", app.base_url),
        users: User::samples(),
        auto_approve: true,
        algorithm: Algorithm::Rs256,
        signing_key: None,
        clock: Arc::new(move || clock.now().seconds()),
        random: Arc::new(move |out| entropy.fill(out)),
    };
    Ok(TestIdp::with_saml_key(config, kept_key(&key_file(data_dir))?))
}

/// Makes the SAML key and keeps it, unless one is kept already. Takes a while: not for a thread that serves.
///
/// # Errors
/// A file that cannot be written.
pub(super) fn keep_key(idp: &TestIdp, data_dir: &Path) -> Result<(), CliError> {
    let path = key_file(data_dir);
    if path.exists() {
        return Ok(());
    }
    let key = idp.saml().key().map_err(refused)?;
    let kept = Kept {
        private_key: STANDARD.encode(key.to_der().map_err(refused)?),
        certificate: key.certificate_base64(),
    };
    write_whole(&path, &serde_json::to_string_pretty(&kept).map_err(refused)?)
}

fn key_file(data_dir: &Path) -> PathBuf {
    data_dir.join(KEY_FILE)
}

fn kept_key(path: &Path) -> Result<Option<SamlKey>, CliError> {
    let Ok(text) = fs::read_to_string(path) else { return Ok(None) };
    let key = serde_json::from_str::<Kept>(&text).ok().and_then(|kept| {
        let private_key = STANDARD.decode(kept.private_key).ok()?;
        SamlKey::from_der(&private_key, STANDARD.decode(kept.certificate).ok()?).ok()
    });
    match key {
        Some(key) => Ok(Some(key)),
        None => {
            Err(CliError::Refused(format!("{} is damaged; remove it to have a new key made", path.display())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn idp(key: Option<SamlKey>) -> TestIdp {
        let config = IdpConfig {
            issuer: "http://127.0.0.1:1/test-idp".to_owned(),
            client_id: String::new(),
            client_secret: String::new(),
            redirect_prefix: String::new(),
            users: Vec::new(),
            auto_approve: false,
            algorithm: Algorithm::Es256,
            signing_key: None,
            clock: Arc::new(|| 1_800_000_000),
            random: Arc::new(|out| out.fill(7)),
        };
        TestIdp::with_saml_key(config, key)
    }

    #[test]
    fn the_key_of_a_first_start_is_the_key_of_the_next() {
        let directory = tempfile::tempdir().unwrap();
        let path = key_file(directory.path());
        assert!(kept_key(&path).unwrap().is_none());
        let first = idp(None);
        keep_key(&first, directory.path()).unwrap();
        let second = idp(kept_key(&path).unwrap());
        assert_eq!(first.saml().metadata(), second.saml().metadata());
        keep_key(&idp(None), directory.path()).unwrap();
        let third = idp(kept_key(&path).unwrap());
        assert_eq!(first.saml().metadata(), third.saml().metadata(), "a kept key is never overwritten");
        fs::write(&path, "{}").unwrap();
        assert!(kept_key(&path).unwrap_err().to_string().contains("damaged"));
    }
}
