//! Options of apps and connections: described by a schema, read from JSON, with errors
//! that name the option.

use std::cell::RefCell;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde::de::value::MapDeserializer;
use serde_json::{Error as JsonError, Map, Number, Value as Json};

use crate::error::{Error, Result};

/// One option, for a host to show and ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OptionDescription {
    /// Its name.
    pub name: String,
    /// What it is, from the doc comment of its field.
    pub description: String,
    /// `string`, `integer`, `boolean`, …
    #[serde(rename = "type")]
    pub type_name: String,
    /// It must be given.
    pub required: bool,
    /// It must not be shown or logged.
    pub secret: bool,
    /// The value it has when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<Json>,
    /// The values it can have, when they are few.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
}

/// What options a type of options has: those that must be given first, each part by name.
#[must_use]
pub fn describe_options<T: JsonSchema>() -> Vec<OptionDescription> {
    let schema = schemars::schema_for!(T).to_value();
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
    let properties = schema["properties"].as_object();
    let mut options: Vec<OptionDescription> = properties
        .into_iter()
        .flatten()
        .map(|(name, property)| describe(name, property, &schema, required.contains(&name.as_str())))
        .collect();
    options.sort_by(|a, b| b.required.cmp(&a.required).then_with(|| a.name.cmp(&b.name)));
    options
}

fn describe(name: &str, property: &Json, root: &Json, required: bool) -> OptionDescription {
    let target = resolve(property, root);
    let description = property["description"].as_str().or(target["description"].as_str()).unwrap_or_default();
    OptionDescription {
        name: name.to_owned(),
        // A doc comment's line breaks are where the source was wrapped.
        description: description.split_whitespace().collect::<Vec<_>>().join(" "),
        type_name: type_name(target).unwrap_or("string").to_owned(),
        required,
        secret: target["writeOnly"] == true,
        default: property.get("default").filter(|default| !default.is_null()).cloned(),
        values: choices(target),
    }
}

/// Follows `$ref` and takes the part of an `anyOf` that is not null: `Option<T>` is `T` here.
fn resolve<'a>(property: &'a Json, root: &'a Json) -> &'a Json {
    if let Some(pointer) = property["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) {
        return root.pointer(pointer).unwrap_or(property);
    }
    let parts = property["anyOf"].as_array().into_iter().flatten();
    match parts.into_iter().find(|part| part["type"] != "null") {
        Some(part) => resolve(part, root),
        None => property,
    }
}

fn type_name(schema: &Json) -> Option<&str> {
    match &schema["type"] {
        Json::String(name) => Some(name),
        Json::Array(names) => names.iter().filter_map(Json::as_str).find(|name| *name != "null"),
        _ => None,
    }
}

fn choices(schema: &Json) -> Vec<String> {
    let listed = schema["enum"].as_array().into_iter().flatten();
    // Documented enum variants come as `oneOf` constants.
    let constants = schema["oneOf"].as_array().into_iter().flatten().map(|variant| &variant["const"]);
    listed.chain(constants).filter_map(Json::as_str).map(str::to_owned).collect()
}

/// Reads options from JSON. Text is taken for a number or boolean where the option is
/// one, as command lines and environment have only text.
///
/// # Errors
/// `Configuration`, naming the option: one that is unknown (with those there are),
/// missing, or of a wrong type.
///
/// ```
/// #[derive(serde::Deserialize, schemars::JsonSchema, Debug)]
/// struct Options {
///     /// Where the tool is.
///     endpoint: String,
/// }
/// let error = outflow_core::read_options::<Options>("crm", &serde_json::json!({ "url": "x" })).unwrap_err();
/// assert_eq!(error.field(), Some("url"));
/// assert!(error.message().contains("endpoint"));
/// ```
pub fn read_options<T: DeserializeOwned + JsonSchema>(owner: &str, options: &Json) -> Result<T> {
    let empty = Map::new();
    let given = match options {
        Json::Object(given) => given,
        Json::Null => &empty,
        _ => {
            return Err(Error::configuration(format!(
                "the options of {owner} are not an object of names and values"
            )));
        }
    };
    let known = describe_options::<T>();
    check_names(owner, given, &known)?;
    let mut read = Map::new();
    for (name, value) in given {
        let option = known.iter().find(|option| option.name == *name);
        read.insert(
            name.clone(),
            option.map_or_else(|| Ok(value.clone()), |option| coerce(owner, option, value))?,
        );
    }
    deserialize(read).map_err(|(name, error)| {
        let option = known.iter().find(|option| name.as_ref() == Some(&option.name));
        unreadable(owner, option, &redact(&error.to_string(), given, &known))
    })
}

