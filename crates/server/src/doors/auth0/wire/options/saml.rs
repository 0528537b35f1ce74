//! The options of SAML, and of the products that are reached by it.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use vestibule_domain::connection::{
    CommonPatch, Connection, SamlPatch, SamlSettings, SsoBinding, Strategy, VerificationCertificate,
};
use vestibule_domain::mapping::AttributeMapping;
use vestibule_domain::mapping::profile_fields::ProfileFields;
use vestibule_domain::patch::Patch;
use vestibule_domain::refusal::{Refusal, What};
use vestibule_domain::secret::Secret;

use super::given::{Given, another_type, no_choice, wrong};
use super::shared::{self, MOST_TEXT, MOST_URL, Shown, or_clear};
use crate::operations::connections::saml::SuppliedMaterial;

const MOST_METADATA: usize = 102_400;
const MOST_CERTIFICATE: usize = 10_240;
const POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
const REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
/// The most attributes of a map, and the most names of one.
const MOST_FIELDS: usize = 44;
const MOST_NAMES: usize = 4;
/// What is computed from a certificate or told by metadata: shown, and taken back without a word.
const COMPUTED: [&str; 4] = ["thumbprints", "expires", "subject", "bindingMethod"];
/// This dialect's names of what has a meaning of its own here.
const FIELDS: [(&str, &str); 7] = [
    ("email", "email"),
    ("given_name", "first_name"),
    ("family_name", "last_name"),
    ("name", "full_name"),
    ("groups", "groups"),
    ("user_id", "idp_user_id"),
    ("nameidentifier", "idp_user_id"),
];

/// The options of a body, read.
#[derive(Debug)]
pub(crate) struct SamlIn {
    sso_url: Option<String>,
    entity_id: Option<String>,
    idp_entity_id: Option<String>,
    signs_requests: bool,
    lets_providers_begin: bool,
    fields: ProfileFields,
    certificate: Option<String>,
    metadata_url: Option<String>,
    metadata_xml: Option<String>,
    signing_key: Option<Secret>,
    decryption_key: Option<Secret>,
    common: CommonPatch,
    kept: Given,
}

impl SamlIn {
    /// Reads options that are meant as a whole.
    ///
    /// # Errors
    /// What is missing or cannot be, with its name.
    pub(crate) fn read(mut given: Given, strategy: Strategy) -> Result<Self, Refusal> {
        for name in COMPUTED {
            given.0.remove(name);
        }
        sha256_alone(&given)?;
        given.not_offered("requestTemplate")?;
        let (sso_url, metadata_url) = addresses(&mut given, strategy)?;
        let metadata_xml = match given.some_text("metadataXml", MOST_METADATA)? {
            None => given.some_text("fedMetadataXml", MOST_METADATA)?,
            xml => xml,
        };
        let certificate = certificate(&mut given)?;
        if sso_url.is_none() && metadata_url.is_none() && metadata_xml.is_none() {
            return Err(Refusal::new(What::Unreadable)
                .because("options needs signInEndpoint with signingCert, metadataUrl or metadataXml"));
        }
        Ok(Self {
            sso_url,
            entity_id: given.some_text("entityId", 128)?,
            idp_entity_id: given.some_text("idpEntityId", 1024)?,
            signs_requests: given.flag("signSAMLRequest")?.unwrap_or(false),
            lets_providers_begin: initiated(&given)?,
            fields: fields(&given)?,
            certificate,
            metadata_url,
            metadata_xml,
            signing_key: key(&mut given, "signing_key")?,
            decryption_key: key(&mut given, "decryptionKey")?,
            common: shared::read(&mut given)?,
            kept: given,
        })
    }

