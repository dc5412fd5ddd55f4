//! How a command ends: its exit code, and the sentence for a person when it failed.

use std::io;
use std::process::ExitCode;

use outflow_core::{Error, ErrorKind};

/// The exit codes, as scripts read them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All done, skips included.
    Done,
    /// Some exports are rejected, to be retried, or of unknown outcome.
    SomeFailed,
    /// The command line or an option is wrong: nothing was sent.
    Usage,
    /// The destination refused altogether.
    Refused,
    /// Ctrl-C: what was in flight has finished and the report was printed.
    Interrupted,
}

impl Exit {
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::SomeFailed => 1,
            Self::Usage => 2,
            Self::Refused => 3,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The command line, an option, or a file it names is wrong.
    #[error("{0}")]
    Usage(String),
    /// The tool refused the account, or could not be reached.
    #[error("{0}")]
    Refused(String),
    /// What was to be shown could not be written.
    #[error("the output could not be written: {0}")]
    Output(#[from] io::Error),
}

impl Failure {
    /// An option that a plugin does not take: nothing was sent yet.
    pub(crate) fn configuration(error: &Error) -> Self {
        Self::Usage(describe(error))
    }

    /// The tool would have none of it, though all options could be read.
    pub(crate) fn refused(error: &Error) -> Self {
        Self::Refused(with_advice(error))
    }

    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Refused(_) => Exit::Refused,
            Self::Usage(_) | Self::Output(_) => Exit::Usage,
        }
    }

    /// Whoever read our output has read enough (`| head`): there is nobody to tell.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

/// The error, and what to do about it. Errors of configuration say that themselves.
pub(crate) fn with_advice(error: &Error) -> String {
    let advice = match error.kind() {
        ErrorKind::Unavailable { .. } | ErrorKind::NoAnswer => {
            "; check the account's endpoint and the network, then try again"
        }
        ErrorKind::Throttled { .. } => "; others keep the account busy: try again in a while",
        ErrorKind::Plugin => "; this is a fault of the plugin: report it to its authors",
        _ => "",
    };
    format!("{}{advice}", describe(error))
}

/// The error with its code and its causes, in one line.
fn describe(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
