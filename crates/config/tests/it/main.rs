//! Tests of the configuration through its public interface.
#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod docs;
mod load;
mod values;

use std::ffi::OsString;

use pouet_config::{Config, Errors, Overrides};

/// Loads with these environment variables, no file and no flags.
fn from_variables(variables: &[(&str, &str)]) -> Result<Config, Errors> {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.toml");
    std::fs::write(&empty, "").unwrap();
    Config::load(
        &Overrides {
            config: Some(empty),
            ..Overrides::default()
        },
        environment(variables),
    )
}

/// Loads with a file of this content, no environment and no flags.
fn from_file(content: &str) -> Result<Config, Errors> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.toml");
    std::fs::write(&path, content).unwrap();
    Config::load(
        &Overrides {
            config: Some(path),
            ..Overrides::default()
        },
        [],
    )
}

fn environment(variables: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
    variables
        .iter()
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
}

/// The one problem of a configuration that has exactly one.
fn only_problem(result: Result<Config, Errors>) -> String {
    let errors = result.expect_err("the configuration is wrong");
    assert_eq!(errors.problems().len(), 1, "{errors}");
    errors.problems()[0].to_string()
}
