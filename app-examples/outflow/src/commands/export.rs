//! `outflow export`: sends the profiles of a file or pipe to a destination.

use std::fs::{self, File};
use std::future::{Future, poll_fn};
use std::io::{self, IsTerminal};
use std::path::Path;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

use outflow_core::{Cancel, Run};

use crate::command_line::ExportArgs;
use crate::exit::{Exit, Failure};
use crate::input::{self, Exports};
use crate::interrupt::{StopSignals, cancelling};
use crate::outcomes::Outcomes;
use crate::output::Output;
use crate::{account, report};

pub(crate) async fn run(args: &ExportArgs, output: &mut Output) -> Result<Exit, Failure> {
    let outflow = account::outflow()?;
    let (_account, destination) = account::destination(&outflow, &args.destination).await?;
    let source = input::open(&args.input)?;
    let file = args.outcomes.as_deref().map(|path| create_outcomes(path, &args.input)).transpose()?;

    if args.input == Path::new("-") && io::stdin().is_terminal() {
        output.say("reading exports from the terminal, one a line; Ctrl-D ends them");
    }

    let (stop, cancel) = (StopSignals::listen(), Cancel::new());
    tracing::info!(connection = destination.name(), mode = %args.sync_mode(), "the export begins");
    let outcomes = Mutex::new(Outcomes::new(file, cancel.clone()));
    let exports = Exports::read(source, |no_export| held(&outcomes).take_no_export(no_export));
    let run = Run { cancel: cancel.clone(), ..Run::of_mode(args.sync_mode()) };
    let export = destination.export(exports, run, |outcomed| held(&outcomes).take(&outcomed));
    // A run pauses when a batch is settled and the network is waited for: that is when its
    // outcomes are written, and the only place where a second Ctrl-C can end the process.
    let export = with_each_pause(export, || held(&outcomes).flush());
    let (report, interrupted) = cancelling(stop, &cancel, output, export).await;

    tracing::info!(outcomes = ?report.outcomes, calls = report.calls.total, "the export has ended");
    let mut outcomes = outcomes.into_inner().unwrap_or_else(PoisonError::into_inner);
    report::write(&report, &mut outcomes, output)?;
    outcomes.finish()?;
    if interrupted {
        return Ok(Exit::Interrupted);
    }
    Ok(report::exit(&report, &outcomes))
}

/// The engine hands over outcomes while it reads the input: both come to one place.
fn held(outcomes: &Mutex<Outcomes>) -> MutexGuard<'_, Outcomes> {
    outcomes.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Does `work`, and calls `pause` each time that it has to wait, and at its end.
async fn with_each_pause<T>(work: impl Future<Output = T>, mut pause: impl FnMut()) -> T {
    let mut work = pin!(work);
    poll_fn(|context| {
        let polled = work.as_mut().poll(context);
        pause();
        polled
    })
    .await
}

fn create_outcomes(path: &Path, input: &Path) -> Result<File, Failure> {
    let wrong = |why: String| Failure::Usage(format!("--outcomes {}: {why}", path.display()));
    if path == Path::new("-") {
        return Err(wrong("stdout is for the report; give a file".to_owned()));
    }
    if let (Ok(outcomes), Ok(input)) = (fs::canonicalize(path), fs::canonicalize(input))
        && outcomes == input
    {
        return Err(wrong("is the input, which it would overwrite".to_owned()));
    }
    File::create(path).map_err(|error| wrong(format!("cannot be written: {error}")))
}
