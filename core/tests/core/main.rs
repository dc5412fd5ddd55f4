//! Everything of outflow-core but the engine, through its public API: no network, no
//! wall clock.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod conversion;
