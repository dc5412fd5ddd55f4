//! Each profile for itself: what to do, what to write, which groups.

use outflow_core::{Export, Value};
use outflow_sandbox::SandboxRecord;
use rstest::rstest;
use serde_json::{Value as Json, json};

use crate::world::{Kind, NICKNAME, POINTS, Tool, World};

/// What a record has in the field of numbers.
fn points(record: &SandboxRecord) -> Option<f64> {
    record.fields.get(POINTS).and_then(Json::as_f64)
}

fn nickname(record: &SandboxRecord) -> Option<&str> {
    record.fields.get(NICKNAME).and_then(Json::as_str)
}

/// The profile as it was acknowledged, and to be what it is no more.
fn known(world: &World, number: usize, id: &str) -> Export {
    let export = world.profile(number);
    Export { old_properties: export.new_properties.clone(), ..export.remote_id(id) }
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn lesson_01_the_first_profile_decides_for_nobody_else(
    #[values(Tool::Leads, Tool::Persons, Tool::Organizations)] tool: Tool,
) {
    let world = World::new(tool);
    let done = world.export((0..4).map(|number| world.profile(number)).collect()).await;
    let ids = done.ids();
    world.controls().log.reset();
    let exports = vec![
        known(&world, 0, &ids[0]).delete(),
        known(&world, 1, &ids[1]).property(NICKNAME, "New"),
        known(&world, 2, &ids[2]).delete(),
        known(&world, 3, &ids[3]).group("VIP"),
    ];
    let done = world.export(exports).await;
    assert_eq!(done.names(), ["deleted", "updated", "deleted", "updated"]);
    assert_eq!(world.records().len(), 2);
    assert_eq!(nickname(&world.record(&tool.nth_key(1))), Some("New"));
    assert!(world.record(&tool.nth_key(3)).groups.contains("VIP"));
    let calls = if tool == Tool::Leads { 1 } else { 2 };
    assert_eq!(world.calls_to(Kind::Delete), calls);
    assert_eq!(world.calls_to(Kind::Find), 0, "the ids were known");
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn lesson_06_each_profile_has_its_own_fields_and_groups(
    #[values(Tool::Leads, Tool::Persons, Tool::Organizations)] tool: Tool,
) {
    let world = World::new(tool);
    let groups: [&[&str]; 4] = [&["A"], &["B"], &["A", "B"], &[]];
    let export = |number: usize| {
        let mut export = world.profile(number);
        if number.is_multiple_of(2) {
            export = export.property(POINTS, i64::try_from(number).unwrap());
        }
        export.new_groups = groups[number].iter().map(|group| (*group).to_owned()).collect();
        export
    };
    assert!(world.export((0..4).map(export).collect()).await.all("created"));
    for (number, groups) in groups.iter().enumerate() {
        let record = world.record(&tool.nth_key(number));
        assert_eq!(&record.groups.iter().map(String::as_str).collect::<Vec<_>>(), groups);
        assert_eq!(nickname(&record), Some(&*format!("Nick {number}")));
        assert_eq!(points(&record).is_some(), number.is_multiple_of(2));
    }
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn lesson_07_zero_is_a_value(#[values(Tool::Leads, Tool::Persons, Tool::Organizations)] tool: Tool) {
    let world = World::new(tool);
    let zero = || world.profile(0).property(POINTS, 0);
    assert!(world.export(vec![zero()]).await.all("created"));
    assert_eq!(points(&world.record(&tool.nth_key(0))), Some(0.0));
    world.export(vec![world.profile(0).property(POINTS, 5)]).await;
    assert!(world.export(vec![zero()]).await.all("updated"));
    assert_eq!(points(&world.record(&tool.nth_key(0))), Some(0.0));
}

#[tokio::test(start_paused = true)]
async fn lesson_07_false_is_a_value() {
    let world = World::new(Tool::Leads);
    let unsubscribed = |value: bool| world.profile(0).property("unsubscribed", value);
    world.export(vec![unsubscribed(true)]).await;
    assert_eq!(world.record(&Tool::Leads.nth_key(0)).fields["unsubscribed"], json!(true));
    world.export(vec![unsubscribed(false)]).await;
    assert_eq!(world.record(&Tool::Leads.nth_key(0)).fields["unsubscribed"], json!(false));
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn lesson_08_missing_null_and_dropped_are_three_things(
    #[values(Tool::Leads, Tool::Persons, Tool::Organizations)] tool: Tool,
) {
    let world = World::new(tool);
    let key = tool.nth_key(0);
    let export = |nickname: Option<Value>, was_known: bool| {
        let mut export = world.profile(0);
        export.new_properties.remove(NICKNAME);
        if was_known {
            export.old_properties = world.profile(0).new_properties;
        }
        if let Some(value) = nickname {
            export = export.property(NICKNAME, value);
        }
        vec![export.property(POINTS, 1)]
    };
    world.export(vec![world.profile(0)]).await;
    world.export(export(None, false)).await;
    assert_eq!(nickname(&world.record(&key)), Some("Nick 0"), "missing is left alone");
    world.export(export(Some(Value::Null), false)).await;
    assert_eq!(nickname(&world.record(&key)), None, "null clears");
    world.export(vec![world.profile(0)]).await;
    world.export(export(None, true)).await;
    assert_eq!(nickname(&world.record(&key)), None, "what is dropped is cleared");
}

/// What is sent is compared with what was acknowledged, not with what was sent last.
#[rstest]
#[tokio::test(start_paused = true)]
async fn lesson_15_a_change_that_is_taken_back_at_once_is_taken_back(
    #[values(Tool::Leads, Tool::Persons, Tool::Organizations)] tool: Tool,
) {
    let world = World::new(tool);
    let done = world.export(vec![world.profile(0).group("A")]).await;
    let id = &done.ids()[0];
    let first = known(&world, 0, id).old_group("A");
    let changed = first.clone().property(NICKNAME, "Changed").group("B");
    let mut back = first.property(NICKNAME, "Nick 0").group("A");
    back.old_properties = changed.new_properties.clone();
    back.old_groups = changed.new_groups.clone();
    let done = world.export(vec![changed, back.clone()]).await;
    assert_eq!(done.names(), ["updated", "updated"]);
    let record = world.record(&tool.nth_key(0));
    assert_eq!(nickname(&record), Some("Nick 0"));
    assert_eq!(record.groups.iter().collect::<Vec<_>>(), ["A"]);

    // Acknowledged as it is: nothing differs, and nothing is sent.
    back.old_properties = back.new_properties.clone();
    back.old_groups = back.new_groups.clone();
    let calls = world.controls().log.calls();
    assert_eq!(world.export(vec![back]).await.names(), ["unchanged"]);
    let writes = world.controls().log.calls() - calls;
    assert!(writes <= 1, "nothing but the list of fields is asked for: {writes} calls");
}
