//! Sizes around every limit, with the calls they take.

use std::collections::BTreeMap;

use outflow_core::Export;
use rstest::rstest;

use crate::world::{Done, NICKNAME, Tool, World};

/// Records in one call of Marketo.
const A_CALL: usize = 300;

/// The calls that were made since the last time, by name.
fn calls(world: &World) -> BTreeMap<&'static str, u64> {
    let calls = world.calls();
    world.controls().log.reset();
    calls
}

/// Those of these calls that are made at all.
fn expect<const N: usize>(calls: [(&'static str, usize); N]) -> BTreeMap<&'static str, u64> {
    let made = calls.into_iter().filter(|(_, count)| *count > 0);
    made.map(|(name, count)| (name, count as u64)).collect()
}

fn of_creates(tool: Tool, count: usize) -> BTreeMap<&'static str, u64> {
    let batches = count.div_ceil(A_CALL);
    let any = usize::from(count > 0);
    match tool {
        Tool::Leads => expect([
            ("describe leads 2", 1),
            ("sync leads", batches),
            ("find lists", any),
            ("folder by name", any),
            ("create static list", any),
            ("add members", batches),
        ]),
        Tool::Persons => expect([
            ("list person fields", 1),
            ("create person field", any),
            ("list filters", any),
            ("list person fields (v1)", any),
            ("create filter", any),
            ("create person", count),
        ]),
        Tool::Organizations => expect([
            ("list organization fields", 1),
            ("create organization field", any),
            ("list filters", any),
            ("list organization fields (v1)", any),
            ("create filter", any),
            ("create organization", count),
        ]),
    }
}

fn of_updates(tool: Tool, count: usize) -> BTreeMap<&'static str, u64> {
    match tool {
        Tool::Leads => expect([("sync leads", count.div_ceil(A_CALL))]),
        Tool::Persons => expect([("update person", count)]),
        Tool::Organizations => expect([("update organization", count)]),
    }
}

fn of_deletes(tool: Tool, count: usize) -> BTreeMap<&'static str, u64> {
    match tool {
        Tool::Leads => expect([("delete leads", count.div_ceil(A_CALL))]),
        Tool::Persons => expect([("delete person", count)]),
        Tool::Organizations => expect([("delete organization", count)]),
    }
}

/// The profiles as they were acknowledged, each known by its id.
fn known(world: &World, done: &Done) -> Vec<Export> {
    let known = |(number, outcomed): (usize, &outflow_core::Outcomed)| {
        let export = world.profile(number).group("VIP");
        Export {
            old_properties: export.new_properties.clone(),
            old_groups: export.new_groups.clone(),
            remote_id: outcomed.remote_id.clone(),
            ..export
        }
    };
    done.outcomes.iter().enumerate().map(known).collect()
}

/// Created, changed, left as they are, and deleted: no call more than it takes.
#[rstest]
#[tokio::test(start_paused = true)]
async fn lesson_38_any_number_of_profiles_takes_the_calls_it_must(
    #[values(Tool::Leads, Tool::Persons, Tool::Organizations)] tool: Tool,
    #[values(0, 1, 299, 300, 301, 3_000)] count: usize,
) {
    let world = World::new(tool);
    // What the account remembers lasts as long as it is open.
    let _account = world.account().await;
    let exports = (0..count).map(|number| world.profile(number).group("VIP").known_new());
    let done = world.export(exports.collect()).await;
    assert!(done.all("created"));
    assert_eq!(world.records().len(), count);
    assert_eq!(world.controls().log.refused(), 0);
    assert_eq!(calls(&world), of_creates(tool, count));

    let same = known(&world, &done);
    assert!(world.export(same.clone()).await.all("unchanged"));
    assert_eq!(calls(&world), BTreeMap::new());

    let changed = same.iter().cloned().map(|export| export.property(NICKNAME, "New"));
    assert!(world.export(changed.collect()).await.all("updated"));
    assert!(world.records().iter().all(|record| record.fields[NICKNAME] == "New"));
    assert!(world.records().iter().all(|record| record.groups.contains("VIP")));
    assert_eq!(calls(&world), of_updates(tool, count));

    let deletes = same.into_iter().map(Export::delete);
    assert!(world.export(deletes.collect()).await.all("deleted"));
    assert!(world.records().is_empty());
    assert_eq!(calls(&world), of_deletes(tool, count));
    assert_eq!(world.controls().log.refused(), 0);
}
