//! The whole matrix of `convert`, each refusal included.

use jiff::Timestamp;
use jiff::civil::Date;
use outflow_core::{ErrorKind, Field, FieldType, MaxLength, Scope, Value, convert};
use proptest::prelude::*;
use rstest::rstest;

const ALL_TYPES: [FieldType; 11] = [
    FieldType::Boolean,
    FieldType::Integer,
    FieldType::Float,
    FieldType::String,
    FieldType::Email,
    FieldType::PhoneNumber,
    FieldType::Url,
    FieldType::Date,
    FieldType::Datetime,
    FieldType::Array,
    FieldType::Native("set"),
];

fn converted(field_type: FieldType, value: impl Into<Value>) -> Value {
    convert(&Field::new("f", field_type), &value.into()).unwrap()
}

#[track_caller]
fn refused(field_type: FieldType, value: impl Into<Value>) {
    let value = value.into();
    let result = convert(&Field::new("f", field_type.clone()), &value);
    let error = result.expect_err(&format!("{value:?} must not go into {field_type:?}"));
    assert_eq!(error.code(), Some("invalid_value"));
    assert_eq!(error.field(), Some("f"));
}

fn date(text: &str) -> Value {
    Value::Date(text.parse().unwrap())
}

fn instant(text: &str) -> Value {
    Value::Datetime(text.parse().unwrap())
}

fn texts(texts: &[&str]) -> Value {
    Value::Array(texts.iter().copied().map(Value::from).collect())
}

fn email(text: &str) -> Value {
    Value::Email(text.to_owned())
}

fn phone(text: &str) -> Value {
    Value::PhoneNumber(text.to_owned())
}

fn url(text: &str) -> Value {
    Value::Url(text.to_owned())
}

#[test]
fn null_stays_null_for_every_field() {
    for field_type in ALL_TYPES {
        assert_eq!(converted(field_type, Value::Null), Value::Null);
    }
}

#[rstest]
#[case(Value::from(true), true)]
#[case(Value::from(false), false)]
#[case(Value::from(1), true)]
#[case(Value::from(0), false)]
#[case(Value::from("true"), true)]
#[case(Value::from("False"), false)]
#[case(Value::from(" TRUE "), true)]
#[case(Value::from("1"), true)]
#[case(Value::from("0"), false)]
fn boolean_takes(#[case] value: Value, #[case] expected: bool) {
    assert_eq!(converted(FieldType::Boolean, value), Value::Boolean(expected));
}

#[rstest]
#[case(Value::from(2))]
#[case(Value::from(-1))]
#[case(Value::from(0.5))]
#[case(Value::from(1.0))]
#[case(Value::from(""))]
#[case(Value::from("yes"))]
#[case(Value::from("on"))]
#[case(Value::from("2"))]
#[case(date("2026-03-01"))]
#[case(instant("2026-03-01T00:00:00Z"))]
#[case(texts(&["true"]))]
fn boolean_refuses(#[case] value: Value) {
    refused(FieldType::Boolean, value);
}

#[rstest]
#[case(Value::from(0), 0)]
#[case(Value::from(i64::MIN), i64::MIN)]
#[case(Value::from(14.0), 14)]
#[case(Value::from(-0.0), 0)]
#[case(Value::from(-9_223_372_036_854_775_808.0), i64::MIN)]
#[case(Value::from("42"), 42)]
#[case(Value::from(" -7 "), -7)]
#[case(Value::from("+7"), 7)]
#[case(Value::from("12.00"), 12)]
#[case(Value::from("9007199254740993.0"), 9_007_199_254_740_993)]
#[case(Value::from("9223372036854775807"), i64::MAX)]
#[case(phone("0301234"), 301_234)]
fn integer_takes(#[case] value: Value, #[case] expected: i64) {
    assert_eq!(converted(FieldType::Integer, value), Value::Integer(expected));
}

#[rstest]
#[case(Value::from(14.1))]
#[case(Value::from(9_223_372_036_854_775_808.0))]
#[case(Value::from(f64::NAN))]
#[case(Value::from(f64::INFINITY))]
#[case(Value::from("100%"))]
#[case(Value::from("14.1"))]
#[case(Value::from("12."))]
#[case(Value::from(".0"))]
#[case(Value::from("1e3"))]
#[case(Value::from("1,000"))]
#[case(Value::from(""))]
#[case(Value::from("9223372036854775808"))]
#[case(Value::from(true))]
#[case(date("2026-03-01"))]
#[case(instant("2026-03-01T00:00:00Z"))]
#[case(Value::from(vec![1_i64]))]
fn integer_refuses(#[case] value: Value) {
    refused(FieldType::Integer, value);
}

