//! Sync modes, and the same as lists of operations.

use rstest::rstest;
use serde_json::{Value as Json, json};

use crate::served::{LEADS, Served};

fn there() -> Json {
    json!({ "profile_id": "there", "new_properties": { "email": "there@example.com", "lastName": "L" } })
}

/// One that is to be updated, one to be created, and one to be deleted.
fn lines() -> [Json; 3] {
    [
        there(),
        json!({ "profile_id": "new", "new_properties": { "email": "new@example.com" } }),
        json!({ "profile_id": "old", "new_properties": { "email": "old@example.com" }, "to_delete": true }),
    ]
}

#[rstest]
#[case::sync_is_the_default(&[], [1, 1, 1], &[])]
#[case::sync(&["--sync-mode", "sync"], [1, 1, 1], &[])]
#[case::all_operations(&["--operations", "delete,update,create"], [1, 1, 1], &[])]
#[case::additive(&["--sync-mode", "additive"], [1, 1, 0], &["delete_not_allowed"])]
#[case::enrich(&["--sync-mode", "enrich"], [0, 1, 0], &["create_not_allowed", "delete_not_allowed"])]
#[case::create(&["--operations", "create"], [1, 0, 0], &["delete_not_allowed", "update_not_allowed"])]
#[case::delete(&["--operations", "delete"], [0, 0, 1], &["write_not_allowed", "write_not_allowed"])]
fn a_mode_does_what_it_says(#[case] flags: &[&str], #[case] done: [u64; 3], #[case] skipped: &[&str]) {
    let served = Served::start();
    let mut old = lines()[2].clone();
    old["to_delete"] = json!(false);
    served.export(LEADS, &[], &[there(), old]).exits(0);

    let report = served.export(LEADS, flags, &lines()).exits(0).json();
    let counts = ["created", "updated", "deleted"].map(|name| report[name].as_u64().unwrap());
    assert_eq!(counts, done, "{report}");
    let problems = report["problems"].as_array().unwrap();
    let mut codes: Vec<&str> = problems.iter().map(|problem| problem["code"].as_str().unwrap()).collect();
    codes.sort_unstable();
    assert_eq!(codes, skipped, "{report}");
}
