//! Reading what was given: files, standard input, and an address.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use url::Url;
use vestibule_domain::secret::Secret;
use vestibule_saml::key::{Certificate, RsaPrivateKey, certificates_from_pem, without_issuers};

use super::Unusable;
use crate::world::config::Settings;
use crate::world::config::outbound;
use crate::world::fetch::{FetchPolicy, FetchRequest, Fetcher};

/// More than any message or metadata that the server would read.
const MOST: u64 = 16 * 1024 * 1024;

/// The content of a file, or of standard input when it is `-`.
pub(super) fn bytes(path: &Path) -> Result<Vec<u8>, Unusable> {
    let failed = |error: io::Error| Unusable::new(format_args!("{}: {error}", path.display()));
    let mut content = Vec::new();
    let read = if path == Path::new("-") {
        io::stdin().lock().take(MOST + 1).read_to_end(&mut content)
    } else {
        File::open(path).map_err(failed)?.take(MOST + 1).read_to_end(&mut content)
    };
    read.map_err(failed)?;
    if content.len() as u64 > MOST {
        return Err(Unusable::new(format_args!("{}: more than 16 MiB", path.display())));
    }
    Ok(content)
}

/// The certificates that sign, of all files: of a chain in one file the one that nobody else in it was issued by.
pub(super) fn certificates(paths: &[impl AsRef<Path>]) -> Result<Vec<Certificate>, Unusable> {
    let mut found = Vec::new();
    for path in paths {
        let together = certificates_from_pem(text(path.as_ref())?.expose());
        found.extend(without_issuers(&together.map_err(|error| of(path.as_ref(), error))?));
    }
    Ok(found)
}

/// The private keys, one in each file.
pub(super) fn private_keys(paths: &[impl AsRef<Path>]) -> Result<Vec<RsaPrivateKey>, Unusable> {
    let read = |path: &Path| RsaPrivateKey::from_pem(text(path)?.expose()).map_err(|error| of(path, error));
    paths.iter().map(|path| read(path.as_ref())).collect()
}

/// The body of what the server would fetch from `url`.
pub(super) async fn fetched(url: Url, settings: &Settings, loopback: bool) -> Result<Vec<u8>, Unusable> {
    let policy = outbound(settings).map_err(Unusable::new)?;
    let policy = FetchPolicy { allow_loopback_http: loopback, ..policy };
    let fetcher = Fetcher::new(&policy).map_err(Unusable::new)?;
    let host = url.host_str().unwrap_or_default().to_owned();
    let answer = fetcher.for_operator().send(FetchRequest::get(url)).await.map_err(Unusable::new)?;
    if !answer.status.is_success() {
        let status = answer.status.as_u16();
        return Err(Unusable::new(format_args!("{host} answered {status}, expected 200")));
    }
    Ok(answer.body.to_vec())
}

fn text(path: &Path) -> Result<Secret, Unusable> {
    let text =
        String::from_utf8(bytes(path)?).map_err(|_| of(path, "expected PEM, found something binary"))?;
    Ok(Secret::new(text))
}

fn of(path: &Path, error: impl std::fmt::Display) -> Unusable {
    Unusable::new(format_args!("{}: {error}", path.display()))
}
