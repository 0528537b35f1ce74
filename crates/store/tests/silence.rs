//! A PostgreSQL that falls silent, takes no writes or refuses connections: what is under way ends with an answer, and
//! everything works again as soon as the database does, without a restart.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, timeout};
use vestibule_store::{Options, Store, StoreError, StoreUrl};

use common::{Fixture, NOW, admin, database_name, on_postgres, postgres_base, with_database};

/// Longer than any deadline here.
const PATIENCE: Duration = Duration::from_secs(30);

/// A proxy that can fall silent: it keeps its connections and passes nothing on.
struct Proxy {
    address: SocketAddr,
    silent: Arc<watch::Sender<bool>>,
}

impl Proxy {
    async fn before(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let silent = Arc::new(watch::Sender::new(false));
        let switch = silent.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (server, switch) = (server.clone(), switch.subscribe());
                tokio::spawn(async move {
                    let Ok(server) = TcpStream::connect(server).await else { return };
                    let (from_client, to_client) = client.into_split();
                    let (from_server, to_server) = server.into_split();
                    tokio::join!(
                        pass(from_client, to_server, switch.clone()),
                        pass(from_server, to_client, switch)
                    );
                });
            }
        });
        Self { address, silent }
    }

    /// The URL of the database, through the proxy.
    fn url(&self, url: &StoreUrl) -> StoreUrl {
        let StoreUrl::Postgres(url) = url else { unreachable!() };
        let (before, rest) = url.split_once('@').unwrap();
        let (_, path) = rest.split_once('/').unwrap();
        StoreUrl::Postgres(format!("{before}@{}/{path}", self.address))
    }
}

/// Passes on until the proxy falls silent; who is caught by it stays so.
async fn pass(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    mut silent: watch::Receiver<bool>,
) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        tokio::select! {
            () = async { drop(silent.wait_for(|silent| *silent).await) } => {
                tokio::time::sleep(PATIENCE * 10).await;
                return;
            }
            read = from.read(&mut buffer) => match read {
                Ok(read) if read > 0 => {
                    let brought = buffer.get(..read).unwrap_or_default();
                    if to.write_all(brought).await.is_err() { return }
                }
                _ => return,
            },
        }
    }
}

fn server(url: &StoreUrl) -> String {
    let StoreUrl::Postgres(url) = url else { unreachable!() };
    url.split_once('@').unwrap().1.split_once('/').unwrap().0.to_owned()
}

/// Asks until it is done, and says how long that took.
async fn unavailable_after(store: &Store) -> Duration {
    let began = Instant::now();
    let (read, written) =
        timeout(PATIENCE, async { tokio::join!(store.projects(), store.probe(NOW)) }).await.unwrap();
    assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
    assert!(matches!(written, Err(StoreError::Unavailable(_))), "{written:?}");
    began.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_database_is_given_up_and_found_again() {
    on_postgres(|f: Fixture| async move {
        let proxy = Proxy::before(server(&f.url)).await;
        let url = proxy.url(&f.url);
        let store = Store::open(&url, &Options::default()).await.unwrap();
        store.probe(NOW).await.unwrap();
        assert_eq!(store.projects().await.unwrap().len(), 1);

        proxy.silent.send_replace(true);
        let took = unavailable_after(&store).await;
        assert!(took < Duration::from_secs(20), "{took:?}");
        // At the start too, and it says where.
        let began = Instant::now();
        let refused = timeout(PATIENCE, Store::open(&url, &Options::default())).await.unwrap().err().unwrap();
        assert!(refused.to_string().contains(&proxy.address.to_string()), "{refused}");
        assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());

        proxy.silent.send_replace(false);
        let began = Instant::now();
        store.probe(NOW).await.unwrap();
        let written = began.elapsed();
        assert_eq!(store.projects().await.unwrap().len(), 1);
        let read = began.elapsed();
        assert!(
            read < Duration::from_secs(4),
            "dead connections are tried one by one: {written:?}, {read:?}"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_takes_no_writes_is_left_for_one_that_does() {
    on_postgres(|f: Fixture| async move {
        let StoreUrl::Postgres(url) = f.url.clone() else { unreachable!() };
        let name = url.rsplit('/').next().unwrap().split('?').next().unwrap().to_owned();
        let reads_only = |on: bool| {
            let setting = if on { "on" } else { "off" };
            format!("ALTER DATABASE {name} SET default_transaction_read_only = {setting}")
        };
        let base = postgres_base().unwrap();
        admin(&base, &reads_only(true)).await;
        // By default it is no place to connect to.
        assert!(matches!(Store::open(&f.url, &Options::default()).await, Err(StoreError::Unavailable(_))));
        // Whoever got there all the same meets an answer that says so, and another node next time.
        let separator = if url.contains('?') { '&' } else { '?' };
        let anywhere = StoreUrl::Postgres(format!("{url}{separator}target_session_attrs=any"));
        let store = Store::open(&anywhere, &Options::default()).await.unwrap();
        let refused = store.probe(NOW).await.unwrap_err();
        assert!(matches!(&refused, StoreError::Unavailable(why) if why.contains("read-only")), "{refused}");
        admin(&base, &reads_only(false)).await;
        store.probe(NOW).await.unwrap();
        assert_eq!(store.projects().await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_that_is_refused_a_connection_makes_do_with_those_it_has() {
    let Some(base) = postgres_base() else { return };
    let (name, role) = (database_name(), format!("{}_few", database_name()));
    admin(&base, &format!("CREATE DATABASE {name}")).await;
    admin(&base, &format!("CREATE ROLE {role} LOGIN CONNECTION LIMIT 3")).await;
    admin(&base, &format!("ALTER DATABASE {name} OWNER TO {role}")).await;
    let url = with_database(&base, &name);
    let (scheme, rest) = url.split_once("://").unwrap();
    let place = rest.split_once('@').map_or(rest, |(_, place)| place);
    let url = StoreUrl::Postgres(format!("{scheme}://{role}@{place}"));
    let work = async move {
        let options = Options { write_connections: 16, read_connections: 1, ..Options::default() };
        let store = Store::open(&url, &options).await.unwrap();
        store.migrate(NOW, &common::Seeded::new(1)).await.unwrap();
        let writers = (0..40).map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.probe(NOW).await })
        });
        let writers: Vec<_> = writers.collect();
        for writer in writers {
            writer.await.unwrap().unwrap();
        }
    };
    let result = tokio::spawn(work).await;
    admin(&base, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
    admin(&base, &format!("DROP ROLE {role}")).await;
    result.unwrap();
}
