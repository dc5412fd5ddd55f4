//! What goes wrong on the wire: the tool's final state, and one right outcome for each.

use outflow_core::SyncMode;
use outflow_sandbox::{FaultAction, Match};
use rstest::rstest;
use serde_json::json;

use super::world::{World, email, people, person, told};

fn bad_gateway() -> FaultAction {
    FaultAction::Status { status: 502, body: "Bad Gateway".to_owned(), headers: Default::default() }
}

/// An upsert by key may be repeated, whatever became of the first.
#[rstest]
#[case::bad_gateway(bad_gateway())]
#[case::reset(FaultAction::Reset)]
#[case::reset_after(FaultAction::ResetAfter)]
#[case::timeout(FaultAction::Timeout)]
#[case::timeout_after(FaultAction::TimeoutAfter)]
#[case::truncated(FaultAction::Truncated)]
#[case::html(FaultAction::Html { status: 200 })]
#[case::html_503(FaultAction::Html { status: 503 })]
#[case::slow(FaultAction::Delay { ms: 90_000 })]
#[case::expired(FaultAction::ExpireToken)]
#[tokio::test(start_paused = true)]
async fn an_upsert_survives(#[case] action: FaultAction) {
    let world = World::new();
    world.fault_on(Match::operation("sync leads").nth(2), action);
    let (report, outcomes) = world.export(people(900)).await;
    assert_eq!(report.outcomes.created + report.outcomes.updated, 900);
    assert!(report.outcomes.created >= 600);
    let leads = world.leads();
    assert_eq!(leads.len(), 900, "none lost, none doubled");
    for (n, outcomed) in outcomes.iter().enumerate() {
        assert_eq!(outcomed.outcome.problem(), None);
        let id = outcomed.remote_id.as_ref().unwrap().as_str();
        assert_eq!(leads.iter().find(|lead| lead.id == id).unwrap().fields["email"], email(n));
    }
    assert!(report.stopped.is_none());
}

/// An update by id and a delete may be repeated too.
#[rstest]
#[case::bad_gateway(bad_gateway())]
#[case::reset_after(FaultAction::ResetAfter)]
#[case::timeout_after(FaultAction::TimeoutAfter)]
#[case::truncated(FaultAction::Truncated)]
#[case::html(FaultAction::Html { status: 200 })]
#[tokio::test(start_paused = true)]
async fn updates_and_deletes_by_id_survive(#[case] action: FaultAction) {
    let world = World::new();
    let ids = world.seed((0..4).map(|n| json!({ "email": email(n) })));
    world.fault("sync leads", action.clone());
    world.fault("delete leads", action);
    let exports = vec![
        person(0).remote_id(ids[0]),
        person(1).remote_id(ids[1]).delete(),
        person(2).remote_id(ids[2]),
        person(3).remote_id(ids[3]).delete(),
    ];
    let (_, outcomes) = world.export(exports).await;
    assert_eq!(told(&outcomes), ["updated", "deleted", "updated", "deleted"]);
    let leads = world.leads();
    assert_eq!(leads.len(), 2);
    assert_eq!(leads[1].fields["firstName"], "Name 2");
}

/// A createOnly that got no answer is not repeated: a second one would say "exists
/// already" of leads the first created.
#[rstest]
#[case::reset_after(FaultAction::ResetAfter, 5)]
#[case::timeout_after(FaultAction::TimeoutAfter, 5)]
#[case::truncated(FaultAction::Truncated, 5)]
#[case::timeout(FaultAction::Timeout, 0)]
#[case::reset(FaultAction::Reset, 0)]
#[case::bad_gateway(bad_gateway(), 0)]
#[case::html(FaultAction::Html { status: 200 }, 0)]
#[tokio::test(start_paused = true)]
async fn lesson_12_and_42_a_create_without_an_answer_is_unknown_not_repeated(
    #[case] action: FaultAction,
    #[case] created: usize,
) {
    let world = World::new();
    world.fault("sync leads", action);
    let mode: SyncMode = "create".parse().unwrap();
    let (_, outcomes) = world.export_with(json!({}), mode, people(5)).await;
    assert!(outcomes.iter().all(|outcomed| outcomed.outcome.name() == "unknown"), "{:?}", told(&outcomes));
    assert_eq!(world.calls()["sync leads"], 1);
    assert_eq!(world.leads().len(), created);
}

