//! The smallest directory that there can be: what the crate decides, with maps for a store.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use vestibule_scim::filter::{Key, Lookup, Term, fold};
use vestibule_scim::patch::{GroupChange, UserPatch};
use vestibule_scim::problem::Problem;
use vestibule_scim::projection::Projection;
use vestibule_scim::query::Query;
use vestibule_scim::resource::{Group, GroupHead, GroupReference, Member, Shown, User};
use vestibule_scim::schema::{ResourceType, document};
use vestibule_scim::tolerance::Tolerances;
use vestibule_scim::version::{Tags, Version};
use vestibule_scim::{ScimRefusal, UnixMillis, credentials, media, page};

const BASE: &str = "https://sso.example/scim/v2/connections/c1";

pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: Vec<(&'a str, &'a str)>,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) authorization: &'a str,
    pub(crate) if_match: Option<&'a str>,
    pub(crate) body: &'a [u8],
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) tolerances: Tolerances,
}

struct Kept {
    head: GroupHead,
    members: BTreeSet<String>,
    version: u64,
}

#[derive(Default)]
pub(crate) struct Directory {
    users: BTreeMap<String, (User, u64)>,
    groups: BTreeMap<String, Kept>,
    made: usize,
    noted: Tolerances,
}

type Outcome = Result<(u16, Value), Problem>;

impl Directory {
    pub(crate) fn answer(&mut self, request: &Request<'_>) -> Answer {
        self.noted = Tolerances::none();
        let (status, body) = match self.decide(request) {
            Ok(answer) => answer,
            Err(problem) => (problem.status, problem.document()),
        };
        Answer { status, body, tolerances: std::mem::take(&mut self.noted) }
    }

    /// Everything that is there, by names.
    pub(crate) fn state(&self) -> Value {
        let users: Map<_, _> = self
            .users
            .iter()
            .map(|(id, (user, _))| (user.user_name().to_owned(), Value::Object(self.user(id, user))))
            .collect();
        let name =
            |id: &String| self.users.get(id).map_or(id.clone(), |(user, _)| user.user_name().to_owned());
        let groups: Map<_, _> = self
            .groups
            .values()
            .map(|group| (group.head.display_name.clone(), group.members.iter().map(name).collect()))
            .collect();
        json!({ "users": users, "groups": groups })
    }

    fn decide(&mut self, request: &Request<'_>) -> Outcome {
        let token = credentials::token(request.authorization).unwrap();
        assert_eq!(token.value, "token");
        self.note(&token.tolerances);
        if !request.body.is_empty() {
            media::accepted(request.content_type).map_err(Problem::from)?;
        }
        let (place, id) = request
            .path
            .trim_end_matches('/')
            .trim_start_matches('/')
            .split_once('/')
            .map_or((request.path.trim_matches('/'), None), |(place, id)| (place, Some(id)));
        match (place, id) {
            ("ServiceProviderConfig", None) => Ok((200, document::service_provider_config(BASE))),
            ("Schemas", None) => Ok((200, document::schemas(BASE))),
            ("Schemas", Some(id)) => found(document::find_schema(BASE, id)),
            ("ResourceTypes", None) => Ok((200, document::resource_types(BASE))),
            ("ResourceTypes", Some(id)) => found(document::find_resource_type(BASE, id)),
            ("Users", Some(".search")) => self.list(ResourceType::User, request),
            ("Users", id) => self.users(id, request),
            ("Groups", id) => self.groups(id, request),
            ("Bulk", None) => Err(ScimRefusal::Bulk.into()),
            _ => Err(Problem::not_found()),
        }
    }

