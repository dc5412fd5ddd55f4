//! Look-ups: exact, honest about several hits, and never empty because they failed.

use std::time::Duration;

use outflow_core::{Export, Outcome, SkipReason};
use outflow_sandbox::{Fault, FaultAction, Match};
use serde_json::json;

use crate::rig::{Rig, Setup, person};

fn profile(id: &str, email: &str) -> Export {
    Export::new(id).property("Name", id).property("Email", email)
}

/// A company so large that a few keys are searched for.
async fn large() -> Rig {
    let rig = Rig::new().await;
    rig.sandbox.add_many_persons(5_000);
    rig
}

#[tokio::test(start_paused = true)]
async fn a_person_is_found_by_any_of_its_emails_in_any_case() {
    for rig in [Rig::new().await, large().await] {
        let id = rig.add_person("Ada", &["ada@example.com", "Ada@Home.example"]);
        let done = rig.export(vec![profile("ada", "ADA@home.example")]).await;
        assert_eq!(done.names(), ["updated"]);
        assert_eq!(done.ids(), [id]);
    }
}

#[tokio::test(start_paused = true)]
async fn lesson_40_an_email_that_several_persons_hold_is_reported() {
    for rig in [Rig::new().await, large().await] {
        let first = rig.add_person("Ada", &["ada@example.com"]);
        let second = rig.add_person("Ada again", &["other@example.com", "ADA@example.com"]);
        let exports = vec![profile("ada", "ada@example.com"), profile("bob", "bob@example.com")];
        let done = rig.export(exports).await;
        assert_eq!(done.names(), ["rejected", "created"]);
        let problem = done.outcomes[0].outcome.problem().unwrap();
        assert_eq!(problem.code, "ambiguous_key");
        for id in [first, second] {
            assert!(problem.message.contains(&id.to_string()), "{problem:?}");
        }
        assert_eq!(rig.person(first)["name"], "Ada");
    }
}

#[tokio::test(start_paused = true)]
async fn lesson_04_a_search_that_failed_finds_nobody_missing() {
    let rig = large().await;
    rig.controls().faults.push(Fault::new(
        Match::operation("search persons").always(),
        FaultAction::Status { status: 503, body: "{}".to_owned(), headers: Default::default() },
    ));
    let done = rig.export(vec![person(1), person(1_000_001)]).await;
    assert_eq!(done.names(), ["retry"; 2]);
    assert_eq!(rig.calls_to("create person"), 0);
}

#[tokio::test(start_paused = true)]
async fn lesson_04_a_scan_that_failed_halfway_finds_nobody_missing() {
    let rig = large().await;
    rig.controls()
        .faults
        .push(Fault::new(Match::operation("list persons").nth(4).always(), FaultAction::Truncated));
    let done = rig.export((1..=60).map(|number| person(number * 1_000)).collect()).await;
    assert_eq!(done.names(), ["retry"; 60]);
    assert_eq!(rig.calls_to("create person"), 0);
}

#[tokio::test(start_paused = true)]
async fn lesson_18_any_email_can_be_looked_up() {
    let rig = large().await;
    let odd = "o'brien+\"a&b=c\"%20#?é@example.com".replace('"', "");
    let id = rig.add_person("O'Brien", &[&odd]);
    let done = rig.export(vec![profile("o", &odd)]).await;
    assert_eq!(done.ids(), [id]);
}

/// The search does not show for seconds what was just written.
#[tokio::test(start_paused = true)]
async fn the_search_lags_and_nobody_is_created_twice() {
    let rig = large().await;
    for _ in 0..3 {
        let done = rig.export(vec![profile("new", "new@example.com")]).await;
        assert_eq!(done.report.outcomes.total(), 1);
    }
    assert_eq!(rig.sandbox.persons_with_email("new@example.com").len(), 1);
    assert_eq!(rig.calls_to("create person"), 1);
}

