//! An invented tool that keeps notes: `POST /notes` adds the body, `GET /notes` lists.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::StatusCode;
use http::request::Parts;
use jiff::tz::TimeZone;
use outflow_core::http::{Request, Transport, TransportError};
use outflow_sandbox::{
    Controls, Daily, Endpoint, Gate, GateLimits, InProcess, Policy, Refusal, Sandbox, SandboxOptions,
    SandboxRecord, Usage, Window,
};

pub(crate) struct Notes {
    controls: Controls,
    gate: Gate,
    kept: Arc<Mutex<Vec<String>>>,
}

pub(crate) struct Rules {
    pub(crate) limits: GateLimits,
    pub(crate) token: Mutex<bool>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            limits: GateLimits {
                windows: vec![
                    Window { name: "calls", max: 5, per: Duration::from_secs(2) },
                    Window { name: "search", max: 2, per: Duration::from_secs(2) },
                ],
                in_flight: Some(3),
                daily: Some(Daily { budget: 100, reset_zone: TimeZone::get("America/Chicago").unwrap() }),
            },
            token: Mutex::new(true),
        }
    }
}

impl Policy for Rules {
    fn endpoint(&self, parts: &Parts, _: &[u8]) -> Endpoint {
        match (parts.method.as_str(), parts.uri.path()) {
            ("POST", "/notes") => Endpoint::new("add note").costing(10).in_windows(&["calls"]),
            ("GET", "/notes") => Endpoint::new("search notes").in_windows(&["search"]),
            ("GET", "/token") => Endpoint::new("token").uncounted(),
            _ => Endpoint::new("other"),
        }
    }

    fn limits(&self) -> GateLimits {
        self.limits.clone()
    }

    fn screen(&self, _: &Parts, _: &[u8]) -> Option<Response> {
        let valid = *self.token.lock().unwrap();
        (!valid).then(|| StatusCode::UNAUTHORIZED.into_response())
    }

    fn refuse(&self, refusal: &Refusal) -> Response {
        let wait = match refusal {
            Refusal::Window { retry_after, .. } => retry_after.as_millis().to_string(),
            Refusal::InFlight => "in flight".to_owned(),
            Refusal::Daily { until } => until.to_string(),
        };
        (StatusCode::TOO_MANY_REQUESTS, wait).into_response()
    }

    fn error(&self, code: &str, message: &str) -> Response {
        (StatusCode::OK, format!("{code}: {message}")).into_response()
    }

    fn expire_token(&self) {
        *self.token.lock().unwrap() = false;
    }

    fn decorate(&self, response: &mut Response, _: &Endpoint, usage: &Usage) {
        if let Some(window) = usage.windows.first() {
            let left = window.max - window.used;
            response.headers_mut().insert("x-left", left.into());
        }
    }
}

impl Notes {
    pub(crate) fn start(options: SandboxOptions) -> Arc<dyn Sandbox> {
        Self::with(&options, Rules::default())
    }

    pub(crate) fn with(options: &SandboxOptions, rules: Rules) -> Arc<Self> {
        let controls = Controls::new("notes", options);
        Arc::new(Self { gate: Gate::new(controls.clone(), Arc::new(rules)), controls, kept: Arc::default() })
    }

    pub(crate) fn new() -> Arc<Self> {
        Self::with(&SandboxOptions::default(), Rules::default())
    }

    pub(crate) fn unlimited() -> Arc<Self> {
        let notes = Self::new();
        notes.controls.set_limits(false);
        notes
    }

    pub(crate) fn gate(&self) -> &Gate {
        &self.gate
    }

    pub(crate) fn kept(&self) -> usize {
        self.kept.lock().unwrap().len()
    }

    pub(crate) fn transport(self: &Arc<Self>) -> InProcess {
        InProcess::new().with(HOST, self.clone())
    }
}

impl Sandbox for Notes {
    fn app(&self) -> &'static str {
        "notes"
    }

    fn controls(&self) -> &Controls {
        &self.controls
    }

    fn router(self: Arc<Self>) -> Router {
        let routes = Router::new()
            .route("/notes", post(add).get(list))
            .route("/token", post(|| async { "token" }).get(|| async { "token" }))
            .with_state(self.kept.clone());
        self.gate.around(routes)
    }

    fn account(&self, base_url: &str) -> serde_json::Value {
        serde_json::json!({ "endpoint": base_url })
    }

    fn records(&self, _: &str) -> Vec<SandboxRecord> {
        let kept = self.kept.lock().unwrap();
        let record = |(id, text): (usize, &String)| SandboxRecord {
            id: id.to_string(),
            fields: BTreeMap::from([("text".to_owned(), text.as_str().into())]),
            groups: BTreeSet::new(),
        };
        kept.iter().enumerate().map(record).collect()
    }
}

type Kept = State<Arc<Mutex<Vec<String>>>>;

async fn add(State(kept): Kept, text: String) -> String {
    kept.lock().unwrap().push(text.clone());
    format!("kept {text}")
}

async fn list(State(kept): Kept) -> String {
    kept.lock().unwrap().join(",")
}

pub(crate) const HOST: &str = "https://notes.example";

pub(crate) fn post_note(text: &str) -> Request {
    http::Request::post(format!("{HOST}/notes")).body(text.to_owned().into()).unwrap()
}

pub(crate) fn get(path: &str) -> Request {
    http::Request::get(format!("{HOST}{path}")).body(Default::default()).unwrap()
}

/// Status and body, or the way it failed.
pub(crate) async fn send(transport: &InProcess, request: Request) -> String {
    match transport.send(request).await {
        Ok(response) => {
            format!("{} {}", response.status().as_u16(), String::from_utf8_lossy(response.body()))
        }
        Err(TransportError::NotSent(_)) => "not sent".to_owned(),
        Err(TransportError::NoAnswer(_)) => "no answer".to_owned(),
    }
}
