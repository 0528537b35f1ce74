//! Messages that were made to be dear to refuse, against one that is accepted: what a stranger may cause is bounded by what
//! everybody causes.

use std::time::Duration;

use super::forge::{Provider, Transport};
use super::{Connection, Result, SIZE};
use crate::bare::repeat;
use crate::report::{Bound, Row, Table};

/// How many ordinary messages the dearest refused one may cost, where nothing is encrypted.
const CEILING: f64 = 10.0;
/// The same where both are encrypted: nothing can be refused before the private operation that an accepted one needs, and who
/// is meant may have to be found out with a second one.
const CEILING_ENCRYPTED: f64 = 2.0;

type Kinds = Vec<(&'static str, String)>;

/// Adds the lines. An encrypted message is compared with an accepted one under the same algorithms.
pub(crate) fn dearest(window: Duration, table: &mut Table) -> Result<()> {
    let provider = Provider::new()?;
    let connection = Connection::to(&provider)?;
    let plain = provider.signed_response(SIZE)?;
    let kinds = refused(&provider, &plain)?;
    row("17 dearest refused SAML message", &connection, window, (&plain, &kinds), CEILING, table)?;
    for (transport, name) in [(Transport::OneDigest, ""), (Transport::TwoDigests, ", two digests")] {
        let accepted = provider.encrypted(8, transport)?.response;
        let kinds = refused_encrypted(&provider, transport)?;
        let what = format!("17 dearest refused encrypted SAML message{name}");
        row(&what, &connection, window, (&accepted, &kinds), CEILING_ENCRYPTED, table)?;
    }
    Ok(())
}

/// Measures an ordinary message and the ones that are refused.
fn row(
    what: &str,
    connection: &Connection,
    window: Duration,
    (ordinary, refused): (&str, &Kinds),
    ceiling: f64,
    table: &mut Table,
) -> Result<()> {
    let usual = repeat(1, window, || connection.judge(ordinary))?.per_cpu_second;
    let mut dearest = (0.0, "");
    for (kind, message) in refused {
        if connection.judge(message).is_ok() {
            return Err(format!("a message was to be refused: {kind}").into());
        }
        let rate = repeat(1, window, || {
            drop(connection.judge(message));
            Ok(())
        })?;
        let cost = usual / rate.per_cpu_second;
        if cost > dearest.0 {
            dearest = (cost, kind);
        }
    }
    let (cost, kind) = dearest;
    let row = Row::new(&format!("{what}: {kind}"), 1e6 * cost / usual, "cpu us");
    let ordinary = format!("an accepted one, {:.0} cpu us", 1e6 / usual);
    table.push(row.against(ordinary, cost).ratio(Bound::AtMost(ceiling)));
    Ok(())
}

/// Each in another way, none longer than an ordinary one but for what fits into its `KeyInfo`.
fn refused(provider: &Provider, ordinary: &str) -> Result<Kinds> {
    let certificate = ordinary
        .split_once("<ds:X509Certificate>")
        .and_then(|(_, rest)| rest.split_once("</ds:X509Certificate>"))
        .map(|(certificate, _)| format!("<ds:X509Certificate>{certificate}</ds:X509Certificate>"))
        .ok_or("a response without a certificate")?;
    let another = ordinary.replace("mary.miller", "mary.killer");
    let prefix = "p".repeat(1_000);
    Ok(vec![
        ("another person than was signed", another.clone()),
        ("many certificates", another.replace(&certificate, &certificate.repeat(40))),
        ("long prefixes", provider.response_around(&format!("<{prefix}:b xmlns:{prefix}='urn:a'/>"), "")?),
        ("many elements", provider.response_around(&"<b/>".repeat(900), "")?),
        ("many attributes", provider.response_around(&"<b a='' b='' c='' d=''/>".repeat(160), "")?),
    ])
}

/// Encrypted to somebody else, or to ourselves by nobody whom we know.
fn refused_encrypted(provider: &Provider, transport: Transport) -> Result<Kinds> {
    let to_others = || -> Result<String> { Ok(Provider::new()?.encrypted(1, transport)?.response) };
    let (first, others) = (to_others()?, (0..7).map(|_| to_others()).collect::<Result<Vec<_>>>()?);
    let mut keys = others.iter().map(|other| wrapped_key(other));
    let second = keys.next().ok_or("nobody else")??.to_owned();
    let more = keys.collect::<Result<Vec<_>>>()?.concat();
    let own = wrapped_key(&first)?;
    Ok(vec![
        ("for somebody else", first.clone()),
        ("for two who are others", first.replacen(own, &format!("{own}{second}"), 1)),
        ("for eight who are others", first.replacen(own, &format!("{own}{second}{more}"), 1)),
        ("for us and signed by somebody else", provider.imposter()?.encrypted(8, transport)?.response),
    ])
}

fn wrapped_key(response: &str) -> Result<&str> {
    const END: &str = "</xenc:EncryptedKey>";
    let from = response.find("<xenc:EncryptedKey>").ok_or("no EncryptedKey")?;
    let key = response.get(from..).and_then(|rest| rest.get(..rest.find(END)? + END.len()));
    key.ok_or_else(|| "an EncryptedKey without an end".into())
}
