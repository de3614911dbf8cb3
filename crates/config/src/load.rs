//! Reading the sources, one over the other.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fmt,
    path::{Path, PathBuf},
};

use toml::de::{DeTable, DeValue};

use crate::{
    check,
    config::{Config, Media},
    error::{Errors, Problem},
    keys::{self, Raw, keys},
    value::{DatabaseUrl, WebUrl},
};

/// Every environment variable that begins so is taken for a key.
const PREFIX: &str = "POUET_";

/// The variable that names the configuration file.
const FILE_VARIABLE: &str = "POUET_CONFIG";

/// Name of the configuration file that is looked for in the data folder.
const FILE_NAME: &str = "pouet.toml";

/// Where a value was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nowhere: it is the built-in default, or computed from other keys.
    Default,
    /// In the TOML file.
    File {
        /// Path of the file, as it was given.
        path: PathBuf,
        /// Line, counted from 1; `None` if the file as a whole is meant.
        line: Option<usize>,
    },
    /// In the environment variable of this name.
    Variable(String),
    /// In the flag of this name, dashes included.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line: None } => write!(f, "{}", path.display()),
            Self::File {
                path,
                line: Some(line),
            } => write!(f, "{} line {line}", path.display()),
            Self::Variable(name) => f.write_str(name),
            Self::Flag(name) => f.write_str(name),
        }
    }
}

/// What the command line says about the configuration; each stands above every other source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--config FILE`: the TOML file to read.
    pub config: Option<PathBuf>,
    /// `--data DIR`: key `data_dir`.
    pub data_dir: Option<PathBuf>,
    /// `--listen HOST:PORT`: key `listen`.
    pub listen: Option<String>,
    /// `--url URL`: key `url`.
    pub url: Option<String>,
    /// `--database-url URL`: key `database.url`.
    pub database_url: Option<String>,
}

impl Overrides {
    /// The flags that set keys: flag, key and text.
    fn keys(&self) -> impl Iterator<Item = (&'static str, &'static str, String)> {
        let data_dir = self
            .data_dir
            .as_ref()
            .map(|path| path.to_string_lossy().into_owned());
        [
            ("--data", "data_dir", data_dir),
            ("--listen", "listen", self.listen.clone()),
            ("--url", "url", self.url.clone()),
            ("--database-url", "database.url", self.database_url.clone()),
        ]
        .into_iter()
        .filter_map(|(flag, key, text)| Some((flag, key, text?)))
    }
}

impl Config {
    /// Reads the configuration from flags, environment and file, and checks it whole.
    ///
    /// `environment` is normally [`std::env::vars_os`]. Variables of the test suite (`POUET_TEST_...` and
    /// `POUET_BIN`) are no keys and are passed over. The file is the one of `flags.config`, else of `POUET_CONFIG`,
    /// else `pouet.toml` in the data folder that flags or environment name, if there is such a file.
    ///
    /// # Errors
    /// Everything that is wrong, in all the sources, values that another source overrides included.
    pub fn load(
        flags: &Overrides,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, Errors> {
        let variables: BTreeMap<String, OsString> = environment
            .into_iter()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
            .filter(|(name, _)| is_setting(name))
            .collect();
        let mut draft = Draft {
            config: Self::default(),
            problems: Vec::new(),
        };
        if let Some(path) = file_path(flags, &variables) {
            draft.read_file(&path);
        }
        draft.read_variables(&variables);
        draft.read_flags(flags);
        draft.derive();
        draft.problems.extend(check::problems(&draft.config));
        if draft.problems.is_empty() {
            Ok(draft.config)
        } else {
            Err(Errors(draft.problems))
        }
    }
}

fn is_setting(variable: &str) -> bool {
    variable.starts_with(PREFIX) && !variable.starts_with("POUET_TEST_") && variable != "POUET_BIN"
}

/// The file to read: one that was named must exist, the one in the data folder may.
fn file_path(flags: &Overrides, variables: &BTreeMap<String, OsString>) -> Option<PathBuf> {
    let variable = |name| variables.get(name).map(PathBuf::from);
    if let Some(named) = flags.config.clone().or_else(|| variable(FILE_VARIABLE)) {
        return Some(named);
    }
    let folder = flags
        .data_dir
        .clone()
        .or_else(|| variable("POUET_DATA_DIR"))
        .unwrap_or_else(|| Config::default().data_dir);
    Some(folder.join(FILE_NAME)).filter(|path| path.exists())
}

/// A configuration in the making.
struct Draft {
    config: Config,
    problems: Vec<Problem>,
}

impl Draft {
    fn problem(&mut self, key: Option<&str>, origin: Origin, message: String) {
        self.problems.push(Problem {
            key: key.map(str::to_owned),
            origin,
            message,
        });
    }

