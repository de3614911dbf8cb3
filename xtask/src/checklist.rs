//! `cargo xtask checklist`: which lines of docs/checklist.txt have a test.
//!
//! A line is covered by any test with `fed_NNN` in its name; one name may have several numbers (`fed_073_074_...`). What is
//! covered is written nowhere else. A line without a test needs a row with a reason in FEDERATION.md; every other line is
//! due, so that a test that gets lost is noticed.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::Path,
};

use anyhow::{Context as _, Result, bail};

/// Lines with titles.
const TITLES: &str = "docs/checklist.txt";
/// Where lines without a test stand, below the heading [`EXCUSES`].
const DOCUMENT: &str = "FEDERATION.md";
/// The heading.
const EXCUSES: &str = "Not applicable or not yet";
/// Folders with tests.
const FOLDERS: [&str; 3] = ["crates", "tests", "xtask"];
/// Bytes of a number in a name: `fed_007`.
const DIGITS: usize = 3;

/// A number of the checklist.
type Line = u16;

/// What is known of all lines.
#[derive(Debug, Default)]
pub(crate) struct Checklist {
    titles: BTreeMap<Line, String>,
    excuses: BTreeMap<Line, String>,
    tests: BTreeMap<Line, BTreeSet<String>>,
}

impl Checklist {
    /// Reads titles, excuses and the names of tests of the repository at `root`.
    ///
    /// # Errors
    /// Files that cannot be read, and rows that are not of their form.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let text =
            |name: &str| fs::read_to_string(root.join(name)).with_context(|| format!("cannot read {name}"));
        let mut checklist = Self {
            titles: titles(&text(TITLES)?)?,
            excuses: excuses(&text(DOCUMENT)?)?,
            tests: BTreeMap::new(),
        };
        for folder in FOLDERS {
            checklist.read_tests(&root.join(folder))?;
        }
        Ok(checklist)
    }

    fn read_tests(&mut self, folder: &Path) -> Result<()> {
        let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                self.read_tests(&path)?;
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let source =
                    fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
                for name in test_names(&source) {
                    for line in lines_of(name) {
                        self.tests.entry(line).or_default().insert(name.to_owned());
                    }
                }
            }
        }
        Ok(())
    }

    /// How many lines have a test, what is missing, and what could be said better.
    pub(crate) fn verdict(&self) -> Verdict {
        let covered = self.titles.keys().filter(|line| self.tests.contains_key(line));
        let mut faults = Vec::new();
        let mut notes = Vec::new();
        for (line, title) in &self.titles {
            match (self.tests.contains_key(line), self.excuses.get(line)) {
                (false, None) => faults.push(format!(
                    "{line:03} has no test fed_{line:03}_* and no row in {DOCUMENT}, \"{EXCUSES}\": {title}"
                )),
                (true, Some(_)) => {
                    notes.push(format!(
                        "{line:03} has a test: does its row in {DOCUMENT} still hold?"
                    ));
                }
                _ => {}
            }
        }
        let strangers = self.tests.keys().chain(self.excuses.keys());
        for line in strangers.filter(|line| !self.titles.contains_key(line)) {
            faults.push(format!("{line:03} is not a line of {TITLES}"));
        }
        Verdict {
            covered: covered.count(),
            of: self.titles.len(),
            faults,
            notes,
        }
    }

    /// Every line with its tests or its reason.
    pub(crate) fn table(&self) -> String {
        let mut table = String::new();
        for (line, title) in &self.titles {
            let state = match (self.tests.get(line), self.excuses.get(line)) {
                (Some(tests), _) => tests.iter().map(String::as_str).collect::<Vec<_>>().join(", "),
                (None, Some(reason)) => format!("- ({reason})"),
                (None, None) => "- MISSING".to_owned(),
            };
            let _ = writeln!(table, "{line:03} {title}\n    {state}");
        }
        table
    }
}

/// The result for people.
#[derive(Debug)]
pub(crate) struct Verdict {
    covered: usize,
    of: usize,
    /// What must be mended.
    pub(crate) faults: Vec<String>,
    notes: Vec<String>,
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for note in &self.notes {
            writeln!(f, "note: {note}")?;
        }
        for fault in &self.faults {
            writeln!(f, "missing: {fault}")?;
        }
        write!(f, "{} of {}", self.covered, self.of)
    }
}

/// `NNN title` on each line that is no comment.
fn titles(text: &str) -> Result<BTreeMap<Line, String>> {
    let mut titles = BTreeMap::new();
    let lines = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    for line in lines {
        let parts = line.split_once(' ').filter(|(number, _)| number.len() == DIGITS);
        let Some((number, title)) = parts else {
            bail!("{TITLES}: not a number and a title: {line}");
        };
        let number = number
            .parse()
            .with_context(|| format!("{TITLES}: not a number: {line}"))?;
        if titles.insert(number, title.trim().to_owned()).is_some() {
            bail!("{TITLES}: twice: {line}");
        }
    }
    Ok(titles)
}

