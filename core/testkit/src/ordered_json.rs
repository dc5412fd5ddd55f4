//! JSON that is written again as it was read: names in their order, repeated ones too,
//! and numbers by their digits.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value as Json;
use serde_json::value::RawValue;
use serde_json_path::{NormalizedPath, PathElement};

#[derive(Debug)]
pub(crate) enum Node {
    Object(Vec<(String, Node)>),
    Array(Vec<Node>),
    Text(String),
    /// A number, a boolean or null.
    Other(Box<RawValue>),
}

struct Pairs(Vec<(String, Box<RawValue>)>);

impl Node {
    pub(crate) fn read(json: &str) -> serde_json::Result<Self> {
        Self::of(serde_json::from_str(json)?)
    }

    fn of(raw: Box<RawValue>) -> serde_json::Result<Self> {
        let text = raw.get();
        match text.as_bytes().first() {
            Some(b'{') => {
                let pairs: Pairs = serde_json::from_str(text)?;
                let fields = pairs.0.into_iter().map(|(name, value)| Ok((name, Self::of(value)?)));
                Ok(Self::Object(fields.collect::<serde_json::Result<_>>()?))
            }
            Some(b'[') => {
                let items: Vec<Box<RawValue>> = serde_json::from_str(text)?;
                Ok(Self::Array(items.into_iter().map(Self::of).collect::<serde_json::Result<_>>()?))
            }
            Some(b'"') => Ok(Self::Text(serde_json::from_str(text)?)),
            _ => Ok(Self::Other(raw)),
        }
    }

    /// The same for those who compare: in any order of names, each number in one form.
    pub(crate) fn canonical(self) -> Json {
        match self {
            Self::Object(fields) => {
                fields.into_iter().map(|(name, value)| (name, value.canonical())).collect()
            }
            Self::Array(items) => items.into_iter().map(Self::canonical).collect(),
            Self::Text(text) => Json::String(text),
            Self::Other(raw) => canonical_literal(raw.get()),
        }
    }

    /// What stands at a place. Of a repeated name, the last: that is what readers take.
    pub(crate) fn at(&mut self, path: &NormalizedPath<'_>) -> Option<&mut Self> {
        path.iter().try_fold(self, |node, element| match (node, element) {
            (Self::Object(fields), PathElement::Name(name)) => {
                fields.iter_mut().rev().find(|(field, _)| field == name).map(|(_, value)| value)
            }
            (Self::Array(items), PathElement::Index(index)) => items.get_mut(*index),
            _ => None,
        })
    }
}

/// `1.0` is `1`. A whole number that is too large to be read exactly is compared by its
/// digits: two ids must not be one because a float cannot tell them apart.
fn canonical_literal(literal: &str) -> Json {
    let Ok(Json::Number(number)) = serde_json::from_str(literal) else {
        return serde_json::from_str(literal).unwrap_or_default();
    };
    let is_whole = literal.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    if number.is_f64() && is_whole {
        return Json::String(format!("number {literal}"));
    }
    whole(&number).map_or(Json::Number(number), Json::from)
}

/// Above this, a float no longer tells one whole number from the next.
const MOST_EXACT: f64 = 9_007_199_254_740_992.0;

fn whole(number: &serde_json::Number) -> Option<i64> {
    let float = number.as_f64().filter(|_| number.is_f64())?;
    let is_whole = float.fract() == 0.0 && float.abs() < MOST_EXACT;
    #[expect(clippy::cast_possible_truncation, reason = "the number is whole and in range")]
    is_whole.then_some(float as i64)
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Object(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (name, value) in fields {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
            Self::Array(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(item)?;
                }
                list.end()
            }
            Self::Text(text) => serializer.serialize_str(text),
            Self::Other(raw) => raw.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Pairs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}
