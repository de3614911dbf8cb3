//! What authors learn, as a file for spreadsheets.

use chrono::NaiveDate;

use super::DayAnalytics;

/// Names of the columns.
const COLUMNS: &str = "day,statuses,impressions,engagements,detail_openings,media_engagements,profile_clicks,link_clicks,\
                       favourites,reblogs,replies";

/// The days as CSV (RFC 4180); what is not told is an empty cell. Cells are days and numbers alone, never a text of
/// anybody: no spreadsheet finds a formula in them, and none needs quotes.
pub fn csv(days: &[(NaiveDate, DayAnalytics)]) -> String {
    let row = |(day, row): &(NaiveDate, DayAnalytics)| {
        let numbers = [
            Some(row.statuses),
            row.reads.impressions,
            Some(row.engagements()),
            row.reads.detail_openings,
            row.reads.media_engagements,
            row.reads.profile_clicks,
            row.reads.link_clicks,
            Some(row.favourites),
            Some(row.reblogs),
            Some(row.replies),
        ];
        // A count below nothing would begin like a formula.
        let cell = |number: Option<i64>| number.map_or_else(String::new, |number| number.max(0).to_string());
        format!("{day},{}\r\n", numbers.map(cell).join(","))
    };
    let rows: String = days.iter().map(row).collect();
    format!("{COLUMNS}\r\n{rows}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytics::ToldReads;

    #[test]
    fn no_cell_begins_like_a_formula() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 24).expect("a day");
        let row = DayAnalytics {
            statuses: 3,
            reads: ToldReads {
                impressions: Some(12),
                detail_openings: Some(5),
                ..ToldReads::default()
            },
            favourites: -2,
            ..DayAnalytics::default()
        };
        let text = csv(&[(day, row)]);
        let lines: Vec<&str> = text.split_terminator("\r\n").collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[1], "2026-11-24,3,12,3,5,,,,0,0,0");
        let columns = lines[0].split(',').count();
        for line in lines {
            assert_eq!(line.split(',').count(), columns);
            for cell in line.split(',') {
                assert!(
                    cell.is_empty() || cell.starts_with(|c: char| c.is_ascii_alphanumeric()),
                    "{cell} in {text}"
                );
            }
        }
    }
}
