//! The floors of the server: which module may use which, read out of the code. A floor uses the ones below it; nothing
//! goes around in a circle, neither between the floors nor between the rooms of one.

use std::collections::{BTreeMap, BTreeSet};

/// The floors from the ground up, and what each may use.
const FLOORS: [(&str, &[&str]); 13] = [
    // A refusal or trouble of ours: everybody's word for it.
    ("failure", &[]),
    ("world", &["failure"]),
    ("http", &["failure", "world"]),
    ("caller", &["failure", "world", "http"]),
    ("operations", &["failure", "world", "http"]),
    ("engine", &["failure", "world", "http", "operations"]),
    ("jobs", &["failure", "world", "operations"]),
    ("web", &["failure", "world", "http", "caller", "operations"]),
    ("doors", &["failure", "world", "http", "caller", "operations", "engine", "web"]),
    ("routes", &["world", "http", "doors", "web"]),
    ("cli", &["failure", "world", "http", "operations", "jobs", "routes"]),
    // A server with everything in it to try, started by a command.
    ("dev", &["failure", "world", "http", "operations", "jobs", "doors", "routes", "cli"]),
    ("program", &["world", "cli", "dev"]),
];

/// What these rules do not allow and the code still does, with the reason: who, whom, why. It must be true, or it goes.
const STILL: &[(&str, &str, &str)] = &[];

/// Two rooms of one floor that know each other: the use that makes the circle, and the reason. `*` is every room of the
/// floor. It must be true, or it goes.
const NEIGHBOURS: &[(&str, &str, &str)] = &[
    ("world::keyring", "world::app", "reads keys with all of the world, and is a part of it"),
    ("world::fetch::guard", "world::fetch::error", "an error says which guard refused"),
    ("engine::callback", "engine::oidc", "hands a callback to the protocol, which is told of the attempt"),
    ("engine::callback", "engine::saml", "the same"),
    ("engine::start", "engine::oidc", "asks the protocol for its request, which is told of the hints"),
    ("engine::start", "engine::saml", "the same"),
    ("cli::*", "cli::run", "what every command works with stands beside what runs them"),
    ("dev::setup", "dev::sample", "registers where the sample takes browsers back"),
];

/// A module by its path below the crate: `["http", "door"]`.
type Place = Vec<String>;

/// The modules of the server, and what the code of each names.
struct House {
    modules: BTreeSet<Place>,
    /// What a module gives out of one further in (`pub use`).
    given_out: BTreeMap<Place, Place>,
    uses: BTreeSet<(Place, Place)>,
}

impl House {
    fn read() -> Self {
        let files: Vec<(Place, String)> = super::sources("server")
            .into_iter()
            .filter_map(|(file, text)| Some((place(&file)?, super::code(&text))))
            .collect();
        let modules = files.iter().map(|(at, _)| at.clone()).collect();
        let mut house = Self { modules, given_out: BTreeMap::new(), uses: BTreeSet::new() };
        for (at, code) in &files {
            for named in given_out(code) {
                let target = [at.clone(), named.clone()].concat();
                let name = [at.clone(), named.last().cloned().into_iter().collect()].concat();
                house.given_out.insert(name, target);
            }
        }
        for (at, code) in &files {
            for target in named(at, code) {
                house.uses.insert((at.clone(), house.home(&target)));
            }
        }
        house
    }

    /// The module that a path leads into.
    fn home(&self, target: &[String]) -> Place {
        let given = (1..=target.len()).find_map(|length| {
            let home = self.given_out.get(&target[..length])?;
            (!self.modules.contains(&target[..length])).then(|| home.clone())
        });
        let target = given.as_deref().unwrap_or(target);
        let known = (0..=target.len()).rev().find(|length| self.modules.contains(&target[..*length]));
        target[..known.unwrap_or_default()].to_vec()
    }

