//! The verdict on a response: what it is compared with, who hears of the checks, and the identity that comes
//! out of an accepted assertion.

use vestibule_domain::connection::{Connection, Ready, ReadySaml};
use vestibule_domain::identity::{EmailTrust, Identity};
use vestibule_domain::login::{Proof, SingleUse};
use vestibule_domain::mapping::saml::{SamlAttribute, SamlClaims, SamlNameId};
use vestibule_domain::refusal::{Refusal, What, sentence};
use vestibule_domain::secret::TokenHash;
use vestibule_domain::time::Time;
use vestibule_saml::UnixMillis;
use vestibule_saml::algorithm::LegacyPolicy;
use vestibule_saml::response::{
    AcceptedAssertion, Check, DEFAULT_SKEW_MILLIS, Exchange, Expectations, Expected, ResponseRefusal,
    Witness, judge,
};
use vestibule_saml::sign::MessageId;

use super::advice::advice;
use super::answer::Message;
use super::keys;
use super::refusals::meaning;
use crate::engine::callback::SignIn;
use crate::engine::trace::Steps;
use crate::failure::Failure;
use crate::operations::connections::idp_metadata::refresh::{Refreshed, refresh_now};
use crate::world::App;
use crate::world::telemetry::metric;

/// Whether a response was asked for (profiles 4.1.5).
pub(super) enum Solicitation {
    /// It must answer the request with this ID.
    Solicited(MessageId),
    /// Nobody asked: the sign-in began at the provider.
    Unsolicited {
        /// Whether it sent a `RelayState` all the same.
        has_relay_state: bool,
    },
}

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
    let mut case = Case { app, now, connection: sign_in.connection, ready, solicitation, xml: &xml };
    let mut verdict = case.judge(&mut sign_in.steps)?;
    let fresh;
    if verdict.as_ref().is_err_and(ResponseRefusal::is_unknown_key)
        && let Refreshed::Changed(changed) = refresh_now(app, sign_in.connection).await?
    {
        // The provider has new keys, and its metadata told us.
        fresh = changed;
        let Ready::Saml(ready) = fresh.ready()? else { return Err(What::UnknownCallback.into()) };
        (case.connection, case.ready) = (&fresh, ready);
        sign_in.steps.forget_after(mark);
        verdict = case.judge(&mut sign_in.steps)?;
    }
    match verdict {
        Ok(assertion) => {
            let proof = case.proof(&assertion, &mut sign_in.steps)?;
            case.count_legacy();
            Ok(proof)
        }
        Err(refusal) => Err(case.refused(&refusal, &mut sign_in.steps).into()),
    }
}

/// One response and all it is judged by.
struct Case<'a> {
    app: &'a App,
    now: Time,
    connection: &'a Connection,
    ready: ReadySaml<'a>,
    solicitation: &'a Solicitation,
    xml: &'a [u8],
}

type Verdict = Result<AcceptedAssertion, ResponseRefusal>;

impl Case<'_> {
    fn judge(&self, steps: &mut Steps) -> Result<Verdict, Failure> {
        self.compare(steps).map_err(Failure::Internal)
    }

    fn compare(&self, steps: &mut Steps) -> Result<Verdict, String> {
        let settings = self.ready.settings();
        let callback = self.app.callback_url(self.connection.id);
        let also_acs = further(&settings.alternative_acs_url);
        let also_audience = further(&settings.alternative_audience_uri);
        let empty = |_| "a stored expectation is empty".to_owned();
        let expectations = Expectations {
            idp_entity_id: Expected::exactly(&settings.idp_entity_id).map_err(empty)?,
            keys: &self.app.saml_certificates.keys(&self.ready)?,
            acs_urls: Expected::one_of(&callback, &also_acs).map_err(empty)?,
            audiences: Expected::one_of(&callback, &also_audience).map_err(empty)?,
            exchange: match self.solicitation {
                Solicitation::Solicited(id) => {
                    Exchange::Solicited { request_id: Expected::exactly(id.as_str()).map_err(empty)? }
                }
                Solicitation::Unsolicited { .. } => Exchange::Unsolicited,
            },
            decryption: &keys::decryption(settings, self.xml)?,
            legacy: LegacyPolicy {
                sha1: settings.legacy.allows_sha1(self.now),
                inclusive_c14n: settings.legacy.allows_inclusive_c14n(self.now),
            },
            skew_millis: DEFAULT_SKEW_MILLIS,
        };
        Ok(judge(self.xml, &expectations, UnixMillis(self.now.millis()), &mut Checks(steps)))
    }

    /// The refusal as the browser sees it. What a witness heard of an encrypted assertion stays in the trace,
    /// which only those read who run the connection.
    fn refused(&self, refusal: &ResponseRefusal, steps: &mut Steps) -> Refusal {
        steps.show(refusal.check().name(), refusal);
        let has_relay_state = match self.solicitation {
            Solicitation::Solicited(_) => true,
            Solicitation::Unsolicited { has_relay_state } => *has_relay_state,
        };
        self.refusal(meaning(refusal, has_relay_state), &sentence(refusal))
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
        let weak = [signed.response(), signed.assertion()].into_iter().flatten();
        for signature in weak.filter(|signature| signature.algorithm.is_legacy()) {
            tracing::warn!(connection = %self.connection.id, algorithm = %signature.algorithm, "a weak signature \
                was accepted, as the connection's legacy switch allows");
            steps.passed("legacy", format!("{}, which a legacy switch allows for now", signature.algorithm));
        }
    }

    fn proof(&self, assertion: &AcceptedAssertion, steps: &mut Steps) -> Result<Proof, Failure> {
        self.tell_legacy(assertion, steps);
        Ok(Proof {
            identity: self.identity(assertion, steps)?,
            message: Some(SingleUse {
                // Hashed, because a provider may make its ids as long as it likes.
                id: TokenHash::of(assertion.assertion_id().as_bytes()).as_str().to_owned(),
                until: time(assertion.replay_until()),
            }),
            valid_until: assertion.session_not_on_or_after().map(time),
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
        let name_id = name_id.map(|name| SamlNameId { value: name.value(), format: name.format_uri() });
        let claims = SamlClaims { name_id, attributes: &attributes };
        let mapping = self.ready.settings().mapping(self.connection.identity_provider);
        let person = mapping.evaluate(&claims).map_err(|refusal| {
            steps.failed("attribute_mapping", "", "a subject that stays the same, and an e-mail address");
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
        Ok(Identity {
            connection_id: self.connection.id,
            subject: person.subject,
            email: Some(person.email),
            email_trust: EmailTrust::Unstated,
            name: person.name,
            attributes: person.attributes,
            groups: person.groups,
            trusted_metadata: person.trusted_metadata,
        })
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
