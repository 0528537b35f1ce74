//! What assertions of various providers mean under various mappings.

use super::*;

const MAIL_URI: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress";
const MAIL_OID: &str = "urn:oid:0.9.2342.19200300.100.1.3";
const TRANSIENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";

fn attribute<'a>(name: &'a str, values: &[&'a str]) -> SamlAttribute<'a> {
    SamlAttribute { name, friendly_name: None, values: values.to_vec() }
}

fn name_id(value: &str) -> Option<SamlNameId<'_>> {
    Some(SamlNameId { value, ..SamlNameId::default() })
}

fn own(entries: &[(&str, &str)]) -> AttributeMapping {
    entries.iter().map(|(ours, theirs)| ((*ours).to_owned(), (*theirs).to_owned())).collect()
}

fn by_default(provider: ProviderLabel, claims: &SamlClaims<'_>) -> Result<SamlIdentity, Refusal> {
    SamlMapping::new(None, provider).evaluate(claims)
}

fn by(mapping: &AttributeMapping, claims: &SamlClaims<'_>) -> Result<SamlIdentity, Refusal> {
    SamlMapping::new(Some(mapping), ProviderLabel::Generic).evaluate(claims)
}

#[track_caller]
fn refused(result: Result<SamlIdentity, Refusal>, kind: What, pieces: &[&str]) {
    let refusal = result.unwrap_err();
    let text = refusal.to_string();
    assert_eq!(refusal.what, kind, "{text}");
    for piece in pieces {
        assert!(text.contains(piece), "{piece:?} is not in: {text}");
    }
}

#[test]
fn a_name_id_alone_is_enough_when_it_is_an_address() {
    let found = by_default(
        ProviderLabel::GoogleWorkspace,
        &SamlClaims { name_id: name_id("Ada@Example.com"), attributes: &[] },
    )
    .unwrap();
    assert_eq!((found.subject.as_str(), found.email.as_str()), ("Ada@Example.com", "ada@example.com"));
    assert_eq!((found.name.as_str(), found.groups.len(), found.attributes.len()), ("", 0, 0));
}

#[test]
fn each_provider_has_its_usual_names() {
    let entra = [
        attribute("http://schemas.microsoft.com/identity/claims/objectidentifier", &["0b7a"]),
        attribute(MAIL_URI, &["ada@example.com"]),
        attribute("http://schemas.microsoft.com/identity/claims/displayname", &["Ada Lovelace"]),
        attribute("http://schemas.microsoft.com/ws/2008/06/identity/claims/groups", &["g2", "g1", "g2"]),
    ];
    let claims = SamlClaims { name_id: name_id("ada_example.com#EXT#@tenant"), attributes: &entra };
    let found = by_default(ProviderLabel::MicrosoftEntra, &claims).unwrap();
    assert_eq!((found.subject.as_str(), found.email.as_str()), ("0b7a", "ada@example.com"));
    assert_eq!(
        (found.name.as_str(), found.groups.as_slice()),
        ("Ada Lovelace", &["g1".into(), "g2".into()][..])
    );
    assert_eq!(found.attributes.get(MAIL_URI), Some(&Value::from(vec!["ada@example.com"])));

    let shibboleth = [
        attribute(MAIL_OID, &["ada@uni.example"]),
        attribute("urn:oid:2.5.4.42", &["Ada"]),
        attribute("urn:oid:2.5.4.4", &["Lovelace"]),
        attribute("urn:oasis:names:tc:SAML:attribute:subject-id", &["ada@uni.example.scope"]),
    ];
    let name_id = Some(SamlNameId { value: "_f00", format: Some(TRANSIENT), ..SamlNameId::default() });
    let found =
        by_default(ProviderLabel::Shibboleth, &SamlClaims { name_id, attributes: &shibboleth }).unwrap();
    assert_eq!((found.subject.as_str(), found.name.as_str()), ("ada@uni.example.scope", "Ada Lovelace"));
}

#[test]
fn names_are_exact_and_friendly_names_help() {
    let mapping = own(&[("email", "mail"), ("full_name", "displayName")]);
    let mut friendly = attribute(MAIL_OID, &["ada@example.com"]);
    friendly.friendly_name = Some("mail");
    let attributes = [attribute("Mail", &["other@example.com"]), friendly];
    let found = by(&mapping, &SamlClaims { name_id: name_id("1"), attributes: &attributes }).unwrap();
    assert_eq!(found.email.as_str(), "ada@example.com");
    // A name wins over a friendly name, whatever their order.
    let mut late = attributes.to_vec();
    late.push(attribute("mail", &["named@example.com"]));
    let found = by(&mapping, &SamlClaims { name_id: name_id("1"), attributes: &late }).unwrap();
    assert_eq!(found.email.as_str(), "named@example.com");
}

#[test]
fn a_missing_address_says_what_was_sent_instead() {
    let mapping = own(&[("email", "mail"), ("full_name", "cn")]);
    let attributes = [attribute("emailAddress", &["ada@example.com"]), attribute("mail", &[" "])];
    let claims = SamlClaims { name_id: name_id("1"), attributes: &attributes };
    refused(by(&mapping, &claims), What::NoEmail(Via::Saml), &["mail", "emailAddress"]);
    let mapping = own(&[("email", "NameID"), ("full_name", "cn")]);
    let format = Some("urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified");
    let claims = SamlClaims {
        name_id: Some(SamlNameId { value: "CORP\\ada\u{202e}", format, ..SamlNameId::default() }),
        attributes: &attributes,
    };
    let pieces = ["NameID", "CORP\\ada\u{fffd}", "unspecified", "emailAddress"];
    refused(by(&mapping, &claims), What::NoEmail(Via::Saml), &pieces);
}

