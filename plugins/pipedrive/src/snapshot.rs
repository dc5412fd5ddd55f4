//! A compact picture of who holds which key, for all records of one kind.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use jiff::Timestamp;

/// A key's hash of 128 bits, which stands for the key: two keys with one hash are not to
/// be expected among any number of records a company has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct KeyHash([u64; 2]);

/// Hashes keys with seeds of its own, so that nobody can choose keys that collide.
#[derive(Debug, Default)]
pub(crate) struct KeyHasher(RandomState, RandomState);

impl KeyHasher {
    pub(crate) fn hash(&self, key: &str) -> KeyHash {
        KeyHash([self.0.hash_one(key), self.1.hash_one(key)])
    }
}

/// A key and the record that holds it.
pub(crate) type Holder = (KeyHash, u64);

/// Every key there was at some time, with its holders: 24 bytes for each.
#[derive(Debug)]
pub(crate) struct Snapshot {
    /// In order.
    holders: Vec<Holder>,
    /// Everything that changed before is in it, by the server's clock.
    pub(crate) as_of: Timestamp,
}

impl Snapshot {
    pub(crate) fn new(mut holders: Vec<Holder>, as_of: Timestamp) -> Self {
        holders.sort_unstable();
        holders.dedup();
        Self { holders, as_of }
    }

    pub(crate) fn len(&self) -> usize {
        self.holders.len()
    }

    /// The records that hold the key.
    pub(crate) fn ids(&self, key: KeyHash) -> impl Iterator<Item = u64> + '_ {
        let start = self.holders.partition_point(|(held, _)| *held < key);
        self.holders[start..].iter().take_while(move |(held, _)| *held == key).map(|(_, id)| *id)
    }

    /// Takes in that these records changed, and now hold these keys alone.
    pub(crate) fn replace(&mut self, changed: &HashSet<u64>, now_held: impl IntoIterator<Item = Holder>) {
        if changed.is_empty() {
            return;
        }
        self.holders.retain(|(_, id)| !changed.contains(id));
        self.holders.extend(now_held);
        self.holders.sort_unstable();
        self.holders.dedup();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_record_holds_its_new_keys_alone() {
        let hasher = KeyHasher::default();
        let hash = |key: &str| hasher.hash(key);
        let holders = vec![(hash("a"), 1), (hash("b"), 1), (hash("a"), 2)];
        let mut snapshot = Snapshot::new(holders, Timestamp::UNIX_EPOCH);
        assert_eq!(snapshot.ids(hash("a")).collect::<Vec<_>>(), [1, 2]);

        snapshot.replace(&HashSet::from([1]), [(hash("c"), 1)]);
        assert_eq!(snapshot.ids(hash("a")).collect::<Vec<_>>(), [2]);
        assert_eq!(snapshot.ids(hash("b")).count(), 0);
        assert_eq!(snapshot.ids(hash("c")).collect::<Vec<_>>(), [1]);
        assert_eq!(snapshot.len(), 2);
    }

    #[test]
    fn a_holder_takes_24_bytes() {
        assert_eq!(size_of::<Holder>(), 24);
    }
}