    /// Which rooms of a floor name which others of it.
    fn within(&self, floor: &[String]) -> BTreeMap<String, BTreeSet<String>> {
        let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (from, to) in &self.uses {
            let room = |place: &Place| place.strip_prefix(floor).and_then(|rest| rest.first().cloned());
            if let (Some(from), Some(to)) = (room(from), room(to))
                && from != to
            {
                edges.entry(from).or_default().insert(to);
            }
        }
        edges
    }
}

/// The module of a file; the crate's root and the program's are none.
fn place(file: &str) -> Option<Place> {
    let inside = file.strip_prefix("server/src/")?.strip_suffix(".rs")?;
    let inside = inside.strip_suffix("/mod").unwrap_or(inside);
    (!matches!(inside, "lib" | "main")).then(|| inside.split('/').map(str::to_owned).collect())
}

/// Every path in the code that begins at the crate or at a module above.
fn named(at: &[String], code: &str) -> Vec<Place> {
    let mut found = Vec::new();
    for start in ["crate::", "super::", "self::"] {
        for (index, _) in code.match_indices(start) {
            // `super::super::x` is found at its first word, and `$crate::` and `mycrate::` are none.
            if code[..index].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '$')) {
                continue;
            }
            let mut paths = Vec::new();
            tree(&code[index..], &mut Vec::new(), &mut paths);
            found.extend(paths.into_iter().filter_map(|path| absolute(at, &path)));
        }
    }
    found
}

/// What a module gives out of those further in.
fn given_out(code: &str) -> Vec<Place> {
    let mut found = Vec::new();
    for (index, mark) in code.match_indices("pub use ") {
        let rest = &code[index + mark.len()..];
        if !["crate::", "super::", "vestibule_", "std::"].iter().any(|start| rest.starts_with(start)) {
            tree(rest.strip_prefix("self::").unwrap_or(rest), &mut Vec::new(), &mut found);
        }
    }
    found
}

/// Reads one path, with its groups in braces, into all paths it stands for. Gives what is left of the text.
fn tree<'a>(text: &'a str, above: &mut Place, found: &mut Vec<Place>) -> &'a str {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = tree(rest, &mut above.clone(), found).trim_start();
            match rest.strip_prefix(',') {
                Some(more) if !more.trim_start().starts_with('}') => rest = more,
                Some(more) => return more.trim_start().strip_prefix('}').unwrap_or_default(),
                None => return rest.strip_prefix('}').unwrap_or(rest),
            }
        }
    }
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    if end == 0 {
        found.push(above.clone());
        // Something that is no path, such as `*`: the group goes on behind it.
        return text.strip_prefix('*').unwrap_or(text);
    }
    above.push(text[..end].to_owned());
    match text[end..].strip_prefix("::") {
        Some(rest) => tree(rest, above, found),
        None => {
            found.push(above.clone());
            let rest = text[end..].trim_start();
            // `Name as Other`
            let renamed = rest.strip_prefix("as ").map(str::trim_start);
            renamed.map_or(rest, |rest| rest.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_'))
        }
    }
}

fn absolute(at: &[String], path: &[String]) -> Option<Place> {
    let mut base: &[String] = at;
    let mut rest = path;
    match path.first()?.as_str() {
        "crate" => (base, rest) = (&[], &path[1..]),
        "self" => rest = &path[1..],
        _ => {}
    }
    while let Some((first, more)) = rest.split_first()
        && first == "super"
    {
        (base, rest) = (&base[..base.len().checked_sub(1)?], more);
    }
    Some([base, rest].concat())
}

/// A circle in a graph, if there is one.
fn circle(edges: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    fn walk(
        at: &str,
        edges: &BTreeMap<String, BTreeSet<String>>,
        trail: &mut Vec<String>,
        done: &mut BTreeSet<String>,
    ) -> Option<Vec<String>> {
        if let Some(begin) = trail.iter().position(|visited| visited == at) {
            return Some(trail[begin..].to_vec());
        }
        if !done.insert(at.to_owned()) {
            return None;
        }
        trail.push(at.to_owned());
        let found = edges.get(at).into_iter().flatten().find_map(|next| walk(next, edges, trail, done));
        trail.pop();
        found
    }
    let mut done = BTreeSet::new();
    edges.keys().find_map(|start| walk(start, edges, &mut Vec::new(), &mut done))
}

