//! The leads of an instance, found by id or by the value of a field.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::Value;

use super::record::{Changes, Lead};
use super::schema::FieldIndex;

/// A lead's id.
pub(super) type LeadId = u32;

/// The first lead's id: a number that no index into a batch is mistaken for.
const FIRST: LeadId = 1_000_001;

#[derive(Default)]
pub(super) struct Leads {
    /// By id, from [`FIRST`]; deleted ones leave a gap.
    slots: Vec<Option<Lead>>,
    count: usize,
    /// Ids by value, for each field somebody has looked leads up by.
    indexes: HashMap<FieldIndex, Index>,
}

type Index = HashMap<Box<str>, Ids>;

/// Mostly one lead has a value; duplicates are a fact of life in this tool.
enum Ids {
    One(LeadId),
    Many(Vec<LeadId>),
}

impl Ids {
    fn as_slice(&self) -> &[LeadId] {
        match self {
            Self::One(id) => std::slice::from_ref(id),
            Self::Many(ids) => ids,
        }
    }

    fn add(&mut self, id: LeadId) {
        match self {
            Self::One(first) => *self = Self::Many(vec![*first, id]),
            Self::Many(ids) => ids.push(id),
        }
    }

    /// Whether any id is left.
    fn remove(&mut self, id: LeadId) -> bool {
        match self {
            Self::One(only) => *only != id,
            Self::Many(ids) => {
                ids.retain(|other| *other != id);
                !ids.is_empty()
            }
        }
    }
}

/// What a value is found by: text in any case, numbers as they are written.
pub(super) fn lookup_key(value: &Value) -> Box<str> {
    match value {
        Value::String(text) => text.to_lowercase().into_boxed_str(),
        other => other.to_string().into_boxed_str(),
    }
}

fn key_of(json: &[u8]) -> Option<Box<str>> {
    serde_json::from_slice(json).ok().map(|value: Value| lookup_key(&value))
}

impl Leads {
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// The id the next lead will have; every lead so far has a smaller one.
    pub(super) fn next_id(&self) -> LeadId {
        LeadId::try_from(self.slots.len()).map_or(LeadId::MAX, |length| FIRST.saturating_add(length))
    }

    pub(super) fn get(&self, id: LeadId) -> Option<&Lead> {
        self.slots.get(slot(id)?)?.as_ref()
    }

    pub(super) fn contains(&self, id: LeadId) -> bool {
        self.get(id).is_some()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (LeadId, &Lead)> {
        let ids = FIRST..;
        ids.zip(&self.slots).filter_map(|(id, lead)| Some((id, lead.as_ref()?)))
    }

    pub(super) fn create(&mut self, now: Timestamp, partition: u16, changes: &Changes) -> LeadId {
        let id = self.next_id();
        let lead = Lead::new(now, partition, changes);
        for (field, index) in &mut self.indexes {
            if let Some(key) = lead.get(*field).and_then(key_of) {
                enter(index, key, id);
            }
        }
        self.slots.push(Some(lead));
        self.count += 1;
        id
    }

    pub(super) fn update(&mut self, id: LeadId, now: Timestamp, changes: &Changes) {
        let Some(lead) = slot(id).and_then(|slot| self.slots.get_mut(slot)?.as_mut()) else {
            return;
        };
        for (field, change) in changes {
            let Some(index) = self.indexes.get_mut(field) else {
                continue;
            };
            let old = lead.get(*field).and_then(key_of);
            let new = change.as_ref().and_then(|json| key_of(json.as_bytes()));
            if old != new {
                leave(index, old.as_deref(), id);
                if let Some(key) = new {
                    enter(index, key, id);
                }
            }
        }
        lead.apply(now, changes);
    }

    /// Whether there was such a lead.
    pub(super) fn delete(&mut self, id: LeadId) -> bool {
        let Some(lead) = slot(id).and_then(|slot| self.slots.get_mut(slot)?.take()) else {
            return false;
        };
        for (field, index) in &mut self.indexes {
            let key = lead.get(*field).and_then(key_of);
            leave(index, key.as_deref(), id);
        }
        self.count -= 1;
        true
    }

    /// The leads whose `field` has this value, by id.
    pub(super) fn find(&mut self, field: FieldIndex, key: &str) -> &[LeadId] {
        let slots = &self.slots;
        let index = self.indexes.entry(field).or_insert_with(|| build(field, slots));
        index.get(key).map_or(&[], Ids::as_slice)
    }
}

fn slot(id: LeadId) -> Option<usize> {
    usize::try_from(id.checked_sub(FIRST)?).ok()
}

fn build(field: FieldIndex, slots: &[Option<Lead>]) -> Index {
    let mut index = Index::new();
    for (id, lead) in (FIRST..).zip(slots) {
        if let Some(key) = lead.as_ref().and_then(|lead| key_of(lead.get(field)?)) {
            enter(&mut index, key, id);
        }
    }
    index
}

fn enter(index: &mut Index, key: Box<str>, id: LeadId) {
    match index.get_mut(&key) {
        Some(ids) => ids.add(id),
        None => {
            index.insert(key, Ids::One(id));
        }
    }
}

fn leave(index: &mut Index, key: Option<&str>, id: LeadId) {
    let Some(key) = key else { return };
    if index.get_mut(key).is_some_and(|ids| !ids.remove(id)) {
        index.remove(key);
    }
}
