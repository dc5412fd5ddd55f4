//! The Pipedrive plugin, through the registry and against its sandbox: requests, outcomes
//! and what the sandbox then holds.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at what it did not expect"
)]

mod account;
mod contacts;
mod counts;
mod error_table;
mod faults;
mod filters;
mod groups;
mod limits;
mod lookups;
mod model;
mod organizations;
mod rig;
mod values;
