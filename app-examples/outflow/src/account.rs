//! Accounts and destinations as the command line describes them.

use std::time::Duration;

use outflow_core::http::RetryPolicy;
use outflow_core::{Account, Destination, Outflow};

use crate::command_line::{CheckArgs, DestinationArgs};
use crate::exit::Failure;
use crate::option_values;

// Plugins register themselves when they are linked, and the linker drops what no code names.
use outflow_plugins as _;

/// Every plugin of this program.
pub(crate) fn outflow() -> Result<Outflow, Failure> {
    Outflow::new().map_err(|error| Failure::configuration(&error))
}

/// How often a question is asked again while a person waits for the answer.
pub(crate) fn for_a_person() -> RetryPolicy {
    RetryPolicy { attempts: 1, throttle_patience: Duration::from_secs(30), ..RetryPolicy::default() }
}

/// Opens the account that a check is about. It makes no call.
pub(crate) async fn open(outflow: &Outflow, args: &CheckArgs) -> Result<Account, Failure> {
    account(outflow, &args.app, &args.app_options).await
}

/// Opens a destination and its account. It makes no call.
pub(crate) async fn destination(
    outflow: &Outflow,
    args: &DestinationArgs,
) -> Result<(Account, Destination), Failure> {
    let configuration = |error| Failure::configuration(&error);
    let plugin = outflow.registry().connection(&args.connection).map_err(configuration)?;
    let options = option_values::read("option", &args.options)?;
    let account = account(outflow, plugin.app(), &args.app_options).await?;
    let destination = account.destination(&args.connection, &options).map_err(configuration)?;
    Ok((account, destination))
}

async fn account(outflow: &Outflow, app: &str, options: &[String]) -> Result<Account, Failure> {
    let options = option_values::read("app", options)?;
    outflow.account(app, &options).await.map_err(|error| Failure::configuration(&error))
}
