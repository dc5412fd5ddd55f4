//! The one environment variable. A test cannot set it for itself alone, so each mode is
//! tried in a process of its own.

use std::path::Path;
use std::process::{Command, Output};

use outflow_core::http::Transport;
use outflow_testkit::{Cassette, MODE_VARIABLE};

use super::wire::{Rote, get};

/// Tells the child, which is this program again, where to work.
const FOLDER: &str = "OUTFLOW_TESTKIT_CHILD";

#[tokio::test]
async fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let wire = Rote::json(&["{}"]);
    let builder = Cassette::builder("people").in_folder(folder).over(wire);
    let cassette = builder.open().unwrap();
    let asked = get("https://crm.example/people");
    cassette.transport().send(asked).await.unwrap();
    println!("mode: {}", cassette.mode());
}

fn run(folder: &Path, mode: Option<&str>) -> (bool, String) {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child
        .args(["--exact", "environment::child", "--nocapture"])
        .env(FOLDER, folder)
        .env_remove(MODE_VARIABLE);
    if let Some(mode) = mode {
        child.env(MODE_VARIABLE, mode);
    }
    let Output { status, stdout, stderr } = child.output().unwrap();
    let told = [stdout, stderr].concat();
    (status.success(), String::from_utf8_lossy(&told).into_owned())
}

#[test]
fn the_environment_says_what_cassettes_do() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("people.har");
    let passes = |mode: Option<&str>, named: &str| {
        let (passed, told) = run(folder.path(), mode);
        assert!(passed && told.contains(named), "{told}");
    };
    let (passed, told) = run(folder.path(), None);
    assert!(!passed && told.contains("OUTFLOW_CASSETTES=record"), "{told}");
    passes(Some("live"), "mode: live");
    assert!(!file.exists());
    passes(Some("record"), "mode: record");
    passes(None, "mode: replay");
    passes(Some("append"), "mode: append");
    // Two entries now, of which the child uses one.
    let (passed, told) = run(folder.path(), Some("replay"));
    assert!(!passed && told.contains("1 of 2 recorded requests were not made"), "{told}");

    let before = std::fs::read(&file).unwrap();
    let (passed, told) = run(folder.path(), Some("rewind"));
    assert!(!passed && told.contains("\"rewind\""), "{told}");
    assert_eq!(std::fs::read(&file).unwrap(), before);
}
