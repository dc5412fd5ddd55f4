//! The App: how a Marketo instance is reached, as whom, and within which limits.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::SignedDuration;
use outflow_core::http::{Authorize, Http, Token};
use outflow_core::{AccountContext, App, Cache, Clock, Endpoint, Error, Limits, Result, Secret};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::api::{Answer, TokenAnswer, Usage};
use crate::errors::{MarketoApi, us_central};

/// The operation's name of a call for a token, by which the error table knows it.
pub(crate) const GET_TOKEN: &str = "get_token";

/// One Marketo instance, reached as one API-only user.
///
/// Everything asked for here stands in Marketo under Admin > Web Services > REST API and
/// Admin > LaunchPoint.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Marketo {
    /// The REST API's endpoint, from Admin > Web Services:
    /// `https://123-ABC-456.mktorest.com/rest` (with or without `/rest`).
    endpoint: String,
    /// The identity service, when it is not `/identity` on the endpoint's host.
    #[serde(default)]
    identity: Option<String>,
    /// The client id of the service in Admin > LaunchPoint (View Details).
    client_id: String,
    /// The client secret of the same service.
    client_secret: Secret,
    /// Calls the instance may make in a day, all integrations together: 50,000, unless
    /// more were bought (Admin > Web Services).
    #[serde(default = "calls_a_day")]
    daily_calls: u64,
}

/// What every instance has [doc].
fn calls_a_day() -> u64 {
    50_000
}

impl Marketo {
    /// The address without the `/rest` that the Marketo UI shows with it: lead, asset and
    /// bulk paths differ from there on, and a double slash is an error (610).
    fn address(&self) -> Result<Endpoint> {
        Ok(Endpoint::parse("endpoint", &self.endpoint)?.without_suffix("/rest"))
    }

    fn identity(&self, address: &Endpoint) -> Result<String> {
        let Some(identity) = self.identity.as_deref().filter(|text| !text.trim().is_empty()) else {
            return Ok(address.join("/identity/oauth/token"));
        };
        let identity = Endpoint::parse("identity", identity)?.without_suffix("/oauth/token");
        Ok(identity.join("/oauth/token"))
    }

    fn check_credentials(&self) -> Result<()> {
        let empty = [
            ("client_id", self.client_id.trim().is_empty()),
            ("client_secret", self.client_secret.is_empty()),
        ];
        match empty.iter().find(|(_, is_empty)| *is_empty) {
            Some((option, _)) => Err(Error::configuration(format!(
                "the option {option:?} is empty; copy it from Admin > LaunchPoint > the service > View Details"
            ))
            .with_code("invalid_option")
            .with_field(*option)),
            None => Ok(()),
        }
    }
}

impl App for Marketo {
    const NAME: &'static str = "marketo";
    const TITLE: &'static str = "Marketo Engage";
    type Client = MarketoClient;

    /// Its address: each instance has a host of its own, or at least, behind a proxy, a path.
    fn account(&self) -> String {
        let address = self.address().ok();
        let account = address.as_ref().and_then(|address| address.as_str().split_once("://"));
        // Whatever is wrong with the address, `connect` says.
        account.map_or_else(|| self.endpoint.clone(), |(_, account)| account.to_owned())
    }

    /// "API Limits" in Marketo's REST documentation; all integrations of an instance
    /// share them.
    fn limits(&self) -> Limits {
        Limits::none()
            .window(100, Duration::from_secs(20))
            .in_flight(10)
            .daily(self.daily_calls, us_central())
    }

    async fn connect(&self, context: AccountContext) -> Result<MarketoClient> {
        let address = self.address()?;
        self.check_credentials()?;
        let user = User::default();
        let credentials = ClientCredentials {
            url: self.identity(&address)?,
            client_id: self.client_id.trim().to_owned(),
            client_secret: self.client_secret.clone(),
            user: user.clone(),
        };
        Ok(MarketoClient {
            http: context.http.with_api(MarketoApi).with_auth(credentials),
            address,
            cache: context.cache,
            clock: context.clock,
            daily_calls: self.daily_calls,
            user,
        })
    }

    async fn test(client: &MarketoClient) -> Result<String> {
        // Needs no permission, and says how much of the shared day is used up.
        let url = client.url("/rest/v1/stats/usage.json");
        let usage: Answer<Usage> = client.http.get("get_usage", &url).receive().await?;
        let used: u64 = usage.result.iter().map(|day| day.total).sum();
        let left = client.daily_calls.saturating_sub(used);
        client.http.limiter().correct_daily(left);
        Ok(format!(
            "connected to {} as {}; {left} of {} API calls are left today",
            client.address.host(),
            client.user.name(),
            client.daily_calls,
        ))
    }
}

/// The way to one Marketo instance.
#[derive(Debug)]
pub struct MarketoClient {
    pub(crate) http: Http,
    pub(crate) cache: Cache,
    pub(crate) clock: Clock,
    address: Endpoint,
    daily_calls: u64,
    user: User,
}

impl MarketoClient {
    /// The URL of a path of the API.
    pub(crate) fn url(&self, path: &str) -> String {
        self.address.join(path)
    }
}

/// The API-only user the calls are made as: only the answer to a token call says.
#[derive(Clone, Debug, Default)]
struct User(Arc<Mutex<Option<String>>>);

impl User {
    fn set(&self, name: Option<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = name;
    }

    fn name(&self) -> String {
        let name = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        name.clone().unwrap_or_else(|| "an unnamed API user".to_owned())
    }
}

/// OAuth 2 client credentials.
struct ClientCredentials {
    url: String,
    client_id: String,
    client_secret: Secret,
    user: User,
}

#[async_trait]
impl Authorize for ClientCredentials {
    async fn token(&self, http: &Http) -> Result<Token> {
        // The documentation shows a GET with the secret in its URL, which every proxy on
        // the way logs; the service takes the same pairs as a form.
        let answer: TokenAnswer = http
            .post(GET_TOKEN, &self.url)
            .form([
                ("grant_type", "client_credentials"),
                ("client_id", &self.client_id),
                ("client_secret", self.client_secret.expose()),
            ])
            .idempotent(true)
            .sensitive()
            .unauthorized()
            .uncounted()
            .receive()
            .await?;
        self.user.set(answer.scope);
        // Asking again before it expires gives the same token with what is left of its
        // hour [rec], so the answer alone says when that is.
        let life = SignedDuration::from_secs(i64::try_from(answer.expires_in).unwrap_or(i64::MAX));
        Ok(Token {
            value: Secret::new(answer.access_token),
            expires_at: http.clock().now().saturating_add(life).ok(),
        })
    }
}
