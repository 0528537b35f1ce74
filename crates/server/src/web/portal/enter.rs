//! Who is asking: whoever has opened the link of the path in this browser. Anybody else is told what to do.

use std::sync::Arc;

use askama::Template;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use vestibule_domain::refusal::{Refusal, What};
use vestibule_domain::setup_link::Intent;
use vestibule_domain::time::Time;
use vestibule_store::StoreError;

use super::home;
use crate::caller::setup_link::{Holder, holder, was_framed_by};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::form::Form;
use crate::http::languages::Language;
use crate::web::page::{Frame, show};
use crate::web::{csrf, words};
use crate::world::App;

/// Whoever goes on with a link, and what their request is made of.
pub(super) struct Visit {
    /// The server.
    pub app: Arc<App>,
    /// The request.
    pub ctx: Ctx,
    /// What tells this link from others.
    pub handle: String,
    /// Who it is.
    pub holder: Holder,
}

/// Why a page is not shown: trouble, or another page in its place.
pub(super) enum Stop {
    /// For the door to say.
    Failure(Failure),
    /// What is shown instead.
    Page(Box<Response>),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Failure(error.into())
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Failure(refusal.into())
    }
}

impl From<What> for Stop {
    fn from(what: What) -> Self {
        Self::Failure(what.into())
    }
}

impl IntoResponse for Stop {
    fn into_response(self) -> Response {
        match self {
            Self::Failure(failure) => failure.into_response(),
            Self::Page(page) => *page,
        }
    }
}

/// What a page comes to.
pub(super) type Shown = Result<Response, Stop>;

#[derive(Template)]
#[template(path = "setup/message.html")]
pub(super) struct Message<'a> {
    pub frame: Frame,
    pub title: &'a str,
    pub sentence: Vec<words::Piece>,
    /// What a script goes by.
    pub state: &'static str,
    /// Where another link is asked for; `""` where nobody is to be asked.
    pub renewal: String,
}

impl Visit {
    /// Lets whoever has opened the link of the path go on with something that the link is for.
    ///
    /// # Errors
    /// Nobody has opened it here, or that is over: a page says so. [`What::Forbidden`] for what the link is not for.
    pub(super) async fn enter(
        app: Arc<App>,
        ctx: Ctx,
        headers: &HeaderMap,
        (handle, intent): (String, Option<Intent>),
    ) -> Result<Self, Stop> {
        app.limits.check_browser(ctx.ip)?;
        let Some(holder) = holder(&app, &ctx, headers, &handle).await? else {
            return Err(ended(&ctx, was_framed_by(&app, &handle).await?));
        };
        frame_by(&ctx, &holder.link.terms.embed_origin);
        if intent.is_some_and(|intent| !holder.link.terms.has(intent)) {
            return Err(What::NoSuchRoute.into());
        }
        Ok(Self { app, ctx, handle, holder })
    }

    /// The same with what was entered in a form of this session.
    ///
    /// # Errors
    /// As for [`Visit::enter`]; a form of another page: a page says so.
    pub(super) async fn submit(
        app: Arc<App>,
        ctx: Ctx,
        request: Request,
        (handle, intent): (String, Option<Intent>),
    ) -> Result<(Self, Form), Stop> {
        let headers = request.headers().clone();
        let visit = Self::enter(app, ctx, &headers, (handle, intent)).await?;
        let form = Form::read(&visit.app, &visit.ctx, request).await?;
        let expected = visit.holder.form_token();
        csrf::check(&visit.app, &headers, &expected, form.text(csrf::FIELD))
            .map_err(|_| foreign(&visit.ctx))?;
        Ok((visit, form))
    }

    /// The language of the pages: the one that the reader chose, else the link's, else the browser's.
    pub(super) fn language(&self) -> Language {
        self.ctx.language_or(&self.holder.link.terms.locale)
    }

    /// What the pages say.
    pub(super) fn words(&self) -> &'static words::Words {
        words::Words::of(self.language())
    }

    /// What the pages say of what is there already.
    pub(super) fn upkeep(&self) -> &'static words::upkeep::Upkeep {
        words::upkeep::Upkeep::of(self.language())
    }

    /// What stands around each page.
    pub(super) fn frame(&self) -> Frame {
        Frame {
            language: self.language(),
            product: self.holder.project.name.clone(),
            organization: self.holder.organization().name.clone(),
            overview: home(&self.handle),
            session_ends: clock(self.holder.session.end()),
            return_url: self.holder.link.terms.return_url.clone(),
            embed_origin: self.holder.link.terms.embed_origin.clone(),
            session_seconds: (self.holder.session.end().seconds() - self.ctx.now.seconds()).max(0),
            switch: Some(String::new()),
        }
    }

    /// The path of a page of this link.
    pub(super) fn path(&self, below: &str) -> String {
        format!("{}{below}", home(&self.handle))
    }
}

/// A time as people everywhere read it: `2026-11-29 18:50 UTC`.
pub(super) fn clock(time: Time) -> String {
    let text = time.to_string();
    let (day, rest) = text.split_once('T').unwrap_or((&text, ""));
    format!("{day} {} UTC", rest.get(..5).unwrap_or(rest))
}

/// An address that whoever has it recognizes, and nobody else reads.
pub(super) fn masked(address: &str) -> String {
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    let first: String = local.chars().take(1).collect();
    format!("{first}…@{domain}")
}

/// What stands around a page of nobody in particular.
pub(super) fn bare(language: Language) -> Frame {
    Frame {
        language,
        product: String::new(),
        organization: String::new(),
        overview: String::new(),
        session_ends: String::new(),
        return_url: String::new(),
        embed_origin: String::new(),
        session_seconds: 0,
        switch: None,
    }
}

/// Lets the answer be in a frame of that origin, if there is one.
pub(super) fn frame_by(ctx: &Ctx, origin: &str) {
    if !origin.is_empty() {
        // Each request is of one link.
        let _ = ctx.framed_by.set(origin.to_owned());
    }
}

/// Nobody goes on here; a page around it is told.
fn ended(ctx: &Ctx, framed_by: Option<String>) -> Stop {
    let words = words::Words::of(ctx.language);
    let embed_origin = framed_by.unwrap_or_default();
    frame_by(ctx, &embed_origin);
    let frame = Frame { embed_origin, ..bare(ctx.language) };
    said(frame, "ended", StatusCode::UNAUTHORIZED, (words.ended_title, words.ended_sentence))
}

/// A form was not one of ours.
pub(super) fn foreign(ctx: &Ctx) -> Stop {
    let words = words::Words::of(ctx.language);
    said(bare(ctx.language), "", StatusCode::FORBIDDEN, (words.foreign_title, words.foreign_sentence))
}

fn said(frame: Frame, state: &'static str, status: StatusCode, (title, text): (&str, &str)) -> Stop {
    let sentence = words::sentence(text, &[]);
    let message = Message { frame, title, sentence, state, renewal: String::new() };
    Stop::Page(Box::new(show(status, message.render().unwrap_or_default())))
}
