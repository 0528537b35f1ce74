//! What the server does unasked: keeps what nobody finished, delivers messages, forgets what is over, reads providers' metadata again, looks for domains' records, warns before certificates
//! end. Every node does it; they do not disturb each other.

pub mod certificate_expiry;

use std::sync::Arc;
use std::time::Duration;

use vestibule_domain::refusal::Channel;
use vestibule_domain::time::{Span, Time};
use vestibule_store::tables::cleanup::Retention;

use crate::failure::Failure;
use crate::jobs::certificate_expiry::Reminders;
use crate::operations::abandoned;
use crate::operations::api_secrets;
use crate::operations::connections::idp_metadata::refresh;
use crate::operations::directories;
use crate::operations::domains::looking;
use crate::operations::outbox;
use crate::operations::session_keys::replace_old;
use crate::world::App;
use crate::world::shutdown::Shutdown;
use crate::world::telemetry::{self, metric};

const EVERY: Duration = Duration::from_secs(60);
/// Between two looks at the outbox, and after one that failed.
const POST_EVERY: Duration = Duration::from_secs(1);
const POST_AFTER_TROUBLE: Duration = Duration::from_secs(10);
/// Certificates end by the day: looking at them once an hour is enough.
const ROUNDS_BETWEEN_WARNINGS: u64 = 60;

/// What is kept for how long.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Kept {
    /// What is over.
    pub history: Retention,
    /// Keys that sign session tokens; however old they are, when absent.
    pub session_keys: Option<Span>,
    /// Whether people are told by mail of what ends.
    pub reminders: Reminders,
}

/// Runs the jobs until the server stops.
pub(crate) async fn run(app: Arc<App>, kept: Kept, shutdown: Shutdown) {
    tokio::join!(
        forget(app.clone(), kept.history, shutdown.clone()),
        deliver(app.clone(), Channel::Email, shutdown.clone()),
        deliver(app.clone(), Channel::Sms, shutdown.clone()),
        attend(app, kept, shutdown)
    );
}

/// Whether a round may begin; `false` when the server stops.
async fn next_round(shutdown: &Shutdown) -> bool {
    tokio::select! {
        () = shutdown.started() => false,
        () = tokio::time::sleep(EVERY) => true,
    }
}

/// How much further than the steady clock the clock may go from one round to the next.
const LEAP: Span = Span::minutes(5);
/// How long nothing is forgotten after it went further: time for somebody to set it right.
const DISTRUST: Span = Span::days(1);

/// Whether the clock is to be believed when it says that something is over.
#[derive(Default)]
struct Trust {
    /// The time of day and the steady time of the round before.
    before: Option<(Time, Time)>,
    /// In steady time.
    distrusted_until: Option<Time>,
}

impl Trust {
    /// Whether what is over at `now` may be forgotten.
    fn may_forget(&mut self, now: Time, steady: Time) -> bool {
        if let Some((then, steadily)) = self.before.replace((now, steady)) {
            let leapt = (now.millis() - then.millis()) - (steady.millis() - steadily.millis());
            if leapt > LEAP.millis() {
                tracing::warn!(
                    seconds = leapt / 1000,
                    "the clock leapt ahead: nothing is forgotten for a day"
                );
                self.distrusted_until = Some(steady.plus(DISTRUST));
            } else if leapt < -LEAP.millis() {
                // Set back, as after a leap that was none of the time.
                self.distrusted_until = None;
            }
        }
        self.distrusted_until.is_none_or(|until| until <= steady)
    }
}

async fn forget(app: Arc<App>, kept: Retention, shutdown: Shutdown) {
    let mut trust = Trust::default();
    while next_round(&shutdown).await {
        app.limits.forget_idle();
        telemetry::tell_lost_lines();
        telemetry::tell_database(&app.store.figures());
        metrics::gauge!(metric::UNREADABLE_ROWS).set(app.store.unreadable_rows() as f64);
        if let Err(error) = app.vault.reload().await {
            tracing::warn!(%error, "the data keys could not be loaded again; the next round tries again");
        }
        report(abandoned::keep(&app).await);
        report(api_secrets::keep_uses(&app).await);
        report(directories::uses::keep(&app).await);
        report(outbox::look_after(&app).await.map(|()| 0));
        let now = app.clock.now();
        if !trust.may_forget(now, app.clock.steady()) {
            continue;
        }
        if let Err(error) = app.store.cleanup(now, kept).await {
            tracing::warn!(%error, "expired rows could not be removed; the next round tries again");
        }
    }
}

/// Messages of a channel that are due. People wait for them: they are looked for every second.
async fn deliver(app: Arc<App>, channel: Channel, shutdown: Shutdown) {
    let mut pause = POST_EVERY;
    loop {
        tokio::select! {
            () = shutdown.started() => return,
            () = tokio::time::sleep(pause) => {}
        }
        pause = match outbox::deliver_by(&app, channel).await {
            Ok(tried) if outbox::is_full_round(tried) => Duration::ZERO,
            Ok(_) => POST_EVERY,
            Err(failure) => {
                failure.log();
                POST_AFTER_TROUBLE
            }
        };
    }
}

/// Apart from forgetting, because a provider that does not answer takes its time.
async fn attend(app: Arc<App>, kept: Kept, shutdown: Shutdown) {
    let mut round = 0_u64;
    while next_round(&shutdown).await {
        report(refresh::due(&app).await);
        report(looking::due(&app).await);
        if round.is_multiple_of(ROUNDS_BETWEEN_WARNINGS) {
            report(certificate_expiry::announce(&app, kept.reminders).await);
            if let Some(age) = kept.session_keys {
                report(replace_old(&app, age).await);
            }
        }
        round += 1;
    }
}

fn report(outcome: Result<usize, Failure>) {
    if let Err(failure) = outcome {
        failure.log();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_leaps_makes_nobody_forgotten() {
        let minute = |number: i64| Time::from_seconds(1_800_000_000 + 60 * number);
        let mut trust = Trust::default();
        assert!(trust.may_forget(minute(0), minute(0)));
        assert!(trust.may_forget(minute(1), minute(1)));
        let year = 365 * 24 * 60;
        assert!(!trust.may_forget(minute(2 + year), minute(2)));
        assert!(!trust.may_forget(minute(3 + year), minute(3)));
        // Set right again.
        assert!(trust.may_forget(minute(4), minute(4)));
        // Or right after all.
        assert!(!trust.may_forget(minute(5 + year), minute(5)));
        let day = 24 * 60;
        assert!(trust.may_forget(minute(5 + year + day), minute(5 + day)));
    }
}