    /// The change that they are, and what has to be read for it.
    ///
    /// # Errors
    /// More than is kept.
    pub(crate) fn patch(self) -> Result<(SamlPatch, SuppliedMaterial), Refusal> {
        let common = CommonPatch { kept: shared::kept(&self.kept)?, ..self.common };
        let supplied = SuppliedMaterial {
            certificates: self.certificate,
            signing_key: self.signing_key,
            encryption_key: self.decryption_key,
            metadata_xml: self.metadata_xml,
        };
        let patch = SamlPatch {
            // What metadata says is not undone by leaving it away.
            idp_sso_url: self.sso_url.map_or(Patch::Keep, Patch::Set),
            // Neither the guides nor the reference's own clients say it.
            learns_provider: Patch::Set(self.idp_entity_id.is_none()),
            idp_entity_id: self.idp_entity_id.map_or(Patch::Keep, Patch::Set),
            metadata_url: or_clear(self.metadata_url),
            sp_entity_id: or_clear(self.entity_id),
            idp_initiated_auth_disabled: Patch::Set(!self.lets_providers_begin),
            authn_requests_signed: Patch::Set(self.signs_requests),
            attribute_mapping: or_clear(mapping(&self.fields)),
            profile_fields: Patch::Set(self.fields),
            attribute_mapping_adds: Patch::Set(true),
            common,
            ..SamlPatch::default()
        };
        Ok((patch, supplied))
    }
}

/// Where the browser goes, and where the metadata is: as it was given, or where the product has it.
fn addresses(given: &mut Given, strategy: Strategy) -> Result<(Option<String>, Option<String>), Refusal> {
    let sign_in = given.some_text("signInEndpoint", MOST_URL)?;
    let metadata = given.some_text("metadataUrl", MOST_URL)?;
    // The product's own address stays among what is kept.
    let text = |name: &str| {
        given.0.get(name).and_then(Value::as_str).map(|text| text.trim_end_matches('/').to_owned())
    };
    Ok(match strategy {
        Strategy::AdFs => {
            let of_server = text("adfs_server").filter(|server| !server.is_empty()).map(|server| {
                let address = if server.contains("://") { server } else { format!("https://{server}") };
                let known = address.to_ascii_lowercase().ends_with(".xml");
                let path = if known { "" } else { "/FederationMetadata/2007-06/FederationMetadata.xml" };
                format!("{address}{path}")
            });
            (sign_in, metadata.or(of_server))
        }
        Strategy::PingFederate => {
            let base = text("pingFederateBaseUrl").filter(|base| !base.is_empty());
            let base = base.ok_or_else(|| {
                Refusal::new(What::Unreadable).because("options.pingFederateBaseUrl is required")
            })?;
            (sign_in.or_else(|| Some(format!("{base}/idp/SSO.saml2"))), metadata)
        }
        _ => (sign_in, metadata),
    })
}

/// The provider's certificate: PEM, or the base64 of it.
fn certificate(given: &mut Given) -> Result<Option<String>, Refusal> {
    let named = given.some_text("signingCert", MOST_CERTIFICATE)?;
    let twin = given.some_text("cert", MOST_CERTIFICATE)?;
    let Some(text) = named.or(twin) else { return Ok(None) };
    if text.contains("-----BEGIN") {
        return Ok(Some(text));
    }
    let wrapped: String = text.split_ascii_whitespace().collect();
    let inner = STANDARD.decode(&wrapped).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    Ok(Some(inner.filter(|inner| inner.contains("-----BEGIN")).unwrap_or(text)))
}

/// A private key: an object with one, or the text itself. The certificate beside it is ours to make.
fn key(given: &mut Given, name: &str) -> Result<Option<Secret>, Refusal> {
    match given.take(name) {
        None => Ok(None),
        Some(Value::String(pem)) => Ok(Some(Secret::new(pem)).filter(|pem| !pem.is_empty())),
        Some(Value::Object(mut pair)) => match pair.remove("key") {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(pem)) => Ok(Some(Secret::new(pem)).filter(|pem| !pem.is_empty())),
            Some(other) => Err(another_type(&format!("{name}.key"), "string", &other)),
        },
        Some(other) => Err(another_type(name, "object", &other)),
    }
}

