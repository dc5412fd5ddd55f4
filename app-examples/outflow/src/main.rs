//! The `outflow` command line: exports customer profiles from a terminal. A host on
//! Outflow's public API only.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at what it did not expect"))]

mod account;
mod command_line;
mod commands;
mod exit;
mod input;
mod interrupt;
mod logging;
mod option_values;
mod outcomes;
mod output;
mod report;
mod table;
mod whole_lines;

use std::process::ExitCode;

use command_line::{Command, CommandLine};
use exit::{Exit, Failure};
use output::Output;

fn main() -> ExitCode {
    let CommandLine { command, output, log } = CommandLine::read();
    if let Some(level) = log {
        logging::start(level);
    }
    let mut output = Output::standard(output);
    let exit = match run(command, &mut output).and_then(|exit| Ok(output.flush().map(|()| exit)?)) {
        Ok(exit) => exit,
        Err(failure) => {
            if !failure.is_broken_pipe() {
                output.say(format_args!("error: {failure}"));
            }
            failure.exit()
        }
    };
    exit.into()
}

/// One thread does it all: exports wait for the network, and a second thread would cost
/// more CPU than it saves.
fn run(command: Command, output: &mut Output) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let exit = runtime.block_on(commands::run(command, output));
    // A thread that waits for stdin cannot be waited for.
    runtime.shutdown_background();
    exit
}
