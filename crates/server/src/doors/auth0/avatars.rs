//! `GET /avatars/{letters}`: a picture of those of whom nobody has one, made of the letters of their name. It is the same for all
//! of these letters and says nothing about anybody; no third party is asked, or told who signs in.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use vestibule_domain::refusal::What;

use super::Auth0;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::Path;
use crate::world::App;

/// What stands in the address of an avatar without letters.
pub(crate) const NO_LETTERS: &str = "-";
/// Backgrounds on which white letters can be read (WCAG 2.2, 1.4.3).
const COLOURS: [&str; 8] =
    ["#8a3b12", "#5b4b00", "#2f5d1e", "#0b5d57", "#1d4e89", "#4a3f8f", "#7a2f6f", "#57534e"];

/// The endpoint of this file.
pub(super) fn endpoints() -> Endpoints<Auth0> {
    Endpoints::new().get("/avatars/{letters}", Needs::Nothing, avatar)
}

async fn avatar(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Path(letters): Path<String>,
) -> Result<Response, Failure> {
    app.limits.check_browser(ctx.ip)?;
    let letters = if letters == NO_LETTERS { "" } else { letters.as_str() };
    let are_letters = letters.chars().count() <= 2 && letters.chars().all(char::is_alphanumeric);
    if !are_letters {
        return Err(What::NoSuchRoute.into());
    }
    let headers = [
        (CONTENT_TYPE, "image/svg+xml"),
        (CACHE_CONTROL, "public, max-age=86400"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'; sandbox"),
    ];
    Ok((headers, drawn(letters)).into_response())
}

/// The picture. Letters and digits need no escaping.
fn drawn(letters: &str) -> String {
    let place = letters.chars().map(|letter| letter as usize).sum::<usize>() % COLOURS.len();
    let colour = COLOURS.get(place).copied().unwrap_or_default();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 128 128\" width=\"128\" height=\"128\"><rect width=\"128\" \
         height=\"128\" fill=\"{colour}\"/><text x=\"64\" y=\"66\" fill=\"#fff\" font-family=\"sans-serif\" font-size=\"56\" \
         text-anchor=\"middle\" dominant-baseline=\"middle\">{letters}</text></svg>"
    )
}

/// The address of the avatar of some letters, behind an origin.
#[must_use]
pub(crate) fn address(origin: &str, letters: &str) -> String {
    let letters = if letters.is_empty() { NO_LETTERS } else { letters };
    let letters: String = url::form_urlencoded::byte_serialize(letters.as_bytes()).collect();
    format!("{origin}/avatars/{letters}")
}

#[cfg(test)]
mod tests {
    use vestibule_domain::profile::initials;

    use super::*;

    #[test]
    fn an_address_is_one_segment_whatever_the_name() {
        let of = |name| address("https://sso.test", &initials(name));
        assert_eq!(of("Ada Lovelace"), "https://sso.test/avatars/AL");
        assert_eq!(of("../<b>"), "https://sso.test/avatars/B");
        assert_eq!(of("—"), "https://sso.test/avatars/-");
        assert_eq!(of("山田"), "https://sso.test/avatars/%E5%B1%B1");
        assert!(drawn("AL").contains(">AL</text>"));
    }
}
