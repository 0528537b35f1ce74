//! One request to every endpoint that changes something, with every secret there is; and what was secret in it.

use std::collections::BTreeSet;
use std::sync::Mutex;

use http::Method;
use serde_json::{Value, json};
use vestibule_domain::application::ApplicationKind;
use vestibule_server::routes;

use crate::app::{TestApp, text};
use crate::applications::sign_in::Scene;
use crate::applications::{made, management_token, named};
use crate::browser::Browser;
use crate::directories::Directory;
use crate::discovery::shown;
use crate::provider::CLIENT_SECRET;
use crate::reply::parameter;
use crate::saml_connections::certificate;
use crate::saml_idp::{connect_in, decryption_key};
use crate::second_factors::{Authenticator, NUMBER, last_code};

pub(super) struct Walk<'a> {
    app: &'a TestApp,
    /// What nobody may read, by what it is.
    pub(super) secrets: Vec<(&'static str, String)>,
    asked: Mutex<BTreeSet<(String, String)>>,
}

impl<'a> Walk<'a> {
    pub(super) async fn through(app: &'a TestApp) -> Self {
        let secrets =
            vec![("secret of the project", app.secret.clone()), ("client secret", CLIENT_SECRET.to_owned())];
        let mut walk = Self { app, secrets, asked: Mutex::default() };
        let organization = walk.organizations().await;
        let oidc = app.connection(&organization).await;
        walk.asked("POST", "/v1/b2b/sso/oidc/{organization_id}");
        walk.asked("PUT", "/v1/b2b/sso/oidc/{organization_id}/connections/{connection_id}");
        let member = walk.sessions(&oidc).await;
        walk.discovery(&organization).await;
        walk.members(&organization, &member).await;
        walk.rbac(&organization).await;
        walk.mail(&organization).await;
        walk.second_factors(&organization, &oidc).await;
        walk.saml(&organization).await;
        walk.project().await;
        walk.borrowed(&organization, &oidc).await;
        walk.directories(&organization).await;
        walk.applications().await;
        walk.browsers(&oidc).await;
        walk.setting_up(&organization, &oidc).await;
        walk.ends(&organization, &oidc, &member).await;
        let served = json!({ "allowed_origins": ["https://app.example.com"], "member_actions": true });
        walk.ask(Method::PUT, "/v1/vestibule/project/sdk", &[], served).await;
        walk
    }

    /// Every endpoint that could change something was asked.
    pub(super) fn missed_nothing(&self) {
        let changing = routes::endpoints().into_iter().filter(|endpoint| endpoint.method != Method::GET);
        // The frontend changes by the same operations, for members.
        let changing = changing.filter(|endpoint| endpoint.door != "stytch-sdk");
        // Pages are filled in by somebody (`set_up/`).
        let changing = changing.filter(|endpoint| endpoint.door != "pages");
        // The second dialect has a walk of its own (`management/walls.rs`).
        let changing = changing.filter(|endpoint| !endpoint.needs.scoped());
        // What a directory asks has no envelope of ours; what comes of it is in `directories`.
        let changing = changing.filter(|endpoint| endpoint.door != "scim");
        let changing: BTreeSet<(String, String)> =
            changing.map(|endpoint| (endpoint.method.to_string(), endpoint.path)).collect();
        let asked = self.asked.lock().unwrap();
        let missed: Vec<_> = changing.difference(&asked).collect();
        assert!(missed.is_empty(), "walk through them too: {missed:?}");
        let unknown: Vec<_> = asked.difference(&changing).collect();
        assert!(unknown.is_empty(), "there are no such endpoints: {unknown:?}");
    }

    fn asked(&self, method: &str, path: &str) {
        self.asked.lock().unwrap().insert((method.to_owned(), path.to_owned()));
    }

    /// Asks an endpoint by its path in the list, and fills its parameters in their order.
    async fn ask(&self, method: Method, path: &str, parameters: &[&str], body: Value) -> Value {
        self.asked(method.as_str(), path);
        self.app.pass(1);
        let mut address = String::new();
        let mut values = parameters.iter();
        for piece in path.split('{') {
            match piece.split_once('}') {
                Some((_, rest)) => address += &format!("{}{rest}", values.next().unwrap()),
                None => address += piece,
            }
        }
        self.app.raw(method, &address, body.to_string()).await.ok()
    }

