//! Values of custom fields: strictly typed, in the forms of API v2.
//!
//! The forms are those of the official migration guide to v2. What the service answers
//! to a wrong one follows the messages integrations have quoted, such as `Expected
//! 'number' as value for single option custom field`; since May 2026 they name the field.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::field::{Field, FieldType};

/// Longest values, in characters: the specification's description of field types.
const VARCHAR_LENGTH: usize = 255;
const TEXT_LENGTH: usize = 65_000;

/// Records and users that values point to.
pub(super) trait Known {
    fn has_user(&self, id: u64) -> bool;
    fn has_person(&self, id: u64) -> bool;
    fn has_organization(&self, id: u64) -> bool;
}

/// Checks a value that is not null and brings it into the form it is read back in.
pub(super) fn checked(field: &Field, value: &Value, known: &impl Known) -> Result<Value, String> {
    let checked = match field.kind {
        FieldType::Varchar | FieldType::VarcharAuto | FieldType::Phone => text(value, VARCHAR_LENGTH),
        FieldType::Text => text(value, TEXT_LENGTH),
        FieldType::Double => number(value),
        FieldType::Int | FieldType::VisibleTo | FieldType::Picture => int(value),
        FieldType::Monetary => monetary(value),
        FieldType::Date => date(value),
        FieldType::DateRange => span(value, date),
        FieldType::Time => time(value),
        FieldType::TimeRange => time_range(value),
        FieldType::Enum => option(field, value),
        FieldType::Set => options(field, value),
        FieldType::User => reference(value, |id| known.has_user(id)),
        FieldType::People => reference(value, |id| known.has_person(id)),
        FieldType::Org => reference(value, |id| known.has_organization(id)),
        FieldType::Address => address(value),
    };
    checked.map_err(|wrong| wrong.about(field))
}

/// What is wrong with a value.
enum Wrong {
    /// It has another type.
    Expected(&'static str),
    /// It has the type, but no meaning.
    Invalid(String),
}

impl Wrong {
    fn about(self, field: &Field) -> String {
        let (noun, code) = (field.kind.noun(), &field.code);
        match self {
            Self::Expected(kind) => format!("Expected '{kind}' as value for {noun} custom field '{code}'"),
            Self::Invalid(why) => format!("Invalid value for {noun} custom field '{code}': {why}"),
        }
    }
}

type Checked = Result<Value, Wrong>;

/// The integer a JSON number is; 12.0 is one, "12" is none.
pub(super) fn integer(value: &Value) -> Option<i64> {
    if let Some(number) = value.as_i64() {
        return Some(number);
    }
    let number = value.as_f64()?;
    let whole = number as i64;
    (whole as f64 == number).then_some(whole)
}

/// The id a JSON number is.
pub(super) fn id(value: &Value) -> Option<u64> {
    integer(value).and_then(|id| u64::try_from(id).ok())
}

fn text(value: &Value, longest: usize) -> Checked {
    let text = value.as_str().ok_or(Wrong::Expected("string"))?;
    let length = text.chars().count();
    if length > longest {
        return Err(Wrong::Invalid(format!("{length} characters, {longest} are allowed")));
    }
    Ok(value.clone())
}

fn number(value: &Value) -> Checked {
    if value.is_number() { Ok(value.clone()) } else { Err(Wrong::Expected("number")) }
}

fn int(value: &Value) -> Checked {
    integer(value).map(Value::from).ok_or(Wrong::Expected("number"))
}

fn monetary(value: &Value) -> Checked {
    let parts = object(value, &["value", "currency"])?;
    let amount = parts.get("value").ok_or(missing("value"))?;
    number(amount)?;
    let currency = parts.get("currency").and_then(Value::as_str).ok_or(missing("currency"))?;
    if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(Wrong::Invalid(format!("'{currency}' is no currency code")));
    }
    Ok(json!({ "value": amount, "currency": currency }))
}

fn date(value: &Value) -> Checked {
    let text = value.as_str().ok_or(Wrong::Expected("string"))?;
    let is_date = text.len() == 10 && text.parse::<Date>().is_ok();
    if is_date {
        Ok(value.clone())
    } else {
        Err(Wrong::Invalid(format!("'{text}' is no date of the form YYYY-MM-DD")))
    }
}

/// A time of day; minutes are enough, seconds are read back.
fn clock_time(value: &Value) -> Checked {
    let text = value.as_str().ok_or(Wrong::Expected("string"))?;
    let parts: Vec<&str> = text.split(':').collect();
    let (hour, minute, second) = match parts.as_slice() {
        [hour, minute] => (*hour, *minute, "00"),
        [hour, minute, second] => (*hour, *minute, *second),
        _ => return Err(no_time(text)),
    };
    if two_digits(hour, 23) && two_digits(minute, 59) && two_digits(second, 59) {
        Ok(Value::from(format!("{hour}:{minute}:{second}")))
    } else {
        Err(no_time(text))
    }
}

