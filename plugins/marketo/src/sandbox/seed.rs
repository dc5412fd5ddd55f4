//! What a test puts into the instance, or breaks, without a call.

use std::time::Duration;

use outflow_core::{Error, Result};
use serde_json::{Map, Value};

use super::MarketoSandbox;
use super::lists::NewList;
use super::record::Changes;
use super::schema::{DataType, Schema};
use super::state::DEFAULT_PARTITION;
use super::sync::lead_id;
use super::values::{Reason, convert_any};

impl MarketoSandbox {
    /// Adds leads, read-only and company fields included, and gives their ids.
    ///
    /// # Errors
    /// When a field is not in the schema or does not take its value; the leads before it
    /// are added.
    pub fn seed_leads(&self, leads: impl IntoIterator<Item = Map<String, Value>>) -> Result<Vec<u64>> {
        let now = self.instance.clock().now();
        let mut state = self.instance.state();
        leads
            .into_iter()
            .map(|lead| {
                let changes = changes(&state.schema, &lead).map_err(refused)?;
                Ok(u64::from(state.leads.create(now, DEFAULT_PARTITION, &changes)))
            })
            .collect()
    }

    /// Adds an empty static list to the folder `Group Lists` and gives its id.
    pub fn seed_list(&self, name: &str) -> u64 {
        self.create_list(name, None)
    }

    /// Adds an empty static list to a program: its name may be one of the lead database.
    pub fn seed_program_list(&self, program: &str, name: &str) -> u64 {
        self.create_list(name, Some(program))
    }

    fn create_list(&self, name: &str, program: Option<&str>) -> u64 {
        let mut state = self.instance.state();
        let folder = state.lists.folders_named("Group Lists").next().map_or(0, |folder| folder.id);
        let list = NewList { name, description: None, folder, program };
        u64::from(state.lists.create(&list, self.instance.clock().now()))
    }

    /// Puts leads on a list; ids that do not exist are passed over.
    pub fn seed_members(&self, list: u64, leads: impl IntoIterator<Item = u64>) {
        let state = &mut *self.instance.state();
        let Some(list) = state.lists.get_mut(lead_id(list)) else {
            return;
        };
        let known = leads.into_iter().map(lead_id);
        list.members.extend(known.filter(|id| state.leads.contains(*id)));
    }

    /// Adds a folder for lists, beside `Group Lists`.
    pub fn add_folder(&self, name: &str) -> u64 {
        let now = self.instance.clock().now();
        u64::from(self.instance.state().lists.add_folder(name, now))
    }

    /// Adds a custom field; false when its name is taken.
    pub fn add_field(&self, name: &str, display_name: &str, data_type: DataType) -> bool {
        let mut state = self.instance.state();
        state.schema.add_custom(name, display_name, data_type)
    }

    /// Hides a field, as an administrator can: calls no longer know it. Whether there was
    /// one.
    pub fn hide_field(&self, name: &str) -> bool {
        self.instance.state().schema.hide(name)
    }

    /// Adds a lead partition beside `Default`.
    pub fn add_partition(&self, name: &str) {
        self.instance.state().add_partition(name);
    }

    /// Deletes a lead behind everybody's back. Whether there was one.
    pub fn delete_lead(&self, id: u64) -> bool {
        self.instance.state().delete_lead(lead_id(id))
    }

    /// Deletes a list behind everybody's back. Whether there was one.
    pub fn delete_list(&self, id: u64) -> bool {
        self.instance.state().lists.delete(lead_id(id)).is_some()
    }

    /// Makes a list one that a campaign uses, which cannot be deleted.
    pub fn set_list_in_use(&self, id: u64, in_use: bool) {
        if let Some(list) = self.instance.state().lists.get_mut(lead_id(id)) {
            list.in_use = in_use;
        }
    }

    /// How many leads there are.
    #[must_use]
    pub fn lead_count(&self) -> usize {
        self.instance.state().leads.len()
    }

    /// Id, name and number of members of every list.
    #[must_use]
    pub fn lists(&self) -> Vec<(u64, String, usize)> {
        let state = self.instance.state();
        let shown =
            state.lists.iter().map(|(id, list)| (u64::from(id), list.name.clone(), list.members.len()));
        shown.collect()
    }

    /// How long tokens live that are given from now on.
    pub fn set_token_lifetime(&self, lifetime: Duration) {
        self.instance.identity().set_lifetime(lifetime);
    }

    /// Makes the token in use expire now: 602.
    pub fn expire_token(&self) {
        self.instance.identity().expire();
    }

    /// Makes the instance forget the token in use: 601.
    pub fn revoke_token(&self) {
        self.instance.identity().revoke();
    }
}

fn changes(schema: &Schema, lead: &Map<String, Value>) -> Result<Changes, Reason> {
    let mut changes = Changes::with_capacity(lead.len());
    for (name, value) in lead {
        let (index, field) = schema.get(name).ok_or_else(|| Reason::field_not_found(name))?;
        changes.push((index, convert_any(field, value)?));
    }
    changes.sort_unstable_by_key(|(index, _)| *index);
    Ok(changes)
}

fn refused(reason: Reason) -> Error {
    Error::rejected(reason.message).with_code(reason.code)
}
