//! A directory that provisions people and groups by SCIM 2.0, in the order and the forms in which products of the field ask; on
//! request something is wrong with what it sends. Requests are texts that are put together right here, and of an answer only its
//! status and an `id` are looked at.
//!
//! A run is driven from outside, which is who has a connection: [`Directory::next`] takes the answer to the request before.

mod requests;

/// Whose forms and order they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DirectoryClient {
    /// Okta's application integration: it reads, then puts everything.
    Okta,
    /// Microsoft Entra ID without a flag: PATCH with operations in capitals, and booleans in quotation marks.
    Entra,
}

/// What is wrong with a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DirectoryFault {
    /// The token is not the directory's. The client gives up.
    WrongToken,
    /// The person has an attribute that no schema has. It must be ignored.
    UnknownAttribute,
    /// The person is made a second time. It must be refused, so that the client looks for the person.
    DuplicateUser,
    /// Somebody is to be in a group whom the directory has never made. It must be refused, and nothing of it done.
    UnknownMember,
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryRequest {
    /// What it is for, for people.
    pub what: &'static str,
    /// The method.
    pub method: &'static str,
    /// The path below the directory's address, with its query.
    pub path: String,
    /// The JSON body.
    pub body: Option<String>,
    /// Whether it comes with the directory's own token.
    pub has_token: bool,
    /// The status that a careful service provider answers with.
    pub expects: u16,
}

/// A run of requests.
#[derive(Debug)]
pub struct Directory {
    client: DirectoryClient,
    fault: Option<DirectoryFault>,
    /// What makes the people and groups of this run others than those of any other.
    mark: String,
    user: String,
    group: String,
    done: usize,
}

impl DirectoryClient {
    /// All of them, in the order of the page.
    pub const ALL: [Self; 2] = [Self::Okta, Self::Entra];

    /// Its name in a form.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Okta => "okta",
            Self::Entra => "entra",
        }
    }

    /// Its name for people.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Okta => "Okta",
            Self::Entra => "Microsoft Entra ID",
        }
    }
}

impl DirectoryFault {
    /// All of them, in the order of the page.
    pub const ALL: [Self; 4] =
        [Self::WrongToken, Self::UnknownAttribute, Self::DuplicateUser, Self::UnknownMember];

    /// Its name in a form.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::WrongToken => "wrong_token",
            Self::UnknownAttribute => "unknown_attribute",
            Self::DuplicateUser => "duplicate_user",
            Self::UnknownMember => "unknown_member",
        }
    }

    /// What it is, for people.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::WrongToken => "a wrong token",
            Self::UnknownAttribute => "an attribute that nobody knows",
            Self::DuplicateUser => "a person who is made twice",
            Self::UnknownMember => "a group with somebody who is not there",
        }
    }
}

impl Directory {
    /// A run. `mark` is a word that no other run has.
    #[must_use]
    pub fn new(client: DirectoryClient, fault: Option<DirectoryFault>, mark: &str) -> Self {
        Self { client, fault, mark: mark.to_owned(), user: String::new(), group: String::new(), done: 0 }
    }

    /// The request after an answer, which is its status and its body; `None` when the run is over, or cannot go on.
    pub fn next(&mut self, answer: Option<(u16, &str)>) -> Option<DirectoryRequest> {
        if let Some((status, body)) = answer {
            if status == 401 {
                return None;
            }
            self.remember(status, body);
        }
        let request = self.requests().into_iter().nth(self.done)?;
        self.done += 1;
        // Whoever was never made has no address.
        (!request.path.ends_with('/') && !request.path.contains("//")).then_some(request)
    }

    fn remember(&mut self, status: u16, body: &str) {
        let made = self.requests().into_iter().nth(self.done.saturating_sub(1));
        let Some(made) = made.filter(|request| request.method == "POST" && status == 201) else { return };
        let answer: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
        let id = answer.get("id").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        if made.path == "/Users" {
            self.user = id;
        } else {
            self.group = id;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(client: DirectoryClient, fault: Option<DirectoryFault>) -> Vec<DirectoryRequest> {
        let mut run = Directory::new(client, fault, "m1");
        let mut sent = Vec::new();
        let mut next = run.next(None);
        while let Some(request) = next {
            let body = format!("{{\"id\":\"id-{}\"}}", request.path.trim_start_matches('/').to_lowercase());
            next = run.next(Some((request.expects, &body)));
            sent.push(request);
        }
        sent
    }

    #[test]
    fn a_run_goes_on_with_what_was_made() {
        for client in DirectoryClient::ALL {
            let sent = whole(client, None);
            assert!(sent.len() > 8, "{client:?}");
            assert!(sent.iter().any(|request| request.path.contains("/Users/id-users")), "{sent:?}");
            assert!(sent.iter().any(|request| request.path.contains("/Groups/id-groups")), "{sent:?}");
            assert!(sent.iter().all(|request| request.has_token && request.expects < 300), "{sent:?}");
            for body in sent.iter().filter_map(|request| request.body.as_deref()) {
                assert!(serde_json::from_str::<serde_json::Value>(body).is_ok(), "{body}");
            }
        }
    }

    #[test]
    fn each_fault_is_in_its_run() {
        for client in DirectoryClient::ALL {
            let of = |fault| whole(client, Some(fault));
            let wrong = of(DirectoryFault::WrongToken);
            assert_eq!((wrong.len(), wrong[0].has_token, wrong[0].expects), (1, false, 401));
            let usual = whole(client, None);
            assert_eq!(of(DirectoryFault::UnknownAttribute).len(), usual.len());
            assert_ne!(of(DirectoryFault::UnknownAttribute), usual);
            assert_eq!(of(DirectoryFault::DuplicateUser).iter().filter(|one| one.expects == 409).count(), 1);
            assert_eq!(of(DirectoryFault::UnknownMember).iter().filter(|one| one.expects == 400).count(), 1);
        }
    }

    #[test]
    fn a_run_ends_where_nobody_was_made() {
        let mut run = Directory::new(DirectoryClient::Okta, None, "m1");
        let mut next = run.next(None);
        let mut count = 0;
        while next.is_some() {
            count += 1;
            next = run.next(Some((500, "")));
        }
        assert!(count < whole(DirectoryClient::Okta, None).len(), "{count}");
    }
}
