-- Data keys are forgotten, for SQLite. Kept equal to its PostgreSQL sibling by a test.
-- When a data key stopped sealing: it is forgotten when nothing is left that only it can read.
ALTER TABLE data_keys ADD COLUMN retired_at BIGINT;
