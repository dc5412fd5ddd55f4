//! Calls and tokens: the floor of the API.

use std::time::Duration;

use outflow_core::Export;
use rstest::rstest;

use crate::rig::{Done, Rig, Setup, email, new_person, person};

/// c creates and u updates with known ids, groups that are there included: a call each.
#[tokio::test(start_paused = true)]
async fn creates_and_updates_with_known_ids_are_one_call_each() {
    let rig = Rig::new().await;
    let seeds = (1..=3).map(|number| new_person(number).group("VIP").group("Churned"));
    let seeded = rig.export(seeds.collect()).await;
    assert_eq!(seeded.names(), ["created"; 3]);

    let mut exports: Vec<Export> = seeded
        .ids()
        .into_iter()
        .zip(1..)
        .map(|(id, number)| {
            person(number)
                .old_property("Name", "Before")
                .old_property("Email", email(number))
                .old_group("VIP")
                .old_group("Churned")
                .group("VIP")
                .remote_id(id)
        })
        .collect();
    exports.extend((10..14).map(|number| new_person(number).group("Churned")));
    let done = rig.export(exports).await;

    assert_eq!(done.calls_to("create_person"), 4);
    assert_eq!(done.calls_to("update_person"), 3);
    assert_eq!(done.calls().total, 7, "{:?}", done.calls());
    assert_eq!(done.calls().cost, 5 * 7);
    for id in seeded.ids() {
        assert_eq!(rig.groups_of(id), ["VIP"]);
    }
    for id in &done.ids()[3..] {
        assert_eq!(rig.groups_of(*id), ["Churned"]);
    }
}

/// The same in another process, which has to ask for the fields: groups that are there
/// cost nothing more.
#[tokio::test(start_paused = true)]
async fn groups_that_are_there_cost_nothing_in_a_new_process() {
    let rig = Rig::new().await;
    rig.export(vec![new_person(1).group("VIP"), new_person(2).group("Churned")]).await;

    let later = rig.another_process().await;
    let done = later.export(vec![new_person(3).group("VIP"), new_person(4).group("Churned")]).await;
    assert_eq!(done.calls_to("list_person_fields"), 1);
    assert_eq!(done.calls().total, 1 + 2, "{:?}", done.calls());
    assert_eq!(done.calls().cost, 10 + 2 * 5);
}

#[tokio::test(start_paused = true)]
async fn nothing_changed_is_no_write() {
    let rig = Rig::new().await;
    let export = person(1)
        .old_property("Name", "Person 1")
        .old_property("Email", email(1))
        .group("VIP")
        .old_group("VIP")
        .remote_id(7_u64);
    let done = rig.export(vec![export.clone(), export]).await;
    assert_eq!(done.names(), ["unchanged"; 2]);
    assert_eq!(done.tokens(), 0, "{:?}", done.calls());
}

#[tokio::test(start_paused = true)]
async fn deletes_with_known_ids_are_one_call_each() {
    let rig = Rig::new().await;
    let first = rig.sandbox.add_many_persons(3);
    let deletes = (0..3).map(|index| person(index + 1).remote_id(first + index).delete());
    let done = rig.export(deletes.collect()).await;
    assert_eq!(done.names(), ["deleted"; 3]);
    assert_eq!(done.tokens(), 3 * 3);
    assert!(rig.sandbox.persons().is_empty());
}

#[rstest]
#[case(0)]
#[case(1)]
#[case(299)]
#[case(300)]
#[case(301)]
#[case(3_000)]
#[tokio::test(start_paused = true)]
async fn lesson_38_any_number_of_new_profiles_is_created_once_each(#[case] count: u64) {
    let rig = Rig::new().await;
    let done = rig.export((1..=count).map(new_person).collect()).await;
    assert_eq!(done.report.outcomes.created, count);
    assert_eq!(done.tokens(), 5 * count);
    assert_eq!(rig.sandbox.persons().len() as u64, count);
    if count > 0 {
        assert_eq!(rig.only_person(&email(count))["name"], format!("Person {count}"));
    }
}

