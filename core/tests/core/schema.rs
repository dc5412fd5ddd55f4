//! Mapping schema: which field a property names.

use outflow_core::{Choice, Field, FieldType, MappingSchema, MaxLength, NoField, UnknownFields};
use serde_json::json;

fn schema() -> MappingSchema {
    MappingSchema::new([
        Field::new("email", FieldType::Email).label("Email Address").required(),
        Field::new("a1b2", FieldType::String).label("Size"),
        Field::new("c3d4", FieldType::String).label("Size"),
        Field::new("title", FieldType::String).label("email"),
        Field::new("score", FieldType::Integer),
    ])
}

fn found(name: &str) -> Result<String, NoField> {
    schema().find(name).map(|(_, field)| field.name.clone())
}

#[test]
fn a_field_is_found_by_name_and_by_label() {
    assert_eq!(found("email").as_deref(), Ok("email"));
    assert_eq!(found("Email Address").as_deref(), Ok("email"));
    assert_eq!(found("score").as_deref(), Ok("score"));
    let schema = schema();
    let (index, field) = schema.find("Email Address").unwrap();
    assert_eq!(&schema.fields()[index], field);
}

#[test]
fn a_name_wins_over_another_fields_label() {
    assert_eq!(found("email").as_deref(), Ok("email"));
    assert_eq!(found("title").as_deref(), Ok("title"));
}

#[test]
fn a_label_that_several_fields_have_is_ambiguous_and_their_names_are_not() {
    assert_eq!(found("Size"), Err(NoField::Ambiguous));
    assert_eq!(found("a1b2").as_deref(), Ok("a1b2"));
    assert_eq!(found("c3d4").as_deref(), Ok("c3d4"));
}

#[test]
fn what_no_field_has_is_unknown() {
    assert_eq!(found("nope"), Err(NoField::Unknown));
    assert_eq!(found(""), Err(NoField::Unknown));
    assert_eq!(found("EMAIL"), Err(NoField::Unknown), "case matters");
    assert_eq!(schema().unknown_fields(), UnknownFields::Rejected);
    let open = schema().with_unknown_fields(UnknownFields::MadeUp);
    assert_eq!(open.unknown_fields(), UnknownFields::MadeUp);
}

#[test]
fn a_required_field_is_important() {
    let schema = schema();
    assert!(schema.fields()[0].required && schema.fields()[0].important);
    assert!(!schema.fields()[1].required && !schema.fields()[1].important);
}

#[test]
fn a_schema_is_shown_as_json() {
    let schema = MappingSchema::new([Field::new("a1b2", FieldType::Native("set"))
        .label("Size")
        .read_only()
        .max_length(MaxLength::Bytes(9))
        .choices(vec![Choice { id: "1".to_owned(), label: "Small".to_owned() }])]);
    let json = serde_json::to_value(&schema).unwrap();
    assert_eq!(json["unknown_fields"], "rejected");
    let field = &json["fields"][0];
    assert_eq!(field["name"], "a1b2");
    assert_eq!(field["label"], "Size");
    assert_eq!(field["type"], json!({ "native": "set" }));
    assert_eq!(field["read_only"], true);
    assert_eq!(field["max_length"], json!({ "bytes": 9 }));
    assert_eq!(field["choices"], json!([{ "id": "1", "label": "Small" }]));
}
