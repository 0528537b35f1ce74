//! Reading requests with the tolerance the official clients need (contract 1.2): nulls mean absent,
//! unknown members and repeated path parameters are ignored, an empty body is an empty object.

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use http::request::Parts;
use serde::de::DeserializeOwned;
use vestibule_domain::refusal::{Bounded, Refusal, What};

use crate::failure::Failure;

/// The most a JSON body may take.
pub(crate) const BODY_LIMIT: usize = 256 * 1024;

/// A JSON body. Every member of `T` is optional; what is required is checked by who needs it, with the
/// field's name in the refusal.
pub(crate) struct Input<T>(pub T);

impl<S, T> FromRequest<S> for Input<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let body = Bytes::from_request(request, state).await.map_err(|rejection| too_large(&rejection))?;
        let text: &[u8] = if body.iter().all(u8::is_ascii_whitespace) { b"{}" } else { &body };
        // serde would read an array as the members in their order, which nobody means.
        if text.trim_ascii_start().first() != Some(&b'{') {
            return Err(Refusal::new(What::Unreadable).because("The body must be a JSON object.").into());
        }
        let value = serde_json::from_slice(text).map_err(|error| {
            Refusal::new(What::Unreadable).because(format!("The body is not what was expected: {error}."))
        })?;
        Ok(Self(value))
    }
}

fn too_large(rejection: &BytesRejection) -> Failure {
    if rejection.status().as_u16() == 413 {
        return Refusal::new(What::TooLarge(Bounded::Body))
            .because(format!("At most {BODY_LIMIT} bytes are taken."))
            .into();
    }
    Refusal::new(What::Unreadable).because("The body could not be read to its end.").into()
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
    use axum::body::Body;
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Named {
        name: Option<String>,
    }

    async fn read(body: &'static str) -> Result<Option<String>, What> {
        let input = Input::<Named>::from_request(Request::new(Body::from(body)), &()).await;
        input.map(|Input(named)| named.name).map_err(|failure| failure.refusal().what)
    }

    #[tokio::test]
    async fn bodies_are_objects_or_nothing() {
        assert_eq!(read("").await, Ok(None));
        assert_eq!(read(" \r\n").await, Ok(None));
        assert_eq!(read(r#" {"name": null, "other": 1}"#).await, Ok(None));
        assert_eq!(read(r#"{"name":"a"}"#).await, Ok(Some("a".to_owned())));
        for refused in [r#"["a"]"#, "[]", "null", "7", r#""a""#, "{", r#"{"name":1}"#] {
            assert_eq!(read(refused).await, Err(What::Unreadable), "{refused}");
        }
    }
}
