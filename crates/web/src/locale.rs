//! The two languages of the pages, and how numbers and dates are written in each.
//!
//! Words live in `locales/{en,fr}/*.ftl` and nowhere else; a missing key is caught by a test that compares both
//! languages with the keys used by templates.

use std::borrow::Cow;
use std::collections::HashMap;

use chrono::{DateTime, Datelike, Timelike, Utc};
use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{Loader, static_loader};
use unic_langid::{LanguageIdentifier, langid};

static_loader! {
    static LOCALES = {
        locales: "./locales",
        fallback_language: "en",
        // Names are isolated by `<bdi>` in the templates and by `isolate` in plain text, where they occur.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

static ENGLISH: LanguageIdentifier = langid!("en");
static FRENCH: LanguageIdentifier = langid!("fr");

/// A language in which the pages exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Locale {
    /// English, the language of visitors who ask for none that we have.
    #[default]
    En,
    /// French.
    Fr,
}

impl Locale {
    /// Every language, in the order of the switch.
    pub const ALL: [Self; 2] = [Self::En, Self::Fr];

    /// The BCP 47 tag, as in `<html lang>`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
        }
    }

    /// The language's own name for itself.
    pub fn endonym(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Fr => "Français",
        }
    }

    /// Reads a tag such as `fr`, `fr-CA` or `EN_us`; `None` for a language we do not have.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next()?;
        Self::ALL
            .into_iter()
            .find(|locale| primary.eq_ignore_ascii_case(locale.tag()))
    }

    /// Chooses the language that an `Accept-Language` header likes best (RFC 9110, 12.5.4).
    ///
    /// Entries of quality zero are refused, equal ones go to the first; English if nothing fits.
    pub fn negotiate(header: &str) -> Self {
        let mut best = (Self::default(), 0.0_f32);
        for entry in header.split(',').take(32) {
            let mut parts = entry.split(';');
            let Some(locale) = parts.next().and_then(Self::from_tag) else {
                continue;
            };
            let quality = parts
                .find_map(|p| p.trim().strip_prefix("q="))
                .map_or(Some(1.0), |q| q.trim().parse::<f32>().ok())
                .unwrap_or(0.0);
            if quality > best.1 {
                best = (locale, quality);
            }
        }
        best.0
    }

    fn id(self) -> &'static LanguageIdentifier {
        match self {
            Self::En => &ENGLISH,
            Self::Fr => &FRENCH,
        }
    }

    /// The text of a message without parameters.
    pub fn text(self, key: &str) -> String {
        LOCALES.lookup(self.id(), key)
    }

    /// The text of a message with named text parameters.
    pub fn text_with(self, key: &str, args: &[(&'static str, &str)]) -> String {
        let args: HashMap<_, _> = args
            .iter()
            .map(|(name, value)| (Cow::Borrowed(*name), FluentValue::from(*value)))
            .collect();
        LOCALES.lookup_with_args(self.id(), key, &args)
    }

    /// The text of a message that counts: `$n` chooses the plural, `$count` is the number as written in the language.
    pub fn counted(self, key: &str, n: i64) -> String {
        let args = HashMap::from([
            (Cow::Borrowed("n"), FluentValue::from(n)),
            (Cow::Borrowed("count"), FluentValue::from(self.number(n))),
        ]);
        LOCALES.lookup_with_args(self.id(), key, &args)
    }

    /// A whole number with its thousands apart: `12,345` or `12 345` (narrow no-break space).
    pub fn number(self, n: i64) -> String {
        let separator = match self {
            Self::En => ',',
            Self::Fr => '\u{202f}',
        };
        let digits = n.unsigned_abs().to_string();
        let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
        if n < 0 {
            out.push('-');
        }
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                out.push(separator);
            }
            out.push(digit);
        }
        out
    }

    /// A day: `12 March 2026`, `12 mars 2026`.
    pub fn date(self, at: DateTime<Utc>) -> String {
        let month = self.text(MONTHS[at.month0() as usize]);
        self.text_with(
            "date-day",
            &[
                ("day", &self.day_of_month(at.day())),
                ("month", &month),
                ("year", &at.year().to_string()),
            ],
        )
    }

    /// A month: `March 2026`, `mars 2026`.
    pub fn month(self, at: DateTime<Utc>) -> String {
        let month = self.text(MONTHS[at.month0() as usize]);
        self.text_with(
            "date-month",
            &[("month", &month), ("year", &at.year().to_string())],
        )
    }

    /// A day and time in UTC: `12 March 2026 at 14:05 UTC`.
    pub fn date_time(self, at: DateTime<Utc>) -> String {
        let time = format!("{:02}:{:02}", at.hour(), at.minute());
        self.text_with("date-time", &[("date", &self.date(at)), ("time", &time)])
    }

    /// How long ago, shortly: `now`, `5 min`, `3 h`, `2 d`, and the day itself from a week on.
    pub fn ago(self, at: DateTime<Utc>, now: DateTime<Utc>) -> String {
        let minutes = (now - at).num_minutes();
        match minutes {
            ..1 => self.text("ago-now"),
            1..60 => self.counted("ago-minutes", minutes),
            60..1440 => self.counted("ago-hours", minutes / 60),
            1440..10080 => self.counted("ago-days", minutes / 1440),
            _ => self.date(at),
        }
    }

    /// The first of the month is an ordinal in French.
    fn day_of_month(self, day: u32) -> String {
        match (self, day) {
            (Self::Fr, 1) => "1er".to_owned(),
            _ => day.to_string(),
        }
    }
}

