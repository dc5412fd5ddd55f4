//! Values: of every type, cleared, and refused.

use outflow_core::{Export, Value};
use outflow_marketo::sandbox::DataType;
use serde_json::json;

use super::host::{marketo, person};
use crate::compliance::host::Minutes;
use crate::compliance::scenario::scenarios;

scenarios![
    every_type_is_written_and_cleared,
    a_value_that_marketo_refuses_is_rejected,
    a_field_that_marketo_refuses_is_dropped,
    a_hidden_field_stops_the_destination,
];

const TYPED: [(&str, DataType, &str); 13] = [
    ("as_string", DataType::String, "née \"Gordon\""),
    ("as_text", DataType::Text, "line\nline"),
    ("as_url", DataType::Url, "https://example.com/ü"),
    ("as_currency", DataType::Currency, "12.5"),
    ("as_integer", DataType::Integer, "-7"),
    ("as_boolean", DataType::Boolean, "true"),
    ("as_phone", DataType::Phone, "+49 30 1234"),
    ("as_email", DataType::Email, "other@example.com"),
    ("as_date", DataType::Date, "1815-12-10"),
    ("as_datetime", DataType::Datetime, "2020-08-30T07:49:48+02:00"),
    ("as_float", DataType::Float, "0.25"),
    ("as_percent", DataType::Percent, "50"),
    ("as_score", DataType::Score, "0"),
];

async fn every_type_is_written_and_cleared() -> Minutes {
    let host = marketo().await;
    for (name, data_type, _) in TYPED {
        host.tool.add_field(name, name, data_type);
    }
    let with = |value: &dyn Fn(&str) -> Value| {
        let start = person(0).property("interests", vec!["red", "blue"]);
        let start = TYPED[..1].iter().fold(start, |export, _| export);
        TYPED.iter().fold(start, |export, (name, _, text)| {
            export.property(*name, value(text))
        })
    };
    host.tool.add_field("interests", "Interests", DataType::String);
    assert_eq!(host.sync(vec![with(&|text| text.into())]).await, ["created"]);
    assert_eq!(host.sync(vec![with(&|_| Value::Null)]).await, ["updated"]);
    host.minutes()
}

/// What only the tool can tell: a number that is too large for it.
fn too_large(n: usize) -> Export {
    person(n).property("leadScore", 5_000_000_000_i64)
}

async fn a_value_that_marketo_refuses_is_rejected() -> Minutes {
    let host = marketo().await;
    let exports = vec![
        person(0),
        too_large(1),
        person(2).property("dateOfBirth", "someday"),
        person(3).property("email", "no email"),
        person(4).property("noSuchField", 1),
    ];
    let told = host.sync(exports).await;
    assert_eq!(told[..2], ["created", "rejected 1003"]);
    host.minutes()
}

async fn a_field_that_marketo_refuses_is_dropped() -> Minutes {
    let host = marketo().await;
    let options = json!({ "on_invalid_field": "drop" });
    let told = host.with_options(options, vec![person(0), too_large(1)]).await;
    assert_eq!(told, ["created", "created"]);
    host.minutes()
}

async fn a_hidden_field_stops_the_destination() -> Minutes {
    let host = marketo().await;
    host.tool.add_field("secret", "Secret", DataType::String);
    let export = |n| person(n).property("secret", "x");
    assert_eq!(host.sync(vec![export(0)]).await, ["created"]);
    host.tool.hide_field("secret");
    assert_eq!(host.sync(vec![export(1)]).await, ["retry 1006"]);
    host.minutes()
}
