//! Faults by script: what goes wrong, on which call.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use http::request::Parts;
use serde::Deserialize;

use crate::lock::lock;

/// One scripted fault.
///
/// ```
/// let faults = outflow_sandbox::Fault::list(r#"[
///     { "on": { "operation": "sync leads", "nth": 2 }, "action": "reset_after" },
///     { "on": { "path_contains": "/lists/", "times": 3 },
///       "action": { "status": { "status": 502, "body": "Bad Gateway" } } }
/// ]"#)?;
/// assert_eq!(faults.len(), 2);
/// # Ok::<(), outflow_sandbox::FaultsError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Which calls it meets.
    #[serde(default)]
    pub on: Match,
    /// What happens to them.
    pub action: FaultAction,
}

/// Which calls a fault meets: all conditions that are given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Match {
    /// The App, where one script serves several sandboxes.
    pub app: Option<String>,
    /// The operation, as in the call log.
    pub operation: Option<String>,
    /// The HTTP method, in any case.
    pub method: Option<String>,
    /// A part of path and query.
    pub path_contains: Option<String>,
    /// A part of the body.
    pub body_contains: Option<String>,
    /// Begins at the nth call that fits, counted from 1; at once when absent.
    pub nth: Option<u64>,
    /// How many calls it meets; one when absent.
    pub times: Option<u64>,
}

impl Match {
    /// Calls of one operation.
    #[must_use]
    pub fn operation(name: impl Into<String>) -> Self {
        Self { operation: Some(name.into()), ..Self::default() }
    }

    /// Calls whose path or query contains `part`.
    #[must_use]
    pub fn path(part: impl Into<String>) -> Self {
        Self { path_contains: Some(part.into()), ..Self::default() }
    }

    /// The same, from the nth call that fits.
    #[must_use]
    pub fn nth(mut self, nth: u64) -> Self {
        self.nth = Some(nth);
        self
    }

    /// The same, for so many calls.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// The same, without an end.
    #[must_use]
    pub fn always(self) -> Self {
        self.times(u64::MAX)
    }

    fn fits(&self, call: &Call<'_>) -> bool {
        given(&self.app, |app| app == call.app)
            && given(&self.operation, |operation| operation == call.operation)
            && given(&self.method, |method| method.eq_ignore_ascii_case(call.parts.method.as_str()))
            && given(&self.path_contains, |part| call.path().contains(part))
            && given(&self.body_contains, |part| contains(call.body, part.as_bytes()))
    }

    fn is_due(&self, seen: u64) -> bool {
        let first = self.nth.unwrap_or(1).max(1);
        seen >= first && seen - first < self.times.unwrap_or(1)
    }
}

fn given<T>(condition: &Option<T>, holds: impl FnOnce(&T) -> bool) -> bool {
    condition.as_ref().is_none_or(holds)
}

fn contains(body: &[u8], part: &[u8]) -> bool {
    part.is_empty() || body.windows(part.len()).any(|window| window == part)
}

/// What happens to a call.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum FaultAction {
    /// This answer instead of the tool's; nothing is applied.
    Status {
        /// The HTTP status.
        status: u16,
        /// The body.
        #[serde(default)]
        body: String,
        /// Headers to set.
        #[serde(default)]
        headers: BTreeMap<String, String>,
    },
    /// An error as the tool words it; nothing is applied.
    ErrorCode {
        /// The tool's code.
        code: String,
        /// The tool's message.
        #[serde(default)]
        message: String,
    },
    /// The connection breaks; nothing is applied.
    Reset,
    /// The call is applied; then the connection breaks.
    ResetAfter,
    /// No answer ever comes; nothing is applied.
    Timeout,
    /// The call is applied; no answer ever comes.
    TimeoutAfter,
    /// The call is applied; half of the answer comes.
    Truncated,
    /// The page of a proxy in front of the tool; nothing is applied.
    Html {
        /// The HTTP status.
        status: u16,
    },
    /// The call takes longer.
    Delay {
        /// By how many milliseconds, in the sandbox's time.
        ms: u64,
    },
    /// The access token expires just before the call.
    ExpireToken,
}

impl Fault {
    /// A fault for the calls that fit.
    #[must_use]
    pub fn new(on: Match, action: FaultAction) -> Self {
        Self { on, action }
    }

    /// Reads a JSON list of faults.
    ///
    /// # Errors
    /// [`FaultsError`] says in which line and column, and what was expected.
    pub fn list(json: &str) -> Result<Vec<Self>, FaultsError> {
        let faults: Vec<Self> = serde_json::from_str(json).map_err(FaultsError::Json)?;
        for (index, fault) in faults.iter().enumerate() {
            fault.check().map_err(|message| FaultsError::Value(index + 1, message))?;
        }
        Ok(faults)
    }

    fn check(&self) -> Result<(), String> {
        match &self.action {
            FaultAction::Status { status, .. } | FaultAction::Html { status }
                if !(200..=599).contains(status) =>
            {
                Err(format!("status {status} is not between 200 and 599"))
            }
            _ if self.on.nth == Some(0) => Err("nth counts from 1".to_owned()),
            _ if self.on.times == Some(0) => Err("times must be at least 1".to_owned()),
            _ => Ok(()),
        }
    }
}

/// A script of faults that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FaultsError {
    /// It is not a JSON list of faults.
    #[error("the list of faults cannot be read: {0}")]
    Json(#[source] serde_json::Error),
    /// A fault, by its place in the list from 1, that cannot happen.
    #[error("fault {0} of the list: {1}")]
    Value(usize, String),
}

/// The faults of a sandbox, in the order they were given. Clones share them.
///
/// A call meets the first fault that fits it and is due. A fault counts the calls that
/// fit it and that no fault before it took.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Vec<Scripted>>>);

#[derive(Debug)]
struct Scripted {
    fault: Fault,
    seen: u64,
    met: u64,
}

/// A call as faults see it.
pub(crate) struct Call<'a> {
    pub(crate) app: &'a str,
    pub(crate) operation: &'a str,
    pub(crate) parts: &'a Parts,
    pub(crate) body: &'a [u8],
}

impl Call<'_> {
    fn path(&self) -> &str {
        let uri = &self.parts.uri;
        uri.path_and_query().map_or(uri.path(), |path| path.as_str())
    }
}

impl Faults {
    /// Adds a fault behind the others.
    pub fn push(&self, fault: Fault) {
        lock(&self.0).push(Scripted { fault, seen: 0, met: 0 });
    }

    /// Adds faults behind the others.
    pub fn extend(&self, faults: impl IntoIterator<Item = Fault>) {
        for fault in faults {
            self.push(fault);
        }
    }

    /// Takes all faults away.
    pub fn clear(&self) {
        lock(&self.0).clear();
    }

    /// How many calls met a fault since the last [`clear`](Self::clear).
    #[must_use]
    pub fn met(&self) -> u64 {
        lock(&self.0).iter().map(|scripted| scripted.met).sum()
    }

    pub(crate) fn next(&self, call: &Call<'_>) -> Option<FaultAction> {
        lock(&self.0).iter_mut().find_map(|scripted| scripted.strike(call))
    }
}

impl Scripted {
    fn strike(&mut self, call: &Call<'_>) -> Option<FaultAction> {
        if !self.fault.on.fits(call) {
            return None;
        }
        self.seen += 1;
        if !self.fault.on.is_due(self.seen) {
            return None;
        }
        self.met += 1;
        Some(self.fault.action.clone())
    }
}
