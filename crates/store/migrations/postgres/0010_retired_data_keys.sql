-- Data keys are forgotten, for PostgreSQL. Kept equal to its SQLite sibling by a test.
-- When a data key stopped sealing: it is forgotten when nothing is left that only it can read.
ALTER TABLE data_keys ADD COLUMN retired_at BIGINT;