#[rstest]
#[case(Value::from(14.1), 14.1)]
#[case(Value::from(3), 3.0)]
#[case(Value::from(0), 0.0)]
#[case(Value::from("14.1"), 14.1)]
#[case(Value::from(" -2 "), -2.0)]
#[case(Value::from("1e3"), 1000.0)]
#[case(Value::from(9_007_199_254_740_992), 9_007_199_254_740_992.0)]
#[case(Value::from(i64::MIN), -9_223_372_036_854_775_808.0)]
fn float_takes(#[case] value: Value, #[case] expected: f64) {
    assert_eq!(converted(FieldType::Float, value), Value::Float(expected));
}

#[rstest]
#[case(Value::from(f64::NAN))]
#[case(Value::from(f64::NEG_INFINITY))]
#[case(Value::from("NaN"))]
#[case(Value::from("inf"))]
#[case(Value::from("1e999"))]
#[case(Value::from(9_007_199_254_740_993))]
#[case(Value::from(i64::MAX))]
#[case(Value::from("9007199254740993"))]
#[case(Value::from("14,1"))]
#[case(Value::from("100%"))]
#[case(Value::from(""))]
#[case(Value::from(false))]
#[case(date("2026-03-01"))]
#[case(instant("2026-03-01T00:00:00Z"))]
#[case(Value::from(vec![1.5]))]
fn float_refuses(#[case] value: Value) {
    refused(FieldType::Float, value);
}

#[rstest]
#[case(Value::from(" as it is "), " as it is ")]
#[case(Value::from(""), "")]
#[case(Value::from(false), "false")]
#[case(Value::from(0), "0")]
#[case(Value::from(14.5), "14.5")]
#[case(Value::from(14.0), "14")]
#[case(email("Ada@Example.com"), "Ada@Example.com")]
#[case(phone("+49 30 1234"), "+49 30 1234")]
#[case(url("https://example.com/a b"), "https://example.com/a b")]
#[case(date("2026-03-01"), "2026-03-01")]
#[case(instant("2026-03-01T12:00:00.5+02:00"), "2026-03-01T10:00:00.5Z")]
#[case(texts(&["red", "blue"]), "red, blue")]
#[case(Value::Array(vec![Value::from(1), Value::from(true), date("2026-03-01")]), "1, true, 2026-03-01")]
#[case(Value::Array(vec![]), "")]
fn string_takes(#[case] value: Value, #[case] expected: &str) {
    assert_eq!(converted(FieldType::String, value), Value::from(expected));
}

#[rstest]
#[case(Value::from(f64::NAN))]
#[case(Value::from(f64::INFINITY))]
#[case(Value::Array(vec![Value::from("a"), Value::Null]))]
#[case(Value::Array(vec![texts(&["nested"])]))]
#[case(Value::Array(vec![Value::from(f64::NAN)]))]
fn string_refuses(#[case] value: Value) {
    refused(FieldType::String, value);
}

#[rstest]
#[case("ada@example.com", "ada@example.com")]
#[case(" Ada.O'Neil+x@Example.COM\n", "Ada.O'Neil+x@Example.COM")]
#[case("ada@localhost", "ada@localhost")]
#[case("jürgen@müller.de", "jürgen@müller.de")]
fn email_takes(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(converted(FieldType::Email, text), email(expected));
    assert_eq!(converted(FieldType::Email, email(text)), email(expected));
}

#[rstest]
#[case(Value::from(""))]
#[case(Value::from("ada"))]
#[case(Value::from("@example.com"))]
#[case(Value::from("ada@"))]
#[case(Value::from("ada@b@example.com"))]
#[case(Value::from("ada lovelace@example.com"))]
#[case(Value::from("ada@example.com, bob@example.com"))]
#[case(Value::from("ada@example..com"))]
#[case(Value::from("ada@.com"))]
#[case(Value::from("ada@example.com."))]
#[case(Value::from("ada@exa\u{0}mple.com"))]
#[case(email("not checked by the host"))]
#[case(Value::from(1))]
#[case(Value::from(1.5))]
#[case(Value::from(true))]
#[case(date("2026-03-01"))]
#[case(instant("2026-03-01T00:00:00Z"))]
#[case(texts(&["ada@example.com"]))]
fn email_refuses(#[case] value: Value) {
    refused(FieldType::Email, value);
}

