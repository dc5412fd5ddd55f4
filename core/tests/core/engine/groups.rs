//! Groups: their look-up, their creation, their members.

use std::sync::Arc;

use outflow_core::{Error, ErrorKind, Export, Run};
use serde_json::json;

use super::tool::{Fault, destination, fresh};
use super::{names, person};

#[tokio::test(start_paused = true)]
async fn additions_are_merged_over_all_batches_after_one_look_up() {
    let (destination, tool) = destination(300, true, "calls").await;
    let export = |n: usize| {
        if n.is_multiple_of(2) { person(n).group("Even").group("All") } else { person(n).group("All") }
    };
    let (_, outcomes) = destination.export_all((0..700).map(export).collect(), Run::default()).await;
    assert!(names(&outcomes).iter().all(|name| *name == "created"));
    let tool = tool.lock().unwrap();
    assert_eq!((tool.count("upsert"), tool.count("resolve"), tool.count("add")), (3, 1, 3 + 2));
    let even = tool.records.values().filter(|record| record.groups.contains("Even")).count();
    assert_eq!(even, 350);
}

#[tokio::test(start_paused = true)]
async fn leaving_a_group_that_is_not_there_creates_nothing() {
    let (destination, tool) = destination(300, true, "calls").await;
    let export = person(0).old_property("email", "p0@example.com").old_group("Gone").group("New");
    tool.lock().unwrap().seed(&[("email", "p0@example.com".into())]);
    let (_, outcomes) = destination.export_all(vec![export], Run::default()).await;
    assert_eq!(names(&outcomes), ["updated"]);
    let tool = tool.lock().unwrap();
    assert_eq!(tool.lists.keys().collect::<Vec<_>>(), ["New"]);
    assert_eq!(tool.count("remove"), 0);
}

#[tokio::test(start_paused = true)]
async fn fifty_runs_naming_one_new_group_create_it_once() {
    let (outflow, name, tool) = fresh();
    let account = outflow.account("memory", &json!({ "name": name })).await.unwrap();
    let options = json!({ "batch": 300, "upsert": true, "groups": "calls" });
    let destination = Arc::new(account.destination("memory-records-export", &options).unwrap());
    let runs = (0..50).map(|n| {
        let destination = Arc::clone(&destination);
        tokio::spawn(
            async move { destination.export_all(vec![person(n).group("VIP")], Run::default()).await },
        )
    });
    for run in runs.collect::<Vec<_>>() {
        assert_eq!(names(&run.await.unwrap().1), ["created"]);
    }
    let tool = tool.lock().unwrap();
    assert_eq!((tool.count("create list"), tool.count("resolve"), tool.count("schema")), (1, 1, 1));
    assert!(tool.records.values().all(|record| record.groups.contains("VIP")));
}

#[tokio::test(start_paused = true)]
async fn groups_in_the_record_cost_no_call_of_their_own() {
    let (destination, tool) = destination(1, false, "record").await;
    destination
        .export_all((0..10).map(|n| person(n).known_new().group("VIP")).collect(), Run::default())
        .await;
    let tool = tool.lock().unwrap();
    assert_eq!((tool.count("resolve"), tool.count("create"), tool.count("add")), (1, 10, 0));
    assert!(tool.records.values().all(|record| record.groups.contains("VIP")));
}

#[tokio::test(start_paused = true)]
async fn only_groups_changed_means_no_write_of_the_record() {
    let (destination, tool) = destination(300, true, "calls").await;
    let id = tool.lock().unwrap().seed(&[("email", "p0@example.com".into()), ("first", "Ada".into())]);
    let export = person(0)
        .remote_id(id)
        .old_property("email", "p0@example.com")
        .old_property("first", "Ada")
        .group("VIP");
    let (_, outcomes) = destination.export_all(vec![export], Run::default()).await;
    assert_eq!(names(&outcomes), ["updated"]);
    let tool = tool.lock().unwrap();
    assert_eq!(tool.count("upsert") + tool.count("update"), 0);
    assert!(tool.records[&id].groups.contains("VIP"));
}

#[tokio::test(start_paused = true)]
async fn a_group_that_cannot_be_had_is_named_and_the_rest_goes_on() {
    let (destination, _) = destination(300, true, "calls").await;
    let long = "a name of more than twenty characters";
    let exports = vec![
        person(0).group("forbidden"),
        person(1).group("VIP"),
        person(2).group(long),
        person(3).group(" "),
    ];
    let (_, outcomes) = destination.export_all(exports, Run::default()).await;
    assert_eq!(names(&outcomes), ["rejected", "created", "rejected", "rejected"]);
    assert_eq!(outcomes[0].outcome.problem().unwrap().field.as_deref(), Some("forbidden"));
    assert!(outcomes[0].remote_id.is_some(), "the record itself was written");
    assert_eq!(outcomes[2].outcome.problem().unwrap().field.as_deref(), Some(long));
    assert!(outcomes[2].remote_id.is_none(), "refused before anything was sent");
}

