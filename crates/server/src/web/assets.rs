//! The style and the script of pages, at addresses that name what is in them: a browser keeps them for ever.

use std::sync::LazyLock;

use axum::response::{IntoResponse as _, Response};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use vestibule_domain::refusal::What;
use vestibule_domain::secret::sha256_base64url;

use super::Pages;
use crate::failure::Failure;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::Path;

const STYLE: &str = concat!(
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/page.css")),
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/setup.css"))
);
const SCRIPT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/setup.js"));
const FRAMED: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/framed.js"));

static STYLE_NAME: LazyLock<String> = LazyLock::new(|| name(STYLE, "css"));
static SCRIPT_NAME: LazyLock<String> = LazyLock::new(|| name(SCRIPT, "js"));
static FRAMED_NAME: LazyLock<String> = LazyLock::new(|| name(FRAMED, "js"));

fn name(text: &str, kind: &str) -> String {
    let hash: String = sha256_base64url(text).chars().filter(char::is_ascii_alphanumeric).take(16).collect();
    format!("{hash}.{kind}")
}

/// The endpoint of this file.
pub(super) fn endpoints() -> Endpoints<Pages> {
    Endpoints::new().get("/setup/assets/{asset}", Needs::Nothing, show)
}

/// Where the style is.
pub(super) fn style() -> String {
    format!("/setup/assets/{}", *STYLE_NAME)
}

/// Where the script is.
pub(super) fn script() -> String {
    format!("/setup/assets/{}", *SCRIPT_NAME)
}

/// Where the script is that pages in a frame have besides.
pub(super) fn framed_script() -> String {
    format!("/setup/assets/{}", *FRAMED_NAME)
}

async fn show(Path(asset): Path<String>) -> Result<Response, Failure> {
    let (text, kind) = match asset.as_str() {
        asset if asset == *STYLE_NAME => (STYLE, "text/css; charset=utf-8"),
        asset if asset == *SCRIPT_NAME => (SCRIPT, "text/javascript; charset=utf-8"),
        asset if asset == *FRAMED_NAME => (FRAMED, "text/javascript; charset=utf-8"),
        _ => return Err(What::NoSuchRoute.into()),
    };
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
        (CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
    ];
    Ok((headers, text).into_response())
}
