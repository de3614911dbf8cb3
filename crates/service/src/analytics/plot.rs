//! Plots as SVG: they need no script, and read as well on paper.

use std::fmt::Write as _;

use chrono::NaiveDate;
use pouet_storage::analytics::LEAST_READS;

/// Width of a plot, in its own units.
const WIDTH: i64 = 720;
/// Height of a plot.
const HEIGHT: i64 = 200;
/// Room for the words above and below the bars.
const MARGIN: i64 = 24;

/// A bar for each day, or hardly one where there is no number: it was too small to be told. The tallest one reaches
/// the top; each says its day and number to whoever points at it or has it read out.
pub fn bars(days: &[(NaiveDate, Option<i64>)], title: &str) -> String {
    let most = days
        .iter()
        .filter_map(|(_, count)| *count)
        .max()
        .unwrap_or(0)
        .max(1);
    let count = i64::try_from(days.len()).unwrap_or(1).max(1);
    let title = escape(title);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         aria-label=\"{title}\"><title>{title}</title>"
    );
    let room = HEIGHT - 2 * MARGIN;
    for (index, (day, value)) in (0i64..).zip(days) {
        let (left, right) = (index * WIDTH / count, (index + 1) * WIDTH / count);
        let height = value.map_or(1, |value| value * room / most);
        let words = value.map_or_else(|| format!("under {LEAST_READS}"), |value| value.to_string());
        let (top, width) = (HEIGHT - MARGIN - height, (right - left - 1).max(1));
        // Writing to a text does not fail.
        let _ = write!(
            svg,
            "<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" fill=\"currentColor\">\
             <title>{day}: {words}</title></rect>"
        );
    }
    let baseline = HEIGHT - 6;
    if let (Some((first, _)), Some((last, _))) = (days.first(), days.last()) {
        let _ = write!(
            svg,
            "<text x=\"0\" y=\"{baseline}\" font-size=\"12\">{first}</text>\
             <text x=\"{WIDTH}\" y=\"{baseline}\" font-size=\"12\" text-anchor=\"end\">{last}</text>\
             <text x=\"0\" y=\"16\" font-size=\"12\">{most}</text>"
        );
    }
    svg.push_str("</svg>");
    svg
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tallest_bar_reaches_the_top_and_words_are_escaped() {
        let day = |number| NaiveDate::from_ymd_opt(2026, 11, number).expect("a day");
        let svg = bars(
            &[(day(1), Some(5)), (day(2), Some(10)), (day(3), None)],
            "Views & \"more\"",
        );
        assert!(
            svg.contains("aria-label=\"Views &amp; &quot;more&quot;\""),
            "{svg}"
        );
        assert!(
            svg.contains("height=\"152\" fill=\"currentColor\"><title>2026-11-02: 10<"),
            "{svg}"
        );
        assert!(svg.contains("height=\"76\""), "{svg}");
        assert!(svg.contains("<title>2026-11-03: under 5<"), "{svg}");
        assert_eq!(svg.matches("<rect").count(), 3);
        assert!(bars(&[], "nothing").ends_with("</svg>"));
    }
}
