//! The kit, held to what it promises, by way of a small sandbox of its own.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at what it did not expect")]

mod call_log;
mod faults;
mod limits;
mod notes;
mod registry;
mod script;
mod sockets;
