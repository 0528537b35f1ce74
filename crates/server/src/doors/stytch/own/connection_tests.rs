//! Tests of connections that somebody prepares and is told of (`docs/compatibility.md`, ADR 52).
//!
//! `POST /v1/vestibule/connections/{connection_id}/tests` gives the address that begins one, `GET` of it what came of it, and
//! `GET /v1/public/sso/tests/{token}` begins it in a browser.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use vestibule_domain::connection::ProviderLabel;
use vestibule_domain::connection_test::{ConnectionTest, Person, Verdict, Would};
use vestibule_domain::id::{ConnectionId, ConnectionTestId};
use vestibule_domain::login::Purpose;
use vestibule_domain::rbac::Entry;
use vestibule_domain::refusal::{Refusal, Thing, What};
use vestibule_domain::secret::Token;
use vestibule_domain::time::Time;
use vestibule_domain::trace::TraceStep;

use crate::doors::stytch::caller::Caller;
use crate::doors::stytch::redirect::to_provider;
use crate::doors::stytch::{Answer, Stytch, kind, message, ok};
use crate::engine::start::{ProviderHints, begin};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Params, Path};
use crate::operations::connection_tests;
use crate::operations::remedies;
use crate::world::App;

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    let all = "/v1/vestibule/connections/{connection_id}/tests";
    Endpoints::new()
        .post(all, Needs::ProjectAlone, prepare)
        .get(&format!("{all}/{{test_id}}"), Needs::ProjectAlone, get)
        .visit("/v1/public/sso/tests/{test_token}", Needs::Nothing, "GET", start)
}

/// The organization of a connection of the project, entered by the project alone.
async fn entered(app: &App, caller: &Caller, connection: &str) -> Result<(ConnectionId, Entry), Failure> {
    let unknown = || Failure::from(What::NotFound(Thing::Connection));
    let id: ConnectionId = connection.parse().map_err(|_| unknown())?;
    let found = app.store.connection(&app.vault, caller.project.id, id).await?.ok_or_else(unknown)?;
    Ok((id, caller.enter(app, &found.organization_id.to_string()).await?))
}

/// The only answer that ever shows the address.
#[derive(Serialize)]
struct PreparedOut {
    connection_test: TestOut,
    url: String,
}

async fn prepare(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Path(connection): Path<String>,
) -> Answer<PreparedOut> {
    caller.project_grant::<()>()?;
    let (id, entry) = entered(&app, &caller, &connection).await?;
    let grant = entry.grant()?;
    let (test, token) = connection_tests::prepare(&app, &ctx, &grant, id, String::new()).await?;
    let found = Found { test, checks: Vec::new(), is_out_of_date: false, provider: ProviderLabel::Generic };
    ok(&ctx, PreparedOut { connection_test: TestOut::of(found, ctx.now), url: app.test_url(token.expose()) })
}

#[derive(Deserialize)]
struct TestPath {
    connection_id: String,
    test_id: String,
}

#[derive(Serialize)]
struct OneOut {
    connection_test: TestOut,
}

async fn get(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Path(path): Path<TestPath>,
) -> Answer<OneOut> {
    caller.project_grant::<()>()?;
    let (connection, entry) = entered(&app, &caller, &path.connection_id).await?;
    let test: ConnectionTestId =
        path.test_id.parse().map_err(|_| Failure::from(What::NotFound(Thing::ConnectionTest)))?;
    let (test, connection) = connection_tests::get(&app, &entry.grant()?, (connection, test)).await?;
    let checks = connection_tests::checks(&app, connection.project_id, &test).await?;
    let is_out_of_date = test.is_out_of_date(&connection);
    let found = Found { test, checks, is_out_of_date, provider: connection.identity_provider };
    ok(&ctx, OneOut { connection_test: TestOut::of(found, ctx.now) })
}

struct Found {
    test: ConnectionTest,
    checks: Vec<TraceStep>,
    is_out_of_date: bool,
    provider: ProviderLabel,
}

