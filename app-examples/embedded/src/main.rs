//! A host in a page: it exports a list of profiles and matches on what became of each.
//!
//! It talks to Marketo's sandbox, in this process, so that it runs with nothing to set up.
//! Leave out the two lines of the sandbox, give your account's options, and it is real.

#![allow(clippy::print_stdout, reason = "a program for the terminal")]

use outflow_core::{Export, Outcome, Outflow, Result, Run, SyncMode};
use outflow_plugins::marketo;
use outflow_sandbox::{InProcess, SandboxOptions};
use serde_json::json;

const MARKETO: &str = "https://123-abc-456.mktorest.com";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let sandbox = (marketo::sandbox::SANDBOX.start)(SandboxOptions::default());
    let outflow = Outflow::new()?.with_transport(InProcess::new().with(MARKETO, sandbox.clone()));

    let account = outflow.account("marketo", &sandbox.account(MARKETO)).await?;
    let leads = account.destination("marketo-leads-export", &json!({ "list_folder": "Group Lists" }))?;

    let profiles = vec![
        Export::new("1").property("email", "ada@example.com").property("firstName", "Ada").group("VIP"),
        Export::new("2").property("email", "bob@example.com").property("leadScore", "not a number"),
        Export::new("3").property("email", "eve@example.com").delete(),
    ];
    let (report, outcomes) = leads.export_all(profiles, Run::of_mode(SyncMode::SYNC)).await;

    for outcomed in &outcomes {
        let profile = &outcomed.profile_id;
        match &outcomed.outcome {
            Outcome::Created(id) => println!("{profile}: created as {id}; remember the id"),
            Outcome::Updated(id) => println!("{profile}: updated {id}"),
            Outcome::Deleted | Outcome::Unchanged => println!("{profile}: done"),
            Outcome::Skipped(reason) => println!("{profile}: skipped, {}", reason.message()),
            Outcome::Rejected(problem) => println!("{profile}: rejected, {}", problem.message),
            Outcome::Retry { cause, .. } => println!("{profile}: try again later, {}", cause.message),
            Outcome::Unknown(cause) => println!("{profile}: look before creating, {}", cause.message),
        }
    }
    println!("{} calls", report.calls.total);
    Ok(())
}
