//! One line of input: an export, or what is wrong with it.

use std::str;

use outflow_core::{Export, Problem, ProfileId, Value};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::once::{self, REPEATED, profile_id_of};

/// Bytes a line has at most, so that input that is no NDJSON at all cannot fill the memory.
pub(super) const MAX_LINE: usize = 16 * 1024 * 1024;

/// A line that cannot be read as an export. It is one of the run's exports all the same,
/// and is rejected.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadLine {
    /// Whose it is, where that much can be read.
    pub(crate) profile_id: Option<ProfileId>,
    /// What is wrong, naming the line.
    pub(crate) problem: Problem,
}

impl BadLine {
    fn new(number: u64, code: &str, message: &str) -> Self {
        Self {
            profile_id: None,
            problem: Problem {
                code: code.to_owned(),
                field: None,
                message: format!("line {number}: {message}"),
            },
        }
    }

    pub(super) fn too_long(number: u64) -> Self {
        let most = MAX_LINE / (1024 * 1024);
        Self::new(number, "line_too_long", &format!("it is longer than {most} MB, the most a line may have"))
    }
}

/// Reads a line that is not blank.
pub(super) fn parse(number: u64, line: &[u8]) -> Result<Export, BadLine> {
    // serde takes an array for a struct, its fields in order: nobody means that here.
    if line.trim_ascii_start().first() != Some(&b'{') {
        return Err(not_an_object(number, line));
    }
    let export: Export = serde_json::from_slice::<once::Line>(line)
        .map(Export::from)
        .map_err(|error| BadLine { profile_id: profile_id_of(line), ..explain(number, line, &error) })?;
    if export.profile_id.as_str().is_empty() {
        return Err(about_field(number, "empty_profile_id", "profile_id", "profile_id is empty"));
    }
    Ok(export)
}

fn not_an_object(number: u64, line: &[u8]) -> BadLine {
    match str::from_utf8(line) {
        Err(error) => not_utf8(number, error),
        Ok(_) => BadLine::new(number, "invalid_json", "it is not a JSON object: write one export a line"),
    }
}

fn not_utf8(number: u64, error: str::Utf8Error) -> BadLine {
    let at = error.valid_up_to() + 1;
    BadLine::new(number, "invalid_utf8", &format!("it is not UTF-8 text, from byte {at} on"))
}

fn about_field(number: u64, code: &str, field: &str, message: &str) -> BadLine {
    let mut bad = BadLine::new(number, code, message);
    bad.problem.field = Some(field.to_owned());
    bad
}

fn explain(number: u64, line: &[u8], error: &serde_json::Error) -> BadLine {
    if let Err(error) = str::from_utf8(line) {
        return not_utf8(number, error);
    }
    // serde counts lines within the line, which is one.
    let text = error.to_string();
    let place = format!(" at line 1 column {}", error.column());
    let text = text.strip_suffix(&place).unwrap_or(&text);
    if !error.is_data() {
        let text = format!("it is not JSON: {text}, at byte {}", error.column());
        return BadLine::new(number, "invalid_json", &text);
    }
    if let Some(name) = text.strip_prefix(REPEATED) {
        return about_field(number, "repeated_property", name, &format!("{name}: it is given twice"));
    }
    match field_named(text) {
        Some(("unknown field", name)) => about_field(number, "unknown_key", name, text),
        Some(("missing field", name)) => about_field(number, "missing_key", name, text),
        Some((_, name)) => about_field(number, "invalid_export", name, text),
        None => match bad_property(line) {
            Some((name, why)) => about_field(number, "invalid_value", &name, &format!("{name}: {why}")),
            None => BadLine::new(number, "invalid_export", &format!("{text}, at byte {}", error.column())),
        },
    }
}

/// The kind and name in serde's "unknown field `x`, …", "missing field `x`" and
/// "duplicate field `x`".
fn field_named(message: &str) -> Option<(&str, &str)> {
    let (kind, rest) = message.split_once(" `")?;
    let name = rest.split('`').next()?;
    kind.ends_with(" field").then_some((kind, name))
}

