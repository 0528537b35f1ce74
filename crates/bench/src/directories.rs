//! What a customer's directory sends: people and groups are made and changed by four clients at once, and one group is changed that
//! has very many members. Afterwards nobody is missing from a group, and nobody is in one who should not be.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::http::{Connection, get, with_json};
use crate::process::{Binary, Server};
use crate::report::{Bound, Row, Table};
use crate::stats::median;
use crate::{Arguments, Result, api, clock, load, note};

const CLIENTS: usize = 4;
/// Those who are added to a group by one request.
const AT_ONCE: usize = 1_000;
/// Those who are listed by one request.
const PAGE: usize = 200;
const MOST_MIB: f64 = 60.0;
/// How much longer a change of the large group may take than that of a small one: the same, within what such times vary by.
const NO_LONGER: f64 = 1.5;

/// How much there is.
struct Size {
    people: usize,
    groups: usize,
    members: usize,
    large: usize,
    changes: usize,
}

const WHOLE: Size = Size { people: 10_000, groups: 1_000, members: 500, large: 50_000, changes: 400 };
const QUICK: Size = Size { people: 1_000, groups: 50, members: 100, large: 5_000, changes: 100 };

/// A directory, as its clients see it.
struct Directory<'a> {
    server: &'a Server,
    path: String,
    headers: String,
}

/// Adds the rows.
pub(crate) async fn measure(arguments: &Arguments, table: &mut Table) -> Result<()> {
    let binary = Binary::find(&arguments.server)?;
    let size = if arguments.quick { QUICK } else { WHOLE };
    on(&binary, None, "SQLite", &size, table).await?;
    match arguments.postgres.as_deref() {
        Some(url) => on(&binary, Some(url), "PostgreSQL", &size, table).await,
        None => Ok(()),
    }
}

async fn on(
    binary: &Binary,
    database: Option<&str>,
    engine: &str,
    size: &Size,
    table: &mut Table,
) -> Result<()> {
    let scratch = binary.scratch()?;
    let server = binary.start_on(scratch.path(), database).await?;
    let directory = Directory::connect(&server).await?;
    let floor = Arc::new(vec![get("/healthz", "")]);
    let floor = load::requests(&[&server], CLIENTS, Duration::from_secs(1), &floor).await?.rate();
    let mut row = |what: &str, rate: f64| {
        let row = Row::new(&format!("{what}, {engine}"), rate, "1/s");
        table.push(row.against(format!("share of /healthz, {floor:.0}/s"), rate / floor));
    };

    note(&format!("making {} people and {} groups, on {engine}", size.people, size.groups));
    let begun = clock::instant();
    let made = directory.send((0..size.people).map(person), "POST", 201).await?;
    row(&format!("{} people made", size.people), made);
    let people = directory.people(size.people).await?;
    let inside = |group: usize| (0..size.members).map(move |at| (group * 7 + at) % size.people);
    let groups = (0..size.groups).map(|group| {
        let members: Vec<Value> = inside(group).map(|at| json!({ "value": named(&people, at) })).collect();
        ("/Groups".to_owned(), json!({ "displayName": format!("Group {group}"), "members": members }))
    });
    row(
        &format!("{} groups of {} made", size.groups, size.members),
        directory.send(groups, "POST", 201).await?,
    );
    let changed =
        people.iter().map(|id| (format!("/Users/{id}"), patch("replace", "title", &json!("Engineer"))));
    row("changes of a person", directory.send(changed, "PATCH", 200).await?);
    let groups = directory.groups(size.groups).await?;
    // The first of each leaves, and somebody comes who was not there.
    let moves = groups.iter().enumerate().flat_map(|(group, id)| {
        let (goes, comes) = (group * 7 % size.people, (group * 7 + size.members) % size.people);
        let place = format!("/Groups/{id}");
        let goes = patch("remove", &format!("members[value eq \"{}\"]", named(&people, goes)), &Value::Null);
        let comes = patch("add", "members", &json!([{ "value": named(&people, comes) }]));
        [(place.clone(), goes), (place, comes)]
    });
    row("changes of a group", directory.send(moves, "PATCH", 204).await?);
    let elapsed = begun.elapsed().as_secs_f64();
    for (group, id) in groups.iter().enumerate() {
        let mut expected: Vec<&str> =
            inside(group).map(|at| named(&people, (at + 1) % size.people)).collect();
        let mut found = directory.members(id).await?;
        expected.sort_unstable();
        found.sort_unstable();
        if found != expected {
            return Err(format!(
                "found {} members of group {group} that are not those expected",
                found.len()
            )
            .into());
        }
    }
    let resident = server.process.resident()?;
    let whole = format!("all of it, {engine}");
    table.push(Row::new(&whole, elapsed, "s"));
    let row = Row::new(&format!("memory afterwards, {engine}"), resident, "MiB resident");
    table.push(row.measured(Bound::AtMost(MOST_MIB)));

    note(&format!("a group of {}, on {engine}", size.large));
    let more = (size.people..size.large).map(person);
    directory.send(more, "POST", 201).await?;
    let people = directory.people(size.large).await?;
    let (small, large) = (directory.group("Small").await?, directory.group("Large").await?);
    for part in people.chunks(AT_ONCE) {
        let members: Value = part.iter().map(|id| json!({ "value": id })).collect();
        let add = (format!("/Groups/{large}"), patch("add", "members", &members));
        directory.send(std::iter::once(add), "PATCH", 204).await?;
    }
    let (one, other) = directory.compared(&small, &large, &people, size.changes).await?;
    let what = format!("a change of a group of {}, {engine}", size.large);
    let row = Row::new(&what, other, "ms, median");
    let reference = format!("one of an empty group, {one:.2} ms");
    table.push(row.against(reference, other / one).ratio(Bound::AtMost(NO_LONGER)));
    server.stop().await
}

