//! What is kept of what happened, and for how long.

use vestibule_domain::event::{Event, EventKind, Object};
use vestibule_domain::id::{AuditId, MemberId, RequestId, TraceId};
use vestibule_domain::rbac::Actor;
use vestibule_domain::refusal::{Via, What};
use vestibule_domain::time::Span;
use vestibule_domain::trace::{SignInTrace, TraceOutcome, TraceStep};
use vestibule_store::tables::cleanup::Retention;
use vestibule_store::tables::events::EventFilter;
use vestibule_store::tables::traces::TraceFilter;
use vestibule_store::tables::{connections, events, members, replays, sessions, traces};

use super::{ENV, Fixture, NOW, kept_member, kept_session, new_connection, new_session};

pub(super) async fn traces_are_listed_and_pruned(f: Fixture) {
    let (acme, beta) = (f.kept_organization("Acme").await, f.kept_organization("Beta").await);
    let connection = new_connection(&f, acme.id).id;
    let mut kept = Vec::new();
    for number in 0..10_i64 {
        let refused = TraceOutcome::refused(&What::NoSubject(Via::Saml).into());
        let accepted = TraceOutcome::Accepted { member_id: MemberId::generate(ENV, &*f.entropy) };
        let trace = SignInTrace {
            id: TraceId::generate(ENV, &*f.entropy),
            project_id: f.project.id,
            organization_id: if number < 5 { acme.id } else { beta.id },
            connection_id: connection,
            login_id: None,
            request_id: format!("request {number}"),
            // Two of each instant: the id decides.
            at: NOW.plus(Span::seconds(number / 2)),
            outcome: if number % 2 == 0 { refused } else { accepted },
            steps: vec![TraceStep {
                check: "state".into(),
                passed: true,
                found: String::new(),
                expected: String::new(),
            }],
            ip_address: "127.0.0.1".into(),
            user_agent: "test".into(),
        };
        f.store.commit(traces::insert(&trace)).await.unwrap();
        kept.push(trace);
    }
    kept.sort_by_key(|trace| std::cmp::Reverse((trace.at, trace.id.to_string())));
    let first = kept.first().unwrap();
    assert_eq!(f.store.trace(f.project.id, first.id).await.unwrap().as_ref(), Some(first));

    let (mut pages, mut cursor) = (Vec::new(), None);
    loop {
        let page = f.store.traces(f.project.id, TraceFilter::default(), cursor.as_ref(), 3).await.unwrap();
        pages.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(pages, kept);

    // A request from before requests named their traces is looked for among those that the filter lets through.
    let undated = RequestId::generate(ENV, &*f.entropy);
    let other = SignInTrace {
        id: TraceId::generate(ENV, &*f.entropy),
        request_id: undated.to_string(),
        at: NOW.plus(Span::seconds(-1)),
        ..kept.last().unwrap().clone()
    };
    f.store.commit(traces::insert(&other)).await.unwrap();
    let find = async |organization| {
        let filter = TraceFilter { organization: Some(organization), ..TraceFilter::default() };
        f.store.trace_of(f.project.id, undated, filter).await.unwrap().map(|trace| trace.id)
    };
    assert_eq!(find(other.organization_id).await, Some(other.id));
    let stranger = if other.organization_id == acme.id { beta.id } else { acme.id };
    assert_eq!(find(stranger).await, None);
    f.store.commit(traces::prune(f.project.id, &connection.to_string(), 10)).await.unwrap();

    let count = async |filter: TraceFilter<'_>| {
        f.store.traces(f.project.id, filter, None, 100).await.unwrap().items.len()
    };
    assert_eq!(count(TraceFilter { organization: Some(beta.id), ..TraceFilter::default() }).await, 5);
    assert_eq!(count(TraceFilter { connection: Some(connection), ..TraceFilter::default() }).await, 10);
    assert_eq!(count(TraceFilter { outcome: Some("refused"), ..TraceFilter::default() }).await, 5);
    let both =
        TraceFilter { organization: Some(acme.id), outcome: Some("accepted"), ..TraceFilter::default() };
    assert_eq!(count(both).await, 2);
    let second = |number| Some(NOW.plus(Span::seconds(number)));
    assert_eq!(count(TraceFilter { since: second(3), ..TraceFilter::default() }).await, 4);
    assert_eq!(count(TraceFilter { until: second(3), ..TraceFilter::default() }).await, 6);
    let between = TraceFilter { since: second(1), until: second(3), ..TraceFilter::default() };
    assert_eq!(count(between).await, 4);

    // By what only the trace says, page by page; a page goes on behind the last that was found.
    let odd = |trace: &SignInTrace| trace.outcome.as_str() == "accepted";
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let page = f.store.traces_where(f.project.id, between, cursor.as_ref(), 1, odd).await.unwrap();
        found.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let expected: Vec<_> = kept.iter().filter(|trace| between.holds(trace) && odd(trace)).cloned().collect();
    assert_eq!((found.len(), &found), (2, &expected));

    let prune = |keep| traces::prune(f.project.id, &connection.to_string(), keep);
    f.store.commit(prune(20)).await.unwrap();
    assert_eq!(count(TraceFilter::default()).await, 10);
    // Another connection's are its own, however many there are here.
    let other = new_connection(&f, beta.id).id;
    let oldest = kept.last().unwrap();
    let elsewhere =
        SignInTrace { id: TraceId::generate(ENV, &*f.entropy), connection_id: other, ..oldest.clone() };
    f.store.commit(traces::insert(&elsewhere)).await.unwrap();
    f.store.cleanup(NOW, Retention { traces: 4, ..Retention::default() }).await.unwrap();
    let page = f.store.traces(f.project.id, TraceFilter::default(), None, 100).await.unwrap();
    assert_eq!(page.items, kept.into_iter().take(4).chain([elsewhere]).collect::<Vec<_>>());
}

