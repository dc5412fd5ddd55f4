//! Everything of outflow-core but the engine, through its public API: no network, no
//! wall clock.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cache;
mod call_stack;
mod cancel;
mod clock;
mod conversion;
mod crm;
mod engine;
mod export;
mod identity;
mod limits;
mod options;
mod outcome;
mod registry;
mod schema;
mod scripted;
mod secret;
mod sync_mode;
mod value;
