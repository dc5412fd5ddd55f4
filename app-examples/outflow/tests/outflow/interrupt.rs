//! Ctrl-C.

use std::io::Write;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::program::{Ran, command, press_ctrl_c};
use crate::served::{LEADS, Served};

fn lead(number: usize) -> String {
    let email = format!("p{number}@example.com");
    json!({ "profile_id": format!("p{number}"), "new_properties": { "email": email } }).to_string()
}

/// An export whose stdin stays open, with its first batches written.
fn begun(served: &Served, leads: usize) -> (Child, impl Drop) {
    let args = served.export_args(LEADS, &[]);
    let mut child = command(&args).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    for number in 0..leads {
        writeln!(stdin, "{}", lead(number)).unwrap();
    }
    stdin.flush().unwrap();
    (child, Open(Some(stdin)))
}

struct Open(Option<std::process::ChildStdin>);

impl Drop for Open {
    fn drop(&mut self) {
        drop(self.0.take());
    }
}

#[test]
fn what_is_in_flight_finishes_and_the_report_is_printed() {
    // Slow calls, so that some are in flight.
    let served = Served::start_with(&["--limits", "off", "--latency-ms", "1000"]);
    let (child, _stdin) = begun(&served, 700);
    thread::sleep(Duration::from_millis(2_500));
    press_ctrl_c(&child);
    let ran = Ran::of(child.wait_with_output().unwrap())
        .exits(130)
        .says(&["stopping"]);
    let report = ran.json();
    assert_eq!(report["exports"], 700, "{report}");
    assert_eq!(report["created"], 600, "{report}");
    assert_eq!(report["retry"], 100, "{report}");
    assert_eq!(report["problems"][0]["code"], "cancelled");
}

#[test]
fn an_input_that_is_silent_does_not_keep_it_from_stopping() {
    let served = Served::start();
    let (child, _stdin) = begun(&served, 1);
    thread::sleep(Duration::from_millis(500));
    let pressed = Instant::now();
    press_ctrl_c(&child);
    Ran::of(child.wait_with_output().unwrap()).exits(130).json();
    assert!(pressed.elapsed() < Duration::from_secs(5));
}

#[test]
fn the_second_one_stops_at_once() {
    let served = Served::start_with(&["--limits", "off", "--latency-ms", "30000"]);
    let (child, _stdin) = begun(&served, 600);
    thread::sleep(Duration::from_millis(500));
    press_ctrl_c(&child);
    thread::sleep(Duration::from_millis(300));
    let pressed = Instant::now();
    press_ctrl_c(&child);
    let ran = Ran::of(child.wait_with_output().unwrap()).exits(130);
    assert!(pressed.elapsed() < Duration::from_secs(5));
    assert_eq!(ran.stdout, "");
}
