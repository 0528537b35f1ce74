-- Messages to people, for PostgreSQL. Kept equal to its SQLite sibling by a test.
-- A message waits until it is due: then whoever moves due_at to the end of a lease delivers it. What is not waiting says in
-- due_at since when. Nothing refers to it, and it refers to nothing: it is sent whatever becomes of what caused it.
CREATE TABLE outbox (
    id TEXT NOT NULL PRIMARY KEY,
    project_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    purpose TEXT NOT NULL,
    state TEXT NOT NULL,
    tries BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    reason TEXT NOT NULL,
    sealed_letter TEXT NOT NULL
);
CREATE INDEX outbox_due ON outbox (state, due_at);
CREATE INDEX outbox_project ON outbox (project_id);
