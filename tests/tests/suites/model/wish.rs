//! What an honest host wishes for one profile: no two profiles have a key in common, and
//! what it says was acknowledged was.

use std::collections::BTreeSet;

use outflow_core::Export;
use proptest::collection::btree_set;
use proptest::prelude::*;

use super::change::{GROUPS, names};
use crate::world::{NAME, NICKNAME, POINTS, Tool};

/// What is to become of one profile.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    /// What the tool has of it before; `None`: nothing.
    before: Option<State>,
    /// `None`: it is to be deleted.
    after: Option<State>,
    /// It gets another key.
    is_renamed: bool,
    /// The host remembers the record's id, or, of what is not there, that it is not.
    remembers: bool,
    is_spoiled: bool,
}

#[derive(Clone, Debug)]
struct State {
    nickname: Option<u8>,
    points: Option<i64>,
    groups: BTreeSet<usize>,
}

pub(crate) fn wish() -> impl Strategy<Value = Wish> {
    (
        prop::option::weighted(0.6, state()),
        prop::option::weighted(0.85, state()),
        prop::bool::weighted(0.3),
        any::<bool>(),
        prop::bool::weighted(0.05),
    )
        .prop_map(|(before, after, is_renamed, remembers, is_spoiled)| Wish {
            before,
            after,
            is_renamed,
            remembers,
            is_spoiled,
        })
}

fn state() -> impl Strategy<Value = State> {
    let groups = btree_set(0..GROUPS.len(), 0..3);
    let points = prop::option::of(-5..5i64);
    (prop::option::of(0..5u8), points, groups).prop_map(|(nickname, points, groups)| State {
        nickname,
        points,
        groups,
    })
}

impl Wish {
    /// Both keys a profile can have: the one before, and the one after.
    pub(crate) fn keys(tool: Tool, number: usize) -> [String; 2] {
        [2 * number, 2 * number + 1].map(|key| tool.nth_key(key))
    }

    /// The export that makes the tool have what it has before.
    pub(crate) fn first_export(&self, tool: Tool, number: usize) -> Option<Export> {
        let state = self.before.as_ref()?;
        let mut export = named(tool, Export::new(format!("p{number}")), number);
        export = export.property(tool.key(), Self::keys(tool, number)[0].as_str());
        for (name, value) in state.values() {
            export = export.property(name, value);
        }
        export.new_groups = names(&state.groups);
        Some(export.known_new())
    }

    /// The export that asks for what is to be.
    pub(crate) fn export(&self, tool: Tool, number: usize, id: Option<&str>) -> Export {
        let mut export = named(tool, Export::new(format!("p{number}")), number);
        let keys = Self::keys(tool, number);
        let is_renamed = self.is_renamed && self.before.is_some() && self.after.is_some();
        export = export.property(tool.key(), keys[usize::from(is_renamed)].as_str());
        if let Some(state) = &self.before {
            export = self.acknowledged(tool, number, export, state);
            if let Some(id) = id.filter(|_| self.remembers) {
                export = export.remote_id(id);
            }
        } else if self.remembers && self.after.is_some() {
            export = export.known_new();
        }
        let Some(state) = &self.after else {
            return export.delete();
        };
        for (name, value) in state.values() {
            export = export.property(name, value);
        }
        export.new_groups = names(&state.groups);
        if self.is_spoiled {
            export = export.property("Nonsense", 1);
        }
        export
    }

    fn acknowledged(&self, tool: Tool, number: usize, export: Export, state: &State) -> Export {
        let mut export = export.old_property(tool.key(), Self::keys(tool, number)[0].as_str());
        if tool == Tool::Persons {
            export = export.old_property(NAME, format!("Person {number}"));
        }
        for (name, value) in state.values() {
            export = export.old_property(name, value);
        }
        export.old_groups = names(&state.groups);
        export
    }
}

impl State {
    fn values(&self) -> impl Iterator<Item = (&'static str, outflow_core::Value)> {
        let nickname = self.nickname.map(|number| (NICKNAME, format!("Nick {number}").into()));
        let points = self.points.map(|points| (POINTS, points.into()));
        nickname.into_iter().chain(points)
    }
}

fn named(tool: Tool, export: Export, number: usize) -> Export {
    match tool {
        Tool::Persons => export.property(NAME, format!("Person {number}")),
        Tool::Leads | Tool::Organizations => export,
    }
}
