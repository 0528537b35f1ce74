//! The customer's identity provider, in this process so that its work is not counted as the server's. It signs
//! with RS256, as nearly every provider does.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use vestibule_testidp::{Algorithm, Config, SamlIdp, TestIdp, User};

use crate::{Result, clock};

pub(crate) const CLIENT_ID: &str = "bench";
pub(crate) const CLIENT_SECRET: &str = "a secret of the bench and of nobody else";

/// A provider that serves until the program ends.
pub(crate) struct Provider {
    pub(crate) address: SocketAddr,
    pub(crate) issuer: String,
    /// Its SAML side.
    pub(crate) saml: SamlIdp,
}

/// The address of the person with this number.
pub(crate) fn email(number: usize) -> String {
    format!("person-{number}@bench.example")
}

/// Serves a provider that knows `users` people.
pub(crate) async fn serve(users: usize) -> Result<Provider> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let issuer = format!("http://{address}");
    let idp = TestIdp::new(Config {
        issuer: issuer.clone(),
        client_id: CLIENT_ID.to_owned(),
        client_secret: CLIENT_SECRET.to_owned(),
        redirect_prefix: "http://127.0.0.1:".to_owned(),
        users: (0..users).filter_map(|number| User::from_email(&email(number))).collect(),
        auto_approve: true,
        algorithm: Algorithm::Rs256,
        signing_key: None,
        clock: Arc::new(|| i64::try_from(clock::since_epoch().as_secs()).unwrap_or(i64::MAX)),
        random: Arc::new(random),
    });
    let router = idp.router();
    let saml = idp.saml().clone();
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(Provider { address, issuer, saml })
}

/// Random bytes for codes and ids.
pub(crate) fn random(out: &mut [u8]) {
    if aws_lc_rs::rand::fill(out).is_err() {
        std::process::abort();
    }
}
