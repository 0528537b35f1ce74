//! The requests of a run, in their order.

use serde_json::{Value, json};

use super::{Directory, DirectoryClient, DirectoryFault, DirectoryRequest};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const COMPANY: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

fn ask(what: &'static str, path: String) -> DirectoryRequest {
    DirectoryRequest { what, method: "GET", path, body: None, has_token: true, expects: 200 }
}

fn send(
    what: &'static str,
    method: &'static str,
    path: &str,
    body: &Value,
    expects: u16,
) -> DirectoryRequest {
    let body = Some(body.to_string());
    DirectoryRequest { what, method, path: path.to_owned(), body, has_token: true, expects }
}

fn remove(what: &'static str, path: &str) -> DirectoryRequest {
    let (path, body) = (path.to_owned(), None);
    DirectoryRequest { what, method: "DELETE", path, body, has_token: true, expects: 204 }
}

/// A filter by which one thing is looked for, as it stands in an address.
fn looked_for(attribute: &str, value: &str) -> String {
    format!("filter={attribute}%20eq%20%22{value}%22")
}

fn patch(operations: &Value) -> Value {
    json!({ "schemas": [PATCH], "Operations": operations })
}

impl Directory {
    pub(super) fn requests(&self) -> Vec<DirectoryRequest> {
        let mut requests = match self.client {
            DirectoryClient::Okta => self.okta(),
            DirectoryClient::Entra => self.entra(),
        };
        match self.fault {
            Some(DirectoryFault::WrongToken) => {
                if let Some(first) = requests.first_mut() {
                    (first.has_token, first.expects) = (false, 401);
                }
            }
            Some(DirectoryFault::UnknownAttribute) => self.with_unknown_attribute(&mut requests),
            Some(DirectoryFault::DuplicateUser) => twice(&mut requests),
            Some(DirectoryFault::UnknownMember) => self.with_stranger(&mut requests),
            None => {}
        }
        requests
    }

    fn address(&self) -> String {
        format!("ada.{}@example.com", self.mark)
    }

    fn group_name(&self) -> String {
        format!("Engineering {}", self.mark)
    }

    fn okta(&self) -> Vec<DirectoryRequest> {
        let (user, group) = (format!("/Users/{}", self.user), format!("/Groups/{}", self.group));
        let address = self.address();
        let person = |name: &str, active: bool| {
            json!({
                "schemas": [USER],
                "userName": address,
                "name": { "givenName": "Ada", "familyName": "Lovelace" },
                "displayName": name,
                "emails": [{ "primary": true, "value": address, "type": "work" }],
                "locale": "en-US",
                "externalId": format!("00u{}", self.mark),
                "groups": [],
                "active": active,
            })
        };
        let whole = |members: Value| json!({ "schemas": [GROUP], "displayName": self.group_name(), "members": members });
        let member = json!([{ "value": self.user, "display": address }]);
        let found = looked_for("userName", &address);
        let group_found = looked_for("displayName", &self.group_name().replace(' ', "%20"));
        vec![
            ask("Test the credentials", "/Users?startIndex=1&count=2".to_owned()),
            ask("Is the person there already?", format!("/Users?{found}&startIndex=1&count=100")),
            send("Make the person", "POST", "/Users", &person("Ada Lovelace", true), 201),
            ask("Read the person before a change", user.clone()),
            send("Change the name, by all there is", "PUT", &user, &person("Ada King", true), 200),
            ask("Is the group there already?", format!("/Groups?{group_found}&startIndex=1&count=100")),
            send("Push the group", "POST", "/Groups", &whole(json!([])), 201),
            send("Put the person into it", "PUT", &group, &whole(member), 200),
            ask("Read the person before they leave", user.clone()),
            send("Lock the person out", "PUT", &user, &person("Ada King", false), 200),
            remove("Remove the group", &group),
        ]
    }

    fn entra(&self) -> Vec<DirectoryRequest> {
        let (user, group) = (format!("/Users/{}", self.user), format!("/Groups/{}", self.group));
        let address = self.address();
        let nobody = format!("00000000-0000-4000-8000-{:0>12}", self.mark);
        let person = json!({
            "schemas": [USER, COMPANY],
            "externalId": format!("ada.{}", self.mark),
            "userName": address,
            "active": true,
            "displayName": "Ada Lovelace",
            "emails": [{ "primary": true, "type": "work", "value": address }],
            "meta": { "resourceType": "User" },
            "name": { "formatted": "Ada Lovelace", "familyName": "Lovelace", "givenName": "Ada" },
            "roles": [],
            COMPANY: { "department": "Engines" },
        });
        let renamed = json!([
            { "op": "Replace", "path": "displayName", "value": "Ada King" },
            { "op": "Replace", "path": "name.familyName", "value": "King" },
            { "op": "Add", "path": format!("{COMPANY}:department"), "value": "Research" },
        ]);
        let new_group = json!({
            "schemas": [GROUP],
            "externalId": format!("group.{}", self.mark),
            "displayName": self.group_name(),
            "meta": { "resourceType": "Group" },
        });
        let members = |op: &str| json!([{ "op": op, "path": "members", "value": [{ "$ref": null, "value": self.user }] }]);
        let locked_out = json!([{ "op": "Replace", "path": "active", "value": "False" }]);
        let group_found = looked_for("displayName", &self.group_name().replace(' ', "%20"));
        vec![
            ask(
                "Test the connection: nobody is found",
                format!("/Users?{}", looked_for("userName", &nobody)),
            ),
            ask("Is the person there already?", format!("/Users?{}", looked_for("userName", &address))),
            send("Make the person", "POST", "/Users", &person, 201),
            send("Change what has changed", "PATCH", &user, &patch(&renamed), 200),
            ask("Is the group there already?", format!("/Groups?excludedAttributes=members&{group_found}")),
            send("Make the group", "POST", "/Groups", &new_group, 201),
            send("Put the person into it", "PATCH", &group, &patch(&members("Add")), 204),
            ask("Read the group without its members", format!("{group}?excludedAttributes=members")),
            send("Take the person out of it", "PATCH", &group, &patch(&members("Remove")), 204),
            send("Lock the person out", "PATCH", &user, &patch(&locked_out), 200),
            remove("Remove the person", &user),
            remove("Remove the group", &group),
        ]
    }

    fn with_unknown_attribute(&self, requests: &mut [DirectoryRequest]) {
        let shoe = format!("{{\"shoeSize\":\"{}\",", self.mark);
        for request in requests.iter_mut().filter(|one| one.method == "POST" && one.path == "/Users") {
            request.what = "Make the person, with shoeSize";
            request.body = request.body.take().map(|body| body.replacen('{', &shoe, 1));
        }
    }

    fn with_stranger(&self, requests: &mut Vec<DirectoryRequest>) {
        let stranger = json!([{ "value": format!("nobody-{}", self.mark) }]);
        let add = patch(&json!([{ "op": "Add", "path": "members", "value": stranger }]));
        let made = requests.iter().position(|one| one.method == "POST" && one.path == "/Groups");
        let path = format!("/Groups/{}", self.group);
        let what = "Put somebody into it who is not there";
        requests.insert(made.map_or(0, |at| at + 1), send(what, "PATCH", &path, &add, 400));
    }
}

/// The person is made a second time.
fn twice(requests: &mut Vec<DirectoryRequest>) {
    let Some(at) = requests.iter().position(|one| one.method == "POST" && one.path == "/Users") else {
        return;
    };
    if let Some(mut again) = requests.get(at).cloned() {
        (again.what, again.expects) = ("Make the person again", 409);
        requests.insert(at + 1, again);
    }
}
