//! App: how a plugin reaches one tool.

use std::future::Future;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::cache::Cache;
use crate::clock::Clock;
use crate::error::Result;
use crate::http::Http;
use crate::limits::Limits;

/// How to reach one tool. The implementing type *is* its options: with values in its
/// fields it is an account.
///
/// Doc comments on the fields become the options' descriptions, [`Secret`](crate::Secret)
/// fields are marked secret, and `#[serde(default)]` makes an option optional. Use
/// `#[serde(deny_unknown_fields)]`.
///
/// ```
/// use outflow_core::{AccountContext, App, Limits, Result, Secret, http::{Http, StaticHeader}};
/// use std::time::Duration;
///
/// #[derive(serde::Deserialize, schemars::JsonSchema)]
/// #[serde(deny_unknown_fields)]
/// pub struct Crm {
///     /// Where the tool is.
///     endpoint: String,
///     /// The API token, from Settings > API.
///     token: Secret,
/// }
///
/// impl App for Crm {
///     const NAME: &'static str = "crm";
///     const TITLE: &'static str = "Example CRM";
///     type Client = Http;
///
///     fn account(&self) -> String {
///         self.endpoint.clone()
///     }
///     fn limits(&self) -> Limits {
///         Limits::none().window(10, Duration::from_secs(1))
///     }
///     async fn connect(&self, context: AccountContext) -> Result<Http> {
///         let header = http::HeaderName::from_static("x-token");
///         Ok(context.http.with_auth(StaticHeader::new(header, self.token.clone())))
///     }
///     async fn test(client: &Http) -> Result<String> {
///         client.get("who_am_i", "https://crm.example/me").send().await?;
///         Ok("connected".to_owned())
///     }
/// }
/// ```
pub trait App: DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// The name in options, registries and reports: lower case, dashes.
    const NAME: &'static str;
    /// The tool's name as people write it.
    const TITLE: &'static str;
    /// What the connections make calls with. Cheap to share.
    type Client: Send + Sync + 'static;

    /// Which account of the tool this is, without secrets: accounts with the same answer
    /// share their limits and cache. A host name, usually.
    fn account(&self) -> String;

    /// The account's limits, with their source in the API's documentation.
    fn limits(&self) -> Limits;

    /// Builds the client. It checks options, but makes no call.
    ///
    /// # Errors
    /// `Configuration`, naming the option that is wrong.
    fn connect(&self, context: AccountContext) -> impl Future<Output = Result<Self::Client>> + Send;

    /// Makes the cheapest call that proves that the account works, and says whom it is
    /// connected as.
    ///
    /// # Errors
    /// What is wrong with the account, and what to do about it.
    fn test(client: &Self::Client) -> impl Future<Output = Result<String>> + Send;
}

/// What an account gives its app's client.
#[derive(Clone, Debug)]
pub struct AccountContext {
    /// The way to the tool, through the account's limits.
    pub http: Http,
    /// What the account remembers of the tool.
    pub cache: Cache,
    /// The account's clock.
    pub clock: Clock,
}
