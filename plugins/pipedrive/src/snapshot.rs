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
        self.holders[start..]
            .iter()
            .take_while(move |(held, _)| *held == key)
            .map(|(_, id)| *id)
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
