//! The bare RSA private operation, for the paddings that the cryptography library does not have.
//!
//! It is computed by fixed-time arithmetic: exponents are walked through in windows of equal size, whose powers are
//! looked up by reading every entry. The base is blinded by a number that nobody outside can know (Kocher 1996), and the
//! result of the Chinese remainders is checked with the public key before anybody sees it (Boneh, DeMillo, Lipton 1997).

use std::sync::Arc;

use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, NonZero, Odd};
use zeroize::Zeroizing;

use super::der;

const LIMB_BITS: usize = 64;

type Residue = Zeroizing<BoxedMontyForm>;

/// An RSA private key as numbers (RFC 8017 section 3.2, the second representation with two primes).
pub(super) struct RawPrivateKey {
    /// Octets of the modulus.
    octets: usize,
    modulus: Modulus,
    public_exponent: BoxedUint,
    first: Prime,
    second: Prime,
    /// The inverse of the second prime modulo the first.
    coefficient: Zeroizing<BoxedUint>,
    /// Where blinding numbers come from.
    blinding: Prk,
}

/// What is needed to compute modulo a number.
struct Modulus(Arc<BoxedMontyParams>);

/// A prime factor of the modulus and the private exponent modulo what is one less.
struct Prime {
    modulus: Modulus,
    /// The prime with as many digits as the modulus of the key.
    wide: Zeroizing<NonZero<BoxedUint>>,
    exponent: Zeroizing<BoxedUint>,
}

impl Modulus {
    fn bits(&self) -> u32 {
        self.0.bits_precision()
    }

    /// `number`, which is below the modulus and has its precision, as a residue.
    fn residue(&self, number: BoxedUint) -> Residue {
        Zeroizing::new(BoxedMontyForm::new_with_arc(number, Arc::clone(&self.0)))
    }
}

impl Prime {
    fn new(prime: &[u8], exponent: &[u8], bits: u32) -> Option<Self> {
        let odd: Option<Odd<BoxedUint>> = number(prime, bits)?.to_odd().into();
        let modulus = Modulus(Arc::new(BoxedMontyParams::new(odd?)));
        let wide: Option<NonZero<BoxedUint>> = NonZero::new(number(prime, bits * 2)?).into();
        let exponent = Zeroizing::new(number(exponent, bits)?);
        Some(Self { modulus, wide: Zeroizing::new(wide?), exponent })
    }

    /// `base` modulo this prime.
    fn reduce(&self, base: &BoxedUint) -> Residue {
        self.modulus.residue(Zeroizing::new(base.rem(&self.wide)).shorten(self.modulus.bits()))
    }

    /// `base` to the power of this prime's exponent.
    fn power(&self, base: &BoxedUint) -> Residue {
        Zeroizing::new(self.reduce(base).pow(&self.exponent))
    }
}

fn number(octets: &[u8], bits: u32) -> Option<BoxedUint> {
    BoxedUint::from_be_slice(octets, bits).ok()
}

impl RawPrivateKey {
    /// The key in an `RSAPrivateKey` that was checked before.
    pub(super) fn from_pkcs1(pkcs1: &[u8]) -> Option<Self> {
        let numbers = der::rsa_numbers(pkcs1)?;
        let prime_octets = numbers.prime1.len().max(numbers.prime2.len());
        let half = u32::try_from(prime_octets.checked_mul(8)?.next_multiple_of(LIMB_BITS)).ok()?;
        let modulus: Option<Odd<BoxedUint>> = number(numbers.modulus, half * 2)?.to_odd().into();
        Some(Self {
            octets: numbers.modulus.len(),
            modulus: Modulus(Arc::new(BoxedMontyParams::new_vartime(modulus?))),
            public_exponent: number(numbers.public_exponent, half * 2)?,
            first: Prime::new(numbers.prime1, numbers.exponent1, half)?,
            second: Prime::new(numbers.prime2, numbers.exponent2, half)?,
            coefficient: Zeroizing::new(number(numbers.coefficient, half)?),
            blinding: Salt::new(HKDF_SHA256, b"RSA base blinding").extract(numbers.private_exponent),
        })
    }

    /// `ciphertext` to the power of the private exponent, as long as the modulus; `None` unless `ciphertext` is a number
    /// of the modulus' length below it.
    pub(super) fn decrypt(&self, ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let base = number(ciphertext, self.modulus.bits())?;
        if ciphertext.len() != self.octets || base >= *self.modulus.0.modulus().as_ref() {
            return None;
        }
        let (blind, unblind) = self.blinding(ciphertext)?;
        let blinded = Zeroizing::new(self.modulus.residue(base).mul(&self.public_power(&blind)));
        let power = self.private_power(&blinded)?;
        let result = Zeroizing::new(Zeroizing::new(power.mul(&unblind)).retrieve());
        let octets = Zeroizing::new(result.to_be_bytes().into_vec());
        octets.get(octets.len().checked_sub(self.octets)?..).map(|last| Zeroizing::new(last.to_vec()))
    }

    fn public_power(&self, base: &BoxedMontyForm) -> Residue {
        let bits = self.public_exponent.bits_vartime();
        Zeroizing::new(base.pow_bounded_exp(&self.public_exponent, bits))
    }

    /// `base` to the power of the private exponent (RFC 8017 section 5.1.2, step 2.b), checked.
    fn private_power(&self, base: &BoxedMontyForm) -> Option<Residue> {
        let plain = Zeroizing::new(base.retrieve());
        let first = self.first.power(&plain);
        let second = Zeroizing::new(self.second.power(&plain).retrieve());
        let wide_second = Zeroizing::new(second.widen(self.modulus.bits()));
        let difference = Zeroizing::new(first.sub(&self.first.reduce(&wide_second)));
        let coefficient = self.first.modulus.residue((*self.coefficient).clone());
        let quotient = Zeroizing::new(Zeroizing::new(difference.mul(&coefficient)).retrieve());
        let product = Zeroizing::new(quotient.mul(self.second.modulus.0.modulus().as_ref()));
        let power = self.modulus.residue(product.wrapping_add(&wide_second));
        let restored = Zeroizing::new(self.public_power(&power).retrieve());
        (*restored == *plain).then_some(power)
    }

    /// A blinding number to the power of one, and its inverse. The inverse is found by a computation whose time depends
    /// on its input, so the input is a product with a second unknown number, which tells nothing of the first.
    fn blinding(&self, ciphertext: &[u8]) -> Option<(Residue, Residue)> {
        let blind = self.unknown(ciphertext, b"base")?;
        let cover = self.unknown(ciphertext, b"inverse")?;
        let inverse: Option<BoxedMontyForm> = Zeroizing::new(blind.mul(&cover)).invert_vartime().into();
        let unblind = Zeroizing::new(Zeroizing::new(inverse?).mul(&cover));
        Some((blind, unblind))
    }

    /// A number below the modulus that depends on the private key, the ciphertext and its purpose (HKDF, RFC 5869): as
    /// good as a random one to whoever does not know the key, without taking chance.
    fn unknown(&self, ciphertext: &[u8], purpose: &[u8]) -> Option<Residue> {
        let mut octets = Zeroizing::new(vec![0; self.octets]);
        let (_, drawn) = octets.split_first_mut()?;
        let info = [purpose, ciphertext];
        self.blinding.expand(&info, Octets(drawn.len())).ok()?.fill(drawn).ok()?;
        Some(self.modulus.residue(number(&octets, self.modulus.bits())?))
    }
}

/// How much key material to expand.
struct Octets(usize);

impl KeyType for Octets {
    fn len(&self) -> usize {
        self.0
    }
}