    /// Applications prove themselves otherwise, and are answered without an envelope.
    async fn applications(&mut self) {
        let machine = made(self.app, named(ApplicationKind::NonInteractive), &["read:connections"]).await;
        self.secrets.push(("secret of an application", machine.secret.expose().to_owned()));
        let token = management_token(self.app, &machine).await;
        self.secrets.push(("token of an application", token));
        self.asked("POST", "/oauth/token");
        for path in ["/oauth/revoke", "/userinfo"] {
            self.refused(Method::POST, path, &[]).await;
        }
    }

    /// Somebody signs in to an application, once more by the session of their browser, and signs out.
    async fn browsers(&mut self, connection: &str) {
        let scene = Scene::through(self.app, connection).await;
        let mut browser = Browser::new(self.app);
        let provider = browser.get(&scene.address(&[])).await.location();
        let back = browser.approve(&provider, "grace@example.com", None).await;
        let code = parameter(&browser.bring(&back).await.location(), "code");
        self.secrets.push(("code of an application", code));
        let code = parameter(&browser.get(&scene.address(&[])).await.location(), "code");
        let tokens = scene.redeemed(&code).await.json();
        self.secrets.extend(browser.cookies.values().map(|cookie| ("cookie of a browser", cookie.clone())));
        self.secrets.push(("refresh token", text(&tokens["refresh_token"])));
        let hint = vec![("id_token_hint".to_owned(), text(&tokens["id_token"]))];
        self.asked("POST", "/oidc/logout");
        assert_eq!(browser.post("/oidc/logout", &hint).await.status, 200);
    }

    /// A directory is connected, speaks of people and groups, and is disconnected.
    async fn directories(&mut self, organization: &str) {
        let all = "/v1/b2b/scim/{organization_id}/connection";
        let one = format!("{all}/{{connection_id}}");
        let body = json!({ "display_name": "People", "identity_provider": "okta" });
        let made = self.ask(Method::POST, all, &[organization], body).await["connection"].clone();
        let (id, token) = (text(&made["connection_id"]), text(&made["bearer_token"]));
        self.secrets.push(("token of a directory", token.clone()));
        let directory = Directory::existing(self.app, organization, &id, &token);
        let ada = directory.user("dora@example.com", &json!({ "title": "Analyst" })).await;
        let group = directory.group("Staff", &[&ada]).await;
        let roles = json!([{ "role_id": "stytch_admin", "group_id": group }]);
        let body = json!({ "display_name": "Staff", "scim_group_implicit_role_assignments": roles });
        self.ask(Method::PUT, &one, &[organization, &id], body).await;
        let next =
            self.ask(Method::POST, &format!("{one}/rotate/start"), &[organization, &id], json!({})).await;
        self.secrets.push(("next token of a directory", text(&next["connection"]["next_bearer_token"])));
        self.ask(Method::POST, &format!("{one}/rotate/cancel"), &[organization, &id], json!({})).await;
        directory.set_active(&ada, false).await;
        directory.set_active(&ada, true).await;
        let leave = json!([{ "op": "remove", "path": "members" }]);
        directory.patch(&format!("/Groups/{group}"), &leave).await;
        directory.delete(&format!("/Groups/{group}")).await;
        directory.delete(&format!("/Users/{ada}")).await;
        self.ask(Method::POST, &format!("{one}/rotate/start"), &[organization, &id], json!({})).await;
        self.ask(Method::POST, &format!("{one}/rotate/complete"), &[organization, &id], json!({})).await;
        self.ask(Method::DELETE, &one, &[organization, &id], json!({})).await;
    }

    async fn setting_up(&mut self, organization: &str, connection: &str) {
        let body = json!({ "organization_id": organization, "intents": ["sso"] });
        let made = self.ask(Method::POST, "/v1/vestibule/setup_links", &[], body).await;
        let id = text(&made["setup_link"]["setup_link_id"]);
        self.secrets
            .push(("token of a set-up link", text(&made["url"]).rsplit('/').next().unwrap().to_owned()));
        self.ask(Method::POST, "/v1/vestibule/setup_links/{setup_link_id}/revoke", &[&id], json!({})).await;
        let domains = "/v1/vestibule/organizations/{organization_id}/domains";
        let domain = "shown.example.net";
        self.ask(Method::POST, domains, &[organization], json!({ "domain": domain })).await;
        let both = [organization, domain];
        self.ask(Method::POST, &format!("{domains}/{{domain}}/check"), &both, json!({})).await;
        self.ask(Method::DELETE, &format!("{domains}/{{domain}}"), &both, json!({})).await;
        let tests = "/v1/vestibule/connections/{connection_id}/tests";
        let prepared = self.ask(Method::POST, tests, &[connection], json!({})).await;
        self.secrets.push(("token of a test", text(&prepared["url"]).rsplit('/').next().unwrap().to_owned()));
    }

