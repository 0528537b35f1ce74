//! `vestibule saml verify`: one response, every check, and who it would sign in.

use serde_json::{Value, json};
use vestibule_domain::time::Time;
use vestibule_refusal::Refusal as _;
use vestibule_saml::UnixMillis;
use vestibule_saml::algorithm::LegacyPolicy;
use vestibule_saml::binding::{ResponseInput, read_response};
use vestibule_saml::key::{Certificate, DecryptionKeys, VerificationKeys};
use vestibule_saml::response::{
    AcceptedAssertion, Account, Check, DEFAULT_SKEW_MILLIS, Exchange, Expectations, Expected, Outcome,
    ResponseRefusal, judge,
};

use super::shown::{certificate, certificate_json, plain};
use super::{Unusable, VerifyArgs, identity, input};
use crate::cli::out;
use crate::operations::connections::idp_metadata::{offered, warnings};

/// Whose responses are accepted.
struct Provider {
    entity_id: String,
    certificates: Vec<Certificate>,
    /// What people should know about where this comes from.
    remarks: Vec<String>,
}

/// One judgement, ready to be shown.
struct Report {
    response: ResponseInput,
    provider: Provider,
    now: UnixMillis,
    account: Account,
    verdict: Result<AcceptedAssertion, ResponseRefusal>,
}

/// Reads, judges and reports; answers whether the response was accepted.
pub(super) fn run(arguments: &VerifyArgs, now: Time) -> Result<bool, Unusable> {
    let now = arguments.now.unwrap_or(UnixMillis(now.millis()));
    let report = examine(arguments, now)?;
    if arguments.json {
        out::answer(report.as_json());
    } else {
        report.lines().into_iter().for_each(out::answer);
    }
    Ok(report.verdict.is_ok())
}

fn examine(arguments: &VerifyArgs, now: UnixMillis) -> Result<Report, Unusable> {
    let provider = provider(arguments, now)?;
    let keys = VerificationKeys::from_certificates(&provider.certificates).map_err(Unusable::new)?;
    let private = input::private_keys(&arguments.decryption_keys)?;
    let decryption = DecryptionKeys::new(&private).map_err(Unusable::new)?;
    let response = read_response(&input::bytes(&arguments.response)?).map_err(Unusable::new)?;
    let (acs_urls, audiences) = (borrowed(&arguments.acs_urls), borrowed(&arguments.audiences));
    let expectations = Expectations {
        idp_entity_id: exactly("--idp-entity-id", &provider.entity_id)?,
        keys: &keys,
        acs_urls: one_of("--acs-url", &acs_urls)?,
        audiences: one_of("--audience", &audiences)?,
        exchange: match &arguments.request_id {
            Some(id) => Exchange::Solicited { request_id: exactly("--request-id", id)? },
            None => match &arguments.unsolicited_in_response_to {
                Some(id) => {
                    Exchange::UnsolicitedWith { constant: exactly("--unsolicited-in-response-to", id)? }
                }
                None => Exchange::Unsolicited,
            },
        },
        decryption: &decryption,
        legacy: LegacyPolicy { sha1: arguments.legacy_sha1, inclusive_c14n: arguments.legacy_inclusive_c14n },
        skew_millis: DEFAULT_SKEW_MILLIS,
    };
    let mut account = Account::default();
    let verdict = judge(&response.xml, &expectations, now, &mut account);
    Ok(Report { response, provider, now, account, verdict })
}

/// The provider from its metadata, or from certificates and a name.
fn provider(arguments: &VerifyArgs, now: UnixMillis) -> Result<Provider, Unusable> {
    let Some(path) = &arguments.metadata else {
        let certificates = input::certificates(&arguments.certificates)?;
        let entity_id = arguments.idp_entity_id.clone().unwrap_or_default();
        return Ok(Provider { entity_id, certificates, remarks: Vec::new() });
    };
    let found = offered(&input::bytes(path)?, arguments.idp_entity_id.as_deref(), now)
        .map_err(|refusal| Unusable::new(format_args!("{}: {refusal}", path.display())))?;
    let remarks = warnings(&found, now);
    Ok(Provider { entity_id: found.entity_id, certificates: found.signing_certificates, remarks })
}

fn borrowed(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

fn exactly<'a>(name: &str, text: &'a str) -> Result<Expected<'a>, Unusable> {
    Expected::exactly(text).map_err(|error| Unusable::new(format_args!("{name}: {error}")))
}