#[test]
fn floors_use_what_is_below_them() {
    let edges = House::read().within(&[]);
    let floors: BTreeSet<&str> = FLOORS.iter().map(|(floor, _)| *floor).collect();
    let mut wrong = Vec::new();
    for (from, to) in edges.iter().flat_map(|(from, targets)| targets.iter().map(move |to| (from, to))) {
        let allowed = FLOORS.iter().any(|(floor, below)| floor == from && below.contains(&to.as_str()));
        let still = STILL.iter().any(|(who, whom, _)| who == from && whom == to);
        if !(allowed || still) || !floors.contains(to.as_str()) {
            wrong.push(format!("{from} may not use {to}"));
        }
    }
    for (floor, used) in FLOORS.iter().flat_map(|(floor, below)| below.iter().map(move |used| (floor, used)))
    {
        if !edges.get(*floor).is_some_and(|targets| targets.contains(*used)) {
            wrong.push(format!("{floor} does not use {used} any more: take it off the list"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    for (who, whom, why) in STILL {
        let true_still = edges.get(*who).is_some_and(|targets| targets.contains(*whom));
        assert!(true_still, "{who} does not use {whom} any more ({why}): take it off the list");
    }
}

#[test]
fn the_table_itself_has_no_circle() {
    for (at, (floor, below)) in FLOORS.iter().enumerate() {
        for used in *below {
            assert!(FLOORS[..at].iter().any(|(lower, _)| lower == used), "{used} is not below {floor}");
        }
    }
}

#[test]
fn rooms_do_not_go_around_in_circles() {
    let house = House::read();
    let parents: BTreeSet<Place> =
        house.modules.iter().map(|module| module[..module.len() - 1].to_vec()).collect();
    assert!(parents.len() > 10, "{parents:?}");
    let (mut used, mut circles) = (BTreeSet::new(), Vec::new());
    for parent in parents.iter().filter(|parent| !parent.is_empty()) {
        let mut edges = house.within(parent);
        for (who, whom, _) in NEIGHBOURS {
            let Some(who_room) = who.strip_prefix(&format!("{}::", parent.join("::"))) else { continue };
            let whom_room = whom.rsplit("::").next().unwrap();
            for (room, targets) in &mut edges {
                if (who_room == "*" || who_room == room) && targets.remove(whom_room) {
                    used.insert((*who, *whom));
                }
            }
        }
        circles.extend(circle(&edges).map(|rooms| format!("{}: {}", parent.join("::"), rooms.join(" → "))));
    }
    assert!(circles.is_empty(), "{circles:#?}");
    for (who, whom, why) in NEIGHBOURS {
        assert!(
            used.contains(&(*who, *whom)),
            "{who} does not use {whom} any more ({why}): take it off the list"
        );
    }
}

#[test]
fn doors_do_not_know_each_other() {
    let edges = House::read().within(&["doors".to_owned()]);
    for door in super::WORDS {
        assert_eq!(edges.get(door), None, "{door} uses a neighbour");
    }
}

#[test]
fn paths_are_read_out_of_code() {
    let at = ["doors".to_owned(), "first".to_owned()];
    let code = "use crate::a::{b::C, d::{self, E as F}, *};\nuse super::{g, h::I};\nlet x = self::j::k();\nsuper::super::l()";
    let found: BTreeSet<String> = named(&at, code).iter().map(|path| path.join("::")).collect();
    let expected =
        ["a", "a::b::C", "a::d::E", "a::d::self", "doors::first::j::k", "doors::g", "doors::h::I", "l"];
    assert_eq!(found, expected.map(str::to_owned).into());
    let edge = |from: &str, to: &str| (from.to_owned(), BTreeSet::from([to.to_owned()]));
    assert_eq!(circle(&BTreeMap::from([edge("a", "b"), edge("b", "c")])), None);
    assert!(circle(&BTreeMap::from([edge("x", "a"), edge("a", "b"), edge("b", "a")])).is_some());
}
