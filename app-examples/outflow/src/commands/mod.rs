//! One file for each command.

mod check;
mod demo;
mod export;
mod fields;
mod plugins;
mod sandbox;

use crate::command_line::Command;
use crate::exit::{Exit, Failure};
use crate::output::Output;

pub(crate) async fn run(command: Command, output: &mut Output) -> Result<Exit, Failure> {
    match command {
        Command::Demo(args) => demo::run(&args, output).await,
        Command::Export(args) => export::run(&args, output).await,
        Command::Plugins => plugins::run(output),
        Command::Check(args) => check::run(&args, output).await,
        Command::Fields(args) => fields::run(&args, output).await,
        Command::Sandbox(args) => sandbox::run(&args, output).await,
    }
}