#[rstest]
#[case(Value::from("+49 (30) 1234-5 ext. 6"), "+49 (30) 1234-5 ext. 6")]
#[case(Value::from(" 112 "), "112")]
#[case(Value::from("٠١٢"), "٠١٢")]
#[case(phone("112"), "112")]
#[case(Value::from(15_551_234_567), "15551234567")]
fn phone_number_takes(#[case] value: Value, #[case] expected: &str) {
    assert_eq!(converted(FieldType::PhoneNumber, value), phone(expected));
}

#[rstest]
#[case(Value::from(""))]
#[case(Value::from("unknown"))]
#[case(Value::from("1\n2"))]
#[case(phone("n/a"))]
#[case(Value::from(-112))]
#[case(Value::from(1.5e10))]
#[case(Value::from(true))]
#[case(date("2026-03-01"))]
#[case(instant("2026-03-01T00:00:00Z"))]
#[case(texts(&["112"]))]
fn phone_number_refuses(#[case] value: Value) {
    refused(FieldType::PhoneNumber, value);
}

#[rstest]
#[case("https://example.com", "https://example.com")]
#[case(" HTTP://Example.com:8080/a?b=ü#c ", "HTTP://Example.com:8080/a?b=ü#c")]
#[case("http://[::1]/", "http://[::1]/")]
fn url_takes(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(converted(FieldType::Url, text), url(expected));
    assert_eq!(converted(FieldType::Url, url(text)), url(expected));
}

#[rstest]
#[case(Value::from(""))]
#[case(Value::from("example.com"))]
#[case(Value::from("www.example.com/path"))]
#[case(Value::from("example.com:8080"))]
#[case(Value::from("//example.com"))]
#[case(Value::from("http:example.com"))]
#[case(Value::from("http://"))]
#[case(Value::from("https://exa mple.com"))]
#[case(Value::from("https://example.com/\nnext"))]
#[case(Value::from("ftp://example.com"))]
#[case(Value::from("javascript:alert(1)"))]
#[case(Value::from("mailto:ada@example.com"))]
#[case(url("not checked by the host"))]
#[case(Value::from(1))]
#[case(Value::from(1.5))]
#[case(Value::from(true))]
#[case(date("2026-03-01"))]
#[case(instant("2026-03-01T00:00:00Z"))]
#[case(texts(&["https://example.com"]))]
fn url_refuses(#[case] value: Value) {
    refused(FieldType::Url, value);
}

#[rstest]
#[case(date("2026-03-01"), "2026-03-01")]
#[case(instant("2026-03-01T23:59:59Z"), "2026-03-01")]
#[case(Value::from("2026-03-01"), "2026-03-01")]
#[case(Value::from(" 2024-02-29 "), "2024-02-29")]
#[case(Value::from("9999-12-31"), "9999-12-31")]
#[case(Value::from("2026-03-01T12:00:00Z"), "2026-03-01")]
#[case(Value::from("2026-03-01T23:30:00-05:00"), "2026-03-02")]
#[case(Value::from("2026-03-01 23:30:00"), "2026-03-01")]
fn date_takes(#[case] value: Value, #[case] expected: &str) {
    assert_eq!(converted(FieldType::Date, value), date(expected));
}

#[rstest]
#[case(Value::from(""))]
#[case(Value::from("2026-02-29"))]
#[case(Value::from("2026-13-01"))]
#[case(Value::from("20260301"))]
#[case(Value::from("2026-3-1"))]
#[case(Value::from("01.03.2026"))]
#[case(Value::from("03/01/2026"))]
#[case(Value::from("2026-03-01T"))]
#[case(Value::from("2026-03-01garbage"))]
#[case(Value::from("２０２６-03-01"))]
#[case(Value::from(20_260_301))]
#[case(Value::from(1.5))]
#[case(Value::from(true))]
#[case(email("ada@example.com"))]
#[case(texts(&["2026-03-01"]))]
fn date_refuses(#[case] value: Value) {
    refused(FieldType::Date, value);
}

