//! `vestibule saml verify`: one response, every check, and who it would sign in.

use serde_json::{Value, json};
use vestibule_domain::connection::{Connection, Ready};
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

use super::apart::{Apart, good_at, judged_apart};
use super::shown::{certificate, certificate_json, plain};
use super::{Unusable, VerifyArgs, identity, input};
use crate::cli::known::unknown_connection;
use crate::cli::open::{open, open_vault};
use crate::cli::{CliError, ConfigArgs, Tools, out};
use crate::operations::connections::idp_metadata::{offered, warnings};
use crate::world::config::{StoreConfig, base_url};
use crate::world::known_decryption_keys::KnownDecryptionKeys;

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
    apart: Option<Apart>,
}

/// Everything that a response is judged by.
struct Case {
    provider: Provider,
    keys: VerificationKeys,
    acs_urls: Vec<String>,
    audiences: Vec<String>,
    /// What the provider writes where it answers nothing.
    constant: Option<String>,
    decryption: DecryptionKeys,
    legacy: LegacyPolicy,
}

/// Reads, judges and reports; answers whether the response was accepted.
pub(super) async fn run(arguments: VerifyArgs, tools: Tools<'_>) -> Result<bool, Unusable> {
    let now = arguments.now.unwrap_or(UnixMillis(tools.now.millis()));
    let case = match &arguments.connection {
        Some(id) => stored(id, arguments.config.as_ref().clone(), now, tools).await?,
        None => given(&arguments, now)?,
    };
    let report = examine(case, &arguments, now)?;
    if arguments.json {
        out::answer(report.as_json());
    } else {
        report.lines().into_iter().for_each(out::answer);
    }
    Ok(report.verdict.is_ok())
}

fn examine(case: Case, arguments: &VerifyArgs, now: UnixMillis) -> Result<Report, Unusable> {
    let response = read_response(&input::bytes(&arguments.response)?).map_err(Unusable::new)?;
    let (acs_urls, audiences) = (borrowed(&case.acs_urls), borrowed(&case.audiences));
    let asked = arguments.request_id.as_deref();
    let mut account = Account::default();
    let expected = expectations(&case, &acs_urls, &audiences, asked)?;
    let verdict = judge(&response.xml, &expected, now, &mut account);
    let judge_on = |request_id: Option<&str>, at| {
        let expected = expectations(&case, &acs_urls, &audiences, request_id.or(asked)).ok()?;
        Some(judge(&response.xml, &expected, at, &mut Account::default()).err())
    };
    let apart = verdict.as_ref().err().and_then(|first| judged_apart(first, now, judge_on));
    Ok(Report { response, provider: case.provider, now, account, verdict, apart })
}

/// What a response is compared with, as the answer to a request or to none.
fn expectations<'a>(
    case: &'a Case,
    acs_urls: &'a [&'a str],
    audiences: &'a [&'a str],
    request_id: Option<&'a str>,
) -> Result<Expectations<'a>, Unusable> {
    Ok(Expectations {
        idp_entity_id: exactly("--idp-entity-id", &case.provider.entity_id)?,
        keys: &case.keys,
        acs_urls: one_of("--acs-url", acs_urls)?,
        audiences: one_of("--audience", audiences)?,
        exchange: match (request_id, &case.constant) {
            (Some(id), _) => Exchange::Solicited { request_id: exactly("--request-id", id)? },
            (None, Some(id)) => {
                Exchange::UnsolicitedWith { constant: exactly("--unsolicited-in-response-to", id)? }
            }
            (None, None) => Exchange::Unsolicited,
        },
        decryption: &case.decryption,
        legacy: case.legacy,
        skew_millis: DEFAULT_SKEW_MILLIS,
    })
}

/// What was given on the command line.
fn given(arguments: &VerifyArgs, now: UnixMillis) -> Result<Case, Unusable> {
    let provider = provider(arguments, now)?;
    let private = input::private_keys(&arguments.decryption_keys)?;
    Ok(Case {
        keys: VerificationKeys::from_certificates(&provider.certificates).map_err(Unusable::new)?,
        provider,
        acs_urls: arguments.acs_urls.clone(),
        audiences: arguments.audiences.clone(),
        constant: arguments.unsolicited_in_response_to.clone(),
        decryption: DecryptionKeys::new(&private).map_err(Unusable::new)?,
        legacy: LegacyPolicy { sha1: arguments.legacy_sha1, inclusive_c14n: arguments.legacy_inclusive_c14n },
    })
}