    /// Asks one that never does anything.
    async fn refused(&self, method: Method, path: &str, parameters: &[&str]) {
        self.asked(method.as_str(), path);
        let mut address = path.to_owned();
        for value in parameters {
            let (Some(from), Some(to)) = (address.find('{'), address.find('}')) else { break };
            address.replace_range(from..=to, value);
        }
        let answer = self.app.raw(method, &address, "{}").await;
        assert!(answer.status.is_client_error(), "{}", answer.text());
    }

    async fn organizations(&self) -> String {
        let body = json!({ "organization_name": "acme", "sso_jit_provisioning": "ALL_ALLOWED" });
        let made = self.ask(Method::POST, "/v1/b2b/organizations", &[], body).await;
        let id = text(&made["organization"]["organization_id"]);
        let one = "/v1/b2b/organizations/{organization_id}";
        let body = json!({ "organization_name": "Acme", "organization_external_id": "customer-1", "trusted_metadata": { "plan": "gold" } });
        self.ask(Method::PUT, one, &[&id], body).await;
        self.ask(Method::DELETE, &format!("{one}/external_id"), &[&id], json!({})).await;
        self.ask(Method::POST, "/v1/b2b/organizations/search", &[], json!({})).await;
        id
    }

    async fn sessions(&mut self, connection: &str) -> String {
        let token = Browser::new(self.app).token(connection, "grace@example.com").await;
        let redeem = "/v1/b2b/sso/authenticate";
        let session = self.ask(Method::POST, redeem, &[], json!({ "sso_token": token })).await;
        self.secrets.push(("token of a sign-in", token));
        let mut token = text(&session["session_token"]);
        self.keep(&session);
        let authenticate = "/v1/b2b/sessions/authenticate";
        let body = json!({ "session_token": token, "session_duration_minutes": 60 });
        let prolonged = self.ask(Method::POST, authenticate, &[], body).await;
        self.keep(&prolonged);
        self.ask(Method::POST, "/v1/b2b/sessions/revoke", &[], json!({ "session_token": token })).await;
        token = Browser::new(self.app).token(connection, "grace@example.com").await;
        self.ask(Method::POST, redeem, &[], json!({ "sso_token": token })).await;
        let member = text(&session["member_id"]);
        self.ask(Method::POST, "/v1/b2b/sessions/revoke", &[], json!({ "member_id": member })).await;
        member
    }

    async fn discovery(&mut self, organization: &str) {
        let address = "mail@example.com";
        self.app.member(organization, address, json!({})).await;
        let (first, second) = (shown(self.app, address).await, shown(self.app, address).await);
        let seek = json!({ "intermediate_session_token": first });
        self.ask(Method::POST, "/v1/b2b/discovery/organizations", &[], seek).await;
        let enter = json!({ "intermediate_session_token": first, "organization_id": organization });
        let exchange = "/v1/b2b/discovery/intermediate_sessions/exchange";
        let session = self.ask(Method::POST, exchange, &[], enter).await;
        self.keep(&session);
        let again = json!({ "session_token": session["session_token"], "organization_id": organization });
        let session = self.ask(Method::POST, "/v1/b2b/sessions/exchange", &[], again).await;
        self.keep(&session);
        let found = json!({ "intermediate_session_token": second, "organization_name": "founded" });
        let session = self.ask(Method::POST, "/v1/b2b/discovery/organizations/create", &[], found).await;
        self.keep(&session);
        self.secrets.extend([first, second].map(|token| ("token of a sign-in that waits", token)));
    }

    fn keep(&mut self, session: &Value) {
        self.secrets.push(("session token", text(&session["session_token"])));
        self.secrets.push(("session JWT", text(&session["session_jwt"])));
    }

