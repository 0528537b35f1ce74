//! Metadata: any bytes, and the candidates that a refusal offers can be chosen.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_saml::metadata::{MetadataRefusal, read};
use vestibule_saml::{Refusal as _, UnixMillis};

const NOW: UnixMillis = UnixMillis(1_772_280_000_000);

fuzz_target!(|data: &[u8]| {
    match read(data, None) {
        Ok(metadata) => {
            assert!(!metadata.entity_id.is_empty() && !metadata.signing_certificates.is_empty());
            assert!(metadata.redirect_url.is_some() || metadata.post_url.is_some());
            for remark in metadata.remarks(NOW) {
                assert!(!remark.to_string().is_empty());
            }
            let chosen = read(data, Some(&metadata.entity_id));
            assert!(chosen.is_ok() || matches!(chosen, Err(MetadataRefusal::DescribedTwice { .. })));
            if let Ok(current) = metadata.clone().current(NOW) {
                assert!(current.valid_until.is_none_or(|until| until > NOW));
            }
        }
        Err(refusal) => {
            let told = (refusal.code(), refusal.to_string(), refusal.found(), refusal.expected());
            assert!(!told.0.is_empty() && told.1.chars().count() < 10_000);
        }
    }
});
