//! What a whole `outflow export` costs: CPU time and peak memory of the process, with the
//! sandbox in another one. It fails when that is more than it may be.
//!
//! ```text
//! cargo bench -p outflow --bench process
//! cargo bench -p outflow --bench process -- --million   # eleven minutes, at Marketo's limits
//! ```

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a bench prints, and may stop at what it did not expect"
)]

#[path = "../tests/outflow/bounds.rs"]
mod bounds;
#[allow(dead_code, reason = "it is the harness of the tests")]
#[path = "../tests/outflow/program.rs"]
mod program;
#[allow(dead_code, reason = "it is the harness of the tests")]
#[path = "../tests/outflow/served.rs"]
mod served;

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::process::{ExitCode, Stdio};
use std::time::Duration;

use serde_json::{Value as Json, json};
use wait4::Wait4;

use crate::bounds::{CPU_OF_LEADS, CPU_OF_PERSONS, grown, megabytes, too_large, too_slow};
use crate::program::command;
use crate::served::{LEADS, PERSONS, Served};

/// Each figure is the best of so many runs: the others were disturbed by something.
const RUNS: usize = 5;

struct Figure {
    cpu: Duration,
    peak_memory: u64,
    report: Json,
}

fn main() -> ExitCode {
    let million = std::env::args().any(|arg| arg == "--million");
    let mut over = Vec::new();
    println!("{:<50} {:>10} {:>14} {:>13}", "", "CPU", "CPU / profile", "peak memory");
    let leads = show("3,000 leads created (at most 35 ms)", 3_000, || export(LEADS, 3_000, lead));
    over.extend(too_slow("3,000 leads", leads.cpu, CPU_OF_LEADS));
    let persons = show("300 persons created (at most 40 ms)", 300, || export(PERSONS, 300, person));
    over.extend(too_slow("300 persons", persons.cpu, CPU_OF_PERSONS));
    let problems =
        show("1,000,000 profiles, each with a problem (100 MB)", 1_000_000, || export(LEADS, 1_000_000, bad));
    over.extend(too_large("1,000,000 problems", problems.peak_memory));
    let many = show_once("100,000 leads (at most 100 MB)", 100_000);
    over.extend(too_large("100,000 leads", many.peak_memory));
    if million {
        let most = show_once("1,000,000 leads (at most 100 MB)", 1_000_000);
        over.extend(too_large("1,000,000 leads", most.peak_memory));
        over.extend(grown(many.peak_memory, most.peak_memory));
    }
    for figure in &over {
        println!("OVER: {figure}");
    }
    ExitCode::from(u8::from(!over.is_empty()))
}

fn show(title: &str, profiles: u64, measure: impl Fn() -> Figure) -> Figure {
    let figures = (0..RUNS).map(|_| measure());
    let best = figures.min_by_key(|figure| figure.cpu).unwrap();
    print(title, profiles, &best);
    best
}

/// A run too long to be repeated.
fn show_once(title: &str, profiles: u64) -> Figure {
    let figure = export(LEADS, profiles, lead);
    print(title, profiles, &figure);
    figure
}

fn print(title: &str, profiles: u64, figure: &Figure) {
    let exports = figure.report["exports"].as_u64();
    assert_eq!(exports, Some(profiles), "{}", figure.report);
    let cpu = figure.cpu.as_secs_f64();
    println!(
        "{title:<50} {:>7.1} ms {:>11.2} µs {:>10.1} MB",
        cpu * 1e3,
        cpu * 1e6 / profiles as f64,
        megabytes(figure.peak_memory),
    );
}

fn lead(number: u64) -> Json {
    json!({
        "profile_id": format!("p{number}"),
        "new_properties": {
            "email": format!("ada.lovelace{number}@northwind.example"), "firstName": "Ada",
            "lastName": "Lovelace", "title": "Engineer", "city": "London",
            "phone": "+44 20 7946 0958", "leadScore": number % 100,
        },
    })
}

fn person(number: u64) -> Json {
    json!({
        "profile_id": format!("p{number}"),
        "new_properties": {
            "Email": format!("ada.lovelace{number}@northwind.example"), "Name": "Ada Lovelace",
            "Phone": "+44 20 7946 0958", "numerical_field": number,
        },
        "new_groups": ["Newsletter"],
    })
}

fn bad(number: u64) -> Json {
    let mut lead = lead(number);
    lead["new_properties"]["leadScore"] = json!("rather high");
    lead
}

/// Exports so many profiles to a new sandbox that answers at once.
fn export(connection: &str, profiles: u64, profile: fn(u64) -> Json) -> Figure {
    let served = Served::start();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("profiles.ndjson");
    let mut input = BufWriter::new(File::create(&path).unwrap());
    for number in 0..profiles {
        writeln!(input, "{}", profile(number)).unwrap();
    }
    input.into_inner().unwrap();

    let args = served.export_args(connection, &[]);
    let mut child =
        command(&args).stdin(File::open(&path).unwrap()).stderr(Stdio::inherit()).spawn().unwrap();
    let report = read_report(child.stdout.take().unwrap());
    let used = child.wait4().unwrap().rusage;
    Figure { cpu: used.utime + used.stime, peak_memory: used.maxrss, report }
}

/// The report without its problems. Kept whole, a million of them would count as memory of
/// the next process: it starts as a copy of this one.
fn read_report(mut stdout: impl Read) -> Json {
    let mut head = Vec::new();
    let mut block = [0; 65_536];
    loop {
        let length = stdout.read(&mut block).unwrap();
        if length == 0 {
            break;
        }
        if head.len() < block.len() {
            head.extend_from_slice(&block[..length]);
        }
    }
    let head = String::from_utf8_lossy(&head);
    let (head, _) = head.split_once(",\"problems\":").unwrap();
    serde_json::from_str(&format!("{head}}}")).unwrap()
}
