//! The committed reference of keys.

use std::path::Path;

use pouet_config::{Config, keys, markdown};

/// Set `UPDATE_DOCS=1` to write the file instead of comparing it.
#[test]
fn the_committed_reference_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, markdown()).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    assert!(
        committed == markdown(),
        "docs/configuration.md is stale: UPDATE_DOCS=1 cargo test -p pouet-config writes it anew"
    );
}

#[test]
fn the_example_of_the_reference_is_valid() {
    let text = markdown();
    let example = text
        .split("```toml\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .unwrap();
    let config = crate::from_file(example).unwrap();
    assert_eq!(config.url.base(), "https://pouet.example");
}

#[test]
fn every_default_is_within_its_range() {
    let defaults = Config::default();
    for key in keys() {
        let Some((least, most)) = key.range else { continue };
        let default: u64 = key.value(&defaults).parse().unwrap();
        assert!((least..=most).contains(&default), "{}", key.name);
    }
}

#[test]
fn every_key_is_explained() {
    for key in keys() {
        assert!(
            key.doc.ends_with('.') && !key.doc.contains("  "),
            "{}: {:?}",
            key.name,
            key.doc
        );
    }
}
