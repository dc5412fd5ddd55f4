//! Any mix of exports, with people at work in the company and faults on the wire: one
//! outcome for each export, and in the end a company as a simple model has it.

use std::collections::BTreeSet;
use std::time::Duration;

use fastrand::Rng;
use outflow_core::{Export, Outcome, RemoteId};
use outflow_sandbox::{Fault, FaultAction, Match};
use rstest::rstest;
use serde_json::json;

use crate::rig::Rig;

const PROFILES: usize = 40;
const GROUPS: [&str; 4] = ["A", "B", "C", "D"];

/// What a host wants of a profile, or knows to be there.
#[derive(Clone, Debug, PartialEq)]
struct State {
    name: String,
    email: String,
    phone: String,
    groups: BTreeSet<String>,
}

struct Profile {
    id: String,
    /// `None`: nothing, or deleted.
    wanted: Option<State>,
    acknowledged: Option<State>,
    remote_id: Option<RemoteId>,
    /// Nobody knows whether the last writes happened: the groups they gave.
    unsure: bool,
    attempted: BTreeSet<String>,
    /// What people added by hand.
    added_email: Option<String>,
}

impl Profile {
    fn export(&self, rng: &mut Rng) -> Option<Export> {
        let mut export = Export::new(self.id.as_str());
        if let Some(old) = &self.acknowledged {
            export = export.old_property("Email", old.email.as_str());
            if !self.unsure {
                export =
                    export.old_property("Name", old.name.as_str()).old_property("Phone", old.phone.as_str());
            }
            export.old_groups.clone_from(&old.groups);
            // A host may have forgotten the id.
            export.remote_id = self.remote_id.clone().filter(|_| rng.u8(..4) > 0);
        }
        export.old_groups.extend(self.attempted.iter().cloned());
        match &self.wanted {
            Some(new) => {
                export = export
                    .property("Name", new.name.as_str())
                    .property("Email", new.email.as_str())
                    .property("Phone", new.phone.as_str());
                export.new_groups.clone_from(&new.groups);
            }
            None => {
                self.acknowledged.as_ref()?;
                export.to_delete = true;
            }
        }
        (self.unsure || self.wanted != self.acknowledged).then_some(export)
    }

    fn settle(&mut self, outcome: &Outcome, remote_id: Option<RemoteId>) {
        self.unsure = !matches!(
            outcome,
            Outcome::Created(_)
                | Outcome::Updated(_)
                | Outcome::Deleted
                | Outcome::Unchanged
                | Outcome::Skipped(_)
        );
        if self.unsure {
            let groups = self.wanted.iter().flat_map(|wanted| wanted.groups.iter().cloned());
            self.attempted.extend(groups);
        } else {
            self.attempted.clear();
        }
        match outcome {
            Outcome::Created(_) | Outcome::Updated(_) | Outcome::Unchanged => {
                self.acknowledged.clone_from(&self.wanted);
                self.remote_id = remote_id;
            }
            Outcome::Deleted | Outcome::Skipped(_) => {
                self.acknowledged = None;
                self.remote_id = None;
                self.added_email = None;
            }
            Outcome::Retry { .. } | Outcome::Unknown(_) => {}
            Outcome::Rejected(problem) => panic!("{}: {problem:?}", self.id),
        }
    }
}

struct World {
    rig: Rig,
    rng: Rng,
    profiles: Vec<Profile>,
    emails: usize,
    /// Exports of one run.
    at_once: usize,
    seed: u64,
}

impl World {
    async fn new(seed: u64) -> Self {
        let rig = Rig::new().await;
        let mut rng = Rng::with_seed(seed);
        // Small companies are scanned; a large one is searched when few keys are wanted.
        let (persons, at_once) = [(0, PROFILES), (300, 7), (4_000, PROFILES), (4_000, 2)][rng.usize(..4)];
        rig.sandbox.add_many_persons(persons);
        let profile = |number| Profile {
            id: format!("profile {number}"),
            wanted: None,
            acknowledged: None,
            remote_id: None,
            unsure: false,
            attempted: BTreeSet::new(),
            added_email: None,
        };
        Self { profiles: (0..PROFILES).map(profile).collect(), rig, rng, emails: 0, at_once, seed }
    }

    fn new_email(&mut self) -> String {
        self.emails += 1;
        format!("Own-{}@example.com", self.emails)
    }

    /// The host's data changes.
    fn change_wishes(&mut self) {
        for index in 0..PROFILES {
            if self.rng.bool() {
                continue;
            }
            let email = self.new_email();
            let rng = &mut self.rng;
            let profile = &mut self.profiles[index];
            let Some(state) = &mut profile.wanted else {
                // While a delete is not acknowledged, the record is still the old one's.
                if profile.acknowledged.is_none() && !profile.unsure {
                    profile.wanted = Some(State {
                        name: format!("Name {}", rng.u16(..)),
                        email,
                        phone: format!("+49 {}", rng.u16(100..)),
                        groups: some_groups(rng),
                    });
                }
                continue;
            };
            match rng.u8(..6) {
                0 => state.name = format!("Name {}", rng.u16(..)),
                1 if profile.acknowledged.is_some() && !profile.unsure => state.email = email,
                2 => state.phone = format!("+49 {}", rng.u16(100..)),
                3 => state.groups = some_groups(rng),
                4 if profile.acknowledged.is_some() && !profile.unsure => profile.wanted = None,
                _ => {}
            }
        }
    }

