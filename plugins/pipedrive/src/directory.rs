//! Directory: what an account knows of the records the tool has of one kind.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use outflow_core::Key;

use crate::candidates::{Candidate, Candidates};
use crate::own_writes::{self, OwnWrites};
use crate::snapshot::{Holder, KeyHash, KeyHasher, Snapshot};

/// Most keys a snapshot keeps, some 24 MB. A larger account has none, and each look-up
/// chooses anew between scan and search.
const MOST_KEYS: usize = 1_000_000;

/// The records of one kind.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    /// One look-up at a time: two scans side by side would cost double.
    turn: tokio::sync::Mutex<()>,
    hasher: KeyHasher,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    snapshot: Option<Snapshot>,
    /// How many records there are, as far as a scan could tell.
    total: Option<u64>,
    own: OwnWrites,
    /// Records known to have changed since the snapshot: what catching up costs at least.
    changed: u64,
    candidates: Candidates,
}

/// What a look-up can start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// Everything that was there at this time, and that at least so many records have
    /// changed since.
    Until { as_of: Timestamp, changed: u64 },
    /// At most how many records there are.
    Count(Option<u64>),
}

impl Directory {
    /// Waits for one's turn to look up.
    pub(crate) async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    pub(crate) fn hash(&self, key: &Key) -> KeyHash {
        self.hasher.hash(key.as_str())
    }

    pub(crate) fn holders<'a>(&'a self, id: u64, keys: &'a [Key]) -> impl Iterator<Item = Holder> + 'a {
        keys.iter().map(move |key| (self.hash(key), id))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves counts behind, not broken invariants.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A record was created.
    pub(crate) fn created(&self, id: u64, keys: &[Key], now: Duration) {
        let mut state = self.state();
        state.total = state.total.map(|total| total + 1);
        state.wrote(id, keys.iter().map(|key| self.hash(key)).collect(), now);
    }

    /// A record was written; its keys are given when they may have changed.
    pub(crate) fn updated(&self, id: u64, keys: Option<&[Key]>, now: Duration) {
        let mut state = self.state();
        match keys {
            Some(keys) => state.wrote(id, keys.iter().map(|key| self.hash(key)).collect(), now),
            None => state.changed += 1,
        }
    }

    /// A record was deleted, or turned out to be gone.
    pub(crate) fn gone(&self, id: u64, now: Duration) {
        let mut state = self.state();
        state.total = state.total.map(|total| total.saturating_sub(1));
        state.candidates.clear(id);
        state.wrote(id, Vec::new(), now);
    }

    /// A create with this key got no answer.
    pub(crate) fn unsure(&self, key: &Key, now: Duration) {
        let key = self.hash(key);
        self.state().own.unsure(key, now);
    }

    pub(crate) fn known(&self, now: Duration) -> Known {
        let mut state = self.state();
        state.own.expire_uncertain(now);
        state.expire(now);
        match &state.snapshot {
            Some(snapshot) => Known::Until { as_of: snapshot.as_of, changed: state.changed },
            None => Known::Count(state.total),
        }
    }

    /// How many records there seem to be.
    pub(crate) fn estimate_total(&self, total: u64) {
        self.state().total = Some(total);
    }

    /// A scan read all records: so many, holding these keys. It began `at` this time of
    /// ours. Too many to keep means no snapshot.
    pub(crate) fn scanned(&self, total: u64, holders: Option<Vec<Holder>>, as_of: Timestamp, at: Duration) {
        let mut state = self.state();
        state.total = Some(total);
        state.snapshot = holders.map(|holders| Snapshot::new(holders, as_of));
        state.changed = 0;
        // What was written while it read stays apart; the rest it has seen.
        if state.snapshot.is_some() {
            drop(state.own.take_until(at));
        }
    }

    /// The changes since the snapshot were read: these records, holding these keys. The
    /// reading began `at` this time of ours.
    pub(crate) fn caught_up(
        &self,
        mut changed: HashSet<u64>,
        mut holders: Vec<Holder>,
        as_of: Timestamp,
        at: Duration,
    ) {
        let mut state = self.state();
        let (own, own_holders) = state.own.take_until(at);
        // What the tool showed is newer than what we had written. The others of ours were
        // deleted, and are shown no more.
        holders.extend(own_holders.into_iter().filter(|(_, id)| !changed.contains(id)));
        changed.extend(own);
        state.changed = 0;
        if let Some(snapshot) = &mut state.snapshot {
            snapshot.replace(&changed, holders);
            snapshot.as_of = as_of;
        }
        state.bound_snapshot();
    }

    /// Catching up was given up after so many changed records.
    pub(crate) fn fell_behind(&self, changed: u64) {
        let mut state = self.state();
        state.changed = state.changed.max(changed);
    }

    /// Who holds this key by the snapshot.
    pub(crate) fn in_snapshot(&self, key: KeyHash) -> Vec<u64> {
        let state = self.state();
        let ids = state.snapshot.as_ref().map(|snapshot| snapshot.ids(key));
        ids.into_iter().flatten().collect()
    }

    /// The holders that our own writes know of, of the keys that are wanted.
    pub(crate) fn own_holders(&self, is_wanted: impl Fn(&KeyHash) -> bool) -> Vec<Holder> {
        let state = self.state();
        let wanted = state.own.holders().filter(|(key, _)| is_wanted(key));
        wanted.collect()
    }

    /// Leaves out the records that we wrote ourselves: for them, our word is the newer.
    pub(crate) fn without_own(&self, hits: &mut Vec<Holder>) {
        let state = self.state();
        hits.retain(|(_, id)| !state.own.has(*id));
    }

    /// Since when the search cannot be trusted for these keys, if at all.
    pub(crate) fn unsearchable_since(
        &self,
        now: Duration,
        is_wanted: impl Fn(&KeyHash) -> bool,
    ) -> Option<Duration> {
        self.state().own.unsearchable_since(now, is_wanted)
    }

    /// Remembers the emails and phones of a record that was found or written.
    pub(crate) fn remember(&self, id: u64, candidate: Candidate) {
        self.state().candidates.insert(id, candidate);
    }

    /// Remembers that a record holds this email, unless more is known of it.
    pub(crate) fn remember_email(&self, id: u64, email: &Key, now: Duration) {
        let mut state = self.state();
        if !state.candidates.knows(id, now) {
            let candidate = Candidate::of_email(email.as_str(), now);
            state.candidates.insert(id, candidate);
        }
    }

    /// The emails and phones of a record that was found or written lately.
    pub(crate) fn recall(&self, id: u64, now: Duration) -> Option<Candidate> {
        self.state().candidates.recall(id, now)
    }
}

impl State {
    fn wrote(&mut self, id: u64, keys: Vec<KeyHash>, now: Duration) {
        self.changed += 1;
        self.own.wrote(id, keys, now);
        self.expire(now);
    }