/// The price of looking n keys up among P persons, as the facts have it.
fn price(keys: u64, persons: u64) -> u64 {
    (20 * keys).min(10 * persons.div_ceil(500).max(1))
}

/// Exports `keys` profiles without ids, every other of which the company has: half are
/// updated, half created.
async fn export_unknown(rig: &Rig, keys: u64, persons: u64) -> Done {
    let known = keys.div_ceil(2).min(persons);
    let there = (1..=known).map(|number| number * (persons / known.max(1)).max(1));
    let missing = (0..keys - known).map(|number| persons + 1_000_000 + number);
    let done = rig.export(there.chain(missing).map(person).collect()).await;
    assert_eq!(done.report.outcomes.updated, known, "{:?}", done.report);
    assert_eq!(done.report.outcomes.created, keys - known);
    assert_eq!(rig.sandbox.persons().len() as u64, persons + keys - known);
    done
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn unknown_keys_cost_the_cheaper_of_scan_and_search(
    #[values(1, 2, 3, 11, 60)] keys: u64,
    #[values(0, 1, 499, 500, 501, 1_000, 1_001, 5_000, 20_000)] persons: u64,
) {
    let rig = Rig::new().await;
    rig.sandbox.add_many_persons(persons);
    let done = export_unknown(&rig, keys, persons).await;
    // One page tells how many persons there are; it is lost only when searching wins.
    let overhead = if 20 * keys < 10 * persons.div_ceil(500) { 10 } else { 0 };
    let most = price(keys, persons) + overhead;
    assert!(done.tokens() - 5 * keys <= most, "{} > {most}: {:?}", done.tokens(), done.calls());
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn once_the_number_of_persons_is_known_no_page_is_lost(
    #[values(1, 2, 11, 60)] keys: u64,
    #[values(600, 1_001, 5_000, 20_000)] persons: u64,
) {
    let rig = Rig::new().await;
    rig.sandbox.add_many_persons(persons);
    rig.clock.sleep(Duration::from_secs(60)).await;
    // A delete of somebody nobody knows looks up one key.
    let before = rig.export(vec![person(9_999_999).delete()]).await;
    assert_eq!(before.names(), ["skipped"]);
    let done = export_unknown(&rig, keys, persons).await;
    let most = price(keys, persons);
    assert!(done.tokens() - 5 * keys <= most, "{} > {most}: {:?}", done.tokens(), done.calls());
}

/// After a scan, a later look-up reads only what changed since.
#[tokio::test(start_paused = true)]
async fn after_a_scan_a_look_up_costs_a_list_of_changes() {
    let rig = Rig::new().await;
    rig.sandbox.add_many_persons(5_000);
    rig.clock.sleep(Duration::from_secs(600)).await;
    let scanned = rig.export((1..=60).map(person).collect()).await;
    assert_eq!(scanned.calls_to("list_persons"), 10);

    rig.clock.sleep(Duration::from_secs(600)).await;
    let id = rig.add_person("By hand", &["by-hand@example.com"]);
    let by_hand = Export::new("by hand").property("Name", "Ours").property("Email", "By-Hand@Example.com");
    let done = rig.export(vec![by_hand, person(4_000), person(1_000_001)]).await;
    assert_eq!(done.names(), ["updated", "updated", "created"]);
    assert_eq!(done.ids()[0], id);
    assert_eq!(done.calls_to("list_persons"), 1);
    assert_eq!(done.tokens(), 10 + 3 * 5, "{:?}", done.calls());
}

/// Own writes are found without a call, long before the search has them.
#[tokio::test(start_paused = true)]
async fn lesson_10_the_same_new_profile_twice_is_created_once() {
    let rig = Rig::with(Setup::default()).await;
    rig.sandbox.add_many_persons(20_000);
    let done = rig.export(vec![person(1_000_001), person(1_000_001)]).await;
    assert_eq!(done.names(), ["created", "updated"]);
    assert_eq!(done.ids()[0], done.ids()[1]);
    assert_eq!(rig.sandbox.persons_with_email(&email(1_000_001)).len(), 1);
}