/// A create that got no answer is looked for where it shows at once.
#[tokio::test(start_paused = true)]
async fn an_uncertain_create_is_found_before_the_search_shows_it() {
    let rig = large().await;
    rig.fault("create person", FaultAction::ResetAfter);
    let first = rig.export(vec![profile("new", "new@example.com")]).await;
    assert_eq!(first.names(), ["unknown"]);
    let second = rig.export(vec![profile("new", "new@example.com")]).await;
    assert_eq!(second.names(), ["updated"]);
    assert_eq!(rig.sandbox.persons_with_email("new@example.com").len(), 1);
}

/// Another process knows nothing of it; but the newest persons are on the page that tells
/// how many there are.
#[tokio::test(start_paused = true)]
async fn another_process_finds_an_uncertain_create_before_the_search_shows_it() {
    let rig = large().await;
    rig.fault("create person", FaultAction::ResetAfter);
    rig.export(vec![profile("new", "new@example.com")]).await;
    let other = rig.another_process().await;
    let done = other.export(vec![profile("new", "new@example.com")]).await;
    assert_eq!(done.calls_to("search_persons"), 1);
    assert_eq!(done.names(), ["updated"]);
    assert_eq!(rig.sandbox.persons_with_email("new@example.com").len(), 1);
}

/// A changed email is not found under its old value any more, whatever the search shows.
#[tokio::test(start_paused = true)]
async fn own_changes_of_keys_are_known_at_once() {
    let rig = large().await;
    let id = rig.add_person("Ada", &["ada@example.com"]);
    let change = Export::new("ada")
        .property("Name", "Ada")
        .property("Email", "countess@example.com")
        .old_property("Name", "Ada")
        .old_property("Email", "ada@example.com")
        .remote_id(id);
    rig.export(vec![change]).await;
    let exports = vec![profile("another", "ada@example.com"), profile("ada", "countess@example.com")];
    let done = rig.export(exports).await;
    assert_eq!(done.names(), ["created", "updated"]);
    assert_eq!(done.ids()[1], id);
}

#[tokio::test(start_paused = true)]
async fn own_deletes_are_known_at_once() {
    let rig = large().await;
    let id = rig.add_person("Ada", &["ada@example.com"]);
    let delete = profile("ada", "ada@example.com").delete();
    assert_eq!(rig.export(vec![delete.clone()]).await.names(), ["deleted"]);
    assert!(rig.sandbox.persons_with_email("ada@example.com").is_empty());
    let again = rig.export(vec![delete]).await;
    assert_eq!(again.only(), &Outcome::Skipped(SkipReason::NothingToDelete));
    let created = rig.export(vec![profile("ada", "ada@example.com")]).await;
    assert_eq!(created.names(), ["created"]);
    assert_ne!(created.ids(), [id]);
}

/// What people do in the web application between two look-ups.
#[tokio::test(start_paused = true)]
async fn changes_by_hand_after_a_scan_are_seen() {
    let rig = Rig::new().await;
    let changed = rig.add_person("Changed", &["before@example.com"]);
    let deleted = rig.add_person("Deleted", &["deleted@example.com"]);
    rig.add_person("Scanned", &["scanned@example.com"]);
    rig.export(vec![profile("scanned", "scanned@example.com")]).await;

    rig.sandbox.change_person(changed, &json!({ "emails": [{ "value": "after@example.com" }] })).unwrap();
    rig.sandbox.delete_person(deleted);
    let added = rig.add_person("Added", &["added@example.com"]);
    let exports = vec![
        profile("1", "before@example.com"),
        profile("2", "after@example.com"),
        profile("3", "deleted@example.com"),
        profile("4", "added@example.com"),
    ];
    let done = rig.export(exports).await;
    assert_eq!(done.names(), ["created", "updated", "created", "updated"]);
    assert_eq!(done.ids()[1], changed);
    assert_eq!(done.ids()[3], added);
}

