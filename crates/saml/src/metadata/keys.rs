//! The `KeyDescriptor`s of a role (metadata 2.4.1.1).

use vestibule_refusal::Excerpt;

use crate::key::{Certificate, certificates_from_pem, without_issuers};
use crate::xml::{Element, ns};

/// More certificates than any provider has for one use. Further ones are a problem, not a certificate.
const MOST_CERTIFICATES: usize = 256;

/// Certificates by their use.
#[derive(Default)]
pub(super) struct Keys {
    pub(super) signing: Vec<Certificate>,
    pub(super) encryption: Vec<Certificate>,
    pub(super) problems: Vec<String>,
    pub(super) repeated: usize,
    pub(super) issuing: usize,
}

impl Keys {
    /// Reads the certificates. Without `use` a key is for both. What cannot be used becomes a sentence, so that one
    /// odd key does not take the good ones with it.
    pub(super) fn read<'d>(descriptors: impl Iterator<Item = Element<'d>>) -> Self {
        let mut keys = Self::default();
        for descriptor in descriptors {
            keys.descriptor(descriptor);
        }
        keys
    }

    fn descriptor(&mut self, descriptor: Element<'_>) {
        let stated = descriptor.attribute("use").map(|stated| stated.trim().to_ascii_lowercase());
        let (signing, encryption) = match stated.as_deref() {
            None => (true, true),
            Some("signing") => (true, false),
            Some("encryption") => (false, true),
            Some(other) => return self.problem(format!("its use is {}", Excerpt::of(other))),
        };
        let mut found = false;
        let mut certificates = Vec::new();
        for text in certificate_texts(descriptor).take(MOST_CERTIFICATES) {
            found = true;
            match certificates_from_pem(&text) {
                Ok(several) => certificates.extend(several),
                Err(error) => self.problem(error.to_string()),
            }
        }
        if !found {
            self.problem("it comes without an X509Certificate".to_owned());
        }
        // A descriptor describes one key. Further certificates say who vouches for the first (XML Signature 4.5.4).
        let signers = without_issuers(&certificates);
        self.issuing += certificates.len() - signers.len();
        self.add(&signers, signing, encryption);
    }

    fn add(&mut self, certificates: &[Certificate], signing: bool, encryption: bool) {
        for certificate in certificates {
            let uses = [(signing, &mut self.signing), (encryption, &mut self.encryption)];
            for (_, known) in uses.into_iter().filter(|(applies, _)| *applies) {
                if known.contains(certificate) {
                    self.repeated += 1;
                } else if known.len() < MOST_CERTIFICATES {
                    known.push(certificate.clone());
                }
            }
        }
    }

    fn problem(&mut self, problem: String) {
        if self.problems.len() < MOST_CERTIFICATES {
            self.problems.push(problem);
        }
    }
}

/// `KeyInfo/X509Data/X509Certificate`, all of them.
fn certificate_texts<'d>(descriptor: Element<'d>) -> impl Iterator<Item = String> + use<'d> {
    let inside = |parent: Element<'d>, local: &'static str| {
        parent.elements().filter(move |child| child.is(ns::DS, local))
    };
    inside(descriptor, "KeyInfo")
        .flat_map(move |info| inside(info, "X509Data"))
        .flat_map(move |data| inside(data, "X509Certificate"))
        .map(|certificate| certificate.text().unwrap_or_default().into_owned())
}
