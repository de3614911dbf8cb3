//! Both languages say the same things, and nothing that no page needs.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn keys(language: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in files(&root().join("locales").join(language)) {
        for line in fs::read_to_string(&file).expect("readable").lines() {
            if let Some((key, _)) = line.split_once(" =")
                && key.starts_with(|c: char| c.is_ascii_lowercase())
            {
                assert!(
                    found.insert(key.to_owned()),
                    "{key} is defined twice in {language}"
                );
            }
        }
    }
    found
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("readable");
    entries
        .map(|entry| entry.expect("readable").path())
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .collect()
}

#[test]
fn languages_have_the_same_keys() {
    let (en, fr) = (keys("en"), keys("fr"));
    assert!(en.len() > 100, "the files were read");
    assert_eq!(
        en.difference(&fr).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "missing in French"
    );
    assert_eq!(
        fr.difference(&en).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "missing in English"
    );
}

#[test]
fn every_key_is_used_and_every_used_key_exists() {
    let keys = keys("en");
    let mut text = String::new();
    for folder in ["templates", "src"] {
        for file in files(&root().join(folder)) {
            text.push_str(&fs::read_to_string(&file).expect("readable"));
        }
    }
    let unused: Vec<_> = keys
        .iter()
        .filter(|key| !text.contains(&format!("\"{key}\"")))
        .collect();
    assert!(unused.is_empty(), "no page says {unused:?}");
    for call in ["p.t(\"", "p.n(\"", "p.named(\""] {
        for used in text.split(call).skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(keys.contains(used), "{used} has no text");
        }
    }
}