    async fn members(&self, organization: &str, member: &str) {
        let all = "/v1/b2b/organizations/{organization_id}/members";
        let one = format!("{all}/{{member_id}}");
        let here = [organization, member];
        self.ask(Method::POST, all, &[organization], json!({ "email_address": "ada@example.com" })).await;
        let body = json!({ "name": "Grace", "roles": ["stytch_admin"], "external_id": "employee-1" });
        self.ask(Method::PUT, &one, &here, body).await;
        self.ask(Method::DELETE, &format!("{one}/external_id"), &here, json!({})).await;
        let body = json!({ "email_address": "grace.hopper@example.com", "mfa_phone_number": "+15555550123" });
        self.ask(Method::PUT, &one, &here, body).await;
        let body = json!({ "email_address": "grace@example.com" });
        self.ask(Method::POST, &format!("{one}/unlink_retired_email"), &here, body).await;
        let body = json!({ "email_address": "admiral@example.com" });
        self.ask(Method::POST, &format!("{one}/start_email_update"), &here, body).await;
        self.ask(Method::DELETE, &format!("{all}/mfa_phone_numbers/{{member_id}}"), &here, json!({})).await;
        self.refused(Method::DELETE, &format!("{all}/passwords/{{member_password_id}}"), &here).await;
        for path in ["/v1/b2b/sessions/attest", "/v1/b2b/sessions/exchange_access_token"] {
            self.refused(Method::POST, path, &[]).await;
        }
        let search = json!({ "organization_ids": [organization] });
        self.ask(Method::POST, "/v1/b2b/organizations/members/search", &[], search).await;
        let all = "/v1/vestibule/organizations/{organization_id}/members/{member_id}/registrations";
        let shown = all.replace("{organization_id}", organization).replace("{member_id}", member);
        let shown = self.app.get(&shown).await.ok();
        let registration = text(&shown["registrations"][0]["registration_id"]);
        let (one, here) = (format!("{all}/{{registration_id}}"), [organization, member, &registration]);
        self.ask(Method::PUT, &one, &here, json!({ "external_id": "subject-new" })).await;
        self.ask(Method::DELETE, &one, &here, json!({})).await;
    }

    async fn rbac(&self, organization: &str) {
        let documents = json!({ "resource_id": "documents", "actions": ["read"] });
        let editor = json!({ "role_id": "editor", "permissions": [documents] });
        let policy = json!({ "policy": { "resources": [documents], "roles": [editor] } });
        let path = "/v1/vestibule/rbac/policy";
        self.ask(Method::POST, &format!("{path}/diff"), &[], policy.clone()).await;
        self.ask(Method::PUT, path, &[], policy).await;
        let own = json!({ "org_policy": { "roles": [{ "role_id": "clerk" }] } });
        self.ask(Method::PUT, "/v1/b2b/rbac/organizations/{organization_id}", &[organization], own).await;
    }

    async fn mail(&mut self, organization: &str) {
        let (links, codes) = ("/v1/b2b/magic_links", "/v1/b2b/otps/email");
        let ada = json!({ "organization_id": organization, "email_address": "ada@example.com" });
        self.ask(Method::POST, &format!("{links}/email/login_or_signup"), &[], ada.clone()).await;
        let token = self.sent_token("ada@example.com").await;
        let body = json!({ "magic_links_token": token });
        let session = self.ask(Method::POST, &format!("{links}/authenticate"), &[], body).await;
        self.keep(&session);
        // The other organization says who may sign in, and so lets nobody be invited.
        let body = json!({ "organization_name": "Open" });
        let open = self.ask(Method::POST, "/v1/b2b/organizations", &[], body).await;
        let open = &open["organization"]["organization_id"];
        let joan = json!({ "organization_id": open, "email_address": "joan@example.com" });
        self.ask(Method::POST, &format!("{links}/email/invite"), &[], joan).await;
        self.sent_token("joan@example.com").await;
        self.ask(Method::POST, &format!("{links}/email/discovery/send"), &[], ada.clone()).await;
        let body = json!({ "discovery_magic_links_token": self.sent_token("ada@example.com").await });
        self.ask(Method::POST, &format!("{links}/discovery/authenticate"), &[], body).await;
        for (send, authenticate) in
            [("login_or_signup", "authenticate"), ("discovery/send", "discovery/authenticate")]
        {
            self.ask(Method::POST, &format!("{codes}/{send}"), &[], ada.clone()).await;
            let mut body = ada.clone();
            body["code"] = json!(crate::by_mail::code(self.app, "ada@example.com").await);
            self.ask(Method::POST, &format!("{codes}/{authenticate}"), &[], body).await;
        }
    }

