//! A stream and a body whose peer has to keep pace: what stands still for too long ends.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::connections::Connection;

/// How patient a listener is.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// The time for a request head, from its first byte.
    pub head: Duration,
    /// How long a peer may take nothing of an answer.
    pub write: Duration,
    /// The time for a body that brings nothing at all.
    pub body: Duration,
    /// Bytes a second of a body that earn it more time.
    pub body_rate: u32,
    /// The time for any body.
    pub whole_body: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(15),
            write: Duration::from_secs(30),
            body: Duration::from_secs(10),
            body_rate: 8 * 1024,
            whole_body: Duration::from_secs(60),
        }
    }
}

/// A moment by which something has to happen, while there is one. Most of it happens long before: a timer is set only for
/// who waits, and one that is set already and rings too early is set again then.
#[derive(Default)]
struct Deadline {
    at: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Deadline {
    const fn clear(&mut self) {
        self.at = None;
    }

    /// Arms it unless it is armed.
    fn arm(&mut self, after: Duration) {
        self.at.get_or_insert_with(|| Instant::now() + after);
    }

    fn is_over(&self) -> bool {
        self.at.is_some_and(|at| at <= Instant::now())
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(at) = self.at else { return Poll::Pending };
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(at)));
        if timer.deadline() > at {
            timer.as_mut().reset(at);
        }
        ready!(timer.as_mut().poll(cx));
        if timer.deadline() < at {
            timer.as_mut().reset(at);
            ready!(timer.as_mut().poll(cx));
        }
        Poll::Ready(())
    }
}

/// A stream with a deadline for the next request, for each request head and for each standstill while writing.
pub(super) struct PacedStream<S> {
    inner: S,
    connection: Arc<Connection>,
    pace: Pace,
    idle_timeout: Duration,
    idle: Deadline,
    head: Deadline,
    write: Deadline,
}

impl<S> PacedStream<S> {
    pub(super) fn new(inner: S, connection: Arc<Connection>, pace: Pace, idle_timeout: Duration) -> Self {
        Self {
            inner,
            connection,
            pace,
            idle_timeout,
            idle: Deadline::default(),
            head: Deadline::default(),
            write: Deadline::default(),
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for PacedStream<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        if this.connection.is_busy() {
            // Bodies have a pace of their own.
            this.idle.clear();
            this.head.clear();
            return Pin::new(&mut this.inner).poll_read(cx, buffer);
        }
        let read = Pin::new(&mut this.inner).poll_read(cx, buffer);
        if read.is_ready() {
            // A head that comes byte by byte is as late as one that stands still.
            if this.head.is_over() {
                return late("the request head took too long");
            }
            if buffer.filled().len() > before {
                this.idle.clear();
                this.head.arm(this.pace.head);
            }
            return read;
        }
        if this.head.at.is_some() {
            ready!(this.head.poll(cx));
            return late("the request head took too long");
        }
        this.idle.arm(this.idle_timeout);
        ready!(this.idle.poll(cx));
        late("no request came")
    }
}

fn late<T>(what: &'static str) -> Poll<io::Result<T>> {
    Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, what)))
}

impl<S: AsyncWrite + Unpin> PacedStream<S> {
    fn kept<T>(&mut self, cx: &mut Context<'_>, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.write.clear();
            return outcome;
        }
        self.write.arm(self.pace.write);
        ready!(self.write.poll(cx));
        late("the peer takes nothing")
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for PacedStream<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.inner).poll_write(cx, bytes);
        this.kept(cx, outcome)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.inner).poll_write_vectored(cx, parts);
        this.kept(cx, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.inner).poll_flush(cx);
        this.kept(cx, outcome)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.inner).poll_shutdown(cx);
        this.kept(cx, outcome)
    }
}

/// A body that came too slowly.
#[derive(Debug, thiserror::Error)]
#[error("the body took too long")]
pub(crate) struct TooSlow;

/// A body with a deadline that every byte moves a little.
pub(super) struct PacedBody<B> {
    inner: B,
    pace: Pace,
    begun: Option<Instant>,
    /// When something came last.
    last: Option<Instant>,
    received: usize,
    deadline: Deadline,
}

impl<B> PacedBody<B> {
    pub(super) fn new(inner: B, pace: Pace) -> Self {
        Self { inner, pace, begun: None, last: None, received: 0, deadline: Deadline::default() }
    }

    fn due(&self, begun: Instant) -> Instant {
        let earned = Duration::from_secs(self.received as u64 / u64::from(self.pace.body_rate.max(1)));
        let by_rate = begun + (self.pace.body + earned).min(self.pace.whole_body);
        // What came at once earns no time for standing still.
        by_rate.min(self.last.unwrap_or(begun) + self.pace.body)
    }
}

impl<B> Body for PacedBody<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<axum::BoxError>,
{
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        let this = self.get_mut();
        let due = this.begun.map(|begun| this.due(begun));
        let polled = Pin::new(&mut this.inner).poll_frame(cx);
        let now = Instant::now();
        let begun = *this.begun.get_or_insert(now);
        if let Poll::Ready(frame) = polled {
            this.deadline.clear();
            let Some(frame) = frame else { return Poll::Ready(None) };
            let frame = frame.map_err(Into::into)?;
            this.received += frame.data_ref().map_or(0, Bytes::len);
            this.last = Some(now);
            // Byte by byte there is always something to read, and never an end.
            if due.is_some_and(|due| due < now) {
                return Poll::Ready(Some(Err(TooSlow.into())));
            }
            return Poll::Ready(Some(Ok(frame)));
        }
        this.deadline.at = Some(due.unwrap_or_else(|| this.due(begun)));
        ready!(this.deadline.poll(cx));
        Poll::Ready(Some(Err(TooSlow.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
