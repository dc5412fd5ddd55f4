//! A stateful imitation of one Pipedrive company: API v2 for persons, organizations and
//! their fields, and what only API v1 has (users, filters, the old field lists).
//!
//! It validates as strictly as v2 does, searches about ten seconds behind, counts tokens,
//! and enforces the limits of a [`Plan`]. The company begins with the fields every company
//! has, with custom fields of every type, two users, and no persons or organizations.
//!
//! Not here: deals, activities, notes, webhooks, merging, contact sync and Campaigns
//! (whose fields are refused as in a company without them), persons and organizations
//! of API v1 (out of support), and the geocoding of addresses.
//!
//! ```
//! use std::sync::Arc;
//! use outflow_pipedrive::sandbox::{Plan, PipedriveSandbox};
//! use outflow_sandbox::{InProcess, Sandbox, SandboxOptions};
//! use serde_json::json;
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! let sandbox = Arc::new(PipedriveSandbox::on_plan(SandboxOptions::default(), Plan::Lite, 1));
//! let id = sandbox.add_person(&json!({ "name": "Jane", "emails": [{ "value": "jane@example.com" }] }))?;
//! let options = sandbox.account("https://acme.pipedrive.com");
//! let transport = InProcess::new().with("https://acme.pipedrive.com", sandbox.clone());
//! assert_eq!(sandbox.persons_with_email("JANE@example.com"), [id]);
//! # let _ = (options, transport);
//! # Ok::<(), String>(())
//! # }).unwrap();
//! ```

mod call;
mod company;
mod cursor;
mod desk;
mod draft;
mod endpoints;
mod field;
mod field_view;
mod fields;
mod fields_api;
mod filter_match;
mod filters;
mod plan;
mod query;
mod readback;
mod record;
mod record_view;
mod records;
mod records_api;
mod reply;
mod rules;
mod schema;
mod search_api;
mod search_index;
mod seeding;
mod time;
mod tokens;
mod users;
mod v1_api;
mod values;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;
use outflow_sandbox::{Controls, Gate, Sandbox, SandboxOptions, SandboxRecord, Usage};
use serde_json::{Value, json};

use self::call::Call;
use self::desk::Desk;
use self::endpoints::{Found, find};
pub use self::field::{Entity, FieldType};
pub use self::plan::Plan;
use self::reply::{Answer, Refused};
use self::rules::{Abuse, Rules};

/// The App it imitates.
const APP: &str = "pipedrive";

/// A Pipedrive company in this process.
pub struct PipedriveSandbox {
    controls: Controls,
    plan: Plan,
    seats: u32,
    desk: Arc<Desk>,
    gate: Gate,
}

impl PipedriveSandbox {
    /// A company on the largest plan, with ten seats: 2,100,000 tokens a day.
    #[must_use]
    pub fn new(options: SandboxOptions) -> Self {
        Self::on_plan(options, Plan::Ultimate, 10)
    }

    /// A company on a plan, with so many seats.
    #[must_use]
    pub fn on_plan(options: SandboxOptions, plan: Plan, seats: u32) -> Self {
        let controls = Controls::new(APP, &options);
        let desk = Arc::new(Desk::new(controls.clock.clone(), controls.seed()));
        let rules = Rules {
            desk: Arc::clone(&desk),
            controls: controls.clone(),
            plan,
            seats,
            abuse: Abuse::default(),
        };
        let gate = Gate::new(controls.clone(), Arc::new(rules));
        Self { controls, plan, seats, desk, gate }
    }

    /// The plan of the company.
    #[must_use]
    pub fn plan(&self) -> Plan {
        self.plan
    }

    /// How much of the limits is used.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.gate.usage()
    }

    /// Takes tokens from the daily budget, as another app of the company would.
    pub fn spend_tokens(&self, tokens: u64) {
        self.gate.spend(tokens);
    }

    /// Options for the App that reach this sandbox at `base_url` through OAuth. The real
    /// service has its OAuth server on a host of its own; here it is on the same.
    #[must_use]
    pub fn oauth_account(&self, base_url: &str) -> Value {
        let credentials = self.desk.credentials();
        json!({
            "client_id": credentials.client_id,
            "client_secret": credentials.client_secret,
            "refresh_token": credentials.refresh_token,
            "endpoint": base_url,
            "token_url": format!("{}/oauth/token", base_url.trim_end_matches('/')),
            "plan": self.plan.name(),
            "seats": self.seats,
        })
    }

    /// Makes all access tokens expire now.
    pub fn expire_access_tokens(&self) {
        self.desk.credentials().expire_access_tokens();
    }

    /// Makes the refresh token invalid, as when a user withdraws the app's access.
    pub fn revoke_refresh_token(&self) {
        self.desk.credentials().revoke_refresh_token();
    }
}

impl Sandbox for PipedriveSandbox {
    fn app(&self) -> &'static str {
        APP
    }

    fn controls(&self) -> &Controls {
        &self.controls
    }

    fn router(self: Arc<Self>) -> Router {
        let routes = Router::new().fallback(answer).with_state(Arc::clone(&self.desk));
        self.gate.around(routes)
    }

    fn account(&self, base_url: &str) -> Value {
        json!({
            "api_token": self.desk.credentials().api_token,
            "endpoint": base_url,
            "plan": self.plan.name(),
            "seats": self.seats,
        })
    }

    fn records(&self, connection: &str) -> Vec<SandboxRecord> {
        match connection {
            "pipedrive-persons-export" => self.read_back(Entity::Person),
            "pipedrive-organizations-export" => self.read_back(Entity::Organization),
            _ => Vec::new(),
        }
    }
}

/// All routes lead here: the gate needs the same table to know a call's cost.
async fn answer(State(desk): State<Arc<Desk>>, parts: Parts, body: Bytes) -> Response {
    match find(&parts.method, parts.uri.path()) {
        Found::Route(route, params) => {
            let call = Call::new(&parts, params, body);
            respond((route.handler)(&desk, &call))
        }
        Found::OtherMethod => {
            Refused::v1(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed.").into_response()
        }
        Found::Nothing => Refused::v1(StatusCode::NOT_FOUND, "Unknown method .").into_response(),
    }
}

fn respond(answer: Answer) -> Response {
    match answer {
        Ok(reply) => reply.into_response(),
        Err(refused) => refused.into_response(),
    }
}

outflow_sandbox::register!(APP, |options| Arc::new(PipedriveSandbox::new(options)));
