//! Files that are no cassette: each is told with what is wrong and where.

use outflow_testkit::{Cassette, Matching, Mode, Redaction, Replayer};
use serde_json::{Value as Json, json};

fn error_of(har: &str) -> String {
    Replayer::new("people", har, &Redaction::new(), &Matching::strict()).unwrap_err().to_string()
}

fn har(entries: Json) -> String {
    json!({ "log": { "version": "1.2", "creator": { "name": "x", "version": "1" }, "entries": entries } })
        .to_string()
}

fn good() -> Json {
    json!({
        "startedDateTime": "2026-11-14T22:00:00.000Z",
        "request": { "method": "GET", "url": "https://crm.example/people" },
        "response": { "status": 200, "content": { "text": "{}" } }
    })
}

/// The second of two entries, with one thing in it changed.
fn second(pointer: &str, value: Json) -> String {
    let mut entry = good();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    entry.pointer_mut(parent).unwrap()[name] = value;
    error_of(&har(json!([good(), entry])))
}

#[test]
fn a_file_that_is_no_har_is_told() {
    let cases = [
        ("", "is an empty file"),
        (" \n", "is an empty file"),
        (&har(json!([good()]))[..80], "is no whole JSON"),
        ("[]", "no HAR"),
        ("{}", "no HAR: it has no \"log\""),
        (r#"{"log":{"entries":[]}}"#, "does not say which version"),
        (r#"{"log":{"version":"1.1","entries":[]}}"#, "is HAR \"1.1\"; only 1.2 is read"),
        (r#"{"log":{"version":"1.2"}}"#, "no list of entries"),
        (&har(json!([])), "has no entries"),
    ];
    for (text, told) in cases {
        let error = error_of(text);
        assert!(error.starts_with("people ") && error.contains(told), "{text}: {error}");
    }
}

#[test]
fn an_entry_that_cannot_be_used_is_told_with_its_number() {
    let cases = [
        (second("/request", json!(1)), "no entry of a HAR"),
        (second("/startedDateTime", json!("yesterday")), "is no ISO 8601 time"),
        (second("/request/url", json!("people")), "URL cannot be read"),
        (second("/request/url", json!("data:text/plain,x")), "it is no HTTP but \"data\""),
        (second("/response/status", json!(42)), "42 is no HTTP status"),
        (second("/response/content", json!({ "size": 9 })), "had 9 bytes"),
        (
            second("/response/content", json!({ "text": "!", "encoding": "base64" })),
            "says it is base64 and is not",
        ),
        (second("/response/content", json!({ "text": "x", "encoding": "rot13" })), "encoding \"rot13\""),
        (
            second("/response/headers", json!([{ "name": "a b", "value": "x" }])),
            "header \"a b\" cannot be sent",
        ),
        (
            second(
                "/request/postData",
                json!({ "mimeType": "multipart/form-data", "params": [{ "name": "file", "fileName": "a.csv" }] }),
            ),
            "part \"file\" has no value",
        ),
    ];
    for (error, told) in cases {
        assert!(error.starts_with("people, entry 2: "), "{error}");
        assert!(error.contains(told), "{told}: {error}");
    }
}

#[test]
fn a_cassette_that_is_not_there_says_how_to_make_it() {
    let folder = tempfile::tempdir().unwrap();
    let open = |name: &str| Cassette::builder(name).in_folder(folder.path()).mode(Mode::Replay).open();
    let error = open("people").unwrap_err().to_string();
    assert!(error.contains("people.har") && error.contains("OUTFLOW_CASSETTES=record"), "{error}");
    for name in ["", "../people", "/etc/people", "a//b", "a b", ".hidden"] {
        let error = open(name).unwrap_err().to_string();
        assert!(error.contains("cannot name a cassette"), "{name}: {error}");
    }
}

#[test]
fn a_mode_that_does_not_exist_is_refused() {
    let error = "rewind".parse::<Mode>().unwrap_err().to_string();
    assert!(error.contains("replay, record, append or live"), "{error}");
    assert_eq!(" record\n".parse::<Mode>().unwrap(), Mode::Record);
}
