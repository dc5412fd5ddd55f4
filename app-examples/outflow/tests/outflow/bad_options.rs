//! Options that are wrong: exit code 2, and a sentence that names the option.

use std::fs;

use rstest::rstest;

use crate::program::{Ran, run};
use crate::served::{LEADS, Served};

/// An export of nothing with these flags.
fn export(flags: &[&str]) -> Ran {
    let mut args = vec!["export", LEADS, "--input", "/dev/null"];
    args.extend(flags);
    run(&args)
}

const ENDPOINT: [&str; 2] = ["--app", "endpoint=https://acme.mktorest.com"];
const ID: [&str; 2] = ["--app", "client_id=me"];
const SECRET: [&str; 2] = ["--app", "client_secret=hunter2"];

#[rstest]
#[case::unknown(&["--app", "endpiont=x"], &["endpiont", "endpoint, "])]
#[case::missing(&[], &["needs the option", "client_secret"])]
#[case::no_pair(&["--app", "hunter2"], &["--app takes KEY=VALUE"])]
#[case::twice(&["--app", "client_id=other"], &["client_id", "twice"])]
#[case::no_variable(&["--app", "client_secret=env:OUTFLOW_TEST_UNSET"], &["client_secret", "OUTFLOW_TEST_UNSET", "not set"])]
#[case::no_file(&["--app", "client_secret=file:/no/such/file"], &["client_secret", "/no/such/file"])]
#[case::unknown_connection_option(&["--app", "client_secret=s", "--option", "folder=x"], &["folder", "list_folder"])]
#[case::wrong_value(&["--app", "client_secret=s", "--option", "on_invalid_field=explode"], &["on_invalid_field", "reject, drop"])]
fn an_option_that_is_wrong_is_named(#[case] flags: &[&str], #[case] words: &[&str]) {
    let flags: Vec<&str> = ENDPOINT.iter().chain(&ID).chain(flags).copied().collect();
    let ran = export(&flags).exits(2).says(words);
    assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
    assert_eq!(ran.stdout, "");
}

#[rstest]
#[case::no_url("not a url")]
#[case::no_scheme("acme.mktorest.com")]
#[case::another_scheme("ftp://acme.mktorest.com")]
#[case::plain_http("http://acme.mktorest.com")]
fn an_address_that_is_wrong_is_named(#[case] url: &str) {
    let endpoint = format!("endpoint={url}");
    let flags: Vec<&str> = ["--app", endpoint.as_str()].into_iter().chain(ID).chain(SECRET).collect();
    let ran = export(&flags).exits(2).says(&["endpoint"]);
    assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
}

#[test]
fn what_is_not_linked_is_listed_with_what_is() {
    run(&["export", "salesforce-leads-export", "--input", "-"]).exits(2).says(&[
        "salesforce-leads-export",
        "marketo-leads-export",
        "pipedrive-persons-export",
    ]);
    run(&["check", "salesforce"]).exits(2).says(&["salesforce", "marketo", "pipedrive"]);
    run(&["fields", "leads"]).exits(2).says(&["\"leads\"", "marketo-leads-export"]);
}

#[rstest]
#[case::both_modes(&["--sync-mode", "sync", "--operations", "create"], &["--sync-mode", "cannot be used with"])]
#[case::unknown_mode(&["--sync-mode", "mirror"], &["mirror", "additive"])]
#[case::unknown_operation(&["--operations", "create,upsert"], &["upsert", "update"])]
#[case::unknown_flag(&["--ouptut", "json"], &["--ouptut", "--output"])]
fn a_command_line_that_is_wrong_says_what_can_be_given(#[case] flags: &[&str], #[case] words: &[&str]) {
    export(flags).exits(2).says(words);
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let served = Served::start();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    fs::write(path("in.ndjson"), "").unwrap();
    let export = |flags: &[&str]| {
        let mut args: Vec<String> = ["export", LEADS].map(str::to_owned).into();
        args.extend(served.flags("marketo"));
        args.extend(flags.iter().map(|flag| (*flag).to_owned()));
        run(&args)
    };
    let (input, missing, here) = (path("in.ndjson"), path("missing.ndjson"), path("."));
    export(&["--input", &missing]).exits(2).says(&["--input", "missing.ndjson"]);
    export(&["--input", &here]).exits(2).says(&["--input", "is a folder"]);
    export(&["--input", &input, "--outcomes", &input]).exits(2).says(&["--outcomes", "is the input"]);
    export(&["--input", &input, "--outcomes", &path("no/folder")])
        .exits(2)
        .says(&["--outcomes", "cannot be written"]);
    export(&["--input", &input, "--outcomes", "-"]).exits(2).says(&["--outcomes", "give a file"]);
    export(&[]).exits(2).says(&["--input"]);
}

#[test]
fn options_are_read_from_environment_and_files() {
    let served = Served::start();
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    let account = &served.listed("marketo")["account"];
    fs::write(&secret, format!("{}\n", account["client_secret"].as_str().unwrap())).unwrap();
    let endpoint = format!("endpoint={}/rest/", account["endpoint"].as_str().unwrap());
    let secret = format!("client_secret=file:{}", secret.display());
    let args =
        ["check", "marketo", "--app", &endpoint, "--app", "client_id=env:OUTFLOW_TEST_ID", "--app", &secret];
    let output = crate::program::command(&args)
        .env("OUTFLOW_TEST_ID", account["client_id"].as_str().unwrap())
        .output()
        .unwrap();
    Ran::of(output).exits(0);
}

#[test]
fn a_log_level_from_the_environment_is_checked() {
    let output = crate::program::command(&["plugins"]).env("OUTFLOW_LOG", "loud").output().unwrap();
    Ran::of(output).exits(2).says(&["loud", "debug"]);
}

#[test]
fn an_empty_log_level_in_the_environment_is_none() {
    let with_empty = |args: &[&str]| {
        let output = crate::program::command(args).env("OUTFLOW_LOG", "").output().unwrap();
        Ran::of(output)
    };
    assert_eq!(with_empty(&["plugins"]).exits(0).stderr, "");
    // One on the command line is still taken, and still checked.
    with_empty(&["plugins", "--log", "debug"]).exits(0);
    with_empty(&["plugins", "--log", "loud"]).exits(2).says(&["loud", "debug"]);
}