/// The rows `| NNN | reason |` below the heading.
fn excuses(document: &str) -> Result<BTreeMap<Line, String>> {
    let mut excuses = BTreeMap::new();
    let below = document
        .lines()
        .skip_while(|line| !(line.starts_with('#') && line.ends_with(EXCUSES)))
        .skip(1)
        .take_while(|line| !line.starts_with('#'));
    for row in below.filter(|line| line.starts_with('|')) {
        let mut cells = row.trim().trim_matches('|').split('|').map(str::trim);
        let (first, reason) = (cells.next().unwrap_or_default(), cells.next().unwrap_or_default());
        // The head of the table and the line under it.
        let Ok(number) = first.parse() else { continue };
        if reason.is_empty() || excuses.insert(number, reason.to_owned()).is_some() {
            bail!("{DOCUMENT}: without a reason, or twice: {row}");
        }
    }
    Ok(excuses)
}

/// The names of functions that are tests and are run: an attribute ending in `test` stands above, and none to ignore it.
fn test_names(source: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let (mut is_test, mut is_ignored) = (false, false);
    for line in source.lines().map(str::trim) {
        if let Some(attribute) = line.strip_prefix("#[") {
            let name = attribute.split(['(', ']', ' ']).next().unwrap_or_default();
            is_test |= name == "test" || name.ends_with("::test");
            is_ignored |= name == "ignore";
            continue;
        }
        let function = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
        if let Some(function) = function.filter(|_| is_test && !is_ignored) {
            names.extend(function.split(['(', '<']).next());
        }
        // Comments may stand between an attribute and its function.
        if !line.starts_with("//") {
            (is_test, is_ignored) = (false, false);
        }
    }
    names
}

/// The numbers in a name: those after `fed_`, as long as they come.
fn lines_of(name: &str) -> Vec<Line> {
    let Some((before, numbers)) = name.split_once("fed_") else {
        return Vec::new();
    };
    if !before.is_empty() && !before.ends_with('_') {
        return Vec::new();
    }
    numbers
        .split('_')
        .map_while(|part| {
            let is_number = part.len() == DIGITS && part.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| part.parse().ok()).flatten()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checklist(titles_text: &str, document: &str, source: &str) -> Verdict {
        let mut checklist = Checklist {
            titles: titles(titles_text).unwrap(),
            excuses: excuses(document).unwrap(),
            tests: BTreeMap::new(),
        };
        for name in test_names(source) {
            for line in lines_of(name) {
                checklist.tests.entry(line).or_default().insert(name.to_owned());
            }
        }
        checklist.verdict()
    }

    const TITLES_OF_THREE: &str = "# comment\n\n001 one\n002 two\n003 three\n";
    const DOCUMENT_OF_ONE: &str = "# x\n| 001 | elsewhere |\n### Not applicable or not yet\n\n| line | why |\n\
                                   |---|---|\n| 003 | no trends here |\n\n## Next\n| 002 | elsewhere |\n";

    #[test]
    fn every_line_has_a_test_or_a_reason() {
        let source = "#[test]\nfn fed_001_002_both() {}\n";
        let verdict = checklist(TITLES_OF_THREE, DOCUMENT_OF_ONE, source);
        assert_eq!(verdict.to_string(), "2 of 3");
        assert!(verdict.faults.is_empty());
    }

    #[test]
    fn a_lost_test_is_noticed() {
        for source in [
            "#[test]\nfn fed_001_one() {}\n",
            "#[test]\nfn fed_001_one() {}\nfn fed_002_no_test() {}\n",
            "#[test]\nfn fed_001_one() {}\n#[test]\n#[ignore = \"slow\"]\nfn fed_002_two() {}\n",
            "#[test]\nfn fed_001_one() {}\n// #[test]\n// fn fed_002_two() {}\n",
            "#[test]\nfn fed_001_one() {}\n#[test]\nfn fed_02_two() {}\n#[test]\nfn xfed_002_two() {}\n",
        ] {
            let verdict = checklist(TITLES_OF_THREE, DOCUMENT_OF_ONE, source);
            assert_eq!(verdict.covered, 1, "{source}");
            assert_eq!(verdict.faults.len(), 1, "{source}");
            assert!(verdict.faults[0].starts_with("002"), "{source}");
        }
    }

    #[test]
    fn names_and_attributes_in_their_forms() {
        let source = "#[tokio::test]\nasync fn fed_001_a() {}\n#[actix_web::test]\n// why\nasync fn fed_002_b() {}\n\
                      #[test]\n#[expect(x)]\nfn sec_R011_fed_003_c() {}\n";
        let verdict = checklist(TITLES_OF_THREE, "", source);
        assert_eq!(verdict.to_string(), "3 of 3");
    }

    #[test]
    fn rows_that_no_longer_hold_and_numbers_that_are_none_are_told() {
        let source = "#[test]\nfn fed_001_002_003_004_all() {}\n";
        let verdict = checklist(TITLES_OF_THREE, DOCUMENT_OF_ONE, source);
        assert_eq!((verdict.notes.len(), verdict.faults.len()), (1, 1));
        assert!(verdict.faults[0].starts_with("004"));
        assert!(excuses("# Not applicable or not yet\n| 001 | |\n").is_err());
        assert!(titles("001 one\n001 again\n").is_err());
        assert!(titles("1 one\n").is_err());
    }
}