#[rstest]
#[case(instant("2026-03-01T12:00:00.123Z"), "2026-03-01T12:00:00.123Z")]
#[case(date("2026-03-01"), "2026-03-01T00:00:00Z")]
#[case(Value::from("2026-03-01"), "2026-03-01T00:00:00Z")]
#[case(Value::from("2026-03-01T12:00:00Z"), "2026-03-01T12:00:00Z")]
#[case(Value::from("2026-03-01t12:00:00z"), "2026-03-01T12:00:00Z")]
#[case(Value::from("2026-03-01T12:00:00.5+05:30"), "2026-03-01T06:30:00.5Z")]
#[case(Value::from("2026-03-01 12:00:00+00"), "2026-03-01T12:00:00Z")]
#[case(Value::from(" 2026-03-01 12:00:00 "), "2026-03-01T12:00:00Z")]
#[case(Value::from("2026-03-01T12:00:00.25"), "2026-03-01T12:00:00.25Z")]
#[case(
    Value::from("2026-03-01T12:00:00-05:00[America/New_York]"),
    "2026-03-01T17:00:00Z"
)]
fn datetime_takes(#[case] value: Value, #[case] expected: &str) {
    assert_eq!(converted(FieldType::Datetime, value), instant(expected));
}

#[rstest]
#[case(Value::from(""))]
#[case(Value::from("now"))]
#[case(Value::from("12:00:00"))]
#[case(Value::from("20260301T120000Z"))]
#[case(Value::from("2026-03-01T25:00:00Z"))]
#[case(Value::from("2026-02-30T12:00:00Z"))]
#[case(Value::from("2026-03-01T12:00:00[Europe/Berlin]"))]
#[case(Value::from("9999-12-31T23:59:59-10:00"))]
#[case(Value::from(1_772_366_400))]
#[case(Value::from(1_772_366_400.0))]
#[case(Value::from(true))]
#[case(Value::Date(Date::MAX))]
#[case(texts(&["2026-03-01T12:00:00Z"]))]
fn datetime_refuses(#[case] value: Value) {
    refused(FieldType::Datetime, value);
}

#[rstest]
#[case(texts(&["red", " blue "]), texts(&["red", " blue "]))]
#[case(Value::Array(vec![]), texts(&[]))]
#[case(Value::from("red, blue"), texts(&["red, blue"]))]
#[case(Value::from(0), texts(&["0"]))]
#[case(Value::from(false), texts(&["false"]))]
#[case(Value::from(1.5), texts(&["1.5"]))]
#[case(email("ada@example.com"), texts(&["ada@example.com"]))]
#[case(date("2026-03-01"), texts(&["2026-03-01"]))]
#[case(instant("2026-03-01T00:00:00Z"), texts(&["2026-03-01T00:00:00Z"]))]
#[case(Value::Array(vec![Value::from(1), email("a@b")]), texts(&["1", "a@b"]))]
fn array_takes(#[case] value: Value, #[case] expected: Value) {
    assert_eq!(converted(FieldType::Array, value), expected);
}

#[rstest]
#[case(Value::Array(vec![Value::Null]))]
#[case(Value::Array(vec![texts(&["nested"])]))]
#[case(Value::from(f64::NAN))]
#[case(Value::Array(vec![Value::from(f64::NAN)]))]
fn array_refuses(#[case] value: Value) {
    refused(FieldType::Array, value);
}

#[test]
fn a_native_field_takes_everything_as_it_is() {
    let limited = Field::new("f", FieldType::Native("monetary")).max_length(MaxLength::Chars(1));
    for value in [
        Value::from(" text "),
        Value::from(1.5),
        texts(&["a", "b"]),
        email("x"),
    ] {
        assert_eq!(convert(&limited, &value).unwrap(), value);
    }
}

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
    assert_eq!(
        convert(&email_field, &Value::from("  a@b  ")).unwrap(),
        email("a@b")
    );
    let number = Field::new("f", FieldType::Integer).max_length(MaxLength::Chars(1));
    assert_eq!(convert(&number, &Value::from(123)).unwrap(), Value::from(123));
}

