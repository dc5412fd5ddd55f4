//! One lead, packed: a million of them must fit into a test's memory.

use jiff::Timestamp;

use super::schema::FieldIndex;

/// A lead's own values and what the tool keeps beside them.
#[derive(Clone, Debug)]
pub(super) struct Lead {
    created: u32,
    updated: u32,
    pub(super) partition: u16,
    values: Values,
}

/// What a write does to a field: the JSON it reads back as, or `None` to clear it.
/// Ordered by field, each field once.
pub(super) type Changes = Vec<(FieldIndex, Option<String>)>;

impl Lead {
    pub(super) fn new(now: Timestamp, partition: u16, changes: &Changes) -> Self {
        let now = whole_seconds(now);
        Self { created: now, updated: now, partition, values: Values::default().with(changes) }
    }

    /// Applies a write. One that changes nothing leaves `updatedAt` alone, as recorded.
    pub(super) fn apply(&mut self, now: Timestamp, changes: &Changes) {
        let values = self.values.with(changes);
        if values != self.values {
            self.values = values;
            self.updated = whole_seconds(now);
        }
    }

    pub(super) fn created(&self) -> Timestamp {
        instant(self.created)
    }

    pub(super) fn updated(&self) -> Timestamp {
        instant(self.updated)
    }

    /// The JSON of a field's value, if it has one.
    pub(super) fn get(&self, field: FieldIndex) -> Option<&[u8]> {
        self.values().find(|(index, _)| *index == field).map(|(_, json)| json)
    }

    /// The fields that have a value, in order.
    pub(super) fn values(&self) -> impl Iterator<Item = (FieldIndex, &[u8])> {
        Entries(&self.values.0)
    }
}

/// To the second, as the API tells it; it lasts until 2106.
fn whole_seconds(instant: Timestamp) -> u32 {
    u32::try_from(instant.as_second()).unwrap_or(0)
}

fn instant(seconds: u32) -> Timestamp {
    Timestamp::from_second(i64::from(seconds)).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Entries one after the other, ordered by field: two bytes for the field, four for the
/// length, then the JSON of the value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Values(Box<[u8]>);

struct Entries<'a>(&'a [u8]);

impl<'a> Iterator for Entries<'a> {
    type Item = (FieldIndex, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (field, rest) = self.0.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (json, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((FieldIndex::from_le_bytes(*field), json))
    }
}

impl Values {
    /// The values after a write: both sides are ordered by field, so this is a merge.
    fn with(&self, changes: &Changes) -> Self {
        let mut packed = Vec::with_capacity(self.0.len() + 32 * changes.len());
        let mut kept = Entries(&self.0).peekable();
        for (field, change) in changes {
            while let Some((index, json)) = kept.next_if(|(index, _)| index < field) {
                pack(&mut packed, index, json);
            }
            kept.next_if(|(index, _)| index == field);
            if let Some(json) = change {
                pack(&mut packed, *field, json.as_bytes());
            }
        }
        for (index, json) in kept {
            pack(&mut packed, index, json);
        }
        Self(packed.into_boxed_slice())
    }
}

/// A value too long for its length field cannot come: bodies end at 1 MB.
fn pack(packed: &mut Vec<u8>, field: FieldIndex, json: &[u8]) {
    if let Ok(length) = u32::try_from(json.len()) {
        packed.extend_from_slice(&field.to_le_bytes());
        packed.extend_from_slice(&length.to_le_bytes());
        packed.extend_from_slice(json);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(field: FieldIndex, json: &str) -> (FieldIndex, Option<String>) {
        (field, Some(json.to_owned()))
    }

    fn shown(lead: &Lead) -> Vec<(FieldIndex, &str)> {
        let text = |json| std::str::from_utf8(json).unwrap_or_default();
        lead.values().map(|(field, json)| (field, text(json))).collect()
    }

    #[test]
    fn a_write_sets_replaces_keeps_and_clears() {
        let now = Timestamp::UNIX_EPOCH;
        let mut lead = Lead::new(now, 1, &vec![change(2, "1"), change(5, "\"five\""), (7, None)]);
        assert_eq!(shown(&lead), [(2, "1"), (5, "\"five\"")]);
        lead.apply(now, &vec![change(1, "0"), change(2, "22"), (5, None), change(9, "true")]);
        assert_eq!(shown(&lead), [(1, "0"), (2, "22"), (9, "true")]);
        assert_eq!(lead.get(9), Some(&b"true"[..]));
        assert_eq!(lead.get(5), None);
    }

    #[test]
    fn a_write_that_changes_nothing_is_not_an_update() {
        let later = Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_secs(60);
        let mut lead = Lead::new(Timestamp::UNIX_EPOCH, 1, &vec![change(2, "1")]);
        lead.apply(later, &vec![change(2, "1"), (3, None)]);
        assert_eq!(lead.updated(), Timestamp::UNIX_EPOCH);
        lead.apply(later, &vec![change(2, "2")]);
        assert_eq!((lead.updated(), lead.created()), (later, Timestamp::UNIX_EPOCH));
    }
}
