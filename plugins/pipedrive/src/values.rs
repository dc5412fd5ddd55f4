//! Values in the form of API v2, which takes `12` and `"12"` for different things.
//!
//! A value is brought into a plain form when the export is planned ([`convert`]), so that a
//! bad one is rejected before anything is written, and into JSON when it is sent
//! ([`encode`]). The README's table of types says what is taken.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use outflow_core::{Error, Field, FieldType, Result, Scope, Value};
use serde_json::{Value as Json, json};

/// Checks a value of one of Pipedrive's own types, and brings it into its plain form:
///
/// | type | plain form |
/// |---|---|
/// | `monetary` | `[amount, currency]`, or the amount alone |
/// | `enum`, `visible_to` | the option's id |
/// | `set` | the options' ids; null for none |
/// | `user`, `org`, `people` | the id |
/// | `daterange` | `[from, until]` |
/// | `time`, `timerange` | `[time, …, zone]`, the zone only if given |
/// | `address` | the address in one line |
///
/// # Errors
/// `Rejected`, naming the field, the value and what the field takes.
pub(crate) fn convert(field: &Field, value: Value) -> Result<Value> {
    // Pipedrive refuses a blank name as it does none at all, and charges for the call.
    if field.required && value.as_str().is_some_and(|text| text.trim().is_empty()) {
        return Err(blank(field));
    }
    let FieldType::Native(native) = field.field_type else {
        return Ok(value);
    };
    if value.is_null() {
        return Ok(value);
    }
    let (converted, taken) = match native {
        "monetary" => (
            monetary(&value),
            "an amount, or an amount and a currency: 12.5, \"12.5 EUR\" or [12.5, \"EUR\"]",
        ),
        "enum" | "visible_to" => (option(field, &value), "one of its options, by label or id"),
        "set" => (options(field, &value), "some of its options, by label or id"),
        "user" | "org" | "people" => (reference(&value), "the id of a record of that kind"),
        "daterange" => {
            (pair(&value, date), "two dates: [\"2026-03-01\", \"2026-03-31\"] or \"2026-03-01/2026-03-31\"")
        }
        "time" => (
            times::<1>(&value),
            "a time of day, with or without a zone: \"09:30\" or \"09:30:00 Europe/Berlin\"",
        ),
        "timerange" => (
            times::<2>(&value),
            "two times of day, with or without a zone: [\"09:30\", \"17:00\"] or \"09:30/17:00 Europe/Berlin\"",
        ),
        "address" => (line(&value), "an address in one line of text"),
        _ => (None, "nothing that this plugin can write"),
    };
    converted.ok_or_else(|| not_taken(field, &value, taken))
}

/// In the words of the engine's own refusal of a required field that is null.
fn blank(field: &Field) -> Error {
    Error::rejected(format!("the tool takes no record with a blank {:?}", field.label))
        .with_code("missing_field")
        .with_field(&field.name)
        .with_scope(Scope::Record)
}

fn not_taken(field: &Field, value: &Value, taken: &str) -> Error {
    const MOST_SHOWN: usize = 10;
    let labels: Vec<&str> = field.choices.iter().map(|choice| choice.label.as_str()).collect();
    let choices = match labels.as_slice() {
        [] => String::new(),
        few if few.len() <= MOST_SHOWN => format!(" ({})", few.join(", ")),
        many => format!(" ({}, and {} more)", many[..MOST_SHOWN].join(", "), many.len() - MOST_SHOWN),
    };
    let shown: String = value.to_string().chars().take(60).collect();
    Error::rejected(format!(
        "the field {:?} takes {taken}{choices}, not the {} {shown:?}",
        field.label,
        value.type_name(),
    ))
    .with_code("invalid_value")
    .with_field(&field.label)
    .with_scope(Scope::Record)
}

/// A finite number.
fn amount(value: &Value) -> Option<Value> {
    match value {
        Value::Integer(_) => Some(value.clone()),
        Value::Float(float) => float.is_finite().then(|| value.clone()),
        _ => number(value.as_str()?.trim()),
    }
}

fn number(text: &str) -> Option<Value> {
    if let Ok(integer) = text.parse() {
        return Some(Value::Integer(integer));
    }
    // `parse` also reads "inf" and "1e5", which nobody writes for an amount.
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || b".-+".contains(&byte));
    let float: f64 = is_plain.then(|| text.parse().ok())??;
    float.is_finite().then_some(Value::Float(float))
}