fn named(people: &[String], number: usize) -> &str {
    people.get(number).map_or("", String::as_str)
}

fn person(number: usize) -> (String, Value) {
    let name = format!("person{number}@bench.example");
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": name,
        "externalId": format!("e{number}"),
        "displayName": format!("Person {number}"),
        "active": true,
        "emails": [{ "value": name, "type": "work", "primary": true }],
    });
    ("/Users".to_owned(), body)
}

fn patch(op: &str, path: &str, value: &Value) -> Value {
    let mut operation = json!({ "op": op, "path": path });
    if let (Some(members), false) = (operation.as_object_mut(), value.is_null()) {
        members.insert("value".to_owned(), value.clone());
    }
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation] })
}

impl<'a> Directory<'a> {
    async fn connect(server: &'a Server) -> Result<Self> {
        let mut connection = Connection::open(server.address).await?;
        let headers = api::authorization(server);
        let slug = format!("bench-directory-{}", clock::since_epoch().as_micros());
        let name = json!({ "organization_name": "Bench", "organization_slug": slug });
        let made = api::call(&mut connection, "POST", "/v1/b2b/organizations", &headers, &name).await?;
        let organization = api::text(&made, "/organization/organization_id")?;
        let path = format!("/v1/b2b/scim/{organization}/connection");
        let made = api::call(&mut connection, "POST", &path, &headers, &json!({})).await?;
        let id = api::text(&made, "/connection/connection_id")?;
        let token = api::text(&made, "/connection/bearer_token")?;
        let headers = format!("authorization: Bearer {token}\r\n");
        Ok(Self { server, path: format!("/v1/b2b/scim/{id}"), headers })
    }

    /// Sends each request once by all clients, and gives how many were answered in a second.
    async fn send(
        &self,
        requests: impl Iterator<Item = (String, Value)>,
        method: &str,
        status: u16,
    ) -> Result<f64> {
        let written = requests.map(|(path, body)| {
            with_json(method, &format!("{}{path}", self.path), &self.headers, &body.to_string())
        });
        let written = written.collect();
        Ok(load::once(&[self.server], CLIENTS, written, status).await?.rate())
    }

