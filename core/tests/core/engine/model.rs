//! Any mix of exports, in any order, gives exactly one outcome each and the state that a
//! simple model says.

use std::collections::{BTreeMap, BTreeSet};

use outflow_core::{Export, Run, Value};
use proptest::prelude::*;

use super::tool::{Record, destination};

#[derive(Clone, Debug)]
struct Change {
    old: Option<u8>,
    new: u8,
    score: Option<i64>,
    clears: bool,
    old_groups: BTreeSet<u8>,
    new_groups: BTreeSet<u8>,
    to_delete: bool,
}

fn change() -> impl Strategy<Value = Change> {
    let key = 0..6u8;
    let groups = || prop::collection::btree_set(0..3u8, 0..3);
    (
        prop::option::weighted(0.3, key.clone()),
        key,
        prop::option::of(-3..3i64),
        any::<bool>(),
        groups(),
        groups(),
        prop::bool::weighted(0.2),
    )
        .prop_map(|(old, new, score, clears, old_groups, new_groups, to_delete)| Change {
            old,
            new,
            score,
            clears,
            old_groups,
            new_groups,
            to_delete,
        })
}

fn email(key: u8) -> String {
    format!("k{key}@example.com")
}

fn group(number: u8) -> String {
    format!("Group {number}")
}

impl Change {
    fn export(&self, number: usize) -> Export {
        let mut export = Export::new(format!("p{number}")).property("email", email(self.new));
        if let Some(score) = self.score {
            export = export.property("score", score);
        }
        if self.clears {
            export = export.old_property("first", "was here");
        }
        if let Some(old) = self.old {
            export = export.old_property("email", email(old));
        }
        export.old_groups = self.old_groups.iter().copied().map(group).collect();
        export.new_groups = self.new_groups.iter().copied().map(group).collect();
        export.to_delete = self.to_delete;
        export
    }

    /// What it does to the records, by key.
    fn apply(&self, records: &mut BTreeMap<String, Record>, groups_in_record: bool, upsert: bool) {
        let keys = [Some(self.new), self.old].into_iter().flatten().map(email);
        let holder = keys.into_iter().find(|key| records.contains_key(key));
        if self.to_delete {
            holder.map(|key| records.remove(&key));
            return;
        }
        let is_new = holder.is_none();
        let mut record = holder.and_then(|key| records.remove(&key)).unwrap_or_default();
        record.fields.insert("email".to_owned(), Value::Email(email(self.new)));
        if let Some(score) = self.score {
            record.fields.insert("score".to_owned(), score.into());
        }
        if self.clears {
            record.fields.remove("first");
        }
        let (old, new): (BTreeSet<String>, BTreeSet<String>) = (
            self.old_groups.iter().copied().map(group).collect(),
            self.new_groups.iter().copied().map(group).collect(),
        );
        if groups_in_record {
            // A write by key may create, so it carries the groups whatever was acknowledged.
            let by_key = upsert && self.old.is_none_or(|old| old == self.new);
            if is_new || old != new || (by_key && !new.is_empty()) {
                record.groups = new;
            }
        } else if is_new {
            record.groups = new;
        } else {
            record.groups.retain(|name| !old.contains(name) || new.contains(name));
            record.groups.extend(new.difference(&old).cloned());
        }
        records.insert(email(self.new), record);
    }

    fn is_no_change(&self) -> bool {
        let export = self.export(0);
        export.changes_nothing()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_mix_of_exports_ends_as_the_model_says(
        changes in prop::collection::vec(change(), 0..40),
        batch in 1..8usize,
        upsert in any::<bool>(),
        groups_in_record in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let (destination, tool) = destination(batch, upsert, if groups_in_record { "record" } else { "calls" }).await;
            let exports = changes.iter().enumerate().map(|(number, change)| change.export(number)).collect();
            let (report, outcomes) = destination.export_all(exports, Run::default()).await;
            prop_assert_eq!(outcomes.len(), changes.len());
            prop_assert_eq!(report.outcomes.total(), changes.len() as u64);
            for (number, outcome) in outcomes.iter().enumerate() {
                prop_assert_eq!(outcome.sequence, number as u64);
                prop_assert!(outcome.outcome.problem().is_none(), "{:?}", outcome);
            }
            let mut model = BTreeMap::new();
            for change in changes.iter().filter(|change| !change.is_no_change()) {
                change.apply(&mut model, groups_in_record, upsert);
            }
            let tool = tool.lock().unwrap();
            prop_assert!(tool.doubled_keys.is_empty());
            prop_assert_eq!(tool.by_key(), model);
            Ok(())
        })?;
    }
}