fn monetary(value: &Value) -> Option<Value> {
    match value {
        Value::Array(parts) => match parts.as_slice() {
            [alone] => amount(alone),
            [sum, currency] => Some(Value::Array(vec![amount(sum)?, currency_code(currency.as_str()?)?])),
            _ => None,
        },
        _ => match value.as_str().and_then(|text| text.trim().rsplit_once(char::is_whitespace)) {
            Some((sum, currency)) => Some(Value::Array(vec![number(sum.trim())?, currency_code(currency)?])),
            None => amount(value),
        },
    }
}

/// Three letters (ISO 4217), in upper case as the API wants them.
fn currency_code(text: &str) -> Option<Value> {
    let text = text.trim();
    let is_code = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_code.then(|| Value::from(text.to_ascii_uppercase()))
}

/// An option by its label, and if none has it, by its id.
fn option(field: &Field, value: &Value) -> Option<Value> {
    let text = match value {
        Value::Array(_) | Value::Null => return None,
        value => value.to_string(),
    };
    let text = text.trim();
    let is_number = matches!(value, Value::Integer(_));
    let by_label = || field.choices.iter().find(|choice| choice.label == text);
    let by_id = || field.choices.iter().find(|choice| choice.id == text);
    let choice = if is_number { by_id().or_else(by_label) } else { by_label().or_else(by_id) };
    match choice {
        Some(choice) => {
            Some(choice.id.parse().map_or_else(|_| Value::from(choice.id.as_str()), Value::Integer))
        }
        // Its levels are the same everywhere (specification, `visible_to`).
        None if field.choices.is_empty() && field.name == "visible_to" => {
            let level: i64 = text.parse().ok()?;
            [1, 3, 5, 7].contains(&level).then_some(Value::Integer(level))
        }
        None => None,
    }
}