/// Whether sign-ins may begin at the provider. The object stays among what is kept.
fn initiated(given: &Given) -> Result<bool, Refusal> {
    match given.0.get("idpinitiated") {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Object(members)) => match members.get("enabled") {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(enabled)) => Ok(*enabled),
            Some(other) => Err(another_type("idpinitiated.enabled", "boolean", other)),
        },
        Some(other) => Err(another_type("idpinitiated", "object", other)),
    }
}

/// Requests are signed with SHA-256 and nothing weaker.
fn sha256_alone(given: &Given) -> Result<(), Refusal> {
    for (name, expected) in [("signatureAlgorithm", "rsa-sha256"), ("digestAlgorithm", "sha256")] {
        match given.0.get(name) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) if text == expected => {}
            Some(Value::String(text)) if text.ends_with("sha1") => {
                return Err(Refusal::new(What::NotOffered)
                    .because(format!("options.{name}: this server signs with {expected}.")));
            }
            Some(Value::String(text)) => return Err(no_choice(name, text, expected)),
            Some(other) => return Err(another_type(name, "string", other)),
        }
    }
    match given.0.get("protocolBinding") {
        None | Some(Value::Null) => Ok(()),
        Some(Value::String(text)) if [POST, REDIRECT].contains(&text.as_str()) => Ok(()),
        Some(Value::String(text)) => Err(no_choice("protocolBinding", text, &format!("{POST}, {REDIRECT}"))),
        Some(other) => Err(another_type("protocolBinding", "string", other)),
    }
}

/// Which attributes mean what: all names of each, in their order. Map and name of the subject stay among what is kept, as they came.
fn fields(given: &Given) -> Result<ProfileFields, Refusal> {
    let mut read = ProfileFields::default();
    match given.0.get("fieldsMap") {
        None | Some(Value::Null) => {}
        Some(Value::Object(map)) if map.len() > MOST_FIELDS => {
            return Err(wrong("fieldsMap", format_args!("Too many properties, maximum {MOST_FIELDS}")));
        }
        Some(Value::Object(map)) => {
            for (name, theirs) in map {
                let names = names(&format!("fieldsMap.{name}"), theirs)?;
                if !names.is_empty() {
                    read.fields.insert(name.clone(), names);
                }
            }
        }
        Some(other) => return Err(another_type("fieldsMap", "object", other)),
    }
    match given.0.get("user_id_attribute") {
        Some(Value::String(name)) if name.len() > MOST_TEXT => {
            return Err(wrong("user_id_attribute", format_args!("String is too long, maximum {MOST_TEXT}")));
        }
        Some(Value::Array(names)) => {
            return Err(another_type("user_id_attribute", "string", &Value::Array(names.clone())));
        }
        Some(name) => read.subject = names("user_id_attribute", name)?,
        None => {}
    }
    Ok(read)
}

/// One name, or several of which the first that an assertion has counts.
fn names(at: &str, theirs: &Value) -> Result<Vec<String>, Refusal> {
    let several: &[Value] = match theirs {
        Value::Null => &[],
        Value::Array(names) if names.len() > MOST_NAMES => {
            return Err(wrong(at, format_args!("Array is too long, maximum {MOST_NAMES}")));
        }
        Value::Array(names) => names.as_slice(),
        one => std::slice::from_ref(one),
    };
    let text = |name: &Value| match name {
        Value::String(text) => Ok(text.clone()),
        other => Err(another_type(at, "string", other)),
    };
    let read = several
        .iter()
        .map(text)
        .filter(|name| name.as_ref().is_ok_and(|name| !name.is_empty()) || name.is_err());
    read.collect()
}

/// What has a meaning of its own here, by its first name.
fn mapping(fields: &ProfileFields) -> Option<AttributeMapping> {
    let named = fields.fields.iter().filter_map(|(name, theirs)| Some((ours(name), theirs.first()?.clone())));
    let subject = fields.subject.first().map(|name| ("idp_user_id".to_owned(), name.clone()));
    Some(named.chain(subject).collect::<AttributeMapping>()).filter(|mapping| !mapping.is_empty())
}

