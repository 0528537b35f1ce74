//! Setting up through the portal: links, pages, tests of connections, and what must not go through them.

mod certificates;
mod connect;
mod crawl;
mod domains;
mod embedding;
mod guides;
mod links;
mod sign_ins;
mod tests;
mod walls;

use serde_json::{Value, json};
use vestibule_domain::secret::Token;

use crate::app::{BASE_URL, TestApp, text};
use crate::browser::Browser;
use crate::reply::Reply;

pub(super) const LINKS: &str = "/v1/vestibule/setup_links";

/// A link as it was made.
pub(super) struct Link {
    pub(super) id: String,
    pub(super) organization: String,
    /// The path of its page.
    pub(super) path: String,
}

impl Link {
    /// A link for a new organization, with other or further members.
    pub(super) async fn made(app: &TestApp, slug: &str, more: Value) -> Self {
        let organization = app.organization(slug, json!({})).await;
        Self::made_in(app, &organization, more).await
    }

    /// The same for an organization that is there.
    pub(super) async fn made_in(app: &TestApp, organization: &str, more: Value) -> Self {
        let mut body = json!({ "organization_id": organization, "intents": ["sso"] });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        let made = app.post(LINKS, body).await.ok();
        let url = text(&made["url"]);
        Self {
            id: text(&made["setup_link"]["setup_link_id"]),
            organization: organization.to_owned(),
            path: url.strip_prefix(BASE_URL).unwrap().to_owned(),
        }
    }

    /// What the vendor sees of it.
    pub(super) async fn seen(&self, app: &TestApp) -> Value {
        app.get(&format!("{LINKS}/{}", self.id)).await.ok()["setup_link"].clone()
    }

    /// Where its pages are.
    pub(super) fn home(&self) -> String {
        let token = self.path.rsplit('/').next().unwrap();
        let handle: String = Token::presented(token).hash().as_str().chars().take(12).collect();
        format!("/setup/{handle}")
    }

    /// Opens it.
    pub(super) async fn open(&self, browser: &mut Browser) -> Reply {
        browser.post(&self.path, &[]).await
    }
}

/// The steps that the vendor sees.
pub(super) fn steps(link: &Value) -> Vec<String> {
    link["progress"].as_array().unwrap().iter().map(|step| text(&step["step"])).collect()
}

/// What a form on a page carries, hidden and to be filled in.
pub(super) fn fields(page: &Reply) -> Vec<(String, String)> {
    let page = page.text();
    let mut found = Vec::new();
    for input in page.split("<input ").skip(1) {
        let tag = input.split('>').next().unwrap();
        let value = |name: &str| {
            let rest = tag.split_once(&format!("{name}=\""))?.1;
            Some(unescaped(rest.split('"').next().unwrap()))
        };
        if let Some(name) = value("name")
            && value("type").as_deref() != Some("radio")
        {
            found.push((name, value("value").unwrap_or_default()));
        }
    }
    for area in page.split("<textarea ").skip(1) {
        let (tag, rest) = area.split_once('>').unwrap();
        let name = tag.split_once("name=\"").unwrap().1.split('"').next().unwrap();
        found.push((name.to_owned(), unescaped(rest.split("</textarea>").next().unwrap())));
    }
    found
}

fn unescaped(text: &str) -> String {
    let pairs = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")];
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// Whoever goes through the pages of a link.
pub(super) struct Visitor {
    pub(super) browser: Browser,
    pub(super) home: String,
}

impl Visitor {
    /// Opens a link in a new browser.
    pub(super) async fn with(app: &TestApp, link: &Link) -> Self {
        let mut browser = Browser::new(app);
        let opened = link.open(&mut browser).await;
        assert_eq!(opened.status, 303, "{}", opened.text());
        assert_eq!(opened.headers["location"], link.home().as_str());
        Self { browser, home: link.home() }
    }

    /// A page of the link.
    pub(super) async fn get(&mut self, below: &str) -> Reply {
        self.browser.get(&format!("{}{below}", self.home)).await
    }

    /// Submits the form of a page with these values in place of its own.
    pub(super) async fn submit(&mut self, below: &str, given: &[(&str, &str)]) -> Reply {
        let page = self.get(below).await;
        assert_eq!(page.status, 200, "{}", page.text());
        let shown = fields(&page);
        self.post(below, shown, given).await
    }

    /// Posts what a page has shown, with these values in place of its own.
    pub(super) async fn post(
        &mut self,
        below: &str,
        shown: Vec<(String, String)>,
        given: &[(&str, &str)],
    ) -> Reply {
        let mut form: Vec<(String, String)> =
            shown.into_iter().filter(|(name, _)| !given.iter().any(|(known, _)| known == name)).collect();
        form.extend(given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.browser.post(&format!("{}{below}", self.home), &form).await
    }

    /// Where a submitted form leads, below the pages of the link.
    pub(super) fn leads_to(&self, reply: &Reply) -> String {
        assert_eq!(reply.status, 303, "{}", reply.text());
        let to = reply.headers["location"].to_str().unwrap();
        to.strip_prefix(&self.home).unwrap_or_else(|| panic!("{to} is elsewhere")).to_owned()
    }

    /// Chooses a provider and gives the path of its connection.
    pub(super) async fn choose(&mut self, provider: &str, protocol: &str) -> String {
        let chosen = self.submit(&format!("/providers/{provider}"), &[("protocol", protocol)]).await;
        let first = self.leads_to(&chosen);
        first.rsplit_once('/').unwrap().0.to_owned()
    }
}
