-- Nothing but the record, for PostgreSQL as for SQLite, that what 0004 left to the program was done (`store/src/upgrade.rs`).
SELECT 1;
