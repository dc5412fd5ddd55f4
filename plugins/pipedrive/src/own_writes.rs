//! What this process wrote lately: the search shows it only after some seconds, and
//! nobody must create a second time what it does not show yet.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use crate::snapshot::{Holder, KeyHash};

/// How long the search may not show a write. Recordings of the API wait 10 s.
pub(crate) const SEARCH_LAG: Duration = Duration::from_secs(30);

/// How long writes are remembered, well over the search's lag.
const MEMORY: Duration = Duration::from_secs(60);

/// Most writes remembered. Those that have to be forgotten before their time are looked
/// for in the list of recent changes instead.
pub(crate) const MOST: usize = 50_000;

/// The writes of the last while.
#[derive(Debug, Default)]
pub(crate) struct OwnWrites {
    records: HashMap<u64, Written>,
    /// When each was written, the oldest first. A record that was written again is in it
    /// twice.
    order: VecDeque<(Duration, u64)>,
    /// Creates that got no answer: they may have happened.
    uncertain: VecDeque<(Duration, KeyHash)>,
    /// When the last write was made that had to be forgotten early.
    forgotten: Option<Duration>,
}

#[derive(Debug)]
struct Written {
    at: Duration,
    /// The keys it holds; none when it was deleted.
    keys: Vec<KeyHash>,
}

impl OwnWrites {
    /// A record was written, and holds these keys alone.
    pub(crate) fn wrote(&mut self, id: u64, keys: Vec<KeyHash>, now: Duration) {
        self.records.insert(id, Written { at: now, keys });
        self.order.push_back((now, id));
    }

    /// A create with this key got no answer.
    pub(crate) fn unsure(&mut self, key: KeyHash, now: Duration) {
        self.uncertain.push_back((now, key));
    }

    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether the record is among them.
    pub(crate) fn has(&self, id: u64) -> bool {
        self.records.contains_key(&id)
    }

    /// All holders they know of.
    pub(crate) fn holders(&self) -> impl Iterator<Item = Holder> + '_ {
        self.records
            .iter()
            .flat_map(|(id, written)| written.keys.iter().map(move |key| (*key, *id)))
    }

    /// Forgets what the search shows by now, and what is too much to keep.
    pub(crate) fn expire(&mut self, now: Duration) {
        while let Some((at, id)) = self.order.front().copied() {
            let is_old = now.saturating_sub(at) > MEMORY;
            if !is_old && self.order.len() <= MOST {
                break;
            }
            if !is_old {
                self.forgotten = self.forgotten.max(Some(at));
            }
            self.order.pop_front();
            if self.records.get(&id).is_some_and(|written| written.at <= at) {
                self.records.remove(&id);
            }
        }
    }

    /// Forgets the creates without an answer that the search shows by now, if they
    /// happened.
    pub(crate) fn expire_uncertain(&mut self, now: Duration) {
        self.uncertain.retain(|(at, _)| now.saturating_sub(*at) <= MEMORY);
    }

    /// Takes out the writes made before `until`: records and the keys they hold.
    pub(crate) fn take_until(&mut self, until: Duration) -> (HashSet<u64>, Vec<Holder>) {
        let mut taken = HashSet::new();
        let mut holders = Vec::new();
        while let Some((_, id)) = self.order.front().copied().filter(|(at, _)| *at < until) {
            self.order.pop_front();
            if self.records.get(&id).is_some_and(|written| written.at < until)
                && let Some(written) = self.records.remove(&id)
            {
                taken.insert(id);
                holders.extend(written.keys.into_iter().map(|key| (key, id)));
            }
        }
        (taken, holders)
    }

    /// Since when the search cannot be trusted for these keys, if at all.
    pub(crate) fn unsearchable_since(
        &self,
        now: Duration,
        is_wanted: impl Fn(&KeyHash) -> bool,
    ) -> Option<Duration> {
        let uncertain = self
            .uncertain
            .iter()
            .filter(|(_, key)| is_wanted(key))
            .map(|(at, _)| *at);
        // When the last forgotten write is that recent, so may be any of the window.
        let is_recent = |at: &Duration| now.saturating_sub(*at) <= SEARCH_LAG;
        let forgotten = self
            .forgotten
            .filter(is_recent)
            .map(|_| now.saturating_sub(SEARCH_LAG));
        uncertain.filter(is_recent).chain(forgotten).min()
    }
}
