//! `vestibule rbac`: the roles, resources and actions that a project adds to the built-in ones. The file has the shape of
//! `GET /v1/b2b/rbac/policy`, so that what is shown can be changed and applied.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;
use serde_json::Value;
use vestibule_domain::id::ProjectId;
use vestibule_domain::rbac::Policy;
use vestibule_domain::refusal::{Field, PolicyProblem, What};
use vestibule_store::tables::policies;
use vestibule_store::{Batch, Store};

use super::args::{PolicyArgs, RbacCommand};
use super::audit::event_of_policy;
use super::open::CliError;
use super::out;
use super::run::{Tools, known_project, store};
use crate::failure::Failure;
use crate::http::shape::Shape;
use crate::operations::policies::{Plan, current, plan};

/// More than any policy that is taken.
const MOST: u64 = 4 * 1024 * 1024;

pub(super) async fn run(command: RbacCommand, tools: Tools<'_>) -> Result<ExitCode, CliError> {
    match command {
        RbacCommand::Show { project_id, config } => {
            let store = store(*config).await?;
            known_project(&store, project_id).await?;
            let (policy, _) = current(&store, project_id).await.map_err(failed)?;
            out::answer(serde_json::to_string_pretty(&PolicyFile { policy }).unwrap_or_default());
        }
        RbacCommand::Diff { target } => {
            let (_, plan) = planned(target).await?;
            show(&plan);
        }
        RbacCommand::Apply { target, yes, force } => {
            let project = target.project_id;
            let (store, plan) = planned(target).await?;
            show(&plan);
            if !plan.is_nothing() {
                allowed(&plan, yes, force)?;
                apply(&store, project, &plan, tools).await?;
                out::remark(
                    "in force on every node with the next request; clients that keep the policy read it again in minutes",
                );
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What a file holds: the answer of the API, of which the rest is passed over.
#[derive(Serialize)]
struct PolicyFile {
    policy: Policy,
}

async fn planned(target: PolicyArgs) -> Result<(Store, Plan), CliError> {
    let PolicyArgs { project_id, file, config } = target;
    let given = read(&text(&file)?).map_err(|why| CliError::Refused(format!("{}: {why}", file.display())))?;
    let store = store(*config).await?;
    known_project(&store, project_id).await?;
    let plan = plan(&store, project_id, given).await.map_err(failed)?;
    Ok((store, plan))
}

/// What a change does is said before anybody is asked whether it is meant.
fn show(plan: &Plan) {
    for change in &plan.changes {
        out::answer(change);
    }
    for consequence in &plan.consequences {
        out::remark(consequence);
    }
    if plan.is_nothing() {
        out::remark("the policy is in force already; there is nothing to change");
    }
}

fn allowed(plan: &Plan, yes: bool, force: bool) -> Result<(), CliError> {
    if !plan.consequences.is_empty() && !force {
        return Err(CliError::Refused(
            "roles that go or come are assigned somewhere, and nothing was changed: --force changes it all the same"
                .to_owned(),
        ));
    }
    if !yes {
        return Err(CliError::Refused(
            "this is what would change, and nothing was changed: --yes changes it".to_owned(),
        ));
    }
    Ok(())
}

/// Puts in force what was shown, if nobody has changed the policy meanwhile.
async fn apply(store: &Store, project: ProjectId, plan: &Plan, tools: Tools<'_>) -> Result<(), CliError> {
    let (told, more) = plan.told();
    let event = event_of_policy(project, told, more, tools);
    match store.commit(Batch::from(plan.writes(project)).with([event])).await {
        Err(error) if error.is_guard(policies::VERSION) => Err(CliError::Refused(
            "somebody else has changed the policy meanwhile, and nothing was changed: look at what would change now"
                .to_owned(),
        )),
        done => Ok(done?),
    }
}

/// The policy in a file: alone, or in the answer of the API. A name that nobody knows is a typing error.
fn read(text: &str) -> Result<Policy, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| format!("no JSON: {error}"))?;
    let policy = match value {
        Value::Object(mut whole) if whole.contains_key("policy") => {
            whole.remove("policy").unwrap_or_default()
        }
        value => value,
    };
    if !policy.is_object() {
        return Err("no policy: expected an object with roles, resources and scopes".to_owned());
    }
    let unknown = Shape::of::<Policy>().map(|shape| shape.unknown(&policy)).unwrap_or_default();
    if !unknown.is_empty() {
        return Err(format!("unknown members: {}", unknown.join(", ")));
    }
    serde_json::from_value(policy).map_err(|error| format!("no policy: {error}"))
}

fn text(path: &Path) -> Result<String, CliError> {
    let failed = |error| CliError::File { path: path.to_owned(), error };
    let mut text = String::new();
    if path == Path::new("-") {
        io::stdin().lock().take(MOST).read_to_string(&mut text).map_err(failed)?;
    } else {
        File::open(path).map_err(failed)?.take(MOST).read_to_string(&mut text).map_err(failed)?;
    }
    Ok(text)
}

fn failed(failure: Failure) -> CliError {
    CliError::Refused(match failure {
        Failure::Refused(refusal) => {
            let detail = refusal.detail().unwrap_or_default();
            format!("{}. {detail}", rule(refusal.what))
        }
        other => other.to_string(),
    })
}

/// The rule that a policy breaks; what was found says where.
const fn rule(what: What) -> &'static str {
    match what {
        What::Invalid(Field::RbacId) => "an id has 1 to 128 of the characters A-Z a-z 0-9 . _ - : /",
        What::Policy(PolicyProblem::Reserved) => {
            "ids that begin with stytch, and the standard scopes of OpenID Connect, are kept for what is built in"
        }
        What::Policy(PolicyProblem::Repeated) => "no two of one kind have the same id",
        What::Policy(PolicyProblem::UnknownResource) => "a permission is on a resource of the policy",
        What::Policy(PolicyProblem::UnknownAction) => "a permission is for actions of its resource",
        What::Policy(PolicyProblem::BuiltIn) => "what is built in can be added to, and not changed",
        _ => "the policy cannot be taken",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_a_policy_or_the_answer_that_shows_one() {
        let alone =
            r#"{"roles":[{"role_id":"editor","permissions":[{"resource_id":"documents","actions":["*"]}]}]}"#;
        let policy = read(alone).unwrap();
        assert_eq!(policy.roles[0].role_id, "editor");
        let answer = format!(r#"{{"request_id":"r","status_code":200,"policy":{alone}}}"#);
        assert_eq!(read(&answer).unwrap(), policy);
        let shown = serde_json::to_string_pretty(&PolicyFile { policy: policy.clone() }).unwrap();
        assert_eq!(read(&shown).unwrap(), policy);
        assert_eq!(read("{}").unwrap(), Policy::default());
    }

    #[test]
    fn what_is_no_policy_says_why() {
        let refused = |text: &str| read(text).unwrap_err();
        assert!(refused("{").starts_with("no JSON: "));
        assert!(refused("[]").contains("expected an object with roles"));
        assert!(refused(r#"{"policy":null}"#).contains("expected an object with roles"));
        assert_eq!(
            refused(r#"{"roles":[{"role_id":"a","permission":[]}],"colour":1}"#),
            "unknown members: colour, roles[].permission"
        );
        assert!(refused(r#"{"roles":[{"description":"a"}]}"#).contains("missing field `role_id`"));
    }
}
