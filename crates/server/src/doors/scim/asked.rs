//! A request of a directory: who asks, by the token; what, in the path, the query and the body. And its answer.

use std::marker::PhantomData;
use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::response::{IntoResponse as _, Response};
use http::header::{AUTHORIZATION, CONTENT_TYPE, ETAG, IF_MATCH, IF_NONE_MATCH, LOCATION};
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use serde_json::{Map, Value};
use url::form_urlencoded;
use vestibule_domain::refusal::{Refusal, What};
use vestibule_scim::media::{self, SCIM_JSON};
use vestibule_scim::problem::Problem;
use vestibule_scim::projection::Projection;
use vestibule_scim::query::Query;
use vestibule_scim::schema::ResourceType;
use vestibule_scim::tolerance::Tolerances;
use vestibule_scim::version::{Tags, Version};
use vestibule_scim::{Read, credentials, limits};

use super::{Home, meanings};
use crate::failure::Failure;
use crate::http::body;
use crate::http::ctx::Ctx;
use crate::http::endpoint::Needs;
use crate::http::takes::Takes;
use crate::operations::directories::desk::{Declined, Desk, Provisioner};
use crate::world::App;

/// What a directory asks.
pub(super) struct Asked<H> {
    app: Arc<App>,
    ctx: Ctx,
    by: Provisioner,
    base: String,
    method: String,
    path: String,
    /// The resource in the path, `""` when there is none.
    pub id: String,
    query: Vec<(String, String)>,
    if_match: Option<String>,
    if_none_match: Option<String>,
    content_type: Option<String>,
    body: body::Read,
    tolerances: Tolerances,
    home: PhantomData<fn() -> H>,
}

impl<H> Takes for Asked<H> {}

impl<H: Home> FromRequest<Arc<App>> for Asked<H> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let Ok(ctx) = Ctx::from_request_parts(&mut parts, app).await;
        let (by, tolerances, id) = provisioner::<H>(&mut parts, app, &ctx).await?;
        let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let body = body::read(body, longest(parts.uri.path()), &app.bodies, ctx.ip).await?;
        let query = parts.uri.query().unwrap_or_default();
        let query = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Ok(Self {
            base: H::address(app, &by.directory),
            method: parts.method.to_string(),
            path: below::<H>(&parts),
            query,
            if_match: text(IF_MATCH),
            if_none_match: text(IF_NONE_MATCH),
            content_type: text(CONTENT_TYPE),
            app: app.clone(),
            ctx,
            by,
            id,
            body,
            tolerances,
            home: PhantomData,
        })
    }
}

/// Who asks, if the token allows what the endpoint needs; and the resource in the path.
async fn provisioner<H: Home>(
    parts: &mut Parts,
    app: &Arc<App>,
    ctx: &Ctx,
) -> Result<(Provisioner, Tolerances, String), Failure> {
    let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header.and_then(credentials::token).ok_or(What::UnreadableCredentials)?;
    let Read { value: token, tolerances } = token;
    let token = token.to_owned();
    let params = RawPathParams::from_request_parts(parts, app).await;
    let params =
        params.map_err(|_| Refusal::new(What::Unreadable).because("The path is not readable text."))?;
    let param = |wanted: &str| params.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value);
    let named = param(H::NAME).unwrap_or_default().to_owned();
    let id = param("id").filter(|_| H::NAME != "id").or(param("resource_id")).unwrap_or_default().to_owned();
    let by = Provisioner::with_token(app, ctx, |directory| H::names(&named, directory), &token).await?;
    if let Some(Needs::Directory(Some(scope))) = parts.extensions.get::<Needs>() {
        by.require(*scope, ctx)?;
    }
    Ok((by, tolerances, id))
}

/// The most bytes of a body that is sent there.
fn longest(path: &str) -> usize {
    if path.contains("/Groups") { limits::GROUP_BYTES } else { limits::USER_BYTES }
}

/// The path below the directory's address, with its query.
fn below<H: Home>(parts: &Parts) -> String {
    let depth = H::PATH.matches('/').count();
    let path = parts.uri.path().splitn(depth + 2, '/').nth(depth + 1).unwrap_or_default();
    match parts.uri.query() {
        Some(query) => format!("/{path}?{query}"),
        None => format!("/{path}"),
    }
}

