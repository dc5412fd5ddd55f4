//! Access tokens through OAuth 2, and the address of the API that comes with them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, header};
use jiff::SignedDuration;
use outflow_core::http::{Authorize, Http, Token};
use outflow_core::{Endpoint, Error, ErrorKind, Result, Secret};
use tokio::sync::Mutex;
use url::Url;

use crate::api::TokenAnswer;

/// The refresh of one company's access token. Cloning shares it.
#[derive(Clone)]
pub(crate) struct OAuth(Arc<Inner>);

struct Inner {
    client_id: String,
    client_secret: Secret,
    token_url: Endpoint,
    endpoint: Endpoint,
    held: Mutex<Held>,
}

struct Held {
    refresh_token: Secret,
    /// Where the API is, once an answer said so.
    base: Option<Endpoint>,
    /// A token that came with the address and was not used yet.
    unused: Option<Token>,
}

/// How long an access token lives when the answer does not say.
const DEFAULT_LIFE: u64 = 3_600;

/// Answers come within a second.
const TIMEOUT: Duration = Duration::from_secs(30);

impl OAuth {
    pub(crate) fn new(
        client_id: String,
        client_secret: Secret,
        refresh_token: Secret,
        token_url: Endpoint,
        endpoint: Endpoint,
    ) -> Self {
        let held = Held { refresh_token, base: None, unused: None };
        Self(Arc::new(Inner { client_id, client_secret, token_url, endpoint, held: Mutex::new(held) }))
    }

    /// Where the company's API is: only an answer with a token says so. That token is kept
    /// for the call that is about to be made.
    pub(crate) async fn base(&self, http: &Http) -> Result<Endpoint> {
        let mut held = self.0.held.lock().await;
        if let Some(base) = &held.base {
            return Ok(base.clone());
        }
        let token = self.refresh(http, &mut held).await?;
        held.unused = Some(token);
        Ok(held.base.clone().unwrap_or_else(|| self.0.endpoint.clone()))
    }

    async fn refresh(&self, http: &Http, held: &mut Held) -> Result<Token> {
        let answer = self.ask(http, &held.refresh_token).await?;
        // Pipedrive gives the same one again; should that change, the old one is dead.
        if let Some(next) = answer.refresh_token.filter(|next| !next.is_empty()) {
            held.refresh_token = next;
        }
        held.base = Some(self.base_of(answer.api_domain.as_deref())?);
        let life = i64::try_from(answer.expires_in.unwrap_or(DEFAULT_LIFE)).unwrap_or(i64::MAX);
        let expires_at = http.clock().now().checked_add(SignedDuration::from_secs(life));
        Ok(Token { value: answer.access_token, expires_at: expires_at.ok() })
    }

    async fn ask(&self, http: &Http, refresh_token: &Secret) -> Result<TokenAnswer> {
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.expose())];
        let call = http
            .post("refresh_token", self.0.token_url.as_str())
            .header(header::AUTHORIZATION, self.basic()?)
            .form(form)
            .idempotent(true)
            .sensitive()
            .uncounted()
            .unauthorized()
            .timeout(TIMEOUT);
        call.receive().await.map_err(|error| match error.kind() {
            ErrorKind::Rejected | ErrorKind::Gone => Error::configuration(format!(
                "{}. Check the options \"client_id\", \"client_secret\", \"refresh_token\" and \"token_url\"",
                error.message()
            ))
            .with_code(error.code().unwrap_or("oauth").to_owned()),
            _ => error,
        })
    }

    fn basic(&self) -> Result<HeaderValue> {
        let pair = format!("{}:{}", self.0.client_id, self.0.client_secret.expose());
        let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair)))
            .map_err(|_| Error::configuration("the OAuth client's id and secret cannot be sent"))?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// The address to call: the answer's, as long as it is the company's own or one of
    /// Pipedrive's. Whoever else it names would be sent the token.
    fn base_of(&self, api_domain: Option<&str>) -> Result<Endpoint> {
        let Some(domain) = api_domain.filter(|domain| !domain.trim().is_empty()) else {
            return Ok(self.0.endpoint.clone());
        };
        if host_of(domain).as_deref() == Some(self.0.endpoint.host()) {
            return Ok(self.0.endpoint.clone());
        }
        let base = Endpoint::parse("api_domain", domain)?;
        if base.as_str().starts_with("https://") && base.host().ends_with(".pipedrive.com") {
            return Ok(base);
        }
        Err(Error::configuration(format!(
            "the token came with an API address of another host than the option \"endpoint\": {}",
            base.host()
        ))
        .with_code("foreign_api_domain")
        .with_field("endpoint"))
    }
}

/// Host and port of a URL, whatever its scheme.
fn host_of(url: &str) -> Option<String> {
    let url = Url::parse(url.trim()).ok()?;
    let host = url.host_str()?;
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

impl fmt::Debug for OAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuth").field("token_url", &self.0.token_url).finish_non_exhaustive()
    }
}

#[async_trait]
impl Authorize for OAuth {
    async fn token(&self, http: &Http) -> Result<Token> {
        let mut held = self.0.held.lock().await;
        match held.unused.take() {
            Some(token) => Ok(token),
            None => self.refresh(http, &mut held).await,
        }
    }
}