    /// Sets the key `name`, which exists, unless the value is wrong.
    fn set(&mut self, key: &'static keys::Key, raw: Raw<'_>, origin: Origin) {
        let mut changed = self.config.clone();
        match key.read(&mut changed, raw) {
            Ok(()) => {
                self.config = changed;
                self.config.origins.insert(key.name, origin);
            }
            Err(message) => self.problem(Some(key.name), origin, message),
        }
    }

    fn read_file(&mut self, path: &Path) {
        let whole = Origin::File {
            path: path.to_owned(),
            line: None,
        };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) => return self.problem(None, whole, format!("cannot be read: {e}")),
        };
        let (table, syntax_errors) = DeTable::parse_recoverable(&text);
        let file = File { path, text: &text };
        for error in &syntax_errors {
            let origin = error.span().map_or(whole.clone(), |span| file.origin(span.start));
            self.problem(None, origin, error.message().to_owned());
        }
        if syntax_errors.is_empty() {
            self.read_table(&file, "", table.get_ref());
        }
    }

    /// Reads the table of section `section` (empty: the top), and the tables in it.
    fn read_table(&mut self, file: &File<'_>, section: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let origin = file.origin(name.span().start);
            let name = match section {
                "" => name.get_ref().to_string(),
                section => format!("{section}.{}", name.get_ref()),
            };
            match (keys::find(&name), value.get_ref()) {
                (Some(key), value) => self.set(key, Raw::Toml(value), origin),
                (None, DeValue::Table(inner)) if keys::is_section(&name) => {
                    self.read_table(file, &name, inner);
                }
                (None, _) if keys::is_section(&name) => {
                    self.problem(Some(&name), origin, "is a section, not a key".into());
                }
                (None, _) => {
                    let known = keys().iter().map(|key| key.name.to_owned());
                    self.problem(Some(&name), origin, unknown("unknown key", &name, '.', known));
                }
            }
        }
    }

    fn read_variables(&mut self, variables: &BTreeMap<String, OsString>) {
        for (variable, value) in variables.iter().filter(|(name, _)| *name != FILE_VARIABLE) {
            let origin = Origin::Variable(variable.clone());
            let Some(key) = keys().iter().find(|key| key.variable() == *variable) else {
                let known = keys()
                    .iter()
                    .map(keys::Key::variable)
                    .chain([FILE_VARIABLE.to_owned()]);
                let message = unknown("unknown environment variable", variable, '_', known);
                self.problem(None, origin, message);
                continue;
            };
            match value.to_str() {
                Some(text) => self.set(key, Raw::Text(text), origin),
                None => self.problem(Some(key.name), origin, "its value is not UTF-8".into()),
            }
        }
    }

    fn read_flags(&mut self, flags: &Overrides) {
        for (flag, name, text) in flags.keys() {
            let key = keys::find(name).expect("flags set keys of the table");
            self.set(key, Raw::Text(&text), Origin::Flag(flag));
        }
    }

    /// Computes the defaults that follow other keys.
    fn derive(&mut self) {
        let config = &mut self.config;
        let unset = |name| !config.origins.contains_key(name);
        if unset("url") {
            config.url = WebUrl::localhost(config.listen.port);
        }
        if unset("handle_domain") {
            config.handle_domain = config.url.domain();
        }
        if unset("database.url") {
            config.database.url = DatabaseUrl::in_folder(&config.data_dir);
        }
        if unset("key_file") {
            config.key_file = Config::key_file_in(&config.data_dir);
        }
        if unset("media.path") {
            config.media.path = Media::in_folder(&config.data_dir);
        }
    }
}

/// A configuration file that is being read.
struct File<'a> {
    path: &'a Path,
    text: &'a str,
}

impl File<'_> {
    /// The place of the byte `offset`.
    fn origin(&self, offset: usize) -> Origin {
        let line = 1 + self
            .text
            .bytes()
            .take(offset)
            .filter(|byte| *byte == b'\n')
            .count();
        Origin::File {
            path: self.path.to_owned(),
            line: Some(line),
        }
    }
}

/// Says that `name` is not known, and which of `known` was probably meant.
fn unknown(what: &str, name: &str, separator: char, known: impl Iterator<Item = String>) -> String {
    let last = |name: &str| name.rsplit(separator).next().map(str::to_lowercase);
    let distance = |candidate: &String| {
        let spelling = strsim::damerau_levenshtein(&candidate.to_lowercase(), &name.to_lowercase());
        // A key written outside its section is a likelier slip than a change of spelling.
        if last(candidate) == last(name) {
            spelling.min(1)
        } else {
            spelling
        }
    };
    let nearest = known.map(|candidate| (distance(&candidate), candidate)).min();
    match nearest {
        Some((distance, candidate)) if distance <= 2.max(name.len() / 4) => {
            format!("{what}, did you mean {candidate}?")
        }
        _ => format!("{what}; docs/configuration.md lists those that exist"),
    }
}
