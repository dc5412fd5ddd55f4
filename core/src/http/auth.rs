//! Credentials on every call, and their refresh.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use jiff::{SignedDuration, Timestamp};

use super::stack::Http;
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result, Scope};
use crate::secret::Secret;

/// An access token.
#[derive(Clone, Debug)]
pub struct Token {
    /// The token itself.
    pub value: Secret,
    /// When it stops to work, if the tool says so.
    pub expires_at: Option<Timestamp>,
}

/// How an account authorises its calls.
#[async_trait]
pub trait Authorize: Send + Sync + 'static {
    /// Fetches a token, with calls that are themselves
    /// [`unauthorized`](super::Call::unauthorized) and, where the tool does not count
    /// them, [`uncounted`](super::Call::uncounted). A POST should say that it is
    /// [`idempotent`](super::Call::idempotent), for a passing failure to be retried.
    async fn token(&self, http: &Http) -> Result<Token>;

    /// Puts the token on a call. By default: `Authorization: Bearer …`.
    ///
    /// # Errors
    /// When the token cannot be sent as a header.
    fn apply(&self, token: &Token, headers: &mut HeaderMap) -> Result<()> {
        headers.insert(header::AUTHORIZATION, secret_header(&format!("Bearer {}", token.value.expose()))?);
        Ok(())
    }

    /// Whether another token can be had when this one is refused.
    fn can_refresh(&self) -> bool {
        true
    }
}

/// A fixed credential in a header, such as an API token.
#[derive(Debug)]
pub struct StaticHeader {
    name: HeaderName,
    value: Secret,
}

impl StaticHeader {
    /// Sends `value` as the header `name` of every call.
    #[must_use]
    pub fn new(name: HeaderName, value: Secret) -> Self {
        Self { name, value }
    }
}

#[async_trait]
impl Authorize for StaticHeader {
    async fn token(&self, _: &Http) -> Result<Token> {
        Ok(Token { value: self.value.clone(), expires_at: None })
    }

    fn apply(&self, token: &Token, headers: &mut HeaderMap) -> Result<()> {
        headers.insert(self.name.clone(), secret_header(token.value.expose())?);
        Ok(())
    }

    fn can_refresh(&self) -> bool {
        false
    }
}

fn secret_header(text: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(text).map_err(|_| {
        Error::configuration(
            "the credential holds characters that no HTTP header can carry; check it for line breaks",
        )
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// The account's current token: fetched by one caller while the others wait for it.
#[derive(Debug, Default)]
pub(super) struct TokenCell {
    /// Whoever fetches holds this.
    turn: tokio::sync::Mutex<()>,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    token: Option<Token>,
    /// Why there is none.
    failure: Option<Error>,
    /// Counts the fetches, so that of many callers refused with one token only the first
    /// throws it away, and those who waited for a fetch take what came of it.
    generation: u64,
}

/// A token is not used in its last seconds: it could expire on the way.
const MARGIN: Duration = Duration::from_secs(5);

/// How often a token that is about to expire is waited out. Some tools hand out the same
/// token until it is really dead, with what is left of its life, down to 0 s.
const FETCHES: usize = 3;

impl TokenCell {
    pub(super) async fn get(&self, authorize: &dyn Authorize, http: &Http) -> Result<(Token, u64)> {
        let before = match self.living(http.clock()) {
            Ok(found) => return Ok(found),
            Err(generation) => generation,
        };
        let _turn = self.turn.lock().await;
        if let Some(fetched) = self.fetched_since(before) {
            return fetched;
        }
        let fetched = fetch(authorize, http).await;
        let mut held = self.held();
        held.generation += 1;
        held.token = fetched.as_ref().ok().cloned();
        held.failure = fetched.as_ref().err().cloned();
        fetched.map(|token| (token, held.generation))
    }

    /// Throws a refused token away, unless another caller did so already.
    pub(super) fn refuse(&self, generation: u64) {
        let mut held = self.held();
        if held.generation == generation {
            held.token = None;
        }
    }

    /// The token, or else the generation that has none to use.
    fn living(&self, clock: &Clock) -> Result<(Token, u64), u64> {
        let held = self.held();
        let token = held.token.as_ref().filter(|token| !is_dying(token, clock));
        token.map(|token| (token.clone(), held.generation)).ok_or(held.generation)
    }

    /// What a fetch brought while this caller waited. A failure is shared as well: fifty
    /// callers in a row would call a server that is down fifty times.
    fn fetched_since(&self, generation: u64) -> Option<Result<(Token, u64)>> {
        let held = self.held();
        if held.generation == generation {
            return None;
        }
        match (&held.token, &held.failure) {
            (Some(token), _) => Some(Ok((token.clone(), held.generation))),
            (None, Some(failure)) => Some(Err(failure.clone())),
            (None, None) => None,
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // A panic elsewhere leaves a whole token behind, or none.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn fetch(authorize: &dyn Authorize, http: &Http) -> Result<Token> {
    let mut token = authorize.token(http).await.map_err(no_token)?;
    for _ in 1..FETCHES {
        if !is_dying(&token, http.clock()) {
            break;
        }
        let left = token.expires_at.map_or(SignedDuration::ZERO, |at| at.duration_since(http.clock().now()));
        let wait = Duration::try_from(left).unwrap_or_default() + Duration::from_secs(1);
        http.clock().sleep(wait).await;
        token = authorize.token(http).await.map_err(no_token)?;
    }
    Ok(token)
}

/// What a failed token call means for the call that needs the token: that one was never
/// sent, so nothing is uncertain about it and no record was refused.
fn no_token(error: Error) -> Error {
    let error = match error.kind() {
        ErrorKind::NoAnswer => error.with_kind(ErrorKind::Unavailable { retry_after: None }),
        ErrorKind::Rejected | ErrorKind::Gone | ErrorKind::TooLarge | ErrorKind::TokenExpired => {
            error.with_kind(ErrorKind::Configuration).with_scope(Scope::Destination)
        }
        _ => error,
    };
    error.context("no access token")
}

fn is_dying(token: &Token, clock: &Clock) -> bool {
    token.expires_at.is_some_and(|at| {
        at.duration_since(clock.now()) <= SignedDuration::try_from(MARGIN).unwrap_or_default()
    })
}
