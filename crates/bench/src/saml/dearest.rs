//! Messages that were made to be dear to refuse, against one that is accepted: what a stranger may cause is bounded by what
//! everybody causes.

use std::time::Duration;

use super::forge::Provider;
use super::{Connection, Result, SIZE};
use crate::bare::repeat;
use crate::report::{Bound, Row, Table};

/// How many ordinary messages the dearest refused one may cost.
const CEILING: f64 = 10.0;

/// Adds the line.
pub(crate) fn dearest(window: Duration, table: &mut Table) -> Result<()> {
    let provider = Provider::new()?;
    let mut connection = Connection::to(&provider)?;
    connection.add_decryption_keys(4)?;
    let ordinary = provider.signed_response(SIZE)?;
    let usual = repeat(1, window, || connection.judge(&ordinary))?.per_cpu_second;
    let mut dearest = (0.0, "");
    for (kind, message) in refused(&provider, &ordinary)? {
        if connection.judge(&message).is_ok() {
            return Err(format!("a message was to be refused: {kind}").into());
        }
        let rate = repeat(1, window, || {
            drop(connection.judge(&message));
            Ok(())
        })?;
        let cost = usual / rate.per_cpu_second;
        if cost > dearest.0 {
            dearest = (cost, kind);
        }
    }
    let (cost, kind) = dearest;
    let what = format!("17 dearest refused SAML message of {SIZE} bytes or less: {kind}");
    let row = Row::new(&what, 1e6 * cost / usual, "cpu us");
    table.push(
        row.against(format!("an ordinary one, {:.0} cpu us", 1e6 / usual), cost)
            .ratio(Bound::AtMost(CEILING)),
    );
    Ok(())
}

/// Each in another way, none longer than an ordinary one but for what fits into its `KeyInfo`.
fn refused(provider: &Provider, ordinary: &str) -> Result<Vec<(&'static str, String)>> {
    let certificate = ordinary
        .split_once("<ds:X509Certificate>")
        .and_then(|(_, rest)| rest.split_once("</ds:X509Certificate>"))
        .map(|(certificate, _)| format!("<ds:X509Certificate>{certificate}</ds:X509Certificate>"))
        .ok_or("a response without a certificate")?;
    let another = ordinary.replace("mary.miller", "mary.killer");
    let prefix = "p".repeat(1_000);
    Ok(vec![
        ("another person than was signed", another.clone()),
        ("encrypted to a key of somebody else", Provider::new()?.encrypted_response(1)?.response),
        ("two recipients that nobody is", twice(&Provider::new()?.encrypted_response(1)?.response)),
        ("many certificates", another.replace(&certificate, &certificate.repeat(40))),
        ("long prefixes", provider.response_around(&format!("<{prefix}:b xmlns:{prefix}='urn:a'/>"), "")?),
        ("many elements", provider.response_around(&"<b/>".repeat(900), "")?),
        ("many attributes", provider.response_around(&"<b a='' b='' c='' d=''/>".repeat(160), "")?),
    ])
}

/// The same with its wrapped key written twice.
fn twice(response: &str) -> String {
    let key = response
        .split_once("<xenc:EncryptedKey>")
        .and_then(|(_, rest)| rest.split_once("</xenc:EncryptedKey>"));
    let Some((key, _)) = key else { return response.to_owned() };
    let key = format!("<xenc:EncryptedKey>{key}</xenc:EncryptedKey>");
    response.replace(&key, &key.repeat(2))
}