fn no_time(text: &str) -> Wrong {
    Wrong::Invalid(format!("'{text}' is no time of the form HH:MM:SS"))
}

fn two_digits(text: &str, max: u8) -> bool {
    text.len() == 2
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && text.parse::<u8>().is_ok_and(|number| number <= max)
}

fn time(value: &Value) -> Checked {
    let parts = object(value, &["value", "timezone_name", "timezone_id"])?;
    let at = clock_time(parts.get("value").ok_or(missing("value"))?)?;
    Ok(json!({ "value": at, "timezone_name": zone(parts)? }))
}

fn time_range(value: &Value) -> Checked {
    let parts = object(value, &["value", "until", "timezone_name", "timezone_id"])?;
    let from = clock_time(parts.get("value").ok_or(missing("value"))?)?;
    let until = optional(parts, "until", clock_time)?;
    Ok(json!({ "value": from, "until": until, "timezone_name": zone(parts)? }))
}

fn zone(parts: &Map<String, Value>) -> Checked {
    optional(parts, "timezone_name", |value| {
        let name = value.as_str().ok_or(Wrong::Expected("string"))?;
        match TimeZone::get(name) {
            Ok(_) => Ok(value.clone()),
            Err(_) => Err(Wrong::Invalid(format!("'{name}' is no time zone"))),
        }
    })
}

fn span(value: &Value, part: fn(&Value) -> Checked) -> Checked {
    let parts = object(value, &["value", "until"])?;
    let from = part(parts.get("value").ok_or(missing("value"))?)?;
    let until = optional(parts, "until", part)?;
    Ok(json!({ "value": from, "until": until }))
}

fn option(field: &Field, value: &Value) -> Checked {
    let id = id(value).ok_or(Wrong::Expected("number"))?;
    match field.option(id) {
        Some(_) => Ok(Value::from(id)),
        None => Err(no_option(id)),
    }
}

/// `[]` is refused: a selection is cleared with null (specification, `custom_fields`).
fn options(field: &Field, value: &Value) -> Checked {
    let items = value.as_array().ok_or(Wrong::Expected("array"))?;
    if items.is_empty() {
        return Err(Wrong::Invalid("an empty array is not supported, use null".to_owned()));
    }
    let mut chosen = Vec::with_capacity(items.len());
    for item in items {
        let id = id(item).ok_or(Wrong::Expected("array of numbers"))?;
        if field.option(id).is_none() {
            return Err(no_option(id));
        }
        if !chosen.contains(&id) {
            chosen.push(id);
        }
    }
    Ok(Value::from(chosen))
}

fn no_option(id: u64) -> Wrong {
    Wrong::Invalid(format!("there is no option {id}"))
}

fn reference(value: &Value, exists: impl Fn(u64) -> bool) -> Checked {
    let id = id(value).ok_or(Wrong::Expected("number"))?;
    if exists(id) { Ok(Value::from(id)) } else { Err(Wrong::Invalid(format!("{id} does not exist"))) }
}

/// An address; the parts that are left out become null.
pub(super) fn plain_address(value: &Value) -> Result<Value, String> {
    address(value).map_err(|wrong| match wrong {
        Wrong::Expected(kind) => format!("expected '{kind}'"),
        Wrong::Invalid(why) => why,
    })
}

fn address(value: &Value) -> Checked {
    let parts = value.as_object().ok_or(Wrong::Expected("object"))?;
    let names = FieldType::Address.parts();
    let mut whole = Map::new();
    for (name, part) in parts {
        if name != "value" && !names.iter().any(|(known, _, _)| known == name) {
            return Err(Wrong::Invalid(format!("it has no part '{name}'")));
        }
        if !part.is_string() && !part.is_null() {
            return Err(Wrong::Invalid(format!("part '{name}' is no string")));
        }
    }
    let line = parts.get("value").filter(|line| line.is_string()).ok_or(missing("value"))?;
    whole.insert("value".to_owned(), line.clone());
    for (name, _, _) in names {
        let part = parts.get(*name).cloned().unwrap_or(Value::Null);
        whole.insert((*name).to_owned(), part);
    }
    Ok(Value::Object(whole))
}

fn object<'a>(value: &'a Value, names: &[&str]) -> Result<&'a Map<String, Value>, Wrong> {
    let parts = value.as_object().ok_or(Wrong::Expected("object"))?;
    match parts.keys().find(|name| !names.contains(&name.as_str())) {
        Some(name) => Err(Wrong::Invalid(format!("it has no part '{name}'"))),
        None => Ok(parts),
    }
}

fn optional(parts: &Map<String, Value>, name: &str, check: impl Fn(&Value) -> Checked) -> Checked {
    match parts.get(name) {
        None | Some(Value::Null) => Ok(Value::Null),
        Some(value) => check(value),
    }
}

fn missing(part: &str) -> Wrong {
    Wrong::Invalid(format!("its part '{part}' is missing"))
}
