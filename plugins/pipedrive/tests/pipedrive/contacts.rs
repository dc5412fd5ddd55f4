//! Emails and phones that people added by hand stay.

use outflow_core::Export;
use serde_json::{Value as Json, json};

use crate::rig::{Rig, person};

/// A person with our email and phone, and one of each that people added.
fn with_additions(rig: &Rig) -> u64 {
    rig.sandbox
        .add_person(&json!({
            "name": "Ada",
            "emails": [
                { "value": "ada@example.com", "primary": true, "label": "work" },
                { "value": "ada@home.example", "label": "home" },
            ],
            "phones": [
                { "value": "+49 30 1234", "primary": true, "label": "work" },
                { "value": "+49 170 99", "label": "mobile" },
            ],
        }))
        .unwrap()
}

fn ada() -> Export {
    Export::new("ada").property("Name", "Ada")
}

/// Value, label and mark of each entry.
fn entries(person: &Json, list: &str) -> Vec<(String, String, bool)> {
    let text = |entry: &Json, name: &str| entry[name].as_str().unwrap().to_owned();
    person[list]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            let primary = entry["primary"].as_bool().unwrap();
            (text(entry, "value"), text(entry, "label"), primary)
        })
        .collect()
}

fn entry(value: &str, label: &str, primary: bool) -> (String, String, bool) {
    (value.to_owned(), label.to_owned(), primary)
}

