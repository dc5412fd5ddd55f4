//! The whole matrix of `convert`, each refusal included.

mod errors;
mod laws;

use jiff::civil::Date;
use outflow_core::{Field, FieldType, MaxLength, Value, convert};
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
#[case(Value::from("2026-03-01T12:00:00-05:00[America/New_York]"), "2026-03-01T17:00:00Z")]
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
    for value in [Value::from(" text "), Value::from(1.5), texts(&["a", "b"]), email("x")] {
        assert_eq!(convert(&limited, &value).unwrap(), value);
    }
}