const MONTHS: [&str; 12] = [
    "month-1", "month-2", "month-3", "month-4", "month-5", "month-6", "month-7", "month-8", "month-9",
    "month-10", "month-11", "month-12",
];

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, TimeZone};

    use super::*;

    #[test]
    fn negotiates_by_quality_then_order() {
        let table = [
            ("", Locale::En),
            ("fr", Locale::Fr),
            ("fr-CA,fr;q=0.9,en;q=0.8", Locale::Fr),
            ("en-GB,fr;q=0.9", Locale::En),
            ("de, fr;q=0.3, en;q=0.2", Locale::Fr),
            ("fr;q=0, en;q=0.1", Locale::En),
            ("fr;q=rubbish, en;q=0.1", Locale::En),
            ("ja", Locale::En),
            ("fr;q=0.5, en;q=0.5", Locale::Fr),
        ];
        for (header, expected) in table {
            assert_eq!(Locale::negotiate(header), expected, "{header}");
        }
    }

    #[test]
    fn numbers_are_grouped() {
        let table = [
            (0, "0", "0"),
            (999, "999", "999"),
            (1_000, "1,000", "1\u{202f}000"),
            (-12_345_678, "-12,345,678", "-12\u{202f}345\u{202f}678"),
        ];
        for (n, en, fr) in table {
            assert_eq!(Locale::En.number(n), en);
            assert_eq!(Locale::Fr.number(n), fr);
        }
    }

    #[test]
    fn dates_read_naturally() {
        let at = Utc
            .with_ymd_and_hms(2026, 8, 1, 9, 5, 0)
            .single()
            .expect("a valid date");
        assert_eq!(Locale::En.date(at), "1 August 2026");
        assert_eq!(Locale::Fr.date(at), "1er août 2026");
        assert_eq!(Locale::En.date_time(at), "1 August 2026 at 09:05 UTC");
        assert_eq!(Locale::Fr.month(at), "août 2026");
    }

    #[test]
    fn ages_change_unit_at_the_boundaries() {
        let now = Utc
            .with_ymd_and_hms(2026, 8, 12, 12, 0, 0)
            .single()
            .expect("a valid date");
        let table = [
            (-30, "now"),
            (59, "now"),
            (60, "1 min"),
            (3_599, "59 min"),
            (3_600, "1 h"),
            (86_399, "23 h"),
            (86_400, "1 d"),
            (604_799, "6 d"),
            (604_800, "5 August 2026"),
        ];
        for (seconds, expected) in table {
            assert_eq!(
                Locale::En.ago(now - TimeDelta::seconds(seconds), now),
                expected,
                "{seconds}"
            );
        }
    }

    #[test]
    fn plurals_follow_each_language() {
        assert_eq!(Locale::En.counted("count-followers", 0), "0 followers");
        assert_eq!(Locale::En.counted("count-followers", 1), "1 follower");
        assert_eq!(Locale::Fr.counted("count-followers", 0), "0 abonné");
        assert_eq!(Locale::Fr.counted("count-followers", 2), "2 abonnés");
    }
}
