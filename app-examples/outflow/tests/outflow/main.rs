//! The `outflow` binary, run as its users run it, against sandboxes in a process of
//! their own.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at what it did not expect")]

mod accounts;
mod bad_input;
mod bad_options;
mod bounds;
mod demo;
mod export;
mod help;
mod interrupt;
mod modes;
mod plugins;
mod program;
mod sandbox;
mod served;
