//! An export: one profile's intended change.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::identity::{ProfileId, RemoteId};
use crate::value::Properties;

/// One profile's intended change: what it was when the tool last acknowledged it,
/// and what it is to be.
///
/// ```
/// use outflow_core::Export;
///
/// let export = Export::new("42")
///     .property("email", "ada@example.com")
///     .property("firstName", "Ada")
///     .group("VIP");
/// assert_eq!(export.new_groups.len(), 1);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Export {
    /// The host's id of the profile; outcomes carry it.
    pub profile_id: ProfileId,
    /// The properties the tool last acknowledged. A name here that `new_properties`
    /// lacks is cleared in the tool.
    #[serde(default, skip_serializing_if = "Properties::is_empty")]
    pub old_properties: Properties,
    /// The properties the record is to have. Null clears.
    pub new_properties: Properties,
    /// The groups the tool last acknowledged. One that `new_groups` lacks is left.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub old_groups: BTreeSet<String>,
    /// The groups the record is to be in.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub new_groups: BTreeSet<String>,
    /// The record is to be deleted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub to_delete: bool,
    /// The tool's own id of the record, when the host knows it: updates, key changes
    /// and deletes then need no look-up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote_id: Option<RemoteId>,
    /// The host vouches that the tool has no record for this profile yet, so that a
    /// create needs no look-up. A wrong word here makes a second record in tools that
    /// cannot write by key.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_new: bool,
}

impl Export {
    /// An export of a profile with no properties yet.
    pub fn new(profile_id: impl Into<ProfileId>) -> Self {
        Self {
            profile_id: profile_id.into(),
            old_properties: Properties::new(),
            new_properties: Properties::new(),
            old_groups: BTreeSet::new(),
            new_groups: BTreeSet::new(),
            to_delete: false,
            remote_id: None,
            is_new: false,
        }
    }

    /// Sets a property the record is to have.
    #[must_use]
    pub fn property(mut self, name: impl Into<String>, value: impl Into<crate::Value>) -> Self {
        self.new_properties.insert(name.into(), value.into());
        self
    }

    /// Sets a property the tool last acknowledged.
    #[must_use]
    pub fn old_property(mut self, name: impl Into<String>, value: impl Into<crate::Value>) -> Self {
        self.old_properties.insert(name.into(), value.into());
        self
    }

    /// Adds a group the record is to be in.
    #[must_use]
    pub fn group(mut self, name: impl Into<String>) -> Self {
        self.new_groups.insert(name.into());
        self
    }

    /// Adds a group the tool last acknowledged.
    #[must_use]
    pub fn old_group(mut self, name: impl Into<String>) -> Self {
        self.old_groups.insert(name.into());
        self
    }

    /// Says which record of the tool this is.
    #[must_use]
    pub fn remote_id(mut self, id: impl Into<RemoteId>) -> Self {
        self.remote_id = Some(id.into());
        self
    }

    /// Says that the tool has no record for this profile yet.
    #[must_use]
    pub fn known_new(mut self) -> Self {
        self.is_new = true;
        self
    }

    /// Says that the record is to be deleted.
    #[must_use]
    pub fn delete(mut self) -> Self {
        self.to_delete = true;
        self
    }

    /// Whether the host asks for nothing: everything is as it was acknowledged.
    #[must_use]
    pub fn changes_nothing(&self) -> bool {
        !self.to_delete
            && !self.old_properties.is_empty()
            && self.old_properties == self.new_properties
            && self.old_groups == self.new_groups
    }
}
