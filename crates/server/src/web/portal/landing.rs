//! The page of a link, before it is opened. Looking at it spends nothing, because mail gateways and chats look at links before people
//! do; a form opens it.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use vestibule_domain::login::by_mail::Code;
use vestibule_domain::organization::Organization;
use vestibule_domain::project::Project;
use vestibule_domain::refusal::{Thing, What};
use vestibule_domain::secret::Token;
use vestibule_domain::setup_link::{Intent, NotOpened, SetupLink};
use vestibule_store::Write;

use super::enter::{Message, Shown, Stop, bare, clock, foreign, frame_by, masked};
use super::home;
use crate::caller::setup_link::{framed_handle, holder};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::form::Form;
use crate::http::input::Path;
use crate::http::languages::Language;
use crate::http::portal_cookies;
use crate::operations::setup_links::{codes, held};
use crate::web::page::{Frame, see, show};
use crate::web::words::upkeep::Upkeep;
use crate::web::words::{Piece, Words, sentence};
use crate::web::{Pages, csrf};
use crate::world::App;

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<Pages> {
    let path = "/setup/start/{setup_token}";
    Endpoints::new()
        .get(path, Needs::Nothing, look)
        .post(path, Needs::Nothing, open)
        .post(&format!("{path}/code"), Needs::Nothing, send_code)
        .post(&format!("{path}/renewal"), Needs::Nothing, renew)
}

/// A link that may be opened, and what is told of it.
struct Found {
    link: SetupLink,
    organization: Organization,
    project: Project,
    language: Language,
    token: String,
}

#[derive(Template)]
#[template(path = "setup/landing.html")]
struct Landing<'a> {
    frame: Frame,
    action: String,
    /// Where one goes on who has opened it here.
    open_here: String,
    title: Vec<Piece>,
    lead: Vec<Piece>,
    tasks: Vec<&'static str>,
    needs_rights: bool,
    needs_dns: bool,
    /// Contacts to choose from, with their numbers; none where no code is asked for.
    contacts: Vec<(usize, String)>,
    /// A code is under way to this one.
    sent: Option<(usize, Vec<Piece>)>,
    trouble: &'a str,
}

impl Found {
    async fn of(app: &App, ctx: &Ctx, token: &str) -> Result<Self, Stop> {
        app.limits.check_browser(ctx.ip)?;
        let words = Words::of(ctx.language);
        let Some(link) = held::of_token(app, &Token::presented(token)).await? else {
            let message = Message {
                frame: bare(ctx.language),
                title: words.unknown_title,
                sentence: sentence(words.unknown_sentence, &[]),
                state: "",
                renewal: String::new(),
            };
            return Err(Stop::Page(Box::new(show(
                StatusCode::NOT_FOUND,
                message.render().unwrap_or_default(),
            ))));
        };
        frame_by(ctx, &link.terms.embed_origin);
        let organization = app.store.organization_of(link.tenant()).await?.ok_or(What::NoSuchRoute)?;
        let project = app.store.project(link.project_id).await?.ok_or(What::NoSuchRoute)?;
        let language = ctx.language_or(&link.terms.locale);
        Ok(Self { link, organization, project, language, token: token.to_owned() })
    }

    const fn words(&self) -> &'static Words {
        Words::of(self.language)
    }

    /// A link that may not be opened tells nothing of whom it is for.
    fn over(&self, why: NotOpened) -> Stop {
        let words = self.words();
        let (title, text, time) = match why {
            NotOpened::Revoked => (words.revoked_title, words.revoked_sentence, String::new()),
            NotOpened::Expired => (words.expired_title, words.expired_sentence, String::new()),
            NotOpened::InUse { since } => (words.used_title, words.used_sentence, clock(since)),
        };
        let message = Message {
            frame: bare(self.language),
            title,
            sentence: sentence(text, &[("time", &time)]),
            state: "",
            renewal: format!("/setup/start/{}/renewal", self.token),
        };
        Stop::Page(Box::new(show(StatusCode::GONE, message.render().unwrap_or_default())))
    }

    fn landing(&self, status: StatusCode, sent: Option<usize>, trouble: &str, open_here: String) -> Response {
        let (words, terms) = (self.words(), &self.link.terms);
        let frame = Frame {
            product: self.project.name.clone(),
            organization: self.organization.name.clone(),
            embed_origin: terms.embed_origin.clone(),
            switch: Some(format!("/setup/start/{}", self.token)),
            ..bare(self.language)
        };
        let contacts: Vec<_> =
            terms.contacts.iter().map(|contact| masked(contact.as_str())).enumerate().collect();
        let sent = sent.and_then(|number| {
            let (_, address) = contacts.get(number)?;
            Some((number, sentence(words.code_sent, &[("address", address)])))
        });
        let page = Landing {
            action: format!("/setup/start/{}", self.token),
            open_here,
            title: sentence(words.landing_title, &[("organization", &self.organization.name)]),
            lead: sentence(words.landing_sentence, &[("product", frame.brand())]),
            tasks: terms.intents.iter().map(|intent| task(self.language, *intent)).collect(),
            needs_rights: terms.has(Intent::Sso) || terms.has(Intent::Certificates),
            needs_dns: terms.has(Intent::Domains) || !terms.pending_domains.is_empty(),
            frame: frame.clone(),
            contacts,
            sent,
            trouble,
        };
        show(status, page.render().unwrap_or_default())
    }
}

