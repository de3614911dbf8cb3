//! The scores of a week as a picture for the documentation.

use std::{fmt::Write as _, path::PathBuf};

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 340.0;
/// Space around the curves: left, top, right, bottom.
const MARGIN: (f64, f64, f64, f64) = (44.0, 16.0, 150.0, 36.0);
/// Hours between two samples.
const STEP: f64 = 3.0;
/// Colours that people who see few tell apart, on light and dark ground.
const COLOURS: [&str; 6] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#7f7f7f"];

/// Draws scores by sample, one curve for each name.
pub(super) fn draw(names: &[String], samples: &[Vec<f64>]) -> String {
    let most = samples.iter().flatten().copied().fold(1.0_f64, f64::max).ceil();
    let (left, top, right, bottom) = MARGIN;
    let (width, height) = (WIDTH - left - right, HEIGHT - top - bottom);
    let hours = samples.len() as f64 * STEP;
    let x = |hour: f64| left + width * hour / hours;
    let y = |score: f64| top + height * (1.0 - score / most);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         aria-label=\"Scores of six hashtags over a simulated week\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n"
    );
    for day in 0..=7 {
        let at = x(f64::from(day) * 24.0);
        let _ = writeln!(
            svg,
            "<path d=\"M{at:.1} {top}V{:.1}\" stroke=\"#dddddd\"/>",
            top + height
        );
        if day < 7 {
            let _ = writeln!(
                svg,
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"#444444\">day {}</text>",
                at + width / 14.0,
                HEIGHT - 14.0,
                day + 1
            );
        }
    }
    for people in (0..=most as i64).step_by(2) {
        let at = y(people as f64);
        let _ = writeln!(
            svg,
            "<path d=\"M{left} {at:.1}H{:.1}\" stroke=\"#eeeeee\"/>\n\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#444444\">{people}</text>",
            left + width,
            left - 8.0,
            at + 4.0
        );
    }
    for (index, name) in names.iter().enumerate() {
        let colour = COLOURS[index % COLOURS.len()];
        let points: Vec<String> = samples
            .iter()
            .enumerate()
            .map(|(n, scores)| {
                let hour = (n as f64 + 1.0) * STEP;
                format!("{:.1},{:.1}", x(hour), y(scores[index]))
            })
            .collect();
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            points.join(" ")
        );
        let at = top + 18.0 * (index as f64 + 1.0);
        let _ = writeln!(
            svg,
            "<path d=\"M{:.1} {:.1}h18\" stroke=\"{colour}\" stroke-width=\"3\"/>\n\
             <text x=\"{:.1}\" y=\"{:.1}\" fill=\"#222222\">#{name}</text>",
            WIDTH - right + 10.0,
            at - 4.0,
            WIDTH - right + 34.0,
            at
        );
    }
    svg.push_str("</svg>\n");
    svg
}

/// Compares a picture with the one in the documentation, or writes it there (`UPDATE_DOCS=1`).
pub(super) fn compare(drawing: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/trends-week.svg");
    if std::env::var("UPDATE_DOCS").as_deref() == Ok("1") {
        std::fs::write(&path, drawing).expect("the documentation can be written");
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there == drawing,
        "docs/trends-week.svg is not what the simulation draws: run it with UPDATE_DOCS=1"
    );
}
