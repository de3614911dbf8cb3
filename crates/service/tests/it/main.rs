//! Tests of the operations, on a real database each: SQLite always, PostgreSQL where one is given.

mod common;
