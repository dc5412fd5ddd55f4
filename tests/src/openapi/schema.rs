//! Schemas of OpenAPI 3.0 and Swagger 2.0 as JSON Schema, draft 4.
//!
//! Two things are translated: `nullable`, which JSON Schema does not know, and the one
//! other way in which specifications say that a value may be null, in words ("will be
//! `null`"). Formats are not checked: examples in the official documents themselves are
//! no `date-time` where the schema says so.

use std::collections::BTreeMap;

use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};

/// Keywords that hold one schema, a list of them, or a map of them.
const ONE: [&str; 3] = ["items", "additionalProperties", "not"];
const LISTS: [&str; 3] = ["allOf", "anyOf", "oneOf"];
/// Keywords that mean the same in JSON Schema.
const SAME: [&str; 15] = [
    "$ref",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
    "uniqueItems",
];
/// In these words a description says that its value may be null.
const NULL_IN_WORDS: &str = "will be `null`";

/// The schemas that others refer to, where their references look for them.
pub(super) fn shared(document: &Value) -> Map<String, Value> {
    let mut shared = Map::new();
    if let Some(definitions) = document.get("definitions") {
        shared.insert("definitions".to_owned(), map_of_schemas(definitions));
    }
    if let Some(schemas) = document.pointer("/components/schemas") {
        shared.insert("components".to_owned(), json!({ "schemas": map_of_schemas(schemas) }));
    }
    shared
}

/// Makes a validator of a translated schema.
pub(super) fn compile(schema: &Value, shared: &Map<String, Value>) -> Result<Validator, String> {
    let mut root = shared.clone();
    root.insert("allOf".to_owned(), json!([schema]));
    jsonschema::options()
        .with_draft(Draft::Draft4)
        .should_validate_formats(false)
        .build(&Value::Object(root))
        .map_err(|error| error.to_string())
}

