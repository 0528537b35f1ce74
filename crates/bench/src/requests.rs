//! What an application's backend and its pages ask: requests that are made beforehand, for each thing that is asked about one.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::Result;
use crate::api::Customer;
use crate::http::{get, with_json};
use crate::rounds::Load;

/// A part of the names of eleven of the thirty-two organizations that sign in through OpenID Connect.
const PART_OF_NAME: &str = "bench oidc 1";
/// A page of organizations; there are more of them in any store here.
const PAGE: u32 = 50;
/// The page that the project serves.
pub(crate) const PAGE_ORIGIN: &str = "https://app.bench.example";
/// What a search without filters looks for.
const EVERYTHING: Value = Value::Null;

/// Somebody with a session.
pub(crate) struct Member {
    pub(crate) organization_id: String,
    pub(crate) member_id: String,
    pub(crate) email: String,
    pub(crate) session_token: String,
}

/// The requests of each kind of load that is one request again and again.
#[derive(Default)]
pub(crate) struct Requests(HashMap<Load, Arc<Vec<Vec<u8>>>>);

impl Requests {
    /// The requests about these customers and members, with the project's `authorization` or, as pages, with its public token.
    pub(crate) fn about(
        customers: &[Customer],
        members: &[Member],
        authorization: &str,
        public_token: &str,
    ) -> Self {
        let asker = Asker { authorization };
        let mut all = Self::default();
        all.put(Load::Floor, [get("/healthz", "")]);
        all.put(Load::Organizations, [asker.organizations(&EVERYTHING)]);
        all.put(
            Load::OrganizationByPart,
            [asker.organizations(&by("organization_name_fuzzy", PART_OF_NAME))],
        );
        all.each(customers, Load::Organization, |customer| {
            asker.get(&format!("/v1/b2b/organizations/{}", customer.organization_id))
        });
        all.each(customers, Load::Connections, |customer| {
            asker.get(&format!("/v1/b2b/sso/{}", customer.organization_id))
        });
        all.each(customers, Load::OrganizationBySlug, |customer| {
            asker.organizations(&by("organization_slugs", [customer.slug.as_str()]))
        });
        all.each(customers, Load::Members, |customer| asker.members(&customer.organization_id, &EVERYTHING));
        all.each(members, Load::Authenticate, |member| asker.authenticate(member));
        all.each(members, Load::List, |member| {
            asker.get(&member.path("/v1/b2b/sessions?organization_id=", "&"))
        });
        all.each(members, Load::Member, |member| {
            asker.get(&member.path("/v1/b2b/organizations/", "/member?"))
        });
        all.each(members, Load::MemberByAddress, |member| {
            asker.members(&member.organization_id, &by("member_emails", [member.email.as_str()]))
        });
        all.each(members, Load::MemberByPart, |member| {
            let (local, _) = member.email.split_once('@').unwrap_or_default();
            asker.members(&member.organization_id, &by("member_email_fuzzy", format!("{local}@")))
        });
        all.each(members, Load::OrganizationByMember, |member| {
            asker.organizations(&by("member_emails", [member.email.as_str()]))
        });
        let begin = format!("/sdk/v1/projects/bootstrap/{public_token}");
        all.put(Load::PageBegins, [get(&begin, &of_page(public_token, public_token))]);
        all.each(members, Load::PageSession, |member| {
            let headers = of_page(public_token, &member.session_token);
            with_json("POST", "/sdk/v1/b2b/sessions/authenticate", &headers, "{}")
        });
        all
    }

    /// Sets those of a load.
    pub(crate) fn put(&mut self, load: Load, requests: impl IntoIterator<Item = Vec<u8>>) {
        self.0.insert(load, Arc::new(requests.into_iter().collect()));
    }

    fn each<T>(&mut self, things: &[T], load: Load, request: impl Fn(&T) -> Vec<u8>) {
        self.put(load, things.iter().map(request));
    }

    /// Those of a load.
    pub(crate) fn of(&self, load: Load) -> Result<Arc<Vec<Vec<u8>>>> {
        let found = self.0.get(&load).map(Arc::clone);
        Ok(found.ok_or_else(|| format!("{load:?} is more than one request again and again"))?)
    }
}

impl Member {
    /// The member as most paths name them.
    fn path(&self, before: &str, between: &str) -> String {
        format!("{before}{}{between}member_id={}", self.organization_id, self.member_id)
    }
}

/// What a page sends with every request: the public token, with the session once there is one, and where it is from.
fn of_page(public_token: &str, session: &str) -> String {
    let pair = STANDARD.encode(format!("{public_token}:{session}"));
    format!("authorization: Basic {pair}\r\norigin: {PAGE_ORIGIN}\r\n")
}

/// What a search with one filter looks for.
fn by(name: &str, value: impl Into<Value>) -> Value {
    json!({"operator": "AND", "operands": [{"filter_name": name, "filter_value": value.into()}]})
}

/// The project's backend.
struct Asker<'a> {
    authorization: &'a str,
}

impl Asker<'_> {
    fn get(&self, path: &str) -> Vec<u8> {
        get(path, self.authorization)
    }

    fn post(&self, path: &str, body: &Value) -> Vec<u8> {
        with_json("POST", path, self.authorization, &body.to_string())
    }

    fn authenticate(&self, member: &Member) -> Vec<u8> {
        self.post("/v1/b2b/sessions/authenticate", &json!({"session_token": member.session_token}))
    }

    fn organizations(&self, query: &Value) -> Vec<u8> {
        self.post("/v1/b2b/organizations/search", &json!({"limit": PAGE, "query": query}))
    }

    fn members(&self, organization: &str, query: &Value) -> Vec<u8> {
        let body = json!({"organization_ids": [organization], "query": query});
        self.post("/v1/b2b/organizations/members/search", &body)
    }
}
