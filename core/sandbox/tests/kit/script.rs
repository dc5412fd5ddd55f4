use outflow_sandbox::{Fault, FaultAction, Match};

#[test]
fn a_script_reads_every_action() {
    let faults = Fault::list(
        r#"[
            { "action": "reset" },
            { "action": "reset_after" },
            { "action": "timeout" },
            { "action": "timeout_after" },
            { "action": "truncated" },
            { "action": "expire_token" },
            { "action": { "html": { "status": 403 } } },
            { "action": { "delay": { "ms": 5 } } },
            { "action": { "error_code": { "code": "606" } } },
            { "action": { "status": { "status": 503, "headers": { "retry-after": "1" } } },
              "on": { "app": "notes", "operation": "add note", "method": "POST",
                      "path_contains": "notes", "body_contains": "a", "nth": 3, "times": 2 } }
        ]"#,
    )
    .unwrap();
    assert_eq!(faults.len(), 10);
    assert_eq!(faults[0], Fault::new(Match::default(), FaultAction::Reset));
    assert_eq!((faults[9].on.nth, faults[9].on.times), (Some(3), Some(2)));
}

fn complaint(json: &str) -> String {
    Fault::list(json).unwrap_err().to_string()
}

#[test]
fn a_script_that_cannot_be_read_says_where_and_why() {
    let unknown = complaint("[\n  { \"action\": \"explode\" }\n]");
    assert!(unknown.contains("unknown variant `explode`, expected one of"), "{unknown}");
    assert!(unknown.contains("line 2"), "{unknown}");

    let misspelt = complaint(r#"[{ "on": { "operatoin": "x" }, "action": "reset" }]"#);
    assert!(misspelt.contains("unknown field `operatoin`"), "{misspelt}");

    let missing = complaint(r#"[{ "on": {} }]"#);
    assert!(missing.contains("missing field `action`"), "{missing}");

    let object = complaint(r#"{ "action": "reset" }"#);
    assert!(object.contains("expected a sequence"), "{object}");
}

#[test]
fn a_fault_that_cannot_happen_is_named_by_its_place() {
    assert_eq!(
        complaint(r#"[{ "action": "reset" }, { "action": { "html": { "status": 99 } } }]"#),
        "fault 2 of the list: status 99 is not between 200 and 599"
    );
    assert_eq!(
        complaint(r#"[{ "on": { "nth": 0 }, "action": "reset" }]"#),
        "fault 1 of the list: nth counts from 1"
    );
    assert_eq!(
        complaint(r#"[{ "on": { "times": 0 }, "action": "reset" }]"#),
        "fault 1 of the list: times must be at least 1"
    );
}
