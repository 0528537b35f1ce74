-- Nothing but the record, for SQLite as for PostgreSQL, that what 0019 left to the program was done (`store/src/upgrade.rs`).
SELECT 1;
