//! Exports as hosts write them.

use outflow_core::{Export, Value};
use rstest::rstest;
use serde_json::json;

#[test]
fn all_but_id_and_new_properties_may_be_left_out() {
    let export: Export =
        serde_json::from_value(json!({ "profile_id": 42, "new_properties": { "score": 0 } })).unwrap();
    assert_eq!(export, Export::new("42").property("score", 0));
    assert_eq!(
        serde_json::to_value(&export).unwrap(),
        json!({ "profile_id": "42", "new_properties": { "score": 0 } })
    );
}

#[test]
fn an_export_comes_back_as_it_was() {
    let export = Export::new("42")
        .property("email", "new@example.com")
        .property("vip", false)
        .property("phone", Value::Null)
        .old_property("email", "old@example.com")
        .group("VIP")
        .old_group("Beta")
        .remote_id(7149)
        .known_new()
        .delete();
    let text = serde_json::to_string(&export).unwrap();
    assert_eq!(serde_json::from_str::<Export>(&text).unwrap(), export);
}

#[rstest]
#[case(json!({ "new_properties": {} }), "missing field `profile_id`")]
#[case(json!({ "profile_id": "1" }), "missing field `new_properties`")]
#[case(json!({ "profile_id": "1", "new_properties": {}, "new_group": [] }), "unknown field `new_group`")]
#[case(json!({ "profile_id": "1", "new_properties": { "a": {} } }), "invalid type: map")]
#[case(json!({ "profile_id": "1", "new_properties": {}, "to_delete": "yes" }), "invalid type: string")]
#[case(json!({ "profile_id": true, "new_properties": {} }), "a string or a whole number")]
fn what_is_wrong_is_named(#[case] json: serde_json::Value, #[case] message: &str) {
    let error = serde_json::from_value::<Export>(json).unwrap_err();
    assert!(error.to_string().contains(message), "{error}");
}

#[test]
fn nothing_changes_when_everything_is_as_it_was_acknowledged() {
    let same = Export::new("42").property("a", 1).old_property("a", 1);
    assert!(same.changes_nothing());
    assert!(same.clone().group("VIP").old_group("VIP").changes_nothing());

    let changes = [
        same.clone().property("a", 2),
        same.clone().property("a", 1.0),
        same.clone().property("b", Value::Null),
        same.clone().old_property("b", 1),
        same.clone().group("VIP"),
        same.clone().old_group("VIP"),
        same.delete(),
        // Nothing was acknowledged: the record may not be there yet.
        Export::new("42"),
        Export::new("42").property("a", 1),
    ];
    for export in changes {
        assert!(!export.changes_nothing(), "{export:?}");
    }
}