/// The property whose value is none, and why: serde knows only the byte.
fn bad_property(line: &[u8]) -> Option<(String, String)> {
    #[derive(Deserialize)]
    struct AnyProperties {
        #[serde(default)]
        old_properties: Map<String, Json>,
        #[serde(default)]
        new_properties: Map<String, Json>,
    }
    let any: AnyProperties = serde_json::from_slice(line).ok()?;
    let mut properties = any.new_properties.into_iter().chain(any.old_properties);
    properties.find_map(|(name, value)| match Value::deserialize(value) {
        Ok(_) => None,
        Err(error) => Some((name, error.to_string())),
    })
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;
    use rstest::rstest;

    use super::*;

    #[test]
    fn a_whole_export_is_read() {
        let line = br#"{"profile_id":7,"old_properties":{"a":1},"new_properties":{"a":null,"b":[1.5,true]},
            "old_groups":["x"],"new_groups":["y","y"],"to_delete":true,"remote_id":12,"is_new":true}"#;
        let export = parse(1, line).unwrap();
        assert_eq!(export.profile_id.as_str(), "7");
        assert_eq!(export.new_groups.len(), 1);
        assert!(export.to_delete && export.is_new);
    }

    #[rstest]
    #[case::no_json(
        b"{\"profile_id\":",
        "invalid_json",
        None,
        "it is not JSON: EOF while parsing a value, at byte 14"
    )]
    #[case::trailing(
        b"{\"profile_id\":1,\"new_properties\":{}} x",
        "invalid_json",
        None,
        "it is not JSON: trailing characters, at byte 38"
    )]
    #[case::array(b"[1, {}]", "invalid_json", None, "it is not a JSON object: write one export a line")]
    #[case::utf8(b"{\"profile_id\":\"\xFF\"}", "invalid_utf8", None, "it is not UTF-8 text, from byte 16 on")]
    #[case::no_utf8_at_all(b"\xFF\xFE{", "invalid_utf8", None, "it is not UTF-8 text, from byte 1 on")]
    #[case::no_id(
        b"{\"new_properties\":{}}",
        "missing_key",
        Some("profile_id"),
        "missing field `profile_id`"
    )]
    #[case::empty_id(
        b"{\"profile_id\":\"\",\"new_properties\":{}}",
        "empty_profile_id",
        Some("profile_id"),
        "profile_id is empty"
    )]
    #[case::no_properties(
        b"{\"profile_id\":\"1\"}",
        "missing_key",
        Some("new_properties"),
        "missing field `new_properties`"
    )]
    #[case::twice(
        b"{\"profile_id\":\"1\",\"profile_id\":\"2\"}",
        "invalid_export",
        Some("profile_id"),
        "duplicate field `profile_id`"
    )]
    fn a_bad_line_says_what_is_wrong(
        #[case] line: &[u8],
        #[case] code: &str,
        #[case] field: Option<&str>,
        #[case] message: &str,
    ) {
        let problem = parse(9, line).unwrap_err().problem;
        assert_eq!(problem.code, code);
        assert_eq!(problem.field.as_deref(), field);
        assert_eq!(problem.message, format!("line 9: {message}"));
    }

    #[test]
    fn an_unknown_key_is_named_with_those_there_are() {
        let bad = parse(3, br#"{"profile_id":"p","properties":{}}"#).unwrap_err();
        assert_eq!(bad.problem.code, "unknown_key");
        assert_eq!(bad.problem.field.as_deref(), Some("properties"));
        assert!(bad.problem.message.contains("`new_properties`"), "{bad:?}");
        assert_eq!(bad.profile_id, Some("p".into()));
    }

    #[test]
    fn a_value_that_no_property_can_have_is_a_bad_line() {
        let bad = parse(3, br#"{"profile_id":"p","new_properties":{"a":{"b":1}}}"#).unwrap_err();
        assert_eq!(bad.problem.code, "invalid_value");
        assert_eq!(bad.problem.field.as_deref(), Some("a"));
        assert!(bad.problem.message.starts_with("line 3: a: invalid type: map"), "{bad:?}");
        assert_eq!(bad.profile_id, Some("p".into()));
    }

    #[rstest]
    #[case::new(r#"{"profile_id":"p","new_properties":{"email":"a","x":1,"email":"b"}}"#)]
    #[case::old(r#"{"profile_id":"p","old_properties":{"email":"a","email":"a"},"new_properties":{}}"#)]
    #[case::escaped(r#"{"profile_id":"p","new_properties":{"email":"a","\u0065mail":"b"}}"#)]
    fn a_repeated_property_is_named(#[case] line: &str) {
        let bad = parse(3, line.as_bytes()).unwrap_err();
        assert_eq!(bad.problem.code, "repeated_property");
        assert_eq!(bad.problem.field.as_deref(), Some("email"));
        assert_eq!(bad.problem.message, "line 3: email: it is given twice");
        assert_eq!(bad.profile_id, Some("p".into()));
    }

    #[rstest]
    #[case::old_properties("old_properties", r#"{"profile_id":"p","old_properties":{},"old_properties":{}}"#)]
    #[case::new_properties("new_properties", r#"{"profile_id":"p","new_properties":{},"new_properties":{}}"#)]
    #[case::groups("new_groups", r#"{"profile_id":"p","new_groups":[],"new_groups":[]}"#)]
    fn a_repeated_key_is_named(#[case] key: &str, #[case] line: &str) {
        let bad = parse(3, line.as_bytes()).unwrap_err();
        assert_eq!(bad.problem.code, "invalid_export");
        assert_eq!(bad.problem.field.as_deref(), Some(key));
    }

    #[rstest]
    #[case::too_large_a_number(br#"{"profile_id":"p","new_properties":{"x":1e400}}"#, Some("p"))]
    #[case::lone_surrogate(br#"{"profile_id":"p","new_properties":{"x":"\ud800"}}"#, Some("p"))]
    #[case::after_the_trouble(br#"{"new_properties":{"x":1e400},"profile_id":"p"}"#, Some("p"))]
    #[case::cut_off(br#"{"profile_id":7149,"new_properties":{"x"#, Some("7149"))]
    #[case::no_utf8(b"{\"profile_id\":\"p\",\"new_properties\":{\"x\":\"\xFF\"}}", Some("p"))]
    #[case::cut_off_within_it(br#"{"profile_id":71"#, None)]
    #[case::cut_off_within_its_text(br#"{"profile_id":"71"#, None)]
    #[case::before_it(br#"{"new_properties":{,"profile_id":"p"}"#, None)]
    #[case::given_twice(br#"{"profile_id":"p","profile_id":"q","new_properties":{}}"#, None)]
    #[case::no_text_itself(br#"{"profile_id":"\ud800","new_properties":{}}"#, None)]
    fn a_line_that_is_no_json_says_whose_it_is_if_it_can(#[case] line: &[u8], #[case] id: Option<&str>) {
        assert_eq!(parse(3, line).unwrap_err().profile_id, id.map(ProfileId::from));
    }
}
