//! Every recorded request, in order, against a new sandbox: it must answer as the real
//! API did, but for ids, times and tokens.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use jiff::Timestamp;
use outflow_core::Clock;
use outflow_core::http::{Request, Transport};
use outflow_marketo::sandbox::{MarketoAccount, MarketoSandbox};
use outflow_sandbox::{InProcess, SandboxOptions};
use serde_json::Value;

use super::agreement::Ids;
use crate::shared::{folder, say};

#[tokio::test(start_paused = true)]
async fn recorded_requests_are_answered_as_the_real_api_did() {
    let Some(folder) = folder("recordings/marketo") else {
        return;
    };
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut tally = Tally::default();
    for file in files.iter().filter(|file| file.extension().is_some_and(|kind| kind == "har")) {
        replay(file, &mut tally).await;
    }
    say(&format!(
        "\nMarketo recordings: {} of {} exchanges agree{}\n",
        tally.total - tally.disagreements.len(),
        tally.total,
        tally.disagreements.concat()
    ));
    assert!(tally.total > 0, "no recordings in the folder");
    assert!(tally.disagreements.is_empty(), "see above");
}

#[derive(Default)]
struct Tally {
    total: usize,
    disagreements: Vec<String>,
}

async fn replay(file: &Path, tally: &mut Tally) {
    let har: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let entries = har["log"]["entries"].as_array().unwrap();
    let mut player = Player::new(&entries[0]);
    player.set_up(entries);
    for (number, entry) in entries.iter().enumerate() {
        tally.total += 1;
        if let Err(reason) = player.play(entry).await {
            let method = text(&entry["request"]["method"]);
            let url = text(&entry["request"]["url"]);
            let name = file.file_name().unwrap().display();
            tally.disagreements.push(format!("\n  {name} #{number} {method} {url}\n      {reason}"));
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn time_of(entry: &Value) -> Timestamp {
    text(&entry["startedDateTime"]).parse().unwrap()
}

struct Player {
    clock: Clock,
    sandbox: Arc<MarketoSandbox>,
    transport: InProcess,
    token: String,
    ids: Ids,
}

impl Player {
    /// A sandbox that takes the recorded credentials, at the time of the first entry.
    fn new(first: &Value) -> Self {
        let clock = Clock::starting_at(time_of(first));
        let options = SandboxOptions { clock: clock.clone(), ..SandboxOptions::default() };
        let account = MarketoAccount {
            client_id: "client-id".to_owned(),
            client_secret: "client-secret".to_owned(),
            user: "my-user@example.com".to_owned(),
            ..MarketoAccount::default()
        };
        let url: http::Uri = text(&first["request"]["url"]).parse().unwrap();
        let sandbox = MarketoSandbox::with_account(&options, account);
        Self {
            clock,
            transport: InProcess::new().with(url.authority().unwrap().as_str(), sandbox.clone()),
            sandbox,
            token: String::new(),
            ids: Ids::default(),
        }
    }

    /// The recorded account was given its `date_field` between two recordings: where a
    /// recording describes the account without it, the sandbox begins without it.
    fn set_up(&self, entries: &[Value]) {
        let describes = |entry: &&Value| text(&entry["request"]["url"]).ends_with("/leads/describe.json");
        for entry in entries.iter().filter(describes) {
            if !text(&entry["response"]["content"]["text"]).contains("\"date_field\"") {
                self.sandbox.hide_field("date_field");
            }
        }
    }

    async fn play(&mut self, entry: &Value) -> Result<(), String> {
        self.wait_until(time_of(entry)).await;
        let response = self.transport.send(self.request(&entry["request"])).await;
        let response = response.map_err(|error| error.to_string())?;
        let recorded = &entry["response"];
        let status = response.status().as_u16();
        if recorded["status"] != status {
            return Err(format!("status {status}, recorded {}", recorded["status"]));
        }
        let content_type = response.headers()[CONTENT_TYPE].to_str().unwrap();
        if recorded["content"]["mimeType"] != content_type {
            return Err(format!("content type {content_type}"));
        }
        let ours: Value = serde_json::from_slice(response.body()).map_err(|error| error.to_string())?;
        if let Some(token) = ours["access_token"].as_str() {
            self.token = token.to_owned();
        }
        let theirs: Value = serde_json::from_str(text(&recorded["content"]["text"])).unwrap();
        self.ids.compare("", &theirs, &ours)
    }

    /// Recorded times lie a second apart at most; the sandbox's clock follows them.
    async fn wait_until(&self, time: Timestamp) {
        let ahead = time.duration_since(self.clock.now());
        if let Ok(ahead) = Duration::try_from(ahead) {
            tokio::time::sleep(ahead).await;
        }
    }

    /// The recorded request with the sandbox's ids and, as headers were not recorded,
    /// an Authorization of its own.
    fn request(&self, recorded: &Value) -> Request {
        let mut url = self.ids.translate_path(text(&recorded["url"]));
        let query = self.ids.translate_pairs(recorded["queryString"].as_array().unwrap());
        if !query.is_empty() {
            url = format!("{url}?{query}");
        }
        let mut request = http::Request::builder()
            .method(text(&recorded["method"]))
            .uri(url)
            .header(AUTHORIZATION, format!("Bearer {}", self.token));
        let mut body = Bytes::new();
        if let Some(posted) = recorded.get("postData") {
            request = request.header(CONTENT_TYPE, text(&posted["mimeType"]));
            body = self.ids.translate_body(text(&posted["mimeType"]), text(&posted["text"]));
        }
        request.body(body).unwrap()
    }
}
