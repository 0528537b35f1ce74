//! Reading a body: copied as it comes, so that small pieces hold no large buffers, and bounded for each request, each
//! client and the whole process.

use std::error::Error;

use axum::body::{Body, Bytes};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use vestibule_domain::refusal::{Bounded, Refusal, What};

use super::paced::TooSlow;
use crate::failure::Failure;
use crate::world::bodies::{Bodies, Reservation};
use crate::world::client::Client;

/// How much of a body that is too large is heard out.
const MOST_HEARD_OUT: usize = 16 * 1024 * 1024;
/// What those are told for whose body there is no room.
const BUSY: &str = "More is being sent to this server than it has room for.";

/// A body, whose bytes count until this is dropped.
pub(crate) struct Read {
    bytes: Vec<u8>,
    reserved: Reservation,
}

impl Read {
    /// What it says.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Reads a body of at most `most` bytes that `client` sent.
///
/// # Errors
/// [`What::TooLarge`]; [`What::Unreadable`] when it comes too slowly or breaks off; [`Failure::Busy`] when the client, or
/// all clients together, are sending as much as there is room for.
pub(crate) async fn read(
    mut body: Body,
    most: usize,
    bodies: &Bodies,
    client: impl Into<Client>,
) -> Result<Read, Failure> {
    if body.size_hint().lower() > most as u64 {
        hear_out(&mut body).await;
        return Err(too_large(most));
    }
    let mut read = Read { bytes: Vec::new(), reserved: bodies.of(client.into()) };
    loop {
        let frame = tokio::select! {
            frame = body.frame() => frame,
            () = read.reserved.told_to_give_way() => return Err(Failure::Busy(BUSY)),
        };
        let Some(frame) = frame else { break };
        let Ok(data) = frame.map_err(|error| broken(&error))?.into_data() else { continue };
        let needed = read.bytes.len() + data.len();
        if needed > most {
            hear_out(&mut body).await;
            return Err(too_large(most));
        }
        let room = read.reserved.grow(needed).map_err(|_| Failure::Busy(BUSY))?;
        read.bytes.reserve_exact(room - read.bytes.len());
        read.bytes.extend_from_slice(&data);
    }
    read.reserved.complete();
    Ok(read)
}

/// Lets go of the rest of a body without keeping it, up to a bound: many clients hear no answer before they have sent all,
/// and a connection that is closed on unread bytes loses the answer.
async fn hear_out(body: &mut Body) {
    let mut left = MOST_HEARD_OUT;
    while let Some(Ok(frame)) = body.frame().await {
        let Some(rest) = left.checked_sub(frame.data_ref().map_or(0, Bytes::len)) else { return };
        left = rest;
    }
}

fn too_large(most: usize) -> Failure {
    Refusal::new(What::TooLarge(Bounded::Body)).because(format!("At most {most} bytes are taken.")).into()
}

/// The cause stands somewhere below what the layers made of it.
fn broken(error: &(dyn Error + 'static)) -> Failure {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<TooSlow>() {
            return Refusal::new(What::Unreadable).because("The body took too long to arrive.").into();
        }
        cause = error.source();
    }
    Refusal::new(What::Unreadable).because("The body could not be read to its end.").into()
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::net::{IpAddr, Ipv4Addr};
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use http_body::Frame;

    use super::*;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    /// A body that comes byte by byte.
    struct Drops(usize);

    impl http_body::Body for Drops {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            let Some(left) = self.0.checked_sub(1) else { return Poll::Ready(None) };
            self.0 = left;
            Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"a")))))
        }
    }

    #[tokio::test]
    async fn small_pieces_are_one_text_and_too_many_are_refused() {
        let bodies = Bodies::default();
        let read_all = |pieces, most| {
            let bodies = bodies.clone();
            async move { read(Body::new(Drops(pieces)), most, &bodies, HERE).await.map(|read| read.bytes().len()) }
        };
        assert_eq!(read_all(50_000, 50_000).await.ok(), Some(50_000));
        let refused = read_all(50_001, 50_000).await.err().map(|failure| failure.refusal().what);
        assert_eq!(refused, Some(What::TooLarge(Bounded::Body)));
    }

    #[tokio::test]
    async fn a_client_that_sends_as_much_as_there_is_room_for_waits() {
        let bodies = Bodies::default();
        let mut held = bodies.of(HERE.into());
        assert!(held.grow(16 * 1024 * 1024).is_ok());
        let failure = read(Body::from("a"), 10, &bodies, HERE).await.err();
        assert!(matches!(failure, Some(Failure::Busy(_))));
        assert!(read(Body::empty(), 10, &bodies, HERE).await.is_ok(), "nothing needs no room");
    }
}
