//! Emails and phones of records that were found or written lately: an update need not ask
//! for them again.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use crate::api::{Contact, FoundItem, Record};

/// A record that was seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Candidate {
    pub(crate) emails: Vec<Contact>,
    pub(crate) phones: Vec<Contact>,
    /// Labels and primary marks are known, too; the search shows only the values.
    is_whole: bool,
    seen: Duration,
}

/// How old a list may be that is changed and written back. People add numbers by hand;
/// what they added since would be lost.
const FRESH: Duration = Duration::from_secs(60);

/// How old a list may be that says what need not be written again. The updates after a
/// look-up take minutes.
const RECENT: Duration = Duration::from_secs(30 * 60);

impl Candidate {
    pub(crate) fn of_record(record: &Record, now: Duration) -> Self {
        Self {
            emails: record.emails().to_vec(),
            phones: record.phones().to_vec(),
            is_whole: record.shows_contacts(),
            seen: now,
        }
    }

    /// A record as the answer to a write showed it. People may have changed it since, and
    /// its next change asks for it; a value that is there need not be written again.
    pub(crate) fn of_written(record: &Record, now: Duration) -> Self {
        Self { is_whole: false, ..Self::of_record(record, now) }
    }

    pub(crate) fn of_found(item: &FoundItem, now: Duration) -> Self {
        let contacts =
            |values: &Option<Vec<String>>| values.iter().flatten().map(|value| bare(value)).collect();
        Self { emails: contacts(&item.emails), phones: contacts(&item.phones), is_whole: false, seen: now }
    }

    /// A record of which only this email is known.
    pub(crate) fn of_email(email: &str, now: Duration) -> Self {
        Self { emails: vec![bare(email)], phones: Vec::new(), is_whole: false, seen: now }
    }

    /// Whether its lists may be changed and written back.
    pub(crate) fn can_be_written_back(&self, now: Duration) -> bool {
        self.is_whole && self.age(now) <= FRESH
    }

    fn age(&self, now: Duration) -> Duration {
        now.saturating_sub(self.seen)
    }
}

fn bare(value: &str) -> Contact {
    Contact { value: value.to_owned(), primary: false, label: None }
}

/// Most records remembered: two look-ups' worth. An update of one that was dropped asks
/// for the record itself.
const MOST: usize = 20_000;

/// The records that were seen lately.
#[derive(Debug, Default)]
pub(crate) struct Candidates {
    by_id: HashMap<u64, Candidate>,
    order: VecDeque<u64>,
}

impl Candidates {
    pub(crate) fn insert(&mut self, id: u64, candidate: Candidate) {
        if self.by_id.insert(id, candidate).is_none() {
            self.order.push_back(id);
        }
        while self.order.len() > MOST {
            if let Some(oldest) = self.order.pop_front() {
                self.by_id.remove(&oldest);
            }
        }
    }

    pub(crate) fn knows(&self, id: u64, now: Duration) -> bool {
        self.by_id.get(&id).is_some_and(|candidate| candidate.age(now) <= RECENT)
    }

    /// What is known of a record. Its lists may be written back once: whatever happens
    /// then, they are not what they were.
    pub(crate) fn recall(&mut self, id: u64, now: Duration) -> Option<Candidate> {
        let candidate = self.by_id.get_mut(&id).filter(|candidate| candidate.age(now) <= RECENT)?;
        let recalled = candidate.clone();
        candidate.is_whole = false;
        Some(recalled)
    }

    /// The record is gone: its place is taken by nobody, and freed in its turn.
    pub(crate) fn clear(&mut self, id: u64) {
        if let Some(candidate) = self.by_id.get_mut(&id) {
            *candidate = Candidate::default();
        }
    }
}
