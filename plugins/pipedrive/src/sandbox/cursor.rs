//! Cursors: opaque to callers; inside, base64url of the last item's place in the order,
//! as in the examples of the official specification.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::reply::Issues;

/// The place in a list after which the next page begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Cursor {
    /// What the list is sorted by.
    pub(super) field: String,
    /// The last item's value of it.
    pub(super) field_value: i64,
    /// In which direction.
    pub(super) sort_direction: String,
    /// The last item.
    pub(super) id: u64,
}

impl Cursor {
    pub(super) fn after(field: &str, field_value: i64, descending: bool, id: u64) -> Self {
        Self { field: field.to_owned(), field_value, sort_direction: direction(descending).to_owned(), id }
    }

    pub(super) fn encode(&self) -> String {
        let json = serde_json::to_vec(self).unwrap_or_default();
        URL_SAFE_NO_PAD.encode(json)
    }

    /// Reads the cursor of a list sorted like this; it is no use for another order.
    pub(super) fn read(
        text: Option<&str>,
        field: &str,
        descending: bool,
        issues: &mut Issues,
    ) -> Option<Self> {
        let cursor = text.map(Self::decode)?;
        let fits =
            cursor.filter(|cursor| cursor.field == field && cursor.sort_direction == direction(descending));
        if fits.is_none() {
            issues.add("cursor", "Parameter 'cursor' is not valid for this list");
        }
        fits
    }

    fn decode(text: &str) -> Option<Self> {
        let json = URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()?;
        serde_json::from_slice(&json).ok()
    }
}

fn direction(descending: bool) -> &'static str {
    if descending { "desc" } else { "asc" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_cursor_of_the_specifications_example() {
        let example = "eyJmaWVsZCI6ImlkIiwiZmllbGRWYWx1ZSI6Nywic29ydERpcmVjdGlvbiI6ImFzYyIsImlkIjo3fQ";
        let mut issues = Issues::default();
        let cursor = Cursor::read(Some(example), "id", false, &mut issues);
        assert_eq!(cursor, Some(Cursor::after("id", 7, false, 7)));
        assert!(issues.check().is_ok());
    }

    #[test]
    fn a_cursor_of_another_order_is_refused() {
        let cursor = Cursor::after("id", 7, false, 7).encode();
        for (text, field, descending) in
            [(cursor.as_str(), "id", true), (cursor.as_str(), "add_time", false), ("nonsense", "id", false)]
        {
            let mut issues = Issues::default();
            assert_eq!(Cursor::read(Some(text), field, descending, &mut issues), None);
            assert!(issues.check().is_err());
        }
    }
}
