//! What the host remembers of one destination: what the tool acknowledged.

use std::collections::{BTreeSet, HashMap};

use outflow_core::{Export, Outcome, Outcomed, Properties, RemoteId};

use super::mapping::Mapping;
use super::profiles::Profile;

/// A host that keeps this on disk is what the ledger is; a demo has it in memory.
#[derive(Default)]
pub(super) struct Memory {
    acknowledged: HashMap<String, Acknowledged>,
    /// What was refused is not sent again as long as it is the same.
    refused: HashMap<String, Properties>,
}

struct Acknowledged {
    properties: Properties,
    groups: BTreeSet<String>,
    remote_id: Option<RemoteId>,
}

impl Memory {
    /// The exports that make the tool agree with the profiles, with the place of the
    /// profile that each is for.
    pub(super) fn exports(&self, profiles: &[Profile], mapping: &Mapping) -> Vec<(usize, Export)> {
        let exports = profiles.iter().enumerate();
        exports.filter_map(|(place, profile)| Some((place, self.export(profile, mapping)?))).collect()
    }

    fn export(&self, profile: &Profile, mapping: &Mapping) -> Option<Export> {
        let mut export = Export::new(profile.id.as_str());
        match self.acknowledged.get(&profile.id) {
            Some(acknowledged) => {
                export.old_properties = acknowledged.properties.clone();
                export.old_groups = acknowledged.groups.clone();
                export.remote_id = acknowledged.remote_id.clone();
            }
            // Nobody told the tool of it yet.
            None if profile.is_deleted => return None,
            None => {}
        }
        export.new_properties = mapping.properties(profile);
        export.new_groups = groups(profile);
        export.to_delete = profile.is_deleted;
        let was_refused = self.refused.get(&profile.id) == Some(&export.new_properties);
        (!was_refused).then_some(export)
    }

    /// Remembers what became of a profile.
    pub(super) fn learn(&mut self, profile: &Profile, mapping: &Mapping, outcomed: &Outcomed) {
        match &outcomed.outcome {
            Outcome::Created(_) | Outcome::Updated(_) => {
                let acknowledged = Acknowledged {
                    properties: mapping.properties(profile),
                    groups: groups(profile),
                    remote_id: outcomed.remote_id.clone(),
                };
                self.acknowledged.insert(profile.id.clone(), acknowledged);
            }
            Outcome::Deleted => drop(self.acknowledged.remove(&profile.id)),
            Outcome::Rejected(_) => {
                self.refused.insert(profile.id.clone(), mapping.properties(profile));
            }
            Outcome::Unchanged | Outcome::Skipped(_) | Outcome::Retry { .. } | Outcome::Unknown(_) => {}
        }
    }
}

fn groups(profile: &Profile) -> BTreeSet<String> {
    profile.groups.iter().map(|group| (*group).to_owned()).collect()
}
