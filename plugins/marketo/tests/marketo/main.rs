//! Integration tests of the Marketo plugin.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at what it did not expect")]

mod plugin;
mod sandbox;
mod shared;