#[test]
fn an_error_says_what_is_wrong_where() {
    let field = Field::new("x_91", FieldType::Integer).label("Score");
    let error = convert(&field, &Value::from("100%")).unwrap_err();
    assert_eq!(
        error.message(),
        r#"the field "Score" takes a whole number, not the string "100%""#
    );
    assert_eq!(error.kind(), &ErrorKind::Rejected);
    assert_eq!(error.scope(), Scope::Record);
    assert_eq!(error.code(), Some("invalid_value"));
    assert_eq!(error.field(), Some("Score"));

    let error = convert(&field, &Value::from(14.1)).unwrap_err();
    assert_eq!(
        error.message(),
        r#"the field "Score" takes a whole number, not the float 14.1"#
    );
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
    let message = convert(&field, &Value::from(long))
        .unwrap_err()
        .message()
        .to_owned();
    assert!(
        message.contains(&format!(r#""line\n{}…""#, "ü".repeat(55))),
        "{message}"
    );
    let just_fits = "x".repeat(60);
    let message = convert(&field, &Value::from(just_fits.as_str()))
        .unwrap_err()
        .message()
        .to_owned();
    assert!(
        message.ends_with(&format!("{just_fits:?}")),
        "not shortened: {message}"
    );
    let array = Value::Array(vec![Value::from("a"); 100_000]);
    assert!(convert(&field, &array).unwrap_err().message().len() < 200);
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ ]?[-+]?[0-9]{0,20}(\\.[0-9]{0,3})?(e[0-9]{1,3})?[%]?",
        "[ ]?(true|FALSE|1|0|nan|inf)[ ]?",
        "[ ]?[a-z.ü]{0,5}@[a-zü.]{0,9}@?[ ]?",
        "(https?|ftp|HTTP)?:?/{0,3}[a-z:@. \\t]{0,9}(/[ü?#]{0,3})?",
        "-?[0-9]{4}-[0-9]{2}-[0-3][0-9]([T ]?[0-2][0-9]:[0-5][0-9](:[0-6][0-9])?(Z|[+-][0-9]{2}:?[0-9]{2})?)?",
    ]
}

fn any_scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Boolean),
        any::<i64>().prop_map(Value::Integer),
        (-2_i64..3).prop_map(Value::Integer),
        any::<f64>().prop_map(Value::Float),
        (-9.0e18..9.9e18).prop_map(|number: f64| Value::Float(number.trunc())),
        any_text().prop_map(Value::String),
        any_text().prop_map(Value::Email),
        any_text().prop_map(Value::PhoneNumber),
        any_text().prop_map(Value::Url),
        (-9999_i16..=9999, 1_i8..=12, 1_i8..=28)
            .prop_map(|(year, month, day)| Value::Date(Date::constant(year, month, day))),
        Just(Value::Date(Date::MAX)),
        Just(Value::Date(Date::MIN)),
        (Timestamp::MIN.as_second()..=Timestamp::MAX.as_second())
            .prop_map(|second| Value::Datetime(Timestamp::from_second(second).unwrap())),
        Just(Value::Datetime(Timestamp::MAX)),
        Just(Value::Datetime(Timestamp::MIN)),
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    any_scalar().prop_recursive(2, 12, 4, |inner| {
        prop::collection::vec(inner, 0..4).prop_map(Value::Array)
    })
}

fn any_field() -> impl Strategy<Value = Field> {
    let limit = prop_oneof![
        Just(None),
        (0_usize..40).prop_map(|most| Some(MaxLength::Chars(most))),
        (0_usize..40).prop_map(|most| Some(MaxLength::Bytes(most))),
    ];
    (prop::sample::select(ALL_TYPES.to_vec()), limit).prop_map(|(field_type, limit)| Field {
        max_length: limit,
        ..Field::new("f", field_type)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn converting_never_panics_and_a_converted_value_stays_what_it_is(
        field in any_field(),
        value in any_value(),
    ) {
        match convert(&field, &value) {
            Ok(once) => {
                let twice = convert(&field, &once);
                // By text: a native field lets NaN pass, which equals nothing.
                prop_assert_eq!(format!("{twice:?}"), format!("Ok({once:?})"));
            }
            Err(error) => prop_assert_eq!(error.code(), Some("invalid_value")),
        }
    }
}
