//! Logos of connections: asked for on behalf of the connection's organization, kept for a while, and told from everything else by
//! their first bytes. What could run in a browser (SVG) is none.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use url::Url;
use vestibule_domain::id::ConnectionId;
use vestibule_domain::time::{Span, Time};

use super::flights::Flights;
use crate::world::fetch::{Errand, FetchRequest};

/// How long what came of asking is taken.
const FRESH: Span = Span::minutes(60);
/// The most bytes of a logo of 20 × 20.
const LIMIT: usize = 64 * 1024;
/// Logos that are kept; beyond it the oldest go.
const MOST: usize = 500;

/// A picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Logo {
    /// Its media type.
    pub kind: &'static str,
    /// Its bytes.
    pub bytes: Arc<[u8]>,
}

/// Logos by connection and address.
#[derive(Default)]
pub(crate) struct Logos {
    kept: Mutex<HashMap<Key, (Time, Option<Logo>)>>,
    flights: Flights<Key, Option<Logo>>,
}

type Key = (ConnectionId, String);

impl Logos {
    /// The logo at an address, if there is one.
    pub(crate) async fn get(
        &self,
        errand: Errand,
        connection: ConnectionId,
        url: &str,
        now: Time,
    ) -> Option<Logo> {
        let key = (connection, url.to_owned());
        if let Some((at, logo)) = self.kept().get(&key)
            && now < at.plus(FRESH)
        {
            return logo.clone();
        }
        let asked = key.clone();
        let logo = self.flights.share(key.clone(), || async move { fetched(&errand, &asked.1).await }).await;
        let logo = logo.unwrap_or_default();
        let mut kept = self.kept();
        if kept.len() >= MOST {
            let oldest = kept.iter().min_by_key(|(_, (at, _))| *at).map(|(key, _)| key.clone());
            oldest.and_then(|oldest| kept.remove(&oldest));
        }
        kept.insert(key, (now, logo.clone()));
        logo
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<Key, (Time, Option<Logo>)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn fetched(errand: &Errand, url: &str) -> Option<Logo> {
    let request = FetchRequest { limit_bytes: LIMIT, ..FetchRequest::get(Url::parse(url).ok()?) };
    let answer = match errand.send(request).await {
        Ok(answer) if answer.status.is_success() => answer,
        Ok(answer) => {
            tracing::info!(status = answer.status.as_u16(), "a logo is not there");
            return None;
        }
        Err(error) => {
            tracing::info!(%error, "a logo could not be fetched");
            return None;
        }
    };
    let kind = kind_of(&answer.body)?;
    Some(Logo { kind, bytes: answer.body.into() })
}

/// The media type of a picture that only can be looked at.
fn kind_of(bytes: &[u8]) -> Option<&'static str> {
    let begins = |mark: &[u8]| bytes.starts_with(mark);
    let is_webp = begins(b"RIFF") && bytes.get(8..12) == Some(b"WEBP");
    match () {
        () if begins(b"\x89PNG\r\n\x1a\n") => Some("image/png"),
        () if begins(b"\xff\xd8\xff") => Some("image/jpeg"),
        () if begins(b"GIF87a") || begins(b"GIF89a") => Some("image/gif"),
        () if is_webp => Some("image/webp"),
        () if begins(b"\0\0\x01\0") => Some("image/x-icon"),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_told_by_its_bytes() {
        assert_eq!(kind_of(b"\x89PNG\r\n\x1a\n..."), Some("image/png"));
        assert_eq!(kind_of(b"RIFF\0\0\0\0WEBPVP8 "), Some("image/webp"));
        assert_eq!(kind_of(b"\xff\xd8\xff\xe0"), Some("image/jpeg"));
        for none in [
            &b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"[..],
            b"<?xml version='1.0'?><svg/>",
            b"<html><script>alert(1)</script>",
            b"RIFF\0\0\0\0WAVE",
            b"\x89PNG",
            b"",
        ] {
            assert_eq!(kind_of(none), None);
        }
    }
}
