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
        self.records.iter().flat_map(|(id, written)| written.keys.iter().map(move |key| (*key, *id)))
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
        let uncertain = self.uncertain.iter().filter(|(_, key)| is_wanted(key)).map(|(at, _)| *at);
        // When the last forgotten write is that recent, so may be any of the window.
        let is_recent = |at: &Duration| now.saturating_sub(*at) <= SEARCH_LAG;
        let forgotten = self.forgotten.filter(is_recent).map(|_| now.saturating_sub(SEARCH_LAG));
        uncertain.filter(is_recent).chain(forgotten).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::KeyHasher;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn what_is_written_again_is_kept_by_its_last_write() {
        let hasher = KeyHasher::default();
        let mut own = OwnWrites::default();
        own.wrote(1, vec![hasher.hash("a")], SECOND);
        own.wrote(1, vec![hasher.hash("b")], 50 * SECOND);
        own.expire(70 * SECOND);
        assert_eq!(own.holders().collect::<Vec<_>>(), [(hasher.hash("b"), 1)]);
        own.expire(111 * SECOND);
        assert_eq!(own.len(), 0);
    }

    #[test]
    fn what_is_taken_out_is_as_old_as_was_asked() {
        let hasher = KeyHasher::default();
        let mut own = OwnWrites::default();
        own.wrote(1, vec![hasher.hash("a")], SECOND);
        own.wrote(2, Vec::new(), 2 * SECOND);
        own.wrote(1, vec![hasher.hash("b")], 3 * SECOND);
        let (taken, holders) = own.take_until(3 * SECOND);
        assert_eq!(taken, HashSet::from([2]));
        assert!(holders.is_empty());
        assert!(own.has(1) && !own.has(2));
    }

    /// More writes than are remembered: the search is not trusted until it has them.
    #[test]
    fn what_had_to_be_forgotten_early_is_looked_for() {
        let hasher = KeyHasher::default();
        let mut own = OwnWrites::default();
        let now = 100 * SECOND;
        for id in 0..=MOST as u64 {
            own.wrote(id, vec![hasher.hash("a")], now);
        }
        own.expire(now);
        assert_eq!(own.len(), MOST);
        let since = own.unsearchable_since(now, |_| false);
        assert_eq!(since, Some(now - SEARCH_LAG));
        assert_eq!(own.unsearchable_since(now + 2 * SEARCH_LAG, |_| false), None);
    }

    #[test]
    fn an_uncertain_create_is_looked_for_while_the_search_may_lag() {
        let hasher = KeyHasher::default();
        let mut own = OwnWrites::default();
        own.unsure(hasher.hash("a"), SECOND);
        let wanted = |key: &KeyHash| *key == hasher.hash("a");
        assert_eq!(own.unsearchable_since(2 * SECOND, wanted), Some(SECOND));
        assert_eq!(own.unsearchable_since(2 * SECOND, |_| false), None);
        assert_eq!(own.unsearchable_since(60 * SECOND, wanted), None);
        own.expire_uncertain(70 * SECOND);
        assert!(own.uncertain.is_empty());
    }
}
