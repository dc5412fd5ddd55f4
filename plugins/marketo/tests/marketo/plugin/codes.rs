//! Every error code of the table, for a whole call and for a record.

use outflow_core::{Export, SyncMode};
use outflow_sandbox::{FaultAction, Match};
use rstest::rstest;
use serde_json::json;

use super::world::{World, email, people, person, told};

fn code(code: &str, message: &str) -> FaultAction {
    FaultAction::ErrorCode { code: code.to_owned(), message: message.to_owned() }
}

/// A code that passes: the call is repeated and all is well.
#[rstest]
#[case("502", 2)]
#[case("600", 2)]
#[case("601", 2)]
#[case("602", 2)]
#[case("604", 2)]
#[case("606", 2)]
#[case("608", 2)]
#[case("611", 2)]
#[case("614", 2)]
#[case("615", 2)]
#[case("713", 2)]
#[case("719", 2)]
#[case("1016", 2)]
#[case("1019", 2)]
#[case("1029", 2)]
#[case("699", 2)]
#[tokio::test(start_paused = true)]
async fn what_passes_is_waited_out(#[case] passing: &str, #[case] calls: u64) {
    let world = World::new();
    world.fault("sync leads", code(passing, ""));
    let (report, outcomes) = world.export(people(3)).await;
    assert_eq!(told(&outcomes), ["created"; 3]);
    assert_eq!(world.calls()["sync leads"], calls);
    assert_eq!(world.leads().len(), 3);
    assert!(report.stopped.is_none());
}

/// The same code for good: the profiles stay due, and nothing is called without end.
#[rstest]
#[case("502")]
#[case("604")]
#[case("608")]
#[case("611")]
#[case("614")]
#[case("713")]
#[case("719")]
#[case("1016")]
#[case("1019")]
#[case("1029")]
#[case("699")]
#[tokio::test(start_paused = true)]
async fn lesson_26_what_does_not_pass_is_left_for_the_next_run(#[case] lasting: &str) {
    let world = World::new();
    world.fault_on(Match::operation("sync leads").always(), code(lasting, ""));
    let (report, outcomes) = world.export(people(3)).await;
    assert_eq!(told(&outcomes), vec![format!("retry {lasting}"); 3]);
    assert_eq!(world.calls()["sync leads"], 5, "one call and four retries");
    assert_eq!(world.leads().len(), 0);
    assert!(report.stopped.is_none());
}

#[rstest]
#[case("606")]
#[case("615")]
#[tokio::test(start_paused = true)]
async fn lesson_25_and_26_throttling_is_bounded_by_time(#[case] throttled: &str) {
    let world = World::new();
    world.fault_on(Match::operation("sync leads").always(), code(throttled, ""));
    let (report, outcomes) = world.export(people(3)).await;
    assert_eq!(told(&outcomes), vec![format!("retry {throttled}"); 3]);
    assert!(report.elapsed.as_secs() <= 360, "{:?}", report.elapsed);
    assert!(world.calls()["sync leads"] < 30);
}

/// Wrong for every call: the destination stops at the first, and says what to do.
#[rstest]
#[case("603", "permission")]
#[case("605", "report")]
#[case("609", "report")]
#[case("610", "endpoint")]
#[case("612", "report")]
#[case("613", "report")]
#[case("616", "subscription")]
#[case("701", "report")]
#[case("703", "subscription")]
#[case("704", "report")]
#[case("709", "rule")]
#[case("710", "list_folder")]
#[case("711", "list_folder")]
#[case("1006", "mapping")]
#[case("1008", "partition")]
#[case("1009", "partition")]
#[case("1011", "lookup_field")]
#[case("1018", "CRM")]
#[case("1026", "")]
#[tokio::test(start_paused = true)]
async fn what_is_wrong_for_all_stops_the_destination(#[case] wrong: &str, #[case] advice: &str) {
    let world = World::new();
    world.fault_on(Match::operation("sync leads").always(), code(wrong, "No"));
    let (report, outcomes) = world.export(people(9_000)).await;
    let stopped = report.stopped.unwrap();
    assert_eq!(stopped.code(), Some(wrong));
    assert!(stopped.message().contains(advice), "{stopped}");
    assert_eq!(report.outcomes.retry, 9_000);
    assert_eq!(told(&outcomes)[0], format!("retry {wrong}"));
    assert!(world.calls()["sync leads"] <= 10, "those under way, and no more: {:?}", world.calls());
    assert_eq!(world.leads().len(), 0);
}

