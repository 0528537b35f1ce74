//! What is wrong with a response apart from what only its moment or its sender knows: which request it answers, and that it
//! is looked at long after. Whoever is sent one wants to know that in one go.

use vestibule_saml::UnixMillis;
use vestibule_saml::response::ResponseRefusal;

/// A response judged as the answer to the request that it names, and as of a time at which it was good.
#[derive(Debug)]
pub(super) struct Apart {
    /// The request, if one was taken from the response.
    pub request_id: Option<String>,
    /// The time.
    pub now: UnixMillis,
    /// What is still wrong.
    pub refusal: Option<ResponseRefusal>,
}

/// Judges on from a first refusal; nothing where that was about the response itself. `judge` takes the request that is to be
/// answered and the time, and is silent where there is nothing to compare with.
pub(super) fn judged_apart(
    first: &ResponseRefusal,
    now: UnixMillis,
    judge: impl Fn(Option<&str>, UnixMillis) -> Option<Option<ResponseRefusal>>,
) -> Option<Apart> {
    let mut apart = Apart { request_id: None, now, refusal: Some(first.clone()) };
    // A request, and a time for each of the ends that a response has.
    for _ in 0..4 {
        match apart.refusal.as_ref()? {
            ResponseRefusal::Unasked { found, .. } if apart.request_id.is_none() => {
                apart.request_id = Some(found.as_str().to_owned());
            }
            refusal => match good_at(refusal).filter(|then| then.0 < apart.now.0) {
                Some(then) => apart.now = then,
                None => break,
            },
        }
        apart.refusal = judge(apart.request_id.as_deref(), apart.now)?;
        if apart.refusal.is_none() {
            break;
        }
    }
    (apart.request_id.is_some() || apart.now != now).then_some(apart)
}

/// When a response was good that is refused for its age.
pub(super) fn good_at(refusal: &ResponseRefusal) -> Option<UnixMillis> {
    match refusal {
        ResponseRefusal::IssuedTooLongAgo { moment, .. } => Some(moment.time),
        ResponseRefusal::Expired(moment)
        | ResponseRefusal::ConfirmationExpired(moment)
        | ResponseRefusal::SessionExpired(moment) => Some(UnixMillis(moment.time.0.saturating_sub(1000))),
        _ => None,
    }
}
