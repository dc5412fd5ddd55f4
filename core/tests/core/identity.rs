//! Profile ids, keys and remote ids.

use std::collections::HashMap;

use outflow_core::{ErrorKind, Key, ProfileId, RemoteId};
use rstest::rstest;

#[rstest]
#[case("\"42\"", "42")]
#[case("42", "42")]
#[case("-1", "-1")]
#[case("18446744073709551615", "18446744073709551615")]
#[case("\" a \"", " a ")]
#[case("\"007\"", "007")]
fn ids_are_text_or_whole_numbers(#[case] json: &str, #[case] expected: &str) {
    assert_eq!(serde_json::from_str::<ProfileId>(json).unwrap(), ProfileId::new(expected));
    let id: RemoteId = serde_json::from_str(json).unwrap();
    assert_eq!(id.as_str(), expected);
    assert_eq!(serde_json::to_value(&id).unwrap(), expected);
}

#[rstest]
#[case("1.5")]
#[case("1e3")]
#[case("18446744073709551616")]
#[case("null")]
#[case("true")]
#[case("[1]")]
fn anything_else_is_no_id(#[case] json: &str) {
    let error = serde_json::from_str::<ProfileId>(json).unwrap_err();
    assert!(error.to_string().contains("a string or a whole number"), "{error}");
    assert!(serde_json::from_str::<RemoteId>(json).is_err());
}

#[test]
fn a_remote_id_is_a_number_where_the_tool_has_numbers() {
    assert_eq!(RemoteId::from(7149).as_u64().unwrap(), 7149);
    let error = RemoteId::from("00Q5e").as_u64().unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Rejected);
    assert_eq!(error.code(), Some("invalid_remote_id"));
    assert!(error.message().contains("\"00Q5e\""), "{error}");
}

#[test]
fn keys_are_found_by_text() {
    let by_key = HashMap::from([(Key::from("ada@example.com"), 1)]);
    assert_eq!(by_key.get("ada@example.com"), Some(&1));
    assert_eq!(format!("{} {:?}", Key::from("a"), Key::from("a")), "a \"a\"");
}
