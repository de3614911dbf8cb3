//! What was said and boosted, as somebody who reads along would note it.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use pouet_model::ids::StatusId;

/// Everything that happened. People are numbers.
#[derive(Default)]
pub(super) struct Log {
    said: HashMap<String, Vec<(usize, DateTime<Utc>)>>,
    linked: HashMap<String, Vec<(usize, DateTime<Utc>)>>,
    boosted: HashMap<StatusId, Vec<(usize, DateTime<Utc>)>>,
    /// Statuses that somebody was paid to boost.
    pub(super) bought: HashSet<StatusId>,
    /// Statuses that are planned to be taken up by several people.
    pub(super) planned: HashSet<StatusId>,
    /// Statuses about what the week began with.
    pub(super) stale: Vec<StatusId>,
}

impl Log {
    pub(super) fn said(&mut self, tag: &str, who: usize, by_ring: bool, at: DateTime<Utc>) {
        if !by_ring {
            self.said.entry(tag.to_owned()).or_default().push((who, at));
        }
    }

    pub(super) fn linked(&mut self, link: &str, who: usize, by_ring: bool, at: DateTime<Utc>) {
        if !by_ring {
            self.linked.entry(link.to_owned()).or_default().push((who, at));
        }
    }

    /// How many people posted a link since.
    pub(super) fn people_linking(&self, link: &str, since: DateTime<Utc>) -> usize {
        self.linked.get(link).map_or(0, |linked| people(linked, since))
    }

    pub(super) fn boosted(&mut self, id: StatusId, who: usize, at: DateTime<Utc>) {
        self.boosted.entry(id).or_default().push((who, at));
    }

    /// How many people said a hashtag since.
    pub(super) fn people_saying(&self, tag: &str, since: DateTime<Utc>) -> usize {
        self.said.get(tag).map_or(0, |said| people(said, since))
    }

    /// How many people boosted a status since.
    pub(super) fn people_boosting(&self, id: StatusId, since: DateTime<Utc>) -> usize {
        self.boosted.get(&id).map_or(0, |boosted| people(boosted, since))
    }

    /// Hashtags that at least `many` people said since.
    pub(super) fn on_all_lips(&self, since: DateTime<Utc>, many: usize) -> Vec<String> {
        let mut found: Vec<String> = self
            .said
            .keys()
            .filter(|tag| self.people_saying(tag, since) >= many)
            .cloned()
            .collect();
        found.sort();
        found
    }
}

fn people(acts: &[(usize, DateTime<Utc>)], since: DateTime<Utc>) -> usize {
    let people: HashSet<usize> = acts
        .iter()
        .filter(|(_, at)| *at >= since)
        .map(|(who, _)| *who)
        .collect();
    people.len()
}