    fn users(&mut self, id: Option<&str>, request: &Request<'_>) -> Outcome {
        let kind = ResourceType::User;
        let Some(id) = id else {
            if request.method == "GET" {
                return self.list(kind, request);
            }
            let read = User::read(request.body).map_err(Problem::from)?;
            self.note(&read.tolerances);
            self.free(&read.value, None)?;
            let id = self.next('u');
            self.users.insert(id.clone(), (read.value, 1));
            return self.shown(kind, &id, 201, request);
        };
        let (before, version) = self.users.get(id).ok_or_else(Problem::not_found)?;
        let version = *version;
        required(request, version)?;
        let changed = match request.method {
            "GET" => return self.shown(kind, id, 200, request),
            "DELETE" => {
                self.users.remove(id);
                self.groups.values_mut().for_each(|group| group.members.retain(|member| member != id));
                return Ok((204, Value::Null));
            }
            "PUT" => {
                let read = User::read(request.body).map_err(Problem::from)?;
                let changed = before.replaced_by(read.value);
                self.note(&read.tolerances);
                changed
            }
            _ => {
                let read = UserPatch::read(request.body).map_err(Problem::from)?;
                let changed = before.patched_by(&read.value).map_err(Problem::from)?;
                self.note(&read.tolerances);
                changed
            }
        };
        self.note(&changed.tolerances);
        self.free(&changed.user, Some(id))?;
        let version = version + u64::from(!changed.changes.is_empty());
        self.users.insert(id.to_owned(), (changed.user, version));
        self.shown(kind, id, 200, request)
    }

    fn groups(&mut self, id: Option<&str>, request: &Request<'_>) -> Outcome {
        let kind = ResourceType::Group;
        let Some(id) = id else {
            if request.method == "GET" {
                return self.list(kind, request);
            }
            let read = Group::read(request.body).map_err(Problem::from)?;
            self.note(&read.tolerances);
            let members = read.value.members.into_iter().flatten().map(|member| member.value).collect();
            let id = self.next('g');
            self.groups.insert(id.clone(), Kept { head: read.value.head, members, version: 1 });
            return self.shown(kind, &id, 201, request);
        };
        let version = self.groups.get(id).ok_or_else(Problem::not_found)?.version;
        required(request, version)?;
        let change = match request.method {
            "GET" => return self.shown(kind, id, 200, request),
            "DELETE" => {
                self.groups.remove(id);
                return Ok((204, Value::Null));
            }
            "PUT" => {
                let read = Group::read(request.body).map_err(Problem::from)?;
                self.note(&read.tolerances);
                let change = read.value.into_change();
                self.note(&change.tolerances);
                change.value
            }
            _ => {
                let read = GroupChange::read(request.body).map_err(Problem::from)?;
                self.note(&read.tolerances);
                read.value
            }
        };
        self.change(id, &change);
        if request.method == "PATCH" {
            return Ok((204, Value::Null));
        }
        self.shown(kind, id, 200, request)
    }

    fn change(&mut self, id: &str, change: &GroupChange) {
        let group = self.groups.get_mut(id).unwrap();
        let (head, changes) = group.head.changed_by(change);
        let before = group.members.clone();
        if change.members.is_cleared() {
            group.members.clear();
        }
        for member in change.members.removed() {
            group.members.remove(member);
        }
        group.members.extend(change.members.added().map(|(id, _)| id.to_owned()));
        group.head = head;
        group.version += u64::from(!changes.is_empty() || before != group.members);
    }

    fn list(&mut self, kind: ResourceType, request: &Request<'_>) -> Outcome {
        let read = if request.method == "POST" {
            Query::of_body(request.body, kind)
        } else {
            Query::of_parameters(request.query.iter().copied(), kind)
        };
        let read = read.map_err(Problem::from)?;
        self.note(&read.tolerances);
        let query = read.value;
        let lookup = Lookup::of(query.filter);
        let found: Vec<_> = self.all(kind).into_iter().filter(|document| chosen(&lookup, document)).collect();
        let offset = usize::try_from(query.page.offset()).unwrap();
        let part = found.iter().skip(offset).take(query.page.count);
        let part = part.map(|document| query.projection.apply(document.clone(), kind)).collect();
        Ok((200, page::list(found.len() as u64, query.page, part)))
    }

