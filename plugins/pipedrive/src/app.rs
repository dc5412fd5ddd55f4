//! The App: how a Pipedrive company is reached, and what it allows.

use std::time::Duration;

use http::HeaderName;
use jiff::tz::TimeZone;
use outflow_core::http::StaticHeader;
use outflow_core::{AccountContext, App, Endpoint, Error, Limits, Result, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::client::{PipedriveClient, SEARCHES};
use crate::errors::PipedriveApi;
use crate::oauth::OAuth;

/// A Pipedrive company, reached with an API token or through OAuth.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pipedrive {
    /// The company's address: `https://acme.pipedrive.com`. Plain http is taken for
    /// localhost alone.
    endpoint: String,
    /// A user's API token, from Personal preferences > API. Either this, or the three
    /// OAuth options.
    #[serde(default)]
    api_token: Option<Secret>,
    /// The OAuth app's client id.
    #[serde(default)]
    client_id: Option<String>,
    /// The OAuth app's client secret.
    #[serde(default)]
    client_secret: Option<Secret>,
    /// The refresh token that the company gave the OAuth app.
    #[serde(default)]
    refresh_token: Option<Secret>,
    /// Where OAuth tokens are refreshed.
    #[serde(default = "default_token_url")]
    token_url: String,
    /// The company's plan, which decides how fast and how much may be called. The
    /// smallest is safe for every company.
    #[serde(default)]
    plan: Plan,
    /// How many seats the company pays for: its daily budget grows with them.
    #[serde(default = "default_seats")]
    seats: u32,
}

/// A plan of Pipedrive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Plan {
    /// Lite: 20 requests in 2 s with an API token, 80 with OAuth; 30,000 tokens a day
    /// and seat.
    #[default]
    Lite,
    /// Growth: 40, 160; 60,000.
    Growth,
    /// Premium: 100, 400; 150,000.
    Premium,
    /// Ultimate: 120, 480; 210,000.
    Ultimate,
}

impl Plan {
    /// Requests in any two seconds (rate limiting, "Burst limits").
    fn burst(self, oauth: bool) -> usize {
        let (with_token, with_oauth) = match self {
            Self::Lite => (20, 80),
            Self::Growth => (40, 160),
            Self::Premium => (100, 400),
            Self::Ultimate => (120, 480),
        };
        if oauth { with_oauth } else { with_token }
    }

    /// Times the base budget of 30,000 tokens a day and seat.
    fn multiplier(self) -> u64 {
        match self {
            Self::Lite => 1,
            Self::Growth => 2,
            Self::Premium => 5,
            Self::Ultimate => 7,
        }
    }
}

/// Tokens a day that a seat has on the smallest plan.
const BASE_BUDGET: u64 = 30_000;

/// The burst limits' window.
const BURST_WINDOW: Duration = Duration::from_secs(2);

/// Searches in a burst window, whatever the plan; they have a window of their own.
pub(crate) const SEARCH_BURST: usize = 10;

fn default_token_url() -> String {
    "https://oauth.pipedrive.com/oauth/token".to_owned()
}

fn default_seats() -> u32 {
    1
}

/// One of the two ways to authorise calls.
#[derive(Debug, PartialEq, Eq)]
enum Way {
    ApiToken,
    OAuth,
}

