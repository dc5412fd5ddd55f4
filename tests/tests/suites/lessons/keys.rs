//! Keys: what finds a record, and what must not.

use outflow_core::Export;
use rstest::rstest;

use crate::world::{Kind, NICKNAME, Setup, Tool, World};

/// The longest request line that the tools' servers take.
const LONGEST_URL: usize = 8 * 1024;

fn captured(tool: Tool) -> World {
    let setup = Setup { capture: true, ..Setup::default() };
    World::with(tool, setup)
}

/// A profile with this key.
fn keyed(world: &World, id: &str, key: &str) -> Export {
    Export { profile_id: id.into(), ..world.profile(0).property(world.tool.key(), key) }
}

fn long_key(tool: Tool, number: usize) -> String {
    if tool.is_keyed_by_email() {
        format!("somebody.with.a.rather.long.name.{number:04}@example.com")
    } else {
        format!("Gesellschaft mit einem sehr langen Namen Nummer {number:04}")
    }
}

/// 300 keys of half a hundred characters make 15 KB.
#[rstest]
#[tokio::test(start_paused = true)]
async fn lesson_09_and_41_no_url_grows_with_the_number_of_keys(
    #[values(Tool::Leads, Tool::Persons, Tool::Organizations)] tool: Tool,
) {
    let world = captured(tool);
    for number in (0..300).step_by(3) {
        world.seed(&long_key(tool, number));
    }
    let delete = |number: usize| keyed(&world, &format!("p{number}"), &long_key(tool, number)).delete();
    let done = world.export((0..300).map(delete).collect()).await;
    assert_eq!(done.report.outcomes.deleted, 100);
    assert_eq!(done.report.outcomes.skipped, 200);
    assert!(world.records().is_empty());
    for exchange in world.controls().log.exchanges() {
        let length = exchange.path.len() + exchange.query.len();
        assert!(length < LONGEST_URL / 2, "{} has {length} bytes", exchange.operation);
    }
    assert_eq!(world.calls_to(Kind::Find), 1);
    let find = &world.exchanges(tool.operation(Kind::Find))[0];
    match tool {
        Tool::Leads => assert_eq!((find.method.as_str(), &*find.query), ("POST", "_method=GET")),
        _ => assert_eq!(find.method.as_str(), "GET"),
    }
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn lesson_10_two_profiles_with_one_new_key_become_one_record(
    #[values(Tool::Leads, Tool::Persons, Tool::Organizations)] tool: Tool,
) {
    let world = World::new(tool);
    let key = tool.nth_key(1);
    let exports = vec![
        keyed(&world, "first", &key).property(NICKNAME, "First").group("A"),
        world.profile(2),
        keyed(&world, "last", &key).property(NICKNAME, "Last").group("B"),
    ];
    let done = world.export(exports).await;
    assert_eq!(done.names(), ["created", "created", "updated"]);
    assert_eq!(done.ids()[0], done.ids()[2]);
    let record = world.record(&key);
    assert_eq!(record.fields[NICKNAME], "Last", "the last one wins");
    assert!(record.groups.contains("B"));
    assert_eq!(world.records().len(), 2);
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn lesson_11_a_changed_key_changes_the_record_and_makes_no_second(
    #[values(Tool::Leads, Tool::Persons, Tool::Organizations)] tool: Tool,
    #[values(true, false)] knows_id: bool,
) {
    let world = World::new(tool);
    let id = world.export(vec![world.profile(1)]).await.ids().remove(0);
    world.wait(60).await;
    let mut export = keyed(&world, "p", &tool.nth_key(2)).old_property(tool.key(), tool.nth_key(1));
    if knows_id {
        export = export.remote_id(id.as_str());
    }
    let done = world.another_process().export(vec![export]).await;
    assert_eq!(done.names(), ["updated"]);
    assert_eq!(world.record(&tool.nth_key(2)).id, id);
    assert_eq!(world.records().len(), 1);
    assert_eq!(world.keys_of(&world.records()[0]).len(), 1, "the old key is gone");
}

/// Somebody deleted the record and made it anew: its old key finds it, and gives way.
#[rstest]
#[tokio::test(start_paused = true)]
async fn lesson_11_a_key_changes_though_the_known_id_is_gone(
    #[values(Tool::Leads, Tool::Persons, Tool::Organizations)] tool: Tool,
) {
    let world = World::new(tool);
    let gone = world.seed(&tool.nth_key(1));
    world.delete(&gone);
    let anew = world.seed(&tool.nth_key(1));
    let export = keyed(&world, "p", &tool.nth_key(2))
        .old_property(tool.key(), tool.nth_key(1))
        .old_group("VIP")
        .group("VIP")
        .remote_id(gone.as_str());
    let done = world.export(vec![export]).await;
    assert_eq!(done.names(), ["updated"]);
    let record = world.record(&tool.nth_key(2));
    assert_eq!(record.id, anew);
    assert_eq!(world.keys_of(&record).len(), 1, "{record:?}");
    assert!(record.groups.contains("VIP"), "it was in no group yet");
}

const ODD_EMAILS: [&str; 6] = [
    "o'neil@example.com",
    "a+b@example.com",
    "a&b=c@example.com",
    "100%41@example.com",
    "a/b?c#d@example.com",
    "{a}|b~c@example.com",
];

const ODD_NAMES: [&str; 7] = [
    "Acme, Inc",
    "O'Neil & Söhne + Co",
    "100 % \"Pure\"",
    "株式会社サンプル",
    "a/b?c#d=e;f",
    "C:\\Temp",
    "Acme, Inc, Berlin",
];

fn odd_keys(tool: Tool) -> &'static [&'static str] {
    if tool.is_keyed_by_email() { &ODD_EMAILS } else { &ODD_NAMES }
}

/// Created, found again by somebody who knows nothing, put in groups, and deleted.
#[rstest]
#[tokio::test(start_paused = true)]
async fn lesson_18_marks_in_keys_groups_and_values_are_harmless(
    #[values(Tool::Leads, Tool::Persons, Tool::Organizations)] tool: Tool,
) {
    let world = World::new(tool);
    let keys = odd_keys(tool);
    let exports = |groups: &[&str]| -> Vec<Export> {
        let export = |key: &&str| {
            let export = keyed(&world, key, key).property(NICKNAME, *key);
            groups.iter().fold(export, |export, group| export.group(*group))
        };
        keys.iter().map(export).collect()
    };
    assert!(world.export(exports(&[])).await.all("created"));
    world.wait(60).await;
    let odd_groups = &ODD_NAMES[..6];
    assert!(world.another_process().export(exports(odd_groups)).await.all("updated"));
    for key in keys {
        let record = world.record(key);
        assert_eq!(record.fields[NICKNAME], *key);
        assert_eq!(record.groups, odd_groups.iter().map(|group| (*group).to_owned()).collect());
    }
    world.wait(60).await;
    let deletes = exports(&[]).into_iter().map(Export::delete).collect();
    assert!(world.another_process().export(deletes).await.all("deleted"));
    assert!(world.records().is_empty());
}

/// Marketo reads a comma as the end of a key: the key is refused, and nobody else is.
#[tokio::test(start_paused = true)]
async fn lesson_18_a_comma_in_a_key_that_is_looked_up_harms_nobody_else() {
    let world = World::new(Tool::Leads);
    for number in 0..20 {
        world.seed(&Tool::Leads.nth_key(number));
    }
    world.seed("\"a,k3@example.com");
    let mut exports: Vec<Export> = (0..20).map(|number| world.profile(number).delete()).collect();
    exports.insert(7, keyed(&world, "odd", "\"a,k3@example.com").delete());
    let done = world.export(exports).await;
    assert_eq!(done.told()[7], "rejected comma_in_key");
    assert_eq!(done.report.outcomes.deleted, 20);
    assert_eq!(world.records().len(), 1);
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn lesson_39_what_only_begins_or_ends_alike_is_another(
    #[values(Tool::Leads, Tool::Persons, Tool::Organizations)] tool: Tool,
    #[values(0, 60)] crowd: usize,
) {
    let world = World::new(tool);
    let (key, others) = if tool.is_keyed_by_email() {
        ("ann@example.com", ["joann@example.com", "ann@example.com.au", "ann@example.co"])
    } else {
        ("Acme", ["Acme Holdings", "The Acme", "acme"])
    };
    let ids = others.map(|other| world.seed(other));
    let mut exports = vec![keyed(&world, "ann", key).old_property(tool.key(), key)];
    exports.extend((0..crowd).map(|number| world.profile(number)));
    let done = world.export(exports).await;
    assert!(done.all("created"));
    for (id, other) in ids.iter().zip(others) {
        let record = world.record(other);
        assert_eq!(&record.id, id);
        assert!(!record.fields.contains_key(NICKNAME), "{other} is somebody else");
    }
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn lesson_40_a_key_that_two_records_hold_is_said_and_neither_is_touched(
    #[values(Tool::Leads, Tool::Persons, Tool::Organizations)] tool: Tool,
    #[values(true, false)] to_delete: bool,
) {
    let world = World::new(tool);
    let key = tool.nth_key(1);
    let ids = [world.seed(&key), world.seed(&key)];
    let other = world.seed(&tool.nth_key(2));
    let mut exports = vec![world.profile(1), world.profile(2)];
    for export in &mut exports {
        export.to_delete = to_delete;
    }
    let before = world.holders(&key);
    let done = world.export(exports).await;
    let done_well = if to_delete { "deleted" } else { "updated" };
    assert_eq!(done.names(), ["rejected", done_well]);
    let problem = done.outcomes[0].outcome.problem().unwrap();
    assert!(["ambiguous_key", "1007"].contains(&&*problem.code), "{problem:?}");
    if problem.code == "ambiguous_key" {
        assert!(ids.iter().all(|id| problem.message.contains(id)), "{problem:?}");
    }
    assert_eq!(world.holders(&key), before);
    assert_eq!(world.records().iter().any(|record| record.id == other), !to_delete);
}
