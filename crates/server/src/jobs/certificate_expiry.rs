//! Warnings before a certificate, a client secret or a token of a directory ends: 90, 30, 7 and 1 day before, once for all nodes, in
//! the log, as a metric, in the audit trail, and by mail to whoever set the organization up.

use vestibule_domain::Time;
use vestibule_domain::calendar::{Ending, Ends, Part};
use vestibule_domain::connection::{EXPIRY_WARNINGS, expiry_warning};
use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::time::Span;
use vestibule_store::Batch;
use vestibule_store::tables::notices::{self, Holder};
use vestibule_store::tables::setup_links;

use crate::failure::Failure;
use crate::operations::events::Scene;
use crate::operations::reminders;
use crate::world::App;
use crate::world::telemetry::metric;

const PAGE: u32 = 200;

/// Whether people are told by mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reminders {
    /// They are, where the server can send mail.
    #[default]
    Mailed,
    /// They are not.
    Off,
}

/// Gives the warnings that are due. Answers how many this node gave.
///
/// # Errors
/// The store's.
pub async fn announce(app: &App, reminders: Reminders) -> Result<usize, Failure> {
    let now = app.clock.now();
    let horizon = now.plus(Span::days(EXPIRY_WARNINGS.into_iter().max().unwrap_or_default()));
    let mut given = 0;
    let mut after = Some(String::new());
    while let Some(from) = after {
        let page = app.store.connections_with_ends((horizon, now), &from, PAGE).await?;
        given += warn_all(app, &page, reminders, now).await?;
        after = rest(page);
    }
    let mut after = Some(String::new());
    while let Some(from) = after {
        let page = app.store.directories_with_ends(now, &from, PAGE).await?;
        given += warn_all(app, &page, reminders, now).await?;
        after = rest(page);
    }
    Ok(given)
}

/// Where the next page begins; `None` after the last.
fn rest(mut page: Vec<Holder>) -> Option<String> {
    let is_full = page.len() == PAGE as usize;
    page.pop().filter(|_| is_full).map(|last| last.id)
}

async fn warn_all(app: &App, page: &[Holder], reminders: Reminders, now: Time) -> Result<usize, Failure> {
    let mut given = 0;
    for holder in page {
        let due: Vec<(&Ending, i64)> = holder
            .endings
            .iter()
            .filter_map(|ending| Some((ending, expiry_warning(ending.ends_at, now)?)))
            .collect();
        if due.is_empty() {
            continue;
        }
        let known = app.store.certificate_notices(&holder.id).await?;
        for (ending, days) in due {
            let mark = ending.mark();
            let is_known = known.iter().any(|(known, at)| *known == mark && *at == days);
            if !is_known && give(app, holder, (ending, days), reminders, now).await? {
                given += 1;
            }
        }
    }
    Ok(given)
}

/// Whether it was this node that gave the warning. The mails are in its batch: they are written once, or not at all.
async fn give(
    app: &App,
    holder: &Holder,
    (ending, days): (&Ending, i64),
    reminders: Reminders,
    now: Time,
) -> Result<bool, Failure> {
    let (kind, key) = match ending.what {
        Ends::ProviderCertificate => (EventKind::CertificateExpiring, "certificate_id"),
        _ => (EventKind::CredentialExpiring, "id"),
    };
    let object = match ending.of {
        Part::Connection(id) => Object::Connection(id),
        Part::Directory(id) => Object::Directory(id),
    };
    let mut event = Scene::unasked(holder.tenant, now)
        .event(app, kind, object)
        .with(key, ending.id.clone())
        .with("subject", ending.subject.clone())
        .with("expires_at", ending.ends_at.to_string())
        .with("days", days);
    event = match ending.what {
        Ends::ProviderCertificate => event.with("fingerprint_sha256", ending.fingerprint.clone()),
        what => event.with("type", what.as_str()),
    };
    let notice = notices::give(holder.tenant.project_id(), &holder.id, ending, days, now);
    let warning = Batch::from([notice, event.write()]);
    let mails = match reminders {
        // Whoever has given us the next one has done what there is to do.
        Reminders::Mailed if !ending.has_successor => {
            reminders::mails(app, holder.tenant, ending, now).await?
        }
        _ => None,
    };
    let outcome = match mails {
        Some(mails) => match app.store.commit(warning.clone().and(mails)).await {
            // An organization with as many links as it may have is told in the audit trail all the same.
            Err(error) if error.is_guard(setup_links::ROOM) => app.store.commit(warning).await,
            outcome => outcome,
        },
        None => app.store.commit(warning).await,
    };
    match outcome {
        Ok(()) => {}
        Err(error) if error.is_unique(notices::GIVEN) => return Ok(false),
        Err(error) => return Err(error.into()),
    }
    tracing::warn!(
        holder = holder.id,
        organization = %holder.tenant.organization_id(),
        what = ending.what.as_str(),
        id = ending.id,
        subject = ending.subject,
        expires_at = %ending.ends_at,
        days,
        "something ends soon, or has ended: its successor should be added"
    );
    if ending.what == Ends::ProviderCertificate {
        metrics::counter!(metric::SAML_CERTIFICATE_WARNINGS, "days" => days.to_string()).increment(1);
    }
    Ok(true)
}
