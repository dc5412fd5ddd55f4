//! What search can see: records as they were about ten seconds ago.
//!
//! A written record is found only after [`LAG`]; until then search goes on with what was
//! there before. Recordings of the real service wait ten seconds before they search.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::record::Record;

/// How far search is behind, in milliseconds.
pub(super) const LAG: i64 = 10_000;

/// Which of a record's values is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Part {
    Name,
    Email,
    Phone,
}

/// States of one record, each with the time until which search sees it.
type Past = VecDeque<(i64, Option<Arc<Record>>)>;

/// Finds records by an exact value, and tells what search sees of a record.
#[derive(Default)]
pub(super) struct SearchIndex {
    /// Candidates by the hash of a part and its value in lower case. It holds a value as
    /// long as any state that search may still see has it, so hits must be verified.
    exact: HashMap<u64, Ids>,
    /// States of recently changed records, each seen until the time beside it. What comes
    /// after the last one is the record itself.
    past: HashMap<u64, Past>,
    expiries: VecDeque<(i64, u64)>,
}

impl SearchIndex {
    /// What search sees of a record now: nothing of one that it does not know yet, and
    /// still something of one that has just been deleted.
    pub(super) fn seen<'a>(&'a self, id: u64, current: Option<&'a Arc<Record>>) -> Option<&'a Arc<Record>> {
        match self.past.get(&id).and_then(VecDeque::front) {
            Some((_, past)) => past.as_ref(),
            None => current.filter(|record| record.deleted.is_none()),
        }
    }

    /// Records that may have this value, by id.
    pub(super) fn candidates(&self, part: Part, value: &str) -> Vec<u64> {
        let mut ids = match self.exact.get(&hash(part, value)) {
            None => Vec::new(),
            Some(Ids::One(id)) => vec![*id],
            Some(Ids::Many(ids)) => ids.clone(),
        };
        ids.sort_unstable();
        ids
    }

    /// A record that search sees at once.
    pub(super) fn add(&mut self, record: &Record) {
        for key in keys(record) {
            self.exact.entry(key).or_insert(Ids::One(record.id)).add(record.id);
        }
    }

    /// A record has changed from one state to another.
    pub(super) fn changed(&mut self, now_ms: i64, before: Option<&Arc<Record>>, after: Option<&Arc<Record>>) {
        let Some(record) = after.or(before) else {
            return;
        };
        let until = now_ms + LAG;
        let past = self.past.entry(record.id).or_default();
        past.push_back((until, before.filter(|record| record.deleted.is_none()).cloned()));
        self.expiries.push_back((until, record.id));
        if let Some(after) = after {
            self.add(after);
        }
    }

    /// Drops the states whose time is over, and the values only they had.
    pub(super) fn advance(&mut self, now_ms: i64, current: &BTreeMap<u64, Arc<Record>>) {
        while let Some((_, id)) = self.expiries.pop_front_if(|(until, _)| *until <= now_ms) {
            let Some(past) = self.past.get_mut(&id) else {
                continue;
            };
            let gone = past.pop_front().and_then(|(_, record)| record);
            if past.is_empty() {
                self.past.remove(&id);
            }
            if let Some(gone) = gone {
                self.drop_values(&gone, current.get(&id));
            }
        }
    }

    /// A record is gone for good.
    pub(super) fn forget(&mut self, record: &Record) {
        self.drop_values(record, None);
    }

    fn drop_values(&mut self, gone: &Record, current: Option<&Arc<Record>>) {
        let mut kept: Vec<u64> = current.map(|record| keys(record)).unwrap_or_default();
        for (_, past) in self.past.get(&gone.id).into_iter().flatten() {
            kept.extend(past.iter().flat_map(|record| keys(record)));
        }
        for key in keys(gone) {
            if !kept.contains(&key) {
                self.remove(key, gone.id);
            }
        }
    }

    fn remove(&mut self, key: u64, id: u64) {
        let Some(ids) = self.exact.get_mut(&key) else {
            return;
        };
        if ids.remove(id) {
            self.exact.remove(&key);
        }
    }
}

/// One id, as nearly always, or several.
enum Ids {
    One(u64),
    Many(Vec<u64>),
}

impl Ids {
    fn add(&mut self, id: u64) {
        match self {
            Self::One(one) if *one == id => {}
            Self::One(one) => *self = Self::Many(vec![*one, id]),
            Self::Many(ids) if ids.contains(&id) => {}
            Self::Many(ids) => ids.push(id),
        }
    }

    /// Says whether none is left.
    fn remove(&mut self, id: u64) -> bool {
        match self {
            Self::One(one) => *one == id,
            Self::Many(ids) => {
                ids.retain(|other| *other != id);
                ids.is_empty()
            }
        }
    }
}

fn keys(record: &Record) -> Vec<u64> {
    let name = std::iter::once((Part::Name, record.name.as_str()));
    let emails = record.emails().iter().map(|email| (Part::Email, email.value.as_str()));
    let phones = record.phones().iter().map(|phone| (Part::Phone, phone.value.as_str()));
    name.chain(emails).chain(phones).map(|(part, value)| hash(part, value)).collect()
}

fn hash(part: Part, value: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    part.hash(&mut hasher);
    value.to_lowercase().hash(&mut hasher);
    hasher.finish()
}
