//! What was read since the sums were last written, in memory.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};
use pouet_model::ids::StatusId;
use pouet_storage::analytics::{NewReads, Reads};
use sha2::{Digest as _, Sha256};

use super::{DAY, MAX_SEEN, Reader};
use crate::{error::Result, secrets::random_bytes};

/// What somebody did with a status.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Act {
    /// It was shown to them.
    Saw,
    /// They opened it.
    Opened,
    /// They opened or played a file of it.
    OpenedMedia,
    /// They went on to its author's profile.
    OpenedProfile,
    /// They followed a link in it.
    FollowedLink,
}

/// What was read since the sums were last written, and by how many.
#[derive(Debug, Default)]
pub(crate) struct Counters(Mutex<State>);

/// Readings of one reader that are told apart within an hour: nobody reads more, and what one does keeps others from
/// being counted only where many do.
const MAX_SEEN_OF_ONE: u32 = 10_000;

#[derive(Debug, Default)]
struct State {
    hour: i64,
    key: [u8; 32],
    seen: HashSet<[u8; 16]>,
    /// How many of them are whose.
    of_one: HashMap<[u8; 16], u32>,
    /// Whether it was said in this hour that something is not counted.
    has_warned: bool,
    pending: HashMap<(StatusId, i64), Reads>,
}

impl State {
    /// What stands for something in memory, for an hour.
    fn hash(&self, parts: &[&[u8]]) -> [u8; 16] {
        let mut hasher = Sha256::new().chain_update(self.key);
        for part in parts {
            hasher.update(part);
        }
        let mut short = [0; 16];
        short.copy_from_slice(&hasher.finalize()[..16]);
        short
    }
}

impl Counters {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts what `reader` did, once an hour.
    pub(super) fn count(
        &self,
        act: Act,
        status: StatusId,
        reader: &Reader,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let mut state = self.state();
        let hour = now.timestamp().div_euclid(3600);
        if state.hour != hour {
            state.key = random_bytes()?;
            state.hour = hour;
            state.seen = HashSet::new();
            state.of_one = HashMap::new();
            state.has_warned = false;
        }
        let (whose, mark) = (
            state.hash(&[reader.name()]),
            state.hash(&[&[act as u8], &status.0.to_be_bytes(), reader.name()]),
        );
        if state.seen.contains(&mark) {
            return Ok(());
        }
        let of_one = state.of_one.get(&whose).copied().unwrap_or_default();
        if of_one >= MAX_SEEN_OF_ONE || state.seen.len() >= MAX_SEEN {
            if !state.has_warned {
                state.has_warned = true;
                let (all, readers) = (state.seen.len(), state.of_one.len());
                tracing::warn!(all, readers, of_one, "more is read in an hour than is counted");
            }
            return Ok(());
        }
        state.of_one.insert(whose, of_one + 1);
        if state.seen.insert(mark) {
            let day = now.timestamp_millis().div_euclid(DAY);
            let reads = state.pending.entry((status, day)).or_default();
            let counted = match act {
                Act::Saw => &mut reads.impressions,
                Act::Opened => &mut reads.detail_openings,
                Act::OpenedMedia => &mut reads.media_engagements,
                Act::OpenedProfile => &mut reads.profile_clicks,
                Act::FollowedLink => &mut reads.link_clicks,
            };
            *counted += 1;
        }
        Ok(())
    }

    /// What is to be written.
    pub(super) fn take(&self) -> Vec<NewReads> {
        std::mem::take(&mut self.state().pending)
            .into_iter()
            .map(|((status, day), reads)| NewReads { status, day, reads })
            .collect()
    }

    /// Gives back what could not be written.
    pub(super) fn put_back<'a>(&self, unwritten: impl IntoIterator<Item = &'a NewReads>) {
        let mut state = self.state();
        for new in unwritten {
            *state.pending.entry((new.status, new.day)).or_default() += new.reads;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_reader_does_not_keep_others_from_being_counted() {
        let counters = Counters::default();
        let now: DateTime<Utc> = "2026-11-23T10:00:00Z".parse().unwrap();
        let visitor = |last| Reader::visitor([192, 0, 2, last].into(), Some("Mozilla/5.0")).unwrap();
        let count = |status, reader: &Reader, now| {
            counters.count(Act::Saw, StatusId(status), reader, now).unwrap();
        };
        let most = i64::from(MAX_SEEN_OF_ONE);
        for status in 0..most + 5 {
            count(status, &visitor(1), now);
            count(0, &visitor(1), now);
        }
        assert_eq!(counters.take().len() as i64, most);
        count(most + 1, &visitor(2), now);
        assert_eq!(counters.take().len(), 1, "others are counted");
        count(most + 1, &visitor(1), now + chrono::TimeDelta::hours(1));
        assert_eq!(counters.take().len(), 1, "so are they in the next hour");
    }
}
