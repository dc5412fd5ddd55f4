//! The one place where this program writes: results to stdout, everything said about
//! them to stderr.

use std::fmt;
use std::io::{self, BufWriter, IsTerminal, Write};

use clap::ValueEnum;
use serde::Serialize;

/// How results are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Tables for a person.
    #[default]
    Text,
    /// One JSON document for a program.
    Json,
}

pub(crate) struct Output {
    format: Format,
    stdout: Box<dyn Write + Send>,
    stderr: Box<dyn Write + Send>,
}

impl Output {
    /// To this process's own stdout and stderr.
    pub(crate) fn standard(format: Format) -> Self {
        Self { format, stdout: Box::new(BufWriter::new(io::stdout())), stderr: Box::new(io::stderr()) }
    }

    pub(crate) fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// Whether a person watches stderr: progress is drawn for nobody else.
    pub(crate) fn is_watched(&self) -> bool {
        io::stderr().is_terminal()
    }

    /// Where results go.
    pub(crate) fn results(&mut self) -> &mut dyn Write {
        &mut self.stdout
    }

    /// Writes one JSON document on a line of its own.
    pub(crate) fn json(&mut self, document: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.stdout, document)?;
        writeln!(self.stdout)
    }

    /// Says something about the results. When nobody can hear it, that is no reason to stop.
    pub(crate) fn say(&mut self, words: impl fmt::Display) {
        let _ = writeln!(self.stderr, "{words}");
    }

    /// Brings what was written to whoever reads it.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.stdout.flush()
    }
}
