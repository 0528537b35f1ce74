//! What others keep of a sign-in for us until its answer comes: the provider its state, the browser its ticket. Both are
//! stamped. So a start writes nothing, and a stranger who starts a million sign-ins leaves nothing behind.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use vestibule_domain::login::state::Body;
use vestibule_domain::login::ticket::{LONGEST, Ticket};
use vestibule_domain::secret::Token;
use vestibule_domain::time::Time;
use vestibule_store::Stamped;

use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

const STATE: &str = "state of a sign-in";
const TICKET: &str = "ticket of a sign-in";
/// The bytes of a ticket's stamp: 128 bits, which nobody guesses and which the browser is known by.
const TICKET_TAG: usize = 16;

/// A new state. It says under which name the client came, if answers come back to another one.
pub(super) fn new_state(app: &App, ctx: &Ctx) -> Token {
    let other_name = if app.answers_at(&ctx.host) { "" } else { &ctx.host };
    let body = Body::generate(ctx.now, other_name, app.entropy.as_ref());
    body.with_tag(&app.vault.stamp(Stamped { purpose: STATE, parts: &body.parts() }))
}

/// What a state says that was given out by any node. `None` for one that is not ours.
///
/// # Errors
/// The store's.
pub(super) async fn ours(app: &App, state: &Token, now: Time) -> Result<Option<Body>, Failure> {
    let Some((body, tag)) = Body::of(state) else { return Ok(None) };
    let is_ours = || app.vault.is_stamp(&tag, Stamped { purpose: STATE, parts: &body.parts() });
    Ok(app.vault.recognizes(now, is_ours).await?.then_some(body))
}

/// What the browser keeps of a sign-in: good beside its state alone. `None` for more than a cookie can hold.
pub(super) fn ticket(app: &App, state: &Token, ticket: &Ticket) -> Option<Token> {
    let mut bytes = ticket.to_bytes()?;
    let tag = app.vault.stamp(Stamped { purpose: TICKET, parts: &[state.expose().as_bytes(), &bytes] });
    bytes.extend(tag.iter().take(TICKET_TAG));
    let text = URL_SAFE_NO_PAD.encode(bytes);
    (text.len() <= LONGEST).then(|| Token::presented(&text))
}

/// The ticket that a browser brought, if it is the one of this state, which is ours.
pub(super) fn read_ticket(app: &App, state: &Token, brought: &Token) -> Option<Ticket> {
    let bytes = URL_SAFE_NO_PAD.decode(brought.expose()).ok()?;
    let (ticket, tag) = bytes.split_at_checked(bytes.len().checked_sub(TICKET_TAG)?)?;
    let stamped = Stamped { purpose: TICKET, parts: &[state.expose().as_bytes(), ticket] };
    app.vault.is_stamp(tag, stamped).then(|| Ticket::from_bytes(ticket)).flatten()
}
