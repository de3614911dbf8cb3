//! The configuration in force as TOML, and the reference of all keys as Markdown.

use std::fmt::Write as _;

use crate::{
    config::Config,
    keys::{Key, keys},
    load::Origin,
};

impl Config {
    /// It as a TOML file with every key. A comment tells where each value that is not a default was set; the
    /// password of the database is replaced by `REDACTED`.
    pub fn to_toml(&self) -> String {
        let mut text = String::new();
        for (section, keys) in sections() {
            if !section.is_empty() {
                let _ = writeln!(text, "\n[{section}]");
            }
            for key in keys {
                let _ = write!(text, "{} = {}", short_name(key), key.value(self));
                match self.origin(key.name) {
                    Origin::Default => text.push('\n'),
                    origin => {
                        let _ = writeln!(text, " # {origin}");
                    }
                }
            }
        }
        text
    }
}

/// The sections in order, each with its keys; the first has no name.
fn sections() -> Vec<(&'static str, Vec<&'static Key>)> {
    let mut sections: Vec<(&str, Vec<&Key>)> = Vec::new();
    for key in keys() {
        let section = key.name.rsplit_once('.').map_or("", |(section, _)| section);
        match sections.last_mut() {
            Some((name, keys)) if *name == section => keys.push(key),
            _ => sections.push((section, vec![key])),
        }
    }
    sections
}

fn short_name(key: &Key) -> &'static str {
    key.name.rsplit_once('.').map_or(key.name, |(_, short)| short)
}

/// The reference of all keys: `docs/configuration.md`, and what `pouet config print --docs` prints.
pub fn markdown() -> String {
    let defaults = Config::default();
    let mut text = String::from(include_str!("configuration.md"));
    for (section, keys) in sections() {
        if section.is_empty() {
            text.push_str("\n## Outside sections\n");
        } else {
            let _ = write!(text, "\n## `[{section}]`\n");
        }
        for key in keys {
            let default = key
                .computed
                .map_or_else(|| format!("`{}`", key.value(&defaults)), str::to_owned);
            let range = key
                .range
                .map_or_else(String::new, |(least, most)| format!(", {least} to {most}"));
            let _ = write!(
                text,
                "\n### `{}`\n{}\n\n- type: {}{range}\n- default: {default}\n- environment: `{}`\n",
                short_name(key),
                key.doc,
                key.kind,
                key.variable(),
            );
        }
    }
    text
}