    /// The token of the link that was sent last, which is a secret.
    async fn sent_token(&mut self, to: &str) -> String {
        let token = crate::by_mail::token(self.app, to).await;
        self.secrets.push(("token of a link", token.clone()));
        token
    }

    /// An authenticator and a number, from their beginning to their end.
    async fn second_factors(&mut self, organization: &str, connection: &str) {
        let signed_in = self.app.session(connection, "hedy@example.com").await;
        let member = text(&signed_in["member_id"]);
        let body = |more: Value| {
            let mut body = json!({ "organization_id": organization, "member_id": member, "session_token": signed_in["session_token"] });
            for (name, value) in more.as_object().unwrap() {
                body[name] = value.clone();
            }
            body
        };
        let begun = self.ask(Method::POST, "/v1/b2b/totp", &[], body(json!({}))).await;
        let authenticator = Authenticator::of(&begun);
        let proof = body(json!({ "code": authenticator.code(self.app) }));
        self.ask(Method::POST, "/v1/b2b/totp/authenticate", &[], proof).await;
        let recovery = body(json!({ "recovery_code": authenticator.recovery_codes[0] }));
        let recovered = self.ask(Method::POST, "/v1/b2b/recovery_codes/recover", &[], recovery).await;
        let rotated = self.ask(Method::POST, "/v1/b2b/recovery_codes/rotate", &[], body(json!({}))).await;
        let number = body(json!({ "mfa_phone_number": NUMBER }));
        self.ask(Method::POST, "/v1/b2b/otps/sms/send", &[], number).await;
        let proof = body(json!({ "code": last_code(self.app, NUMBER).await }));
        self.ask(Method::POST, "/v1/b2b/otps/sms/authenticate", &[], proof).await;
        let one = "/v1/b2b/organizations/{organization_id}/members/{member_id}";
        self.ask(Method::DELETE, &format!("{one}/totp"), &[organization, &member], json!({})).await;
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        let brought = body(json!({ "secret": secret, "recovery_codes": ["old-recovery-code-1"] }));
        self.ask(Method::POST, "/v1/b2b/totp/migrate", &[], brought).await;
        self.keep(&recovered);
        for secret in [text(&begun["secret"]), secret.to_owned()] {
            self.secrets.push(("secret of an authenticator", secret));
        }
        let codes = [&begun, &rotated].map(|shown| shown["recovery_codes"].as_array().unwrap().clone());
        for code in codes.concat().iter().map(text).chain(["old-recovery-code-1".to_owned()]) {
            self.secrets.push(("recovery code", code));
        }
    }

    async fn saml(&mut self, organization: &str) {
        let app = self.app;
        let (decryption, signing) = (decryption_key().0, decryption_key().0);
        let two = format!("{}\n{}", crate::saml_idp::certificate(app), certificate("spare", 2040));
        let until = app.app.clock.now().plus(vestibule_domain::time::Span::days(1)).to_string();
        let at = connect_in(app, organization, json!({ "x509_certificate": two })).await;
        self.asked("POST", "/v1/b2b/sso/saml/{organization_id}");
        let one = "/v1/b2b/sso/saml/{organization_id}/connections/{connection_id}";
        let here = [organization, at.connection.as_str()];
        let body = json!({
            "saml_encryption_private_key": decryption,
            "signing_private_key": signing,
            "legacy_allow_sha1_until": until,
        });
        self.ask(Method::PUT, one, &here, body).await;
        self.ask(Method::PUT, one, &here, json!({ "legacy_allow_sha1_until": "" })).await;
        for (what, key) in [("decryption key", decryption), ("signing key", signing)] {
            self.secrets.push((what, key.lines().nth(2).unwrap().to_owned()));
        }
        let url = json!({ "metadata_url": format!("{}/saml/metadata", app.provider.issuer) });
        self.signs_in(&at.connection).await;
        let shown = self.ask(Method::PUT, one, &here, json!({ "display_name": "Company IdP" })).await;
        let shown = &shown["connection"];
        let key = text(&shown["encryption_private_keys"][0]["private_key_id"]);
        self.ask(
            Method::DELETE,
            &format!("{one}/encryption_private_keys/{{private_key_id}}"),
            &[&here[..], &[&key]].concat(),
            json!({}),
        )
        .await;
        let again = json!({ "saml_encryption_private_key": decryption_key().0 });
        let shown = self.ask(Method::PUT, one, &here, again).await["connection"].clone();
        let key = text(&shown["encryption_private_keys"][0]["private_key_id"]);
        self.ask(
            Method::DELETE,
            &format!("{one}/encryption_private_key/{{private_key_id}}"),
            &[&here[..], &[&key]].concat(),
            json!({}),
        )
        .await;
        let certificate = text(&shown["verification_certificates"][1]["certificate_id"]);
        self.ask(
            Method::DELETE,
            &format!("{one}/verification_certificates/{{certificate_id}}"),
            &[&here[..], &[&certificate]].concat(),
            json!({}),
        )
        .await;
        self.ask(Method::PUT, &format!("{one}/url"), &here, url).await;
    }

