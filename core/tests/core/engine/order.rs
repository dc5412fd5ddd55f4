//! Keys, key changes, deletes, sync modes, and the order they go in.

use outflow_core::{Export, Run, SyncMode};
use rstest::rstest;

use super::tool::destination;
use super::{names, person};

#[rstest]
#[tokio::test(start_paused = true)]
async fn lesson_10_one_key_is_never_in_flight_twice_and_the_last_wins(#[values(true, false)] upsert: bool) {
    let (destination, tool) = destination(5, upsert, "none").await;
    let same = |number: usize| {
        Export::new(format!("p{number}"))
            .property("email", "Same@example.com")
            .property("score", number as i64)
    };
    let (_, outcomes) = destination.export_all((0..20).map(same).collect(), Run::default()).await;
    assert_eq!(outcomes[0].outcome.name(), "created");
    assert!(names(&outcomes[1..]).iter().all(|name| *name == "updated"));
    let tool = tool.lock().unwrap();
    assert!(tool.doubled_keys.is_empty(), "{:?}", tool.doubled_keys);
    assert_eq!(tool.records.len(), 1);
    assert_eq!(tool.records.values().next().unwrap().fields["score"], 19.into());
}

#[rstest]
#[case::old_only(true, false, "updated", 1)]
#[case::new_only(false, true, "updated", 1)]
#[case::both(true, true, "updated", 2)]
#[case::neither(false, false, "created", 1)]
#[tokio::test(start_paused = true)]
async fn lesson_11_a_key_change_goes_by_id(
    #[case] old_there: bool,
    #[case] new_there: bool,
    #[case] outcome: &str,
    #[case] records: usize,
    #[values(true, false)] upsert: bool,
) {
    let (destination, tool) = destination(300, upsert, "none").await;
    let old = old_there.then(|| tool.lock().unwrap().seed(&[("email", "old@example.com".into())]));
    let new = new_there.then(|| tool.lock().unwrap().seed(&[("email", "new@example.com".into())]));
    let export = Export::new("a")
        .old_property("email", "old@example.com")
        .property("email", "new@example.com")
        .property("first", "Ada");
    let (_, outcomes) = destination.export_all(vec![export], Run::default()).await;
    assert_eq!(names(&outcomes), [outcome]);
    let tool = tool.lock().unwrap();
    assert_eq!(tool.records.len(), records);
    // The record of the new key wins; else the old one takes the new key.
    if let Some(winner) = new.or(old) {
        assert_eq!(outcomes[0].remote_id, Some(winner.into()));
        assert_eq!(
            tool.records[&winner].fields["email"],
            outflow_core::Value::Email("new@example.com".into())
        );
        assert_eq!(tool.records[&winner].fields["first"], "Ada".into());
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_freed_by_one_export_can_be_taken_by_the_next() {
    let (destination, tool) = destination(300, true, "none").await;
    let a = tool.lock().unwrap().seed(&[("email", "a@example.com".into())]);
    let b = tool.lock().unwrap().seed(&[("email", "b@example.com".into())]);
    let exports = vec![
        Export::new("a")
            .remote_id(a)
            .old_property("email", "a@example.com")
            .property("email", "c@example.com"),
        Export::new("b")
            .remote_id(b)
            .old_property("email", "b@example.com")
            .property("email", "a@example.com"),
        Export::new("n").property("email", "b@example.com"),
    ];
    let (_, outcomes) = destination.export_all(exports, Run::default()).await;
    assert_eq!(names(&outcomes), ["updated", "updated", "created"]);
    let tool = tool.lock().unwrap();
    let keys: Vec<_> = tool.by_key().into_keys().collect();
    assert_eq!(keys, ["a@example.com", "b@example.com", "c@example.com"]);
    assert_eq!(tool.count("find"), 0, "known ids need no look-up");
}

#[tokio::test(start_paused = true)]
async fn lesson_01_deletes_are_decided_per_profile_and_cost_no_look_up_with_ids() {
    let (destination, tool) = destination(300, true, "calls").await;
    let ids: Vec<u64> =
        (0..4).map(|n| tool.lock().unwrap().seed(&[("email", format!("p{n}@example.com").into())])).collect();
    let exports = vec![
        person(0).remote_id(ids[0]).old_group("VIP").delete(),
        person(1).remote_id(ids[1]),
        person(2).delete(),
        person(9).delete(),
    ];
    let (_, outcomes) = destination.export_all(exports, Run::default()).await;
    assert_eq!(names(&outcomes), ["deleted", "updated", "deleted", "skipped"]);
    let tool = tool.lock().unwrap();
    assert_eq!(tool.records.len(), 2);
    assert_eq!(tool.count("find"), 1);
    assert_eq!(tool.count("remove"), 0, "a deleted record is removed from nothing");
}

#[rstest]
#[case(SyncMode::SYNC, "updated", "created", "deleted")]
#[case(SyncMode::ADDITIVE, "updated", "created", "skipped")]
#[case(SyncMode::ENRICH, "updated", "skipped", "skipped")]
#[case(SyncMode { create: true, update: false, delete: false }, "skipped", "created", "skipped")]
#[case(SyncMode { create: false, update: false, delete: true }, "skipped", "skipped", "deleted")]
#[tokio::test(start_paused = true)]
async fn sync_modes_do_what_they_allow(
    #[case] mode: SyncMode,
    #[case] there: &str,
    #[case] missing: &str,
    #[case] deleted: &str,
    #[values(true, false)] upsert: bool,
) {
    let (destination, tool) = destination(300, upsert, "none").await;
    for n in [0, 2] {
        tool.lock().unwrap().seed(&[("email", format!("p{n}@example.com").into())]);
    }
    let (_, outcomes) =
        destination.export_all(vec![person(0), person(1), person(2).delete()], Run::of_mode(mode)).await;
    assert_eq!(names(&outcomes), [there, missing, deleted]);
    let records = 2 + usize::from(missing == "created") - usize::from(deleted == "deleted");
    assert_eq!(tool.lock().unwrap().records.len(), records);
}

#[tokio::test(start_paused = true)]
async fn lesson_40_a_key_that_several_records_hold_is_rejected_with_their_ids() {
    let (destination, tool) = destination(300, false, "none").await;
    for _ in 0..2 {
        tool.lock().unwrap().seed(&[("email", "p0@example.com".into())]);
    }
    let (_, outcomes) = destination.export_all(vec![person(0), person(1)], Run::default()).await;
    assert_eq!(names(&outcomes), ["rejected", "created"]);
    let problem = outcomes[0].outcome.problem().unwrap();
    assert_eq!(problem.code, "ambiguous_key");
    assert!(problem.message.contains("1, 2"), "{}", problem.message);
}

#[tokio::test(start_paused = true)]
async fn a_gone_id_is_looked_for_by_key_once() {
    let (destination, tool) = destination(300, false, "none").await;
    let moved = tool.lock().unwrap().seed(&[("email", "p0@example.com".into())]);
    let (_, outcomes) = destination
        .export_all(vec![person(0).remote_id(777), person(1).remote_id(778)], Run::default())
        .await;
    assert_eq!(names(&outcomes), ["updated", "created"]);
    assert_eq!(outcomes[0].remote_id, Some(moved.into()));
}

/// What was acknowledged of the lost record says nothing of the one found in its place.
#[rstest::rstest]
#[tokio::test(start_paused = true)]
async fn a_record_found_in_the_place_of_a_gone_one_joins_all_groups(
    #[values("record", "calls")] groups: &str,
) {
    let (destination, tool) = destination(300, false, groups).await;
    let found = tool.lock().unwrap().seed(&[("email", "p0@example.com".into())]);
    let export = person(0).remote_id(777).old_group("VIP").group("VIP");
    let (_, outcomes) = destination.export_all(vec![export], Run::default()).await;
    assert_eq!(names(&outcomes), ["updated"]);
    let groups = tool.lock().unwrap().records[&found].groups.clone();
    assert_eq!(groups.into_iter().collect::<Vec<_>>(), ["VIP"]);
}

#[tokio::test(start_paused = true)]
async fn a_profile_known_to_be_new_costs_no_look_up() {
    let (destination, tool) = destination(300, false, "none").await;
    destination.export_all((0..10).map(|n| person(n).known_new()).collect(), Run::default()).await;
    assert_eq!(tool.lock().unwrap().calls, [("schema", 0), ("create", 10)]);
}

#[tokio::test(start_paused = true)]
async fn a_look_up_never_gets_more_keys_than_it_takes() {
    let (destination, tool) = destination(10, true, "none").await;
    let moved = |n: usize| person(n).old_property("email", format!("old{n}@example.com"));
    destination.export_all((0..15).map(moved).collect(), Run::default()).await;
    let tool = tool.lock().unwrap();
    let finds: Vec<usize> =
        tool.calls.iter().filter(|(name, _)| *name == "find").map(|(_, keys)| *keys).collect();
    assert_eq!(finds, [10, 10, 10]);
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn profiles_that_turn_out_to_be_one_record_go_one_after_the_other(#[values(1, 10)] batch: usize) {
    let (destination, tool) = destination(batch, false, "none").await;
    let id = tool
        .lock()
        .unwrap()
        .seed(&[("email", "p0@example.com".into()), ("nickname", "p1@example.com".into())]);
    let exports = (0..2).map(|n| person(n).property("score", n as i64)).collect();
    let (_, outcomes) = destination.export_all(exports, Run::default()).await;
    assert_eq!(names(&outcomes), ["updated", "updated"]);
    let tool = tool.lock().unwrap();
    assert!(tool.doubled_keys.is_empty(), "{:?}", tool.doubled_keys);
    assert_eq!(tool.records[&id].fields["score"], 1.into(), "the last wins");
}

#[tokio::test(start_paused = true)]
async fn profiles_given_one_remote_id_go_one_after_the_other() {
    let (destination, tool) = destination(10, false, "none").await;
    let id = tool.lock().unwrap().seed(&[("email", "p0@example.com".into())]);
    let exports = (0..3).map(|n| person(n).remote_id(id)).collect();
    destination.export_all(exports, Run::default()).await;
    let tool = tool.lock().unwrap();
    assert!(tool.doubled_keys.is_empty(), "{:?}", tool.doubled_keys);
    assert_eq!(tool.by_key().into_keys().collect::<Vec<_>>(), ["p2@example.com"]);
}

#[tokio::test(start_paused = true)]
async fn an_old_key_that_can_be_none_does_not_stand_in_the_way() {
    let (destination, _) = destination(10, true, "none").await;
    let exports = vec![
        person(0).old_property("email", "no email at all"),
        person(1).old_property("email", "no email at all").delete(),
    ];
    let (_, outcomes) = destination.export_all(exports, Run::default()).await;
    assert_eq!(names(&outcomes), ["created", "skipped"]);
}
