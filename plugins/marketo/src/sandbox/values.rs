//! What a field takes, and how it reads back.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use super::schema::{DataType, Field, Owner};

/// Why a record is skipped: a code of the API and its message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reason {
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Reason {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(super) fn lead_not_found() -> Self {
        Self::new("1004", "Lead not found")
    }

    pub(super) fn field_not_found(name: &str) -> Self {
        Self::new("1006", format!("Field '{name}' not found"))
    }
}

/// The longest text area, in bytes.
const TEXT_BYTES: usize = 30_000;

/// The value as the JSON it reads back as; `None` clears the field.
pub(super) fn convert(field: &Field, value: &Value) -> Result<Option<String>, Reason> {
    if field.owner == Owner::Company {
        return Err(Reason::new("1021", "Company update not allowed"));
    }
    if field.read_only {
        let message = format!("Field '{}' is read-only", field.name);
        return Err(Reason::new("1003", message));
    }
    convert_any(field, value)
}

/// The same for whoever may write every field, as an administrator's import may.
pub(super) fn convert_any(field: &Field, value: &Value) -> Result<Option<String>, Reason> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) if text.is_empty() => Ok(None),
        value => stored(field, value).map(Some).ok_or_else(|| invalid(field, value)),
    }
}

fn invalid(field: &Field, value: &Value) -> Reason {
    let shown = plain(value);
    let message = format!("Invalid value for field '{}' and value '{shown}'", field.name);
    Reason::new("1003", message)
}

/// A value as text, without the quotes of JSON.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn stored(field: &Field, value: &Value) -> Option<String> {
    match field.data_type {
        DataType::Boolean => boolean(value),
        DataType::Integer | DataType::Percent | DataType::Score | DataType::Reference => integer(value),
        DataType::Float | DataType::Currency => number(value),
        DataType::Date => date(value),
        DataType::Datetime => datetime(value),
        DataType::String | DataType::Phone => text(field, value, |_| true),
        DataType::Text => text(field, value, |text| text.len() <= TEXT_BYTES),
        DataType::Email => text(field, value, is_email),
        DataType::Url => text(field, value, is_url),
    }
}

fn boolean(value: &Value) -> Option<String> {
    match plain(value).as_str() {
        "true" | "1" => Some("true".to_owned()),
        "false" | "0" => Some("false".to_owned()),
        _ => None,
    }
}

/// Whole numbers of 32 bits; `14.1` and `100%` are refused.
fn integer(value: &Value) -> Option<String> {
    if !matches!(value, Value::Number(_) | Value::String(_)) {
        return None;
    }
    plain(value).trim().parse::<i32>().ok().map(|number| number.to_string())
}

fn number(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => {
            let number: f64 = text.trim().parse().ok()?;
            serde_json::Number::from_f64(number).map(|number| number.to_string())
        }
        _ => None,
    }
}

fn date(value: &Value) -> Option<String> {
    let date: Date = value.as_str()?.parse().ok()?;
    // The parser also takes a datetime; the API does not.
    (value.as_str()?.len() == 10).then(|| json_text(&date.to_string()))
}

/// `2020-08-30T05:49:48.000Z` is written, `2020-08-30T05:49:48Z` is read.
fn datetime(value: &Value) -> Option<String> {
    let instant: Timestamp = value.as_str()?.parse().ok()?;
    Some(json_text(&seconds(instant)))
}

/// An instant as the lead database shows it.
pub(super) fn seconds(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn text(field: &Field, value: &Value, fits: impl Fn(&str) -> bool) -> Option<String> {
    if matches!(value, Value::Array(_) | Value::Object(_)) {
        return None;
    }
    let text = plain(value);
    let length = field.length.and_then(|length| usize::try_from(length).ok());
    let short_enough = length.is_none_or(|length| text.chars().count() <= length);
    (short_enough && fits(&text)).then(|| json_text(&text))
}

fn json_text(text: &str) -> String {
    Value::from(text).to_string()
}

/// ASCII only, one `@` with something on both sides, no blanks.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
    printable && !local.is_empty() && !domain.is_empty() && !domain.contains('@')
}

fn is_url(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty())
}
