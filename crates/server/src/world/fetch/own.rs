//! The one request that is on nobody's behalf and needs no guard: a server of this machine is asked how it is.

use std::time::Duration;

use http::StatusCode;

/// Less than a health check waits.
const LONGEST: Duration = Duration::from_secs(4);

/// Asks a listener of this machine; its certificate is for another name, so none is looked at.
///
/// # Errors
/// Why there is no answer.
#[expect(
    clippy::disallowed_methods,
    reason = "what is asked is this machine, at an address of its own settings"
)]
pub(crate) async fn ask(url: &str) -> Result<(StatusCode, String), String> {
    let client = reqwest::Client::builder().timeout(LONGEST).no_proxy().danger_accept_invalid_certs(true);
    let client = client.build().map_err(|error| deepest(&error))?;
    let answer = client.get(url).send().await.map_err(|error| deepest(&error))?;
    Ok((answer.status(), answer.text().await.unwrap_or_default()))
}

/// The reason behind the reasons: "error sending request" says nothing.
fn deepest(error: &reqwest::Error) -> String {
    let mut reason: &dyn std::error::Error = error;
    while let Some(source) = reason.source() {
        reason = source;
    }
    reason.to_string()
}
