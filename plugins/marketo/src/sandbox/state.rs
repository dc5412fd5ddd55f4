//! Everything the instance remembers.

use jiff::Timestamp;

use super::leads::{LeadId, Leads};
use super::lists::Lists;
use super::record::Lead;
use super::schema::Schema;

/// The partition that every instance has.
pub(super) const DEFAULT_PARTITION: u16 = 1;

pub(super) struct State {
    pub(super) schema: Schema,
    pub(super) leads: Leads,
    pub(super) lists: Lists,
    /// Names by id, from [`DEFAULT_PARTITION`].
    partitions: Vec<String>,
}

impl State {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            schema: Schema::standard(),
            leads: Leads::default(),
            lists: Lists::new(now),
            partitions: vec!["Default".to_owned()],
        }
    }

    pub(super) fn partition(&self, name: &str) -> Option<u16> {
        self.partitions().find(|(_, known)| *known == name).map(|(id, _)| id)
    }

    pub(super) fn partitions(&self) -> impl Iterator<Item = (u16, &str)> {
        (DEFAULT_PARTITION..).zip(self.partitions.iter().map(String::as_str))
    }

    pub(super) fn add_partition(&mut self, name: &str) {
        self.partitions.push(name.to_owned());
    }

    /// The leads that have a value in a searchable field, by id. Ids and partitions are
    /// not among a lead's own values.
    pub(super) fn find(&mut self, field: &str, key: &str) -> Vec<LeadId> {
        match field {
            "id" => {
                let id = key.parse().ok().filter(|id| self.leads.contains(*id));
                id.into_iter().collect()
            }
            "leadPartitionId" => {
                let partition = key.parse().ok();
                let inside = |lead: &Lead| Some(lead.partition) == partition;
                let leads = self.leads.iter().filter(|(_, lead)| inside(lead));
                leads.map(|(id, _)| id).collect()
            }
            name => match self.schema.index(name) {
                Some(index) => self.leads.find(index, key).to_vec(),
                None => Vec::new(),
            },
        }
    }

    /// Deletes a lead and takes it off every list. Whether there was one.
    pub(super) fn delete_lead(&mut self, id: LeadId) -> bool {
        let deleted = self.leads.delete(id);
        if deleted {
            self.lists.forget_lead(id);
        }
        deleted
    }
}
