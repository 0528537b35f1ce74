//! The host that a request names.

use axum::body::Body;
use http::header::{CONNECTION, CONTENT_TYPE, HOST};
use http::uri::Authority;
use http::{HeaderValue, Request, Response, StatusCode, Version};

/// The host that the requests of one connection named last: most name the same, and it is read once.
#[derive(Default)]
pub(super) struct KnownHost(Box<[u8]>);

impl KnownHost {
    /// Whether a request of HTTP/1.1 names one host, and the one that its target names (RFC 9112 section 3.2).
    pub(super) fn is_named_by<B>(&mut self, request: &Request<B>) -> bool {
        let mut hosts = request.headers().get_all(HOST).iter();
        match (hosts.next(), hosts.next()) {
            (None, None) => request.version() < Version::HTTP_11,
            (Some(host), None) => match request.uri().authority() {
                None if !self.0.is_empty() && *self.0 == *host.as_bytes() => true,
                None => self.learn(host),
                Some(target) => read(host).is_some_and(|host| host == *target),
            },
            _ => false,
        }
    }

    fn learn(&mut self, host: &HeaderValue) -> bool {
        let reads = read(host).is_some();
        if reads {
            // Its bytes alone: the value would keep the whole buffer of its request.
            self.0 = host.as_bytes().into();
        }
        reads
    }
}

fn read(host: &HeaderValue) -> Option<Authority> {
    host.to_str().ok()?.parse().ok()
}

/// The answer to one that does not.
pub(super) fn hostless() -> Response<Body> {
    let mut answer = Response::new(Body::from("Expected one Host header, naming the host of the request.\n"));
    *answer.status_mut() = StatusCode::BAD_REQUEST;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_of_a_connection_names_its_own_host() {
        let mut known = KnownHost::default();
        let mut is_named = |target: &str, hosts: &[&str]| {
            let mut request = Request::builder().uri(target);
            for host in hosts {
                request = request.header(HOST, *host);
            }
            known.is_named_by(&request.body(()).unwrap())
        };
        assert!(!is_named("/", &[""]), "what is not known yet is not the same as nothing");
        assert!(is_named("/", &["good"]) && is_named("/", &["good"]));
        for (target, hosts) in [
            ("/", &[][..]),
            ("/", &["good", "good"]),
            ("/", &["<script>"]),
            ("/", &[""]),
            ("http://other/", &["good"]),
        ] {
            assert!(!is_named(target, hosts), "{target} {hosts:?}");
            assert!(is_named("/", &["good"]), "after {target} {hosts:?}");
        }
        assert!(is_named("/", &["another"]) && is_named("http://good/", &["good"]));
    }
}