#[tokio::test(start_paused = true)]
async fn a_list_deleted_in_the_tool_is_made_again_once() {
    let (destination, tool) = destination(300, true, "calls").await;
    destination.export_all(vec![person(0).group("VIP")], Run::default()).await;
    tool.lock().unwrap().lists.clear();
    let (_, outcomes) = destination.export_all(vec![person(1).group("VIP")], Run::default()).await;
    assert_eq!(names(&outcomes), ["created"]);
    assert_eq!(tool.lock().unwrap().count("create list"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_record_that_vanished_before_its_group_is_written_again() {
    let (destination, tool) = destination(300, true, "calls").await;
    let same = Export::new("a")
        .remote_id(999)
        .old_property("email", "a@example.com")
        .property("email", "a@example.com")
        .group("VIP");
    let (_, outcomes) = destination.export_all(vec![same], Run::default()).await;
    assert_eq!(names(&outcomes), ["created"]);
    assert!(tool.lock().unwrap().by_key()["a@example.com"].groups.contains("VIP"));
}

#[tokio::test(start_paused = true)]
async fn a_failed_look_up_of_groups_leaves_a_retry_and_a_later_run_heals() {
    let (destination, tool) = destination(300, true, "calls").await;
    tool.lock()
        .unwrap()
        .faults
        .push(("resolve", Fault::Call(Error::new(ErrorKind::Unavailable { retry_after: None }, "down"))));
    let (_, outcomes) = destination.export_all(vec![person(0).group("VIP")], Run::default()).await;
    assert_eq!(names(&outcomes), ["retry"]);
    let (_, outcomes) = destination.export_all(vec![person(0).group("VIP")], Run::default()).await;
    assert_eq!(names(&outcomes), ["updated"]);
    assert!(tool.lock().unwrap().by_key()["p0@example.com"].groups.contains("VIP"));
}

#[tokio::test(start_paused = true)]
async fn groups_named_late_in_the_input_ride_in_the_one_look_up() {
    let (destination, tool) = destination(10, true, "calls").await;
    tool.lock().unwrap().lists.extend([("Early".to_owned(), 901), ("Late".to_owned(), 902)]);
    let export = |n: usize| person(n).group(if n < 30 { "Early" } else { "Late" });
    destination.export_all((0..60).map(export).collect(), Run::default()).await;
    let tool = tool.lock().unwrap();
    assert_eq!((tool.count("resolve"), tool.count("add"), tool.count("create list")), (1, 6, 0));
}

#[tokio::test(start_paused = true)]
async fn a_group_that_only_rejected_profiles_name_is_not_created() {
    let (destination, tool) = destination(10, true, "calls").await;
    let exports = vec![person(0).property("first", "poison").group("Nobody"), person(1).group("VIP")];
    let (_, outcomes) = destination.export_all(exports, Run::default()).await;
    assert_eq!(names(&outcomes), ["rejected", "created"]);
    assert_eq!(tool.lock().unwrap().lists.keys().collect::<Vec<_>>(), ["VIP"]);
}

#[tokio::test(start_paused = true)]
async fn lesson_26_a_look_up_of_groups_that_failed_once_is_made_again_for_those_who_come_later() {
    let (destination, tool) = destination(300, true, "calls").await;
    let down = Error::new(ErrorKind::Unavailable { retry_after: None }, "down");
    tool.lock().unwrap().faults.push(("resolve", Fault::Call(down)));
    let slow = futures::StreamExt::then(futures::stream::iter(0..2), |n| async move {
        tokio::time::sleep(std::time::Duration::from_secs(30)).await;
        person(n).group("VIP")
    });
    let mut outcomes = Vec::new();
    destination.export(slow, Run::default(), |outcome| outcomes.push(outcome)).await;
    assert_eq!(names(&outcomes), ["retry", "created"]);
    assert!(outcomes[0].outcome.problem().unwrap().message.contains("the record was written"));
}

#[rstest::rstest]
#[tokio::test(start_paused = true)]
async fn a_group_that_the_plugin_does_not_create_is_a_fault_and_no_endless_loop(
    #[values("calls", "record")] groups: &str,
) {
    let (destination, _) = destination(1, groups == "calls", groups).await;
    let (_, outcomes) =
        destination.export_all(vec![person(0).group("forgotten"), person(1)], Run::default()).await;
    assert_eq!(names(&outcomes), ["rejected", "created"]);
}

#[tokio::test(start_paused = true)]
async fn a_group_that_refuses_every_call_is_given_up_and_the_others_go_on() {
    let (destination, tool) = destination(300, true, "calls").await;
    let refused = || Fault::Call(Error::rejected("the list is locked").with_code("1001"));
    let export = |n: usize| person(n).group("Locked");
    tool.lock().unwrap().faults.extend((0..10_000).map(|_| ("add", refused())));
    let (report, outcomes) = destination.export_all((0..900).map(export).collect(), Run::default()).await;
    assert!(report.stopped.is_none());
    assert!(names(&outcomes).iter().all(|name| *name == "rejected"));
    assert!(tool.lock().unwrap().count("add") < 120, "{} calls", tool.lock().unwrap().count("add"));
}

#[tokio::test(start_paused = true)]
async fn removals_go_before_additions() {
    let (destination, tool) = destination(300, true, "calls").await;
    tool.lock().unwrap().lists.insert("Old".to_owned(), 901);
    tool.lock().unwrap().seed(&[("email", "p0@example.com".into())]);
    let export = person(0).old_property("email", "p0@example.com").old_group("Old").group("New");
    destination.export_all(vec![export], Run::default()).await;
    let tool = tool.lock().unwrap();
    let order: Vec<_> =
        tool.calls.iter().map(|(name, _)| *name).filter(|name| ["remove", "add"].contains(name)).collect();
    assert_eq!(order, ["remove", "add"]);
}

/// More profiles than the engine holds, each waiting for a group of its own.
#[tokio::test(start_paused = true)]
async fn an_engine_full_of_members_makes_room() {
    let (destination, tool) = destination(5, true, "calls").await;
    let (report, _) = destination
        .export_all((0..2_500).map(|n| person(n).group(format!("G{n}"))).collect(), Run::default())
        .await;
    assert_eq!(report.outcomes.created, 2_500);
    assert!(tool.lock().unwrap().records.values().all(|record| record.groups.len() == 1));
}
