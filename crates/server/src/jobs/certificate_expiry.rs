//! Warnings before a verification certificate ends: 90, 30, 7 and 1 day before, once for all nodes, in the log, as a
//! metric and in the audit trail.

use vestibule_domain::Time;
use vestibule_domain::connection::{EXPIRY_WARNINGS, VerificationCertificate, expiry_warning};
use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::time::Span;
use vestibule_store::tables::notices::{self, Ending};

use crate::failure::Failure;
use crate::operations::events::Scene;
use crate::world::App;
use crate::world::telemetry::metric;

const PAGE: u32 = 200;

/// Gives the warnings that are due. Answers how many this node gave.
///
/// # Errors
/// The store's.
pub async fn announce(app: &App) -> Result<usize, Failure> {
    let now = app.clock.now();
    let horizon = now.plus(Span::days(EXPIRY_WARNINGS.into_iter().max().unwrap_or_default()));
    let (mut after, mut given) = (String::new(), 0);
    loop {
        let page = app.store.ending_certificates(horizon, &after, PAGE).await?;
        for ending in &page {
            given += warn(app, ending, now).await?;
        }
        match page.last() {
            Some(last) if page.len() == PAGE as usize => after = last.connection_id.to_string(),
            _ => return Ok(given),
        }
    }
}

async fn warn(app: &App, ending: &Ending, now: Time) -> Result<usize, Failure> {
    let known = app.store.certificate_notices(ending.connection_id).await?;
    let mut given = 0;
    for certificate in &ending.certificates {
        let Some(days) = expiry_warning(certificate.expires_at, now) else { continue };
        let same = |(fingerprint, at): &(String, i64)| *fingerprint == certificate.fingerprint && *at == days;
        if !known.iter().any(same) && give(app, ending, certificate, days, now).await? {
            given += 1;
        }
    }
    Ok(given)
}

/// Whether it was this node that gave the warning.
async fn give(
    app: &App,
    ending: &Ending,
    certificate: &VerificationCertificate,
    days: i64,
    now: Time,
) -> Result<bool, Failure> {
    let event = Scene::unasked(ending.tenant, now)
        .event(app, EventKind::CertificateExpiring, Object::Connection(ending.connection_id))
        .with("certificate_id", certificate.id.to_string())
        .with("fingerprint_sha256", certificate.fingerprint.clone())
        .with("subject", certificate.subject.clone())
        .with("expires_at", certificate.expires_at.to_string())
        .with("days", days);
    let notice = notices::give(ending.tenant.project_id(), ending.connection_id, certificate, days, now);
    match app.store.commit([notice, event.write()]).await {
        Ok(()) => {}
        Err(error) if error.is_unique(notices::GIVEN) => return Ok(false),
        Err(error) => return Err(error.into()),
    }
    tracing::warn!(
        connection = %ending.connection_id,
        organization = %ending.tenant.organization_id(),
        certificate = %certificate.id,
        subject = certificate.subject,
        expires_at = %certificate.expires_at,
        days,
        "a verification certificate ends soon, or has ended: its successor should be added"
    );
    metrics::counter!(metric::SAML_CERTIFICATE_WARNINGS, "days" => days.to_string()).increment(1);
    Ok(true)
}
