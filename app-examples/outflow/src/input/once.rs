//! Input in which every name is given once.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt;

use outflow_core::{Export, ProfileId, Properties, RemoteId, Value};
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

/// An [`Export`] as a line has it. Of a property that is there twice, serde takes the last;
/// which one was meant, nobody knows.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    profile_id: ProfileId,
    #[serde(default, deserialize_with = "properties")]
    old_properties: Properties,
    #[serde(deserialize_with = "properties")]
    new_properties: Properties,
    #[serde(default)]
    old_groups: BTreeSet<String>,
    #[serde(default)]
    new_groups: BTreeSet<String>,
    #[serde(default)]
    to_delete: bool,
    #[serde(default)]
    remote_id: Option<RemoteId>,
    #[serde(default)]
    is_new: bool,
}

impl From<Line> for Export {
    fn from(line: Line) -> Self {
        Self {
            profile_id: line.profile_id,
            old_properties: line.old_properties,
            new_properties: line.new_properties,
            old_groups: line.old_groups,
            new_groups: line.new_groups,
            to_delete: line.to_delete,
            remote_id: line.remote_id,
            is_new: line.is_new,
        }
    }
}

/// How the error about a repeated property begins; its name is the rest.
pub(super) const REPEATED: &str = "it is given twice: ";

fn properties<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Properties, D::Error> {
    struct Once;

    impl<'de> Visitor<'de> for Once {
        type Value = Properties;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Properties, A::Error> {
            let mut properties = Properties::new();
            while let Some((name, value)) = map.next_entry::<String, Value>()? {
                if properties.contains_key(&name) {
                    return Err(A::Error::custom(format_args!("{REPEATED}{name}")));
                }
                properties.insert(name, value);
            }
            Ok(properties)
        }
    }

    deserializer.deserialize_map(Once)
}

/// Whose a line is that cannot be read to its end, where that much can be.
pub(super) fn profile_id_of(line: &[u8]) -> Option<ProfileId> {
    struct Seen<'a>(&'a Cell<Option<ProfileId>>);

    impl<'de> Visitor<'de> for Seen<'_> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
            let mut times = 0;
            while let Some(key) = map.next_key::<String>()? {
                if key != "profile_id" {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
                times += 1;
                let id = ProfileId::deserialize(map.next_value::<serde_json::Value>()?).ok();
                // Given twice, it names nobody.
                self.0.set(id.filter(|_| times == 1));
            }
            Ok(())
        }
    }

    let seen = Cell::new(None);
    let mut deserializer = serde_json::Deserializer::from_slice(line);
    // What it came to before it failed is in the cell.
    let _ = deserializer.deserialize_map(Seen(&seen));
    let id = seen.into_inner().filter(|id| !id.as_str().is_empty())?;
    // A line cut off within a number leaves another number.
    let end = line.trim_ascii_end();
    let cut = end.last().is_some_and(u8::is_ascii_digit) && end.ends_with(id.as_str().as_bytes());
    (!cut).then_some(id)
}
