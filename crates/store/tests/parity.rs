//! The two migration folders make the same schema.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::sync::Mutex;

use vestibule_store::{Read, Row, Store};

const SQLITE_COLUMNS: &str = "SELECT m.name || '.' || c.name, lower(c.type), c.\"notnull\"
     FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY 1";
const POSTGRES_COLUMNS: &str = "SELECT table_name || '.' || column_name, data_type::text,
     CASE WHEN is_nullable = 'NO' THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END
     FROM information_schema.columns WHERE table_schema = current_schema()";

const SQLITE_INDEXES: &str = "SELECT CASE WHEN l.origin = 'pk' THEN m.name || '_pkey' ELSE l.name END,
     m.name || ' (' || (SELECT group_concat(name, ',') FROM
       (SELECT i.name FROM pragma_index_info(l.name) i ORDER BY i.seqno)) || ')', l.\"unique\" * 2 + l.partial
     FROM sqlite_master m JOIN pragma_index_list(m.name) l WHERE m.type = 'table'";
const POSTGRES_INDEXES: &str = "SELECT c.relname::text, t.relname || ' (' ||
       (SELECT string_agg(a.attname, ',' ORDER BY k.position)
        FROM unnest(i.indkey) WITH ORDINALITY AS k(number, position)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number) || ')',
     (CASE WHEN i.indisunique THEN 2 ELSE 0 END + CASE WHEN i.indpred IS NULL THEN 0 ELSE 1 END)::bigint
     FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
     JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema()";

type Line = (String, String, i64);

async fn lines(store: &Store, sql: &'static str) -> Vec<Line> {
    let parse = |row: &Row<'_>| Ok((row.text(0)?, row.text(1)?, row.int(2)?));
    let mut lines = store.query_all(Read::new("catalog", sql, Vec::new()), parse).await.unwrap();
    lines.sort();
    lines
}

static FOUND: Mutex<Vec<(Vec<Line>, Vec<Line>)>> = Mutex::new(Vec::new());

#[tokio::test(flavor = "multi_thread")]
async fn both_folders_make_the_same_schema() {
    common::on_sqlite(|f| async move {
        let schema = (lines(&f.store, SQLITE_COLUMNS).await, lines(&f.store, SQLITE_INDEXES).await);
        FOUND.lock().unwrap().push(schema);
    })
    .await;
    common::on_postgres(|f| async move {
        let schema = (lines(&f.store, POSTGRES_COLUMNS).await, lines(&f.store, POSTGRES_INDEXES).await);
        FOUND.lock().unwrap().push(schema);
    })
    .await;
    let found = FOUND.lock().unwrap();
    let (columns, indexes) = found.first().unwrap();
    assert!(columns.len() > 80 && indexes.len() > 40, "{} columns, {} indexes", columns.len(), indexes.len());
    assert!(!indexes.iter().any(|(name, ..)| name.starts_with("sqlite_")), "a unique index has no name");
    if let Some((postgres_columns, postgres_indexes)) = found.get(1) {
        assert_eq!(columns, postgres_columns);
        assert_eq!(indexes, postgres_indexes);
    }
}

#[test]
fn both_folders_hold_the_same_files() {
    let folder = |engine: &str| {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
        let mut names: Vec<_> =
            std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(folder("sqlite"), folder("postgres"));
}
