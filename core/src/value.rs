//! Property values: what a profile's properties hold.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A profile's properties by name. Missing, null and cleared are three things:
/// a name that is absent is left alone, [`Value::Null`] clears.
pub type Properties = BTreeMap<String, Value>;

/// One property value.
///
/// JSON has fewer types than this: a JSON string becomes [`Value::String`] and is
/// converted to what the destination's field takes; a host that knows better gives
/// the exact variant.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// No value. Sent, it clears the field.
    Null,
    /// True or false; `false` is a value, not an absence.
    Boolean(bool),
    /// A whole number; `0` is a value.
    Integer(i64),
    /// A finite number.
    Float(f64),
    /// Any text.
    String(String),
    /// An email address.
    Email(String),
    /// A phone number, as the host writes it.
    PhoneNumber(String),
    /// A URL with its scheme.
    Url(String),
    /// A calendar day.
    Date(Date),
    /// An instant.
    Datetime(Timestamp),
    /// Several values.
    Array(Vec<Value>),
}

impl Value {
    /// Whether this is [`Value::Null`].
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text, for every variant that is text.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) | Self::Email(text) | Self::PhoneNumber(text) | Self::Url(text) => Some(text),
            _ => None,
        }
    }

    /// The type's name as the vocabulary has it.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "boolean",
            Self::Integer(_) => "integer",
            Self::Float(_) => "float",
            Self::String(_) => "string",
            Self::Email(_) => "email",
            Self::PhoneNumber(_) => "phone number",
            Self::Url(_) => "url",
            Self::Date(_) => "date",
            Self::Datetime(_) => "datetime",
            Self::Array(_) => "array",
        }
    }
}

/// The value as text: what a string field would hold.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean(value) => value.fmt(f),
            Self::Integer(value) => value.fmt(f),
            Self::Float(value) => value.fmt(f),
            Self::String(text) | Self::Email(text) | Self::PhoneNumber(text) | Self::Url(text) => {
                f.write_str(text)
            }
            Self::Date(date) => date.fmt(f),
            Self::Datetime(instant) => instant.fmt(f),
            Self::Array(values) => {
                for (index, value) in values.iter().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    value.fmt(f)?;
                }
                Ok(())
            }
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Boolean(value) => serializer.serialize_bool(*value),
            Self::Integer(value) => serializer.serialize_i64(*value),
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::String(text) | Self::Email(text) | Self::PhoneNumber(text) | Self::Url(text) => {
                serializer.serialize_str(text)
            }
            Self::Date(date) => serializer.collect_str(date),
            Self::Datetime(instant) => serializer.collect_str(instant),
            Self::Array(values) => serializer.collect_seq(values),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("null, a boolean, a number, a string or an array of these")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Integer(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        i64::try_from(value)
            .map(Value::Integer)
            .map_err(|_| E::custom(format!("the number {value} is too large; send it as a string")))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl<V: Into<Value>> From<Option<V>> for Value {
    fn from(value: Option<V>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<V: Into<Value>> From<Vec<V>> for Value {
    fn from(values: Vec<V>) -> Self {
        Self::Array(values.into_iter().map(Into::into).collect())
    }
}
