//! A Pipedrive company of its own for each scenario.

use std::sync::Arc;
use std::time::Duration;

use outflow_core::{Export, Outcomed, Run};
use outflow_pipedrive::sandbox::{PipedriveSandbox, Plan};
use outflow_sandbox::Sandbox;
use serde_json::{Value as Json, json};

use crate::compliance::host::{Host, noon, told};

pub(crate) const PERSONS: &str = "pipedrive-persons-export";
pub(crate) const ORGANIZATIONS: &str = "pipedrive-organizations-export";
pub(crate) const URL: &str = "https://acme.pipedrive.com";

pub(crate) type Pipedrive = Host<PipedriveSandbox>;

/// A large company, reached with an API token.
pub(crate) async fn pipedrive() -> Pipedrive {
    on_plan(Plan::Ultimate, 10).await
}

/// A company that is so large that single keys are searched for.
pub(crate) async fn large() -> Pipedrive {
    let host = pipedrive().await;
    host.tool.add_many_persons(3_000);
    host
}

pub(crate) async fn on_plan(plan: Plan, seats: u32) -> Pipedrive {
    let sandbox = PipedriveSandbox::on_plan(noon(Duration::from_millis(50)), plan, seats);
    let mut options = sandbox.account(URL);
    options["seats"] = json!(seats);
    Host::of(Arc::new(sandbox), URL, &options).await
}

/// The same, reached through OAuth.
pub(crate) async fn through_oauth() -> Pipedrive {
    let sandbox = PipedriveSandbox::on_plan(noon(Duration::from_millis(50)), Plan::Ultimate, 10);
    let options = sandbox.oauth_account(URL);
    Host::of(Arc::new(sandbox), URL, &options).await
}

impl Pipedrive {
    /// Another program with the same token, which remembers nothing.
    pub(crate) async fn another(&self) -> Self {
        self.beside(&self.tool.account(URL)).await
    }

    pub(crate) async fn persons(&self, exports: Vec<Export>) -> Vec<String> {
        told(&self.all(PERSONS, exports).await)
    }

    pub(crate) async fn organizations(&self, exports: Vec<Export>) -> Vec<String> {
        told(&self.all(ORGANIZATIONS, exports).await)
    }

    pub(crate) async fn all(&self, connection: &str, exports: Vec<Export>) -> Vec<Outcomed> {
        self.with_options(connection, json!({}), exports).await
    }

    pub(crate) async fn with_options(
        &self,
        connection: &str,
        options: Json,
        exports: Vec<Export>,
    ) -> Vec<Outcomed> {
        let destination = self.destination(connection, &options);
        self.export(&destination, Run::default(), exports).await.1
    }

    /// Adds a person with a name and emails.
    pub(crate) fn add_person(&self, name: &str, emails: &[&str]) -> u64 {
        let emails: Vec<Json> = emails.iter().map(|email| json!({ "value": email })).collect();
        self.tool.add_person(&json!({ "name": name, "emails": emails })).unwrap()
    }
}

/// A profile with this name and email.
pub(crate) fn profile(name: &str, email: &str) -> Export {
    Export::new(name).property("Name", name).property("Email", email)
}

/// The person of this number.
pub(crate) fn person(number: u64) -> Export {
    Export::new(format!("p{number}"))
        .property("Name", format!("Person {number}"))
        .property("Email", email(number))
}

pub(crate) fn email(number: u64) -> String {
    format!("person-{number}@example.com")
}

pub(crate) fn organization(number: u64) -> Export {
    Export::new(format!("o{number}")).property("Name", format!("Organization {number}"))
}
