//! Options: described, coerced, and errors that name the option.

use outflow_core::{Error, ErrorKind, OptionDescription, Secret, describe_options, read_options};
use rstest::rstest;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value as Json, json};

#[derive(Debug, Deserialize, JsonSchema, PartialEq, Clone, Copy, Default)]
#[serde(rename_all = "snake_case")]
enum OnInvalid {
    #[default]
    Reject,
    Drop,
}

/// Documented variants have another schema than plain ones.
#[derive(Debug, Deserialize, JsonSchema, PartialEq, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Plan {
    /// The smallest.
    Lite,
    /// The largest.
    Ultimate,
}

fn three() -> u8 {
    3
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Options {
    /// Where the tool is,
    /// as its address bar shows it.
    endpoint: String,
    /// The API token.
    api_token: Secret,
    /// Another secret.
    refresh_token: Option<Secret>,
    /// What to do with a bad field.
    #[serde(default)]
    on_invalid: OnInvalid,
    /// The plan.
    plan: Option<Plan>,
    /// How many at once.
    #[serde(default = "three")]
    parallel: u8,
    /// Calls a day.
    quota: Option<u64>,
    /// How fast.
    speed: Option<f64>,
    /// Filters too.
    #[serde(default)]
    group_filters: bool,
    /// Which ones.
    #[serde(default)]
    only: Vec<String>,
}

fn read(options: &Json) -> Result<Options, Error> {
    read_options::<Options>("crm", options)
}

/// The required options with these besides.
fn with(name: &str, value: Json) -> Json {
    let mut options = json!({ "endpoint": "https://crm.example", "api_token": "s3cr3t" });
    options[name] = value;
    options
}

fn described(name: &str) -> OptionDescription {
    let mut options = describe_options::<Options>().into_iter();
    options.find(|option| option.name == name).unwrap()
}

#[test]
fn options_are_described_with_the_required_ones_first() {
    let names: Vec<String> = describe_options::<Options>().into_iter().map(|option| option.name).collect();
    assert_eq!(
        names,
        [
            "api_token",
            "endpoint",
            "group_filters",
            "on_invalid",
            "only",
            "parallel",
            "plan",
            "quota",
            "refresh_token",
            "speed"
        ]
    );
    assert_eq!(
        serde_json::to_value(described("endpoint")).unwrap(),
        json!({
            "name": "endpoint",
            "description": "Where the tool is, as its address bar shows it.",
            "type": "string",
            "required": true,
            "secret": false,
        })
    );
}

#[rstest]
#[case("api_token", "string", true, true)]
#[case("refresh_token", "string", false, true)]
#[case("plan", "string", false, false)]
#[case("parallel", "integer", false, false)]
#[case("quota", "integer", false, false)]
#[case("speed", "number", false, false)]
#[case("group_filters", "boolean", false, false)]
#[case("only", "array", false, false)]
fn types_and_secrets_are_described(
    #[case] name: &str,
    #[case] type_name: &str,
    #[case] required: bool,
    #[case] secret: bool,
) {
    let option = described(name);
    assert_eq!(option.type_name, type_name);
    assert_eq!((option.required, option.secret), (required, secret));
}

#[test]
fn defaults_and_choices_are_described() {
    assert_eq!(described("parallel").default, Some(json!(3)));
    assert_eq!(described("group_filters").default, Some(json!(false)));
    assert_eq!(described("quota").default, None);
    assert_eq!(described("on_invalid").values, ["reject", "drop"]);
    assert_eq!(described("plan").values, ["lite", "ultimate"]);
    assert_eq!(described("plan").description, "The plan.", "not its type's description");
}

#[test]
fn no_options_are_no_options() {
    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct None {}
    assert!(describe_options::<None>().is_empty());
    read_options::<None>("crm", &Json::Null).unwrap();
    let error = read_options::<None>("crm", &json!({ "a": 1 })).unwrap_err();
    assert_eq!(error.message(), r#"crm has no option "a"; it has none"#);
}

#[test]
fn what_is_given_and_what_is_not() {
    let options = read(&with("plan", json!("ultimate"))).unwrap();
    assert_eq!(options.endpoint, "https://crm.example");
    assert_eq!(options.api_token.expose(), "s3cr3t");
    assert!(options.refresh_token.is_none() && options.quota.is_none());
    assert_eq!(options.on_invalid, OnInvalid::Reject);
    assert_eq!(options.plan, Some(Plan::Ultimate));
    assert_eq!((options.parallel, options.group_filters), (3, false));
    assert!(options.only.is_empty());
}

#[test]
fn text_is_taken_for_what_the_option_is() {
    let options = read(&json!({
        "endpoint": "e",
        "api_token": 12345,
        "parallel": " 7\n",
        "quota": "18446744073709551615",
        "speed": "1.5",
        "group_filters": "true",
        "on_invalid": "drop",
    }))
    .unwrap();
    assert_eq!(options.api_token.expose(), "12345", "a number is taken for text, too");
    assert_eq!((options.parallel, options.quota), (7, Some(u64::MAX)));
    assert_eq!((options.speed, options.group_filters), (Some(1.5), true));
    assert_eq!(options.on_invalid, OnInvalid::Drop);
}

#[test]
fn null_is_not_given() {
    for name in ["refresh_token", "plan", "quota", "speed"] {
        read(&with(name, Json::Null)).unwrap();
    }
}

#[test]
fn an_unknown_option_is_named_with_those_there_are() {
    let error = read(&with("api_tokn", json!("s3cr3t"))).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Configuration);
    assert_eq!(error.code(), Some("unknown_option"));
    assert_eq!(error.field(), Some("api_tokn"));
    assert!(error.message().starts_with(r#"crm has no option "api_tokn"; it has "#));
    assert!(error.message().contains("api_token, endpoint"), "{error}");
    assert!(!error.message().contains("s3cr3t"), "{error}");
}

#[test]
fn a_missing_option_is_named_with_what_it_is() {
    let error = read(&json!({ "endpoint": "e" })).unwrap_err();
    assert_eq!(error.code(), Some("missing_option"));
    assert_eq!(error.field(), Some("api_token"));
    assert_eq!(error.message(), r#"crm needs the option "api_token": The API token."#);
}

#[rstest]
#[case("endpoint", json!(null), "string")]
#[case("endpoint", json!(true), "string")]
#[case("endpoint", json!(["a"]), "string")]
#[case("parallel", json!("many"), "integer")]
#[case("parallel", json!(1.5), "integer")]
#[case("parallel", json!(true), "integer")]
#[case("speed", json!("fast"), "number")]
#[case("speed", json!("inf"), "number")]
#[case("speed", json!(false), "number")]
#[case("group_filters", json!("yes"), "boolean")]
#[case("group_filters", json!(1), "boolean")]
#[case("only", json!("a"), "array")]
#[case("on_invalid", json!("ignore"), "reject, drop")]
#[case("plan", json!("free"), "lite, ultimate")]
#[case("plan", json!(1), "lite, ultimate")]
fn an_option_of_a_wrong_type_is_named(#[case] name: &str, #[case] value: Json, #[case] takes: &str) {
    let error = read(&with(name, value.clone())).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Configuration);
    assert_eq!(error.code(), Some("invalid_option"));
    assert_eq!(error.field(), Some(name));
    assert_eq!(error.message(), format!("the option {name:?} of crm is {value}; it takes: {takes}"));
}

/// What the schema does not say, serde does, without the name.
#[rstest]
#[case("parallel", json!(300), "300")]
#[case("parallel", json!("300"), "300")]
#[case("quota", json!(-1), "-1")]
#[case("group_filters", json!(null), "null")]
#[case("only", json!(["a", 1]), "1")]
fn an_option_that_serde_refuses_is_named(#[case] name: &str, #[case] value: Json, #[case] shown: &str) {
    let error = read(&with(name, value)).unwrap_err();
    assert_eq!(error.code(), Some("invalid_option"), "{error}");
    assert_eq!(error.field(), Some(name));
    assert!(error.message().contains(shown), "{error}");
}

#[rstest]
#[case(json!("text"))]
#[case(json!([]))]
#[case(json!(1))]
fn options_are_an_object(#[case] options: Json) {
    let error = read(&options).unwrap_err();
    assert_eq!(error.message(), "the options of crm are not an object of names and values");
}

/// A secret with rules of its own, whose errors quote it.
#[derive(Debug)]
struct Pin;

impl<'de> Deserialize<'de> for Pin {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Err(serde::de::Error::custom(format!("{} is no PIN", text.to_uppercase())))
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
struct WithPin {
    #[serde(rename = "pin")]
    #[schemars(with = "Secret")]
    _pin: Pin,
    #[serde(default, rename = "other")]
    _other: Option<Secret>,
}

#[rstest]
#[case(json!({ "pin": "s3cr3t" }))]
#[case(json!({ "pin": ["s3cr3t"] }))]
#[case(json!({ "pin": { "value": "s3cr3t" } }))]
#[case(json!({ "pin": true, "other": "s3cr3t" }))]
fn a_secret_is_in_no_message(#[case] options: Json) {
    let error = read_options::<WithPin>("crm", &options).unwrap_err();
    assert_eq!(error.field(), Some("pin"));
    let shown = format!("{error} {error:?}");
    assert!(!shown.to_lowercase().contains("s3cr3t"), "{shown}");
}

#[test]
fn a_secret_in_another_options_error_is_redacted() {
    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(try_from = "Options")]
    struct Checked;
    impl TryFrom<Options> for Checked {
        type Error = String;
        fn try_from(options: Options) -> Result<Self, String> {
            Err(format!("{} does not work", options.api_token.expose()))
        }
    }
    let error = read_options::<Checked>("crm", &with("quota", json!(1))).unwrap_err();
    assert_eq!(error.message(), "the options of crm cannot be read: [secret] does not work");
}
