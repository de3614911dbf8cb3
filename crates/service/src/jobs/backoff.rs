//! When a failed job runs again.

use chrono::TimeDelta;

/// How often a job is begun before it is given up.
pub const MAX_ATTEMPTS: i64 = 8;

/// Seconds to wait after the first, second... failure.
const SECONDS: [i64; 7] = [10, 60, 5 * 60, 15 * 60, 3600, 3 * 3600, 12 * 3600];

/// How long to wait after a job has failed for the `attempts`th time; `None`: give it up.
///
/// `chance` spreads jobs that failed together over ±20 %: any number, such as the job's id.
pub fn retry_delay(attempts: i64, chance: i64) -> Option<TimeDelta> {
    let step = usize::try_from(attempts.max(1) - 1).ok()?;
    let seconds = SECONDS.get(step)?;
    Some(spread(TimeDelta::seconds(*seconds), chance, attempts))
}

/// `delay` made up to 20 % shorter or longer, decided by `chance` and `round`.
pub(crate) fn spread(delay: TimeDelta, chance: i64, round: i64) -> TimeDelta {
    let per_mille = 800 + (mixed(chance ^ round.rotate_left(32)) % 401) as i64;
    TimeDelta::milliseconds(delay.num_milliseconds().saturating_mul(per_mille) / 1000)
}

/// Some time below `limit`, decided by `chance`.
pub(crate) fn jitter(limit: TimeDelta, chance: i64) -> TimeDelta {
    let limit = limit.num_milliseconds().max(1).cast_unsigned();
    TimeDelta::milliseconds((mixed(chance) % limit).cast_signed())
}

/// Neighbouring ids have nothing in common afterwards (the finaliser of splitmix64).
fn mixed(chance: i64) -> u64 {
    let mut hash = chance.cast_unsigned();
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_and_end() {
        let centre = |attempts| {
            let delays: Vec<i64> = (0..1000)
                .map(|id| retry_delay(attempts, id * 7919).unwrap().num_seconds())
                .collect();
            delays.iter().sum::<i64>() / 1000
        };
        for (attempts, seconds) in [(1, 10), (2, 60), (3, 300), (7, 43_200)] {
            let mean = centre(attempts);
            assert!(
                (mean - seconds).abs() <= 1 + seconds / 50,
                "attempt {attempts}: {mean}"
            );
        }
        assert_eq!(retry_delay(MAX_ATTEMPTS, 1), None);
        assert_eq!(retry_delay(MAX_ATTEMPTS + 5, 1), None);
        assert_eq!(retry_delay(0, 1), retry_delay(0, 1));
    }

    #[test]
    fn spreading_stays_within_a_fifth_and_varies() {
        let hour = TimeDelta::hours(1);
        let spreads: std::collections::BTreeSet<i64> = (0..500)
            .map(|id| spread(hour, id << 16, 1).num_seconds())
            .collect();
        assert!(*spreads.first().unwrap() >= 2880 && *spreads.last().unwrap() <= 4320);
        assert!(spreads.len() > 200, "{}", spreads.len());
        assert_ne!(spread(hour, 1, 1), spread(hour, 1, 2));
    }
}
