//! An application with connections to the provider, made through the Management API, and people who have signed in to it.

use std::sync::Arc;

use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use crate::Result;
use crate::api::text;
use crate::http::{Connection, get, with_form, with_json};
use crate::process::Server;
use crate::provider::{CLIENT_ID, CLIENT_SECRET, Provider, email};
use crate::rounds::Load;
use crate::sign_in::{Browser, Person, Protocol, Way};
use crate::world::{Scene, World};

const CALLBACK: &str = "https://app.bench.example/callback";
/// Any would do: the bench compares no challenges, and the server has to.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// Whose tokens are refreshed and shown.
const HOLDERS: usize = 64;

/// What people sign in to.
pub(crate) struct Application {
    client_id: String,
    client_secret: String,
}

impl Application {
    /// Where somebody starts who comes through a connection.
    pub(crate) fn start(&self, connection: &str, email: &str) -> String {
        let query = Serializer::new(String::new())
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", CALLBACK)
            .append_pair("scope", "openid profile email offline_access")
            .append_pair("state", "the same for all")
            .append_pair("connection", connection)
            .append_pair("login_hint", email)
            .append_pair("code_challenge", CHALLENGE)
            .append_pair("code_challenge_method", "S256")
            .finish();
        format!("/authorize?{query}")
    }

    /// The request that redeems a code.
    pub(crate) fn redeem(&self, code: &str) -> Vec<u8> {
        let more = [("code", code), ("redirect_uri", CALLBACK), ("code_verifier", VERIFIER)];
        self.token("authorization_code", &more)
    }

    fn refresh(&self, token: &str) -> Vec<u8> {
        self.token("refresh_token", &[("refresh_token", token)])
    }

    fn token(&self, grant_type: &str, more: &[(&str, &str)]) -> Vec<u8> {
        let own = [("client_id", self.client_id.as_str()), ("client_secret", self.client_secret.as_str())];
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", grant_type).extend_pairs(own).extend_pairs(more);
        with_form("/oauth/token", "", &form.finish())
    }
}

/// The Management API, with a token for it.
struct Manager {
    connection: Connection,
    headers: String,
}

impl Manager {
    async fn of(server: &Server) -> Result<Self> {
        let own = |name: &str| text(&server.manager, &format!("/{name}"));
        let form = Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &own("client_id")?)
            .append_pair("client_secret", &own("client_secret")?)
            .append_pair("audience", &format!("https://{}/api/v2/", own("domain")?))
            .finish();
        let mut connection = Connection::open(server.address).await?;
        let answer = connection.send(&with_form("/oauth/token", "", &form)).await?.expect(200)?;
        let token = text(&serde_json::from_slice(answer.body)?, "/access_token")?;
        Ok(Self { connection, headers: format!("authorization: Bearer {token}\r\n") })
    }

    async fn make(&mut self, path: &str, body: &Value) -> Result<Value> {
        let request = with_json("POST", &format!("/api/v2/{path}"), &self.headers, &body.to_string());
        Ok(serde_json::from_slice(self.connection.send(&request).await?.expect(201)?.body)?)
    }
}

/// Adds the application to a world: a connection of each protocol, whose people have signed in once.
pub(crate) async fn set(world: &mut World, provider: &Provider, scene: &Scene) -> Result<()> {
    let mut manager = Manager::of(&world.server).await?;
    let made = manager.make("clients", &json!({"name": "Bench", "callbacks": [CALLBACK]})).await?;
    let (client_id, client_secret) = (text(&made, "/client_id")?, text(&made, "/client_secret")?);
    let application = Arc::new(Application { client_id, client_secret });
    for (place, protocol) in [Protocol::Oidc, Protocol::Saml].into_iter().enumerate() {
        let name = connect(&mut manager, provider, protocol, &application.client_id).await?;
        let person = |number| Person {
            way: Way::Application { application: Arc::clone(&application), connection: name.clone() },
            email: email(number),
            protocol,
        };
        let people: Vec<Person> = (0..scene.users()).map(person).collect();
        if let Some(visitors) = world.visitors.get_mut(place) {
            *visitors = Arc::new(people);
        }
    }
    hold(world, &application).await
}

/// A connection of the application to the provider; answers its name.
async fn connect(
    manager: &mut Manager,
    provider: &Provider,
    protocol: Protocol,
    client: &str,
) -> Result<String> {
    let (name, body) = match protocol {
        Protocol::Oidc => ("bench-oidc", oidc(&provider.issuer)),
        Protocol::Saml => ("bench-saml", saml(provider)?),
    };
    let (strategy, options) = body;
    let body = json!({"strategy": strategy, "name": name, "options": options, "enabled_clients": [client]});
    manager.make("connections", &body).await?;
    Ok(name.to_owned())
}

fn oidc(issuer: &str) -> (&'static str, Value) {
    let options = json!({
        "type": "back_channel",
        "discovery_url": issuer,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        // The provider then shows no page.
        "upstream_params": {"auto": {"value": "1"}},
    });
    ("oidc", options)
}

fn saml(provider: &Provider) -> Result<(&'static str, Value)> {
    let key = provider.saml.key()?;
    let options = json!({"signInEndpoint": provider.saml.sso_url(), "signingCert": key.certificate_pem()});
    Ok(("samlp", options))
}

/// Signs everybody in once, and prepares what the first of them ask with their tokens.
async fn hold(world: &mut World, application: &Application) -> Result<()> {
    let (mut refreshes, mut shown) = (Vec::new(), Vec::new());
    let mut browser = Browser::open(Arc::clone(&world.doors)).await?;
    for person in world.visitors.iter().flat_map(|people| people.iter()) {
        let tokens: Value = serde_json::from_slice(browser.sign_in(person).await?)?;
        if refreshes.len() < HOLDERS {
            refreshes.push(application.refresh(&text(&tokens, "/refresh_token")?));
            let token = text(&tokens, "/access_token")?;
            shown.push(get("/userinfo", &format!("authorization: Bearer {token}\r\n")));
        }
    }
    world.requests.put(Load::Refresh, refreshes);
    world.requests.put(Load::UserInfo, shown);
    Ok(())
}