fn ours(name: &str) -> String {
    FIELDS.iter().find(|(theirs, _)| *theirs == name).map_or(name, |(_, ours)| ours).to_owned()
}

/// The options of a connection as they are shown. `secrets` says whether that is to one who may see them.
#[must_use]
pub(crate) fn show(connection: &Connection, settings: &SamlSettings, secrets: bool) -> Value {
    let mut shown = Shown::of(connection);
    shown.unless_empty("signInEndpoint", &settings.idp_sso_url);
    if shown.kept("signOutEndpoint").is_none() {
        shown.unless_empty("signOutEndpoint", &settings.idp_sso_url);
    }
    shown.unless_empty("metadataUrl", &settings.metadata_url);
    shown.unless_empty("entityId", &settings.sp_entity_id);
    shown.unless_empty("idpEntityId", &settings.idp_entity_id);
    shown.set("signSAMLRequest", settings.authn_requests_signed);
    if let Some(certificate) = settings.verification_certificates.last() {
        show_certificate(&mut shown, certificate);
    }
    let binding = match settings.sso_binding {
        SsoBinding::Post => POST,
        SsoBinding::Redirect => REDIRECT,
    };
    shown.set("bindingMethod", binding);
    if shown.kept("fieldsMap").is_none() && shown.kept("user_id_attribute").is_none() {
        show_fields(&mut shown, settings.attribute_mapping.as_ref());
    }
    if secrets {
        show_keys(&mut shown, settings);
    }
    if shown.kept("assertion_decryption_settings").is_none() {
        let usual = json!({ "algorithm_profile": "v2026-1", "algorithm_exceptions": [] });
        shown.set("assertion_decryption_settings", usual);
    }
    shared::show(&mut shown, connection);
    shown.into_value()
}

fn show_certificate(shown: &mut Shown, certificate: &VerificationCertificate) {
    shown.set("signingCert", certificate.pem.as_str());
    shown.set("cert", certificate.pem.as_str());
    shown.set("thumbprints", json!([thumbprint(&certificate.pem)]));
    shown.set("expires", certificate.expires_at.to_string());
    shown.set("subject", subject(&certificate.subject));
}

fn show_keys(shown: &mut Shown, settings: &SamlSettings) {
    if let Some(key) = settings.signing_key() {
        shown.set("signing_key", json!({ "key": key.private_key.expose(), "cert": key.certificate }));
    }
    if let Some(key) = settings.encryption_keys.last() {
        shown.set("decryptionKey", json!({ "key": key.private_key.expose(), "cert": key.certificate }));
    }
}

fn show_fields(shown: &mut Shown, mapping: Option<&AttributeMapping>) {
    let Some(mapping) = mapping else { return };
    let theirs = |ours: &String| {
        FIELDS
            .iter()
            .find(|(_, known)| known == ours)
            .map_or_else(|| ours.clone(), |(name, _)| (*name).to_owned())
    };
    let map: Map<String, Value> = mapping.iter().map(|(ours, name)| (theirs(ours), json!(name))).collect();
    shown.set("fieldsMap", map);
}

/// The SHA-1 of a certificate, by which this dialect's clients tell one from another. Nothing is decided by it.
fn thumbprint(pem: &str) -> String {
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let der = STANDARD.decode(body.trim()).unwrap_or_default();
    let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &der);
    data_encoding::HEXLOWER.encode(hash.as_ref())
}

