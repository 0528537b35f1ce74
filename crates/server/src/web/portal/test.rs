//! Testing a connection, and what came of it: what was checked, who would have signed in, and what is to be changed where, in the
//! words of the provider's console (ADR 52).

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use vestibule_domain::connection_test::{ConnectionTest, Person, TestStatus, Verdict, Would};
use vestibule_domain::rbac::asks::ChangeConnection;
use vestibule_domain::refusal::{Refusal, Whose};
use vestibule_domain::setup_link::{Intent, Step};
use vestibule_domain::trace::TraceStep;

use super::enter::{Shown, Visit, foreign};
use super::problem::Problem;
use super::steps::Page;
use super::subject::{Around, Subject, answer};
use super::values;
use crate::http::ctx::Ctx;
use crate::http::input::Path;
use crate::operations::connection_tests;
use crate::operations::remedies::{self, Cure};
use crate::operations::setup_links::held;
use crate::web::csrf;
use crate::web::page::{Frame, see};
use crate::web::words::{Piece, sentence};
use crate::world::App;
use crate::world::provider_guides::Ours;

#[derive(Template)]
#[template(path = "setup/test.html")]
struct TestPage {
    frame: Frame,
    around: Around,
    /// What tells a script that something has come of it.
    state: &'static str,
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
    /// What providers show themselves, where no answer came.
    usual: Vec<(&'static str, &'static str)>,
    remedy: Option<Told>,
    person: Option<PersonShown>,
    checks: Vec<TraceStep>,
}

/// What is to be done.
struct Told {
    sentence: &'static str,
    who: Vec<Piece>,
    called: Vec<Piece>,
    /// What has to stand there.
    value: String,
    detail: String,
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
    let usual = |message: &'static crate::world::provider_guides::Message| {
        (message.shown.as_str(), (words.cause)(message.cause))
    };
    TestPage {
        frame: subject.visit.frame(),
        around: subject.around(Page::Test, Problem::default()),
        state: status.map_or("none", TestStatus::as_str),
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
        usual: if is_silent { subject.guide.messages.iter().map(usual).collect() } else { Vec::new() },
        remedy: match verdict {
            Some(Verdict::Failed { refusal }) => Some(told(subject, refusal)),
            _ => None,
        },
        person: match verdict {
            Some(Verdict::Passed { person }) => Some(shown(subject, person)),
            _ => None,
        },
        checks,
    }
}

/// What is to be done about a refusal, and by whom.
fn told(subject: &Subject, refusal: &Refusal) -> Told {
    let words = subject.words();
    let remedy = remedies::with(refusal.what, Some(subject.guide));
    let frame = subject.visit.frame();
    let names = [("provider", subject.provider.name.as_str()), ("product", frame.brand())];
    let who = match remedy.whose {
        Whose::Provider => words.who_customer,
        Whose::Vendor => words.who_vendor,
        Whose::Either => words.who_either,
        Whose::Person => words.who_nobody,
    };
    Told {
        sentence: (words.cure)(remedy.cure),
        who: sentence(who, &names),
        called: remedy
            .called
            .map_or_else(Vec::new, |label| sentence(words.setting_called, &[("label", label)])),
        value: match remedy.cure {
            Cure::SetAudience => values::of(subject, Ours::AudienceUri),
            Cure::SetAcsUrl | Cure::SendResponse => values::of(subject, Ours::AcsUrl),
            Cure::CompareClient => values::of(subject, Ours::RedirectUrl),
            _ => String::new(),
        },
        detail: refusal.detail().unwrap_or_default(),
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
    let return_to = subject.path(Page::Test);
    let (app, ctx) = (&subject.visit.app, &subject.visit.ctx);
    let (_, token) = connection_tests::prepare(app, ctx, &grant, subject.connection.id, return_to).await?;
    let url = app.test_url(token.expose());
    let path = url.strip_prefix(&app.base_url).unwrap_or(&url);
    let mut answer = see(path);
    *answer.status_mut() = StatusCode::FOUND;
    Ok(answer)
}
