//! What an export reports.

use std::fs;

use pretty_assertions::assert_eq;
use rstest::rstest;
use serde_json::{Value as Json, json};

use crate::program::run;
use crate::served::{LEADS, PERSONS, Served, ndjson, without_time};

fn lead(id: &str, email: &str) -> Json {
    json!({ "profile_id": id, "new_properties": { "email": email, "firstName": "Ada" } })
}

fn person(id: &str, email: &str) -> Json {
    json!({ "profile_id": id, "new_properties": { "Email": email, "Name": "Ada Lovelace" } })
}

#[test]
fn a_report_has_its_documented_shape() {
    let served = Served::start();
    let lines = [
        lead("a", "ada@example.com"),
        lead("b", "no email"),
        json!({ "profile_id": "c", "new_properties": { "email": "gone@example.com" }, "to_delete": true }),
    ];
    let report = served.export(LEADS, &[], &lines).exits(1).json();
    assert_eq!(
        without_time(report),
        json!({
            "connection": "marketo-leads-export",
            "exports": 3,
            "created": 1,
            "updated": 0,
            "deleted": 0,
            "unchanged": 0,
            "skipped": 1,
            "rejected": 1,
            "retry": 0,
            "unknown": 0,
            "calls": { "total": 3, "by_operation": { "describe_leads": 1, "find_leads": 1, "sync_leads": 1 } },
            "cost": 3,
            "problems": [
                {
                    "profile_id": "b", "outcome": "rejected", "code": "invalid_value",
                    "field": "Email Address", "remote_id": null,
                    "message": "the field \"Email Address\" takes an email address (name@domain), not the string \"no email\""
                },
                {
                    "profile_id": "c", "outcome": "skipped", "code": "nothing_to_delete", "field": null,
                    "message": "it is to be deleted, and the tool has no record for it", "remote_id": null
                },
            ],
        })
    );
}

#[rstest]
#[case(LEADS, lead)]
#[case(PERSONS, person)]
fn outcomes_are_kept_in_a_file(#[case] connection: &str, #[case] profile: fn(&str, &str) -> Json) {
    let served = Served::start();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outcomes.ndjson");
    let outcomes = path.display().to_string();
    let lines = [profile("a", "ada@example.com"), profile("b", "grace@example.com")];
    let mut input = ndjson(&lines);
    input.extend(b"nonsense\n");
    let args = served.export_args(connection, &["--outcomes", &outcomes]);
    crate::program::run_with_input(&args, &input).exits(1);

    let text = fs::read_to_string(&path).unwrap();
    let mut kept: Vec<Json> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    kept.sort_by_key(|outcome| outcome["profile_id"].to_string());
    assert_eq!(kept.len(), 3);
    for (outcome, id) in kept.iter().zip(["a", "b"]) {
        assert_eq!(outcome["profile_id"], id);
        assert_eq!(outcome["outcome"], "created");
        assert!(outcome["remote_id"].as_str().unwrap().parse::<u64>().is_ok());
        assert_eq!((&outcome["code"], &outcome["notes"]), (&Json::Null, &json!([])));
    }
    assert_eq!((&kept[2]["profile_id"], &kept[2]["code"]), (&Json::Null, &json!("invalid_json")));

    // The same again, as a host that remembers does it: nothing changed, nothing is sent.
    let again: Vec<Json> = lines
        .iter()
        .zip(&kept)
        .map(|(line, outcome)| {
            let mut line = line.clone();
            line["old_properties"] = line["new_properties"].clone();
            line["remote_id"] = outcome["remote_id"].clone();
            line
        })
        .collect();
    let report = served.export(connection, &[], &again).exits(0).json();
    assert_eq!((&report["unchanged"], &report["problems"]), (&json!(2), &json!([])));
}

#[test]
fn text_shows_the_first_problems_and_counts_the_rest() {
    let served = Served::start();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.ndjson");
    let lines: Vec<Json> = (0..25).map(|number| lead(&format!("p{number}"), "no email")).collect();
    fs::write(&path, ndjson(&lines)).unwrap();
    let input = path.display().to_string();
    let mut args: Vec<String> = ["export", LEADS, "--input", &input].map(str::to_owned).into();
    args.extend(served.flags("marketo"));
    let text = run(&args).exits(1).stdout;
    assert!(text.starts_with("25 exports in ") && text.contains("marketo-leads-export"), "{text}");
    assert!(text.contains("p19") && !text.contains("p20"), "{text}");
    assert!(text.ends_with("  and 5 more; --outcomes FILE keeps them all\n"), "{text}");
}

#[test]
fn an_empty_input_is_all_done() {
    let served = Served::start();
    let report = served.export(LEADS, &[], &[]).exits(0).json();
    assert_eq!((&report["exports"], &report["problems"]), (&json!(0), &json!([])));
}

#[test]
fn wrong_credentials_refuse_the_whole_run_and_every_export_is_told() {
    let served = Served::start();
    let mut args: Vec<String> =
        ["export", LEADS, "--input", "-", "--output", "json"].map(str::to_owned).into();
    args.extend(served.flags_but("marketo", "client_secret", "hunter2"));
    let lines = [lead("a", "ada@example.com"), lead("b", "grace@example.com")];
    let ran = crate::program::run_with_input(&args, &ndjson(&lines)).exits(3);
    let report = ran.json();
    assert_eq!((&report["exports"], &report["retry"]), (&json!(2), &json!(2)));
    assert!(ran.stderr.contains("stopped"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
}

/// Half a minute, as passing failures are given time to pass.
#[test]
fn a_host_that_cannot_be_reached_refuses_the_whole_run() {
    let account =
        ["--app", "endpoint=http://127.0.0.1:1", "--app", "client_id=a", "--app", "client_secret=b"];
    let args = [&["export", LEADS, "--input", "-", "--output", "json"], &account[..]].concat();
    let lines = ndjson(&[lead("a", "ada@example.com")]);
    let ran = crate::program::run_with_input(&args, &lines).exits(3);
    assert_eq!(ran.json()["retry"], 1);
    ran.says(&["unreachable", "check the account's endpoint and the network"]);
}

#[test]
fn three_thousand_leads_take_as_many_calls_as_the_tool_needs() {
    let served = Served::start_with(&["--limits", "on"]);
    let lines: Vec<Json> =
        (0..3_000).map(|number| lead(&format!("p{number}"), &format!("p{number}@example.com"))).collect();
    let report = served.export(LEADS, &[], &lines).exits(0).json();
    assert_eq!(report["created"], 3_000);
    assert_eq!(report["calls"]["by_operation"], json!({ "describe_leads": 1, "sync_leads": 10 }));
}

#[test]
fn logs_hold_no_values() {
    let served = Served::start();
    let args = served.export_args(LEADS, &["--log", "trace"]);
    let ran = crate::program::run_with_input(&args, &ndjson(&[lead("a", "ada@example.com")])).exits(0);
    assert!(!ran.stderr.is_empty());
    assert!(!ran.stderr.contains("ada@example.com"), "{}", ran.stderr);
    let secret = served.listed("marketo")["account"]["client_secret"].as_str().unwrap();
    assert!(!ran.stderr.contains(secret), "{}", ran.stderr);
}
