//! What judging a SAML response costs: against the bare RSA operation that it cannot do without, in one process, and in
//! memory for documents that were made to cost as much as possible.

mod dearest;
mod forge;
mod hostile;
mod mixed;

use std::hint::black_box;
use std::time::Duration;

use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use vestibule_saml::UnixMillis;
use vestibule_saml::algorithm::LegacyPolicy;
use vestibule_saml::key::{Certificate, DecryptionKeys, RsaPrivateKey, VerificationKeys};
use vestibule_saml::response::{Exchange, Expectations, Expected, judge};

use crate::Result;
use crate::bare::{Bare, Rate, repeat};
use crate::report::{Bound, Row, Table};
use crate::stats::median;

use forge::{ACS, AUDIENCE, ISSUER, NOW, Provider, REQUEST};

pub(crate) use dearest::dearest;
pub(crate) use hostile::judge_input as judge_hostile;

/// The size of the response, in bytes.
const SIZE: usize = 6_000;

/// The verifier's side of one connection.
struct Connection {
    keys: VerificationKeys,
    decryption: DecryptionKeys,
}

impl Connection {
    fn to(provider: &Provider) -> Result<Self> {
        let key = RsaPrivateKey::from_der(&provider.decryption_key)?;
        let certificate = Certificate::from_der(&provider.certificate)?;
        Ok(Self {
            keys: VerificationKeys::new(certificate, Vec::new()),
            decryption: DecryptionKeys::new([&key])?,
        })
    }

    /// The whole judgement, from octets to an identity. An error is a refusal's sentence.
    fn judge(&self, response: &str) -> Result<()> {
        let expectations = Expectations {
            idp_entity_id: Expected::exactly(ISSUER)?,
            keys: &self.keys,
            acs_urls: Expected::exactly(ACS)?,
            audiences: Expected::exactly(AUDIENCE)?,
            exchange: Exchange::Solicited { request_id: Expected::exactly(REQUEST)? },
            decryption: &self.decryption,
            legacy: LegacyPolicy::NONE,
            skew_millis: 60_000,
        };
        black_box(judge(response.as_bytes(), &expectations, UnixMillis(NOW), &mut ())?);
        Ok(())
    }
}

/// One round.
struct Round {
    verify: Rate,
    judge: Rate,
    private: Rate,
    decrypt: Rate,
}

/// Adds the lines about SAML.
pub(crate) fn measure(bare: &Bare, rounds: usize, window: Duration, table: &mut Table) -> Result<()> {
    let provider = Provider::new()?;
    let connection = Connection::to(&provider)?;
    let response = provider.signed_response(SIZE)?;
    let encrypted = provider.encrypted_response(8)?;
    let private = PrivateDecryptingKey::from_pkcs8(&provider.decryption_key)?;
    let private = OaepPrivateDecryptingKey::new(private)?;
    let unwrap = || -> Result<()> {
        let mut key = [0; 256];
        private.decrypt(&OAEP_SHA256_MGF1SHA256, &encrypted.wrapped_key, &mut key, None)?;
        black_box(key);
        Ok(())
    };
    let mut taken = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        taken.push(Round {
            verify: bare.verify(window)?,
            judge: repeat(1, window, || connection.judge(&response))?,
            private: repeat(1, window, unwrap)?,
            decrypt: repeat(1, window, || connection.judge(&encrypted.response))?,
        });
    }
    rows(&taken, response.len(), encrypted.response.len(), table);
    hostile::measure(&provider, table)
}

fn rows(rounds: &[Round], signed: usize, encrypted: usize, table: &mut Table) {
    let of = |value: fn(&Round) -> f64| median(rounds.iter().map(value));
    let what = format!("SAML, signed response of {signed} bytes judged");
    let row = Row::new(&what, of(|r| r.judge.per_cpu_second), "1/cpu s").against(
        format!("bare RSA-2048 verification, {:.0}", of(|r| r.verify.per_cpu_second)),
        of(|r| r.judge.per_cpu_second / r.verify.per_cpu_second),
    );
    table.push(row.ratio(Bound::AtLeast(0.60)));
    let beyond = of(|r| 1e6 / r.judge.per_cpu_second - 1e6 / r.verify.per_cpu_second);
    table.push(Row::new("SAML, the same without the RSA operation", beyond, "cpu us"));
    let what = format!("SAML, encrypted response of {encrypted} bytes judged");
    let row = Row::new(&what, of(|r| r.decrypt.per_cpu_second), "1/cpu s").against(
        format!("bare RSA-2048 decryption, {:.0}", of(|r| r.private.per_cpu_second)),
        of(|r| r.decrypt.per_cpu_second / r.private.per_cpu_second),
    );
    table.push(row.ratio(Bound::AtLeast(0.85)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_measured_is_accepted() {
        let provider = Provider::new().unwrap();
        let connection = Connection::to(&provider).unwrap();
        let response = provider.signed_response(SIZE).unwrap();
        assert!((SIZE..SIZE + 200).contains(&response.len()));
        connection.judge(&response).unwrap();
        connection.judge(&provider.encrypted_response(8).unwrap().response).unwrap();
        assert!(connection.judge(&response.replace("mary.miller", "eve.miller")).is_err());
    }
}
