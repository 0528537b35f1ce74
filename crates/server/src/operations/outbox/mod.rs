//! The outbox: messages to people, written in the batch of what causes them and delivered at least once by whichever node
//! is first. Nobody waits for a mail server.

pub(crate) mod words;

use std::sync::Arc;

use tokio::task::JoinSet;
use vestibule_domain::id::MessageId;
use vestibule_domain::outbox::{Recipient, back_off};
use vestibule_domain::refusal::Channel;
use vestibule_domain::time::{Span, Time};
use vestibule_store::StoreError;
use vestibule_store::tables::outbox::{self, StoredMessage};

use crate::failure::Failure;
use crate::world::App;
use crate::world::post::{Delivered, Parcel, Undelivered};
use crate::world::telemetry::metric;
use words::{Words, words};

/// Messages of a channel that are looked at in one round, and those that are on their way at once.
const ROUND: u32 = 64;
const AT_ONCE: usize = 8;
/// How long whoever claims a message has for it: longer than any try may take, so that no two nodes try at once even when
/// their clocks differ.
const LEASE: Span = Span::minutes(5);
/// Messages that a developer is shown.
const SHOWN: u32 = 500;

/// Tries to deliver what is due by any channel, as [`deliver_by`] does by one. Answers how many messages this node tried.
///
/// # Errors
/// The store's.
pub async fn deliver_due(app: &Arc<App>) -> Result<usize, Failure> {
    let (mails, texts) = tokio::join!(deliver_by(app, Channel::Email), deliver_by(app, Channel::Sms));
    Ok(mails? + texts?)
}

/// Tries to deliver what is due by one channel: a mail server that hangs holds up no text messages, and the other way round.
/// Answers how many messages this node tried; the caller comes again when there may be more.
///
/// # Errors
/// The store's.
pub(crate) async fn deliver_by(app: &Arc<App>, channel: Channel) -> Result<usize, Failure> {
    let due = app.store.due_messages(channel, app.clock.now(), ROUND).await?;
    let (mut under_way, mut tried) = (JoinSet::new(), 0);
    for message in due {
        while under_way.len() >= AT_ONCE {
            tried += ended(under_way.join_next().await);
        }
        let app = app.clone();
        under_way.spawn(async move { try_once(&app, &message).await });
    }
    while !under_way.is_empty() {
        tried += ended(under_way.join_next().await);
    }
    Ok(tried)
}

/// Whether there may be more than one round took.
#[must_use]
pub fn is_full_round(tried: usize) -> bool {
    tried >= ROUND as usize
}

/// Trouble with one message is told and holds up no other.
fn ended(outcome: Option<Result<Result<bool, Failure>, tokio::task::JoinError>>) -> usize {
    match outcome {
        Some(Ok(Ok(tried))) => usize::from(tried),
        Some(Ok(Err(failure))) => {
            failure.log();
            0
        }
        Some(Err(_)) | None => 0,
    }
}

/// Whether this node tried the message.
async fn try_once(app: &App, message: &StoredMessage) -> Result<bool, Failure> {
    let now = app.clock.now();
    let (claim, claimed) = outbox::claim(message, now.plus(LEASE));
    match app.store.commit(claim).await {
        Ok(()) => {}
        Err(error) if error.is_guard(outbox::CLAIMED) => return Ok(false),
        Err(error) => return Err(error.into()),
    }
    let outcome = hand_over(app, message, now).await;
    let now = app.clock.now();
    let word = match &outcome {
        Ok(_) => "delivered",
        Err(Undelivered { is_final: true, .. }) => "given_up",
        Err(_) => "put_off",
    };
    metrics::counter!(metric::MESSAGES, "channel" => message.channel.as_str(), "outcome" => word)
        .increment(1);
    tell(message, claimed.tries(), word, outcome.as_ref().err());
    let settled = match &outcome {
        Ok(Delivered::Left) => outbox::delivered(message.id),
        Ok(Delivered::Kept) => outbox::keep(message.id, now),
        Err(why) if why.is_final => outbox::give_up(&claimed, &why.reason, now),
        Err(why) => outbox::defer(&claimed, now.plus(back_off(claimed.tries())), &why.reason),
    };
    app.store.commit(settled).await?;
    Ok(true)
}

async fn hand_over(app: &App, message: &StoredMessage, now: Time) -> Result<Delivered, Undelivered> {
    let letter = match app.store.letter(&app.vault, message).await {
        Ok(Some(letter)) => letter,
        Ok(None) => return Err(Undelivered::lasting(outbox::EXPIRED)),
        // Another node may have the key that this one lacks.
        Err(StoreError::Seal(_) | StoreError::Row(_)) => return Err(Undelivered::passing("unreadable")),
        Err(_) => return Err(Undelivered::passing("store_unavailable")),
    };
    let Words { subject, text, html } = words(message.purpose, &letter, message.expires_at);
    let parcel = Parcel {
        id: message.id,
        purpose: message.purpose,
        to: &letter.to,
        subject: &subject,
        text: &text,
        html: &html,
        created_at: message.created_at,
        expires_at: message.expires_at,
    };
    app.post.deliver(&app.fetcher, &parcel, now).await
}

/// Neither to whom nor what.
fn tell(message: &StoredMessage, tries: i64, outcome: &'static str, why: Option<&Undelivered>) {
    let (id, project, channel) = (message.id, message.project_id, message.channel.as_str());
    let purpose = message.purpose.as_str();
    match why {
        None => tracing::info!(%id, %project, channel, purpose, tries, outcome, "a message was delivered"),
        Some(Undelivered { reason, .. }) => tracing::warn!(
            %id, %project, channel, purpose, tries, outcome, reason, "a message could not be delivered"
        ),
    }
}

/// A message as a developer reads it.
pub struct Shown {
    /// Its id.
    pub id: MessageId,
    /// When it was asked for.
    pub at: Time,
    /// To whom.
    pub to: Recipient,
    /// What it is about.
    pub subject: String,
    /// What it says.
    pub text: String,
}

/// The messages to somebody, or all, the oldest first: for a server that keeps them for its developer.
///
/// # Errors
/// The store's, and letters that cannot be read.
pub async fn shown(app: &App, to: Option<&str>) -> Result<Vec<Shown>, Failure> {
    let mut found = Vec::new();
    for message in app.store.messages(None, None, SHOWN).await?.into_iter().rev() {
        let Some(letter) = app.store.letter(&app.vault, &message).await? else { continue };
        if to.is_some_and(|to| !letter.to.expose().eq_ignore_ascii_case(to.trim())) {
            continue;
        }
        let Words { subject, text, .. } = words(message.purpose, &letter, message.expires_at);
        found.push(Shown { id: message.id, at: message.created_at, to: letter.to, subject, text });
    }
    Ok(found)
}

/// Gives up what has ended, and tells the metrics how many messages stand where.
///
/// # Errors
/// The store's.
pub(crate) async fn look_after(app: &App) -> Result<(), Failure> {
    let now = app.clock.now();
    app.store.commit(outbox::expire(now)).await?;
    let counts = app.store.message_counts().await?;
    for state in outbox::MessageState::ALL {
        let found = counts.iter().find(|one| one.state == state);
        let count = found.map_or(0, |one| one.count);
        metrics::gauge!(metric::OUTBOX, "state" => state.as_str()).set(count as f64);
        if state == outbox::MessageState::Waiting {
            let seconds = found.map_or(0, |one| (now.millis() - one.oldest.millis()).max(0) / 1000);
            metrics::gauge!(metric::OUTBOX_OLDEST).set(seconds as f64);
        }
    }
    Ok(())
}
