//! `vestibule health`: asks the server of this machine whether it can serve now, as a balancer does. For the health check
//! of a container whose image has nothing else that could ask.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;

use super::args::ConfigArgs;
use super::open::CliError;
use super::out;
use crate::world::config::listens_at;
use crate::world::fetch::own;

/// Asks `/readyz` of the address that the settings listen at. Exits with 1 unless the answer is 200.
///
/// # Errors
/// Settings that cannot be read, a server that does not answer.
pub(super) async fn run(config: ConfigArgs) -> Result<ExitCode, CliError> {
    let settings = config.load()?;
    let address = reachable(listens_at(&settings)?);
    let scheme = if settings.tls.certificate.is_some() { "https" } else { "http" };
    let url = format!("{scheme}://{address}/readyz");
    let (status, text) =
        own::ask(&url).await.map_err(|why| CliError::Refused(format!("{url} does not answer: {why}")))?;
    let said: String = text.chars().filter(|c| !c.is_control()).take(200).collect();
    out::answer(format_args!("{} {said}", status.as_u16()));
    Ok(if status.is_success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Where a listener on all addresses is reached from this machine.
fn reachable(listens: SocketAddr) -> SocketAddr {
    let address = match listens.ip() {
        IpAddr::V4(any) if any.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(any) if any.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        one => one,
    };
    SocketAddr::new(address, listens.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_addresses_are_reached_by_loopback() {
        for (listens, asked) in
            [("0.0.0.0:80", "127.0.0.1:80"), ("[::]:443", "[::1]:443"), ("192.0.2.1:8787", "192.0.2.1:8787")]
        {
            assert_eq!(reachable(listens.parse().unwrap()), asked.parse().unwrap());
        }
    }
}
