//! Conversion: from property values to what a destination's field takes.
//!
//! | field takes | from a value of its own type | from text | from other types |
//! |---|---|---|---|
//! | boolean | as it is | `true`, `false`, `1`, `0`, in any case | the integers 1 and 0 |
//! | integer | as it is | digits, with or without sign and `.0` | a float with no fraction, in range |
//! | float | as it is, when finite | a finite number | an integer that a float holds exactly |
//! | string | as it is | as it is | every scalar as text; an array's scalars joined with `, ` |
//! | email | checked, trimmed | checked, trimmed | nothing |
//! | phone number | checked, trimmed | checked, trimmed | an integer that is not negative, as its digits |
//! | url | checked, trimmed | checked, trimmed | nothing |
//! | date | as it is | `YYYY-MM-DD`, or an instant's UTC day | a datetime's UTC day |
//! | datetime | as it is | an instant, or a day's midnight UTC | a date's midnight UTC |
//! | array | each scalar as text | the text as the only element | a scalar's text as the only element |
//! | native | as it is | as it is | as it is: the connection converts it |
//!
//! *Text* is any of string, email, phone number and url. Null stays null for every field,
//! and whatever the table does not name is refused: a guess would write a wrong value
//! into somebody's CRM, where nobody looks for it.
//!
//! What the table leaves open:
//!
//! - Surrounding white space is dropped from all text but that of strings and arrays.
//! - An *instant* in text is RFC 3339 with any offset. Without an offset
//!   (`2026-03-01T12:00:00`, `2026-03-01 12:00:00`) it is UTC, as databases export it.
//! - An email has one `@` with something on both sides, a domain of non-empty labels and
//!   no white space. Whether it exists, or may hold more than ASCII, the tool decides.
//! - A phone number has a digit. A url is `http://` or `https://` with a host; it is
//!   checked, not rewritten, so that it compares equal to what the tool sends back.
//! - An array is joined for a string field as people expect to read it there (`red, blue`),
//!   though it cannot be taken apart again when an element holds a comma. An array that
//!   holds null or another array is refused.
//! - [`MaxLength`] holds for text, and for each element of an array.

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use url::Url;

use crate::error::{Error, Result, Scope};
use crate::schema::{Field, FieldType, MaxLength};
use crate::value::Value;

/// Converts a value to what `field` takes. Null stays null, and converting a converted
/// value again changes nothing.
///
/// # Errors
/// `Rejected` with code `invalid_value`, naming the value, its type, the field and what
/// the field takes.
///
/// ```
/// use outflow_core::{Field, FieldType, Value, convert};
///
/// let score = Field::new("score", FieldType::Integer);
/// assert_eq!(convert(&score, &Value::from("12")).unwrap(), Value::Integer(12));
/// assert_eq!(convert(&score, &Value::from("100%")).unwrap_err().code(), Some("invalid_value"));
/// ```
pub fn convert(field: &Field, value: &Value) -> Result<Value> {
    if value.is_null() {
        return Ok(Value::Null);
    }
    let converted = match field.field_type {
        FieldType::Boolean => boolean(value),
        FieldType::Integer => integer(value),
        FieldType::Float => float(value),
        FieldType::String => string(value),
        FieldType::Email => email(value),
        FieldType::PhoneNumber => phone_number(value),
        FieldType::Url => url(value),
        FieldType::Date => date(value),
        FieldType::Datetime => datetime(value),
        FieldType::Array => array(value),
        FieldType::Native(_) => return Ok(value.clone()),
    };
    let converted = converted.ok_or_else(|| not_taken(field, value))?;
    if let Some(limit) = field.max_length {
        check_length(field, limit, &converted)?;
    }
    Ok(converted)
}

fn boolean(value: &Value) -> Option<Value> {
    let value = match value {
        Value::Boolean(value) => *value,
        Value::Integer(0) => false,
        Value::Integer(1) => true,
        _ => match value.as_str()?.trim() {
            "0" => false,
            "1" => true,
            text if text.eq_ignore_ascii_case("true") => true,
            text if text.eq_ignore_ascii_case("false") => false,
            _ => return None,
        },
    };
    Some(Value::Boolean(value))
}

