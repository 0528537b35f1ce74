//! The browser leg: the page that asks who to be, and the way back to the client.

use std::sync::{Arc, PoisonError};

use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Form, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use url::Url;

use crate::grants::Grant;
use crate::page::Chooser;
use crate::token::{Said, id_token};
use crate::{Fault, Inner, User, page};

/// How long a code holds, in seconds.
const CODE_LIFETIME: i64 = 60;

/// What the client asks for; the page carries it along in hidden fields.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Request {
    pub(crate) client_id: Option<String>,
    pub(crate) redirect_uri: Option<String>,
    pub(crate) response_type: Option<String>,
    pub(crate) response_mode: Option<String>,
    pub(crate) scope: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) code_challenge: Option<String>,
    pub(crate) code_challenge_method: Option<String>,
    pub(crate) login_hint: Option<String>,
    pub(crate) fault: Option<String>,
    auto: Option<String>,
    /// Which person was pressed on the page; only the page sends it.
    user: Option<String>,
    /// The address typed on the page; only the page sends it.
    email: Option<String>,
}

impl Request {
    /// The fields that the page sends back unchanged.
    pub(crate) fn carried(&self) -> [(&'static str, Option<&str>); 9] {
        [
            ("client_id", self.client_id.as_deref()),
            ("redirect_uri", self.redirect_uri.as_deref()),
            ("response_type", self.response_type.as_deref()),
            ("response_mode", self.response_mode.as_deref()),
            ("scope", self.scope.as_deref()),
            ("state", self.state.as_deref()),
            ("nonce", self.nonce.as_deref()),
            ("code_challenge", self.code_challenge.as_deref()),
            ("code_challenge_method", self.code_challenge_method.as_deref()),
        ]
    }

    fn fault(&self) -> Option<Fault> {
        self.fault.as_deref().and_then(Fault::from_name)
    }
}

/// `GET /authorize`: the page, or straight back for a listed person when that is switched on and asked for.
pub(crate) async fn show(
    State(idp): State<Arc<Inner>>,
    query: Result<Query<Request>, QueryRejection>,
) -> Response {
    let Ok(Query(request)) = query else {
        return page::refusal(StatusCode::BAD_REQUEST, "The sign-in request has a parameter twice.");
    };
    let way = match Way::parse(&idp, &request) {
        Ok(way) => way,
        Err(response) => return *response,
    };
    let hint = request.login_hint.as_deref().unwrap_or_default();
    if idp.config.auto_approve
        && request.auto.as_deref() == Some("1")
        && let Some(user) = idp.listed(hint)
    {
        return finish(&idp, &request, &way, user);
    }
    choose(&idp, &request, hint)
}

fn choose(idp: &Inner, request: &Request, hint: &str) -> Response {
    let fields = request.carried();
    let hidden: String =
        fields.into_iter().filter_map(|(name, value)| Some(page::hidden(name, value?))).collect();
    let faults: Vec<_> = Fault::ALL.iter().map(|fault| (fault.name(), fault.label())).collect();
    page::people(
        &idp.config,
        &Chooser {
            action: format!("{}/login", idp.config.issuer),
            fields: &hidden,
            hint,
            excuse: "A careful relying party refuses each of these and says why. “Newcomers only”: whoever signed in before is \
                     known by subject, and gets in. So does everybody with “no fault”.",
            faults: page::options(&faults, request.fault.as_deref()),
            shape: String::new(),
            is_bent: request.fault.is_some(),
        },
    )
}

/// `POST /login`: somebody was chosen.
pub(crate) async fn submit(
    State(idp): State<Arc<Inner>>,
    form: Result<Form<Request>, FormRejection>,
) -> Response {
    let Ok(Form(request)) = form else {
        return page::refusal(StatusCode::BAD_REQUEST, "The form could not be read.");
    };
    let way = match Way::parse(&idp, &request) {
        Ok(way) => way,
        Err(response) => return *response,
    };
    match idp.chosen(request.user.as_deref(), request.email.as_deref()) {
        Some(user) => finish(&idp, &request, &way, &user),
        None => page::refusal(StatusCode::BAD_REQUEST, page::CHOOSE),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Code,
    IdToken,
}

/// A checked request: where the answer goes and in which form.
struct Way {
    to: Url,
    kind: Kind,
    form_post: bool,
    state: Option<String>,
}

impl Way {
    /// Refuses with a page while the client and its redirect URI are in doubt, with a redirect afterwards.
    fn parse(idp: &Inner, request: &Request) -> Result<Self, Box<Response>> {
        if request.client_id.as_deref() != Some(idp.config.client_id.as_str()) {
            return Err(refused("This provider does not know the client_id."));
        }
        let asked = request.redirect_uri.as_deref().unwrap_or_default();
        let to = Url::parse(asked).ok().filter(|_| asked.starts_with(&idp.config.redirect_prefix));
        let Some(to) = to else {
            return Err(refused("The redirect_uri is not one of this client's."));
        };
        let form_post = request.response_mode.as_deref() == Some("form_post");
        let state = request.state.clone();
        let mut way = Self { to, kind: Kind::Code, form_post, state };
        match request.response_type.as_deref() {
            Some("code") => {}
            Some("id_token") => way.kind = Kind::IdToken,
            _ => return Err(way.error("unsupported_response_type", "code or id_token is expected")),
        }
        way.check(request)?;
        Ok(way)
    }

    fn check(&self, request: &Request) -> Result<(), Box<Response>> {
        let scope = request.scope.as_deref().unwrap_or_default();
        if !scope.split(' ').any(|word| word == "openid") {
            return Err(self.error("invalid_scope", "the scope openid is missing"));
        }
        if !matches!(request.response_mode.as_deref(), None | Some("query" | "form_post")) {
            return Err(self.error("invalid_request", "response_mode must be query or form_post"));
        }
        if self.kind == Kind::IdToken && !self.form_post {
            return Err(self.error("invalid_request", "an id token is answered by form_post only"));
        }
        if self.kind == Kind::IdToken && request.nonce.is_none() {
            return Err(self.error("invalid_request", "an id token needs a nonce"));
        }
        let method = request.code_challenge_method.as_deref();
        if request.code_challenge.is_some() && !matches!(method, Some("S256" | "plain")) {
            return Err(self.error("invalid_request", "code_challenge_method must be S256 or plain"));
        }
        Ok(())
    }

    fn error(&self, code: &str, description: &str) -> Box<Response> {
        Box::new(self.answer(vec![("error", code.to_owned()), ("error_description", description.to_owned())]))
    }

    /// Sends the browser back with these fields and the state.
    fn answer(&self, mut fields: Vec<(&'static str, String)>) -> Response {
        if let Some(state) = &self.state {
            fields.push(("state", state.clone()));
        }
        if self.form_post {
            return page::form_post(self.to.as_str(), &fields);
        }
        let mut to = self.to.clone();
        to.query_pairs_mut().extend_pairs(fields);
        (StatusCode::FOUND, [(header::LOCATION, to.as_str()), (header::CACHE_CONTROL, "no-store")])
            .into_response()
    }
}

fn refused(why: &str) -> Box<Response> {
    Box::new(page::refusal(StatusCode::BAD_REQUEST, why))
}

fn finish(idp: &Inner, request: &Request, way: &Way, user: &User) -> Response {
    let fault = request.fault().or_else(|| idp.take_armed());
    if fault == Some(Fault::AccessDenied) {
        return *way.error("access_denied", "the person declined");
    }
    let state = match fault {
        Some(Fault::ForeignState) => Some(idp.nonce()),
        _ => way.state.clone(),
    };
    let way = Way { to: way.to.clone(), state, ..*way };
    match way.kind {
        Kind::Code => way.answer(vec![("code", code(idp, request, user, fault))]),
        Kind::IdToken => straight(idp, request, &way, user, fault),
    }
}

fn code(idp: &Inner, request: &Request, user: &User, fault: Option<Fault>) -> String {
    let secret = idp.nonce();
    let grant = Grant {
        user: user.clone(),
        fault,
        redirect_uri: request.redirect_uri.clone().unwrap_or_default(),
        nonce: request.nonce.clone(),
        challenge: request.code_challenge.clone(),
        is_plain: request.code_challenge_method.as_deref() == Some("plain"),
        expires_at: idp.now() + CODE_LIFETIME,
    };
    idp.codes.lock().unwrap_or_else(PoisonError::into_inner).insert(secret.clone(), grant);
    secret
}

fn straight(idp: &Inner, request: &Request, way: &Way, user: &User, fault: Option<Fault>) -> Response {
    let said = Said { nonce: request.nonce.as_deref(), access_token: None, now: idp.now() };
    let token =
        idp.signer().and_then(|signer| id_token(&idp.config, signer, user, fault, &said, &idp.whims()));
    match token {
        Ok(token) => way.answer(vec![("id_token", token)]),
        Err(error) => page::refusal(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}
