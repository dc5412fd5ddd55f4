//! Lengths, and what errors say.

use outflow_core::{ErrorKind, Field, FieldType, MaxLength, Scope, Value, convert};
use rstest::rstest;

use super::{email, texts};

#[rstest]
#[case(MaxLength::Chars(3), "äöü", true)]
#[case(MaxLength::Chars(3), "abcd", false)]
#[case(MaxLength::Bytes(6), "äöü", true)]
#[case(MaxLength::Bytes(5), "äöü", false)]
#[case(MaxLength::Bytes(0), "", true)]
fn length_is_bounded(#[case] limit: MaxLength, #[case] text: &str, #[case] fits: bool) {
    let field = Field::new("f", FieldType::String).max_length(limit);
    assert_eq!(convert(&field, &text.into()).is_ok(), fits);
    // Each element of an array, not their sum.
    let field = Field::new("f", FieldType::Array).max_length(limit);
    assert_eq!(convert(&field, &texts(&[text, text])).is_ok(), fits);
}

#[test]
fn length_counts_after_trimming_and_concerns_text_alone() {
    let email_field = Field::new("f", FieldType::Email).max_length(MaxLength::Chars(3));
    assert_eq!(convert(&email_field, &Value::from("  a@b  ")).unwrap(), email("a@b"));
    let number = Field::new("f", FieldType::Integer).max_length(MaxLength::Chars(1));
    assert_eq!(convert(&number, &Value::from(123)).unwrap(), Value::from(123));
}

#[test]
fn an_error_says_what_is_wrong_where() {
    let field = Field::new("x_91", FieldType::Integer).label("Score");
    let error = convert(&field, &Value::from("100%")).unwrap_err();
    assert_eq!(error.message(), r#"the field "Score" takes a whole number, not the string "100%""#);
    assert_eq!(error.kind(), &ErrorKind::Rejected);
    assert_eq!(error.scope(), Scope::Record);
    assert_eq!(error.code(), Some("invalid_value"));
    assert_eq!(error.field(), Some("Score"));

    let error = convert(&field, &Value::from(14.1)).unwrap_err();
    assert_eq!(error.message(), r#"the field "Score" takes a whole number, not the float 14.1"#);
}

#[test]
fn a_length_error_gives_length_and_limit() {
    let chars = Field::new("name", FieldType::String).max_length(MaxLength::Chars(2));
    assert_eq!(
        convert(&chars, &"äöü".into()).unwrap_err().message(),
        r#"the field "name" takes at most 2 characters, and the string "äöü" has 3"#
    );
    let bytes = Field::new("name", FieldType::String).max_length(MaxLength::Bytes(2));
    assert_eq!(
        convert(&bytes, &"äöü".into()).unwrap_err().message(),
        r#"the field "name" takes at most 2 bytes, and the string "äöü" has 6"#
    );
}

#[test]
fn an_error_shows_the_beginning_of_a_long_value_on_one_line() {
    let field = Field::new("f", FieldType::Integer);
    let long = format!("line\n{}", "ü".repeat(10_000));
    let message = convert(&field, &Value::from(long)).unwrap_err().message().to_owned();
    assert!(message.contains(&format!(r#""line\n{}…""#, "ü".repeat(55))), "{message}");
    let just_fits = "x".repeat(60);
    let message = convert(&field, &Value::from(just_fits.as_str())).unwrap_err().message().to_owned();
    assert!(message.ends_with(&format!("{just_fits:?}")), "not shortened: {message}");
    let array = Value::Array(vec![Value::from("a"); 100_000]);
    assert!(convert(&field, &array).unwrap_err().message().len() < 200);
}
