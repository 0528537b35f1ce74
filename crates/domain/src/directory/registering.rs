//! How a directory of a connection says beforehand who somebody will be when they sign in: the subject that the provider calls
//! them by, so that the sign-in and the directory mean one person. A pure decision over what the operation has loaded.

use serde_json::{Map, Value};

use crate::connection::Route;
use crate::entropy::Entropy;
use crate::id::RegistrationId;
use crate::identity::{Arrivals, Registration, SubjectKey};
use crate::member::Member;
use crate::refusal::Refusal;
use crate::time::Time;

/// What a directory says of somebody, as far as it concerns their sign-ins.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Announced {
    /// What the provider calls them.
    pub subject: Option<String>,
    /// Attributes of the profile that applications see.
    pub attributes: Map<String, Value>,
}

/// What becomes of the registration.
#[derive(Clone, Debug, PartialEq)]
pub enum Registering {
    /// It stays as it is, or there is none.
    Nothing,
    /// It is made, before anybody has come by it.
    New(Registration),
    /// Its attributes change.
    Attributes(Registration),
    /// It leads to another subject, whose sessions those of the one before are not.
    Moved(Registration),
}

/// Decides what becomes of the registration of `member` at the directory's connection. `there` are those that the member has,
/// and `earlier` is what the directory said before. Who comes through another connection already is registered at this one when
/// they come by it, if they may; and one that a sign-in has made under another name than the directory's stays: who signs in is
/// the provider's to say.
///
/// # Errors
/// A subject that is none, as for [`Registration::relink`].
pub fn announce(
    route: Route<'_>,
    member: &Member,
    there: Vec<Registration>,
    earlier: &Announced,
    said: &Announced,
    now: Time,
    entropy: &dyn Entropy,
) -> Result<Registering, Refusal> {
    let comes_otherwise = !there.is_empty();
    let Some(mut registration) = there.into_iter().find(|one| one.connection_id == route.id()) else {
        let Some(subject) = said.subject.as_ref().filter(|_| !comes_otherwise) else {
            return Ok(Registering::Nothing);
        };
        let mut made = Registration {
            id: RegistrationId::generate(route.id().kind(), member.id.environment(), entropy),
            project_id: member.project_id,
            organization_id: member.organization_id,
            member_id: member.id,
            connection_id: route.id(),
            external_id: String::new(),
            key: SubjectKey::default(),
            said: None,
            attributes: said.attributes.clone(),
            groups: Vec::new(),
            created_at: now,
            last_login_at: now,
            arrivals: Arrivals::default(),
        };
        made.relink(route, subject)?;
        return Ok(Registering::New(made));
    };
    let was = registration.clone();
    for (name, value) in &said.attributes {
        registration.attributes.insert(name.clone(), value.clone());
    }
    // What the directory said and says no more is gone, unless somebody else has said otherwise.
    let withdrawn = earlier.attributes.iter().filter(|(name, _)| !said.attributes.contains_key(*name));
    for (name, value) in withdrawn {
        if registration.attributes.get(name) == Some(value) {
            registration.attributes.remove(name);
        }
    }
    if let Some(subject) = &said.subject
        && earlier.subject.as_ref() == Some(&was.external_id)
        && *subject != was.external_id
    {
        registration.relink(route, subject)?;
        return Ok(Registering::Moved(registration));
    }
    Ok(if registration == was { Registering::Nothing } else { Registering::Attributes(registration) })
}