/// Members, at any depth, that the schema names nowhere, each with its place.
pub(super) fn unknown(
    schema: &Value,
    shared: &Map<String, Value>,
    value: &Value,
    place: &str,
) -> Vec<String> {
    match value {
        Value::Object(members) => {
            let known = properties(schema, shared);
            let is_unknown = |name: &str| known.as_ref().is_some_and(|known| !known.contains_key(name));
            let mut unknown = Vec::new();
            for (name, member) in members {
                if is_unknown(name) {
                    unknown.push(format!("{place}: {name}"));
                } else if let Some(schema) = known.as_ref().and_then(|known| known.get(name.as_str())) {
                    unknown.extend(self::unknown(schema, shared, member, &format!("{place}/{name}")));
                }
            }
            unknown
        }
        Value::Array(items) => {
            let parts = parts(schema, shared).unwrap_or_default();
            let Some(schema) = parts.iter().find_map(|part| part.get("items")) else {
                return Vec::new();
            };
            let items = items.iter().enumerate();
            items
                .flat_map(|(index, item)| unknown(schema, shared, item, &format!("{place}/{index}")))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The fields of a form as an object, each in the type of the schema where it can be.
pub(super) fn typed(schema: &Value, shared: &Map<String, Value>, fields: &[(String, String)]) -> Value {
    let known = properties(schema, shared).unwrap_or_default();
    let typed = |name: &str, text: &str| {
        let parts = known.get(name).and_then(|schema| parts(schema, shared));
        let is_text = parts.is_none_or(|parts| parts.iter().any(|part| part["type"] == "string"));
        let parsed = if is_text { None } else { serde_json::from_str(text).ok() };
        parsed.unwrap_or_else(|| json!(text))
    };
    let fields = fields.iter().map(|(name, text)| (name.clone(), typed(name, text)));
    Value::Object(fields.collect())
}

/// The properties that an object may have; `None` when it may have any.
fn properties<'a>(schema: &'a Value, shared: &'a Map<String, Value>) -> Option<BTreeMap<&'a str, &'a Value>> {
    let mut known = BTreeMap::new();
    for part in parts(schema, shared)? {
        let additional = part.get("additionalProperties");
        if additional.is_some_and(|additional| *additional != Value::Bool(false)) {
            return None;
        }
        let named = part.get("properties").and_then(Value::as_object);
        known.extend(named.into_iter().flatten().map(|(name, schema)| (name.as_str(), schema)));
    }
    (!known.is_empty()).then_some(known)
}

/// The schemas that hold together, `allOf` taken apart; `None` when there is a choice,
/// unless it is that of being null.
fn parts<'a>(schema: &'a Value, shared: &'a Map<String, Value>) -> Option<Vec<&'a Value>> {
    let schema = resolved(schema, shared);
    let list = |keyword: &str| schema.get(keyword).and_then(Value::as_array);
    match list("anyOf").map(Vec::as_slice) {
        Some([schema, null]) if *null == json!({ "type": "null" }) => return parts(schema, shared),
        Some(_) => return None,
        None => {}
    }
    if schema.get("oneOf").is_some() {
        return None;
    }
    let mut all = vec![schema];
    for part in list("allOf").into_iter().flatten() {
        all.extend(parts(part, shared)?);
    }
    Some(all)
}

fn resolved<'a>(schema: &'a Value, shared: &'a Map<String, Value>) -> &'a Value {
    let Some(reference) = schema.get("$ref").and_then(Value::as_str) else {
        return schema;
    };
    let mut parts = reference.trim_start_matches("#/").split('/');
    let root = parts.next().and_then(|name| shared.get(name));
    root.and_then(|root| parts.try_fold(root, |place, part| place.get(part))).unwrap_or(schema)
}

/// Translates a schema.
pub(super) fn translated(schema: &Value) -> Value {
    let Some(schema) = schema.as_object() else {
        return json!({});
    };
    let mut translated = Map::new();
    for (keyword, value) in schema {
        if let Some(value) = translated_keyword(keyword, value) {
            translated.insert(keyword.clone(), value);
        }
    }
    if may_be_null(schema) { with_null(translated) } else { Value::Object(translated) }
}

fn translated_keyword(keyword: &str, value: &Value) -> Option<Value> {
    match keyword {
        // Not of JSON Schema, and of JSON no more than a string.
        "type" if value == "file" => None,
        "type" => Some(value.clone()),
        // Some documents have a boolean here, as if it were a parameter.
        "required" if value.is_array() => Some(value.clone()),
        "properties" => Some(map_of_schemas(value)),
        _ if ONE.contains(&keyword) && value.is_object() => Some(translated(value)),
        _ if ONE.contains(&keyword) => Some(value.clone()),
        _ if LISTS.contains(&keyword) => {
            let schemas = value.as_array().into_iter().flatten();
            Some(schemas.map(translated).collect())
        }
        _ if SAME.contains(&keyword) => Some(value.clone()),
        _ => None,
    }
}

fn map_of_schemas(schemas: &Value) -> Value {
    let schemas = schemas.as_object().into_iter().flatten();
    schemas.map(|(name, schema)| (name.clone(), translated(schema))).collect::<Map<_, _>>().into()
}

fn may_be_null(schema: &Map<String, Value>) -> bool {
    let flag = |name: &str| schema.get(name) == Some(&Value::Bool(true));
    let description = schema.get("description").and_then(Value::as_str);
    flag("nullable")
        || flag("x-nullable")
        || description.is_some_and(|description| description.contains(NULL_IN_WORDS))
}

fn with_null(schema: Map<String, Value>) -> Value {
    json!({ "anyOf": [schema, { "type": "null" }] })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(schema: &Value, value: &Value) -> bool {
        compile(&translated(schema), &Map::new()).is_ok_and(|validator| validator.is_valid(value))
    }

    #[test]
    fn nullable_means_the_type_or_null() {
        let schema = json!({ "type": "string", "enum": ["a"], "nullable": true });
        assert!(accepts(&schema, &json!("a")));
        assert!(accepts(&schema, &Value::Null));
        assert!(!accepts(&schema, &json!("b")));
        assert!(!accepts(&json!({ "type": "string" }), &Value::Null));
    }

    #[test]
    fn null_in_words_counts() {
        let schema = json!({
            "type": "string",
            "description": "The value will be `null` if you have reached the end.",
        });
        assert!(accepts(&schema, &Value::Null));
    }

    #[test]
    fn a_property_may_be_named_like_a_keyword() {
        let schema = json!({ "type": "object", "properties": {
            "nullable": { "type": "integer" }, "required": { "type": "boolean" },
        } });
        assert!(accepts(&schema, &json!({ "nullable": 1, "required": true })));
        assert!(!accepts(&schema, &json!({ "nullable": "1" })));
    }

    #[test]
    fn references_and_booleans_for_required_are_understood() {
        let document = json!({ "definitions": { "Lead": {
            "type": "object", "required": ["id"], "properties": { "id": { "type": "integer", "required": true } },
        } } });
        let shared = shared(&document);
        let schema = translated(&json!({ "type": "array", "items": { "$ref": "#/definitions/Lead" } }));
        let validator = compile(&schema, &shared);
        let is_valid = |value: &Value| validator.as_ref().is_ok_and(|validator| validator.is_valid(value));
        assert!(is_valid(&json!([{ "id": 1 }])));
        assert!(!is_valid(&json!([{}])));
        assert_eq!(unknown(&schema, &shared, &json!([{ "id": 1, "ix": 2 }]), "body"), ["body/0: ix"]);
    }

    #[test]
    fn unknown_members_are_found_at_any_depth() {
        let schema = translated(&json!({ "allOf": [
            { "type": "object", "properties": { "name": { "type": "string" } } },
            { "properties": {
                "emails": { "type": "array", "nullable": true, "items": { "properties": { "value": {} } } },
                "open": { "type": "object", "additionalProperties": true, "properties": { "a": {} } },
                "free": { "type": "object" },
            } },
        ] }));
        let value = json!({
            "name": "a", "nick": "b", "emails": [{ "value": "c" }, { "valeu": "d" }],
            "open": { "e": 1 }, "free": { "f": 1 },
        });
        let found = unknown(&schema, &Map::new(), &value, "body");
        assert_eq!(found, ["body/emails/1: valeu", "body: nick"]);
    }

    #[test]
    fn the_fields_of_a_form_have_types() {
        let schema = translated(&json!({ "properties": {
            "name": { "type": "string" }, "folder": { "type": "object" }, "max": { "type": "integer" },
        } }));
        let fields = [("name", "12"), ("folder", "{\"id\":1}"), ("max", "x"), ("more", "1")];
        let fields = fields.map(|(name, text)| (name.to_owned(), text.to_owned()));
        assert_eq!(
            typed(&schema, &Map::new(), &fields),
            json!({ "name": "12", "folder": { "id": 1 }, "max": "x", "more": "1" })
        );
    }
}
