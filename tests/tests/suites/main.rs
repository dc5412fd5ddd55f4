//! Suites that cross Outflow's crates.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at what it did not expect"
)]

mod compliance;
mod lessons;
mod model;
mod pipedrive;
mod readme;
mod specifications;
mod world;
