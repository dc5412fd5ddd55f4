//! Ctrl-C.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::program::{Ran, command, press_ctrl_c};
use crate::served::{LEADS, Served};

/// An export whose stdin stays open.
struct Begun {
    child: Child,
    _stdin: ChildStdin,
}

impl Begun {
    /// Begins one, and waits until it listens for Ctrl-C.
    fn with_leads(served: &Served, leads: usize) -> Self {
        let args = served.export_args(LEADS, &["--log", "info"]);
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

#[test]
fn what_is_in_flight_finishes_and_the_report_is_printed() {
    let slow = tempfile::NamedTempFile::new().unwrap();
    let script =
        r#"[{"on": {"body_contains": "createOrUpdate", "times": 9}, "action": {"delay": {"ms": 4000}}}]"#;
    fs::write(slow.path(), script).unwrap();
    let faults = slow.path().display().to_string();
    let served = Served::start_with(&["--limits", "off", "--faults", &faults]);

    // Two full batches go out; the third lingers for more, as the input is still open.
    let begun = Begun::with_leads(&served, 700);
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
    let begun = Begun::with_leads(&served, 1);
    let pressed = Instant::now();
    begun.press_ctrl_c();
    begun.wait().exits(130).json();
    assert!(pressed.elapsed() < Duration::from_secs(5));
}

#[test]
fn the_second_one_stops_at_once() {
    let served = Served::start_with(&["--limits", "off", "--latency-ms", "30000"]);
    let begun = Begun::with_leads(&served, 600);
    begun.press_ctrl_c();
    // Two signals at once are one.
    thread::sleep(Duration::from_millis(500));
    let pressed = Instant::now();
    begun.press_ctrl_c();
    let ran = begun.wait().exits(130);
    assert!(pressed.elapsed() < Duration::from_secs(5));
    assert_eq!(ran.stdout, "");
}