/// What a connection is set to.
async fn stored(id: &str, config: ConfigArgs, now: UnixMillis, tools: Tools<'_>) -> Result<Case, Unusable> {
    let connection = connection(id, config.clone(), tools).await?;
    let settings = config.load().map_err(Unusable::new)?;
    let base = base_url(&settings).map_err(Unusable::new)?;
    let callback = format!("{}v1/b2b/sso/callback/{}", base, connection.id);
    let ready = match connection.ready() {
        Ok(Ready::Saml(ready)) => ready,
        Ok(Ready::Oidc(_)) => return Err(Unusable::new(format_args!("{id} is no SAML connection"))),
        Err(refusal) => return Err(Unusable::new(CliError::from(refusal))),
    };
    let settings = ready.settings();
    let (first, rest) = ready.certificates();
    let pems = std::iter::once(first).chain(rest).map(|stored| Certificate::from_pem(&stored.pem));
    let certificates = pems.collect::<Result<Vec<_>, _>>().map_err(Unusable::new)?;
    let also = |further: Option<&str>| {
        std::iter::once(callback.as_str()).chain(further).map(str::to_owned).collect::<Vec<_>>()
    };
    let constant = &settings.idp_initiated_in_response_to;
    let at = Time::from_millis(now.0);
    Ok(Case {
        keys: VerificationKeys::from_certificates(&certificates).map_err(Unusable::new)?,
        acs_urls: also(settings.further_acs_url(&callback)),
        audiences: also(settings.further_audience(&callback)),
        constant: (!constant.is_empty()).then(|| constant.clone()),
        decryption: KnownDecryptionKeys::default().keys(&settings.encryption_keys).map_err(Unusable::new)?,
        legacy: LegacyPolicy {
            sha1: settings.legacy.allows_sha1(at),
            inclusive_c14n: settings.legacy.allows_inclusive_c14n(at),
        },
        provider: Provider { entity_id: settings.idp_entity_id.clone(), certificates, remarks: Vec::new() },
    })
}

async fn connection(id: &str, config: ConfigArgs, tools: Tools<'_>) -> Result<Connection, Unusable> {
    let config = config.load().and_then(|settings| StoreConfig::resolve(&settings)).map_err(Unusable::new)?;
    let store = open(&config.database).await.map_err(Unusable::new)?;
    let vault = open_vault(&store, &config, tools.entropy, tools.now).await.map_err(Unusable::new)?;
    let found = match id.parse() {
        Ok(id) => store.connection_at_callback(&vault, id).await.map_err(Unusable::new)?,
        Err(_) => None,
    };
    match found {
        Some(connection) => Ok(connection),
        None => Err(Unusable::new(unknown_connection(&store, id).await.map_err(Unusable::new)?)),
    }
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
        lines.extend(self.apart.as_ref().map(|apart| self.told_apart(apart)));
        lines
    }

    /// What is wrong with it apart from that, by one run.
    fn told_apart(&self, apart: &Apart) -> String {
        let request = apart.request_id.as_deref().map(|id| format!("as the answer to {}", plain(id)));
        let then = (apart.now != self.now).then(|| format!("as of {}", apart.now));
        let taken = [request, then].into_iter().flatten().collect::<Vec<_>>().join(" and ");
        match &apart.refusal {
            Some(refusal) => format!("\nTaken {taken}: REFUSED ({}): {refusal}", refusal.code()),
            None => format!("\nTaken {taken}, it is good."),
        }
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
        if let Some(then) = self.verdict.as_ref().err().and_then(good_at) {
            return Some(format!(
                "\nA response is good for minutes. To judge this one as of a time at which it was, give --now {then}."
            ));
        }
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
            "refusal": refusal.map(told),
            "apart_from_that": self.apart.as_ref().map(|apart| json!({
                "request_id": apart.request_id,
                "judged_at": apart.now.to_string(),
                "refusal": apart.refusal.as_ref().map(told),
            })),
            "identity": self.verdict.as_ref().ok().map(|accepted| {
                identity::as_json(accepted, &self.provider.certificates)
            }),
        })
    }
}

fn told(refusal: &ResponseRefusal) -> Value {
    json!({
        "code": refusal.code(),
        "message": refusal.to_string(),
        "found": refusal.found(),
        "expected": refusal.expected(),
    })
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
