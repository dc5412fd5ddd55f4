//! Changes as a host could ask for them, sensible and not.

use std::collections::BTreeSet;

use outflow_core::{Export, SyncMode, Value};
use proptest::collection::btree_set;
use proptest::prelude::*;

use super::state::Model;
use crate::world::{NAME, NICKNAME, POINTS, Tool};

/// Names that are hard on URLs, lists and queries.
pub(crate) const GROUPS: [&str; 4] = ["VIP", "Acme, Inc", "Zürich + O'Neil", "50% & more"];

/// One export in the making: numbers stand for keys, groups and values.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    old: Option<usize>,
    new: NewKey,
    id: Id,
    name: Part,
    nickname: Part,
    points: Part,
    defect: Option<Defect>,
    old_groups: BTreeSet<usize>,
    new_groups: BTreeSet<usize>,
    to_delete: bool,
    in_capitals: bool,
    acknowledged: Acknowledged,
}

/// How much of what is wanted the tool has acknowledged already.
#[derive(Clone, Copy, Debug)]
enum Acknowledged {
    Some,
    AllButGroups,
    All,
}

/// The key it is to have.
#[derive(Clone, Copy, Debug)]
enum NewKey {
    Given(usize),
    Missing,
    Blank,
    Null,
}

/// What the host knows of the tool's record.
#[derive(Clone, Copy, Debug)]
enum Id {
    Unknown,
    /// The id of the record that has the key.
    Known,
    /// The id of a record that somebody deleted.
    Gone,
    /// That there is none.
    None,
}

/// A field's part in the change.
#[derive(Clone, Copy, Debug)]
enum Part {
    Absent,
    Set(i64),
    Null,
    /// It was acknowledged, and is no longer there.
    Dropped,
}

/// What is wrong with the data.
#[derive(Clone, Copy, Debug)]
enum Defect {
    UnknownField,
    BadValue,
    LongGroup,
}

/// Any change among so many keys.
pub(crate) fn change(keys: usize) -> impl Strategy<Value = Change> {
    let groups = || btree_set(0..GROUPS.len(), 0..3);
    let defect = prop_oneof![
        20 => Just(None),
        1 => Just(Some(Defect::UnknownField)),
        1 => Just(Some(Defect::BadValue)),
        1 => Just(Some(Defect::LongGroup)),
    ];
    let fields = (name(), part(), part());
    let flags = (prop::bool::weighted(0.2), prop::bool::weighted(0.2), acknowledged());
    (prop::option::weighted(0.3, 0..keys), new_key(keys), id(), fields, defect, (groups(), groups()), flags)
        .prop_map(|(old, new, id, fields, defect, groups, flags)| Change {
            old,
            new,
            id,
            name: fields.0,
            nickname: fields.1,
            points: fields.2,
            defect,
            old_groups: groups.0,
            new_groups: groups.1,
            to_delete: flags.0,
            in_capitals: flags.1,
            acknowledged: flags.2,
        })
}

fn new_key(keys: usize) -> impl Strategy<Value = NewKey> {
    prop_oneof![
        30 => (0..keys).prop_map(NewKey::Given),
        1 => Just(NewKey::Missing),
        1 => Just(NewKey::Blank),
        1 => Just(NewKey::Null),
    ]
}

fn id() -> impl Strategy<Value = Id> {
    prop_oneof![8 => Just(Id::Unknown), 4 => Just(Id::Known), 1 => Just(Id::Gone), 2 => Just(Id::None)]
}

fn acknowledged() -> impl Strategy<Value = Acknowledged> {
    prop_oneof![
        18 => Just(Acknowledged::Some),
        1 => Just(Acknowledged::AllButGroups),
        1 => Just(Acknowledged::All),
    ]
}

fn part() -> impl Strategy<Value = Part> {
    prop_oneof![
        2 => Just(Part::Absent),
        4 => (-2..3i64).prop_map(Part::Set),
        1 => Just(Part::Null),
        1 => Just(Part::Dropped),
    ]
}

/// Most hosts know a person's name.
fn name() -> impl Strategy<Value = Part> {
    prop_oneof![
        1 => Just(Part::Absent),
        20 => (0..3i64).prop_map(Part::Set),
        1 => Just(Part::Null),
        1 => Just(Part::Dropped),
    ]
}

