//! The connections of the member's own organization: the handlers are those of the backend API.

use vestibule_domain::rbac::Action::{CreateConnection, DeleteConnection, ReadConnections, UpdateConnection};

use super::Sdk;
use crate::doors::stytch::backend::{external, oidc, saml, sso};
use crate::http::endpoint::{Endpoints, Needs};

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<Sdk> {
    let all = "/sdk/v1/b2b/sso";
    let saml_one = format!("{all}/saml/{{connection_id}}");
    let certificate = format!("{saml_one}/verification_certificates/{{certificate_id}}");
    let changes = Needs::Right(UpdateConnection);
    Endpoints::new()
        .get(all, Needs::Right(ReadConnections), sso::connections_of::<Sdk>)
        .delete(&format!("{all}/{{connection_id}}"), Needs::Right(DeleteConnection), sso::remove::<Sdk>)
        .post(&format!("{all}/oidc"), Needs::Right(CreateConnection), oidc::create::<Sdk>)
        .put(&format!("{all}/oidc/{{connection_id}}"), changes, oidc::update::<Sdk>)
        .post(&format!("{all}/saml"), Needs::Right(CreateConnection), saml::create::<Sdk>)
        .put(&saml_one, changes, saml::update::<Sdk>)
        .put(&format!("{saml_one}/url"), changes, saml::update_by_url::<Sdk>)
        .delete(&certificate, changes, saml::remove_certificate::<Sdk>)
        // Clients disagree about the plural.
        .delete(
            &format!("{saml_one}/encryption_private_key/{{private_key_id}}"),
            changes,
            saml::remove_encryption_key::<Sdk>,
        )
        .delete(
            &format!("{saml_one}/encryption_private_keys/{{private_key_id}}"),
            changes,
            saml::remove_encryption_key::<Sdk>,
        )
        // Only the project lends (ADR 34), and no session is the project.
        .post(&format!("{all}/external"), Needs::ProjectAloneIn, external::create::<Sdk>)
        .put(&format!("{all}/external/{{connection_id}}"), changes, external::update::<Sdk>)
}