pub(super) async fn what_is_old_is_forgotten_after_its_time(f: Fixture) {
    let acme = f.kept_organization("Acme").await;
    let (mut ada, mut back) =
        (kept_member(&f, acme.id, "ada@acme.test").await, kept_member(&f, acme.id, "back@acme.test").await);
    for member in [&mut ada, &mut back] {
        let before = member.version;
        member.delete(NOW);
        f.store.commit(members::update(member, before)).await.unwrap();
    }
    let gone = new_connection(&f, acme.id);
    f.store.commit(connections::insert(&gone, &f.vault, &*f.entropy).unwrap()).await.unwrap();
    f.store.commit(connections::delete(acme.tenant(), gone.id, NOW)).await.unwrap();
    f.store.commit(events::append(&event(&f, 0))).await.unwrap();
    let rows = async |table: &'static str| {
        let read = vestibule_store::Read::new(table, table, Vec::new());
        f.store.query_opt(read, |row| row.int(1)).await.unwrap().unwrap()
    };
    const MEMBERS: &str = "SELECT 'count', COUNT(*) FROM members";
    const CONNECTIONS: &str = "SELECT 'count', COUNT(*) FROM connections";
    let counts = async || (rows(MEMBERS).await, rows(CONNECTIONS).await);
    let cleanup =
        async |days| f.store.cleanup(NOW.plus(Span::days(days)), Retention::default()).await.unwrap();

    cleanup(0).await;
    cleanup(89).await;
    assert_eq!(counts().await, (2, 1));
    // Whoever was brought back begins again when they are deleted again.
    let before = back.version;
    back.reactivate(NOW).unwrap();
    f.store.commit(members::update(&back, before)).await.unwrap();
    cleanup(90).await;
    assert_eq!(counts().await, (1, 0));
    assert_eq!(f.store.member_of(ada.tenant(), ada.id).await, Ok(None));
    let before = back.version;
    back.delete(NOW);
    f.store.commit(members::update(&back, before)).await.unwrap();
    cleanup(91).await;
    cleanup(180).await;
    assert_eq!(counts().await, (1, 0));
    cleanup(181).await;
    assert_eq!(counts().await, (0, 0));

    let all = EventFilter::default();
    cleanup(399).await;
    assert_eq!(f.store.events(f.project.id, &all, None, 3).await.unwrap().items.len(), 1);
    cleanup(400).await;
    assert_eq!(f.store.events(f.project.id, &all, None, 3).await.unwrap().items, []);
}

