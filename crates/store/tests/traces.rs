//! What finding sign-ins costs: a page of those of one organization, one connection, one result, among a great many of others.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use common::{Fixture, NOW, on_both_engines};
use vestibule_domain::id::{ConnectionId, OrganizationId};
use vestibule_domain::time::Span;
use vestibule_store::tables::traces::TraceFilter;
use vestibule_store::{Param, StoreUrl, Write};

on_both_engines!(a_page_is_found_by_an_index);

/// Sign-ins of a hundred organizations with ten connections each, one in a thousand of them refused.
const FILL: &str = "INSERT INTO traces (project_id, id, organization_id, connection_id, outcome, at, doc)
     WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
     SELECT ?1,
       'sign-in-trace-test-00000000-0000-4000-8000-' || substr('000000000000', 1, 12 - length(CAST(i AS TEXT))) || CAST(i AS TEXT),
       'organization-test-00000000-0000-4000-8000-0000000000' || CAST(10 + i % 90 AS TEXT),
       'oidc-connection-test-00000000-0000-4000-8000-000000000' || CAST(100 + i % 900 AS TEXT),
       CASE WHEN i % 1000 = 7 THEN 'refused' ELSE 'accepted' END,
       ?3 + i,
       '{\"id\":\"sign-in-trace-test-00000000-0000-4000-8000-' || substr('000000000000', 1, 12 - length(CAST(i AS TEXT))) || CAST(i AS TEXT)
         || '\",\"project_id\":\"' || ?1 || '\",\"organization_id\":\"organization-test-00000000-0000-4000-8000-0000000000' || CAST(10 + i % 90 AS TEXT)
         || '\",\"connection_id\":\"oidc-connection-test-00000000-0000-4000-8000-000000000' || CAST(100 + i % 900 AS TEXT)
         || '\",\"login_id\":null,\"at\":' || CAST(?3 + i AS TEXT) || ',\"outcome\":'
         || CASE WHEN i % 1000 = 7 THEN '{\"result\":\"refused\",\"code\":\"x\",\"message\":\"y\"}'
            ELSE '{\"result\":\"accepted\",\"member_id\":\"member-test-00000000-0000-4000-8000-000000000001\"}' END
         || ',\"steps\":[{\"check\":\"email\",\"passed\":true,\"found\":\"person-' || CAST(i AS TEXT) || '@example.com\",\"expected\":\"\"}]}'
     FROM n";

fn organization() -> OrganizationId {
    "organization-test-00000000-0000-4000-8000-000000000042".parse().unwrap()
}

fn connection() -> ConnectionId {
    // Its sign-ins are the organization's: both follow from the number.
    "oidc-connection-test-00000000-0000-4000-8000-000000000132".parse().unwrap()
}

fn filters() -> [(&'static str, TraceFilter<'static>, &'static str); 7] {
    let all = TraceFilter::default();
    let ours = TraceFilter { organization: Some(organization()), ..all };
    let through = TraceFilter { connection: Some(connection()), ..ours };
    [
        ("all of a project", all, "traces_listing"),
        ("refusals of a project", TraceFilter { outcome: Some("refused"), ..all }, "traces_unaccepted"),
        ("all of an organization", ours, "traces_organization"),
        (
            "refusals of an organization",
            TraceFilter { outcome: Some("refused"), ..ours },
            "traces_organization_unaccepted",
        ),
        (
            "tests of an organization, of which there is none",
            TraceFilter { outcome: Some("tested"), ..ours },
            "traces_organization_unaccepted",
        ),
        ("all of a connection", through, "traces_connection"),
        (
            "an old day of an organization",
            TraceFilter { until: Some(NOW.plus(Span::seconds(1))), ..ours },
            "traces_organization",
        ),
    ]
}

async fn fill(f: &Fixture, rows: i64) {
    let params = vec![Param::display(f.project.id), rows.into(), NOW.into()];
    f.store.commit(Write::any(FILL, params)).await.unwrap();
    if matches!(f.url, StoreUrl::Postgres(_)) {
        f.store.commit(Write::any("ANALYZE traces", Vec::new())).await.unwrap();
    }
}

async fn a_page_is_found_by_an_index(f: Fixture) {
    fill(&f, 20_000).await;
    for (name, filter, index) in filters() {
        let read = filter.read(f.project.id, None, 25);
        let plan = match f.url {
            StoreUrl::Postgres(_) => {
                f.store.query_all(read.explained("EXPLAIN"), |row| row.text(0)).await.unwrap()
            }
            _ => f.store.query_all(read.explained("EXPLAIN QUERY PLAN"), |row| row.text(3)).await.unwrap(),
        };
        let plan = plan.join("\n");
        // Of a table that is small PostgreSQL may prefer another index that is as good; it never reads and sorts all of it.
        let by_it = plan.contains(&format!(" {index} ")) || plan.ends_with(index);
        let by_any = plan.contains(" traces_") && !plan.contains("Seq Scan");
        let is_good = if matches!(f.url, StoreUrl::Postgres(_)) { by_any } else { by_it };
        assert!(is_good && !plan.contains("TEMP B-TREE"), "{name}: {plan}");
    }
    let page = f.store.traces(f.project.id, filters()[2].1, None, 25).await.unwrap();
    assert!(page.items.len() == 25 && page.items.iter().all(|trace| trace.organization_id == organization()));
    let page = f.store.traces(f.project.id, filters()[5].1, None, 25).await.unwrap();
    assert!(!page.items.is_empty() && page.items.iter().all(|trace| trace.connection_id == connection()));
}
