//! A request for tokens, and what comes of it.

use serde::Serialize;

use super::fields::Fields;
use crate::caller::application::{Known, Shown};
use crate::caller::site::Site;
use crate::http::ctx::Ctx;
use crate::operations::sign_in_grants::Asker;
use crate::world::App;

/// What an application is given.
#[derive(Serialize)]
pub(super) struct Given {
    pub(super) access_token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refresh_token: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) scope: String,
    pub(super) expires_in: i64,
    pub(super) token_type: &'static str,
}

/// A request for tokens, of an application that is known.
pub(super) struct Asked<'a> {
    pub(super) app: &'a App,
    pub(super) ctx: &'a Ctx,
    pub(super) site: &'a Site,
    pub(super) known: Known,
    pub(super) fields: Fields,
}

impl Asked<'_> {
    /// Who shows a code or a token.
    pub(super) fn asker(&self) -> Asker<'_> {
        Asker { application: &self.known.application, origin: &self.site.origin }
    }
}

/// What a request shows of which application it is from.
pub(super) fn shown(fields: &mut Fields) -> Shown {
    Shown {
        client_id: fields.text("client_id"),
        client_secret: fields.secret("client_secret"),
        assertion_type: fields.text("client_assertion_type"),
        assertion: fields.secret("client_assertion"),
    }
}
