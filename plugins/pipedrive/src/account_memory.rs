//! What one account remembers in memory beyond plain cache entries, shared by every
//! client of the account.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use outflow_core::{Cache, Result};

use crate::directory::Directory;
use crate::entity::Entity;

/// The memory of one account.
#[derive(Debug, Default)]
pub(crate) struct AccountMemory {
    persons: Directory,
    organizations: Directory,
    /// Groups whose option this process created and whose filter is still to come, of each
    /// field: the group's name, and when its filter may be tried.
    filters_due: Mutex<BTreeMap<(Entity, String), BTreeMap<String, Duration>>>,
}

impl AccountMemory {
    /// The memory of the account this cache belongs to.
    pub(crate) async fn of(cache: &Cache) -> Result<Arc<Self>> {
        cache.get_or_load("pipedrive memory", "", Duration::MAX, async { Ok(Self::default()) }).await
    }

    pub(crate) fn directory(&self, entity: Entity) -> &Directory {
        match entity {
            Entity::Person => &self.persons,
            Entity::Organization => &self.organizations,
        }
    }

    /// Remembers that these groups of a field need a filter.
    pub(crate) fn owe_filters(&self, entity: Entity, field: &str, groups: &[&str]) {
        let mut due = self.filters_due.lock().unwrap_or_else(PoisonError::into_inner);
        let groups = groups.iter().map(|group| ((*group).to_owned(), Duration::ZERO));
        due.entry((entity, field.to_owned())).or_default().extend(groups);
    }

    /// The groups of a field that need a filter, without those that were put off.
    pub(crate) fn filters_due(&self, entity: Entity, field: &str, now: Duration) -> Vec<String> {
        let due = self.filters_due.lock().unwrap_or_else(PoisonError::into_inner);
        let groups = due.get(&(entity, field.to_owned())).into_iter().flatten();
        groups.filter(|(_, from)| **from <= now).map(|(group, _)| group.clone()).collect()
    }

    /// Puts the filters of these groups off.
    pub(crate) fn postpone_filters(&self, entity: Entity, field: &str, groups: &[String], until: Duration) {
        let mut due = self.filters_due.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = due.entry((entity, field.to_owned())).or_default();
        for (group, from) in waiting {
            if groups.contains(group) {
                *from = until;
            }
        }
    }

    /// Remembers that these groups of a field have their filter.
    pub(crate) fn filters_done(&self, entity: Entity, field: &str, groups: &[String]) {
        let mut due = self.filters_due.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(waiting) = due.get_mut(&(entity, field.to_owned())) {
            waiting.retain(|group, _| !groups.contains(group));
        }
    }
}
