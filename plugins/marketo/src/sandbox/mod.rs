//! An imitation of Marketo's REST API, in this process and stateful.
//!
//! It keeps leads, static lists and members; checks tokens, values and limits; and words
//! its answers as the real one does, as far as that is recorded or documented. Where
//! neither tells, the code is a documented one and the wording ours.

mod assets;
mod describe;
mod find;
mod identity;
mod input;
mod instance;
mod leads;
mod lists;
mod members;
mod paging;
mod record;
mod reply;
mod request;
mod routes;
mod schema;
mod seed;
mod standard_fields;
mod state;
mod sync;
mod values;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use outflow_sandbox::{Controls, Gate, Sandbox, SandboxOptions, SandboxRecord};
use serde_json::{Value, json};

use instance::Instance;
use leads::LeadId;
pub use schema::DataType;

/// The App it imitates.
const APP: &str = "marketo";

/// The connection whose records it can show.
const LEADS_EXPORT: &str = "marketo-leads-export";

outflow_sandbox::register!(APP, MarketoSandbox::start);

/// Credentials and limits of the imitated instance.
#[derive(Clone, Debug)]
pub struct MarketoAccount {
    /// The client id that is accepted.
    pub client_id: String,
    /// The client secret that is accepted.
    pub client_secret: String,
    /// The API-only user that a token speaks for.
    pub user: String,
    /// How many calls may be made in 20 seconds.
    pub rate_limit: usize,
    /// How many calls may be made in a day.
    pub daily_quota: u64,
}

/// The documented limits of a new instance.
impl Default for MarketoAccount {
    fn default() -> Self {
        Self {
            client_id: "sandbox-client-id".to_owned(),
            client_secret: "sandbox-client-secret".to_owned(),
            user: "api-user@sandbox.example".to_owned(),
            rate_limit: 100,
            daily_quota: 50_000,
        }
    }
}

/// A Marketo instance in this process.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// use outflow_marketo::sandbox::MarketoSandbox;
/// use outflow_sandbox::{InProcess, Sandbox, SandboxOptions};
///
/// let marketo = MarketoSandbox::new(&SandboxOptions::default());
/// let transport = InProcess::new().with("https://123-abc-456.mktorest.com", marketo.clone());
/// let account = marketo.account("https://123-abc-456.mktorest.com");
/// assert_eq!(marketo.records("marketo-leads-export"), []);
/// # let _ = (transport, account);
/// # });
/// ```
pub struct MarketoSandbox {
    controls: Controls,
    instance: Arc<Instance>,
    gate: Gate,
}

impl MarketoSandbox {
    /// A new, empty instance with the documented limits.
    #[must_use]
    pub fn new(options: &SandboxOptions) -> Arc<Self> {
        Self::with_account(options, MarketoAccount::default())
    }

    /// A new, empty instance with credentials and limits of one's own.
    #[must_use]
    pub fn with_account(options: &SandboxOptions, account: MarketoAccount) -> Arc<Self> {
        let controls = Controls::new(APP, options);
        let instance = Arc::new(Instance::new(account, options.clock.clone(), options.seed));
        let gate = Gate::new(controls.clone(), instance.clone());
        Arc::new(Self { controls, instance, gate })
    }

    fn start(options: SandboxOptions) -> Arc<dyn Sandbox> {
        Self::new(&options)
    }

    /// The gate, which knows how much of the limits is used.
    #[must_use]
    pub fn gate(&self) -> &Gate {
        &self.gate
    }
}

impl Sandbox for MarketoSandbox {
    fn app(&self) -> &'static str {
        APP
    }

    fn controls(&self) -> &Controls {
        &self.controls
    }

    fn router(self: Arc<Self>) -> Router {
        let gate = self.gate.clone();
        gate.around(Router::new().fallback(answer).with_state(self))
    }

    fn account(&self, base_url: &str) -> Value {
        let account = self.instance.account();
        json!({
            "endpoint": base_url,
            "client_id": account.client_id,
            "client_secret": account.client_secret,
        })
    }

    fn records(&self, connection: &str) -> Vec<SandboxRecord> {
        if connection != LEADS_EXPORT {
            return Vec::new();
        }
        let state = self.instance.state();
        let mut groups = groups_by_lead(&state);
        let fields = |lead: &record::Lead| -> BTreeMap<String, Value> {
            lead.values()
                .filter_map(|(index, json)| {
                    let name = state.schema.field(index)?.name.to_string();
                    Some((name, serde_json::from_slice(json).ok()?))
                })
                .collect()
        };
        state
            .leads
            .iter()
            .map(|(id, lead)| SandboxRecord {
                id: id.to_string(),
                fields: fields(lead),
                groups: groups.remove(&id).unwrap_or_default(),
            })
            .collect()
    }
}

fn groups_by_lead(state: &state::State) -> HashMap<LeadId, BTreeSet<String>> {
    let mut groups: HashMap<LeadId, BTreeSet<String>> = HashMap::new();
    for (_, list) in state.lists.iter() {
        for lead in &list.members {
            groups.entry(*lead).or_default().insert(list.name.clone());
        }
    }
    groups
}

async fn answer(State(sandbox): State<Arc<MarketoSandbox>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    // The gate has read the body already; it is whole.
    match to_bytes(body, usize::MAX).await {
        Ok(body) => sandbox.instance.answer(&sandbox.gate, &parts, body),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}
