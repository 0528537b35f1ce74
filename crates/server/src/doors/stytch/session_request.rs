//! What every call takes that may begin a session: what is joined, for how long, and with which claims. Read once for all
//! factors.

use serde::Deserialize;
use vestibule_domain::metadata::Metadata;
use vestibule_domain::project::Project;
use vestibule_domain::refusal::{Choice, Field, What};
use vestibule_domain::secret::Token;
use vestibule_domain::session::SessionDuration;

use crate::doors::stytch::session_jwt::presented;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::authentication::{Joins, SessionRequest};
use crate::world::App;

/// The members of a body that say which session is wanted.
#[derive(Debug, Default)]
pub(crate) struct SessionFields<'a> {
    /// A session to join, by its token.
    pub session_token: Option<&'a str>,
    /// The same by its JWT.
    pub session_jwt: Option<&'a str>,
    /// A sign-in to go on with.
    pub intermediate_session_token: Option<&'a str>,
    /// The length.
    pub session_duration_minutes: Option<i64>,
    /// Claims to merge.
    pub session_custom_claims: Option<&'a Metadata>,
    /// The language of what is sent to the member.
    pub locale: Option<&'a str>,
}

/// The same members of a body that begins no session: what somebody shows of one.
#[derive(Deserialize)]
pub(crate) struct ShownIn {
    session_token: Option<String>,
    session_jwt: Option<String>,
    intermediate_session_token: Option<String>,
}

impl ShownIn {
    /// What is shown.
    ///
    /// # Errors
    /// More than one thing, or a JWT that is not ours.
    pub(crate) async fn joins(
        &self,
        app: &App,
        ctx: &Ctx,
        project: &Project,
    ) -> Result<Option<Joins>, Failure> {
        let fields = SessionFields {
            session_token: self.session_token.as_deref(),
            session_jwt: self.session_jwt.as_deref(),
            intermediate_session_token: self.intermediate_session_token.as_deref(),
            ..SessionFields::default()
        };
        fields.joins(app, ctx, project).await
    }
}

/// Makes the body of a call that may begin a session out of its own members: those of [`SessionFields`] join them.
macro_rules! begins_session {
    ($(#[$about:meta])* $vis:vis $name:ident { $($field:ident: $type:ty,)* }) => {
        $(#[$about])*
        #[derive(serde::Deserialize)]
        $vis struct $name {
            $($field: Option<$type>,)*
            session_token: Option<String>,
            session_jwt: Option<String>,
            intermediate_session_token: Option<String>,
            session_duration_minutes: Option<i64>,
            session_custom_claims: Option<vestibule_domain::metadata::Metadata>,
            locale: Option<String>,
            // Nobody looks at devices here.
            #[expect(dead_code, reason = "a member of the contract that changes nothing here")]
            telemetry_id: Option<String>,
        }

        impl $name {
            /// What it says of the session.
            fn session(&self) -> $crate::doors::stytch::session_request::SessionFields<'_> {
                $crate::doors::stytch::session_request::SessionFields {
                    session_token: self.session_token.as_deref(),
                    session_jwt: self.session_jwt.as_deref(),
                    intermediate_session_token: self.intermediate_session_token.as_deref(),
                    session_duration_minutes: self.session_duration_minutes,
                    session_custom_claims: self.session_custom_claims.as_ref(),
                    locale: self.locale.as_deref(),
                }
            }
        }
    };
}

pub(crate) use begins_session;

const LOCALES: [&str; 16] = [
    "en", "es", "ptbr", "fr", "it", "dede", "zhhans", "caes", "ja", "ru", "nl", "pl", "tr", "fa", "vi", "cs",
];

/// Both spellings of a locale are fine.
pub(crate) fn check_locale(locale: &str) -> Result<(), Failure> {
    let compact: String = locale.chars().filter(|c| *c != '-').collect::<String>().to_ascii_lowercase();
    if LOCALES.contains(&compact.as_str()) { Ok(()) } else { Err(What::Invalid(Field::Locale).into()) }
}

/// The language of messages in a locale: English where there are no words of its own.
///
/// # Errors
/// A locale that there is not.
pub(crate) fn language(locale: Option<&str>) -> Result<&'static str, Failure> {
    let Some(locale) = locale.filter(|locale| !locale.is_empty()) else { return Ok("en") };
    check_locale(locale)?;
    Ok(match locale.get(..2).unwrap_or_default().to_ascii_lowercase().as_str() {
        "de" => "de",
        "es" => "es",
        "fr" => "fr",
        "ja" => "ja",
        _ => "en",
    })
}

impl SessionFields<'_> {
    /// The session that is wanted.
    ///
    /// # Errors
    /// More than one thing to join, a JWT that is not ours, a length or a locale that there is not.
    pub(crate) async fn read(
        self,
        app: &App,
        ctx: &Ctx,
        project: &Project,
    ) -> Result<SessionRequest, Failure> {
        self.locale.map_or(Ok(()), check_locale)?;
        Ok(SessionRequest {
            duration: self.session_duration_minutes.map(SessionDuration::minutes).transpose()?,
            custom_claims: self.session_custom_claims.cloned().unwrap_or_default(),
            joins: self.joins(app, ctx, project).await?,
            locale: self.locale.map(str::to_owned),
        })
    }

    /// What is joined, if anything is.
    ///
    /// # Errors
    /// More than one thing, or a JWT that is not ours.
    pub(crate) async fn joins(
        &self,
        app: &App,
        ctx: &Ctx,
        project: &Project,
    ) -> Result<Option<Joins>, Failure> {
        let given = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        let (token, jwt) = (given(self.session_token), given(self.session_jwt));
        let has_session = token.is_some() || jwt.is_some();
        match given(self.intermediate_session_token) {
            Some(_) if has_session => Err(What::SeveralGiven(Choice::Session).into()),
            Some(intermediate) => Ok(Some(Joins::Intermediate(Token::presented(&intermediate)))),
            None if has_session => Ok(Some(Joins::Session(presented(app, ctx, project, token, jwt).await?))),
            None => Ok(None),
        }
    }
}
