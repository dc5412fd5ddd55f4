//! Values: what each type becomes, and what missing, null and cleared mean.

use outflow_core::{Export, Value};
use serde_json::{Value as Json, json};

use super::world::{World, email, person, told};

#[tokio::test(start_paused = true)]
async fn lesson_07_zero_and_false_are_values() {
    let world = World::new();
    world.seed([json!({ "email": email(0), "leadScore": 9, "unsubscribed": true })]);
    let export =
        Export::new("0").property("email", email(0)).property("leadScore", 0).property("unsubscribed", false);
    world.export(vec![export]).await;
    let lead = world.lead(&email(0));
    assert_eq!(lead.fields["leadScore"], 0);
    assert_eq!(lead.fields["unsubscribed"], false);
}

#[tokio::test(start_paused = true)]
async fn lesson_08_missing_null_and_dropped_are_three_things() {
    let world = World::new();
    world.seed([json!({ "email": email(0), "firstName": "F", "lastName": "L", "title": "T" })]);
    let export = Export::new("0")
        .old_property("email", email(0))
        .old_property("title", "T")
        .property("email", email(0))
        .property("lastName", Value::Null);
    let (_, outcomes) = world.export(vec![export]).await;
    assert_eq!(told(&outcomes), ["updated"]);
    let fields = world.lead(&email(0)).fields;
    assert_eq!(fields.get("firstName"), Some(&json!("F")), "missing: left alone");
    assert_eq!(fields.get("lastName"), None, "null: cleared");
    assert_eq!(fields.get("title"), None, "no longer there: cleared");
}

#[tokio::test(start_paused = true)]
async fn each_type_is_written_in_marketos_form() {
    let world = World::new();
    let export = person(0)
        .property("dateOfBirth", "1815-12-10")
        .property("leadScore", "12")
        .property("unsubscribed", "TRUE")
        .property("annualRevenue", 1.5)
        .property("phone", 49301234)
        .property("First Name", "By its label");
    let mut export = export;
    export.new_properties.remove("firstName");
    export.new_properties.remove("annualRevenue");
    let (_, outcomes) = world.export(vec![export]).await;
    assert_eq!(told(&outcomes), ["created"]);
    let sent = sent(&world);
    assert_eq!(sent["action"], "createOrUpdate");
    assert_eq!(sent["lookupField"], "email");
    assert_eq!(
        sent["input"],
        json!([{
            "email": email(0),
            "firstName": "By its label",
            "dateOfBirth": "1815-12-10",
            "leadScore": 12,
            "unsubscribed": true,
            "phone": "49301234",
        }])
    );
}

/// The body of the last sync.
fn sent(world: &World) -> Json {
    let exchanges = outflow_sandbox::Sandbox::controls(&*world.marketo).log.exchanges();
    let sync = exchanges.iter().rfind(|exchange| exchange.operation == "sync leads").unwrap();
    serde_json::from_slice(&sync.request_body).unwrap()
}

#[tokio::test(start_paused = true)]
async fn instants_have_milliseconds_and_numbers_their_kind() {
    use outflow_marketo::sandbox::DataType;
    let world = World::new();
    let fields = [
        ("instant", DataType::Datetime),
        ("amount", DataType::Currency),
        ("ratio", DataType::Float),
        ("share", DataType::Percent),
        ("notes", DataType::Text),
        ("home", DataType::Url),
        ("interests", DataType::String),
    ];
    for (name, data_type) in fields {
        world.marketo.add_field(name, name, data_type);
    }
    let export = person(0)
        .property("instant", "2020-08-30T07:49:48+02:00")
        .property("amount", 12)
        .property("ratio", "0.25")
        .property("share", 50.0)
        .property("notes", "née \"Gordon\"\nμ 🎉")
        .property("home", "https://example.com/ü")
        .property("interests", vec!["red", "blue"]);
    let (_, outcomes) = world.export(vec![export]).await;
    assert_eq!(told(&outcomes), ["created"]);
    let record = sent(&world)["input"][0].clone();
    assert_eq!(record["instant"], "2020-08-30T05:49:48.000Z");
    assert_eq!(record["amount"], 12.0);
    assert_eq!(record["ratio"], 0.25);
    assert_eq!(record["share"], 50);
    assert_eq!(record["interests"], "red, blue");
    let fields = world.lead(&email(0)).fields;
    assert_eq!(fields["instant"], "2020-08-30T05:49:48Z");
    assert_eq!(fields["notes"], "née \"Gordon\"\nμ 🎉");
}

#[tokio::test(start_paused = true)]
async fn a_record_whose_key_did_not_change_still_carries_it() {
    let world = World::new();
    let id = world.seed([json!({ "email": email(0) })])[0];
    let export = Export::new("0").property("lastName", "L").remote_id(id);
    let (_, outcomes) = world.export(vec![export]).await;
    assert_eq!(told(&outcomes), ["updated"]);
    assert_eq!(sent(&world)["lookupField"], "id");
    assert_eq!(sent(&world)["input"], json!([{ "id": id, "lastName": "L" }]));
}

#[tokio::test(start_paused = true)]
async fn the_partition_goes_with_every_sync() {
    let world = World::new();
    world.marketo.add_partition("Europe");
    let options = json!({ "partition": "Europe" });
    let (_, outcomes) = world.export_with(options, Default::default(), vec![person(0)]).await;
    assert_eq!(told(&outcomes), ["created"]);
    assert_eq!(sent(&world)["partitionName"], "Europe");
}

#[tokio::test(start_paused = true)]
async fn a_partition_that_is_not_there_stops_the_destination_and_names_the_option() {
    let world = World::new();
    let options = json!({ "partition": "Atlantis" });
    let (report, outcomes) = world.export_with(options, Default::default(), vec![person(0)]).await;
    assert_eq!(told(&outcomes), ["retry 1008"]);
    let stopped = report.stopped.unwrap();
    assert_eq!(stopped.field(), Some("partition"));
    assert!(stopped.message().contains("Atlantis"), "{stopped}");
}
