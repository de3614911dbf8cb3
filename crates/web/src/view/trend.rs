//! Trends as shown on pages.

use super::{LinkView, StatusCard};

/// Height of the tallest bar of a little chart.
const TALLEST: i64 = 18;
/// Room that a bar takes.
const STEP: i64 = 8;

/// A hashtag that trends.
#[derive(Clone, Debug)]
pub struct TrendingTag {
    /// Its name as it is written.
    pub name: String,
    /// Its page.
    pub url: String,
    /// How many people, in words.
    pub reason: String,
    /// What the little chart says, in words.
    pub days_label: String,
    /// The people of seven days, the oldest first.
    pub bars: Vec<Bar>,
}

/// A bar of a little chart, in its units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// From the left.
    pub x: i64,
    /// From the top.
    pub y: i64,
    /// Its height.
    pub height: i64,
}

impl Bar {
    /// Bars for numbers, the first at the left; of nothing a line is left.
    pub fn row(numbers: &[i64]) -> Vec<Self> {
        let most = numbers.iter().copied().max().unwrap_or(0).max(1);
        (0..)
            .zip(numbers)
            .map(|(index, number)| {
                let height = 1 + (TALLEST * (*number).max(0)) / most;
                Self {
                    x: index * STEP,
                    y: TALLEST + 2 - height,
                    height,
                }
            })
            .collect()
    }
}

/// A status that trends.
#[derive(Clone, Debug)]
pub struct TrendingStatus {
    /// It.
    pub status: StatusCard,
    /// Why it is here, in words; empty: it says so itself.
    pub reason: String,
}

/// A link that trends.
#[derive(Clone, Debug)]
pub struct TrendingLink {
    /// It.
    pub link: LinkView,
    /// How many people, in words.
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_fit_the_chart() {
        let heights = |numbers: &[i64]| -> Vec<i64> {
            Bar::row(numbers)
                .iter()
                .inspect(|bar| assert_eq!(bar.y + bar.height, 20))
                .map(|bar| bar.height)
                .collect()
        };
        assert_eq!(heights(&[0, 1, 2, 4]), [1, 5, 10, 19]);
        assert_eq!(heights(&[0, 0]), [1, 1]);
        assert_eq!(heights(&[]), [0; 0]);
        assert_eq!(Bar::row(&[1; 7])[6].x, 48);
    }
}