#[rstest]
#[case("607", "")]
#[case("1029", "Export daily quota exceeded")]
#[tokio::test(start_paused = true)]
async fn lesson_25_a_spent_day_pauses_until_midnight_us_central(#[case] spent: &str, #[case] message: &str) {
    let world = World::new();
    world.fault_on(Match::operation("sync leads"), code(spent, message));
    let account = world.account().await;
    let destination = account.destination(super::world::CONNECTION, &json!({})).unwrap();
    let (report, outcomes) = destination.export_all(people(3), Default::default()).await;
    assert_eq!(told(&outcomes), vec![format!("retry {spent}"); 3]);
    assert!(report.stopped.is_some());
    let outflow_core::Outcome::Retry { after: Some(after), .. } = &outcomes[0].outcome else {
        panic!("{outcomes:?}");
    };
    assert_eq!(after.as_secs(), 8 * 3600);
    assert_eq!(account.limits_left().paused_until.unwrap().to_string(), "2026-11-15T06:00:00Z");

    // Until then nothing is called; from then on all is well.
    let before = world.calls()["sync leads"];
    destination.export_all(people(3), Default::default()).await;
    assert_eq!(world.calls()["sync leads"], before);
    world.clock.sleep(*after).await;
    let (_, outcomes) = destination.export_all(people(3), Default::default()).await;
    assert_eq!(told(&outcomes), ["created"; 3]);
}

#[tokio::test(start_paused = true)]
async fn lesson_32_a_spent_day_met_by_a_look_up_is_no_empty_answer() {
    let world = World::new();
    let id = world.seed([json!({ "email": email(0) })])[0];
    world.fault("find leads", code("607", ""));
    let gone = Export::new("0").old_property("email", email(0)).delete();
    let (report, outcomes) = world.export(vec![gone, person(1)]).await;
    assert_eq!(told(&outcomes)[0], "retry 607");
    assert!(report.stopped.is_some());
    assert!(world.leads().iter().any(|lead| lead.id == id.to_string()));
}

/// Too much for one call: it is halved.
#[rstest]
#[case(code("413", ""))]
#[case(code("414", ""))]
#[case(code("1003", "Too many results match the filter"))]
#[case(FaultAction::Html { status: 413 })]
#[case(FaultAction::Html { status: 414 })]
#[tokio::test(start_paused = true)]
async fn what_is_too_large_is_halved(#[case] action: FaultAction) {
    let world = World::new();
    world.fault("sync leads", action);
    let (_, outcomes) = world.export(people(4)).await;
    assert_eq!(told(&outcomes), ["created"; 4]);
    assert_eq!(world.calls()["sync leads"], 3);
}

/// Data that is refused as a whole call is looked for in the batch; one record that
/// poisons it does not keep the others out.
#[rstest]
#[case("1001")]
#[case("1002")]
#[case("1003")]
#[case("1004")]
#[case("1005")]
#[case("1007")]
#[case("1010")]
#[case("1012")]
#[case("1015")]
#[case("1017")]
#[case("1021")]
#[case("1036")]
#[case("1037")]
#[case("1099")]
#[case("799")]
#[tokio::test(start_paused = true)]
async fn a_poison_record_is_found_and_stands_alone(#[case] refused: &str) {
    let world = World::new();
    let on = Match { body_contains: Some("poison".to_owned()), ..Match::operation("sync leads").always() };
    world.fault_on(on, code(refused, "No"));
    let mut exports = people(16);
    exports[5] = person(5).property("lastName", "poison");
    let (report, outcomes) = world.export(exports).await;
    assert_eq!(report.outcomes.created, 15);
    assert_eq!(told(&outcomes)[5], format!("rejected {refused}"));
    assert_eq!(world.leads().len(), 15);
    assert!(report.stopped.is_none());
    // 16, 8, 4, 2, 1, and the other half each time.
    assert_eq!(world.calls()["sync leads"], 9);
}

