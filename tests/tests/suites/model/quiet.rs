//! Nothing goes wrong: every outcome and every record is as the model says.

use outflow_core::{Export, Run, SyncMode};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use super::change::{Change, change, mode};
use super::state::Model;
use super::{cases, paused};
use crate::world::{Done, Tool, World};

/// Keys that changes are about.
const KEYS: usize = 8;
/// Of these, a record each is there before.
const SEEDED: usize = 4;
/// And this key is held twice.
const TWICE: usize = 7;

#[derive(Clone, Debug)]
struct Case {
    changes: Vec<Change>,
    mode: SyncMode,
    /// Records that are nobody's, for look-ups to search instead of reading them all.
    crowd: u64,
}

fn case() -> impl Strategy<Value = Case> {
    let many = vec(change(KEYS), 0..40).prop_map(|changes| (changes, 0));
    let few_in_a_crowd = vec(change(KEYS), 1..4).prop_map(|changes| (changes, 2_500));
    (prop_oneof![12 => many, 1 => few_in_a_crowd], mode()).prop_map(|((changes, crowd), mode)| Case {
        changes,
        mode,
        crowd,
    })
}

async fn check(tool: Tool, case: Case) -> TestCaseResult {
    let world = World::new(tool);
    let gone = seed(&world, case.crowd);
    let before = Model::of(&world, case.mode);
    let mut model = before.clone();
    let mut expected = Vec::new();
    let mut exports: Vec<Export> = Vec::new();
    for (number, change) in case.changes.iter().enumerate() {
        let export = change.export(number, &model, &gone);
        expected.push(model.apply(&export));
        exports.push(export);
    }
    // In a crowd keys are searched for, but for those that this process wrote a moment ago:
    // that somebody else holds one of these, too, it notices a minute later.
    prop_assume!(case.crowd == 0 || !makes_twins(&model));
    let run = Run::of_mode(case.mode);
    let done = Done::of(&world.destination().await, exports.clone(), run).await;
    prop_assert_eq!(done.told(), expected, "{:#?}", exports);
    let held = Model::of(&world, case.mode);
    prop_assert_eq!(held.sorted(&before), model.sorted(&before), "{:#?}", exports);
    prop_assert!(done.report.stopped.is_none());
    prop_assert_eq!(world.controls().log.refused(), 0, "the limits are kept");
    Ok(())
}

/// Whether a key came to be held twice that was not before.
fn makes_twins(model: &Model) -> bool {
    let keys = (0..KEYS).filter(|key| *key != TWICE);
    keys.map(|key| model.tool.nth_key(key)).any(|key| model.holders(&key).len() > 1)
}

/// Says the id of a record that somebody deleted.
fn seed(world: &World, crowd: u64) -> String {
    for number in (0..SEEDED).chain([TWICE, TWICE]) {
        world.seed(&world.tool.nth_key(number));
    }
    if world.tool == Tool::Persons {
        world.pipedrive().add_many_persons(crowd);
    }
    let gone = world.seed("gone@example.com");
    world.delete(&gone);
    gone
}

proptest! {
    #![proptest_config(cases(120))]

    #[test]
    fn any_mix_of_exports_ends_as_the_model_says_in_marketo(case in case()) {
        paused(check(Tool::Leads, case))?;
    }

    #[test]
    fn any_mix_of_exports_ends_as_the_model_says_in_pipedrives_persons(case in case()) {
        paused(check(Tool::Persons, case))?;
    }

    #[test]
    fn any_mix_of_exports_ends_as_the_model_says_in_pipedrives_organizations(case in case()) {
        paused(check(Tool::Organizations, case))?;
    }
}
