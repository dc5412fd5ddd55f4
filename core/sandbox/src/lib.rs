//! A kit for imitations of an API that behave like the real thing: stateful, with the
//! tool's limits enforced, with faults by script and a log of every call.
//!
//! A tool's sandbox brings its routes and its records; the [`Gate`] in front of them
//! brings rolling windows, calls in flight, the daily budget, latency, [`Faults`] and
//! the [`CallLog`]. It is reached through [`InProcess`], which needs no socket and runs
//! under a paused clock, or through [`serve`], which needs a real one.
//!
//! ```
//! use std::sync::Arc;
//! use axum::{Router, response::{IntoResponse, Response}, routing::get};
//! use outflow_sandbox::{Controls, Endpoint, Gate, Policy, Refusal, SandboxOptions};
//!
//! struct Rules;
//! impl Policy for Rules {
//!     fn endpoint(&self, _: &http::request::Parts, _: &[u8]) -> Endpoint {
//!         Endpoint::new("hello")
//!     }
//!     fn refuse(&self, _: &Refusal) -> Response {
//!         http::StatusCode::TOO_MANY_REQUESTS.into_response()
//!     }
//!     fn error(&self, _code: &str, message: &str) -> Response {
//!         (http::StatusCode::BAD_REQUEST, message.to_owned()).into_response()
//!     }
//! }
//!
//! let controls = Controls::new("hello", &SandboxOptions::default());
//! let gate = Gate::new(controls, Arc::new(Rules));
//! let router: Router = gate.around(Router::new().route("/hello", get(|| async { "hello" })));
//! # let _ = router;
//! ```

#![warn(missing_docs)]

mod answer;
mod call_log;
mod controls;
mod faults;
mod gate;
mod ids;
mod in_process;
mod lock;
mod meter;
mod policy;
mod registry;
mod sandbox;
mod server;

pub use call_log::{CallLog, Exchange, OperationCount};
pub use controls::Controls;
pub use faults::{Fault, FaultAction, Faults, FaultsError, Match};
pub use gate::Gate;
pub use ids::{Sequence, Tokens};
pub use in_process::InProcess;
pub use meter::{DailyUse, Usage, WindowUse};
pub use policy::{Daily, Endpoint, GateLimits, Policy, Refusal, Window, Windows};
pub use registry::SandboxType;
pub use sandbox::{Sandbox, SandboxOptions, SandboxRecord};
pub use server::{Served, serve};

#[doc(hidden)]
pub use inventory;
