//! A real export, recorded once and replayed: the same outcomes, and no network.

use std::path::Path;
use std::sync::Arc;

use outflow_core::{Export, Outcomed, Registry, Run, SyncMode};
use outflow_marketo::sandbox::MarketoSandbox;
use outflow_sandbox::{Fault, FaultAction, InProcess, Match, Sandbox, SandboxOptions};
use outflow_testkit::{Cassette, CassetteBuilder, Mode};
use serde_json::{Value as Json, json};

use super::wire::{NoNetwork, clock};

const URL: &str = "https://123-abc-456.mktorest.com";
const SECRET: &str = "sandbox-client-secret";

fn registry() -> Registry {
    Registry::of(outflow_marketo::PLUGINS).unwrap()
}

fn cassette(folder: &Path, options: Json) -> CassetteBuilder {
    let described = registry().app("marketo").unwrap().app_options();
    Cassette::builder("marketo/leads").in_folder(folder).options(&described, options).clock(clock())
}

fn profiles() -> Vec<Export> {
    let mut exports: Vec<Export> = (0..320)
        .map(|n| {
            Export::new(n.to_string())
                .property("email", format!("person-{n}@example.com"))
                .property("firstName", format!("Name {n}"))
                .group("VIP")
        })
        .collect();
    exports.push(Export::new("bad").property("email", "ada@example.com").property("nonsense", "x"));
    exports
}

async fn export(cassette: &Cassette) -> (Vec<String>, u64) {
    let outflow = cassette.outflow(registry());
    let account = outflow.account("marketo", &cassette.options()).await.unwrap();
    let leads = account.destination("marketo-leads-export", &json!({})).unwrap();
    let (report, outcomes) = leads.export_all(profiles(), Run::of_mode(SyncMode::SYNC)).await;
    (outcomes.iter().map(told).collect(), report.calls.total)
}

fn told(outcomed: &Outcomed) -> String {
    format!("{outcomed:?}")
}

async fn record(folder: &Path) -> (Vec<String>, u64) {
    let options = SandboxOptions { clock: clock(), ..SandboxOptions::default() };
    let marketo = MarketoSandbox::new(&options);
    // A token that dies in the middle, and a call that is asked to wait.
    let faults = &marketo.controls().faults;
    faults.push(Fault::new(Match::path("/rest/").nth(2), FaultAction::ExpireToken));
    faults.push(Fault::new(
        Match::path("/rest/").nth(4),
        FaultAction::ErrorCode { code: "606".to_owned(), message: String::new() },
    ));
    let recording = cassette(folder, marketo.account(URL))
        .mode(Mode::Record)
        .over(InProcess::new().with(URL, Arc::clone(&marketo) as Arc<dyn Sandbox>))
        .open()
        .unwrap();
    let outcomes = export(&recording).await;
    recording.close().unwrap();
    outcomes
}

#[tokio::test(start_paused = true)]
async fn a_recorded_export_replays_with_the_same_outcomes() {
    let folder = tempfile::tempdir().unwrap();
    let recorded = record(folder.path()).await;
    assert_eq!(recorded.0.len(), 321);
    let file = std::fs::read_to_string(folder.path().join("marketo/leads.har")).unwrap();
    assert!(!file.contains(SECRET));
    assert!(file.contains("\"_operation\": \"get_token\""));

    // Neither options nor secrets: the cassette has what it takes.
    let replay = cassette(folder.path(), Json::Null).mode(Mode::Replay).over(NoNetwork).open().unwrap();
    assert_eq!(export(&replay).await, recorded);
    replay.close().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_recording_is_the_same_file_each_time() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let mut files = Vec::new();
    for folder in &folders {
        record(folder.path()).await;
        files.push(std::fs::read_to_string(folder.path().join("marketo/leads.har")).unwrap());
    }
    assert!(files[0] == files[1]);
}

#[tokio::test(start_paused = true)]
async fn other_options_than_those_recorded_are_named() {
    let folder = tempfile::tempdir().unwrap();
    record(folder.path()).await;
    let open = |options: Json| cassette(folder.path(), options).mode(Mode::Replay).open();
    let other = json!({ "endpoint": "https://other.example", "client_id": "sandbox-client-id", "client_secret": "another-secret" });
    let error = open(other).unwrap_err().to_string();
    assert!(error.contains("\"endpoint\" was"), "{error}");
    assert!(!error.contains("client_secret"), "{error}");
    // The secret may be any.
    let same =
        json!({ "endpoint": URL, "client_id": "sandbox-client-id", "client_secret": "another-secret" });
    let replay = open(same).unwrap();
    export(&replay).await;
    replay.close().unwrap();
}
