//! Canonicalisation and signatures as a filter, to be compared with other implementations record by record.
//!
//! Records come on standard input and answers go to standard output, one for each record, until the input ends. All
//! lengths are 4 octets, big-endian.
//!
//! ```text
//! record  = length of the body, body
//! body    = mode (1 octet), fields
//! field   = length, octets
//! answer  = length of the body, status (1 octet: 0 good, 1 refused), octets
//! ```
//!
//! | Mode | Fields | Good answer |
//! |---|---|---|
//! | `E` | document, prefix list | exclusive canonical form of the whole document |
//! | `A` | document, prefix list, id | that of the first element whose attribute `ID` is the id |
//! | `I` | document | inclusive canonical form of the whole document |
//! | `J` | document, id | that of the first element whose attribute `ID` is the id |
//! | `V` | document, PEM certificates, policy | one line for each element that a signature covers: its ID |
//!
//! `V` checks the signature of the root element and of each of its child elements that has one, and refuses when any is
//! refused or when there is none. The policy is a list of `sha1` and `inclusive`, and usually empty.
//!
//! The prefix list is separated by spaces and may be empty; `#default` is the default namespace. A refusal's octets are
//! its code. A record that is malformed itself ends the program with a failure.

use std::io::{self, BufWriter, Read, Write};
use std::process::ExitCode;

use vestibule_saml::Refusal as _;
use vestibule_saml::algorithm::LegacyPolicy;
use vestibule_saml::c14n::{Method, canonical};
use vestibule_saml::dsig::signature_of;
use vestibule_saml::key::{VerificationKeys, certificates_from_pem};
use vestibule_saml::xml::{Document, Element, Limits};

type Answer = Result<Vec<u8>, String>;

fn main() -> ExitCode {
    let (mut input, mut output) = (io::stdin().lock(), BufWriter::new(io::stdout().lock()));
    loop {
        match serve_one(&mut input, &mut output) {
            Ok(true) => {}
            Ok(false) => return ExitCode::SUCCESS,
            Err(_) => return ExitCode::FAILURE,
        }
    }
}

/// Answers one record; false at the end of the input.
fn serve_one(input: &mut impl Read, output: &mut impl Write) -> io::Result<bool> {
    let mut length = [0; 4];
    match input.read_exact(&mut length) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
        Err(error) => return Err(error),
    }
    let mut body = vec![0; u32::from_be_bytes(length) as usize];
    input.read_exact(&mut body)?;
    let answer = answer(&body).ok_or(io::ErrorKind::InvalidData)?;
    let (status, octets) = match answer {
        Ok(octets) => (0, octets),
        Err(code) => (1, code.into_bytes()),
    };
    output.write_all(&(octets.len() as u32 + 1).to_be_bytes())?;
    output.write_all(&[status])?;
    output.write_all(&octets)?;
    output.flush()?;
    Ok(true)
}

fn answer(body: &[u8]) -> Option<Answer> {
    let (mode, rest) = body.split_first()?;
    let fields = fields(rest)?;
    let text = |octets: &'_ [u8]| String::from_utf8_lossy(octets).into_owned();
    Some(match (mode, fields.as_slice()) {
        (b'E', [document, prefixes]) => exclusive(document, &text(prefixes), None),
        (b'A', [document, prefixes, id]) => exclusive(document, &text(prefixes), Some(&text(id))),
        (b'I', [document]) => form(document, None, Method::Inclusive),
        (b'J', [document, id]) => form(document, Some(&text(id)), Method::Inclusive),
        (b'V', [document, certificates, policy]) => verdict(document, &text(certificates), &text(policy)),
        _ => return None,
    })
}

fn fields(mut rest: &[u8]) -> Option<Vec<&[u8]>> {
    let mut fields = Vec::new();
    while !rest.is_empty() {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let (field, after) = after.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        fields.push(field);
        rest = after;
    }
    Some(fields)
}

fn exclusive(document: &[u8], prefixes: &str, id: Option<&str>) -> Answer {
    let inclusive_prefixes: Vec<&str> = prefixes.split_ascii_whitespace().collect();
    form(document, id, Method::Exclusive { inclusive_prefixes: &inclusive_prefixes })
}

fn form(octets: &[u8], id: Option<&str>, method: Method<'_>) -> Answer {
    let document = Document::parse(octets, &Limits::MESSAGE).map_err(|error| error.code().to_owned())?;
    let apex = match id {
        None => document.root(),
        Some(id) => with_id(document.root(), id).ok_or("no_such_id")?,
    };
    Ok(canonical(apex, None, method))
}

fn with_id<'d>(root: Element<'d>, id: &str) -> Option<Element<'d>> {
    std::iter::once(root).chain(root.descendants()).find(|element| element.attribute("ID") == Some(id))
}

fn verdict(octets: &[u8], certificates: &str, policy: &str) -> Answer {
    let certificates = certificates_from_pem(certificates).map_err(|error| error.to_string())?;
    let keys = VerificationKeys::from_certificates(&certificates).map_err(|error| error.to_string())?;
    let allowed = |name: &str| policy.split_ascii_whitespace().any(|word| word == name);
    let legacy = LegacyPolicy { sha1: allowed("sha1"), inclusive_c14n: allowed("inclusive") };
    let document = Document::parse(octets, &Limits::MESSAGE).map_err(|error| error.code().to_owned())?;
    let mut covered = String::new();
    for parent in std::iter::once(document.root()).chain(document.root().elements()) {
        let Some(signature) = signature_of(parent).map_err(|refusal| refusal.code())? else { continue };
        let verified = signature.verify(&keys, &legacy).map_err(|refusal| refusal.code())?;
        covered.push_str(verified.element().attribute("ID").unwrap_or_default());
        covered.push('\n');
    }
    if covered.is_empty() { Err("unsigned".to_owned()) } else { Ok(covered.into_bytes()) }
}
