//! What was read since the sums were last written, in memory.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};
use pouet_model::ids::StatusId;
use pouet_storage::analytics::Reads;
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

#[derive(Debug, Default)]
struct State {
    hour: i64,
    key: [u8; 32],
    seen: HashSet<[u8; 16]>,
    pending: HashMap<(StatusId, i64), Reads>,
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
        }
        if state.seen.len() >= MAX_SEEN {
            return Ok(());
        }
        let digest = Sha256::new()
            .chain_update(state.key)
            .chain_update([act as u8])
            .chain_update(status.0.to_be_bytes())
            .chain_update(reader.name())
            .finalize();
        let mut mark = [0; 16];
        mark.copy_from_slice(&digest[..16]);
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
    pub(super) fn take(&self) -> HashMap<(StatusId, i64), Reads> {
        std::mem::take(&mut self.state().pending)
    }

    /// Gives back what could not be written.
    pub(super) fn put_back(&self, unwritten: HashMap<(StatusId, i64), Reads>) {
        let mut state = self.state();
        for (key, reads) in unwritten {
            *state.pending.entry(key).or_default() += reads;
        }
    }
}