    async fn ask(&self, connection: &mut Connection, path: &str) -> Result<Value> {
        let request = get(&format!("{}{path}", self.path), &self.headers);
        Ok(serde_json::from_slice(connection.send(&request).await?.expect(200)?.body)?)
    }

    /// The ids of all people, in the order of their numbers.
    async fn people(&self, count: usize) -> Result<Vec<String>> {
        let mut found = vec![String::new(); count];
        for (name, id) in self.listed("/Users", "userName", count).await? {
            let number = name.trim_start_matches("person").split('@').next().unwrap_or_default();
            *found.get_mut(number.parse::<usize>()?).ok_or("a person that nobody made")? = id;
        }
        Ok(found)
    }

    /// The ids of all groups, in the order of their numbers.
    async fn groups(&self, count: usize) -> Result<Vec<String>> {
        let mut found = vec![String::new(); count];
        for (name, id) in self.listed("/Groups", "displayName", count).await? {
            let number = name.trim_start_matches("Group ").parse::<usize>()?;
            *found.get_mut(number).ok_or("a group that nobody made")? = id;
        }
        Ok(found)
    }

    async fn listed(&self, path: &str, name: &str, count: usize) -> Result<Vec<(String, String)>> {
        let mut connection = Connection::open(self.server.address).await?;
        let mut found = Vec::with_capacity(count);
        while found.len() < count {
            let mut query = format!("{path}?attributes={name}&startIndex={}", found.len() + 1);
            write!(query, "&count={PAGE}")?;
            let page = self.ask(&mut connection, &query).await?;
            let resources =
                page.get("Resources").and_then(Value::as_array).ok_or("a list without resources")?;
            if resources.is_empty() {
                return Err(format!("found {} of {count} at {path}", found.len()).into());
            }
            for one in resources {
                found.push((api::text(one, &format!("/{name}"))?, api::text(one, "/id")?));
            }
        }
        Ok(found)
    }

    async fn members(&self, group: &str) -> Result<Vec<String>> {
        let mut connection = Connection::open(self.server.address).await?;
        let shown = self.ask(&mut connection, &format!("/Groups/{group}")).await?;
        let members = shown.get("members").and_then(Value::as_array).ok_or("a group without members")?;
        members.iter().map(|member| api::text(member, "/value")).collect()
    }

    async fn group(&self, name: &str) -> Result<String> {
        let mut connection = Connection::open(self.server.address).await?;
        let body = json!({ "displayName": name }).to_string();
        let request = with_json("POST", &format!("{}/Groups", self.path), &self.headers, &body);
        let made: Value = serde_json::from_slice(connection.send(&request).await?.expect(201)?.body)?;
        api::text(&made, "/id")
    }

    /// The median times, in milliseconds, in which somebody leaves one group and comes back, and another group: in turn, so
    /// that what else goes on concerns both.
    async fn compared(
        &self,
        small: &str,
        large: &str,
        people: &[String],
        times: usize,
    ) -> Result<(f64, f64)> {
        let mut connection = Connection::open(self.server.address).await?;
        let mut taken = [Vec::with_capacity(times), Vec::with_capacity(times)];
        for person in people.iter().cycle().take(times) {
            let goes = patch("remove", &format!("members[value eq \"{person}\"]"), &Value::Null);
            let comes = patch("add", "members", &json!([{ "value": person }]));
            for (group, taken) in [small, large].into_iter().zip(&mut taken) {
                for body in [&goes, &comes] {
                    let path = format!("{}/Groups/{group}", self.path);
                    let request = with_json("PATCH", &path, &self.headers, &body.to_string());
                    let begun = clock::instant();
                    connection.send(&request).await?.expect(204)?;
                    taken.push(begun.elapsed().as_secs_f64() * 1000.0);
                }
            }
        }
        let [small, large] = taken;
        Ok((median(small), median(large)))
    }
}