/// A deleted or merged record: the id is forgotten and the key looked up.
#[tokio::test(start_paused = true)]
async fn an_id_that_is_gone_is_looked_up_again() {
    let rig = large().await;
    let gone = rig.add_person("Loser", &["loser@example.com"]);
    rig.sandbox.delete_person(gone);
    let winner = rig.add_person("Winner", &["ada@example.com"]);
    let known = |id: &str, email: &str| {
        profile(id, email).old_property("Name", "x").old_property("Email", email).remote_id(gone)
    };
    let done = rig.export(vec![known("ada", "ada@example.com")]).await;
    assert_eq!(done.names(), ["updated"]);
    assert_eq!(done.ids(), [winner]);

    let done = rig.export(vec![known("bob", "bob@example.com")]).await;
    assert_eq!(done.names(), ["created"]);
    assert_eq!(rig.only_person("bob@example.com")["name"], "bob");
}

/// What the host remembers of the lost record says nothing of the one that is found.
#[tokio::test(start_paused = true)]
async fn after_an_id_is_gone_everything_is_written() {
    let rig = Rig::new().await;
    let gone = rig.add_person("Loser", &["loser@example.com"]);
    rig.sandbox.delete_person(gone);
    let winner = rig.add_person("Winner", &["ada@example.com"]);
    let export = profile("ada", "ada@example.com")
        .property("Phone", "123")
        .old_property("Name", "ada")
        .old_property("Email", "ada@example.com")
        .old_property("Phone", "123")
        .group("VIP")
        .remote_id(gone);
    let done = rig.export(vec![export]).await;
    assert_eq!(done.ids(), [winner]);
    assert_eq!(rig.person(winner)["phones"][0]["value"], "123");
}

#[tokio::test(start_paused = true)]
async fn deletes_of_unknown_ids_look_their_keys_up_together() {
    let rig = Rig::new().await;
    rig.sandbox.add_many_persons(700);
    let deletes = (1..=50).map(|number| person(number * 20).delete());
    let done = rig.export(deletes.collect()).await;
    assert_eq!(done.report.outcomes.deleted, 35);
    assert_eq!(done.report.outcomes.skipped, 15);
    assert_eq!(done.tokens(), 2 * 10 + 35 * 3);
}

/// Two look-ups at the same time share one scan.
#[tokio::test(start_paused = true)]
async fn runs_side_by_side_scan_once() {
    let rig = Rig::with(Setup { latency: Duration::from_millis(300), ..Setup::default() }).await;
    rig.sandbox.add_many_persons(2_000);
    rig.clock.sleep(Duration::from_secs(60)).await;
    let (one, other) =
        tokio::join!(rig.export((1..=40).map(person).collect()), rig.export((41..=80).map(person).collect()));
    assert_eq!(one.report.outcomes.updated + other.report.outcomes.updated, 80);
    let pages = one.calls_to("list_persons") + other.calls_to("list_persons");
    assert!(pages <= 5, "{pages} pages");
}

#[tokio::test(start_paused = true)]
async fn lesson_39_an_email_that_only_begins_alike_is_another() {
    let rig = Rig::new().await;
    rig.add_person("Ada", &["ada@example.com.evil.example"]);
    rig.add_person("Bada", &["bada@example.com"]);
    let done = rig.export(vec![profile("ada", "ada@example.com")]).await;
    assert_eq!(done.names(), ["created"]);
}

/// The cursor alone says whether there is more.
#[tokio::test(start_paused = true)]
async fn lesson_33_an_empty_page_is_not_the_last() {
    let rig = Rig::new().await;
    let id = rig.add_person("Ada", &["ada@example.com"]);
    rig.add_person("Bob", &["bob@example.com"]);
    let path = "/api/v2/persons?limit=1&sort_by=id&sort_direction=desc";
    let page = rig.by_hand("GET", path, &json!(null)).await;
    let cursor = &page["additional_data"]["next_cursor"];
    let empty = json!({ "success": true, "data": [], "additional_data": { "next_cursor": cursor } });
    rig.fault(
        "list persons",
        FaultAction::Status { status: 200, body: empty.to_string(), headers: Default::default() },
    );
    let done = rig.export(vec![profile("ada", "ada@example.com")]).await;
    assert_eq!(done.names(), ["updated"]);
    assert_eq!(done.ids(), [id]);
}
