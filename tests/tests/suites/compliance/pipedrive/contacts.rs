//! A person's emails and phones: one of each is ours, the others stay.

use outflow_core::{Export, Value};
use serde_json::json;

use super::host::{PERSONS, Pipedrive, person, pipedrive};
use crate::compliance::host::{Minutes, told};
use crate::compliance::scenario::scenarios;

scenarios![
    lists_are_read_before_they_are_written_back,
    a_phone_goes_and_the_others_stay,
    additions_have_the_label_of_the_option,
];

fn with_additions(host: &Pipedrive) -> u64 {
    let ada = json!({
        "name": "Ada",
        "emails": [
            { "value": "ada@example.com", "primary": true, "label": "work" },
            { "value": "ada@home.example", "label": "home" },
        ],
        "phones": [
            { "value": "+49 30 1234", "primary": true, "label": "work" },
            { "value": "+49 170 99", "label": "mobile" },
        ],
    });
    host.tool.add_person(&ada).unwrap()
}

async fn lists_are_read_before_they_are_written_back() -> Minutes {
    let host = pipedrive().await;
    let id = with_additions(&host);
    let changed = Export::new("ada")
        .property("Name", "Ada")
        .property("Email", "ada@lovelace.example")
        .property("Phone", "+49 30 5678")
        .old_property("Email", "ada@example.com")
        .old_property("Phone", "+49 30 1234")
        .remote_id(id);
    assert_eq!(host.persons(vec![changed]).await, ["updated"]);
    host.minutes()
}

async fn a_phone_goes_and_the_others_stay() -> Minutes {
    let host = pipedrive().await;
    let id = with_additions(&host);
    let cleared = Export::new("ada")
        .property("Name", "Ada")
        .property("Email", "ada@example.com")
        .property("Phone", Value::Null)
        .old_property("Phone", "+49 30 1234")
        .remote_id(id);
    assert_eq!(host.persons(vec![cleared.clone()]).await, ["updated"]);
    host.tool.change_person(id, &json!({ "phones": [] })).unwrap();
    assert_eq!(host.persons(vec![cleared]).await, ["updated"]);
    host.minutes()
}

async fn additions_have_the_label_of_the_option() -> Minutes {
    let host = pipedrive().await;
    let options = json!({ "contact_label": "home" });
    let exports = vec![person(1).property("Phone", "123")];
    assert_eq!(told(&host.with_options(PERSONS, options, exports).await), ["created"]);
    host.minutes()
}
