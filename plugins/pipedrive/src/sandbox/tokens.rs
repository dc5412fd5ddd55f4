//! Credentials: the API token, and the OAuth client with its tokens.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use outflow_sandbox::Tokens;
use serde_json::json;

use super::call::Call;
use super::desk::Desk;
use super::query::Query;
use super::reply::{Answer, Refused, Reply};

/// An access token lives an hour, in seconds.
const ACCESS_LIFE: i64 = 3_600;
/// A refresh token dies when it is not used for 60 days.
const REFRESH_LIFE: i64 = 60 * 24 * 60 * 60;

/// How a caller has shown who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    ApiToken,
    OAuth,
}

/// Everything that lets a caller in.
pub(super) struct Credentials {
    pub(super) api_token: String,
    pub(super) client_id: String,
    pub(super) client_secret: String,
    pub(super) refresh_token: String,
    /// When the refresh token was used last.
    refreshed: i64,
    revoked: bool,
    /// Access tokens and when they expire.
    access: HashMap<String, i64>,
    mint: Tokens,
}

impl Credentials {
    pub(super) fn new(seed: u64, now: i64) -> Self {
        let mint = Tokens::seeded(seed ^ 0x70_6970_6564);
        Self {
            api_token: mint.hex(40),
            client_id: mint.hex(16),
            client_secret: mint.hex(40),
            refresh_token: format!("{}:{}", mint.hex(16), mint.hex(40)),
            refreshed: now,
            revoked: false,
            access: HashMap::new(),
            mint,
        }
    }

    /// Who is calling, if it is somebody known. The query parameter `api_token` is the old
    /// way of v1, which the recordings still use; v2 never took it.
    pub(super) fn caller(&self, parts: &Parts, now: i64) -> Option<Caller> {
        if let Some(token) = parts.headers.get("x-api-token") {
            return (token.as_bytes() == self.api_token.as_bytes()).then_some(Caller::ApiToken);
        }
        if let Some(token) = bearer(&parts.headers) {
            let expires = self.access.get(token)?;
            return (now < *expires).then_some(Caller::OAuth);
        }
        let query = Query::parse(parts.uri.query().unwrap_or_default());
        let is_v2 = parts.uri.path().starts_with("/api/v2/");
        let token = query.get("api_token").filter(|_| !is_v2)?;
        (token == self.api_token).then_some(Caller::ApiToken)
    }

    pub(super) fn expire_access_tokens(&mut self) {
        self.access.clear();
    }

    pub(super) fn revoke_refresh_token(&mut self) {
        self.revoked = true;
        self.access.clear();
    }

    fn is_client(&self, headers: &HeaderMap) -> bool {
        let expected = format!("{}:{}", self.client_id, self.client_secret);
        basic(headers).is_some_and(|given| given == expected.as_bytes())
    }

    fn refresh(&mut self, token: &str, now: i64) -> Option<String> {
        let is_alive = !self.revoked && now - self.refreshed < REFRESH_LIFE;
        if token != self.refresh_token || !is_alive {
            return None;
        }
        self.refreshed = now;
        self.access.retain(|_, expires| now < *expires);
        let access = format!("v1u:{}", self.mint.hex(60));
        self.access.insert(access.clone(), now + ACCESS_LIFE);
        Some(access)
    }
}

/// `POST /oauth/token`: a new access token for the refresh token, which stays the same.
pub(super) fn refresh(desk: &Desk, call: &Call) -> Answer {
    let bad = |error: &str, message: &str| Refused::oauth(StatusCode::BAD_REQUEST, error, message);
    let form = call.form().ok_or_else(|| bad("invalid_request", "The body must be a form"))?;
    let now = desk.now();
    let mut credentials = desk.credentials();
    if !credentials.is_client(&call.headers) {
        return Err(Refused::oauth(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            "Client authentication failed",
        ));
    }
    if form.get("grant_type") != Some("refresh_token") {
        return Err(bad("unsupported_grant_type", "The grant type is not supported"));
    }
    let token = form.get("refresh_token").unwrap_or_default();
    let access = credentials
        .refresh(token, now)
        .ok_or_else(|| bad("invalid_grant", "Invalid grant: refresh token is invalid"))?;
    Reply::bare(&json!({
        "access_token": access,
        "token_type": "Bearer",
        "refresh_token": credentials.refresh_token,
        "scope": "contacts:full,contact-fields:full,search:read",
        "expires_in": ACCESS_LIFE,
        "api_domain": call.origin(),
    }))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

fn basic(headers: &HeaderMap) -> Option<Vec<u8>> {
    let encoded = headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Basic ")?;
    STANDARD.decode(encoded.trim()).ok()
}
