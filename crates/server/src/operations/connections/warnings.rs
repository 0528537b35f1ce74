//! What an administrator should know who has just saved an OpenID Connect connection: sentences that are true of what was
//! saved, each with the field or the provider's setting that changes it.

use vestibule_domain::connection::{Channel, ClientAuthentication, OidcPatch, OidcSettings, pasted};

use super::discovery::Document;

/// HS256 needs a key as long as its hash (RFC 7518 section 3.2).
const HS256_BYTES: usize = 32;

/// Everything that is worth saying.
pub(super) fn of(
    before: &OidcSettings,
    patch: &OidcPatch,
    after: &OidcSettings,
    asked: Option<&Result<Document, String>>,
) -> String {
    let mut said = Vec::new();
    said.extend(pasted_address(patch, after));
    match asked {
        _ if !after.left_over().is_empty() => said.push(left_over(after, asked)),
        Some(Ok(document)) => said.extend(about(document, after)),
        Some(Err(why)) => said.extend(unread(before, patch, after, why)),
        None => {}
    }
    if let Some(pin) = after.missing_pin() {
        said.push(format!(
            "The issuer {} serves many companies and private people, so the connection stays pending until {pin} says whose \
             people are meant.",
            after.issuer
        ));
    }
    if after.allow_hs256
        && !after.client_secret.is_empty()
        && after.client_secret.expose().len() < HS256_BYTES
    {
        said.push(format!(
            "allow_hs256 is set, and client_secret has {} bytes: HS256 needs at least {HS256_BYTES}, so sign-ins will be \
             refused until the provider gives a longer one.",
            after.client_secret.expose().len()
        ));
    }
    said.join(" ")
}

fn pasted_address(patch: &OidcPatch, after: &OidcSettings) -> Option<String> {
    let given = pasted::trimmed(patch.issuer.value()?);
    let is_address = pasted::issuer(given) != given;
    is_address.then(|| {
        format!("The issuer was given as the address of its discovery document; {} was taken.", after.issuer)
    })
}

fn about(document: &Document, after: &OidcSettings) -> Vec<String> {
    let mut said = Vec::new();
    let back = after.channel == Channel::BackChannel;
    if back && after.userinfo_url.is_empty() && !after.no_userinfo_endpoint {
        said.push(
            "The provider's discovery document names no userinfo_endpoint: set no_userinfo_endpoint to true if all \
             claims are in the id token, or set userinfo_url."
                .to_owned(),
        );
    }
    if document.hmac_only && !after.allow_hs256 {
        said.push(
            "The provider announces that it signs id tokens with the client secret alone (HS256): set allow_hs256 to \
             true, or have it sign with RS256."
                .to_owned(),
        );
    }
    if back && after.client_authentication.is_none() && knows_none(document) {
        said.push(format!(
            "The provider announces no client authentication by a secret: set token_endpoint_auth_method to {} or {}; {} \
             is used until then.",
            ClientAuthentication::PrivateKeyJwt.as_str(),
            ClientAuthentication::None.as_str(),
            ClientAuthentication::ClientSecretBasic.as_str()
        ));
    }
    said
}

fn knows_none(document: &Document) -> bool {
    let announced = &document.says.token_endpoint_auth_methods_supported;
    let secret = [ClientAuthentication::ClientSecretBasic, ClientAuthentication::ClientSecretPost];
    !secret.iter().any(|method| announced.iter().any(|name| name == method.as_str()))
}

/// What it means that URLs are still those of the issuer before. It is said at each save, until it is true no more.
fn left_over(after: &OidcSettings, asked: Option<&Result<Document, String>>) -> String {
    let why = match asked {
        Some(Err(why)) => format!("The provider's discovery document could not be used: {why}. "),
        _ => String::new(),
    };
    format!(
        "{why}The URLs of the previous issuer were kept ({}), so the connection is pending and sign-ins will be refused until \
         issuer and URLs belong together: save the connection again when the issuer's document can be read, or set these \
         URLs.",
        after.left_over().join(", ")
    )
}

/// What it means that the document could not be read. A change that has nothing to do with it is not spoilt by it.
fn unread(before: &OidcSettings, patch: &OidcPatch, after: &OidcSettings, why: &str) -> Option<String> {
    let why = format!("The provider's discovery document could not be used: {why}.");
    let kept: Vec<&str> = urls(before)
        .into_iter()
        .zip(urls(after))
        .zip([&patch.authorization_url, &patch.token_url, &patch.userinfo_url, &patch.jwks_url])
        .filter(|(((_, was), (_, is)), given)| !was.is_empty() && was == is && given.is_keep())
        .map(|(((name, _), _), _)| name)
        .collect();
    // Somebody set them, and may have meant them for this issuer.
    if !before.issuer.is_empty() && before.issuer != after.issuer && !kept.is_empty() {
        return Some(format!(
            "{why} The URLs of the previous issuer were kept ({}), and sign-ins will be refused until issuer and URLs \
             belong together: save the issuer again when its document can be read, or set these URLs.",
            kept.join(", ")
        ));
    }
    let missing: Vec<&str> =
        urls(after).into_iter().filter(|(_, url)| url.is_empty()).map(|(name, _)| name).collect();
    if !missing.is_empty() {
        return Some(format!(
            "{why} So these URLs were not filled in: {}. Set them, or correct the issuer, or save it again when its \
             document can be read.",
            missing.join(", ")
        ));
    }
    patch.issuer.is_given().then(|| format!("{why} The URLs that are set are used."))
}

const fn urls(settings: &OidcSettings) -> [(&'static str, &String); 4] {
    [
        ("authorization_url", &settings.authorization_url),
        ("token_url", &settings.token_url),
        ("userinfo_url", &settings.userinfo_url),
        ("jwks_url", &settings.jwks_url),
    ]
}