/// What the API refuses before it does anything is no unanswered create.
#[rstest]
#[case("602")]
#[case("606")]
#[case("615")]
#[tokio::test(start_paused = true)]
async fn a_create_that_was_turned_away_is_repeated(#[case] code: &str) {
    let world = World::new();
    world.fault("sync leads", FaultAction::ErrorCode { code: code.to_owned(), message: String::new() });
    let mode: SyncMode = "create".parse().unwrap();
    let (_, outcomes) = world.export_with(json!({}), mode, people(5)).await;
    assert_eq!(told(&outcomes), ["created"; 5]);
    assert_eq!(world.leads().len(), 5);
}

#[tokio::test(start_paused = true)]
async fn lesson_22_and_23_a_token_that_dies_mid_run_is_replaced_and_the_call_replayed() {
    let world = World::with_latency(std::time::Duration::from_millis(1_200));
    world.fault_on(Match::operation("sync leads").nth(7), FaultAction::ExpireToken);
    let (report, _) = world.export(people(6_000)).await;
    assert_eq!(report.outcomes.created, 6_000);
    assert_eq!(world.leads().len(), 6_000);
    let log = &outflow_sandbox::Sandbox::controls(&*world.marketo).log;
    // One token at the start, and one for all the calls that met the dead one.
    assert_eq!(log.calls_to("get token"), 2);
    for exchange in log.exchanges() {
        let tokens = exchange.request_headers.get_all("authorization").iter().count();
        assert!(tokens <= 1, "{tokens} tokens on one call");
        if exchange.operation == "sync leads" {
            assert!(exchange.request_body.starts_with(b"{\"action\""));
        }
    }
}

/// A minute of outage: attempts are spread over time.
#[tokio::test(start_paused = true)]
async fn lesson_26_a_short_outage_is_survived() {
    let world = World::new();
    world.fault_on(Match::path("/rest/").times(3), bad_gateway());
    let (report, _) = world.export(people(600)).await;
    assert_eq!(report.outcomes.created, 600);
}

/// Down for good: the run ends, and every profile stays due.
#[tokio::test(start_paused = true)]
async fn an_outage_without_end_leaves_every_profile_due() {
    let world = World::new();
    world.fault_on(Match::operation("sync leads").always(), bad_gateway());
    let (report, outcomes) = world.export(people(9_000)).await;
    assert_eq!(report.outcomes.retry, 9_000);
    assert_eq!(told(&outcomes)[8_999], "retry 502");
    assert!(report.stopped.is_some());
    assert!(world.calls()["sync leads"] <= 75, "{:?}", world.calls());
}

#[tokio::test(start_paused = true)]
async fn lesson_02_a_call_that_fails_fails_its_own_300() {
    let world = World::new();
    let on = Match { body_contains: Some(email(450)), ..Match::operation("sync leads").always() };
    world.fault_on(on, bad_gateway());
    let (report, outcomes) = world.export(people(900)).await;
    assert_eq!((report.outcomes.created, report.outcomes.retry), (600, 300));
    assert_eq!(told(&outcomes)[299], "created");
    assert_eq!(told(&outcomes)[300], "retry 502");
    assert_eq!(told(&outcomes)[600], "created");
    assert_eq!(world.leads().len(), 600);
}

#[rstest]
#[case::not_found(FaultAction::Html { status: 404 })]
#[case::moved(FaultAction::Status { status: 301, body: String::new(), headers: [("location".to_owned(), "https://evil.example/".to_owned())].into() })]
#[tokio::test(start_paused = true)]
async fn another_server_at_the_address_is_said_to_be_one(#[case] action: FaultAction) {
    let world = World::new();
    world.fault_on(Match::path("/rest/").always(), action);
    let (report, _) = world.export(people(3)).await;
    let stopped = report.stopped.unwrap();
    assert_eq!(stopped.field(), Some("endpoint"));
    assert_eq!(report.outcomes.retry, 3);
}