pub(super) async fn the_audit_trail_is_paged(f: Fixture) {
    for number in 0..5_i64 {
        f.store.commit(events::append(&event(&f, number))).await.unwrap();
    }
    let all = EventFilter::default();
    let first = f.store.events(f.project.id, &all, None, 3).await.unwrap();
    let second = f.store.events(f.project.id, &all, first.next.as_ref(), 3).await.unwrap();
    let objects: Vec<_> =
        first.items.iter().chain(&second.items).map(|event| event.object.to_string()).collect();
    assert_eq!(objects, ["object 4", "object 3", "object 2", "object 1", "object 0"]);
    let one = EventFilter { object: Some("object 2".to_owned()), ..EventFilter::default() };
    assert_eq!(f.store.events(f.project.id, &one, None, 3).await.unwrap().items.len(), 1);
    let none = EventFilter { kind: Some("member.create".to_owned()), ..EventFilter::default() };
    assert_eq!(f.store.events(f.project.id, &none, None, 3).await.unwrap().items, []);
    assert_eq!(second.next, None);
}

pub(super) async fn what_is_over_is_forgotten(f: Fixture) {
    let acme = f.kept_organization("Acme").await;
    let ada = kept_member(&f, acme.id, "ada@acme.test").await;
    let connection = new_connection(&f, acme.id).id;
    let (short, token) = kept_session(&f, &ada, connection).await;
    let (mut long, _) = new_session(&f, &ada, connection);
    long.expires_at = NOW.plus(Span::days(2));
    f.store.commit(sessions::insert(&long, &f.vault, &*f.entropy).unwrap()).await.unwrap();
    for number in 0..1200 {
        let expires_at = NOW.plus(Span::seconds(number));
        f.store
            .commit(replays::claim(f.project.id, "https://idp.test", &number.to_string(), expires_at))
            .await
            .unwrap();
    }
    f.store.cleanup(short.expires_at, Retention::default()).await.unwrap();
    let still = f.store.session_by_token(&f.vault, f.project.id, &token.hash()).await.unwrap();
    assert!(still.is_some(), "a clock that is a little wrong signs nobody out for good");
    let later = short.expires_at.plus(Span::days(1));
    assert!(
        f.store.cleanup(later, Retention::default()).await.unwrap() >= 4,
        "three chunks of marks and one of sessions"
    );
    assert_eq!(f.store.session_by_token(&f.vault, f.project.id, &token.hash()).await, Ok(None));
    assert!(f.store.session(&f.vault, f.project.id, long.id).await.unwrap().is_some());
    let marks = vestibule_store::Read::new(
        "used_messages",
        "SELECT 'count', COUNT(*) FROM used_messages",
        Vec::new(),
    );
    assert_eq!(f.store.query_opt(marks, |row| row.int(1)).await, Ok(Some(0)));
    assert_eq!(f.store.cleanup(later, Retention::default()).await, Ok(0), "nothing is left");
}

fn event(f: &Fixture, number: i64) -> Event {
    Event {
        id: AuditId::generate(ENV, &*f.entropy),
        project_id: f.project.id,
        organization_id: None,
        actor: Actor::Backend,
        kind: EventKind::OrganizationUpdated,
        object: Object::Other(format!("object {number}")),
        changes: Vec::new(),
        detail: serde_json::Map::new(),
        request_id: "request".into(),
        ip_address: String::new(),
        at: NOW.plus(Span::seconds(number)),
    }
}
