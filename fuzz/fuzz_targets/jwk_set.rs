//! Any bytes as a key set: bounded, and whatever key comes out can be used without harm.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_oidc::jose::{AlgorithmSet, JwkSet, SignatureAlgorithm, jws};

fuzz_target!(|data: &[u8]| {
    let Ok(set) = JwkSet::parse(data) else { return };
    assert!(set.keys().len() + set.skipped().len() <= 100);
    for key in set.keys() {
        assert!(!key.algorithms().is_empty());
        for algorithm in SignatureAlgorithm::ALL {
            // No key, however odd, takes these for its signature.
            for length in [0, 64, 96, 132, 256] {
                assert!(!key.verifies(algorithm, b"message", &vec![0; length]));
            }
        }
    }
    for token in ["eyJhbGciOiJFZERTQSJ9.e30.AA", "eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.e30.AA"] {
        assert!(jws::verify(token, &set, AlgorithmSet::all()).is_err());
    }
});
