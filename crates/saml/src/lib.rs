//! SAML 2.0, the service provider's side: bytes, expectations and the current time go in, a verdict comes out.
//!
//! The crate never opens a connection, never reads a clock, an environment or a file, makes no random numbers and keeps
//! no state. It knows nothing of organizations, members or sessions. It never panics on foreign bytes, and its work and
//! memory are linear in them, within limits.
//!
//! Whatever goes over the wire is a pair: something makes our message as a value, something judges the other side's.
//!
//! | Step | Ours | Theirs |
//! |---|---|---|
//! | set-up | [`metadata::SpMetadata`] | [`metadata::read`] gives [`metadata::IdpMetadata`] |
//! | sign-in | [`request::AuthnRequest`], sent by [`binding::redirect_url`] or [`binding::post_value`] | [`binding::decode_response`], then [`response::judge`] gives an [`response::AcceptedAssertion`], the only source of an identity |
//!
//! Under these lie the pieces that a signature needs: one strict reader with one tree ([`xml`]), canonical octets
//! written from that tree ([`c14n`]), signatures against one template ([`dsig`]), decryption ([`xmlenc`]), and keys
//! ([`key`]). What was verified is what is read: a [`dsig::Verified`] holds the very node that the digest covered.
//!
//! Every refusal is an enum variant that implements [`Refusal`]: a stable code, what was found, what was expected, and
//! a sentence that tells the provider's administrator what to change. It is printable and bounded, and never a message,
//! a signature or a key. A [`response::Witness`] hears of every check by name.
//!
//! # A whole exchange
//!
//! ```
//! use vestibule_saml::UnixMillis;
//! use vestibule_saml::algorithm::LegacyPolicy;
//! use vestibule_saml::binding::{RelayState, decode_response, redirect_url};
//! use vestibule_saml::key::{DecryptionKeys, VerificationKeys};
//! use vestibule_saml::metadata;
//! use vestibule_saml::request::AuthnRequest;
//! use vestibule_saml::response::{Account, Check, Exchange, Expectations, Expected, Outcome, judge};
//! use vestibule_saml::sign::MessageId;
//! # use base64::{Engine as _, engine::general_purpose::STANDARD};
//! # use vestibule_saml::algorithm::DigestAlgorithm;
//! # use vestibule_saml::key::{RsaPrivateKey, SigningKey};
//! # const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
//! # const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
//! # let provider = SigningKey::new(&RsaPrivateKey::generate()?)?;
//! # let (from, to) = (UnixMillis(1_700_000_000_000), UnixMillis(2_000_000_000_000));
//! # let certificate = provider.self_signed_certificate("idp.example", from, to, [1; 16])?;
//! # let metadata_document = format!(
//! #     "<EntityDescriptor xmlns='urn:oasis:names:tc:SAML:2.0:metadata' entityID='https://idp.example'><IDPSSODescriptor \
//! #      protocolSupportEnumeration='urn:oasis:names:tc:SAML:2.0:protocol'><KeyDescriptor><KeyInfo xmlns='{DS}'><X509Data>\
//! #      <X509Certificate>{}</X509Certificate></X509Data></KeyInfo></KeyDescriptor><SingleSignOnService \
//! #      Binding='urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect' Location='https://idp.example/sso'/>\
//! #      </IDPSSODescriptor></EntityDescriptor>", certificate.base64());
//! # let answer = |request: &MessageId| -> Result<String, Box<dyn std::error::Error>> {
//! #     let assertion = format!(
//! #         "<Assertion xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_a\" IssueInstant=\"2026-02-28T12:00:00Z\" \
//! #          Version=\"2.0\"><Issuer>https://idp.example</Issuer>{{}}<Subject><NameID>ada@example.com</NameID>\
//! #          <SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"><SubjectConfirmationData \
//! #          InResponseTo=\"{request}\" NotOnOrAfter=\"2026-02-28T12:05:00Z\" Recipient=\"https://sp.example/acs\">\
//! #          </SubjectConfirmationData></SubjectConfirmation></Subject><Conditions><AudienceRestriction><Audience>\
//! #          https://sp.example</Audience></AudienceRestriction></Conditions><AuthnStatement \
//! #          AuthnInstant=\"2026-02-28T12:00:00Z\"></AuthnStatement></Assertion>");
//! #     let digest = STANDARD.encode(DigestAlgorithm::Sha256.digest(assertion.replace("{}", "").as_bytes()));
//! #     let info = format!(
//! #         "<SignedInfo xmlns=\"{DS}\"><CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\"></CanonicalizationMethod>\
//! #          <SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"></SignatureMethod>\
//! #          <Reference URI=\"#_a\"><Transforms><Transform Algorithm=\"{DS}enveloped-signature\"></Transform>\
//! #          <Transform Algorithm=\"{EXCLUSIVE}\"></Transform></Transforms><DigestMethod \
//! #          Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></DigestMethod><DigestValue>{digest}</DigestValue>\
//! #          </Reference></SignedInfo>");
//! #     let value = STANDARD.encode(provider.sign(info.as_bytes())?);
//! #     let signature = format!("<Signature xmlns=\"{DS}\">{info}<SignatureValue>{value}</SignatureValue></Signature>");
//! #     Ok(STANDARD.encode(format!(
//! #         "<p:Response xmlns:p='urn:oasis:names:tc:SAML:2.0:protocol' ID='_r' InResponseTo='{request}' Version='2.0' \
//! #          IssueInstant='2026-02-28T12:00:00Z'><p:Status><p:StatusCode \
//! #          Value='urn:oasis:names:tc:SAML:2.0:status:Success'/></p:Status>{}</p:Response>",
//! #         assertion.replace("{}", &signature))))
//! # };
//! let now = UnixMillis::from_xs_date_time("2026-02-28T12:00:10Z")?;
//!
//! // Once for each connection: what does the provider say about itself?
//! let idp = metadata::read(metadata_document.as_bytes(), None)?.current(now)?;
//! let keys = VerificationKeys::from_certificates(&idp.signing_certificates)?;
//!
//! // The browser goes to the provider with a request whose ID is random, or derived from something random.
//! let id = MessageId::from_chance([42; 20]);
//! let endpoint = idp.redirect_url.as_deref().ok_or("no redirect binding")?;
//! let request = AuthnRequest {
//!     id: &id,
//!     issue_instant: now,
//!     issuer: "https://sp.example",
//!     destination: endpoint,
//!     acs_url: "https://sp.example/acs",
//!     name_id_format: None,
//!     force_authn: false,
//!     is_passive: false,
//! };
//! let relay_state = RelayState::new("handle-of-this-attempt")?;
//! let url = redirect_url(endpoint, &request.to_xml(), Some(&relay_state), None)?;
//! assert!(url.starts_with("https://idp.example/sso?SAMLRequest="));
//!
//! // It comes back with a form. The relay state leads to the attempt, the path of the URL to the connection.
//! # let field = answer(&id)?;
//! let xml = decode_response(&field)?;
//!
//! // Everything that is compared comes from the connection and the attempt, nothing from the message.
//! let expectations = Expectations {
//!     idp_entity_id: Expected::exactly(&idp.entity_id)?,
//!     keys: &keys,
//!     acs_urls: Expected::exactly("https://sp.example/acs")?,
//!     audiences: Expected::exactly("https://sp.example")?,
//!     exchange: Exchange::Solicited { request_id: Expected::exactly(id.as_str())? },
//!     decryption: &DecryptionKeys::none(),
//!     legacy: LegacyPolicy::NONE,
//!     skew_millis: 60_000,
//! };
//! let accepted = judge(&xml, &expectations, now, &mut ())?;
//! assert_eq!(accepted.name_id().map(|name_id| name_id.value()), Some("ada@example.com"));
//!
//! // Remember this ID until then, and accept it once.
//! assert_eq!((accepted.assertion_id(), accepted.replay_until().to_string().as_str()), ("_a", "2026-02-28T12:06:00Z"));
//!
//! // A witness hears of every check. Here somebody entered the wrong audience.
//! let other = Expectations { audiences: Expected::exactly("https://other.example")?, ..expectations };
//! let mut account = Account::default();
//! let refusal = judge(&xml, &other, now, &mut account).unwrap_err();
//! assert_eq!(refusal.check(), Check::Audience);
//! assert!(matches!(account.of(Check::AssertionSignature), Outcome::Passed { .. }));
//! assert_eq!(account.of(Check::Recipient), &Outcome::NotReached);
//! assert!(refusal.to_string().starts_with("the assertion is for https://sp.example, expected https://other.example: enter"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What does not compile
//!
//! An empty set of keys, an assertion that nothing verified, and a judgement without something to compare with cannot be
//! written down, so they cannot be passed on by mistake.
//!
//! ```compile_fail,E0061
//! let nobody = vestibule_saml::key::VerificationKeys::new();
//! ```
//!
//! ```compile_fail,E0451
//! # use vestibule_saml::{algorithm::*, dsig::Verified, key::KeyIndex, xml::Element};
//! fn trust_me<'d>(element: Element<'d>, by: Verified<'_>) -> Verified<'d> {
//!     Verified { element, algorithm: by.algorithm(), digest_algorithm: by.digest_algorithm(), is_inclusive: false, key: by.key() }
//! }
//! ```

pub mod algorithm;
mod b64;
pub mod binding;
pub mod c14n;
pub mod dsig;
pub mod key;
pub mod metadata;
pub mod request;
pub mod response;
pub mod sign;
pub mod time;
mod write;
pub mod xml;
pub mod xmlenc;

pub use time::UnixMillis;
pub use vestibule_refusal::{Excerpt, Refusal};
