//! Whose requests are under way, and which hosts are left alone for a while.

use tokio::sync::Notify;
use vestibule_domain::id::{Environment, OrganizationId, ProjectId};
use vestibule_domain::tenant::Tenant;
use vestibule_server::SeededEntropy;

use super::*;

fn tenant(seed: u64) -> Tenant {
    let entropy = SeededEntropy::new(seed);
    let environment = Environment::Test;
    Tenant::stored(
        ProjectId::generate(environment, &entropy),
        OrganizationId::generate(environment, &entropy),
    )
}

/// A server whose `/hangs` is never answered, and which tells who has arrived there.
async fn hanging() -> (SocketAddr, Arc<Notify>) {
    let arrived = Arc::new(Notify::new());
    let tell = arrived.clone();
    let hang = async move || {
        tell.notify_one();
        std::future::pending::<()>().await;
    };
    let router = Router::new().route("/hangs", get(hang)).route("/", get(async || "here"));
    (plain(router).await, arrived)
}

#[tokio::test]
async fn a_place_is_waited_for_shortly_and_the_deadline_runs_from_it() {
    let (server, arrived) = hanging().await;
    let policy = FetchPolicy {
        max_of_organization: 1,
        patience: Duration::from_millis(50),
        total_timeout: Duration::from_secs(300),
        ..development()
    };
    let fetcher = Fetcher::new(&policy).unwrap();
    let (own, other) = (fetcher.for_tenant(tenant(1)), fetcher.for_tenant(tenant(2)));
    let get = |path: &str| FetchRequest::get(url(&format!("http://{server}{path}")));
    let hangs = tokio::spawn({
        let (own, request) = (own.clone(), get("/hangs"));
        async move { own.send(request).await }
    });
    arrived.notified().await;
    let busy = own.send(get("/")).await.unwrap_err();
    assert!(matches!(busy, FetchError::Busy), "{busy:?}");
    assert_eq!(other.send(get("/")).await.unwrap().body, b"here");
    assert_eq!(fetcher.for_operator().send(get("/")).await.unwrap().body, b"here");
    // Whoever is gone gives the place back.
    hangs.abort();
    assert!(hangs.await.unwrap_err().is_cancelled());
    assert_eq!(own.send(get("/")).await.unwrap().body, b"here");
}

#[tokio::test]
async fn all_places_of_the_process_are_a_bound_too() {
    let (server, arrived) = hanging().await;
    let policy = FetchPolicy { max_concurrent: 1, patience: Duration::from_millis(50), ..development() };
    let fetcher = Fetcher::new(&policy).unwrap();
    let hangs = tokio::spawn({
        let errand = fetcher.for_tenant(tenant(1));
        async move { errand.send(FetchRequest::get(url(&format!("http://{server}/hangs")))).await }
    });
    arrived.notified().await;
    let other = fetcher.for_tenant(tenant(2));
    let busy = other.send(FetchRequest::get(url(&format!("http://{server}/")))).await.unwrap_err();
    assert!(matches!(busy, FetchError::Busy), "{busy:?}");
    hangs.abort();
}

#[tokio::test]
async fn a_host_that_hangs_up_rests_and_is_back_after_one_trial() {
    let (address, requests) = forgetful(0).await;
    let policy = FetchPolicy { rests_after: 2, rest: Duration::from_secs(300), ..development() };
    let get = || FetchRequest::get(url(&format!("http://{address}/")));
    let fetcher = Fetcher::new(&policy).unwrap();
    let (own, other) = (fetcher.for_tenant(tenant(1)), fetcher.for_tenant(tenant(2)));
    for _ in 0..2 {
        assert!(matches!(own.send(get()).await, Err(FetchError::Broken { .. })));
    }
    let before = requests.load(Ordering::SeqCst);
    let resting = own.send(get()).await.unwrap_err();
    assert!(matches!(resting, FetchError::Resting { .. }), "{resting:?}");
    assert_eq!(requests.load(Ordering::SeqCst), before);
    assert!(matches!(other.send(get()).await, Err(FetchError::Broken { .. })));
    // With a rest that is over at once each request is a trial, and one that succeeds ends it.
    let (address, _) = forgetful(usize::MAX).await;
    let policy = FetchPolicy { rests_after: 1, rest: Duration::ZERO, ..development() };
    let (fetcher, _) = scripted(&policy, &[&[], &["127.0.0.1"]]);
    let errand = fetcher.for_tenant(tenant(1));
    let get = || FetchRequest::get(url(&format!("http://idp.test:{}/", address.port())));
    assert!(matches!(errand.send(get()).await, Err(FetchError::Resolve { .. })));
    assert_eq!(errand.send(get()).await.unwrap().body, b"ok");
}