fn one_of<'a>(name: &str, texts: &'a [&'a str]) -> Result<Expected<'a>, Unusable> {
    let (first, others) = texts.split_first().map_or(("", [].as_slice()), |(first, others)| (*first, others));
    Expected::one_of(first, others).map_err(|error| Unusable::new(format_args!("{name}: {error}")))
}

impl Report {
    fn lines(&self) -> Vec<String> {
        let mut lines = self.heading();
        lines.push(String::new());
        lines.extend(self.account.checks().flat_map(|(check, outcome)| check_lines(check, outcome)));
        lines.push(String::new());
        match &self.verdict {
            Ok(accepted) => lines.extend(identity::lines(accepted, &self.provider.certificates)),
            Err(refusal) => lines.push(format!("REFUSED ({}): {refusal}", refusal.code())),
        }
        lines.extend(self.hint());
        lines
    }

    fn heading(&self) -> Vec<String> {
        let relay_state = match self.response.relay_state.as_deref() {
            Some(state) => format!(", RelayState {}", plain(state)),
            None => String::new(),
        };
        let mut lines = vec![
            format!("response     {}, {} bytes{relay_state}", self.response.form, self.response.xml.len()),
            format!("judged at    {}", self.now),
            format!("provider     {}", plain(&self.provider.entity_id)),
        ];
        let certificates = self.provider.certificates.iter().flat_map(|one| certificate(one, self.now));
        lines.extend(certificates.map(|line| format!("             {line}")));
        lines.extend(self.provider.remarks.iter().map(|remark| format!("WARNING      {remark}")));
        lines
    }

    /// What would let the judgement go on, when what is missing is something that the caller may know.
    fn hint(&self) -> Option<String> {
        let (Check::ResponseInResponseTo | Check::ConfirmationInResponseTo, Outcome::Failed { found, .. }) =
            self.account.failure()?
        else {
            return None;
        };
        let found = found.as_deref().unwrap_or("the ID");
        Some(format!(
            "\nThe ID of the request decides whether a response was asked for. To judge this one as the answer to the \
             request\nthat it names, give --request-id {found}; to judge it as one that nobody asked for, give none. If the provider \
             writes the same\nInResponseTo whenever nobody asked, give --unsolicited-in-response-to {found}, as a connection with \
             idp_initiated_in_response_to does."
        ))
    }

    fn as_json(&self) -> Value {
        let refusal = self.verdict.as_ref().err();
        json!({
            "verdict": if refusal.is_none() { "accepted" } else { "refused" },
            "judged_at": self.now.to_string(),
            "response": {
                "form": self.response.form.to_string(),
                "bytes": self.response.xml.len(),
                "relay_state": self.response.relay_state,
            },
            "provider": {
                "entity_id": self.provider.entity_id,
                "certificates": self.provider.certificates.iter().map(certificate_json).collect::<Vec<_>>(),
                "warnings": self.provider.remarks,
            },
            "checks": self.account.checks().map(|(check, outcome)| check_json(check, outcome)).collect::<Vec<_>>(),
            "refusal": refusal.map(|refusal| json!({
                "code": refusal.code(),
                "message": refusal.to_string(),
                "found": refusal.found(),
                "expected": refusal.expected(),
            })),
            "identity": self.verdict.as_ref().ok().map(|accepted| {
                identity::as_json(accepted, &self.provider.certificates)
            }),
        })
    }
}

fn check_lines(check: Check, outcome: &Outcome) -> Vec<String> {
    let line = |word: &str, text: &str| format!("{word:<12} {:<27} {text}", check.name());
    match outcome {
        Outcome::Passed { found } => vec![line("passed", &plain(found))],
        Outcome::Skipped { reason } => vec![line("skipped", reason)],
        Outcome::NotReached => vec![line("not reached", check.describe())],
        Outcome::Failed { found, expected, .. } => {
            let mut lines = vec![line("FAILED", check.describe())];
            let sides = [("found", found), ("expected", expected)];
            let sides = sides.into_iter().filter_map(|(name, side)| Some((name, side.as_deref()?)));
            lines.extend(sides.map(|(name, side)| format!("             {name:<27} {side}")));
            lines
        }
    }
}

fn check_json(check: Check, outcome: &Outcome) -> Value {
    let (word, found, expected, reason) = match outcome {
        Outcome::Passed { found } => ("passed", Some(found.as_str()), None, None),
        Outcome::Skipped { reason } => ("skipped", None, None, Some(*reason)),
        Outcome::Failed { found, expected, .. } => ("failed", found.as_deref(), expected.as_deref(), None),
        Outcome::NotReached => ("not_reached", None, None, None),
    };
    json!({
        "name": check.name(),
        "description": check.describe(),
        "outcome": word,
        "found": found,
        "expected": expected,
        "reason": reason,
    })
}
