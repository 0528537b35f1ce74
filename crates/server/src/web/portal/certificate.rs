//! What of one connection ends, old and new side by side: the next certificate is added before the old one ends, and the old one goes when
//! the new one was seen. The same of a client secret.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State};
use axum::response::Response;
use http::HeaderMap;
use vestibule_domain::calendar::{Ends, Part};
use vestibule_domain::connection::Connection;
use vestibule_domain::id::{ConnectionId, SamlVerificationKeyId};
use vestibule_domain::rbac::asks::ChangeConnection;
use vestibule_domain::refusal::What;
use vestibule_domain::secret::Secret;
use vestibule_domain::setup_link::{Intent, Step};
use vestibule_domain::time::{Span, Time};

use super::certificates::{Described, called, reached};
use super::enter::{Shown, Stop, Visit, clock};
use super::problem::Problem;
use super::sign_ins::seen;
use super::subject::{answer, guided};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::form::Form;
use crate::http::input::Path;
use crate::operations::connections::idp_metadata::refresh::{Refreshed, refresh_now};
use crate::operations::connections::saml;
use crate::operations::endings::{self, Given};
use crate::operations::setup_links::held;
use crate::web::Pages;
use crate::web::page::{Frame, see};
use crate::web::words::{Piece, sentence};
use crate::world::App;
use crate::world::provider_guides::Theirs;

/// Since when a certificate counts as one in use.
const RECENT: Span = Span::days(1);

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<Pages> {
    let one = "/setup/{setup_handle}/certificates/{connection_id}";
    Endpoints::new().get(one, Needs::OpenedLink, look).post(one, Needs::OpenedLink, submit)
}

