//! A server with customers in it: organizations connected to the provider, members signed in, and the
//! requests that ask about them.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::Result;
use crate::api::{self, Customer, text};
use crate::http::Connection;
use crate::process::Server;
use crate::provider::{Provider, email};
use crate::requests::{Member, PAGE_ORIGIN, Requests};
use crate::sign_in::{Browser, Doors, Person, Protocol, Way};

/// Browsers that sign people in at once while the scene is set.
const BROWSERS: usize = 16;

/// How many are on the scene.
pub(crate) struct Scene {
    /// Organizations with one connection each.
    pub(crate) organizations: usize,
    /// Members of each with exactly one session, which is what the session rows ask for. Together they should be
    /// more than one second of requests, so that each use is a first use in its second and is written down.
    pub(crate) sessions_each: usize,
    /// Members of each who sign in again and again.
    pub(crate) people_each: usize,
}

impl Scene {
    /// How many people the provider must know; organizations share them.
    pub(crate) const fn users(&self) -> usize {
        self.sessions_each + self.people_each
    }
}

/// A running server and what can be asked of it.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) doors: Arc<Doors>,
    /// Who signs in through OpenID Connect.
    pub(crate) people: Arc<Vec<Person>>,
    /// Who signs in through SAML: the same people at other customers.
    pub(crate) saml_people: Arc<Vec<Person>>,
    /// Who signs in to an application, through OpenID Connect and through SAML, where there is one.
    pub(crate) visitors: [Arc<Vec<Person>>; 2],
    /// What a backend asks.
    pub(crate) requests: Requests,
}

impl World {
    /// Sets the scene through the API, as a customer would.
    pub(crate) async fn build(server: Server, provider: &Provider, scene: &Scene) -> Result<Self> {
        let authorization = api::authorization(&server);
        let mut connection = Connection::open(server.address).await?;
        let (mut customers, mut saml_customers) = (Vec::new(), Vec::new());
        for (protocol, made) in [(Protocol::Oidc, &mut customers), (Protocol::Saml, &mut saml_customers)] {
            for number in 0..scene.organizations {
                let customer = api::customer(&mut connection, &authorization, provider, protocol, number);
                made.push(customer.await?);
            }
        }
        let doors = Arc::new(Doors {
            server: server.address,
            provider: provider.address,
            public_token: server.public_token.clone(),
            authorization: authorization.clone(),
            saml: provider.saml.clone(),
        });
        let saml_people = people(&saml_customers, scene.sessions_each..scene.users());
        signed_in(&doors, &saml_people).await?;
        let people = people(&customers, scene.sessions_each..scene.users());
        signed_in(&doors, &people).await?;
        let members = signed_in(&doors, &people_of_sessions(&customers, scene)).await?;
        let requests = Requests::about(&customers, &members, &authorization, &server.public_token);
        let visitors = [Arc::default(), Arc::default()];
        let (people, saml_people) = (Arc::new(people), Arc::new(saml_people));
        Ok(Self { server, doors, people, saml_people, visitors, requests })
    }

    /// Lets the page of [`PAGE_ORIGIN`] ask.
    pub(crate) async fn serve_page(&self) -> Result<()> {
        let mut connection = Connection::open(self.server.address).await?;
        let served = json!({"allowed_origins": [PAGE_ORIGIN]});
        let headers = &self.doors.authorization;
        api::call(&mut connection, "PUT", "/v1/vestibule/project/sdk", headers, &served).await?;
        Ok(())
    }
}

fn people_of_sessions(customers: &[Customer], scene: &Scene) -> Vec<Person> {
    people(customers, 0..scene.sessions_each)
}

/// These numbers at each customer, customer by customer in turn.
fn people(customers: &[Customer], numbers: std::ops::Range<usize>) -> Vec<Person> {
    let at_each = |number| customers.iter().map(move |customer| person(customer, number));
    numbers.flat_map(at_each).collect()
}

fn person(customer: &Customer, number: usize) -> Person {
    Person {
        way: Way::Backend { connection_id: customer.connection_id.clone() },
        email: email(number),
        protocol: customer.protocol,
    }
}

/// Signs everybody in once.
async fn signed_in(doors: &Arc<Doors>, people: &[Person]) -> Result<Vec<Member>> {
    let mut tasks = Vec::new();
    for share in people.chunks(people.len().div_ceil(BROWSERS).max(1)) {
        tasks.push(tokio::spawn(sign_all_in(Arc::clone(doors), share.to_vec())));
    }
    let mut members = Vec::with_capacity(people.len());
    for task in tasks {
        members.extend(task.await??);
    }
    Ok(members)
}

async fn sign_all_in(doors: Arc<Doors>, people: Vec<Person>) -> Result<Vec<Member>> {
    let mut browser = Browser::open(doors).await?;
    let mut members = Vec::with_capacity(people.len());
    for person in people {
        let body: Value = serde_json::from_slice(browser.sign_in(&person).await?)?;
        members.push(Member {
            organization_id: text(&body, "/organization_id")?,
            email: person.email,
            member_id: text(&body, "/member_id")?,
            session_token: text(&body, "/session_token")?,
        });
    }
    Ok(members)
}