/// A success.
pub(super) struct Done {
    status: StatusCode,
    document: Option<Value>,
    location: Option<String>,
    version: Option<Version>,
}

impl Done {
    /// Nothing is said.
    pub(super) const fn silently() -> Self {
        Self { status: StatusCode::NO_CONTENT, document: None, location: None, version: None }
    }

    /// A document that is no resource of the directory's.
    pub(super) const fn document(document: Value) -> Self {
        Self { status: StatusCode::OK, document: Some(document), location: None, version: None }
    }

    /// A resource: whole, for what is said of it in headers, and the part that was asked for.
    pub(super) fn resource(
        status: StatusCode,
        whole: Map<String, Value>,
        version: Version,
        projection: &Projection,
        kind: ResourceType,
    ) -> Self {
        let location = whole.get("meta").and_then(|meta| meta.get("location")).and_then(Value::as_str);
        Self {
            status,
            location: location.map(str::to_owned),
            version: Some(version),
            document: Some(Value::Object(projection.apply(whole, kind))),
        }
    }
}

impl<H: Home> Asked<H> {
    /// The address of the directory.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// What is done for it.
    ///
    /// # Errors
    /// `If-Match` is no list of tags.
    pub(super) fn desk(&self) -> Result<Desk<'_>, Declined> {
        let if_match = self.if_match.as_deref().map(|text| Tags::parse("If-Match", text)).transpose()?;
        Ok(self.desk_with(if_match))
    }

    fn desk_with(&self, if_match: Option<Tags>) -> Desk<'_> {
        Desk {
            app: &self.app,
            ctx: &self.ctx,
            by: &self.by,
            base: &self.base,
            method: &self.method,
            path: &self.path,
            if_match,
        }
    }

    /// The body, if it is of a kind that is read.
    ///
    /// # Errors
    /// It is of another kind.
    pub(super) fn body(&self) -> Result<&[u8], Declined> {
        media::accepted(self.content_type.as_deref())?;
        Ok(self.body.bytes())
    }

    /// What is asked of a list, or which part of a resource.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn query(&self, kind: ResourceType) -> Result<Query, Declined> {
        let pairs = self.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        Ok(Query::of_parameters(pairs, kind)?.value)
    }

    /// What the request took as liberties, with what reading its body did.
    pub(super) fn tolerated(&self, more: &Tolerances) -> Tolerances {
        self.tolerances.clone().with(more)
    }

    /// Whether the client has that version already.
    pub(super) fn has(&self, version: Version) -> bool {
        let tags = self.if_none_match.as_deref().and_then(|text| Tags::parse("If-None-Match", text).ok());
        tags.is_some_and(|tags| tags.name(version))
    }

    /// The answer. What is refused is remembered, so that whoever set the directory up finds out why.
    pub(super) async fn answer(&self, done: Result<Done, Declined>) -> Response {
        let declined = match done {
            Ok(done) => return self.said(done),
            Err(declined) => declined,
        };
        let problem = match &declined {
            Declined::Protocol(refusal) => Problem::from(refusal),
            Declined::Failed(failure) => meanings::problem(&failure.refusal()),
        };
        let desk = self.desk_with(None);
        if let Err(failure) = desk.remember_refusal(problem.status, &problem.detail, &declined).await {
            failure.log();
        }
        match declined {
            Declined::Failed(failure) => failure.into_response(),
            Declined::Protocol(_) => written(
                StatusCode::from_u16(problem.status).unwrap_or(StatusCode::BAD_REQUEST),
                &problem.document(),
            ),
        }
    }

    fn said(&self, done: Done) -> Response {
        let not_modified = self.method == "GET" && done.version.is_some_and(|version| self.has(version));
        let mut response = match &done.document {
            _ if not_modified => StatusCode::NOT_MODIFIED.into_response(),
            Some(document) => written(done.status, document),
            None => done.status.into_response(),
        };
        let headers = response.headers_mut();
        let tag = done.version.map(|version| version.to_string());
        for (name, text) in [(LOCATION, done.location), (ETAG, tag)] {
            if let Some(value) = text.and_then(|text| HeaderValue::from_str(&text).ok()) {
                headers.insert(name, value);
            }
        }
        response
    }
}

fn written(status: StatusCode, document: &Value) -> Response {
    (status, [(CONTENT_TYPE, HeaderValue::from_static(SCIM_JSON))], document.to_string()).into_response()
}
