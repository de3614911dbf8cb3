//! Both databases end in the same tables, and every migration can be undone.

use std::{cell::RefCell, collections::BTreeSet};

use pouet_storage::migrate;

use crate::on_each_connection;

#[test]
fn both_databases_have_the_same_columns() {
    let found: RefCell<Vec<Vec<String>>> = RefCell::default();
    on_each_connection(|conn| {
        migrate::run(conn).unwrap();
        found.borrow_mut().push(migrate::columns(conn).unwrap());
    });
    let found = found.into_inner();
    assert!(found[0].len() > 200, "the catalogue is read: {}", found[0].len());
    for other in &found[1..] {
        assert_eq!(&found[0], other);
    }
}

#[test]
fn the_schema_that_diesel_sees_is_the_one_of_the_migrations() {
    let declared = declared_columns();
    on_each_connection(|conn| {
        migrate::run(conn).unwrap();
        let real: BTreeSet<String> = migrate::columns(conn).unwrap().into_iter().collect();
        assert_eq!(declared, real);
    });
}

/// `table.column` of everything in `schema.rs`.
fn declared_columns() -> BTreeSet<String> {
    let mut table = String::new();
    let mut columns = BTreeSet::new();
    for line in include_str!("../../src/schema.rs").lines().map(str::trim) {
        if let Some((name, _)) = line.split_once(" (").filter(|_| line.ends_with('{')) {
            name.clone_into(&mut table);
        } else if let Some((column, _)) = line.split_once(" -> ") {
            columns.insert(format!("{table}.{column}"));
        }
    }
    columns
}

#[test]
fn migrations_go_up_down_and_up_again() {
    on_each_connection(|conn| {
        migrate::run(conn).unwrap();
        let there = migrate::status(conn).unwrap();
        assert!(there.pending.is_empty());
        let whole = migrate::columns(conn).unwrap();
        for _ in &there.applied {
            migrate::revert_last(conn).unwrap();
        }
        assert_eq!(
            migrate::columns(conn).unwrap(),
            Vec::<String>::new(),
            "nothing is left behind"
        );
        assert_eq!(migrate::status(conn).unwrap().pending, there.applied);
        migrate::run(conn).unwrap();
        assert_eq!(migrate::columns(conn).unwrap(), whole);
    });
}
