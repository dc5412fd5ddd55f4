//! A Marketo of its own for each scenario.

use std::time::Duration;

use outflow_core::{Export, Outcomed, Run, SyncMode};
use outflow_marketo::sandbox::{MarketoAccount, MarketoSandbox};
use outflow_sandbox::Sandbox;
use serde_json::{Value as Json, json};

use crate::compliance::host::{Host, noon, told};

pub(crate) const CONNECTION: &str = "marketo-leads-export";
pub(crate) const URL: &str = "https://123-abc-456.mktorest.com";

pub(crate) type Marketo = Host<MarketoSandbox>;

/// With the documented limits, answering at once.
pub(crate) async fn marketo() -> Marketo {
    with_latency(Duration::ZERO).await
}

pub(crate) async fn with_latency(latency: Duration) -> Marketo {
    let sandbox = MarketoSandbox::with_account(&noon(latency), MarketoAccount::default());
    let options = sandbox.account(URL);
    Host::of(sandbox, URL, &options).await
}

impl Marketo {
    /// Another program with the same credentials.
    pub(crate) async fn another(&self) -> Self {
        self.beside(&self.tool.account(URL)).await
    }

    /// Exports in the mode `sync`; what became of each.
    pub(crate) async fn sync(&self, exports: Vec<Export>) -> Vec<String> {
        told(&self.sync_all(exports).await)
    }

    pub(crate) async fn sync_all(&self, exports: Vec<Export>) -> Vec<Outcomed> {
        let destination = self.destination(CONNECTION, &json!({}));
        self.export(&destination, Run::default(), exports).await.1
    }

    pub(crate) async fn with_options(&self, options: Json, exports: Vec<Export>) -> Vec<String> {
        let destination = self.destination(CONNECTION, &options);
        told(&self.export(&destination, Run::default(), exports).await.1)
    }

    pub(crate) async fn in_mode(&self, mode: SyncMode, exports: Vec<Export>) -> Vec<String> {
        let destination = self.destination(CONNECTION, &json!({}));
        told(&self.export(&destination, Run::of_mode(mode), exports).await.1)
    }

    /// Puts leads there, behind the plugin's back.
    pub(crate) fn seed(&self, leads: impl IntoIterator<Item = Json>) -> Vec<u64> {
        let leads = leads.into_iter().map(|lead| lead.as_object().unwrap().clone());
        self.tool.seed_leads(leads).unwrap()
    }

    /// Puts leads there that have the emails of these numbers.
    pub(crate) fn seed_people(&self, numbers: impl IntoIterator<Item = usize>) -> Vec<u64> {
        self.seed(numbers.into_iter().map(|n| json!({ "email": email(n) })))
    }
}

/// A profile with the n-th email.
pub(crate) fn person(n: usize) -> Export {
    Export::new(n.to_string()).property("email", email(n)).property("firstName", format!("Name {n}"))
}

/// The n-th profile, to be deleted.
pub(crate) fn gone(n: usize) -> Export {
    Export::new(n.to_string()).old_property("email", email(n)).delete()
}

pub(crate) fn email(n: usize) -> String {
    format!("person-{n}@example.com")
}
