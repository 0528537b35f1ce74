//! Connections that were kept and that the other side has forgotten.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::net::TcpListener;
use vestibule_server::fetch::{FetchError, FetchRequest, Fetcher};

use super::{development, fetch, url};

/// A listener that answers one request on each connection and forgets the connection then: the next request on it is read
/// and reset without an answer. Connections beyond `answering` are not answered at all. Counts requests.
pub(super) async fn forgetful(answering: usize) -> (SocketAddr, Arc<AtomicUsize>) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let requests = Arc::new(AtomicUsize::new(0));
    let count = requests.clone();
    tokio::spawn(async move {
        let mut connections = 0;
        while let Ok((mut stream, _)) = listener.accept().await {
            connections += 1;
            let (count, answers) = (count.clone(), connections <= answering);
            tokio::spawn(async move {
                let mut buffer = [0; 4096];
                for round in 0..2 {
                    if stream.read(&mut buffer).await.unwrap_or(0) == 0 {
                        return;
                    }
                    count.fetch_add(1, Ordering::SeqCst);
                    if round == 1 || !answers {
                        // What was sent is left unread in part, so that closing resets.
                        let _ = stream.set_zero_linger();
                        return;
                    }
                    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
                    if stream.write_all(answer.as_bytes()).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    (address, requests)
}

#[tokio::test]
async fn a_connection_that_was_forgotten_is_replaced_once() {
    let (address, requests) = forgetful(usize::MAX).await;
    let fetcher = Fetcher::new(&development()).unwrap();
    for post in [false, true, true, false] {
        let mut request = FetchRequest::get(url(&format!("http://{address}/")));
        if post {
            request = FetchRequest::post_form(request.url, b"code=once".to_vec());
        }
        assert_eq!(fetcher.for_operator().send(request).await.unwrap().body, b"ok");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // One that is never answered is sent twice and no more.
    let before = requests.load(Ordering::SeqCst);
    let (silent, asked) = forgetful(0).await;
    let error = fetch(&fetcher, &format!("http://{silent}/")).await.unwrap_err();
    assert!(matches!(error, FetchError::Broken { .. }), "{error:?}");
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    assert!(before >= 4);
}

/// Threads that give way ask for somebody too, and the connection that is kept is everybody's: whoever drove it on them would
/// make others wait, or lose it with them.
#[test]
fn a_kept_connection_outlives_the_runtime_that_asked_first() {
    let own = tokio::runtime::Runtime::new().unwrap();
    let (fetcher, address, opened) = own.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let opened = Arc::new(AtomicUsize::new(0));
        let router = axum::Router::new().route("/", axum::routing::get(async || "ok"));
        let count = opened.clone();
        let counted = axum::serve::ListenerExt::tap_io(listener, move |_| {
            count.fetch_add(1, Ordering::SeqCst);
        });
        tokio::spawn(async move { axum::serve(counted, router).await });
        (Fetcher::new(&development()).unwrap(), address, opened)
    });
    let get = || {
        let (errand, request) =
            (fetcher.for_operator(), FetchRequest::get(url(&format!("http://{address}/"))));
        async move { errand.send(request).await }
    };
    let another = tokio::runtime::Runtime::new().unwrap();
    assert_eq!(another.block_on(get()).unwrap().body, b"ok");
    drop(another);
    assert_eq!(own.block_on(get()).unwrap().body, b"ok");
    assert_eq!(opened.load(Ordering::SeqCst), 1);
}
