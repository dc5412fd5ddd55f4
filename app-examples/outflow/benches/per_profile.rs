//! What a profile costs within the process, part by part, with a tool that answers at
//! once. Times are of one thread that never waits, so they are CPU times.
//!
//! ```text
//! cargo bench -p outflow --bench per_profile
//! ```

#![allow(clippy::unwrap_used, reason = "a bench may stop at what it did not expect")]

use std::sync::Arc;

use divan::Bencher;
use divan::counter::ItemsCount;
use futures::stream;
use outflow_core::http::{Request, Response, Transport, TransportError};
use outflow_core::{Clock, Export, Outflow, Run};
use outflow_plugins as _;
use outflow_sandbox::{InProcess, SandboxOptions, SandboxType};
use serde_json::json;
use tokio::runtime::Runtime;

const PROFILES: usize = 30_000;
const URL: &str = "https://marketo.sandbox.example";

fn main() {
    divan::main();
}

fn line(number: usize) -> String {
    json!({
        "profile_id": format!("p{number}"),
        "new_properties": {
            "email": format!("ada.lovelace{number}@northwind.example"), "firstName": "Ada",
            "lastName": "Lovelace", "title": "Engineer", "city": "London",
            "phone": "+44 20 7946 0958", "leadScore": number % 100,
        },
    })
    .to_string()
}

fn export(number: usize) -> Export {
    serde_json::from_str(&line(number)).unwrap()
}

/// From a line of input to an export.
#[divan::bench]
fn parse(bencher: Bencher<'_, '_>) {
    let lines: Vec<String> = (0..PROFILES).map(line).collect();
    bencher.counter(ItemsCount::new(PROFILES)).bench_local(|| {
        for line in &lines {
            divan::black_box(serde_json::from_slice::<Export>(line.as_bytes()).unwrap());
        }
    });
}

/// From an export to its outcome: planned, converted, batched, written as JSON, sent through
/// the call stack, and its answer read.
#[divan::bench]
fn export_to_marketo(bencher: Bencher<'_, '_>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    // The tool's limits are kept, on a clock so fast that they are no wait.
    let clock = runtime.block_on(async { Clock::scaled(1e6) });
    let tool = Arc::new(Obliging::new(&clock));
    bencher
        .counter(ItemsCount::new(PROFILES))
        .with_inputs(|| (0..PROFILES).map(export).collect::<Vec<_>>())
        .bench_local_values(|exports| run(&runtime, &clock, &tool, exports));
}

fn run(runtime: &Runtime, clock: &Clock, tool: &Arc<Obliging>, exports: Vec<Export>) {
    let created = runtime.block_on(async {
        let outflow =
            Outflow::new().unwrap().with_clock(clock.clone()).with_transport(Shared(Arc::clone(tool)));
        let account = outflow.account("marketo", &tool.account).await.unwrap();
        let leads = account.destination("marketo-leads-export", &json!({})).unwrap();
        let report = leads.export(stream::iter(exports), Run::default(), |_| {}).await;
        report.outcomes.created
    });
    assert_eq!(created, PROFILES as u64);
}

/// Marketo's sandbox for all but the writes of leads, which it grants unread.
struct Obliging {
    sandbox: InProcess,
    account: serde_json::Value,
}

impl Obliging {
    fn new(clock: &Clock) -> Self {
        let kind = SandboxType::find("marketo").unwrap();
        let sandbox = (kind.start)(SandboxOptions { clock: clock.clone(), ..SandboxOptions::default() });
        Self { account: sandbox.account(URL), sandbox: InProcess::new().with(URL, sandbox) }
    }
}

struct Shared(Arc<Obliging>);

#[async_trait::async_trait]
impl Transport for Shared {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        if !request.uri().path().ends_with("/rest/v1/leads.json") {
            return self.0.sandbox.send(request).await;
        }
        let written = request.body().windows(8).filter(|part| part == b"\"email\":").count();
        let results = vec![r#"{"id":7149,"status":"created"}"#; written].join(",");
        let body = format!(r#"{{"requestId":"1","success":true,"result":[{results}]}}"#);
        Ok(Response::new(body.into()))
    }
}
