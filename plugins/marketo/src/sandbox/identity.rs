//! The identity service: one token for all who ask, until it expires.

use std::time::Duration;

use http::StatusCode;
use outflow_sandbox::Tokens;
use serde_json::json;

use super::MarketoAccount;
use super::reply::{Failure, Reply};
use super::request::Parameters;

/// How long a token lives (documented).
const LIFETIME: Duration = Duration::from_secs(3600);

/// The token in use and those before it. Times are the clock's `elapsed`.
pub(super) struct Identity {
    lifetime: Duration,
    current: Option<Token>,
    /// Tokens that were valid once: they are expired, where any other is invalid.
    expired: Vec<String>,
}

struct Token {
    text: String,
    expires: Duration,
}

impl Identity {
    pub(super) fn new() -> Self {
        Self { lifetime: LIFETIME, current: None, expired: Vec::new() }
    }

    /// For tokens given from now on.
    pub(super) fn set_lifetime(&mut self, lifetime: Duration) {
        self.lifetime = lifetime;
    }

    pub(super) fn expire(&mut self) {
        if let Some(token) = self.current.take() {
            self.expired.push(token.text);
        }
    }

    /// The token in use is no longer known.
    pub(super) fn revoke(&mut self) {
        self.current = None;
    }

    fn expire_old(&mut self, now: Duration) {
        if self.current.as_ref().is_some_and(|token| token.expires <= now) {
            self.expire();
        }
    }

    /// Checks the token of a call.
    pub(super) fn check(&mut self, token: Option<&str>, now: Duration) -> Result<(), Failure> {
        self.expire_old(now);
        let Some(token) = token.filter(|token| !token.is_empty()) else {
            return Err(Failure::new("600", "Empty access token"));
        };
        if self.current.as_ref().is_some_and(|current| current.text == token) {
            Ok(())
        } else if self.expired.iter().any(|expired| expired == token) {
            Err(Failure::new("602", "Access token expired"))
        } else {
            Err(Failure::new("601", "Access token invalid"))
        }
    }

    /// Answers a request for a token. Whoever asks again gets the same token with what is
    /// left of its life, as recorded; that may be 0.
    pub(super) fn answer(
        &mut self,
        parameters: &Parameters,
        account: &MarketoAccount,
        tokens: &Tokens,
        now: Duration,
    ) -> Reply {
        if let Some(refusal) = refusal(parameters, account) {
            return refusal;
        }
        self.expire_old(now);
        let lifetime = self.lifetime;
        let token = self.current.get_or_insert_with(|| Token {
            text: format!("{}:sandbox", tokens.hex(32)),
            expires: now + lifetime,
        });
        let body = json!({
            "access_token": token.text,
            "token_type": "bearer",
            "expires_in": token.expires.saturating_sub(now).as_secs(),
            "scope": account.user,
        });
        Reply::Bare(StatusCode::OK, body)
    }
}

fn refusal(parameters: &Parameters, account: &MarketoAccount) -> Option<Reply> {
    let refuse = |status, error: &str, description: String| {
        let body = json!({ "error": error, "error_description": description });
        Some(Reply::Bare(status, body))
    };
    match parameters.get("grant_type") {
        Some("client_credentials") => {}
        None => {
            let description = "Missing grant type".to_owned();
            return refuse(StatusCode::BAD_REQUEST, "invalid_request", description);
        }
        Some(other) => {
            let description = format!("Unsupported grant type: {other}");
            return refuse(StatusCode::BAD_REQUEST, "unsupported_grant_type", description);
        }
    }
    let id = parameters.get("client_id").unwrap_or_default();
    if id != account.client_id {
        let description = format!("No client with requested id: {id}");
        return refuse(StatusCode::UNAUTHORIZED, "unauthorized", description);
    }
    if parameters.get("client_secret") != Some(&account.client_secret) {
        let description = "Bad client credentials".to_owned();
        return refuse(StatusCode::UNAUTHORIZED, "invalid_client", description);
    }
    None
}