/// Options as a list; as one label; or as labels with commas between them, as string
/// fields of other tools have them. None at all is written as null.
fn options(field: &Field, value: &Value) -> Option<Value> {
    let chosen: Option<Vec<Value>> = match value {
        Value::Array(values) => values.iter().map(|value| option(field, value)).collect(),
        value => match (option(field, value), value.as_str()) {
            (Some(one), _) => Some(vec![one]),
            (None, Some(text)) => text
                .split(',')
                .filter(|label| !label.trim().is_empty())
                .map(|label| option(field, &Value::from(label.trim())))
                .collect(),
            (None, None) => None,
        },
    };
    let mut ids: Vec<Value> = Vec::new();
    for id in chosen? {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Some(if ids.is_empty() { Value::Null } else { Value::Array(ids) })
}

fn reference(value: &Value) -> Option<Value> {
    let id = match value {
        Value::Integer(id) => *id,
        Value::Float(float) if float.fract() == 0.0 && (1.0..9e15).contains(float) => *float as i64,
        value => value.as_str()?.trim().parse().ok()?,
    };
    (id > 0).then_some(Value::Integer(id))
}

/// Two values, in a list or with a slash between them.
fn pair(value: &Value, part: impl Fn(&Value) -> Option<Value>) -> Option<Value> {
    let parts: Vec<Value> = match value {
        Value::Array(parts) => parts.clone(),
        value => value.as_str()?.split('/').map(Value::from).collect(),
    };
    match parts.as_slice() {
        [from, until] => Some(Value::Array(vec![part(from)?, part(until)?])),
        _ => None,
    }
}

fn date(value: &Value) -> Option<Value> {
    let date = match value {
        Value::Date(date) => *date,
        Value::Datetime(instant) => instant.to_zoned(TimeZone::UTC).date(),
        value => {
            let text = value.as_str()?.trim();
            // jiff also reads 20260301, which is as likely a number.
            let is_date = text.len() == 10 && text.as_bytes()[4] == b'-';
            is_date.then(|| text.parse::<Date>().ok())??
        }
    };
    Some(Value::Date(date))
}

/// `COUNT` times of day, the last of which may be followed by a zone.
fn times<const COUNT: usize>(value: &Value) -> Option<Value> {
    let mut texts: Vec<String> = match value {
        Value::Array(parts) => {
            let texts = parts.iter().map(|part| Some(part.as_str()?.to_owned()));
            texts.collect::<Option<_>>()?
        }
        // A zone's name has a slash, too: it comes after a space.
        value => {
            let (times, zone) = split_zone(value.as_str()?);
            let times = times.split('/').map(str::to_owned);
            times.chain(zone.map(str::to_owned)).collect()
        }
    };
    if let (Value::Array(_), Some(last)) = (value, texts.last().cloned())
        && let (time, Some(zone)) = split_zone(&last)
    {
        texts.pop();
        texts.extend([time.to_owned(), zone.to_owned()]);
    }
    let zone = match texts.len().checked_sub(COUNT)? {
        0 => None,
        1 => Some(texts.pop()?),
        _ => return None,
    };
    let zone = match zone {
        Some(zone) if TimeZone::get(zone.trim()).is_ok() => Some(Value::from(zone.trim())),
        Some(_) => return None,
        None => None,
    };
    let times: Option<Vec<Value>> = texts.iter().map(|text| time_of_day(text)).collect();
    Some(Value::Array(times?.into_iter().chain(zone).collect()))
}

fn split_zone(text: &str) -> (&str, Option<&str>) {
    match text.trim().rsplit_once(char::is_whitespace) {
        Some((times, zone)) => (times.trim(), Some(zone)),
        None => (text.trim(), None),
    }
}

/// `HH:MM` or `HH:MM:SS`, as `HH:MM:SS`.
fn time_of_day(text: &str) -> Option<Value> {
    let text = text.trim();
    let is_time = matches!(text.len(), 5 | 8) && text.as_bytes()[2] == b':';
    let time: Time = is_time.then(|| text.parse().ok())??;
    Some(Value::from(time.strftime("%H:%M:%S").to_string()))
}

fn line(value: &Value) -> Option<Value> {
    let text = value.as_str()?.trim();
    (!text.is_empty()).then(|| Value::from(text))
}

/// Whether the value is an amount that lacks its currency.
pub(crate) fn lacks_currency(field: &Field, value: &Value) -> bool {
    field.field_type == FieldType::Native("monetary") && !matches!(value, Value::Array(_) | Value::Null)
}

/// The value as the API takes it. An amount alone is in `currency`.
pub(crate) fn encode(field: &Field, value: &Value, currency: Option<&str>) -> Json {
    if value.is_null() {
        return nothing(field);
    }
    let FieldType::Native(native) = field.field_type else {
        return json!(value);
    };
    let part = |index: usize| match value {
        Value::Array(parts) => parts.get(index).map_or(Json::Null, |part| json!(part)),
        _ => Json::Null,
    };
    match (native, value) {
        ("monetary", Value::Array(_)) => json!({ "value": part(0), "currency": part(1) }),
        ("monetary", amount) => json!({ "value": amount, "currency": currency }),
        ("daterange", _) => json!({ "value": part(0), "until": part(1) }),
        ("time", _) => with_zone(json!({ "value": part(0) }), part(1)),
        ("timerange", _) => with_zone(json!({ "value": part(0), "until": part(1) }), part(2)),
        ("address", address) => json!({ "value": address }),
        (_, value) => json!(value),
    }
}

/// What clears a field. Custom fields take null, and so do most others; for some of the
/// record's own the specification has none.
fn nothing(field: &Field) -> Json {
    match field.name.as_str() {
        "label_ids" => json!([]),
        "address" | "postal_address" => json!({ "value": "" }),
        "notes" | "birthday" | "job_title" => json!(""),
        _ => Json::Null,
    }
}

fn with_zone(mut value: Json, zone: Json) -> Json {
    if !zone.is_null() {
        value["timezone_name"] = zone;
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Those of contact sync the sandbox does not have.
    #[test]
    fn fields_without_a_null_are_cleared_all_the_same() {
        let cleared = |name: &str, field_type| encode(&Field::new(name, field_type), &Value::Null, None);
        assert_eq!(cleared("job_title", FieldType::String), json!(""));
        let address = FieldType::Native("address");
        assert_eq!(cleared("postal_address", address.clone()), json!({ "value": "" }));
        assert_eq!(cleared("0123456789abcdef", address), Json::Null);
        assert_eq!(cleared("label_ids", FieldType::Native("set")), json!([]));
        assert_eq!(cleared("website", FieldType::String), Json::Null);
    }
}
