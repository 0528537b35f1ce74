//! The verdict on a response: what it is compared with, who hears of the checks, and the identity that comes
//! out of an accepted assertion.

use std::sync::Arc;

use serde_json::{Map, Value};
use vestibule_domain::bounds::kept_claims;
use vestibule_domain::connection::{Connection, Ready, ReadySaml, SpEncryptionKey};
use vestibule_domain::identity::{EmailTrust, Identity, Qualifiers, StatedEmail, Subject};
use vestibule_domain::login::{Proof, SingleUse};
use vestibule_domain::mapping::saml::{SamlAttribute, SamlClaims, SamlIdentity, SamlNameId};
use vestibule_domain::refusal::{Judged, Refusal, What, sentence};
use vestibule_domain::secret::TokenHash;
use vestibule_domain::time::{Span, Time};
use vestibule_domain::trace::Checked;
use vestibule_saml::UnixMillis;
use vestibule_saml::algorithm::LegacyPolicy;
use vestibule_saml::key::VerificationKeys;
use vestibule_saml::response::{
    AcceptedAssertion, Check, DEFAULT_SKEW_MILLIS, Exchange, Expectations, Expected, ResponseRefusal,
    SignedBy, Witness, claimed_issuer, judge,
};
use vestibule_saml::sign::MessageId;

use super::advice::advice;
use super::answer::Message;
use super::keys;
use super::refusals::meaning;
use super::solicitation::Solicitation;
use crate::engine::callback::SignIn;
use crate::engine::trace::Steps;
use crate::failure::Failure;
use crate::operations::connections::idp_metadata::refresh::{Refreshed, refresh_now};
use crate::world::known_decryption_keys::KnownDecryptionKeys;
use crate::world::telemetry::metric;
use crate::world::{App, KnownAs};

/// What no provider calls itself.
const NOBODY: &str = "(nobody)";
/// Why a provider was not learned whose response is right.
const NOT_LEARNED: &str = "What the provider calls itself could not be kept. Set its entity id on the connection; another connection of the \
     organization may have it already.";

/// How much longer than it can be accepted a message is remembered: servers do not agree on the time, and one may have
/// forgotten what another would still take.
const REMEMBERED_LONGER: Span = Span::minutes(60);

/// Judges the response for the connection of the sign-in, with its settings.
///
/// # Errors
/// The first check that fails; the steps tell all of them.
pub(super) async fn judged(
    sign_in: &mut SignIn<'_>,
    ready: ReadySaml<'_>,
    message: &Message<'_>,
    solicitation: &Solicitation,
) -> Result<Proof, Failure> {
    let xml = message.decoded(&mut sign_in.steps)?;
    let (app, now, mark) = (sign_in.app, sign_in.ctx.now, sign_in.steps.mark());
    let connection = sign_in.connection;
    let known_as = app.known_as(connection, sign_in.callback, &sign_in.origin);
    let mut case = Case { app, now, connection, ready, solicitation, known_as, xml: xml.into() };
    let mut verdict = case.judge(&mut sign_in.steps).await?;
    let fresh;
    // A test that was prepared changes nothing, and says what is set now.
    if verdict.as_ref().is_err_and(ResponseRefusal::is_unknown_key)
        && sign_in.test_id().is_none()
        && let Refreshed::Changed(changed) = refresh_now(app, sign_in.connection).await?
    {
        // The provider has new keys, and its metadata told us.
        fresh = changed;
        let Ready::Saml(ready) = fresh.ready()? else { return Err(What::UnknownCallback.into()) };
        (case.connection, case.ready) = (&fresh, ready);
        sign_in.steps.forget_after(mark);
        verdict = case.judge(&mut sign_in.steps).await?;
    }
    match verdict {
        Ok(_) if case.connection.provider().is_empty() => {
            // It was not learned, so that nothing holds the next response against this one.
            sign_in.steps.failed(
                "issuer",
                "a provider that nobody has named",
                "the entity id of the connection's provider",
            );
            Err(case.refusal(What::Assertion(Judged::Issuer), NOT_LEARNED).into())
        }
        Ok(assertion) => {
            let proof = case.proof(&assertion, &mut sign_in.steps)?;
            case.count_legacy();
            Ok(proof)
        }
        Err(refusal) => Err(case.refused(&refusal, &mut sign_in.steps).into()),
    }
}