const fn task(language: Language, intent: Intent) -> &'static str {
    match intent {
        Intent::Sso => Words::of(language).intent_sso,
        Intent::Domains => Words::of(language).intent_domains,
        Intent::SignIns => Upkeep::of(language).intent_sign_ins,
        Intent::Certificates => Upkeep::of(language).intent_certificates,
        Intent::AuditLog => Upkeep::of(language).intent_audit_log,
    }
}

async fn look(State(app): State<Arc<App>>, ctx: Ctx, headers: HeaderMap, Path(token): Path<String>) -> Shown {
    let found = Found::of(&app, &ctx, &token).await?;
    if found.link.terms.is_embedded() && is_for_frame(&headers) {
        return begin(&app, &ctx, &found, (None, Vec::new())).await;
    }
    let handle = found.link.handle();
    let is_here = holder(&app, &ctx, &headers, &handle).await?.is_some();
    let open_here = if is_here { home(&handle) } else { String::new() };
    match found.link.check_openable(ctx.now) {
        Err(_) if is_here => {}
        Err(why) => return Err(found.over(why)),
        Ok(()) => {}
    }
    Ok(found.landing(StatusCode::OK, None, "", open_here))
}

/// Whether a browser asks for what it puts into a frame. Gateways and chats that look at links put nothing into frames, and the
/// application around it has had somebody press something already.
fn is_for_frame(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-dest").is_some_and(|dest| dest == "iframe")
}

/// Opens the link, and goes on with the session that begins.
async fn begin(app: &App, ctx: &Ctx, found: &Found, by: (Option<String>, Vec<Write>)) -> Shown {
    let link = &found.link;
    let secret = held::open(app, ctx, link, by).await?.map_err(|why| found.over(why))?;
    if link.terms.is_embedded() {
        return Ok(see(&home(&framed_handle(link, &secret))));
    }
    let handle = link.handle();
    let mut answer = see(&home(&handle));
    portal_cookies::keep(app, answer.headers_mut(), &handle, &secret, link.terms.session_minutes);
    Ok(answer)
}

/// The form of a link that may be opened now.
async fn asked(app: &App, ctx: &Ctx, token: &str, request: Request) -> Result<(Found, Form), Stop> {
    csrf::check_origin(app, request.headers()).map_err(|_| foreign(ctx))?;
    let found = Found::of(app, ctx, token).await?;
    found.link.check_openable(ctx.now).map_err(|why| found.over(why))?;
    Ok((found, Form::read(app, ctx, request).await?))
}

async fn open(State(app): State<Arc<App>>, ctx: Ctx, Path(token): Path<String>, request: Request) -> Shown {
    let (found, form) = asked(&app, &ctx, &token, request).await?;
    let link = &found.link;
    let (contact, spends) = if link.terms.contacts.is_empty() {
        (None, Vec::new())
    } else {
        let number: usize = form.text("contact").parse().unwrap_or(usize::MAX);
        let Some(contact) = link.terms.contacts.get(number) else {
            return Ok(found.landing(StatusCode::UNPROCESSABLE_ENTITY, None, "", String::new()));
        };
        app.limits.check_code(ctx.ip)?;
        let code = Code::presented(form.text("code"));
        match codes::spend(&app, &ctx, link, (contact, &code)).await {
            Ok(spends) => (Some(contact.as_str().to_owned()), spends),
            Err(Failure::Refused(refusal)) if refusal.what == What::NotFound(Thing::EmailCode) => {
                let wrong = found.words().code_wrong;
                return Ok(found.landing(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    Some(number),
                    wrong,
                    String::new(),
                ));
            }
            Err(failure) => return Err(failure.into()),
        }
    };
    begin(&app, &ctx, &found, (contact, spends)).await
}

async fn send_code(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Path(token): Path<String>,
    request: Request,
) -> Shown {
    let (found, form) = asked(&app, &ctx, &token, request).await?;
    let number: usize = form.text("contact").parse().unwrap_or(usize::MAX);
    let Some(contact) = found.link.terms.contacts.get(number) else {
        return Ok(found.landing(StatusCode::UNPROCESSABLE_ENTITY, None, "", String::new()));
    };
    let whose = (&found.link, &found.organization);
    codes::send(&app, &ctx, whose, contact, found.language.tag()).await?;
    Ok(found.landing(StatusCode::OK, Some(number), "", String::new()))
}

async fn renew(State(app): State<Arc<App>>, ctx: Ctx, Path(token): Path<String>, request: Request) -> Shown {
    csrf::check_origin(&app, request.headers()).map_err(|_| foreign(&ctx))?;
    let found = Found::of(&app, &ctx, &token).await?;
    held::ask_for_another(&app, &ctx, &found.link).await?;
    let words = found.words();
    let message = Message {
        frame: bare(found.language),
        title: words.asked_title,
        sentence: sentence(words.asked_sentence, &[]),
        state: "",
        renewal: String::new(),
    };
    Ok(show(StatusCode::OK, message.render().unwrap_or_default()))
}
