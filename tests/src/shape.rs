//! Compares two JSON values: shape, types and values, but for what is free to differ.

use serde_json::Value;

/// Says of two values of the same type whether they are free to differ: it is given the
/// name of the member, what was expected, and what there is.
pub type IsFree<'a> = dyn Fn(&str, &Value, &Value) -> bool + 'a;

/// Differences of `actual` from `expected`, each with its place.
#[must_use]
pub fn differences(expected: &Value, actual: &Value, is_free: &IsFree<'_>) -> Vec<String> {
    let mut found = Vec::new();
    compare("", "", expected, actual, is_free, &mut found);
    found
}

fn compare(
    place: &str,
    name: &str,
    expected: &Value,
    actual: &Value,
    is_free: &IsFree<'_>,
    found: &mut Vec<String>,
) {
    match (expected, actual) {
        (Value::Object(left), Value::Object(right)) => {
            for (key, left) in left {
                let place = format!("{place}/{key}");
                match right.get(key) {
                    Some(right) => compare(&place, key, left, right, is_free, found),
                    None => found.push(format!("{place}: is missing")),
                }
            }
            let more = right.keys().filter(|key| !left.contains_key(*key));
            found.extend(more.map(|key| format!("{place}/{key}: is not in the recording")));
        }
        (Value::Array(left), Value::Array(right)) => {
            if left.len() != right.len() {
                found.push(format!("{place}: {} items instead of {}", right.len(), left.len()));
            }
            for (index, (left, right)) in left.iter().zip(right).enumerate() {
                compare(&format!("{place}/{index}"), name, left, right, is_free, found);
            }
        }
        _ if expected == actual => {}
        _ if kind(expected) != kind(actual) => {
            found.push(format!("{place}: {actual} instead of {expected}"));
        }
        _ if is_free(name, expected, actual) => {}
        _ => found.push(format!("{place}: {actual} instead of {expected}")),
    }
}

fn kind(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) => 4,
        Value::Object(_) => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn tells_what_is_missing_added_or_other_and_where() {
        let expected = json!({ "id": 1, "name": "a", "list": [1, 2], "gone": null });
        let actual = json!({ "id": 9, "name": "b", "list": [1], "new": true });
        let found = differences(&expected, &actual, &|name, _, _| name == "id");
        assert_eq!(
            found,
            [
                "/gone: is missing",
                "/list: 1 items instead of 2",
                "/name: \"b\" instead of \"a\"",
                "/new: is not in the recording",
            ]
        );
    }

    #[test]
    fn what_is_free_must_still_have_its_type() {
        let found = differences(&json!({ "id": 1 }), &json!({ "id": "1" }), &|_, _, _| true);
        assert_eq!(found, ["/id: \"1\" instead of 1"]);
    }
}