    /// Our writes live beside a snapshot until it has caught up with them; without one,
    /// until the search has.
    fn expire(&mut self, now: Duration) {
        match &mut self.snapshot {
            None => self.own.expire(now),
            Some(snapshot) if self.own.len() >= own_writes::MOST => {
                let (written, holders) = self.own.take_until(Duration::MAX);
                snapshot.replace(&written, holders);
                self.bound_snapshot();
            }
            Some(_) => {}
        }
    }

    fn bound_snapshot(&mut self) {
        if self.snapshot.as_ref().is_some_and(|snapshot| snapshot.len() > MOST_KEYS) {
            tracing::info!(keys = MOST_KEYS, "more keys than a snapshot keeps: look-ups go without one");
            self.snapshot = None;
        }
    }
}

/// Whether a snapshot can hold so many keys.
pub(crate) fn fits_a_snapshot(keys: usize) -> bool {
    keys <= MOST_KEYS
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn scanned(directory: &Directory, keys: usize) {
        let key = |number: usize| Key::from(format!("{number}@example.com"));
        let holders = (0..keys).map(|number| (directory.hash(&key(number)), number as u64));
        let holders = Some(holders.collect());
        directory.scanned(keys as u64, holders, Timestamp::UNIX_EPOCH, SECOND);
    }

    /// A run that creates for hours and looks nothing up keeps its writes in the snapshot.
    #[test]
    fn own_writes_go_into_the_snapshot_before_they_are_too_many() {
        let directory = Directory::default();
        scanned(&directory, 10);
        for id in 0..own_writes::MOST as u64 {
            let key = Key::from(format!("new-{id}@example.com"));
            directory.created(1_000 + id, &[key], 2 * SECOND);
        }
        assert!(directory.own_holders(|_| true).is_empty());
        let last = directory.hash(&Key::from(format!("new-{}@example.com", own_writes::MOST - 1)));
        assert_eq!(directory.in_snapshot(last), [1_000 + own_writes::MOST as u64 - 1]);
    }

    #[test]
    fn more_keys_than_fit_are_no_snapshot() {
        let directory = Directory::default();
        scanned(&directory, MOST_KEYS);
        assert!(matches!(directory.known(2 * SECOND), Known::Until { .. }));
        let new = directory.hash(&Key::from("new@example.com"));
        directory.caught_up(
            HashSet::from([u64::MAX]),
            vec![(new, u64::MAX)],
            Timestamp::UNIX_EPOCH,
            3 * SECOND,
        );
        assert_eq!(directory.known(3 * SECOND), Known::Count(Some(MOST_KEYS as u64)));
        assert!(!fits_a_snapshot(MOST_KEYS + 1));
    }
}
