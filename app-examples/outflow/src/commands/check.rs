//! `outflow check`: tests an account.

use serde::Serialize;

use crate::account;
use crate::command_line::CheckArgs;
use crate::exit::{Exit, Failure};
use crate::output::Output;

#[derive(Serialize)]
struct Checked<'a> {
    app: &'a str,
    connected_as: &'a str,
    calls: u64,
    cost: u64,
    limits_left: outflow_core::LimitsLeft,
}

pub(crate) async fn run(args: &CheckArgs, output: &mut Output) -> Result<Exit, Failure> {
    let outflow = account::outflow()?.with_retry(account::for_a_person());
    let account = account::open(&outflow, args).await?;
    let connected_as = account.test().await.map_err(|error| Failure::refused(&error))?;
    if output.is_json() {
        let calls = account.calls();
        output.json(&Checked {
            app: &args.app,
            connected_as: &connected_as,
            calls: calls.total,
            cost: calls.cost,
            limits_left: account.limits_left(),
        })?;
    } else {
        writeln!(output.results(), "{connected_as}")?;
    }
    Ok(Exit::Done)
}