impl Pipedrive {
    /// Which way the options choose: exactly one, and that one whole.
    fn way(&self) -> Result<Way> {
        let is_given = |secret: &Option<Secret>| secret.as_ref().is_some_and(|secret| !secret.is_empty());
        let client_id = self.client_id.as_ref().is_some_and(|id| !id.is_empty());
        let oauth = [
            ("client_id", client_id),
            ("client_secret", is_given(&self.client_secret)),
            ("refresh_token", is_given(&self.refresh_token)),
        ];
        let missing: Vec<&str> = oauth.iter().filter(|(_, given)| !given).map(|(name, _)| *name).collect();
        match (is_given(&self.api_token), missing.as_slice()) {
            (true, [_, _, _]) => Ok(Way::ApiToken),
            (true, _) => Err(credentials(
                "api_token",
                "both ways to authorise calls are given; leave out \"api_token\", or all of \"client_id\", \
                 \"client_secret\" and \"refresh_token\"",
            )),
            (false, []) => Ok(Way::OAuth),
            (false, [_, _, _]) => Err(credentials(
                "api_token",
                "no credentials are given; give \"api_token\", or \"client_id\", \"client_secret\" and \
                 \"refresh_token\" of an OAuth app",
            )),
            (false, missing) => Err(credentials(
                missing[0],
                &format!("OAuth also needs the option {:?}", missing.join("\" and \"")),
            )),
        }
    }

    fn endpoint(&self) -> Result<Endpoint> {
        let endpoint = Endpoint::parse("endpoint", &self.endpoint)?;
        // What a person copies from the documentation's examples.
        Ok(endpoint.without_suffix("/v1").without_suffix("/v2").without_suffix("/api"))
    }

    fn oauth(&self) -> Result<OAuth> {
        Ok(OAuth::new(
            self.client_id.clone().unwrap_or_default(),
            self.client_secret.clone().unwrap_or(Secret::new("")),
            self.refresh_token.clone().unwrap_or(Secret::new("")),
            Endpoint::parse("token_url", &self.token_url)?,
            self.endpoint()?,
        ))
    }
}

fn credentials(option: &str, message: &str) -> Error {
    Error::configuration(message).with_code("invalid_credentials").with_field(option)
}

impl App for Pipedrive {
    const NAME: &'static str = "pipedrive";
    const TITLE: &'static str = "Pipedrive";
    type Client = PipedriveClient;

    fn account(&self) -> String {
        // `connect` is where a wrong address is reported.
        let endpoint = self.endpoint();
        endpoint.map_or_else(|_| self.endpoint.clone(), |endpoint| endpoint.host().to_owned())
    }

    /// <https://pipedrive.readme.io/docs/core-api-concepts-rate-limiting>
    fn limits(&self) -> Limits {
        let burst = self.plan.burst(self.way().is_ok_and(|way| way == Way::OAuth));
        let budget = BASE_BUDGET * self.plan.multiplier() * u64::from(self.seats);
        Limits::none()
            .window(burst, BURST_WINDOW)
            .lane_window(SEARCHES, SEARCH_BURST, BURST_WINDOW)
            // Enough to fill the burst limit while an answer takes up to a second, and the
            // searches beside it, which wait for a window of their own.
            .in_flight(burst / 2 + SEARCH_BURST)
            .daily(budget, TimeZone::UTC)
    }

    async fn connect(&self, context: AccountContext) -> Result<PipedriveClient> {
        let endpoint = self.endpoint()?;
        if self.seats == 0 {
            return Err(Error::configuration("the option \"seats\" is 0; a company has at least one")
                .with_code("invalid_option")
                .with_field("seats"));
        }
        let api = PipedriveApi::new(context.clock.clone());
        match self.way()? {
            Way::ApiToken => {
                let token = self.api_token.clone().unwrap_or(Secret::new(""));
                let header = StaticHeader::new(HeaderName::from_static("x-api-token"), token);
                PipedriveClient::with_token(&context, api, header, &endpoint).await
            }
            Way::OAuth => PipedriveClient::with_oauth(&context, api, self.oauth()?).await,
        }
    }

    async fn test(client: &PipedriveClient) -> Result<String> {
        let me = client.me().await?;
        let name = me.name.as_deref().unwrap_or("a user without a name");
        let email = me.email.map(|email| format!(" <{email}>")).unwrap_or_default();
        let company = me.company_name.or(me.company_domain);
        let company = company.map(|company| format!(" of {company}")).unwrap_or_default();
        Ok(format!("connected as {name}{email}{company}"))
    }
}
