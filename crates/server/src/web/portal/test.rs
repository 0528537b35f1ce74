//! Testing a connection, and what came of it: what was checked, who would have signed in, and what is to be changed where, in the
//! words of the provider's console (ADR 52).

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use vestibule_domain::connection::Protocol;
use vestibule_domain::connection_test::{ConnectionTest, Person, TestStatus, Verdict, Would};
use vestibule_domain::rbac::asks::ChangeConnection;
use vestibule_domain::setup_link::{Intent, Step};
use vestibule_domain::trace::TraceStep;

use super::enter::{Shown, Visit, foreign};
use super::our_values;
use super::outcome::{Checking, Told};
use super::problem::Problem;
use super::steps::Page;
use super::subject::{Around, Subject, answer};
use crate::http::ctx::Ctx;
use crate::http::input::Path;
use crate::operations::connection_tests;
use crate::operations::setup_links::held;
use crate::web::csrf;
use crate::web::page::{Frame, see};
use crate::web::words::{Piece, sentence};
use crate::world::App;
use crate::world::provider_guides::{Message, Ours, Setting};

#[derive(Template)]
#[template(path = "setup/test.html")]
struct TestPage {
    frame: Frame,
    around: Around,
    /// What tells a script that something has come of it: how far it is, and which test it is.
    state: &'static str,
    test: String,
    lead: Vec<Piece>,
    missing: Vec<Piece>,
    /// Where it begins; `""` where it cannot.
    begin: String,
    again: bool,
    waits: bool,
    said: Vec<Piece>,
    is_good: bool,
    is_bad: bool,
    outdated: &'static str,
    /// What the provider shows itself, where no answer came.
    shown_there: Option<ShownThere>,
    remedy: Option<Told>,
    person: Option<PersonShown>,
    checks: Vec<Checking>,
    /// Whether the checks are shown at once.
    unfolded: bool,
}

/// What a provider shows of a mistake that it does not let pass: the address to come back to, and its usual errors.
struct ShownThere {
    is_open: bool,
    ask: Vec<Piece>,
    called: Vec<Piece>,
    value: String,
    usual: Vec<(&'static str, &'static str)>,
}

/// Who would have signed in.
struct PersonShown {
    would: &'static str,
    email: String,
    name: String,
    subject: String,
    roles: String,
    groups: String,
    attributes: Vec<(String, String)>,
}

/// The page. A test that has passed since is noted, whoever made it.
pub(super) async fn look(subject: &Subject) -> Shown {
    let now = subject.visit.ctx.now;
    let test = subject.test.as_ref();
    if let Some(test) = test.filter(|test| test.proves(&subject.connection, now)) {
        note_passed(subject, test).await?;
    }
    let checks = match test {
        Some(test) => connection_tests::checks(&subject.visit.app, test.project_id, test).await?,
        None => Vec::new(),
    };
    Ok(answer(false, page(subject, test, checks).render()))
}

async fn note_passed(subject: &Subject, test: &ConnectionTest) -> Result<(), super::enter::Stop> {
    let (visit, link) = (&subject.visit, &subject.visit.holder.link);
    if link.has_done(Step::TestPassed, test.connection_id) {
        return Ok(());
    }
    Ok(held::note(&visit.app, &visit.ctx, link, Step::TestPassed, Some(test.connection_id)).await?)
}