#[derive(Serialize)]
struct TestOut {
    test_id: String,
    connection_id: String,
    status: &'static str,
    created_at: String,
    expires_at: String,
    started_at: Option<String>,
    finished_at: Option<String>,
    /// The connection is set otherwise since.
    out_of_date: bool,
    trace_id: Option<String>,
    checks: Vec<CheckOut>,
    identity: Option<IdentityOut>,
    would: Option<&'static str>,
    error_type: Option<&'static str>,
    error_message: Option<String>,
    remedy: Option<RemedyOut>,
}

#[derive(Serialize)]
struct CheckOut {
    check: String,
    passed: bool,
    found: String,
    expected: String,
}

#[derive(Serialize)]
struct IdentityOut {
    email_address: String,
    external_id: String,
    name: String,
    groups: Vec<String>,
    roles: Vec<String>,
    attributes: Map<String, Value>,
}

/// What is to be changed, and what it is called there.
#[derive(Serialize)]
struct RemedyOut {
    cure: &'static str,
    changed_by: &'static str,
    setting: Option<String>,
}

impl TestOut {
    fn of(found: Found, now: Time) -> Self {
        let Found { test, checks, is_out_of_date, provider } = found;
        let status = test.status(now).as_str();
        let (mut person, mut refusal) = (None, None);
        let ended =
            test.outcome.as_ref().map(|outcome| (outcome.at.to_string(), outcome.trace_id.to_string()));
        match test.outcome.as_ref().map(|outcome| outcome.verdict.clone()) {
            Some(Verdict::Passed { person: found }) => person = Some(*found),
            Some(Verdict::Failed { refusal: found }) => refusal = Some(*found),
            None => {}
        }
        let (finished_at, trace_id) = ended.unzip();
        Self {
            test_id: test.id.to_string(),
            connection_id: test.connection_id.to_string(),
            status,
            created_at: test.created_at.to_string(),
            expires_at: test.expires_at().to_string(),
            started_at: test.started_at.map(|at| at.to_string()),
            finished_at,
            out_of_date: is_out_of_date,
            trace_id,
            checks: checks.into_iter().map(CheckOut::from).collect(),
            would: person.as_ref().and_then(|person| person.would).map(Would::as_str),
            identity: person.map(IdentityOut::from),
            error_type: refusal.as_ref().map(|refusal| kind(refusal.what).name()),
            error_message: refusal.as_ref().map(|refusal| message(kind(refusal.what), refusal)),
            remedy: refusal.as_ref().map(|refusal| RemedyOut::of(refusal, &test, provider)),
        }
    }
}

impl RemedyOut {
    fn of(refusal: &Refusal, test: &ConnectionTest, provider: ProviderLabel) -> Self {
        let remedy = remedies::of(refusal.what, provider, test.connection_id.kind());
        Self {
            cure: remedy.cure.as_str(),
            changed_by: remedy.whose.as_str(),
            setting: remedy.called.map(str::to_owned),
        }
    }
}

impl From<TraceStep> for CheckOut {
    fn from(step: TraceStep) -> Self {
        Self { check: step.check, passed: step.passed, found: step.found, expected: step.expected }
    }
}

impl From<Person> for IdentityOut {
    fn from(person: Person) -> Self {
        Self {
            email_address: person.email,
            external_id: person.subject,
            name: person.name,
            groups: person.groups,
            roles: person.roles,
            attributes: person.attributes,
        }
    }
}

#[derive(Deserialize)]
struct StartParams {
    login_hint: Option<String>,
}

/// Whoever has the address begins the test, once. What came of it is told to whoever prepared it.
async fn start(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    headers: HeaderMap,
    Path(token): Path<String>,
    Params(params): Params<StartParams>,
) -> Result<Response, Failure> {
    app.limits.check_browser(ctx.ip)?;
    let (test, way) = connection_tests::begin(&app, &ctx, &Token::presented(&token)).await?;
    let hints = ProviderHints { login_hint: params.login_hint, ..ProviderHints::default() };
    let purpose = Purpose::PreparedTest { test_id: test.id };
    let started = begin(&app, &ctx, way.as_route(), purpose, &hints).await?;
    Ok(to_provider(&app, &ctx, &headers, &started))
}