/// Who a response is from that is right in everything, by the connection's certificates: as it says itself, since nobody else has.
/// `None` for any other.
pub(super) async fn issuer(
    app: &App,
    (connection, known_as): (&Connection, KnownAs),
    message: &Message<'_>,
    solicitation: &Solicitation,
    now: Time,
) -> Option<String> {
    let mut steps = Steps::default();
    let xml = message.decoded(&mut steps).ok()?;
    let Ready::Saml(ready) = connection.ready_to_test().ok()? else { return None };
    let case = Case { app, now, connection, ready, solicitation, known_as, xml: xml.into() };
    let accepted = case.judge(&mut steps).await.ok()?.ok()?;
    Some(accepted.issuer().to_owned())
}

/// One response and all it is judged by.
struct Case<'a> {
    app: &'a App,
    now: Time,
    connection: &'a Connection,
    ready: ReadySaml<'a>,
    solicitation: &'a Solicitation,
    known_as: KnownAs,
    xml: Arc<[u8]>,
}

type Attributes = Map<String, Value>;
type Verdict = Result<AcceptedAssertion, ResponseRefusal>;

/// The longest response that is judged where it is read: ordinary ones have less than 20 KiB.
const MOST_AT_ONCE: usize = 64 * 1024;

/// A response with everything it is compared with.
struct Comparison {
    xml: Arc<[u8]>,
    idp_entity_id: String,
    keys: VerificationKeys,
    /// The connection's own, and another one or nothing.
    acs_urls: (String, String),
    audiences: (String, String),
    request_id: Option<MessageId>,
    /// What the provider writes where it answers nothing.
    constant: String,
    known_keys: KnownDecryptionKeys,
    decryption: Vec<SpEncryptionKey>,
    legacy: LegacyPolicy,
    now: UnixMillis,
}

impl Comparison {
    /// The verdict, and the checks that led to it.
    fn verdict(self) -> Result<(Verdict, Steps), String> {
        let empty = |_| "a stored expectation is empty".to_owned();
        let also_acs = further(&self.acs_urls.1);
        let also_audience = further(&self.audiences.1);
        let exchange = match &self.request_id {
            Some(id) => Exchange::Solicited { request_id: Expected::exactly(id.as_str()).map_err(empty)? },
            None => Expected::exactly(&self.constant)
                .map_or(Exchange::Unsolicited, |constant| Exchange::UnsolicitedWith { constant }),
        };
        let expectations = Expectations {
            idp_entity_id: Expected::exactly(&self.idp_entity_id).map_err(empty)?,
            keys: &self.keys,
            acs_urls: Expected::one_of(&self.acs_urls.0, &also_acs).map_err(empty)?,
            audiences: Expected::one_of(&self.audiences.0, &also_audience).map_err(empty)?,
            exchange,
            decryption: &self.known_keys.keys(&self.decryption)?,
            legacy: self.legacy,
            skew_millis: DEFAULT_SKEW_MILLIS,
        };
        let mut steps = Steps::default();
        let verdict = judge(&self.xml, &expectations, self.now, &mut Checks(&mut steps));
        Ok((verdict, steps))
    }
}

