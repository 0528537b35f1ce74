//! Getting at the content's key: RSA-OAEP (XML-Enc 1.1 section 5.5.2).

use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384, OAEP_SHA512_MGF1SHA512, OaepAlgorithm,
};
use zeroize::Zeroizing;

use crate::algorithm::DigestAlgorithm;
use crate::key::{DecryptionKey, DecryptionKeys};

/// RSA-OAEP with its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeyTransport {
    pub(super) digest: DigestAlgorithm,
    /// The digest inside the mask generation function MGF1.
    pub(super) mask: DigestAlgorithm,
    /// `OAEPparams`, the label. Usually nothing.
    pub(super) label: Vec<u8>,
}

impl KeyTransport {
    /// Whether there is an implementation of this pair of digests.
    pub(super) fn is_supported(&self) -> bool {
        self.primitive().is_some()
    }

    /// The content's key, under the first of `keys` that gives one. Each key whose size fits is tried once.
    pub(super) fn unwrap(&self, keys: &DecryptionKeys, encrypted: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        keys.iter().find_map(|key| self.unwrap_with(key, encrypted))
    }

    fn unwrap_with(&self, key: &DecryptionKey, encrypted: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let oaep = key.oaep();
        if encrypted.len() != oaep.key_size_bytes() {
            return None;
        }
        let mut output = Zeroizing::new(vec![0; oaep.min_output_size()]);
        let label = (!self.label.is_empty()).then_some(self.label.as_slice());
        let octets = oaep.decrypt(self.primitive()?, encrypted, &mut output, label).ok()?.len();
        output.truncate(octets);
        Some(output)
    }

    fn primitive(&self) -> Option<&'static OaepAlgorithm> {
        if self.digest != self.mask {
            return None;
        }
        Some(match self.digest {
            DigestAlgorithm::Sha1 => &OAEP_SHA1_MGF1SHA1,
            DigestAlgorithm::Sha256 => &OAEP_SHA256_MGF1SHA256,
            DigestAlgorithm::Sha384 => &OAEP_SHA384_MGF1SHA384,
            DigestAlgorithm::Sha512 => &OAEP_SHA512_MGF1SHA512,
        })
    }
}