    /// People work in the company.
    fn work_by_hand(&mut self) {
        for index in 0..PROFILES {
            let action = self.rng.u8(..20);
            let email = format!("by-hand-{}@example.com", self.rng.u64(..));
            let profile = &mut self.profiles[index];
            let sandbox = &self.rig.sandbox;
            if profile.unsure {
                continue;
            }
            match (action, &profile.remote_id, &profile.wanted, &profile.acknowledged) {
                (0, Some(id), ..) => {
                    sandbox.delete_person(id.as_u64().unwrap());
                    profile.added_email = None;
                    // The host does not notice, and has nothing to send: it is not told.
                    if profile.wanted == profile.acknowledged
                        && let Some(state) = &mut profile.wanted
                    {
                        state.name += "!";
                    }
                }
                (1, Some(id), ..) => {
                    let id = id.as_u64().unwrap();
                    let Some(person) = sandbox.person(id).filter(|person| person["is_deleted"] == false)
                    else {
                        continue;
                    };
                    let mut emails = person["emails"].clone();
                    emails.as_array_mut().unwrap().push(json!({ "value": email, "label": "home" }));
                    sandbox.change_person(id, &json!({ "emails": emails })).unwrap();
                    profile.added_email = Some(email);
                }
                // Somebody made the person before us.
                (2, None, Some(state), None) => {
                    let emails = json!([{ "value": state.email.to_uppercase() }]);
                    sandbox.add_person(&json!({ "name": "By hand", "emails": emails })).unwrap();
                }
                _ => {}
            }
        }
    }

    fn break_things(&mut self) {
        let operations = [
            "create person",
            "update person",
            "delete person",
            "list persons",
            "search persons",
            "get person",
        ];
        let actions = [
            FaultAction::ResetAfter,
            FaultAction::Reset,
            FaultAction::TimeoutAfter,
            FaultAction::Truncated,
            FaultAction::Status { status: 503, body: String::new(), headers: Default::default() },
        ];
        for operation in operations {
            for _ in 0..self.rng.usize(..4) {
                let nth = self.rng.u64(1..20);
                let action = actions[self.rng.usize(..actions.len())].clone();
                let fault = Fault::new(Match::operation(operation).nth(nth), action);
                self.rig.controls().faults.push(fault);
            }
        }
    }

    /// Everything that is due, in one run or in several.
    async fn run(&mut self) -> usize {
        let rng = &mut self.rng;
        let mut due: Vec<(usize, Export)> = self
            .profiles
            .iter()
            .enumerate()
            .filter_map(|(index, profile)| Some((index, profile.export(rng)?)))
            .collect();
        rng.shuffle(&mut due);
        for part in due.chunks(self.at_once) {
            let (indexes, exports): (Vec<usize>, Vec<Export>) = part.iter().cloned().unzip();
            let done = self.rig.export(exports).await;
            for (index, outcomed) in indexes.iter().zip(done.outcomes) {
                let profile = &mut self.profiles[*index];
                assert_eq!(outcomed.profile_id.as_str(), profile.id);
                profile.settle(&outcomed.outcome, outcomed.remote_id);
            }
        }
        due.len()
    }

    fn check(&self) {
        let seed = self.seed;
        for profile in &self.profiles {
            let Some(state) = &profile.wanted else { continue };
            let ids = self.rig.sandbox.persons_with_email(&state.email);
            assert_eq!(ids.len(), 1, "seed {seed}: {state:?} is held by {ids:?}");
            let person = self.rig.person(ids[0]);
            assert_eq!(person["name"], state.name.as_str(), "seed {seed}: {}", profile.id);
            let groups: BTreeSet<String> = self.rig.groups_of(ids[0]).into_iter().collect();
            assert_eq!(groups, state.groups, "seed {seed}: {}", profile.id);
            let phones = person["phones"].to_string();
            assert!(phones.contains(&state.phone), "seed {seed}: {state:?}: {phones}");
            if let Some(added) = &profile.added_email {
                let emails = person["emails"].to_string();
                assert!(emails.contains(added.as_str()), "seed {seed}: {added} is lost: {emails}");
            }
        }
        // What was replaced or deleted is gone, and nobody is there twice.
        let wanted: BTreeSet<String> = self
            .profiles
            .iter()
            .filter_map(|profile| Some(profile.wanted.as_ref()?.email.to_lowercase()))
            .collect();
        for number in 1..=self.emails {
            let email = format!("own-{number}@example.com");
            let held = self.rig.sandbox.persons_with_email(&email).len();
            assert_eq!(held, usize::from(wanted.contains(&email)), "seed {seed}: {email}");
        }
    }
}

fn some_groups(rng: &mut Rng) -> BTreeSet<String> {
    let some = GROUPS.into_iter().filter(|_| rng.bool());
    some.map(str::to_owned).collect()
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn the_company_ends_up_as_the_model_has_it(#[values(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)] seed: u64) {
    let mut world = World::new(seed).await;
    for round in 0..8 {
        world.change_wishes();
        if round % 2 == 1 {
            world.break_things();
        }
        world.run().await;
        world.rig.controls().faults.clear();
        let seconds = world.rng.u64(..120);
        world.rig.clock.sleep(Duration::from_secs(seconds)).await;
        world.work_by_hand();
    }
    // Without faults, all is done within a few runs, and then nothing is due.
    for _ in 0..3 {
        world.run().await;
    }
    assert_eq!(world.run().await, 0, "seed {seed}");
    world.check();
}