#[tokio::test(start_paused = true)]
async fn what_did_not_change_is_not_sent() {
    let rig = Rig::new().await;
    let id = with_additions(&rig);
    let export = ada()
        .property("Name", "Ada Lovelace")
        .property("Email", "ada@example.com")
        .property("Phone", "+49 30 1234")
        .old_property("Name", "Ada")
        .old_property("email", "ada@example.com")
        .old_property("phone", "+49 30 1234")
        .remote_id(id);
    let done = rig.export(vec![export]).await;
    assert_eq!(done.tokens(), 5, "{:?}", done.calls());
    assert_eq!(rig.bodies("update person"), [json!({ "name": "Ada Lovelace" })]);
    assert_eq!(entries(&rig.person(id), "emails").len(), 2);
    assert_eq!(entries(&rig.person(id), "phones").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn lesson_11_a_new_email_takes_the_place_of_the_old_one_alone() {
    let rig = Rig::new().await;
    let id = with_additions(&rig);
    let export = ada()
        .property("Email", "ada@lovelace.example")
        .property("Phone", "+49 30 5678")
        .old_property("Name", "Ada")
        .old_property("Email", "ADA@example.com")
        .old_property("Phone", "+49 (30) 1234")
        .remote_id(id);
    let done = rig.export(vec![export]).await;
    assert_eq!(done.names(), ["updated"]);
    // One more token for the lists that are about to be replaced.
    assert_eq!(done.tokens(), 5 + 1, "{:?}", done.calls());
    let person = rig.person(id);
    assert_eq!(
        entries(&person, "emails"),
        [entry("ada@lovelace.example", "work", true), entry("ada@home.example", "home", false)]
    );
    assert_eq!(
        entries(&person, "phones"),
        [entry("+49 30 5678", "work", true), entry("+49 170 99", "mobile", false)]
    );
}

#[tokio::test(start_paused = true)]
async fn an_email_that_people_moved_up_meanwhile_stays_where_it_is() {
    let rig = Rig::new().await;
    let id = with_additions(&rig);
    let export = ada()
        .property("Email", "ada@home.example")
        .old_property("Name", "Ada")
        .old_property("Email", "ada@example.com")
        .remote_id(id);
    rig.export(vec![export]).await;
    assert_eq!(entries(&rig.person(id), "emails"), [entry("ada@home.example", "home", true)]);
}

#[tokio::test(start_paused = true)]
async fn a_host_that_does_not_say_what_was_there_adds_its_own_in_front() {
    let rig = Rig::new().await;
    let id = with_additions(&rig);
    let export = ada().property("Email", "ada@new.example").property("Phone", "+49 170 99").remote_id(id);
    let done = rig.export(vec![export]).await;
    assert_eq!(done.tokens(), 5 + 1);
    let person = rig.person(id);
    assert_eq!(
        entries(&person, "emails"),
        [
            entry("ada@new.example", "work", true),
            entry("ada@example.com", "work", false),
            entry("ada@home.example", "home", false),
        ]
    );
    assert_eq!(entries(&person, "phones").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_phone_that_goes_takes_no_other_with_it() {
    let rig = Rig::new().await;
    let id = with_additions(&rig);
    // Dropped from the profile: cleared.
    let export = ada()
        .property("Email", "ada@example.com")
        .old_property("Name", "Ada")
        .old_property("Email", "ada@example.com")
        .old_property("Phone", "+49301234")
        .remote_id(id);
    rig.export(vec![export]).await;
    assert_eq!(entries(&rig.person(id), "phones"), [entry("+49 170 99", "mobile", true)]);
    assert_eq!(entries(&rig.person(id), "emails").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_option_labels_what_is_added() {
    let rig = Rig::new().await;
    let persons = rig.account.destination(crate::rig::PERSONS, &json!({ "contact_label": "home" })).unwrap();
    let export = person(1).property("Phone", "123").known_new();
    let done = crate::rig::Done::of(&persons, vec![export]).await;
    let person = rig.person(done.ids()[0]);
    assert_eq!(entries(&person, "emails"), [entry("person-1@example.com", "home", true)]);
    assert_eq!(entries(&person, "phones"), [entry("123", "home", true)]);
}

/// What the look-up saw of a person need not be asked for again.
#[tokio::test(start_paused = true)]
async fn a_found_person_is_updated_without_asking_for_its_lists() {
    let rig = Rig::new().await;
    let id = with_additions(&rig);
    let export = ada().property("Email", "Ada@Home.example").property("Phone", "+49 40 777");
    let done = rig.export(vec![export]).await;
    assert_eq!(done.ids(), [id]);
    assert_eq!(done.calls_to("get_person"), 0);
    assert_eq!(done.tokens(), 10 + 5, "{:?}", done.calls());
    let person = rig.person(id);
    assert_eq!(entries(&person, "emails").len(), 2);
    assert_eq!(
        entries(&person, "phones"),
        [
            entry("+49 40 777", "work", true),
            entry("+49 30 1234", "work", false),
            entry("+49 170 99", "mobile", false),
        ]
    );
}

/// A key change whose old key is the one that is found.
#[tokio::test(start_paused = true)]
async fn a_changed_key_is_found_by_the_old_one_and_changed_by_id() {
    let rig = Rig::new().await;
    let id = with_additions(&rig);
    let export = ada()
        .property("Email", "countess@example.com")
        .old_property("Name", "Ada")
        .old_property("Email", "ada@example.com");
    let done = rig.export(vec![export]).await;
    assert_eq!(done.names(), ["updated"]);
    assert_eq!(done.ids(), [id]);
    assert_eq!(
        entries(&rig.person(id), "emails"),
        [entry("countess@example.com", "work", true), entry("ada@home.example", "home", false)]
    );
}

/// A host that gives the id and nothing of what was there before.
#[tokio::test(start_paused = true)]
async fn what_this_process_wrote_need_not_be_asked_for() {
    let rig = Rig::new().await;
    let export = |name: &str| person(1).property("Name", name).property("Phone", "123");
    let id = rig.export(vec![export("One").known_new()]).await.ids()[0];
    for name in ["Two", "Three"] {
        let done = rig.export(vec![export(name).remote_id(id)]).await;
        assert_eq!(done.tokens(), 5, "{:?}", done.calls());
        assert_eq!(rig.person(id)["name"], name);
    }
    let later = rig.another_process().await;
    let done = later.export(vec![export("Four").remote_id(id)]).await;
    assert_eq!(done.tokens(), 5 + 1, "{:?}", done.calls());
}
