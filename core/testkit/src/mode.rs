//! What a cassette does in a run.

use std::fmt;
use std::str::FromStr;

use crate::error::CassetteError;

/// The environment variable that says what every cassette of a run does.
pub const MODE_VARIABLE: &str = "OUTFLOW_CASSETTES";

/// What a cassette does.
///
/// ```
/// use outflow_testkit::Mode;
///
/// assert_eq!("append".parse::<Mode>().unwrap(), Mode::Append);
/// assert!("rewind".parse::<Mode>().unwrap_err().to_string().contains("replay, record, append or live"));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Answers from the file; nothing reaches the network.
    #[default]
    Replay,
    /// Calls the tool, and writes the file anew.
    Record,
    /// Calls the tool, and adds to the end of the file.
    Append,
    /// Calls the tool; the file is neither read nor written.
    Live,
}

impl Mode {
    /// What `OUTFLOW_CASSETTES` says; [`Replay`](Self::Replay) when it says nothing.
    ///
    /// # Errors
    /// When it is none of the four: to guess could be to call a real tool.
    pub fn from_env() -> Result<Self, CassetteError> {
        match std::env::var_os(MODE_VARIABLE) {
            None => Ok(Self::default()),
            Some(text) if text.is_empty() => Ok(Self::default()),
            Some(text) => text.to_string_lossy().parse(),
        }
    }

    /// Its name: `replay`, `record`, `append` or `live`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Replay => "replay",
            Self::Record => "record",
            Self::Append => "append",
            Self::Live => "live",
        }
    }
}

impl FromStr for Mode {
    type Err = CassetteError;

    fn from_str(text: &str) -> Result<Self, CassetteError> {
        let modes = [Self::Replay, Self::Record, Self::Append, Self::Live];
        let text = text.trim();
        modes
            .into_iter()
            .find(|mode| mode.name() == text)
            .ok_or_else(|| CassetteError::UnknownMode(text.to_owned()))
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
