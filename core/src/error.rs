//! Errors: what failed, how far it reaches, and what to do about it.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

/// Result with Outflow's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure it is: it alone decides what the call stack and the engine do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The access token is refused or expired: refresh it and replay the call, once.
    TokenExpired,
    /// Too many calls at this moment: wait, hold back every caller of the account, call
    /// again. It burns no attempt, but is bounded by time.
    Throttled {
        /// The server's own delay, which wins over ours.
        retry_after: Option<Duration>,
    },
    /// A passing failure (5xx, a reset, an answer cut short) of a call that is safe to repeat.
    Unavailable {
        /// The server's own delay, which wins over ours.
        retry_after: Option<Duration>,
    },
    /// The budget of the day is used up: nothing goes until then.
    QuotaExhausted {
        /// When the budget comes back.
        until: Timestamp,
    },
    /// The request is too large or its URL too long: the engine halves the batch.
    TooLarge,
    /// The tool or validation refuses the data; the same data will be refused again.
    Rejected,
    /// The record or group behind a remembered id is gone: forget the id and look again.
    Gone,
    /// Options, credentials or permissions are wrong, or the tool refuses the account:
    /// stop the destination and tell a person.
    Configuration,
    /// A write that cannot be repeated got no answer: it may have happened.
    NoAnswer,
    /// A plugin broke its contract (an outcome missing, an operation it does not have).
    Plugin,
}

impl ErrorKind {
    /// The name used in logs and reports.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::TokenExpired => "token_expired",
            Self::Throttled { .. } => "throttled",
            Self::Unavailable { .. } => "unavailable",
            Self::QuotaExhausted { .. } => "quota_exhausted",
            Self::TooLarge => "too_large",
            Self::Rejected => "rejected",
            Self::Gone => "gone",
            Self::Configuration => "configuration",
            Self::NoAnswer => "no_answer",
            Self::Plugin => "plugin",
        }
    }
}

/// How far an error reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// One record; the others of its batch are not concerned.
    Record,
    /// One call: some record of its batch, nobody knows which. The engine bisects.
    #[default]
    Call,
    /// Everything sent to this destination.
    Destination,
}

/// An error of Outflow.
///
/// Its [`Display`](fmt::Display) is one sentence for a person; it never holds a secret,
/// nor a URL of a sensitive call.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    scope: Scope,
    code: Option<Cow<'static, str>>,
    field: Option<String>,
    message: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error of any kind. Its scope is the destination for `Configuration` and
    /// `QuotaExhausted`, and the call for all else.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let scope = match kind {
            ErrorKind::Configuration | ErrorKind::QuotaExhausted { .. } => Scope::Destination,
            _ => Scope::Call,
        };
        Self(Box::new(Inner { kind, scope, code: None, field: None, message: message.into(), source: None }))
    }

    /// The tool or validation refuses the data.
    pub fn rejected(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Rejected, message)
    }

    /// Options, credentials or permissions are wrong. Say what to do next.
    pub fn configuration(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Configuration, message)
    }

    /// A passing failure.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unavailable { retry_after: None }, message)
    }

    /// Too many calls at this moment.
    pub fn throttled(retry_after: Option<Duration>, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Throttled { retry_after }, message)
    }

    /// A plugin broke its contract.
    pub fn plugin(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Plugin, message)
    }

    /// Gives the tool's code, or ours.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<Cow<'static, str>>) -> Self {
        self.0.code = Some(code.into());
        self
    }

    /// Names the field, property or option.
    #[must_use]
    pub fn with_field(mut self, field: impl Into<String>) -> Self {
        self.0.field = Some(field.into());
        self
    }

    /// Says how far it reaches.
    #[must_use]
    pub fn with_scope(mut self, scope: Scope) -> Self {
        self.0.scope = scope;
        self
    }

    /// Gives the error behind it.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The same error as another kind.
    #[must_use]
    pub fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    /// Puts `context` before the message: `"Marketo leads: …"`.
    #[must_use]
    pub fn context(mut self, context: impl fmt::Display) -> Self {
        self.0.message = format!("{context}: {}", self.0.message);
        self
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// How far it reaches.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.0.scope
    }

    /// The tool's code, or ours.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The field, property or option it is about.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        self.0.field.as_deref()
    }

    /// The sentence for a person, without code and source.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// How long the server asks to wait, if it said so.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self.0.kind {
            ErrorKind::Throttled { retry_after } | ErrorKind::Unavailable { retry_after } => retry_after,
            _ => None,
        }
    }
}

/// One failure can concern many rows: a copy keeps all but the source, whose text it
/// takes into its message.
impl Clone for Error {
    fn clone(&self) -> Self {
        let inner = &self.0;
        Self(Box::new(Inner {
            kind: inner.kind.clone(),
            scope: inner.scope,
            code: inner.code.clone(),
            field: inner.field.clone(),
            message: match &inner.source {
                Some(source) => format!("{}: {source}", inner.message),
                None => inner.message.clone(),
            },
            source: None,
        }))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        if let Some(code) = &self.0.code {
            write!(f, " [{code}]")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
