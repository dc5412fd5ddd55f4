//! Sandboxes served by a process of their own.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout};

use serde_json::Value as Json;

use crate::program::{Ran, command, press_ctrl_c, run_with_input};

pub(crate) const LEADS: &str = "marketo-leads-export";
pub(crate) const PERSONS: &str = "pipedrive-persons-export";

/// `outflow sandbox`, until it is dropped.
pub(crate) struct Served {
    child: Child,
    stdout: BufReader<ChildStdout>,
    listed: Json,
}

impl Served {
    pub(crate) fn start() -> Self {
        Self::start_with(&["--limits", "off"])
    }

    pub(crate) fn start_with(args: &[&str]) -> Self {
        let mut all = vec!["sandbox", "--output", "json"];
        all.extend(args);
        let mut child = command(&all).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        Self { child, stdout, listed: serde_json::from_str(&line).unwrap() }
    }

    /// What it says of one App's sandbox.
    #[track_caller]
    pub(crate) fn listed(&self, app: &str) -> &Json {
        let listed = self.listed["sandboxes"].as_array().unwrap();
        listed.iter().find(|sandbox| sandbox["app"] == app).unwrap()
    }

    /// The flags of an account on it.
    pub(crate) fn flags(&self, app: &str) -> Vec<String> {
        self.flags_but(app, "", "")
    }

    /// The same with one option replaced.
    pub(crate) fn flags_but(&self, app: &str, option: &str, value: &str) -> Vec<String> {
        let account = self.listed(app)["account"].as_object().unwrap();
        let pairs = account.iter().flat_map(|(name, there)| {
            let value = match there {
                _ if name == option => value.to_owned(),
                Json::String(text) => text.clone(),
                other => other.to_string(),
            };
            ["--app".to_owned(), format!("{name}={value}")]
        });
        pairs.collect()
    }

    /// The arguments of an export that reads stdin and reports in JSON.
    pub(crate) fn export_args(&self, connection: &str, more: &[&str]) -> Vec<String> {
        let app = connection.split('-').next().unwrap();
        let mut args: Vec<String> =
            ["export", connection, "--input", "-", "--output", "json"].map(str::to_owned).into();
        args.extend(self.flags(app));
        args.extend(more.iter().map(|arg| (*arg).to_owned()));
        args
    }

    /// Exports these lines.
    pub(crate) fn export(&self, connection: &str, more: &[&str], lines: &[Json]) -> Ran {
        run_with_input(&self.export_args(connection, more), &ndjson(lines))
    }

    /// Stops it with Ctrl-C and gives its exit code and the rest of its stdout.
    pub(crate) fn stop(mut self) -> (Option<i32>, String) {
        press_ctrl_c(&self.child);
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut self.stdout, &mut rest).unwrap();
        (self.child.wait().unwrap().code(), rest)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn ndjson(lines: &[Json]) -> Vec<u8> {
    let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
    lines.into_bytes()
}

/// The report without the time it took, which is never the same.
pub(crate) fn without_time(mut report: Json) -> Json {
    let elapsed = report.as_object_mut().unwrap().remove("elapsed_ms");
    assert!(elapsed.unwrap().is_u64());
    report
}
