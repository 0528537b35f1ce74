//! A scripted browser: it keeps cookies, follows where it is sent, and presses the identity provider's
//! buttons. Nothing leaves the process: the origin decides whose router answers.

use std::collections::BTreeMap;

use axum::body::Body;
use http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use http::{Method, Request};
use url::{Url, form_urlencoded};
use vestibule_testidp::Fault;

use crate::app::{BASE_URL, TestApp};
use crate::reply::{Reply, parameter};

/// A browser with its cookies.
#[derive(Clone)]
pub(crate) struct Browser {
    app: TestApp,
    /// Cookies of the server's origin, by name; the provider sets none.
    pub(crate) cookies: BTreeMap<String, String>,
    /// Whose page sends it somewhere, as it says.
    pub(crate) site: &'static str,
    /// What for it asks, as it says.
    pub(crate) dest: &'static str,
}

/// What the identity provider tells the browser to bring back.
#[derive(Clone, Debug)]
pub(crate) struct Return {
    pub(crate) url: Url,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) is_form: bool,
}

impl Return {
    /// The same with one parameter replaced, or removed when `value` is `None`.
    pub(crate) fn with(mut self, name: &str, value: Option<&str>) -> Self {
        self.fields.retain(|(found, _)| found != name);
        self.fields.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        self
    }

    pub(crate) fn field(&self, name: &str) -> String {
        self.fields.iter().find(|(found, _)| found == name).unwrap().1.clone()
    }
}

impl Browser {
    pub(crate) fn new(app: &TestApp) -> Self {
        Self { app: app.clone(), cookies: BTreeMap::new(), site: "same-origin", dest: "document" }
    }

    /// `GET`s a URL of the server.
    pub(crate) async fn get(&mut self, url: &str) -> Reply {
        self.request(Method::GET, url, None).await
    }

    /// Posts a form to a URL of the server.
    pub(crate) async fn post(&mut self, url: &str, fields: &[(String, String)]) -> Reply {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.request(Method::POST, url, Some(form)).await
    }

    /// Posts a form with a file of metadata in it, as browsers do.
    pub(crate) async fn upload(&mut self, url: &str, token: &str, file: &str) -> Reply {
        let part = |head: &str, value: &str| {
            format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n{value}\r\n")
        };
        let body = [
            part("name=\"form_token\"", token),
            part("name=\"metadata_url\"", ""),
            part("name=\"metadata_file\"; filename=\"metadata.xml\"\r\nContent-Type: text/xml", file),
            "--b--\r\n".to_owned(),
        ];
        self.send(Method::POST, url, Some((body.concat(), "multipart/form-data; boundary=b"))).await
    }

    async fn request(&mut self, method: Method, url: &str, form: Option<String>) -> Reply {
        self.send(method, url, form.map(|form| (form, "application/x-www-form-urlencoded"))).await
    }

    async fn send(&mut self, method: Method, url: &str, form: Option<(String, &str)>) -> Reply {
        let path = url.strip_prefix(BASE_URL).unwrap_or(url);
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let host = BASE_URL.trim_start_matches("http://");
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", host)
            .header("user-agent", "Test Browser 1.0")
            .header("sec-fetch-site", self.site)
            .header("sec-fetch-dest", self.dest);
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies.join("; "));
        }
        if let Some((_, kind)) = &form {
            request = request.header(CONTENT_TYPE, *kind);
        }
        let body = form.map_or(Body::empty(), |(form, _)| Body::from(form));
        let reply = self.app.send(request.body(body).unwrap()).await;
        self.keep_cookies(&reply);
        reply
    }

    fn keep_cookies(&mut self, reply: &Reply) {
        for header in reply.headers.get_all(SET_COOKIE) {
            let text = header.to_str().unwrap();
            let (pair, attributes) = text.split_once(';').unwrap_or((text, ""));
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// Starts a sign-in with further parameters and gives the identity provider's address.
    pub(crate) async fn start(&mut self, connection: &str, more: &[(&str, &str)]) -> Url {
        self.start_reply(connection, more).await.location()
    }

    /// The answer to a start.
    pub(crate) async fn start_reply(&mut self, connection: &str, more: &[(&str, &str)]) -> Reply {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("connection_id", connection)
            .append_pair("public_token", &self.app.project.public_token.to_string())
            .extend_pairs(more)
            .finish();
        self.get(&format!("/v1/public/sso/start?{query}")).await
    }

    /// Signs in at the provider as this address and gives what it sends back.
    pub(crate) async fn approve(&self, authorize: &Url, email: &str, fault: Option<Fault>) -> Return {
        let chosen = fault.map(|fault| ("fault", fault.name()));
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(authorize.query_pairs())
            .append_pair("email", email)
            .extend_pairs(chosen)
            .finish();
        let request = Request::post("/login").header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let request = request.body(Body::from(form)).unwrap();
        let reply = Reply::read(self.app.provider.answer(request).await).await;
        if reply.status.is_redirection() {
            let mut url = reply.location();
            let fields = url.query_pairs().into_owned().collect();
            url.set_query(None);
            return Return { url, fields, is_form: false };
        }
        form_of(&reply.text())
    }

    /// Asks the provider.
    pub(crate) async fn at_provider(&self, request: Request<Body>) -> Reply {
        Reply::read(self.app.provider.answer(request).await).await
    }

    /// Goes where the provider sent it.
    pub(crate) async fn bring(&mut self, back: &Return) -> Reply {
        if back.is_form {
            return self.post(back.url.as_str(), &back.fields).await;
        }
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&back.fields).finish();
        self.get(&format!("{}?{query}", back.url)).await
    }

    /// The whole way from start to the callback's answer.
    pub(crate) async fn sign_in(&mut self, connection: &str, email: &str) -> Reply {
        self.sign_in_with(connection, email, None).await
    }

    /// The same with a provider that does something wrong.
    pub(crate) async fn sign_in_with(
        &mut self,
        connection: &str,
        email: &str,
        fault: Option<Fault>,
    ) -> Reply {
        let authorize = self.start(connection, &[]).await;
        let back = self.approve(&authorize, email, fault).await;
        self.bring(&back).await
    }

    /// The SSO token of a sign-in that succeeds.
    pub(crate) async fn token(&mut self, connection: &str, email: &str) -> String {
        parameter(&self.sign_in(connection, email).await.location(), "token")
    }
}

/// Reads the one form of a page that posts itself.
pub(crate) fn form_of(page: &str) -> Return {
    let attribute = |tag: &str, name: &str| {
        let rest = tag.split_once(&format!("{name}=\"")).map(|(_, rest)| rest);
        rest.and_then(|rest| rest.split('"').next()).map(unescape)
    };
    let form = page.split("<form").nth(1).unwrap_or_else(|| panic!("no form in {page}"));
    let url = Url::parse(&attribute(form, "action").unwrap()).unwrap();
    let fields = form
        .split("<input")
        .skip(1)
        .filter_map(|tag| Some((attribute(tag, "name")?, attribute(tag, "value")?)))
        .collect();
    Return { url, fields, is_form: true }
}

fn unescape(text: &str) -> String {
    [
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#38;", "&"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}
