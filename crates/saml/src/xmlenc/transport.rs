//! Getting at the content's key: RSA-OAEP (XML-Enc 1.1 section 5.5.2).

use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384, OAEP_SHA512_MGF1SHA512, OaepAlgorithm,
};
use zeroize::Zeroizing;

use super::oaep;
use crate::algorithm::DigestAlgorithm;
use crate::key::DecryptionKey;

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
    /// What an attempt counts for: where the padding is taken off here it takes several times as long.
    pub(super) fn effort(&self) -> usize {
        if self.primitive().is_some() { 1 } else { 2 }
    }

    /// The content's key of `octets` octets, if `key` gives one.
    pub(super) fn unwrap(
        &self,
        key: &DecryptionKey,
        encrypted: &[u8],
        octets: usize,
    ) -> Option<Zeroizing<Vec<u8>>> {
        let library = key.oaep();
        let Some(primitive) = self.primitive() else {
            let mut encoded = key.decrypt_raw(encrypted)?;
            return oaep::unpad(&mut encoded, self.digest, self.mask, &self.label, octets);
        };
        let mut output = Zeroizing::new(vec![0; library.min_output_size()]);
        let label = (!self.label.is_empty()).then_some(self.label.as_slice());
        let found = library.decrypt(primitive, encrypted, &mut output, label).ok()?.len();
        output.truncate(found);
        (found == octets).then_some(output)
    }

    /// The library's own implementation, which there is when both digests are the same.
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