fn page(subject: &Subject, test: Option<&ConnectionTest>, checks: Vec<TraceStep>) -> TestPage {
    let (words, now, provider) = (subject.words(), subject.visit.ctx.now, subject.provider.name.as_str());
    let missing = subject.connection.missing();
    let status = test.map(|test| test.status(now));
    let verdict = test.and_then(|test| test.outcome.as_ref()).map(|outcome| &outcome.verdict);
    let is_silent = test.is_some_and(|test| test.is_silent(now));
    let said = match (status, verdict) {
        (_, Some(Verdict::Passed { person })) => sentence(words.test_passed, &[("email", &person.email)]),
        (_, Some(Verdict::Failed { .. })) => sentence(words.test_failed, &[]),
        _ if is_silent => sentence(words.test_silent, &[("provider", provider)]),
        (Some(TestStatus::Running), _) => sentence(words.test_running, &[]),
        (Some(TestStatus::Expired), _) => sentence(words.test_expired, &[]),
        _ => sentence(words.test_never, &[]),
    };
    let remedy = match verdict {
        Some(Verdict::Failed { refusal }) => {
            Some(Told::of(&subject.visit, Some(subject.known()), refusal, &checks))
        }
        _ => None,
    };
    TestPage {
        frame: subject.visit.frame(),
        around: subject.around(Page::Test, Problem::default()),
        state: status.map_or("none", TestStatus::as_str),
        test: test.map(|test| test.id.to_string()).unwrap_or_default(),
        lead: sentence(words.test_sentence, &[("provider", provider)]),
        missing: if missing.is_empty() {
            Vec::new()
        } else {
            sentence(words.missing, &[("missing", &missing.join(", "))])
        },
        begin: if missing.is_empty() { format!("{}/begin", subject.path(Page::Test)) } else { String::new() },
        again: test.is_some(),
        waits: matches!(status, Some(TestStatus::Waiting | TestStatus::Running)),
        said,
        is_good: matches!(verdict, Some(Verdict::Passed { .. })),
        is_bad: matches!(verdict, Some(Verdict::Failed { .. })),
        outdated: match test {
            Some(test) if test.outcome.is_some() && test.is_out_of_date(&subject.connection) => {
                words.test_outdated
            }
            _ => "",
        },
        shown_there: matches!(status, Some(TestStatus::Running | TestStatus::Expired))
            .then(|| shown_there(subject, is_silent)),
        remedy,
        person: match verdict {
            Some(Verdict::Passed { person }) => Some(shown(subject, person)),
            _ => None,
        },
        checks: checks.into_iter().map(|step| Checking::of(subject.visit.upkeep(), step)).collect(),
        unfolded: false,
    }
}

/// What helps where no answer came: the provider has said itself what is wrong, and most often it does not know where to send people.
fn shown_there(subject: &Subject, is_open: bool) -> ShownThere {
    let words = subject.words();
    let (ours, setting) = match &subject.connection.protocol {
        Protocol::Oidc(_) => (Ours::RedirectUrl, Setting::RedirectUrl),
        Protocol::Saml(_) | Protocol::External(_) => (Ours::AcsUrl, Setting::AcsUrl),
    };
    let usual = |message: &'static Message| (message.shown.as_str(), (words.cause)(message.cause));
    ShownThere {
        is_open,
        ask: sentence(words.shown_there, &[("provider", &subject.provider.name)]),
        called: subject
            .guide
            .called(setting)
            .map_or_else(Vec::new, |label| sentence(words.address_called, &[("label", label)])),
        value: our_values::of(&subject.visit.app, &subject.connection, ours),
        usual: subject.guide.messages.iter().map(usual).collect(),
    }
}

fn shown(subject: &Subject, person: &Person) -> PersonShown {
    let words = subject.words();
    let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    PersonShown {
        would: match person.would {
            Some(Would::SignIn) => words.would_sign_in,
            Some(Would::Link) => words.would_link,
            Some(Would::Create) | None => words.would_create,
        },
        email: person.email.clone(),
        name: person.name.clone(),
        subject: person.subject.clone(),
        roles: person.roles.join(", "),
        groups: person.groups.join(", "),
        attributes: person.attributes.iter().map(|(name, value)| (name.clone(), text(value))).collect(),
    }
}

/// Begins a test in the tab that the link has opened. What no page of ours has asked for begins none.
pub(super) async fn begin(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    headers: HeaderMap,
    Path((handle, id)): Path<(String, String)>,
) -> Shown {
    csrf::check_origin(&app, &headers).map_err(|_| foreign(&ctx))?;
    let visit = Visit::enter(app, ctx, &headers, (handle, Some(Intent::Sso))).await?;
    let subject = Subject::of(visit, &id).await?;
    let grant = subject.visit.holder.grant::<ChangeConnection>()?;
    // The path of a framed page has the secret in it, which is kept nowhere; its page looks for the result by itself.
    let is_embedded = subject.visit.holder.link.terms.is_embedded();
    let return_to = if is_embedded { String::new() } else { subject.path(Page::Test) };
    let (app, ctx) = (&subject.visit.app, &subject.visit.ctx);
    let (_, token) = connection_tests::prepare(app, ctx, &grant, subject.connection.id, return_to).await?;
    let url = app.test_url(token.expose());
    let path = url.strip_prefix(&app.base_url).unwrap_or(&url);
    let mut answer = see(path);
    *answer.status_mut() = StatusCode::FOUND;
    Ok(answer)
}
