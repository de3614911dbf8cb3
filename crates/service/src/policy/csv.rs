//! Lists of rules as files, in the format that Mastodon exports and imports.
//!
//! Source: `Admin::ExportDomainBlocksController` and `Form::DomainBlockBatch` of Mastodon.

use pouet_storage::domain_blocks::DomainAllow;

use super::{NewRule, Rule, Severity};

/// The columns of a list of rules.
const COLUMNS: [&str; 6] = [
    "#domain",
    "#severity",
    "#reject_media",
    "#reject_reports",
    "#public_comment",
    "#obfuscate",
];
/// Lines that are read.
const MAX_LINES: usize = 100_000;

/// Why a list cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CsvError {
    /// It is no table.
    #[error("list cannot be read: {0}")]
    Malformed(#[from] csv::Error),
    /// Its first line does not name the column of domains.
    #[error("the first line must name the columns, #domain among them")]
    NoDomains,
    /// A line says something that no rule says.
    #[error("line {line}: {found:?} is not a {expected}")]
    Value {
        /// Its number, from 1.
        line: u64,
        /// What was expected.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// It is too long.
    #[error("list has more than {MAX_LINES} lines")]
    TooLong,
}

/// Where each column is, by its name without `#`.
struct Table {
    rows: Vec<csv::StringRecord>,
    header: Vec<String>,
}

impl Table {
    fn read(text: &str) -> Result<Self, CsvError> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let mut rows = Vec::new();
        for row in reader.records() {
            if rows.len() > MAX_LINES {
                return Err(CsvError::TooLong);
            }
            rows.push(row?);
        }
        if rows.is_empty() {
            return Err(CsvError::NoDomains);
        }
        let header: Vec<String> = rows
            .remove(0)
            .iter()
            .map(|name| name.trim_start_matches('#').to_ascii_lowercase())
            .collect();
        if header.iter().any(|name| name == "domain") {
            Ok(Self { rows, header })
        } else {
            Err(CsvError::NoDomains)
        }
    }

    /// What a row has in the column called `name`, unless that is empty.
    fn cell<'a>(&self, row: &'a csv::StringRecord, name: &str) -> Option<&'a str> {
        let at = self.header.iter().position(|column| column == name)?;
        row.get(at).filter(|text| !text.is_empty())
    }

    fn flag(&self, row: &csv::StringRecord, name: &str) -> Result<bool, CsvError> {
        match self
            .cell(row, name)
            .unwrap_or("false")
            .to_ascii_lowercase()
            .as_str()
        {
            "true" | "t" | "1" | "yes" => Ok(true),
            "false" | "f" | "0" | "no" => Ok(false),
            other => Err(wrong(row, "truth value", other)),
        }
    }
}

fn wrong(row: &csv::StringRecord, expected: &'static str, found: &str) -> CsvError {
    CsvError::Value {
        line: row.position().map_or(0, csv::Position::line),
        expected,
        found: found.to_owned(),
    }
}

/// Reads a list of rules. Columns may be in any order; one that lacks has Mastodon's default, which for the severity is
/// `suspend`.
///
/// # Errors
/// [`CsvError`]; whether the domains are any is for the operation to say.
pub fn read_rules(text: &str) -> Result<Vec<NewRule>, CsvError> {
    let table = Table::read(text)?;
    let mut rules = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        let Some(domain) = table.cell(row, "domain") else {
            continue;
        };
        let severity = table.cell(row, "severity").unwrap_or("suspend");
        rules.push(NewRule {
            domain: domain.to_owned(),
            severity: Severity::parse(&severity.to_ascii_lowercase())
                .ok_or_else(|| wrong(row, "severity", severity))?,
            reject_media: table.flag(row, "reject_media")?,
            reject_reports: table.flag(row, "reject_reports")?,
            private_comment: table.cell(row, "private_comment").map(str::to_owned),
            public_comment: table.cell(row, "public_comment").map(str::to_owned),
            obfuscate: table.flag(row, "obfuscate")?,
        });
    }
    Ok(rules)
}

/// Reads a list of allowed domains.
///
/// # Errors
/// [`CsvError`]
pub fn read_allows(text: &str) -> Result<Vec<String>, CsvError> {
    let table = Table::read(text)?;
    let domains = table.rows.iter().filter_map(|row| table.cell(row, "domain"));
    Ok(domains.map(str::to_owned).collect())
}

/// Writes rules as Mastodon does. Private comments are left out.
pub fn write_rules(rules: &[Rule]) -> String {
    let rows = rules.iter().map(|Rule { rule, .. }| {
        vec![
            rule.domain.clone(),
            rule.severity.as_str().to_owned(),
            rule.reject_media.to_string(),
            rule.reject_reports.to_string(),
            rule.public_comment.clone().unwrap_or_default(),
            rule.obfuscate.to_string(),
        ]
    });
    write(&COLUMNS, rows)
}

/// Writes a list of allowed domains as Mastodon does.
pub fn write_allows(allows: &[DomainAllow]) -> String {
    write(
        &COLUMNS[..1],
        allows.iter().map(|allow| vec![allow.domain.clone()]),
    )
}

fn write(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = header.iter().map(|name| (*name).to_owned()).collect();
    for row in std::iter::once(header).chain(rows) {
        writer
            .write_record(row)
            .expect("memory can be written to, and all rows have one length");
    }
    let bytes = writer.into_inner().expect("memory can be written to");
    String::from_utf8(bytes).expect("it was written from strings")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_mastodon_are_read() {
        let text = "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\r\n\
            evil.example,suspend,False,FALSE,\"spam, and \"\"worse\"\"\",true\n\
            \n*.loud.example,silence,TRUE,1,,\n";
        let rules = read_rules(text).unwrap();
        assert_eq!(rules.len(), 2);
        assert_eq!(rules[0].public_comment.as_deref(), Some("spam, and \"worse\""));
        assert!(rules[0].obfuscate && !rules[0].reject_media);
        assert_eq!(rules[1].severity, Severity::Silence);
        assert!(rules[1].reject_media && rules[1].reject_reports);
        assert_eq!(
            read_rules("domain\nbare.example").unwrap()[0].severity,
            Severity::Suspend
        );
        assert_eq!(read_allows("#domain\na.example\n").unwrap(), ["a.example"]);
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for bad in [
            "",
            "evil.example,suspend",
            "#domain,#severity\nevil.example,ban",
            "#domain,#obfuscate\nevil.example,perhaps",
        ] {
            assert!(read_rules(bad).is_err(), "{bad:?}");
        }
        let error = read_rules("#domain,#severity\na.example,suspend\nevil.example,ban").unwrap_err();
        assert_eq!(error.to_string(), "line 3: \"ban\" is not a severity");
    }
}
