//! The batch engine, against a tool in memory.

mod faults;
mod groups;
mod model;
mod order;
mod tool;

use outflow_core::{Export, Outcome, Outcomed, Run};

use self::tool::destination;

/// The outcomes' names, in input order.
fn names(outcomes: &[Outcomed]) -> Vec<&'static str> {
    outcomes.iter().map(|outcome| outcome.outcome.name()).collect()
}

fn person(number: usize) -> Export {
    Export::new(format!("p{number}"))
        .property("email", format!("p{number}@example.com"))
        .property("first", "Ada")
}

#[rstest::rstest]
#[case(0)]
#[case(1)]
#[case(299)]
#[case(300)]
#[case(301)]
#[case(3_000)]
#[tokio::test(start_paused = true)]
async fn upserts_fill_their_batches(#[case] count: usize) {
    let (destination, tool) = destination(300, true, "none").await;
    let (report, outcomes) = destination.export_all((0..count).map(person).collect(), Run::default()).await;
    assert_eq!(outcomes.len(), count);
    assert!(outcomes.iter().all(|outcome| matches!(outcome.outcome, Outcome::Created(_))));
    assert_eq!(report.outcomes.created, count as u64);
    let tool = tool.lock().unwrap();
    assert_eq!(tool.count("upsert"), count.div_ceil(300));
    assert_eq!(tool.count("find"), 0);
    assert_eq!(tool.records.len(), count);
}

#[tokio::test(start_paused = true)]
async fn nothing_changed_means_no_write() {
    let (destination, tool) = destination(300, true, "calls").await;
    let same = |number| {
        person(number)
            .old_property("email", format!("p{number}@example.com"))
            .old_property("first", "Ada")
            .group("VIP")
            .old_group("VIP")
    };
    let (_, outcomes) = destination.export_all((0..50).map(same).collect(), Run::default()).await;
    assert!(names(&outcomes).iter().all(|name| *name == "unchanged"));
    assert_eq!(tool.lock().unwrap().calls, [("schema", 0)]);
}

#[tokio::test(start_paused = true)]
async fn without_upsert_unknown_keys_are_looked_up_together() {
    let (destination, tool) = destination(10, false, "none").await;
    let known = tool.lock().unwrap().seed(&[("email", "p3@example.com".into())]);
    let (_, outcomes) = destination.export_all((0..5).map(person).collect(), Run::default()).await;
    assert_eq!(names(&outcomes), ["created", "created", "created", "updated", "created"]);
    assert_eq!(outcomes[3].remote_id, Some(known.into()));
    let tool = tool.lock().unwrap();
    assert_eq!(tool.calls, [("schema", 0), ("find", 5), ("update", 1), ("create", 4)]);
}

#[tokio::test(start_paused = true)]
async fn bad_exports_are_rejected_alone() {
    let (destination, tool) = destination(300, true, "none").await;
    let exports = vec![
        person(0),
        Export::new("no key").property("first", "Ada"),
        Export::new("empty key").property("email", "  "),
        Export::new("null key").property("email", outflow_core::Value::Null),
        Export::new("no such field").property("email", "a@example.com").property("nose", "big"),
        Export::new("read only").property("email", "b@example.com").property("id", 7),
        Export::new("bad value").property("email", "c@example.com").property("score", "many"),
        Export::new("twice").property("email", "d@example.com").property("Email Address", "e@example.com"),
        Export::new("groups").property("email", "f@example.com").group("VIP"),
    ];
    let (report, outcomes) = destination.export_all(exports, Run::default()).await;
    let codes: Vec<_> = outcomes
        .iter()
        .map(|outcome| outcome.outcome.problem().map_or("-", |problem| &problem.code))
        .collect();
    let wanted = [
        "-",
        "missing_key",
        "missing_key",
        "missing_key",
        "unknown_field",
        "read_only_field",
        "invalid_value",
        "duplicate_field",
        "groups_unsupported",
    ];
    assert_eq!(codes, wanted);
    assert_eq!((report.outcomes.created, report.outcomes.rejected), (1, 8));
    assert_eq!(tool.lock().unwrap().records.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn lesson_07_08_zero_and_false_are_values_and_missing_null_and_cleared_are_three_things() {
    let (destination, tool) = destination(300, true, "none").await;
    let id = tool.lock().unwrap().seed(&[
        ("email", "a@example.com".into()),
        ("first", "Ada".into()),
        ("score", 5.into()),
    ]);
    let zero = Export::new("a").property("email", "a@example.com").property("score", 0);
    destination.export_all(vec![zero], Run::default()).await;
    assert_eq!(tool.lock().unwrap().records[&id].fields["score"], 0.into());
    assert_eq!(tool.lock().unwrap().records[&id].fields["first"], "Ada".into(), "missing is left alone");
    let cleared = Export::new("a")
        .property("email", "a@example.com")
        .old_property("email", "a@example.com")
        .old_property("score", 0);
    destination.export_all(vec![cleared], Run::default()).await;
    assert!(!tool.lock().unwrap().records[&id].fields.contains_key("score"), "in old and not in new clears");
    let null =
        Export::new("a").property("email", "a@example.com").property("first", outflow_core::Value::Null);
    destination.export_all(vec![null], Run::default()).await;
    assert!(!tool.lock().unwrap().records[&id].fields.contains_key("first"), "null clears");
}
