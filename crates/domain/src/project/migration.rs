//! Sessions of another system that become sessions here: whoever shows one is asked for at that system's user-info endpoint,
//! which the project has named.

use serde_json::{Map, Value};

use crate::connection::{UrlPolicy, checked_url};
use crate::email::EmailAddress;
use crate::refusal::{Field, Refusal, Via, What, sentence};

/// Who the other system says a session is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migrant {
    /// Their address there.
    pub address: EmailAddress,
    /// What the other system calls them, `""` when it does not say.
    pub subject: String,
}

/// Reads the address of a user-info endpoint.
///
/// # Errors
/// It is none that may be asked.
pub fn checked_userinfo_url(text: String, urls: UrlPolicy) -> Result<String, Refusal> {
    match checked_url(&text, urls) {
        Ok(()) => Ok(text),
        Err(why) => Err(Refusal::new(What::Invalid(Field::UserinfoUrl)).because(why)),
    }
}

/// Who the claims of a user-info endpoint are about. The project has chosen the endpoint, so what it leaves unsaid is believed;
/// what it disowns is not.
///
/// # Errors
/// There is no usable address, or the endpoint says that it is not verified.
pub fn migrant(claims: &Map<String, Value>) -> Result<Migrant, Refusal> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let email = text("email").ok_or_else(|| {
        Refusal::new(What::NoEmail(Via::Oidc)).found("no email in the user-info").expected("a text")
    })?;
    let address = EmailAddress::parse(email)
        .map_err(|error| Refusal::new(What::NoEmail(Via::Oidc)).because(sentence(error)))?;
    let is_disowned = match claims.get("email_verified") {
        Some(Value::Bool(verified)) => !verified,
        Some(Value::String(verified)) => verified.eq_ignore_ascii_case("false"),
        _ => false,
    };
    if is_disowned {
        return Err(
            Refusal::new(What::DisownedEmail(Via::Oidc)).found("email_verified false in the user-info")
        );
    }
    Ok(Migrant { address, subject: text("sub").unwrap_or_default().chars().take(MOST_SUBJECT).collect() })
}

/// The most characters of a subject that a session keeps.
const MOST_SUBJECT: usize = 255;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(claims: &Value) -> Result<Migrant, What> {
        migrant(claims.as_object().unwrap()).map_err(|refusal| refusal.what)
    }

    #[test]
    fn what_is_disowned_is_nobody() {
        let ada = read(&json!({ "email": "Ada@acme.example", "sub": "u1" })).unwrap();
        assert_eq!((ada.address.as_str(), ada.subject.as_str()), ("ada@acme.example", "u1"));
        assert!(read(&json!({ "email": "ada@acme.example", "email_verified": true })).is_ok());
        for disowned in [json!(false), json!("false")] {
            let claims = json!({ "email": "ada@acme.example", "email_verified": disowned });
            assert_eq!(read(&claims), Err(What::DisownedEmail(Via::Oidc)));
        }
        for none in [json!({}), json!({ "email": 1 }), json!({ "email": "nobody" })] {
            assert_eq!(read(&none), Err(What::NoEmail(Via::Oidc)));
        }
    }
}
