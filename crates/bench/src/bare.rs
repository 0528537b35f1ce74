//! What RS256 costs by itself: RSA-2048 over a message as long as a session token, with the key parsed once.
//! No server that signs a token for each request can do more requests than this.

use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair,
};

use crate::process::cpu_of;
use crate::{Result, clock};

/// Header and payload of a session token are about this long.
const MESSAGE: [u8; 900] = [b'a'; 900];

/// A key to sign and verify with.
pub(crate) struct Bare {
    pair: RsaKeyPair,
    public: ParsedPublicKey,
    signature: Vec<u8>,
}

/// How often something was done.
#[derive(Clone, Copy)]
pub(crate) struct Rate {
    /// Per second of the clock.
    pub(crate) per_second: f64,
    /// Per second of processor time.
    pub(crate) per_cpu_second: f64,
}

impl Bare {
    pub(crate) fn new() -> Result<Self> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| "no RSA key could be made")?;
        let public = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref())
            .map_err(|_| "the public key does not parse")?;
        let mut signature = vec![0; pair.public_modulus_len()];
        sign(&pair, &mut signature)?;
        Ok(Self { pair, public, signature })
    }

    /// Signatures by `threads` threads.
    pub(crate) fn sign(&self, threads: usize, window: Duration) -> Result<Rate> {
        repeat(threads, window, || {
            let mut signature = [0; 256];
            sign(&self.pair, &mut signature)
        })
    }

    /// Verifications by one thread.
    pub(crate) fn verify(&self, window: Duration) -> Result<Rate> {
        repeat(1, window, || {
            let verdict = self.public.verify_sig(&MESSAGE, &self.signature);
            verdict.map_err(|_| "a good signature was refused".into())
        })
    }
}

fn sign(pair: &RsaKeyPair, signature: &mut [u8]) -> Result<()> {
    let signed = pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), &MESSAGE, signature);
    signed.map_err(|_| "the library refused to sign".into())
}

/// Does `work` again and again for as long as `window`.
pub(crate) fn repeat(threads: usize, window: Duration, work: impl Fn() -> Result<()> + Sync) -> Result<Rate> {
    let cpu = cpu_of("self")?;
    let begun = clock::instant();
    let end = begun + window;
    let count = || -> Result<u64> {
        let mut done = 0;
        while clock::instant() < end {
            work()?;
            done += 1;
        }
        Ok(done)
    };
    let counts: Result<Vec<u64>> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(count)).collect();
        running.into_iter().map(|thread| thread.join().map_err(|_| "a signing thread panicked")?).collect()
    });
    let done = counts?.into_iter().sum::<u64>() as f64;
    let (wall, cpu) = (begun.elapsed(), cpu_of("self")?.saturating_sub(cpu));
    Ok(Rate { per_second: done / wall.as_secs_f64(), per_cpu_second: done / cpu.as_secs_f64() })
}
