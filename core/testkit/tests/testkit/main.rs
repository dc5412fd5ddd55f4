//! Integration tests of the test kit.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may stop at what it did not expect, and a child process tells its parent what it did"
)]

mod bad_input;
mod cassette;
mod environment;
mod file;
mod foreign;
mod marketo;
mod matching;
mod recordings;
mod redaction;
mod wire;