fn integer(value: &Value) -> Option<Value> {
    let value = match value {
        Value::Integer(value) => *value,
        Value::Float(value) => whole(*value)?,
        _ => without_zero_fraction(value.as_str()?.trim()).parse().ok()?,
    };
    Some(Value::Integer(value))
}

/// A float with no fraction as an integer, when it is in range.
fn whole(value: f64) -> Option<i64> {
    // 2^63 is a float, and the first that is too large; `i64::MAX` is none.
    const BOUND: f64 = 9_223_372_036_854_775_808.0;
    (value.fract() == 0.0 && (-BOUND..BOUND).contains(&value)).then_some(value as i64)
}

/// `12.00` as `12`: cut as text, since a float would lose digits of large numbers.
fn without_zero_fraction(text: &str) -> &str {
    match text.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() && fraction.bytes().all(|digit| digit == b'0') => {
            whole
        }
        _ => text,
    }
}

fn float(value: &Value) -> Option<Value> {
    let value = match value {
        Value::Float(value) => *value,
        Value::Integer(value) => exact(*value)?,
        _ => {
            let text = value.as_str()?.trim();
            match text.parse() {
                Ok(integer) => exact(integer)?,
                Err(_) => text.parse().ok()?,
            }
        }
    };
    value.is_finite().then_some(Value::Float(value))
}

/// An integer as a float, when no digit is lost: a long id must not become another id.
fn exact(value: i64) -> Option<f64> {
    let float = value as f64;
    (float as i128 == i128::from(value)).then_some(float)
}

fn string(value: &Value) -> Option<Value> {
    let text = match value {
        Value::Array(values) => {
            let texts: Option<Vec<_>> = values.iter().map(text).collect();
            texts?.join(", ")
        }
        scalar => text(scalar)?.into_owned(),
    };
    Some(Value::String(text))
}

/// A scalar as text. A float that is not finite is no value, and null is none either.
fn text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Null | Value::Array(_) => None,
        Value::Float(float) if !float.is_finite() => None,
        _ => Some(match value.as_str() {
            Some(text) => text.into(),
            None => value.to_string().into(),
        }),
    }
}

fn email(value: &Value) -> Option<Value> {
    let text = value.as_str()?.trim();
    let (local, domain) = text.split_once('@')?;
    let is_email = !local.is_empty()
        && !domain.contains('@')
        && domain.split('.').all(|label| !label.is_empty())
        && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    is_email.then(|| Value::Email(text.to_owned()))
}

fn phone_number(value: &Value) -> Option<Value> {
    // CSV and JSON hosts often hold phone numbers as numbers.
    if let Value::Integer(digits @ 0..) = value {
        return Some(Value::PhoneNumber(digits.to_string()));
    }
    let text = value.as_str()?.trim();
    let is_phone_number = text.contains(char::is_numeric) && !text.contains(char::is_control);
    is_phone_number.then(|| Value::PhoneNumber(text.to_owned()))
}

fn url(value: &Value) -> Option<Value> {
    let text = value.as_str()?.trim();
    let parsed = Url::parse(text).ok()?;
    // The parser reads `http:example.com` and drops line breaks; the tools do neither.
    let has_slashes = text.get(parsed.scheme().len()..).is_some_and(|rest| rest.starts_with("://"));
    let is_url =
        matches!(parsed.scheme(), "http" | "https") && has_slashes && !text.contains(char::is_control);
    is_url.then(|| Value::Url(text.to_owned()))
}

fn date(value: &Value) -> Option<Value> {
    let date = match value {
        Value::Date(date) => *date,
        Value::Datetime(instant) => utc_day(*instant),
        _ => {
            let text = value.as_str()?.trim();
            day(text).or_else(|| instant(text).map(utc_day))?
        }
    };
    Some(Value::Date(date))
}

fn datetime(value: &Value) -> Option<Value> {
    let instant = match value {
        Value::Datetime(instant) => *instant,
        Value::Date(date) => in_utc(date.at(0, 0, 0, 0))?,
        _ => {
            let text = value.as_str()?.trim();
            match day(text) {
                Some(date) => in_utc(date.at(0, 0, 0, 0))?,
                None => instant(text)?,
            }
        }
    };
    Some(Value::Datetime(instant))
}

/// Exactly `YYYY-MM-DD`: jiff also reads other forms of ISO 8601, `20260301` among them,
/// which is as likely a number.
fn day(text: &str) -> Option<Date> {
    let is_day = text.len() == 10 && has_day_first(text);
    is_day.then(|| text.parse().ok()).flatten()
}