/// Any subset of create, update and delete.
pub(crate) fn mode() -> impl Strategy<Value = SyncMode> {
    let any = (any::<bool>(), any::<bool>(), any::<bool>());
    let subset = any.prop_map(|(create, update, delete)| SyncMode { create, update, delete });
    prop_oneof![
        4 => Just(SyncMode::SYNC),
        1 => Just(SyncMode::ADDITIVE),
        1 => Just(SyncMode::ENRICH),
        2 => subset,
    ]
}

impl Change {
    /// The export, by a host that knows what the model holds at this moment.
    pub(crate) fn export(&self, number: usize, model: &Model, gone: &str) -> Export {
        let mut export = Export::new(format!("p{number}"));
        if let Some(key) = self.key(model.tool) {
            export = export.property(model.tool.key(), key);
        }
        if let Some(old) = self.old {
            export = export.old_property(model.tool.key(), model.tool.nth_key(old));
        }
        if model.tool == Tool::Persons {
            export = with(export, NAME, self.name, |number| format!("Name {number}").into());
        }
        export = with(export, NICKNAME, self.nickname, |number| format!("Nick {number}").into());
        export = with(export, POINTS, self.points, Value::Integer);
        export.old_groups = names(&self.old_groups);
        export.new_groups = names(&self.new_groups);
        export.to_delete = self.to_delete;
        export = self.spoiled(export);
        match self.acknowledged {
            Acknowledged::Some => {}
            Acknowledged::AllButGroups => export.old_properties.clone_from(&export.new_properties),
            Acknowledged::All => {
                export.old_properties.clone_from(&export.new_properties);
                export.old_groups.clone_from(&export.new_groups);
            }
        }
        self.identified(export, model, gone)
    }

    fn key(&self, tool: Tool) -> Option<Value> {
        match self.new {
            NewKey::Given(number) if self.in_capitals && tool.is_keyed_by_email() => {
                Some(tool.nth_key(number).to_uppercase().into())
            }
            NewKey::Given(number) => Some(tool.nth_key(number).into()),
            NewKey::Missing => None,
            NewKey::Blank => Some("  ".into()),
            NewKey::Null => Some(Value::Null),
        }
    }

    fn spoiled(&self, mut export: Export) -> Export {
        match self.defect {
            None => export,
            Some(Defect::UnknownField) => export.property("Nonsense", 1),
            Some(Defect::BadValue) => export.property(POINTS, "many"),
            Some(Defect::LongGroup) => {
                export.new_groups.insert("long ".repeat(60));
                export
            }
        }
    }

    /// A host that knows a record's id has acknowledged its key, too: without that, two
    /// exports could be about one record, and nothing would say so.
    fn identified(&self, export: Export, model: &Model, gone: &str) -> Export {
        let key = model.tool.key();
        let named = export.old_properties.get(key).or(export.new_properties.get(key));
        let named = named.and_then(Value::as_str).unwrap_or_default().to_owned();
        match self.id {
            Id::Unknown => export,
            Id::Known => match model.holders(&named)[..] {
                [place] => known(export, model, place),
                _ => export,
            },
            Id::Gone => export.remote_id(gone),
            Id::None if self.is_free(&export, model) => export.known_new(),
            Id::None => export,
        }
    }

    fn is_free(&self, export: &Export, model: &Model) -> bool {
        let keys = [&export.new_properties, &export.old_properties];
        let texts = keys.map(|properties| properties.get(model.tool.key()).and_then(Value::as_str));
        texts.into_iter().flatten().all(|key| model.holders(key).is_empty())
    }
}

fn known(export: Export, model: &Model, place: usize) -> Export {
    let record = &model.records[place];
    match &record.id {
        Some(id) => export.old_property(model.tool.key(), record.key.as_str()).remote_id(id.as_str()),
        None => export,
    }
}

fn with(export: Export, name: &str, part: Part, value: impl Fn(i64) -> Value) -> Export {
    match part {
        Part::Absent => export,
        Part::Set(number) => export.property(name, value(number)),
        Part::Null => export.property(name, Value::Null),
        Part::Dropped => export.old_property(name, value(0)),
    }
}

pub(crate) fn names(groups: &BTreeSet<usize>) -> BTreeSet<String> {
    groups.iter().map(|group| GROUPS[*group].to_owned()).collect()
}
