//! Any mix of changes, in any order, with calls that falter: the tool ends as a simple
//! model says, and every export has one outcome.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use outflow_core::{Export, RemoteId};
use outflow_sandbox::{FaultAction, Match, Sandbox};
use rstest::rstest;
use serde_json::Value as Json;

use super::world::World;

/// What one profile is to be, and what the tool last acknowledged of it.
#[derive(Clone, Default)]
struct Profile {
    wanted: State,
    acknowledged: Option<State>,
    remote_id: Option<RemoteId>,
}

#[derive(Clone, Default, PartialEq, Debug)]
struct State {
    fields: BTreeMap<String, String>,
    groups: BTreeSet<String>,
}

const GROUPS: [&str; 4] = ["VIP", "Churned", "Acme, Inc", "Zürich"];
const FIELDS: [&str; 3] = ["firstName", "lastName", "title"];

struct Host {
    rng: Rng,
    profiles: BTreeMap<usize, Profile>,
    next_email: usize,
}

impl Host {
    fn new(seed: u64) -> Self {
        Self { rng: Rng::with_seed(seed), profiles: BTreeMap::new(), next_email: 0 }
    }

    fn email(&mut self) -> String {
        self.next_email += 1;
        format!("person-{}@example.com", self.next_email)
    }

    /// Changes some profiles, makes some, drops some: the exports that say so.
    fn round(&mut self, profiles: usize) -> Vec<(usize, Export)> {
        let mut exports = Vec::new();
        for n in 0..profiles {
            match self.rng.u8(..10) {
                0..=2 => {}
                3 if self.profiles.contains_key(&n) => exports.push((n, self.delete(n))),
                _ => {
                    self.change(n);
                    exports.push((n, self.export(n)));
                }
            }
        }
        self.rng.shuffle(&mut exports);
        exports
    }

    fn change(&mut self, n: usize) {
        let mut profile = self.profiles.remove(&n).unwrap_or_default();
        let is_new = profile.wanted.fields.is_empty();
        if is_new || self.rng.u8(..4) == 0 {
            let email = self.email();
            profile.wanted.fields.insert("email".to_owned(), email);
        }
        for field in FIELDS {
            match self.rng.u8(..3) {
                0 => drop(profile.wanted.fields.remove(field)),
                1 => {
                    let value = format!("{field} {}", self.rng.u32(..1_000));
                    profile.wanted.fields.insert(field.to_owned(), value);
                }
                _ => {}
            }
        }
        for group in GROUPS {
            match self.rng.u8(..4) {
                0 => drop(profile.wanted.groups.remove(group)),
                1 => drop(profile.wanted.groups.insert(group.to_owned())),
                _ => {}
            }
        }
        self.profiles.insert(n, profile);
    }

    fn export(&mut self, n: usize) -> Export {
        let profile = self.profiles[&n].clone();
        let mut export = self.acknowledged(n, profile.clone());
        for (field, value) in &profile.wanted.fields {
            export = export.property(field, value.as_str());
        }
        export.new_groups = profile.wanted.groups.clone();
        export
    }

    fn delete(&mut self, n: usize) -> Export {
        let profile = self.profiles.remove(&n).unwrap_or_default();
        self.acknowledged(n, profile).delete()
    }

    /// What the host knows of the tool: now and then it has forgotten the id.
    fn acknowledged(&mut self, n: usize, profile: Profile) -> Export {
        let mut export = Export::new(n.to_string());
        let state = profile.acknowledged.unwrap_or_default();
        for (field, value) in &state.fields {
            export = export.old_property(field, value.as_str());
        }
        export.old_groups = state.groups;
        match profile.remote_id {
            Some(id) if self.rng.u8(..4) > 0 => export.remote_id(id.as_str()),
            _ => export,
        }
    }

    fn states(&self) -> BTreeMap<String, State> {
        let state = |profile: &Profile| (profile.wanted.fields["email"].clone(), profile.wanted.clone());
        self.profiles.values().map(state).collect()
    }

    /// A few calls of the round falter, each in a way that passes.
    fn falter(&mut self, world: &World) {
        let code = |code: &str| FaultAction::ErrorCode { code: code.to_owned(), message: String::new() };
        let mut actions = vec![
            code("606"),
            code("611"),
            FaultAction::ExpireToken,
            FaultAction::Reset,
            FaultAction::ResetAfter,
            FaultAction::TimeoutAfter,
            FaultAction::Truncated,
            FaultAction::Html { status: 502 },
            FaultAction::Html { status: 200 },
        ];
        // Each at most once: a token that dies twice under one call is a wrong credential.
        for _ in 0..3 {
            let action = actions.swap_remove(self.rng.usize(..actions.len()));
            world.fault_on(Match::path("/rest/").nth(self.rng.u64(1..8)), action);
        }
    }
}

fn held(world: &World) -> BTreeMap<String, State> {
    let mut states = BTreeMap::new();
    for lead in world.leads() {
        let own = |name: &str| name == "email" || FIELDS.contains(&name);
        let text = |(name, value): (String, Json)| Some((name, value.as_str()?.to_owned()));
        let state = State {
            fields: lead.fields.into_iter().filter(|(name, _)| own(name)).filter_map(text).collect(),
            groups: lead.groups,
        };
        let email = state.fields["email"].clone();
        assert!(states.insert(email.clone(), state).is_none(), "{email} is there twice");
    }
    states
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn the_tool_agrees_with_the_host_after_every_round(
    #[values(1, 2, 3, 4, 5, 6, 7, 8)] seed: u64,
    #[values(8, 700)] profiles: usize,
) {
    let world = World::new();
    let mut host = Host::new(seed);
    for round in 0..5 {
        let exports = host.round(profiles);
        host.falter(&world);
        let (report, outcomes) =
            world.export(exports.iter().map(|(_, export)| export.clone()).collect()).await;
        world.marketo.controls().faults.clear();

        assert!(report.stopped.is_none(), "round {round}: {:?}", report.stopped);
        for ((n, export), outcomed) in exports.iter().zip(&outcomes) {
            let is_done = outcomed.outcome.is_done() || outcomed.outcome.name() == "skipped";
            assert!(is_done, "round {round}: {export:?} {outcomed:?}");
            assert!(outcomed.notes.is_empty());
            if let Some(profile) = host.profiles.get_mut(n).filter(|_| !export.to_delete) {
                profile.acknowledged = Some(profile.wanted.clone());
                profile.remote_id.clone_from(&outcomed.remote_id);
            }
        }
        assert_eq!(held(&world), host.states(), "round {round}");
    }
    assert_eq!(world.marketo.controls().log.refused(), 0);
}