fn instant(text: &str) -> Option<Timestamp> {
    if !has_day_first(text) {
        return None;
    }
    let time = text.get(10..)?;
    if time.contains(['Z', 'z', '+', '-', '[']) {
        return text.parse().ok();
    }
    text.parse().ok().and_then(in_utc)
}

fn has_day_first(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.get(4) == Some(&b'-') && bytes.get(7) == Some(&b'-') && bytes[0].is_ascii_digit()
}

fn utc_day(instant: Timestamp) -> Date {
    instant.to_zoned(TimeZone::UTC).date()
}

fn in_utc(datetime: DateTime) -> Option<Timestamp> {
    // None for the last day that jiff can represent, part of which is no instant.
    TimeZone::UTC.to_timestamp(datetime).ok()
}

fn array(value: &Value) -> Option<Value> {
    let element = |value| Some(Value::String(text(value)?.into_owned()));
    let elements: Option<Vec<Value>> = match value {
        Value::Array(values) => values.iter().map(element).collect(),
        scalar => element(scalar).map(|element| vec![element]),
    };
    elements.map(Value::Array)
}

fn check_length(field: &Field, limit: MaxLength, value: &Value) -> Result<()> {
    if let Value::Array(values) = value {
        return values.iter().try_for_each(|value| check_length(field, limit, value));
    }
    let Some(text) = value.as_str() else {
        return Ok(());
    };
    let (length, most, unit) = match limit {
        // Counting is slow, and a text has no more characters than bytes.
        MaxLength::Chars(most) if text.len() <= most => return Ok(()),
        MaxLength::Chars(most) => (text.chars().count(), most, "characters"),
        MaxLength::Bytes(most) => (text.len(), most, "bytes"),
    };
    if length <= most {
        return Ok(());
    }
    Err(invalid(
        field,
        format!(
            "the field {:?} takes at most {most} {unit}, and the {} {} has {length}",
            name(field),
            value.type_name(),
            Shown(value),
        ),
    ))
}

fn not_taken(field: &Field, value: &Value) -> Error {
    invalid(
        field,
        format!(
            "the field {:?} takes {}, not the {} {}",
            name(field),
            taken(&field.field_type),
            value.type_name(),
            Shown(value),
        ),
    )
}

fn invalid(field: &Field, message: String) -> Error {
    Error::rejected(message).with_code("invalid_value").with_field(name(field)).with_scope(Scope::Record)
}

/// The name people know it by: some tools' own names are hashes.
fn name(field: &Field) -> &str {
    if field.label.is_empty() { &field.name } else { &field.label }
}

fn taken(field_type: &FieldType) -> &'static str {
    match field_type {
        FieldType::Boolean => "true or false",
        FieldType::Integer => "a whole number",
        FieldType::Float => "a number that a float holds",
        FieldType::String => "text",
        FieldType::Email => "an email address (name@domain)",
        FieldType::PhoneNumber => "a phone number (with a digit)",
        FieldType::Url => "a URL with its scheme (https://…)",
        FieldType::Date => "a date (YYYY-MM-DD)",
        FieldType::Datetime => "an instant (2026-03-01T12:00:00Z)",
        FieldType::Array => "several texts",
        FieldType::Native(name) => name,
    }
}

/// A value in a message: on one line, and cut where it would bury the rest.
struct Shown<'a>(&'a Value);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut cut = Cut::default();
        // An error only means that there was more than fits.
        let is_whole = fmt::write(&mut cut, format_args!("{}", self.0)).is_ok();
        let ellipsis = if is_whole { "" } else { "…" };
        let is_text = self.0.as_str().is_some() || matches!(self.0, Value::Array(_));
        if is_text { write!(f, "{:?}", cut.text + ellipsis) } else { write!(f, "{}{ellipsis}", cut.text) }
    }
}

/// Takes the first characters and stops the writer: an array can be very long.
#[derive(Default)]
struct Cut {
    text: String,
    chars: usize,
}

impl fmt::Write for Cut {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        const MOST: usize = 60;
        for character in text.chars() {
            if self.chars == MOST {
                return Err(fmt::Error);
            }
            self.text.push(character);
            self.chars += 1;
        }
        Ok(())
    }
}
