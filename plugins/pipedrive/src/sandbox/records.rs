//! All persons, or all organizations, and the orders in which they can be listed.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Bound;
use std::sync::Arc;

use super::cursor::Cursor;
use super::record::{Draft, Record};
use super::search_index::SearchIndex;

/// A soft-deleted record is purged after 30 days (specification, "Delete a person").
const PURGE_AFTER: i64 = 30 * 24 * 60 * 60;
/// A new record's update time moves once more, so long after its creation: seen in
/// recordings, where it made the record turn up in a list of changes a second time.
const SETTLES_AFTER: i64 = 2;

/// What a list is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Id,
    AddTime,
    UpdateTime,
}

/// The records of one kind.
#[derive(Default)]
pub(super) struct Records {
    by_id: BTreeMap<u64, Arc<Record>>,
    by_add_time: BTreeSet<(i64, u64)>,
    by_update_time: BTreeSet<(i64, u64)>,
    /// What happens later: update times that settle, and purges.
    settling: VecDeque<(i64, u64)>,
    purges: VecDeque<(i64, u64)>,
    live: usize,
    pub(super) index: SearchIndex,
}

impl Records {
    /// How many there are, deleted ones not counted.
    pub(super) fn len(&self) -> usize {
        self.live
    }

    /// A record, deleted or not, until it is purged.
    pub(super) fn get(&self, id: u64) -> Option<&Arc<Record>> {
        self.by_id.get(&id)
    }

    /// A record that is not deleted.
    pub(super) fn live(&self, id: u64) -> Option<&Arc<Record>> {
        self.get(id).filter(|record| record.deleted.is_none())
    }