    fn all(&self, kind: ResourceType) -> Vec<Map<String, Value>> {
        match kind {
            ResourceType::User => self.users.iter().map(|(id, (user, _))| self.user(id, user)).collect(),
            ResourceType::Group => {
                self.groups.iter().map(|(id, group)| Self::group(id, group, true)).collect()
            }
        }
    }

    fn user(&self, id: &str, user: &User) -> Map<String, Value> {
        let groups = self.groups.iter().filter(|(_, group)| group.members.contains(id));
        let groups: Vec<_> =
            groups.map(|(id, group)| GroupReference { id, display: &group.head.display_name }).collect();
        user.document(&about(id, self.users.get(id).map_or(1, |(_, version)| *version)), &groups)
    }

    fn group(id: &str, group: &Kept, with_members: bool) -> Map<String, Value> {
        let members: Vec<_> =
            group.members.iter().map(|id| Member { value: id.clone(), display: None }).collect();
        group.head.document(&about(id, group.version), with_members.then_some(&members))
    }

    fn shown(&self, kind: ResourceType, id: &str, status: u16, request: &Request<'_>) -> Outcome {
        let asked = Query::of_parameters(request.query.iter().copied(), kind).map_err(Problem::from)?;
        let projection: Projection = asked.value.projection;
        let document = match kind {
            ResourceType::User => self.users.get(id).map(|(user, _)| self.user(id, user)),
            ResourceType::Group => {
                self.groups.get(id).map(|group| Self::group(id, group, projection.wants("members", kind)))
            }
        };
        let document = document.ok_or_else(Problem::not_found)?;
        Ok((status, Value::Object(projection.apply(document, kind))))
    }

    fn free(&self, user: &User, own: Option<&str>) -> Result<(), Problem> {
        let taken = self.users.iter().any(|(id, (other, _))| {
            Some(id.as_str()) != own && fold(other.user_name()) == fold(user.user_name())
        });
        if taken { Err(Problem::taken("userName")) } else { Ok(()) }
    }

    fn next(&mut self, prefix: char) -> String {
        self.made += 1;
        format!("{prefix}{}", self.made)
    }

    fn note(&mut self, tolerances: &Tolerances) {
        self.noted = std::mem::take(&mut self.noted).with(tolerances);
    }
}

fn about(id: &str, version: u64) -> Shown<'_> {
    let at = UnixMillis(1_795_991_418_123);
    Shown { id, base: BASE, created: at, last_modified: at, version: Version(version) }
}

fn found(document: Option<Value>) -> Outcome {
    document.map(|document| (200, document)).ok_or_else(Problem::not_found)
}

fn required(request: &Request<'_>, version: u64) -> Result<(), Problem> {
    let Some(text) = request.if_match else { return Ok(()) };
    Tags::parse("If-Match", text).and_then(|tags| tags.require(Version(version))).map_err(Problem::from)
}

fn chosen(lookup: &Lookup, document: &Map<String, Value>) -> bool {
    match lookup {
        Lookup::Everything => true,
        Lookup::Scan(filter) => filter.matches(document),
        Lookup::Terms { terms, rest } => {
            terms.iter().all(|term| indexed(term, document))
                && rest.as_ref().is_none_or(|rest| rest.matches(document))
        }
    }
}

fn indexed(term: &Term, document: &Map<String, Value>) -> bool {
    let text = |name: &str| document.get(name).and_then(Value::as_str);
    let values = |name: &str| document.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let any = |name: &str, how: fn(&str) -> String| {
        values(name).iter().any(|item| item["value"].as_str().is_some_and(|text| how(text) == term.value))
    };
    match term.key {
        Key::Id => text("id") == Some(&term.value),
        Key::ExternalId => text("externalId") == Some(&term.value),
        Key::UserName => text("userName").is_some_and(|text| fold(text) == term.value),
        Key::DisplayName => text("displayName").is_some_and(|text| fold(text) == term.value),
        Key::Email => any("emails", fold),
        Key::Member => any("members", str::to_owned),
    }
}