/// Reads the options one by one, so that an error comes with the name of the option it
/// was at: serde's own does not say.
fn deserialize<T: DeserializeOwned>(options: Map<String, Json>) -> Result<T, (Option<String>, JsonError)> {
    let at = RefCell::new(None);
    let pairs = options.into_iter().map(Some).chain([None]).map_while(|pair| {
        at.replace(pair.as_ref().map(|(name, _)| name.clone()));
        pair
    });
    T::deserialize(MapDeserializer::new(pairs)).map_err(|error| (at.take(), error))
}

fn unreadable(owner: &str, option: Option<&OptionDescription>, error: &str) -> Error {
    let Some(option) = option else {
        return Error::configuration(format!("the options of {owner} cannot be read: {error}"));
    };
    // serde's message can quote the value.
    let error = if option.secret { "its value does not fit" } else { error };
    Error::configuration(format!("the option {:?} of {owner}: {error}", option.name))
        .with_code("invalid_option")
        .with_field(&option.name)
}

fn check_names(owner: &str, given: &Map<String, Json>, known: &[OptionDescription]) -> Result<()> {
    for name in given.keys() {
        if !known.iter().any(|option| option.name == *name) {
            let names: Vec<&str> = known.iter().map(|option| option.name.as_str()).collect();
            let names = if names.is_empty() {
                "it has none".to_owned()
            } else {
                format!("it has {}", names.join(", "))
            };
            return Err(Error::configuration(format!("{owner} has no option {name:?}; {names}"))
                .with_code("unknown_option")
                .with_field(name));
        }
    }
    for option in known.iter().filter(|option| option.required) {
        if !given.contains_key(&option.name) {
            return Err(Error::configuration(format!(
                "{owner} needs the option {:?}: {}",
                option.name, option.description
            ))
            .with_code("missing_option")
            .with_field(&option.name));
        }
    }
    Ok(())
}

fn coerce(owner: &str, option: &OptionDescription, value: &Json) -> Result<Json> {
    let wrong = || {
        let shown = if option.secret { "the value given".to_owned() } else { value.to_string() };
        let wanted =
            if option.values.is_empty() { option.type_name.clone() } else { option.values.join(", ") };
        Error::configuration(format!(
            "the option {:?} of {owner} is {shown}; it takes: {wanted}",
            option.name
        ))
        .with_code("invalid_option")
        .with_field(&option.name)
    };
    let read = match (option.type_name.as_str(), value) {
        (_, Json::Null) => (!option.required).then_some(Json::Null),
        ("boolean", Json::String(text)) => text.trim().parse().ok().map(Json::Bool),
        ("integer", Json::String(text)) => integer(text.trim()),
        ("number", Json::String(text)) => text.trim().parse().ok().and_then(finite),
        ("string", Json::Number(number)) => choice(option, number.to_string()),
        ("string", Json::String(text)) => choice(option, text.clone()),
        (type_name, _) => is_of_type(type_name, value).then(|| value.clone()),
    };
    read.ok_or_else(wrong)
}

fn choice(option: &OptionDescription, text: String) -> Option<Json> {
    let fits = option.values.is_empty() || option.values.contains(&text);
    fits.then_some(Json::String(text))
}

fn integer(text: &str) -> Option<Json> {
    let signed = text.parse::<i64>().map(Json::from);
    signed.or_else(|_| text.parse::<u64>().map(Json::from)).ok()
}

/// JSON has no infinity: it would be read as null, which is "not given".
fn finite(number: f64) -> Option<Json> {
    Number::from_f64(number).map(Json::Number)
}

fn is_of_type(type_name: &str, value: &Json) -> bool {
    match type_name {
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    }
}

fn redact(text: &str, given: &Map<String, Json>, known: &[OptionDescription]) -> String {
    let secrets =
        known.iter().filter(|option| option.secret).filter_map(|option| given.get(&option.name)?.as_str());
    secrets
        .filter(|secret| !secret.is_empty())
        .fold(text.to_owned(), |text, secret| text.replace(secret, "[secret]"))
}