    /// All that are not deleted, by id.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Record>> {
        self.by_id.values().filter(|record| record.deleted.is_none())
    }

    /// The ids of all, also of those that are deleted but not yet purged.
    pub(super) fn ids(&self) -> impl Iterator<Item = u64> {
        self.by_id.keys().copied()
    }

    /// Lets pass what time has brought since the last call.
    pub(super) fn advance(&mut self, now: i64, now_ms: i64) {
        while let Some((at, id)) = due(&mut self.settling, now) {
            self.settle(id, at);
        }
        while let Some((_, id)) = due(&mut self.purges, now) {
            self.purge(id);
        }
        self.index.advance(now_ms, &self.by_id);
    }

    /// Adds a new record. One that is `old` was there before the sandbox began: search
    /// finds it at once, and its update time stands.
    pub(super) fn insert(&mut self, record: Record, now: i64, now_ms: i64, old: bool) -> Arc<Record> {
        let record = Arc::new(record);
        self.place(&record);
        self.live += 1;
        if old {
            self.index.add(&record);
        } else {
            self.index.changed(now_ms, None, Some(&record));
            self.settling.push_back((now + SETTLES_AFTER, record.id));
        }
        self.by_id.insert(record.id, Arc::clone(&record));
        record
    }

    /// Changes a live record. What leaves it as it was does not touch its update time.
    pub(super) fn update(&mut self, id: u64, draft: Draft, now: i64, now_ms: i64) -> Option<Arc<Record>> {
        let before = Arc::clone(self.live(id)?);
        let mut after = Record::clone(&before);
        draft.apply(&mut after);
        // Values that were set anew may have changed places.
        after.custom.sort_by_key(|(field, _)| *field);
        if after == *before {
            return Some(before);
        }
        after.update_time = now;
        Some(self.replace(&before, after, now_ms))
    }

    /// Deletes a live record, softly. Says whether there was one.
    pub(super) fn delete(&mut self, id: u64, now: i64, now_ms: i64) -> bool {
        let Some(before) = self.live(id).cloned() else {
            return false;
        };
        let after = Record { deleted: Some(now), update_time: now, ..Record::clone(&before) };
        self.replace(&before, after, now_ms);
        self.purges.push_back((now + PURGE_AFTER, id));
        self.live -= 1;
        true
    }

    /// Live records after a place in an order, in that order.
    pub(super) fn after<'a>(
        &'a self,
        order: Order,
        descending: bool,
        cursor: Option<&Cursor>,
    ) -> Box<dyn Iterator<Item = &'a Arc<Record>> + 'a> {
        let ids: Box<dyn Iterator<Item = u64> + 'a> = match order {
            Order::Id => self.ids_after(descending, cursor.map(|cursor| cursor.id)),
            Order::AddTime => times_after(&self.by_add_time, descending, cursor),
            Order::UpdateTime => times_after(&self.by_update_time, descending, cursor),
        };
        Box::new(ids.filter_map(|id| self.live(id)))
    }

    fn ids_after(&self, descending: bool, id: Option<u64>) -> Box<dyn Iterator<Item = u64> + '_> {
        let all = (Bound::Unbounded, Bound::Unbounded);
        if descending {
            let range = id.map_or(all, |id| (Bound::Unbounded, Bound::Excluded(id)));
            Box::new(self.by_id.range(range).rev().map(|(id, _)| *id))
        } else {
            let range = id.map_or(all, |id| (Bound::Excluded(id), Bound::Unbounded));
            Box::new(self.by_id.range(range).map(|(id, _)| *id))
        }
    }

    fn replace(&mut self, before: &Arc<Record>, after: Record, now_ms: i64) -> Arc<Record> {
        let after = Arc::new(after);
        self.displace(before);
        self.place(&after);
        self.index.changed(now_ms, Some(before), Some(&after));
        self.by_id.insert(after.id, Arc::clone(&after));
        after
    }

    /// Moves the update time of a record that nobody has changed since its creation.
    fn settle(&mut self, id: u64, at: i64) {
        let Some(before) = self.live(id).cloned() else {
            return;
        };
        if before.update_time != at - SETTLES_AFTER {
            return;
        }
        let after = Arc::new(Record { update_time: at, ..Record::clone(&before) });
        self.displace(&before);
        self.place(&after);
        self.by_id.insert(id, after);
    }

    fn purge(&mut self, id: u64) {
        if let Some(record) = self.by_id.remove(&id) {
            self.displace(&record);
            self.index.forget(&record);
        }
    }

    fn place(&mut self, record: &Record) {
        self.by_add_time.insert((record.add_time, record.id));
        self.by_update_time.insert((record.update_time, record.id));
    }

    fn displace(&mut self, record: &Record) {
        self.by_add_time.remove(&(record.add_time, record.id));
        self.by_update_time.remove(&(record.update_time, record.id));
    }
}

impl Order {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::AddTime => "add_time",
            Self::UpdateTime => "update_time",
        }
    }

    pub(super) fn named(name: &str) -> Self {
        match name {
            "add_time" => Self::AddTime,
            "update_time" => Self::UpdateTime,
            _ => Self::Id,
        }
    }

    /// A record's place in this order.
    pub(super) fn value(self, record: &Record) -> i64 {
        match self {
            Self::Id => i64::try_from(record.id).unwrap_or(i64::MAX),
            Self::AddTime => record.add_time,
            Self::UpdateTime => record.update_time,
        }
    }
}

fn due(queue: &mut VecDeque<(i64, u64)>, now: i64) -> Option<(i64, u64)> {
    queue.pop_front_if(|(at, _)| *at <= now)
}

fn times_after<'a>(
    times: &'a BTreeSet<(i64, u64)>,
    descending: bool,
    cursor: Option<&Cursor>,
) -> Box<dyn Iterator<Item = u64> + 'a> {
    let all = (Bound::Unbounded, Bound::Unbounded);
    let place = cursor.map(|cursor| (cursor.field_value, cursor.id));
    if descending {
        let range = place.map_or(all, |place| (Bound::Unbounded, Bound::Excluded(place)));
        Box::new(times.range(range).rev().map(|(_, id)| *id))
    } else {
        let range = place.map_or(all, |place| (Bound::Excluded(place), Bound::Unbounded));
        Box::new(times.range(range).map(|(_, id)| *id))
    }
}