impl Case<'_> {
    /// Judges the response. What takes long, or needs private keys, is done off the threads that answer everybody.
    async fn judge(&self, steps: &mut Steps) -> Result<Verdict, Failure> {
        let is_encrypted = keys::is_encrypted(&self.xml);
        let comparison = self.comparison(is_encrypted).map_err(Failure::Internal)?;
        let (verdict, made) = if is_encrypted || self.xml.len() > MOST_AT_ONCE {
            self.app.heavy_work.run(self.connection.tenant(), move || comparison.verdict()).await?
        } else {
            comparison.verdict()
        }
        .map_err(Failure::Internal)?;
        steps.join(made);
        Ok(verdict)
    }

    /// Everything that the response is judged by, to be taken to another thread.
    fn comparison(&self, is_encrypted: bool) -> Result<Comparison, String> {
        let settings = self.ready.settings();
        let KnownAs { callback, entity_id } = self.known_as.clone();
        Ok(Comparison {
            xml: Arc::clone(&self.xml),
            idp_entity_id: match settings.idp_entity_id.as_str() {
                // Nobody has named the provider yet: whoever the response says that it is from has to have signed it.
                "" => claimed_issuer(&self.xml).unwrap_or_else(|| NOBODY.to_owned()),
                known => known.to_owned(),
            },
            keys: self.app.saml_certificates.keys(&self.ready)?,
            audiences: (entity_id, settings.further_audience(&callback).unwrap_or_default().to_owned()),
            acs_urls: (callback.clone(), settings.further_acs_url(&callback).unwrap_or_default().to_owned()),
            request_id: match self.solicitation {
                Solicitation::Solicited(id) => Some(id.clone()),
                Solicitation::Unsolicited { .. } => None,
            },
            constant: settings.idp_initiated_in_response_to.clone(),
            known_keys: self.app.saml_decryption_keys.clone(),
            decryption: if is_encrypted { settings.encryption_keys.clone() } else { Vec::new() },
            legacy: LegacyPolicy {
                sha1: settings.legacy.allows_sha1(self.now),
                inclusive_c14n: settings.legacy.allows_inclusive_c14n(self.now),
            },
            now: UnixMillis(self.now.millis()),
        })
    }

    /// The refusal as the browser sees it. What a witness heard of an encrypted assertion stays in the trace,
    /// which only those read who run the connection.
    fn refused(&self, refusal: &ResponseRefusal, steps: &mut Steps) -> Refusal {
        steps.show(refusal.check().name(), refusal);
        self.refusal(meaning(refusal, self.solicitation), &sentence(refusal))
    }

    fn refusal(&self, kind: What, detail: &str) -> Refusal {
        Refusal::new(kind).because(format!("{detail}{}", advice(kind, self.connection.identity_provider)))
    }

    /// Whoever turns a switch on should see how long it is still needed.
    fn count_legacy(&self) {
        let legacy = self.ready.settings().legacy;
        let on = [
            ("sha1", legacy.allows_sha1(self.now)),
            ("inclusive_c14n", legacy.allows_inclusive_c14n(self.now)),
        ];
        for (algorithm, _) in on.into_iter().filter(|(_, on)| *on) {
            metrics::counter!(metric::SAML_LEGACY_SIGN_INS, "algorithm" => algorithm).increment(1);
        }
    }

    /// Weak algorithms are never let through in silence.
    fn tell_legacy(&self, assertion: &AcceptedAssertion, steps: &mut Steps) {
        let signed = assertion.signed();
        let weak = [signed.response(), signed.assertion()].into_iter().flatten().flat_map(SignedBy::legacy);
        for weakness in weak {
            tracing::warn!(connection = %self.connection.id, algorithm = weakness, "a weak signature \
                was accepted, as the connection's legacy switch allows");
            steps.passed("legacy", format!("{weakness}, which a legacy switch allows for now"));
        }
    }

    /// By which certificate it was signed: whoever is to remove an old one wants to know that the new one is in use.
    fn tell_certificate(&self, assertion: &AcceptedAssertion, steps: &mut Steps) {
        let (first, rest) = self.ready.certificates();
        let signed = assertion.signed();
        let Some(by) = signed.assertion().or_else(|| signed.response()) else { return };
        let used = std::iter::once(first).chain(rest).nth(by.key.position());
        if let Some(used) = used {
            steps.passed(Checked::Certificate.as_str(), used.fingerprint.as_str());
        }
    }

    fn proof(&self, assertion: &AcceptedAssertion, steps: &mut Steps) -> Result<Proof, Failure> {
        self.tell_legacy(assertion, steps);
        self.tell_certificate(assertion, steps);
        Ok(Proof {
            identity: self.identity(assertion, steps)?,
            message: Some(SingleUse {
                id: used_as(assertion),
                // Hashed, because a provider may make its ids as long as it likes.
                formerly: TokenHash::of(assertion.assertion_id().as_bytes()).as_str().to_owned(),
                until: time(assertion.replay_until()).plus(REMEMBERED_LONGER),
            }),
            valid_until: assertion.session_not_on_or_after().map(time),
            authenticated_at: Some(time(assertion.authn_instant())),
        })
    }

    fn identity(&self, assertion: &AcceptedAssertion, steps: &mut Steps) -> Result<Identity, Failure> {
        let attributes: Vec<SamlAttribute<'_>> = assertion
            .attributes()
            .iter()
            .map(|attribute| SamlAttribute {
                name: attribute.name(),
                friendly_name: attribute.friendly_name(),
                values: attribute.values().iter().map(String::as_str).collect(),
            })
            .collect();
        let name_id = assertion.name_id();
        let name_id = name_id.map(|name| SamlNameId {
            value: name.value(),
            format: name.format_uri(),
            name_qualifier: name.name_qualifier(),
            sp_name_qualifier: name.sp_name_qualifier(),
        });
        let claims = SamlClaims { name_id, attributes: &attributes };
        let mapping = self.ready.settings().mapping(self.connection.identity_provider);
        let person = mapping.evaluate(&claims).map_err(|refusal| {
            steps.failed("attribute_mapping", claims.names(), wanted(refusal.what));
            self.refusal(refusal.what, &refusal.detail().unwrap_or_default())
        })?;
        steps.passed("email", person.email.as_str());
        steps.passed(
            "groups",
            match person.groups.len() {
                _ if person.groups_omitted => {
                    "left out by the provider, because there are too many".to_owned()
                }
                count => count.to_string(),
            },
        );
        let (attributes, passing) = self.attributes(&claims, &person);
        Ok(Identity {
            connection_id: self.connection.id,
            subject: self.subject(person.subject, person.qualifiers),
            email: Some(StatedEmail { address: person.email, trust: EmailTrust::Unstated, denial: None }),
            name: person.name,
            attributes: steps.kept(attributes),
            groups: person.groups,
            trusted_metadata: person.trusted_metadata,
            passing,
        })
    }

    /// What is kept of the attributes, and what passes: as they came, or as a profile has them.
    fn attributes(&self, claims: &SamlClaims<'_>, person: &SamlIdentity) -> (Attributes, Attributes) {
        let settings = self.ready.settings();
        let Some(fields) = &settings.profile_fields else {
            return (person.attributes.clone(), Attributes::new());
        };
        let mapping = settings.mapping(self.connection.identity_provider);
        let text = |ours| Some(mapping.text_in(ours, &person.attributes)).filter(|text| !text.is_empty());
        let known = [
            ("email", Some(person.email.as_str().into())),
            ("name", Some(person.name.as_str()).filter(|name| !name.is_empty()).map(Value::from)),
            ("given_name", text("first_name").map(Value::from)),
            ("family_name", text("last_name").map(Value::from)),
            ("groups", Some(person.groups.clone()).filter(|groups| !groups.is_empty()).map(Value::from)),
        ];
        let mapped = fields.mapped(claims, &known, &self.connection.common.passing_attributes);
        (mapped.kept, kept_claims(mapped.passing).0)
    }

    /// The subject with what makes it one: a name that was made for us is one that names nobody else.
    fn subject(&self, value: String, qualifiers: Qualifiers) -> Subject {
        let settings = self.ready.settings();
        let ours = [self.known_as.entity_id.as_str(), settings.alternative_audience_uri.as_str()];
        Subject::saml(&settings.idp_entity_id, &ours, value, qualifiers)
    }
}