#[test]
fn of_several_addresses_the_first_counts() {
    let mapping = own(&[("email", "mail"), ("full_name", "cn")]);
    let attributes = [attribute("mail", &["", "ada@example.com", "lovelace@example.com"])];
    let claims = SamlClaims { name_id: name_id("1"), attributes: &attributes };
    assert_eq!(by(&mapping, &claims).unwrap().email.as_str(), "ada@example.com");
}

#[test]
fn a_subject_must_stay_the_same() {
    let attributes = [attribute(MAIL_URI, &["ada@example.com"])];
    let transient = Some(SamlNameId { value: "_f00", format: Some(TRANSIENT), ..SamlNameId::default() });
    for (name_id, piece) in [(None, "no NameID"), (transient, "transient"), (name_id(" "), "empty NameID")] {
        let claims = SamlClaims { name_id, attributes: &attributes };
        let pieces = [piece, "idp_user_id", MAIL_URI];
        refused(by_default(ProviderLabel::Generic, &claims), What::NoSubject(Via::Saml), &pieces);
    }
    let mapping = own(&[("email", MAIL_URI), ("full_name", "cn"), ("idp_user_id", "uid")]);
    let claims = SamlClaims { name_id: name_id("ada"), attributes: &attributes };
    // Falling back would make two people of one when the attribute comes back.
    refused(by(&mapping, &claims), What::NoSubject(Via::Saml), &["uid", MAIL_URI]);
    let with = [attributes[0].clone(), attribute("uid", &["42"])];
    let claims = SamlClaims { name_id: transient, attributes: &with };
    assert_eq!(by(&mapping, &claims).unwrap().subject, "42");
}

#[test]
fn other_keys_go_to_the_metadata() {
    let mapping =
        own(&[("email", "NameID"), ("full_name", "cn"), ("team", "t"), ("sites", "s"), ("none", "n")]);
    let attributes = [attribute("t", &["math"]), attribute("s", &["London", "Turin"]), attribute("n", &[])];
    let claims = SamlClaims { name_id: name_id("ada@example.com"), attributes: &attributes };
    let found = by(&mapping, &claims).unwrap().trusted_metadata;
    let sites = Value::from(vec!["London", "Turin"]);
    assert_eq!(found, BTreeMap::from([("sites".into(), sites), ("team".into(), Value::from("math"))]));
}

#[test]
fn groups_have_bounds_and_a_link_is_noticed() {
    let long = "x".repeat(513);
    let many: Vec<String> = (0..2001).map(|n| n.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for values in [&[long.as_str()][..], &many] {
        let attributes = [attribute("groups", values)];
        let claims = SamlClaims { name_id: name_id("ada@example.com"), attributes: &attributes };
        refused(by_default(ProviderLabel::Okta, &claims), What::Assertion(Judged::Groups), &[]);
    }
    let attributes = [attribute(ENTRA_GROUPS_LINK, &["https://graph.example/groups"])];
    let claims = SamlClaims { name_id: name_id("ada@example.com"), attributes: &attributes };
    assert!(by_default(ProviderLabel::MicrosoftEntra, &claims).unwrap().groups_omitted);
}

#[test]
fn a_subject_is_compared_as_its_format_says() {
    let attributes = [attribute(MAIL_URI, &["ada@example.com"])];
    let found = |value, format| {
        let name_id = Some(SamlNameId { value, format, ..SamlNameId::default() });
        let found =
            by_default(ProviderLabel::Generic, &SamlClaims { name_id, attributes: &attributes }).unwrap();
        (found.subject, found.qualifiers)
    };
    let email = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
    let persistent = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
    let address = found("first.last@acme.test", Some(email));
    for same in ["First.Last@acme.test", " first.last@ACME.test", "\n    first.last@acme.test\n  "] {
        assert_eq!(found(same, Some(email)), address, "{same:?}");
    }
    assert_eq!(
        found("First.Last@acme.test", Some("urn:oasis:names:tc:SAML:2.0:nameid-format:emailAddress")),
        address
    );
    assert_ne!(found("first.last@acme.test", None), address, "another format");
    assert_ne!(found("A1", Some(persistent)), found("a1", Some(persistent)));
    assert_eq!(found(" A1\t", Some(persistent)), found("A1", Some(persistent)));
    let unspecified = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";
    assert_eq!(found("A1", Some(unspecified)), found("A1", None));
}

#[test]
fn a_mapping_may_stand_beside_the_usual_names() {
    let mapping = AttributeMapping::from([("email".to_owned(), "work".to_owned())]);
    assert!(
        checked_saml_mapping(mapping.clone(), false).is_err()
            && checked_saml_mapping(mapping.clone(), true).is_ok()
    );
    let alone = SamlMapping::new(Some(&mapping), ProviderLabel::Generic);
    let beside = alone.adding(true);
    assert!(!alone.maps("full_name") && beside.maps("full_name"));
    assert_eq!((alone.names("email"), beside.names("email")), (vec!["work"], vec!["work"]));
    assert_eq!(beside.shown()["email"], "work");
    assert!(beside.shown().contains_key("full_name"));
}
