//! Reading requests with the tolerance the official clients need: nulls mean absent,
//! unknown members and repeated path parameters are ignored, an empty body is an empty object.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use http::request::Parts;
use serde::de::DeserializeOwned;
use vestibule_domain::refusal::{Refusal, What};

use super::body;
use super::ctx::Ctx;
use super::objects::Objects;
use super::shape::Shape;
use crate::failure::Failure;
use crate::world::{App, Mode};

/// The most a JSON body may take.
pub(crate) const BODY_LIMIT: usize = 256 * 1024;

/// A JSON body. Every member of `T` is optional; what is required is checked by who needs it, with the
/// field's name in the refusal.
pub(crate) struct Input<T>(pub T);

/// A JSON body whose members two types share: settings of a thing, and what is asked for beside it.
pub(crate) struct InputPair<A, B>(pub A, pub B);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Input<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Failure> {
        read(request, app, Shape::of::<T>, |body| Ok(Self(parse(body)?))).await
    }
}

impl<A: DeserializeOwned, B: DeserializeOwned> FromRequest<Arc<App>> for InputPair<A, B> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Failure> {
        read(request, app, Self::shape, |body| Ok(Self(parse(body)?, parse(body)?))).await
    }
}

impl<A: DeserializeOwned, B: DeserializeOwned> InputPair<A, B> {
    /// The members of both.
    pub(super) fn shape() -> Option<Shape> {
        Some(Shape::of::<A>()?.and(Shape::of::<B>()?))
    }
}

async fn read<T>(
    request: Request,
    app: &Arc<App>,
    shape: impl Fn() -> Option<Shape>,
    parse: impl Fn(&[u8]) -> Result<T, Refusal>,
) -> Result<T, Failure> {
    let (mut parts, body) = request.into_parts();
    let Ok(ctx) = Ctx::from_request_parts(&mut parts, app).await;
    let body = body::read(body, BODY_LIMIT, &app.bodies, ctx.ip).await?;
    if app.mode == Mode::Development {
        tell_unknown(&ctx, shape, body.bytes());
    }
    Ok(parse(body.bytes())?)
}

/// Notes and logs the names of members that nobody knows: on a developer's machine they are typing errors.
fn tell_unknown(ctx: &Ctx, shape: impl Fn() -> Option<Shape>, body: &[u8]) {
    let Ok(value) = parse(body) else { return };
    let names = shape().map(|shape| shape.unknown(&value)).unwrap_or_default();
    if !names.is_empty() {
        tracing::warn!(members = names.join(", "), "a body has members that are not known here");
        // One request has one body.
        let _first = ctx.unknown.set(names);
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    // Windows PowerShell writes a byte order mark in front of what it sends as UTF-8.
    let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let text = if text.iter().all(u8::is_ascii_whitespace) { b"{}" } else { text };
    if text.trim_ascii_start().first() != Some(&b'{') {
        return Err(Refusal::new(What::Unreadable).because("The body must be a JSON object."));
    }
    let mut reader = serde_json::Deserializer::from_slice(text);
    let read = T::deserialize(Objects(&mut reader)).and_then(|value| reader.end().map(|()| value));
    read.map_err(|error| {
        Refusal::new(What::Unreadable).because(format!("The body is not what was expected: {error}."))
    })
}

/// A reader of JSON in which no list is an object, for a door that says in words of its own what is wrong with a body.
pub(crate) fn deserialize<'de, D: serde::Deserializer<'de>>(
    reader: D,
) -> impl serde::Deserializer<'de, Error = D::Error> {
    Objects(reader)
}

/// Query parameters.
pub(crate) struct Params<T>(pub T);

impl<S, T> FromRequestParts<S> for Params<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let unreadable = |rejection: QueryRejection| {
            Refusal::new(What::Unreadable)
                .because(format!("The query is not what was expected: {}.", rejection.body_text()))
        };
        let Query(value) = Query::from_request_parts(parts, state).await.map_err(unreadable)?;
        Ok(Self(value))
    }
}

/// Path parameters, percent-decoded.
pub(crate) struct Path<T>(pub T);

impl<S, T> FromRequestParts<S> for Path<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Send,
{
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let axum::extract::Path(value) = axum::extract::Path::from_request_parts(parts, state)
            .await
            .map_err(|_| Refusal::new(What::Unreadable).because("A path segment is not readable text."))?;
        Ok(Self(value))
    }
}

/// A field that must be given.
///
/// # Errors
/// `missing_required_field` with the field's name.
pub(crate) fn required<T>(value: Option<T>, name: &str) -> Result<T, Refusal> {
    value.ok_or_else(|| Refusal::new(What::MissingField).because(format!("{name} is required.")))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Named {
        name: Option<String>,
    }

    fn read(body: &str) -> Result<Option<String>, What> {
        parse::<Named>(body.as_bytes()).map(|named| named.name).map_err(|refusal| refusal.what)
    }

    #[test]
    fn bodies_are_objects_or_nothing() {
        assert_eq!(read(""), Ok(None));
        assert_eq!(read(" \r\n"), Ok(None));
        assert_eq!(read(r#" {"name": null, "other": 1}"#), Ok(None));
        assert_eq!(read(r#"{"name":"a"}"#), Ok(Some("a".to_owned())));
        assert_eq!(read("\u{feff}{\"name\":\"a\"}"), Ok(Some("a".to_owned())));
        assert_eq!(read("\u{feff}"), Ok(None));
        for refused in [r#"["a"]"#, "[]", "null", "7", r#""a""#, "{", r#"{"name":1}"#] {
            assert_eq!(read(refused), Err(What::Unreadable), "{refused}");
        }
    }
}
