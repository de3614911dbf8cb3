//! Numbers of one's own statuses, as shown on pages.

use chrono::{DateTime, Utc};

/// Height of a chart, in its units.
const HEIGHT: i64 = 100;
/// Room that a day takes in a chart.
const STEP: i64 = 10;
/// Width of a bar.
const BAR: i64 = 8;

/// A span of days to choose.
#[derive(Clone, Debug)]
pub struct SpanLink {
    /// The page that shows it.
    pub url: String,
    /// How many days.
    pub days: i64,
    /// It is shown.
    pub current: bool,
}

/// A bar of a chart, in its units.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChartBar {
    /// From the left.
    pub x: i64,
    /// From the top.
    pub y: i64,
    /// Its width.
    pub width: i64,
    /// Its height.
    pub height: i64,
    /// What it says, in words.
    pub label: String,
}

/// Numbers by day as bars. The drawing is stretched to the room that a page has; its words stand beside it.
#[derive(Clone, Debug)]
pub struct Chart {
    /// The locale key of its heading.
    pub title: &'static str,
    /// What it says, in words.
    pub label: String,
    /// Its width, in its units; it is 100 high.
    pub width: i64,
    /// One for each day with something in it, the first day at the left.
    pub bars: Vec<ChartBar>,
    /// The number at the top.
    pub top: i64,
    /// The number half-way up.
    pub half: i64,
    /// The first day.
    pub first: DateTime<Utc>,
    /// The last day.
    pub last: DateTime<Utc>,
}

impl Chart {
    /// A chart of numbers by day with what each says in words; `None` of no days, or where no number is told. A day
    /// whose number is not told has a mark on the ground.
    pub fn new(
        title: &'static str,
        label: String,
        days: Vec<(DateTime<Utc>, Option<i64>, String)>,
    ) -> Option<Self> {
        let (first, last) = (days.first()?.0, days.last()?.0);
        let top = round_up(days.iter().filter_map(|(_, number, _)| *number).max()?);
        let width = STEP * days.len() as i64;
        let bar = |(index, (_, number, label)): (i64, (DateTime<Utc>, Option<i64>, String))| {
            // Something is not drawn as nothing.
            let height = number.map_or(1, |number| (number * HEIGHT / top).max(1));
            (number != Some(0)).then_some(ChartBar {
                x: index * STEP + (STEP - BAR) / 2,
                y: HEIGHT - height,
                width: BAR,
                height,
                label,
            })
        };
        Some(Self {
            title,
            label,
            width,
            bars: (0..).zip(days).filter_map(bar).collect(),
            top,
            half: top / 2,
            first,
            last,
        })
    }
}

/// The next even number of one or two digits and noughts, for a scale that is easy to read.
fn round_up(most: i64) -> i64 {
    let mut step: i64 = 2;
    while step.saturating_mul(10) < most {
        step = step.saturating_mul(10);
    }
    (most.max(1) + step - 1) / step * step
}

/// What was done how often.
#[derive(Clone, Copy, Debug)]
pub struct NumberRow {
    /// The locale key of what.
    pub key: &'static str,
    /// How often; `None`: fewer than five times.
    pub count: Option<i64>,
    /// It is counted at all.
    pub counted: bool,
}

/// What became of one status.
#[derive(Clone, Debug)]
pub struct StatusNumbers {
    /// How often it was shown; `None`: fewer than five times.
    pub impressions: Option<i64>,
    /// The sum of `rows`, as far as they are told.
    pub engagements: i64,
    /// How often it was quoted.
    pub quotes: i64,
    /// What was done with it.
    pub rows: Vec<NumberRow>,
    /// Impressions by day, where there are several days.
    pub chart: Option<Chart>,
}

/// What became of an account's statuses on one day.
#[derive(Clone, Copy, Debug)]
pub struct DayNumbers {
    /// The day.
    pub day: DateTime<Utc>,
    /// How many it wrote.
    pub statuses: i64,
    /// How often they were shown; `None`: fewer than five times.
    pub impressions: Option<i64>,
    /// What was done with them, as far as it is told.
    pub engagements: i64,
}

/// What became of an account's statuses.
#[derive(Clone, Debug)]
pub struct AccountNumbers {
    /// How many it wrote.
    pub statuses: i64,
    /// How often they were shown; `None`: fewer than five times.
    pub impressions: Option<i64>,
    /// The sum of `rows`, as far as they are told.
    pub engagements: i64,
    /// What was done with them.
    pub rows: Vec<NumberRow>,
    /// Impressions and engagements by day.
    pub charts: Vec<Chart>,
    /// By day, the newest first.
    pub days: Vec<DayNumbers>,
}

impl AccountNumbers {
    /// Nothing happened.
    pub fn is_empty(&self) -> bool {
        self.statuses == 0 && self.impressions.is_none() && self.engagements == 0
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn scales_end_in_round_numbers() {
        let table = [
            (0, 2),
            (1, 2),
            (3, 4),
            (10, 10),
            (11, 12),
            (137, 140),
            (999, 1000),
            (1001, 1200),
        ];
        for (most, expected) in table {
            assert_eq!(round_up(most), expected, "{most}");
        }
    }

    #[test]
    fn bars_stand_on_the_ground_and_fit() {
        let numbers = [Some(0), Some(1), Some(250), Some(400), None];
        let days = (0..).zip(numbers).map(|(day, number)| {
            (
                DateTime::UNIX_EPOCH + TimeDelta::days(day),
                number,
                format!("{number:?}"),
            )
        });
        let chart = Chart::new("analytics-title", String::new(), days.collect()).expect("days");
        assert_eq!((chart.top, chart.half, chart.width), (400, 200, 50));
        let bars: Vec<_> = chart.bars.iter().map(|bar| (bar.x, bar.height)).collect();
        assert_eq!(bars, [(11, 1), (21, 62), (31, 100), (41, 1)]);
        for bar in &chart.bars {
            assert_eq!(bar.y + bar.height, HEIGHT);
            assert!(bar.x + bar.width <= chart.width);
        }
        assert!(Chart::new("analytics-title", String::new(), Vec::new()).is_none());
        let few = vec![(DateTime::UNIX_EPOCH, None, String::new()); 3];
        assert!(Chart::new("analytics-title", String::new(), few).is_none());
    }
}
