//! Switching a connection on: an act of its own, when what it needs is there.

use askama::Template;
use axum::response::Response;
use vestibule_domain::rbac::asks::ChangeConnection;
use vestibule_domain::setup_link::{DomainVerification, Requirement, Step};

use super::enter::Shown;
use super::problem::Problem;
use super::steps::{Page, State};
use super::subject::{Around, Subject, answer};
use crate::http::form::Form;
use crate::operations::connections::drafts;
use crate::operations::setup_links::held;
use crate::web::page::{Frame, see};
use crate::web::words::{Piece, sentence};

#[derive(Template)]
#[template(path = "setup/enable.html")]
struct Enable {
    frame: Frame,
    around: Around,
    is_active: bool,
    lead: Vec<Piece>,
    needs: Vec<Need>,
    may_enable: bool,
    can_enable: bool,
    ask: Vec<Piece>,
    was_asked: Vec<Piece>,
    success_url: String,
    back: String,
}

struct Need {
    text: &'static str,
    is_met: bool,
    path: String,
}

/// The page.
pub(super) fn look(subject: &Subject, trouble: Problem) -> Response {
    let (words, standing) = (subject.words(), subject.standing());
    let terms = &subject.visit.holder.link.terms;
    let is_active = standing.state() == State::Active;
    let need = |page: Page, text| Need { text, is_met: standing.is_done(page), path: subject.path(page) };
    let mut needs = vec![need(Page::Theirs, words.needs_values)];
    if terms.require_test != Requirement::Off {
        needs.push(need(Page::Test, words.needs_test));
    }
    if !subject.guide.assign.is_empty() {
        needs.push(need(Page::Assign, words.needs_people));
    }
    if terms.domain_verification == DomainVerification::Required {
        let path = subject.visit.path("/domains");
        needs.push(Need { text: words.needs_domains, is_met: standing.has_domains, path });
    }
    let frame = subject.visit.frame();
    let (provider, product) = (subject.provider.name.as_str(), frame.brand());
    let text = if is_active { words.active_sentence } else { words.enable_sentence };
    let was_asked = subject.visit.holder.link.has_done(Step::EnablingAsked, subject.connection.id);
    let is_wrong = !trouble.sentence.is_empty();
    let page = Enable {
        frame: subject.visit.frame(),
        around: subject.around(Page::Enable, trouble),
        is_active,
        lead: sentence(text, &[("provider", provider)]),
        needs,
        may_enable: standing.may_be_enabled(),
        can_enable: terms.can_enable,
        ask: sentence(words.enable_ask, &[("product", product)]),
        was_asked: if was_asked { sentence(words.enable_asked, &[("product", product)]) } else { Vec::new() },
        success_url: if terms.success_url.is_empty() {
            terms.return_url.clone()
        } else {
            terms.success_url.clone()
        },
        back: crate::http::languages::filled(frame.texts().back_to, "{product}", product),
    };
    answer(is_wrong, page.render())
}

/// Switches it on, or asks the vendor to.
pub(super) async fn submit(subject: &Subject, _: &Form) -> Shown {
    let (visit, link) = (&subject.visit, &subject.visit.holder.link);
    let id = subject.connection.id;
    if !subject.standing().may_be_enabled() {
        return Ok(look(subject, Problem::said(subject.words().enable_not_yet)));
    }
    if !link.terms.can_enable {
        held::note(&visit.app, &visit.ctx, link, Step::EnablingAsked, Some(id)).await?;
        return Ok(see(&subject.path(Page::Enable)));
    }
    let grant = visit.holder.grant::<ChangeConnection>()?;
    drafts::switch_on(&visit.app, &visit.ctx, &grant, id).await?;
    held::note(&visit.app, &visit.ctx, link, Step::Enabled, Some(id)).await?;
    Ok(see(&subject.path(Page::Enable)))
}