    async fn project(&mut self) {
        let all = "/v1/vestibule/project/secrets";
        let made = self.ask(Method::POST, all, &[], json!({ "name": "backend" })).await;
        self.secrets.push(("API secret", text(&made["api_secret"])));
        let (one, id) = (format!("{all}/{{secret_id}}"), text(&made["secret"]["secret_id"]));
        let rotated = self.ask(Method::POST, &format!("{one}/rotate"), &[&id], json!({})).await;
        self.secrets.push(("API secret", text(&rotated["api_secret"])));
        self.ask(Method::DELETE, &one, &[&id], json!({})).await;
        self.ask(Method::POST, "/v1/vestibule/project/session_keys/rotate", &[], json!({})).await;
        let body = json!({ "userinfo_url": "https://old.example.com/userinfo" });
        self.ask(Method::PUT, "/v1/vestibule/project/session_migration", &[], body).await;
        self.refused(Method::POST, "/v1/b2b/sessions/migrate", &[]).await;
    }

    async fn borrowed(&self, lender: &str, connection: &str) {
        let borrower = self.app.organization("borrower", json!({})).await;
        let all = "/v1/b2b/sso/external/{organization_id}";
        let body = json!({ "external_organization_id": lender, "external_connection_id": connection });
        let made = self.ask(Method::POST, all, &[&borrower], body).await;
        let borrowed = text(&made["connection"]["connection_id"]);
        let one = format!("{all}/connections/{{connection_id}}");
        self.ask(Method::PUT, &one, &[&borrower, &borrowed], json!({ "display_name": "Partner" })).await;
    }

    /// The answer of the provider is posted, and is a secret as long as it is valid.
    async fn signs_in(&mut self, connection: &str) {
        self.asked("POST", "/v1/b2b/sso/callback/{connection_id}");
        // The same by another spelling, and the start by a form.
        let slashed = format!("/v1/b2b/sso/callback/{connection}/");
        assert!(self.app.raw(Method::POST, &slashed, "").await.status.is_client_error());
        self.asked("POST", "/v1/b2b/sso/callback/{connection_id}/");
        // The address that the second dialect's connections share.
        assert!(self.app.raw(Method::POST, "/login/callback", "").await.status.is_client_error());
        self.asked("POST", "/login/callback");
        for path in ["/v1/public/sso/start", "/b2b/public/sso/start", "/v1/b2b/public/sso/start"] {
            assert!(self.app.raw(Method::POST, path, "").await.status.is_client_error());
            self.asked("POST", path);
        }
        let mut browser = Browser::new(self.app);
        let to = browser.start(connection, &[]).await;
        let back = browser.answer_saml(&to, "linus@example.com", &[]).await;
        self.secrets.push(("assertion", back.field("SAMLResponse")));
        let location = browser.bring(&back).await.location();
        self.secrets.push(("token of a sign-in", parameter(&location, "token")));
    }

    async fn ends(&self, organization: &str, connection: &str, member: &str) {
        let one = "/v1/b2b/organizations/{organization_id}";
        let of_member = format!("{one}/members/{{member_id}}");
        let here = [organization, member];
        // Who comes back has a verified address.
        let proof = json!({ "intermediate_session_token": shown(self.app, "grace.hopper@example.com").await, "organization_id": organization });
        self.app.post("/v1/b2b/discovery/intermediate_sessions/exchange", proof).await.ok();
        self.ask(Method::DELETE, &of_member, &here, json!({})).await;
        self.ask(Method::PUT, &format!("{of_member}/reactivate"), &here, json!({})).await;
        let path = "/v1/b2b/sso/{organization_id}/connections/{connection_id}";
        self.ask(Method::DELETE, path, &[organization, connection], json!({})).await;
        self.ask(Method::DELETE, one, &[organization], json!({})).await;
    }
}