#[derive(Template)]
#[template(path = "setup/certificate.html")]
struct Page {
    frame: Frame,
    back: String,
    title: String,
    form_token: String,
    trouble: Problem,
    theirs: Vec<Certificate>,
    ours: Vec<(&'static str, Described)>,
    /// Where the metadata is read by itself; `""` where it is not known.
    metadata_url: String,
    /// What the console calls a certificate.
    hint: Vec<Piece>,
    /// Where our own metadata is, for providers that import it; `""` where there is none.
    our_metadata: String,
    is_saml: bool,
    is_oidc: bool,
    secret: Option<Described>,
    /// What came of a reading of the metadata.
    told: &'static str,
}

/// A certificate of the provider.
struct Certificate {
    ending: Described,
    /// When somebody signed in by it.
    used: Vec<Piece>,
    is_used: bool,
    /// Whether it was used so lately that removing it is asked about.
    is_in_use: bool,
    may_go: bool,
}

async fn subject(visit: &Visit, id: &str) -> Result<Connection, Stop> {
    let id: ConnectionId = id.parse().map_err(|_| What::NoSuchRoute)?;
    let found = seen(visit).await?.into_iter().find(|connection| connection.id == id);
    // A borrowed connection's provider is not this organization's to change.
    found.filter(|found| guided(&visit.holder.link, found).is_some()).ok_or_else(|| What::NoSuchRoute.into())
}

/// The page.
async fn look(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    headers: HeaderMap,
    Path((handle, id)): Path<(String, String)>,
) -> Shown {
    let visit = Visit::enter(app, ctx, &headers, (handle, Some(Intent::Certificates))).await?;
    let connection = subject(&visit, &id).await?;
    Ok(shown(&visit, &connection, Problem::default(), "").await?)
}

async fn shown(
    visit: &Visit,
    connection: &Connection,
    trouble: Problem,
    told: &'static str,
) -> Result<Response, Failure> {
    let (words, upkeep) = (visit.words(), visit.upkeep());
    let all = reached(visit).await?.into_iter().filter(|one| one.of == Part::Connection(connection.id));
    let uses = endings::uses(&visit.app, connection).await?;
    let (mut theirs, mut ours, mut secret) = (Vec::new(), Vec::new(), None);
    let count = connection.saml().map_or(0, |settings| settings.verification_certificates.len());
    for ending in all {
        let described = Described::of(visit, &ending);
        match ending.what {
            Ends::ProviderCertificate => {
                let used = uses.get(&ending.fingerprint).copied();
                theirs.push(Certificate {
                    ending: described,
                    used: match used {
                        Some(at) => sentence(upkeep.last_used, &[("time", &clock(at))]),
                        None => sentence(upkeep.not_used, &[]),
                    },
                    is_used: used.is_some(),
                    is_in_use: used.is_some_and(|at| at > visit.ctx.now.minus(RECENT)),
                    may_go: count > 1,
                });
            }
            Ends::ClientSecret => secret = Some(described),
            what => ours.push((called(upkeep, what), described)),
        }
    }
    let theirs_called = guided(&visit.holder.link, connection)
        .and_then(|(_, guide)| guide.theirs_called(Theirs::Certificate))
        .map_or_else(Vec::new, |theirs| sentence(words.called_there, &[("label", &theirs.label)]));
    let is_wrong = !trouble.sentence.is_empty();
    let page = Page {
        frame: visit.frame(),
        back: visit.path("/certificates"),
        title: connection.display_name.clone(),
        form_token: visit.holder.form_token(),
        trouble,
        theirs,
        ours,
        metadata_url: connection.saml().map_or_else(String::new, |settings| settings.metadata_url.clone()),
        hint: theirs_called,
        our_metadata: if connection.saml().is_some() {
            visit.app.sp_metadata_url(connection.id)
        } else {
            String::new()
        },
        is_saml: connection.saml().is_some(),
        is_oidc: connection.oidc().is_some(),
        secret,
        told,
    };
    Ok(answer(is_wrong, page.render()))
}

/// What a form of the page asks for.
async fn submit(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Path((handle, id)): Path<(String, String)>,
    request: Request,
) -> Shown {
    let (visit, form) = Visit::submit(app, ctx, request, (handle, Some(Intent::Certificates))).await?;
    let connection = subject(&visit, &id).await?;
    let upkeep = visit.upkeep();
    let outcome = match form.text("do") {
        "add" => add(&visit, &connection, &form).await,
        "remove" => remove(&visit, &connection, &form).await,
        "secret" => replace(&visit, &connection, &form).await,
        "read" => {
            let told = match refresh_now(&visit.app, &connection).await? {
                Refreshed::Changed(_) => upkeep.metadata_changed,
                Refreshed::Unchanged => upkeep.metadata_unchanged,
                Refreshed::NotNow => upkeep.metadata_not_now,
            };
            let now = subject(&visit, &id).await?;
            return Ok(shown(&visit, &now, Problem::default(), told).await?);
        }
        _ => return Err(What::MethodNotAllowed.into()),
    };
    match outcome {
        Ok(None) => Ok(see(&visit.path(&format!("/certificates/{}", connection.id)))),
        Ok(Some(trouble)) => Ok(shown(&visit, &connection, Problem::said(trouble), "").await?),
        Err(failure) => {
            let trouble = Problem::of(failure, visit.words())?;
            Ok(shown(&visit, &connection, trouble, "").await?)
        }
    }
}

/// What is wrong, where whoever entered something can change it.
type Outcome = Result<Option<&'static str>, Failure>;

async fn add(visit: &Visit, connection: &Connection, form: &Form) -> Outcome {
    let text = |name: &str| form.given(name).map(str::to_owned);
    let given = Given {
        certificates: text("certificate"),
        metadata_xml: text("metadata_file"),
        metadata_url: text("metadata_url"),
    };
    if given.certificates.is_none() && given.metadata_xml.is_none() && given.metadata_url.is_none() {
        return Ok(Some(visit.words().nothing_given));
    }
    let grant = visit.holder.grant::<ChangeConnection>()?;
    endings::add_certificates(&visit.app, &visit.ctx, &grant, connection.id, given).await?;
    note(visit, connection).await
}

/// The old one goes: not the last, and one that is in use only if that was said to be meant.
async fn remove(visit: &Visit, connection: &Connection, form: &Form) -> Outcome {
    let upkeep = visit.upkeep();
    let settings = connection.saml().ok_or(What::NoSuchRoute)?;
    let id: SamlVerificationKeyId = form.text("certificate_id").parse().map_err(|_| What::NoSuchRoute)?;
    let Some(certificate) = settings.verification_certificates.iter().find(|one| one.id == id) else {
        // Somebody was faster: what was meant to go is gone.
        return Ok(None);
    };
    if settings.verification_certificates.len() == 1 {
        return Ok(Some(upkeep.last_certificate));
    }
    let used = endings::uses(&visit.app, connection).await?.get(&certificate.fingerprint).copied();
    let is_in_use = used.is_some_and(|at| at > visit.ctx.now.minus(RECENT));
    if is_in_use && form.given("sure").is_none() {
        return Ok(Some(upkeep.still_in_use));
    }
    let grant = visit.holder.grant::<ChangeConnection>()?;
    saml::remove_certificate(&visit.app, &visit.ctx, &grant, connection.id, id).await?;
    Ok(None)
}

async fn replace(visit: &Visit, connection: &Connection, form: &Form) -> Outcome {
    let secret = form.given("client_secret").map(Secret::new);
    let ends_at = match form.given("ends_on") {
        None => None,
        Some(day) => match Time::from_rfc3339(&format!("{day}T00:00:00Z")) {
            Some(end) => Some(end),
            None => return Ok(Some(visit.words().wrong_value)),
        },
    };
    if secret.is_none() && ends_at.is_none() {
        return Ok(Some(visit.words().nothing_given));
    }
    let grant = visit.holder.grant::<ChangeConnection>()?;
    let given = (secret, ends_at);
    endings::replace_client_secret(&visit.app, &visit.ctx, &grant, connection.id, given).await?;
    note(visit, connection).await
}

async fn note(visit: &Visit, connection: &Connection) -> Outcome {
    let link = &visit.holder.link;
    held::note(&visit.app, &visit.ctx, link, Step::CertificateAdded, Some(connection.id)).await?;
    Ok(None)
}