/// A record's own reason, in every way of writing it.
#[rstest]
#[case("createOrUpdate", "1001", "rejected 1001")]
#[case("createOrUpdate", "1002", "rejected 1002")]
#[case("createOrUpdate", "1003", "rejected 1003")]
#[case("createOrUpdate", "1004", "rejected 1004")]
#[case("createOrUpdate", "1005", "rejected 1005")]
#[case("createOrUpdate", "1007", "rejected 1007")]
#[case("createOrUpdate", "1010", "rejected 1010")]
#[case("createOrUpdate", "1012", "rejected 1012")]
#[case("createOrUpdate", "1021", "rejected 1021")]
#[case("createOrUpdate", "1036", "rejected 1036")]
#[case("createOrUpdate", "1098", "rejected 1098")]
#[case("createOrUpdate", "611", "retry 611")]
#[case("createOrUpdate", "1029", "retry 1029")]
#[case("createOnly", "1005", "skipped update_not_allowed")]
#[case("createOnly", "1017", "skipped update_not_allowed")]
#[case("createOnly", "1003", "rejected 1003")]
#[case("updateOnly", "1004", "skipped create_not_allowed")]
#[case("updateOnly", "1007", "rejected 1007")]
#[case("delete", "1004", "deleted")]
#[case("delete", "702", "deleted")]
#[case("delete", "1003", "rejected 1003")]
#[case("add", "1017", "updated")]
#[case("add", "1037", "updated")]
#[case("add", "1003", "rejected 1003")]
#[case("remove", "1015", "updated")]
#[case("remove", "1004", "updated")]
#[case("remove", "702", "updated")]
#[case("remove", "1003", "rejected 1003")]
#[tokio::test(start_paused = true)]
async fn a_records_own_reason(#[case] doing: &str, #[case] reason: &str, #[case] outcome: &str) {
    let world = World::new();
    let ids = world.seed((0..2).map(|n| json!({ "email": email(n) })));
    let list = world.marketo.seed_list("Old");
    world.marketo.seed_members(list, ids.iter().copied());
    let (operation, mode, export): (_, _, fn(usize, u64) -> Export) = match doing {
        "createOrUpdate" => ("sync leads", "sync", |n, _| person(n)),
        "createOnly" => ("sync leads", "create", |n, _| person(n)),
        "updateOnly" => ("sync leads", "update", |n, _| person(n)),
        "delete" => ("delete leads", "sync", |n, id| person(n).remote_id(id).delete()),
        "add" => ("add members", "sync", |n, id| person(n).remote_id(id).group("New")),
        _ => ("remove members", "sync", |n, id| person(n).remote_id(id).old_group("Old")),
    };
    let done = match doing {
        "delete" => "deleted",
        "add" => "added",
        "remove" => "removed",
        _ => "updated",
    };
    let results = json!([
        { "status": "skipped", "reasons": [{ "code": reason, "message": "No" }] },
        { "id": ids[1], "status": done },
    ]);
    let body = json!({ "requestId": "1#2", "success": true, "result": results }).to_string();
    let answer = FaultAction::Status { status: 200, body, headers: Default::default() };
    world.fault(operation, answer);
    let exports = vec![export(0, ids[0]), export(1, ids[1])];
    let mode: SyncMode = mode.parse().unwrap();
    let (report, outcomes) = world.export_with(json!({}), mode, exports).await;
    let second = if doing == "delete" { "deleted" } else { "updated" };
    assert_eq!(told(&outcomes), [outcome, second]);
    assert!(report.stopped.is_none());
}

#[rstest]
#[case("1006", "Field 'shoeSize' not found", "shoeSize")]
#[case("1008", "Access denied to partition 'X'", "partition")]
#[case("1009", "Partition name must be specified", "partition")]
#[case("1011", "Field 'x' not supported", "lookup_field")]
#[tokio::test(start_paused = true)]
async fn a_reason_that_every_record_would_have_stops_the_destination(
    #[case] reason: &str,
    #[case] message: &str,
    #[case] field: &str,
) {
    let world = World::new();
    let results = json!([{ "status": "skipped", "reasons": [{ "code": reason, "message": message }] }]);
    let answer = FaultAction::Status {
        status: 200,
        body: json!({ "requestId": "1#2", "success": true, "result": results }).to_string(),
        headers: Default::default(),
    };
    world.fault("sync leads", answer);
    let (report, outcomes) = world.export(vec![person(0)]).await;
    assert_eq!(told(&outcomes), [format!("retry {reason}")]);
    assert_eq!(report.stopped.unwrap().field(), Some(field));
}

/// A field that was taken out of Marketo after the schema was read.
#[tokio::test(start_paused = true)]
async fn a_field_hidden_meanwhile_is_named() {
    let world = World::new();
    let destination = world.destination(json!({})).await;
    destination.mapping_schema().await.unwrap();
    world.marketo.hide_field("title");
    let export = person(0).property("title", "T");
    let (report, outcomes) = destination.export_all(vec![export], Default::default()).await;
    assert_eq!(told(&outcomes), ["retry 1006"]);
    assert_eq!(report.stopped.unwrap().field(), Some("title"));
}

#[tokio::test(start_paused = true)]
async fn lesson_40_an_email_that_two_leads_hold_is_said() {
    let world = World::new();
    world.seed([json!({ "email": email(0) }), json!({ "email": email(0) })]);
    let (_, outcomes) = world.export(people(2)).await;
    assert_eq!(told(&outcomes), ["rejected 1007", "created"]);
    let problem = outcomes[0].outcome.problem().unwrap();
    assert!(problem.message.contains("merge"), "{problem:?}");
}
