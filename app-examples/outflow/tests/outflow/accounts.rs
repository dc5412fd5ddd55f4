//! `check` and `fields`.

use rstest::rstest;
use serde_json::Value as Json;

use crate::program::run;
use crate::served::{LEADS, PERSONS, Served};

fn with(first: &[&str], flags: Vec<String>) -> Vec<String> {
    let mut args: Vec<String> = first.iter().map(|arg| (*arg).to_owned()).collect();
    args.extend(flags);
    args
}

#[rstest]
fn a_check_says_whom_the_account_is_connected_as(#[values("marketo", "pipedrive")] app: &str) {
    let served = Served::start();
    let checked = run(&with(&["check", app, "--output", "json"], served.flags(app))).exits(0).json();
    assert_eq!(checked["app"], app);
    assert!(!checked["connected_as"].as_str().unwrap().is_empty());
    assert_eq!(checked["calls"], 1);
    let text = run(&with(&["check", app], served.flags(app))).exits(0).stdout;
    assert!(text.ends_with('\n') && text.len() > 10, "{text:?}");
}

#[rstest]
#[case("marketo", "client_secret", "check `client_id` and `client_secret`")]
#[case("pipedrive", "api_token", "Check the account's options")]
fn wrong_credentials_are_refused_and_not_shown(
    #[case] app: &str,
    #[case] secret: &str,
    #[case] advice: &str,
) {
    let served = Served::start();
    let flags = served.flags_but(app, secret, "hunter2-hunter2");
    let ran = run(&with(&["check", app, "--log", "trace"], flags)).exits(3);
    assert!(ran.stderr.contains(advice), "{}", ran.stderr);
    assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
}

#[test]
fn a_host_that_cannot_be_reached_is_a_refusal_with_advice() {
    run(&["check", "pipedrive", "--app", "endpoint=http://127.0.0.1:1", "--app", "api_token=x"])
        .exits(3)
        .says(&["unreachable", "check the account's endpoint and the network"]);
}

#[rstest]
#[case(LEADS, "marketo", "email")]
#[case(PERSONS, "pipedrive", "name")]
fn fields_are_printed(#[case] connection: &str, #[case] app: &str, #[case] known: &str) {
    let served = Served::start();
    let schema = run(&with(&["fields", connection, "--output", "json"], served.flags(app))).exits(0).json();
    let fields = schema["fields"].as_array().unwrap();
    let names: Vec<&str> = fields.iter().filter_map(|field| field["name"].as_str()).collect();
    assert!(names.contains(&known), "{names:?}");
    assert!(fields.iter().any(|field| field["read_only"] == true));
    assert_ne!(schema["unknown_fields"], Json::Null);

    let text = run(&with(&["fields", connection], served.flags(app))).exits(0).stdout;
    assert!(text.contains("read only") && text.contains(connection), "{text}");
}

#[test]
fn fields_of_an_account_with_wrong_credentials_are_refused() {
    let served = Served::start();
    let flags = served.flags_but("marketo", "client_id", "stranger");
    run(&with(&["fields", LEADS], flags)).exits(3).says(&["client_id"]);
}
