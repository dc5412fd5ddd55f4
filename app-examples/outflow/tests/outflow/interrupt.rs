//! Ctrl-C.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::program::{Ran, command, press_ctrl_c};
use crate::served::{LEADS, Served};

/// An export whose stdin stays open.
struct Begun {
    child: Child,
    _stdin: ChildStdin,
}

impl Begun {
    /// Begins one, and waits until it listens for Ctrl-C.
    fn with_leads(served: &Served, leads: usize, flags: &[&str]) -> Self {
        let args = served.export_args(LEADS, &[&["--log", "info"], flags].concat());
        let mut child = command(&args).stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        for number in 0..leads {
            let email = format!("p{number}@example.com");
            let lead = json!({ "profile_id": format!("p{number}"), "new_properties": { "email": email } });
            writeln!(stdin, "{lead}").unwrap();
        }
        stdin.flush().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        log.read_line(&mut line).unwrap();
        assert!(line.contains("the export begins"), "{line}");
        // Nobody reads the rest of what it says, which fits into the pipe.
        child.stderr = Some(log.into_inner());
        Self { child, _stdin: stdin }
    }

    fn press_ctrl_c(&self) {
        press_ctrl_c(&self.child);
    }

    fn wait(self) -> Ran {
        Ran::of(self.child.wait_with_output().unwrap())
    }
}

/// A sandbox whose writes from the nth on take so long.
fn slow_from_write(nth: u64, milliseconds: u64) -> Served {
    let faults = tempfile::NamedTempFile::new().unwrap();
    let script = json!([{
        "on": { "body_contains": "createOrUpdate", "nth": nth, "times": 9 },
        "action": { "delay": { "ms": milliseconds } },
    }]);
    fs::write(faults.path(), script.to_string()).unwrap();
    let path = faults.path().display().to_string();
    Served::start_with(&["--limits", "off", "--faults", &path])
}

#[test]
fn what_is_in_flight_finishes_and_the_report_is_printed() {
    let served = slow_from_write(1, 4_000);

    // Two full batches go out; the third lingers for more, as the input is still open.
    let begun = Begun::with_leads(&served, 700, &[]);
    // Less than a batch lingers for.
    thread::sleep(Duration::from_secs(1));
    begun.press_ctrl_c();
    let ran = begun.wait().exits(130).says(&["stopping"]);
    let report = ran.json();
    assert_eq!(report["exports"], 700, "{report}");
    assert_eq!(report["created"], 600, "{report}");
    assert_eq!(report["retry"], 100, "{report}");
    assert_eq!(report["problems"][0]["code"], "cancelled");
}

#[test]
fn an_input_that_is_silent_does_not_keep_it_from_stopping() {
    let served = Served::start();
    let begun = Begun::with_leads(&served, 1, &[]);
    let pressed = Instant::now();
    begun.press_ctrl_c();
    begun.wait().exits(130).json();
    assert!(pressed.elapsed() < Duration::from_secs(5));
}

#[test]
fn the_second_one_stops_at_once() {
    let served = Served::start_with(&["--limits", "off", "--latency-ms", "30000"]);
    let begun = Begun::with_leads(&served, 600, &[]);
    begun.press_ctrl_c();
    // Two signals at once are one.
    thread::sleep(Duration::from_millis(500));
    let pressed = Instant::now();
    begun.press_ctrl_c();
    let ran = begun.wait().exits(130);
    assert!(pressed.elapsed() < Duration::from_secs(5));
    assert_eq!(ran.stdout, "");
}

#[test]
fn outcomes_are_in_their_file_while_the_run_goes_on_and_after_the_second_one() {
    let served = slow_from_write(2, 60_000);
    let kept = tempfile::NamedTempFile::new().unwrap();
    let path = kept.path().display().to_string();
    let begun = Begun::with_leads(&served, 600, &["--outcomes", &path]);

    // The first batch is acknowledged, the second is not.
    let whole_lines = || {
        let text = fs::read_to_string(kept.path()).unwrap();
        assert!(text.is_empty() || text.ends_with('\n'), "torn: {text:?}");
        let outcomes = text.lines().map(|line| serde_json::from_str(line).unwrap());
        outcomes.collect::<Vec<Json>>()
    };
    let begin = Instant::now();
    while whole_lines().len() < 300 && begin.elapsed() < Duration::from_secs(20) {
        thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(whole_lines().len(), 300, "a follower sees what is settled");

    begun.press_ctrl_c();
    // Two signals at once are one.
    thread::sleep(Duration::from_millis(500));
    begun.press_ctrl_c();
    begun.wait().exits(130);
    let outcomes = whole_lines();
    assert_eq!(outcomes.len(), 300);
    for outcome in outcomes {
        assert!(outcome["remote_id"].is_string(), "{outcome}");
    }
}
