//! x
use crate::command_line::DemoArgs;
use crate::exit::{Exit, Failure};
use crate::output::Output;

pub(crate) async fn run(args: &DemoArgs, output: &mut Output) -> Result<Exit, Failure> {
    let _ = (args, output);
    Ok(Exit::Done)
}
