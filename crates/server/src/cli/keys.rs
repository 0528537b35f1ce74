//! `vestibule keys generate`: a master key on stdout, or in a file that only its owner can read.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use vestibule_domain::entropy::{Entropy, bytes};
use vestibule_domain::secret::Secret;
use zeroize::Zeroizing;

/// The text of a new master key: 32 random bytes in base64.
#[must_use]
pub(crate) fn new_master_key(entropy: &dyn Entropy) -> Secret {
    Secret::new(STANDARD.encode(Zeroizing::new(bytes::<32>(entropy))))
}

/// Writes `key` to a new file with mode 600. An existing file is never touched: it may be the only copy of a key.
///
/// # Errors
/// When the file exists or cannot be written.
pub(crate) fn write_new(path: &Path, key: &Secret) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    writeln!(file, "{}", key.expose())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::entropy::SeededEntropy;

    #[test]
    fn a_key_file_is_private_and_never_overwritten() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("master.key");
        let key = new_master_key(&SeededEntropy::new(1));
        assert_eq!(STANDARD.decode(key.expose()).unwrap().len(), 32);
        write_new(&path, &key).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let again = write_new(&path, &"other".into()).unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read_to_string(&path).unwrap().trim(), key.expose());
    }
}
