//! Decrypting the content: AES in the modes of XML-Enc 1.1 section 5.2.

use std::ops::Range;

use aws_lc_rs::aead::{AES_128_GCM, AES_192_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{AES_128, AES_192, AES_256, DecryptingKey, DecryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;
use zeroize::Zeroizing;

/// Octets of an AES block, and of the initialisation vector of CBC (XML-Enc 1.1 section 5.2.2).
const BLOCK: usize = 16;
/// Octets of the initialisation vector of GCM (section 5.2.4).
const GCM_IV: usize = 12;
/// Octets of the authentication tag of GCM.
const GCM_TAG: usize = 16;

/// The identifiers of the content encryption that is accepted, in the order of preference.
pub(crate) const CONTENT_ALGORITHMS: [&str; 6] = [
    ContentCipher::Aes256Gcm.uri(),
    ContentCipher::Aes192Gcm.uri(),
    ContentCipher::Aes128Gcm.uri(),
    ContentCipher::Aes256Cbc.uri(),
    ContentCipher::Aes192Cbc.uri(),
    ContentCipher::Aes128Cbc.uri(),
];

/// A block cipher with its mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ContentCipher {
    Aes128Gcm,
    Aes192Gcm,
    Aes256Gcm,
    Aes128Cbc,
    Aes192Cbc,
    Aes256Cbc,
}

impl ContentCipher {
    const ALL: [Self; 6] = [
        Self::Aes128Gcm,
        Self::Aes192Gcm,
        Self::Aes256Gcm,
        Self::Aes128Cbc,
        Self::Aes192Cbc,
        Self::Aes256Cbc,
    ];

    pub(super) const fn uri(self) -> &'static str {
        match self {
            Self::Aes128Gcm => "http://www.w3.org/2009/xmlenc11#aes128-gcm",
            Self::Aes192Gcm => "http://www.w3.org/2009/xmlenc11#aes192-gcm",
            Self::Aes256Gcm => "http://www.w3.org/2009/xmlenc11#aes256-gcm",
            Self::Aes128Cbc => "http://www.w3.org/2001/04/xmlenc#aes128-cbc",
            Self::Aes192Cbc => "http://www.w3.org/2001/04/xmlenc#aes192-cbc",
            Self::Aes256Cbc => "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
        }
    }

    pub(super) fn from_uri(uri: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cipher| cipher.uri() == uri)
    }

    /// Octets of the key.
    pub(super) const fn key_octets(self) -> usize {
        match self {
            Self::Aes128Gcm | Self::Aes128Cbc => 16,
            Self::Aes192Gcm | Self::Aes192Cbc => 24,
            Self::Aes256Gcm | Self::Aes256Cbc => 32,
        }
    }

    /// Whether as many octets can be a ciphertext at all, which anybody can see.
    pub(super) const fn could_be(self, octets: usize) -> bool {
        match self {
            Self::Aes128Gcm | Self::Aes192Gcm | Self::Aes256Gcm => octets >= GCM_IV + GCM_TAG,
            Self::Aes128Cbc | Self::Aes192Cbc | Self::Aes256Cbc => {
                octets >= 2 * BLOCK && octets.is_multiple_of(BLOCK)
            }
        }
    }

    /// Decrypts `octets` where they are; gives where in them the content lies.
    pub(super) fn decrypt(self, key: &[u8], octets: &mut [u8]) -> Option<Range<usize>> {
        match self {
            Self::Aes128Gcm => gcm(UnboundKey::new(&AES_128_GCM, key).ok()?, octets),
            Self::Aes192Gcm => gcm(UnboundKey::new(&AES_192_GCM, key).ok()?, octets),
            Self::Aes256Gcm => gcm(UnboundKey::new(&AES_256_GCM, key).ok()?, octets),
            Self::Aes128Cbc => cbc(UnboundCipherKey::new(&AES_128, key).ok()?, octets),
            Self::Aes192Cbc => cbc(UnboundCipherKey::new(&AES_192, key).ok()?, octets),
            Self::Aes256Cbc => cbc(UnboundCipherKey::new(&AES_256, key).ok()?, octets),
        }
    }
}

/// Initialisation vector, ciphertext and a tag of exactly 16 octets, in this order.
fn gcm(key: UnboundKey, octets: &mut [u8]) -> Option<Range<usize>> {
    let content = GCM_IV..octets.len().checked_sub(GCM_TAG)?;
    let (iv, sealed) = octets.split_at_mut_checked(GCM_IV)?;
    let nonce = Nonce::try_assume_unique_for_key(iv).ok()?;
    LessSafeKey::new(key).open_in_place(nonce, Aad::empty(), sealed).ok()?;
    Some(content)
}

/// Initialisation vector and whole blocks. The last octet says how many octets of padding there are, itself included;
/// the others may be anything (XML-Enc 1.1 section 5.2.1), so there is one comparison and nothing to leak by looking at
/// them one after another.
fn cbc(key: UnboundCipherKey, octets: &mut [u8]) -> Option<Range<usize>> {
    let whole = octets.len();
    let (iv, blocks) = octets.split_at_mut_checked(BLOCK)?;
    if blocks.is_empty() || blocks.len() % BLOCK != 0 {
        return None;
    }
    let iv = DecryptionContext::Iv128(FixedLength::from(<&[u8; BLOCK]>::try_from(&*iv).ok()?));
    let plain = DecryptingKey::cbc(key).ok()?.decrypt(blocks, iv).ok()?;
    let padding = usize::from(*plain.last()?);
    (1..=BLOCK).contains(&padding).then(|| BLOCK..whole - padding)
}

/// What was decrypted: it never prints and is wiped when it goes.
pub struct Plaintext {
    octets: Zeroizing<Vec<u8>>,
    content: Range<usize>,
}

impl Plaintext {
    pub(super) fn new(octets: Zeroizing<Vec<u8>>, content: Range<usize>) -> Self {
        Self { octets, content }
    }

    /// The decrypted octets: for an encrypted assertion, the XML of one `Assertion` element. Nothing is known about who
    /// wrote them.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.octets.get(self.content.clone()).unwrap_or_default()
    }
}

impl std::fmt::Debug for Plaintext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plaintext").field("octets", &self.content.len()).finish_non_exhaustive()
    }
}
