//! When a delivery is repeated.

use chrono::TimeDelta;

use crate::jobs::spread;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

/// Seconds to wait after the first, second... failed attempt.
const SECONDS: [i64; 10] = [
    MINUTE,
    5 * MINUTE,
    15 * MINUTE,
    HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    24 * HOUR,
    24 * HOUR,
    24 * HOUR,
];
/// The step that the slow schedule begins with: an hour.
const SLOW_STEP: usize = 3;

/// How long to wait after `failed` failed attempts, at least 1; `None`: give up.
///
/// `retry_first_ms`: milliseconds of the first wait; the others grow in proportion. `slowly`: begin at an hour.
/// `chance` spreads deliveries that failed together over ±20 %: any number, such as the delivery's id.
pub fn delay(failed: i64, slowly: bool, retry_first_ms: i64, chance: i64) -> Option<TimeDelta> {
    let step = usize::try_from(failed.max(1) - 1).ok()?;
    SECONDS.get(step)?;
    let step = if slowly { step.max(SLOW_STEP) } else { step };
    let milliseconds = SECONDS[step].saturating_mul(retry_first_ms) / SECONDS[0];
    Some(spread(TimeDelta::milliseconds(milliseconds), chance, failed))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The wait in the middle of its spread, in seconds.
    fn middle(failed: i64, slowly: bool, retry_first_ms: i64) -> Option<i64> {
        let waits: Option<Vec<i64>> = (0..400)
            .map(|id| delay(failed, slowly, retry_first_ms, id * 104_729).map(|wait| wait.num_milliseconds()))
            .collect();
        let waits = waits?;
        let (least, most) = (waits.iter().min()?, waits.iter().max()?);
        assert!(most - least > least / 5, "no spread after {failed}");
        Some((least + most + 1000) / 2000)
    }

    #[test]
    fn waits_follow_the_table_and_end() {
        let close = |found: Option<i64>, expected: i64| {
            let found = found.expect("not given up");
            assert!(
                (found - expected).abs() <= expected / 40 + 1,
                "{found} for {expected}"
            );
        };
        for (failed, seconds) in (1..).zip(SECONDS) {
            close(middle(failed, false, 60_000), seconds);
        }
        assert_eq!(middle(11, false, 60_000), None);
        assert_eq!(middle(11, true, 60_000), None);
        let days: i64 = SECONDS.iter().sum::<i64>() / (24 * HOUR);
        assert_eq!(days, 3, "the eleventh attempt is made on the fourth day");
    }

    #[test]
    fn the_first_wait_scales_all_of_them() {
        assert_eq!(middle(1, false, 200), Some(0));
        assert_eq!(middle(4, false, 1000), Some(60));
        assert_eq!(middle(1, true, 1000), Some(60), "the slow schedule begins later");
    }
}