/// What an assertion is remembered by: its id, and the key that signed it. A neighbour who guesses the id of another's next
/// message cannot use it up, and the same message is used up for every connection that takes it.
fn used_as(assertion: &AcceptedAssertion) -> String {
    let named = [assertion.signer().as_slice(), assertion.assertion_id().as_bytes()].concat();
    TokenHash::of(&named).as_str().to_owned()
}

/// What a mapping has to find in an assertion.
const fn wanted(what: What) -> &'static str {
    match what {
        What::NoSubject(_) => "a name of the person that is the same at every sign-in",
        What::NoEmail(_) => "an e-mail address",
        _ => "what attribute_mapping names",
    }
}

/// A further value that is accepted, if one is set.
fn further(value: &str) -> Vec<&str> {
    if value.is_empty() { Vec::new() } else { vec![value] }
}

const fn time(at: UnixMillis) -> Time {
    Time::from_millis(at.0)
}

/// Every check of the judge becomes a step of the trace.
struct Checks<'a>(&'a mut Steps);

impl Witness for Checks<'_> {
    fn passed(&mut self, check: Check, found: impl FnOnce() -> String) {
        self.0.passed(check.name(), found());
    }

    fn skipped(&mut self, check: Check, reason: &'static str) {
        self.0.passed(check.name(), format!("nothing to check: {reason}"));
    }

    fn failed(&mut self, check: Check, refusal: &ResponseRefusal) {
        self.0.refused(check.name(), refusal);
    }
}