/// A distinguished name by the long names of its parts.
fn subject(name: &str) -> Value {
    let long = |short: &str| match short {
        "CN" => "commonName",
        "C" => "countryName",
        "ST" => "stateOrProvinceName",
        "L" => "localityName",
        "O" => "organizationName",
        "OU" => "organizationalUnitName",
        _ => "",
    };
    let parts = name.split(',').filter_map(|part| part.trim().split_once('='));
    let known = parts.filter_map(|(short, value)| {
        let name = long(short.trim());
        (!name.is_empty()).then(|| (name.to_owned(), json!(value.trim())))
    });
    Value::Object(known.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(options: Value, strategy: Strategy) -> Result<(SamlPatch, SuppliedMaterial), Refusal> {
        SamlIn::read(serde_json::from_value(options).unwrap(), strategy)?.patch()
    }

    #[test]
    fn the_ways_to_say_where_the_provider_is() {
        let (patch, supplied) = read(
            json!({ "signInEndpoint": "https://idp.test/sso", "signingCert": STANDARD.encode("-----BEGIN CERTIFICATE-----") }),
            Strategy::Saml,
        )
        .unwrap();
        assert_eq!(patch.idp_sso_url, Patch::Set("https://idp.test/sso".to_owned()));
        assert_eq!(supplied.certificates.as_deref(), Some("-----BEGIN CERTIFICATE-----"));
        let (patch, _) = read(json!({ "adfs_server": "fs.acme.test" }), Strategy::AdFs).unwrap();
        let address = "https://fs.acme.test/FederationMetadata/2007-06/FederationMetadata.xml";
        assert_eq!(patch.metadata_url, Patch::Set(address.to_owned()));
        let (patch, _) =
            read(json!({ "pingFederateBaseUrl": "https://ping.test/" }), Strategy::PingFederate).unwrap();
        assert_eq!(patch.idp_sso_url, Patch::Set("https://ping.test/idp/SSO.saml2".to_owned()));
        for (nothing, strategy) in
            [(json!({}), Strategy::Saml), (json!({ "metadataUrl": "x" }), Strategy::PingFederate)]
        {
            assert!(read(nothing, strategy).is_err());
        }
    }

    #[test]
    fn fields_are_called_by_our_names_and_kept_by_theirs() {
        let options = json!({
            "metadataUrl": "https://idp.test/metadata", "user_id_attribute": "uid", "thumbprints": ["x"], "expires": "y",
            "fieldsMap": { "email": ["mail", "email"], "given_name": "gn", "department": "dept", "nothing": null },
            "unheard_of": { "a": 1 },
        });
        let (patch, _) = read(options, Strategy::Saml).unwrap();
        let mapping = patch.attribute_mapping.value().unwrap().clone();
        let expected =
            [("department", "dept"), ("email", "mail"), ("first_name", "gn"), ("idp_user_id", "uid")];
        assert_eq!(mapping.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect::<Vec<_>>(), expected);
        let kept = patch.common.kept.value().unwrap().to_map();
        assert_eq!(kept["unheard_of"], json!({ "a": 1 }));
        assert!(kept.contains_key("fieldsMap") && !kept.contains_key("thumbprints"));
    }

    #[test]
    fn what_is_weak_or_of_another_type_is_refused() {
        for options in [
            json!({ "signatureAlgorithm": "rsa-sha1" }),
            json!({ "digestAlgorithm": "md5" }),
            json!({ "protocolBinding": "urn:x" }),
            json!({ "fieldsMap": [] }),
            json!({ "fieldsMap": { "email": 1 } }),
            json!({ "fieldsMap": { "email": ["a", "b", "c", "d", "e"] } }),
            json!({ "fieldsMap": { "email": ["a", 1] } }),
            json!({ "user_id_attribute": ["a"] }),
            json!({ "idpinitiated": { "enabled": "yes" } }),
            json!({ "signing_key": 7 }),
            json!({ "signSAMLRequest": "true" }),
            json!({ "requestTemplate": "<x/>" }),
        ] {
            let mut with = options.clone();
            with["metadataUrl"] = json!("https://idp.test/metadata");
            assert!(read(with, Strategy::Saml).is_err(), "{options}");
        }
    }

    #[test]
    fn a_name_is_shown_by_its_parts() {
        assert_eq!(
            subject("C=DE, O=Acme GmbH, CN=idp.test, X=1"),
            json!({ "countryName": "DE", "organizationName": "Acme GmbH", "commonName": "idp.test" })
        );
    }
}
