//! A cassette in a test: opened by one call, checked when it goes.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use outflow_core::http::{Request, Response, RetryPolicy, Transport, TransportError};
use outflow_core::{Clock, Outflow, Registry};
use serde_json::Value as Json;

use crate::builder::CassetteBuilder;
use crate::error::CassetteError;
use crate::har::Log;
use crate::location;
use crate::mode::Mode;
use crate::options::Given;
use crate::recorder::Recorder;
use crate::redaction::{Redaction, Redactor};
use crate::replayer::Replayer;

/// Recorded traffic of one test: a HAR file in `tests/cassettes/` of the crate.
///
/// `OUTFLOW_CASSETTES` says what it does ([`Mode`]); without it, it replays, and nothing
/// reaches the network. When it is dropped it checks the replay or writes the recording,
/// and what is wrong fails the test. A test that fails while it records leaves the old
/// file as it is.
///
/// A replay waits out the pauses between retries as the recording did. Under
/// `#[tokio::test(start_paused = true)]` they take no time, and every request has exactly
/// the recording's time; but real HTTP, when it records, needs a clock that runs.
///
/// ```no_run
/// # use outflow_core::{Export, OptionDescription, Registry, Run};
/// # use serde_json::json;
/// # async fn example(registry: Registry) -> Result<(), Box<dyn std::error::Error>> {
/// use outflow_testkit::cassette;
///
/// let cassette = cassette!()                                    // named after the test
///     .options(&registry.app("crm")?.app_options(), json!({
///         "endpoint": "https://crm.example",
///         "token": std::env::var("CRM_TOKEN").unwrap_or_default(), // asked for when it records
///     }))
///     .open()?;
/// let outflow = cassette.outflow(registry);
/// let account = outflow.account("crm", &cassette.options()).await?;
/// let people = account.destination("crm-people-export", &json!({}))?;
/// let exports = vec![Export::new("42").property("email", "ada@example.com")];
/// let (report, outcomes) = people.export_all(exports, Run::default()).await;
/// cassette.close()?;
/// # let _ = (report, outcomes);
/// # Ok(()) }
/// ```
pub struct Cassette {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) mode: Mode,
    pub(crate) clock: Clock,
    pub(crate) tape: Tape,
    pub(crate) given: Given,
    pub(crate) options: Json,
    pub(crate) redaction: Redaction,
    pub(crate) closed: bool,
}

#[derive(Clone)]
pub(crate) enum Tape {
    Replay(Arc<Replayer>),
    Record(Arc<Recorder>),
    Live(Arc<dyn Transport>),
}

/// The wire that a cassette hands out.
#[derive(Clone)]
pub struct CassetteTransport(Tape);

impl Cassette {
    /// Opens the cassette of this name, with nothing but the defaults.
    ///
    /// # Errors
    /// As [`CassetteBuilder::open`].
    pub fn open(name: &str) -> Result<Self, CassetteError> {
        Self::builder(name).open()
    }

    /// A cassette of this name, to be opened. [`cassette!`](crate::cassette) names it
    /// after the test.
    pub fn builder(name: &str) -> CassetteBuilder {
        CassetteBuilder::new(name, &location::folder_of(&location::crate_folder()))
    }

    /// The wire to give to [`Outflow::with_transport`].
    #[must_use]
    pub fn transport(&self) -> CassetteTransport {
        CassetteTransport(self.tape.clone())
    }

    /// The clock to give to [`Outflow::with_clock`]. In a replay it starts when the
    /// recording did, so that requests with dates are those recorded.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.clock.clone()
    }

    /// What it does in this run.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Its file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The options to open the account with: those given, and in a replay those
    /// recorded, with placeholders for secrets.
    #[must_use]
    pub fn options(&self) -> Json {
        self.options.clone()
    }

    /// An Outflow of these plugins on this cassette's wire and clock. Its retries pause
    /// equally long each time.
    #[must_use]
    pub fn outflow(&self, registry: Registry) -> Outflow {
        Outflow::with_registry(registry)
            .with_transport(self.transport())
            .with_clock(self.clock())
            .with_retry(RetryPolicy { jitter_seed: Some(0), ..RetryPolicy::default() })
    }

    /// Checks the replay, or writes the recording.
    ///
    /// # Errors
    /// In a replay, when requests were made that are not recorded, or recorded ones were
    /// not made. In a recording, when nothing was recorded, when an entry cannot be kept
    /// or still holds a secret, or when the file cannot be written.
    pub fn close(mut self) -> Result<(), CassetteError> {
        self.finish()
    }

    fn finish(&mut self) -> Result<(), CassetteError> {
        self.closed = true;
        match &self.tape {
            Tape::Replay(replayer) => replayer.finish(),
            Tape::Record(recorder) => self.write(recorder),
            Tape::Live(_) => Ok(()),
        }
    }

    fn write(&self, recorder: &Recorder) -> Result<(), CassetteError> {
        let log = match self.mode {
            Mode::Append if self.path.exists() => Log::parse(&self.name, &location::read(&self.path)?)?,
            _ => Log::new(),
        };
        let redactor = Redactor::new(&self.redaction, &[])?;
        let options = self.given.kept(&redactor);
        let text = recorder.appended(&self.name, log, &self.redaction, options.as_ref())?;
        location::write(&self.path, &text)
    }
}

impl Drop for Cassette {
    #[expect(
        clippy::panic,
        clippy::print_stderr,
        reason = "a test that drops it must fail, and only a panic fails a test from here"
    )]
    fn drop(&mut self) {
        if self.closed {
            return;
        }
        let failing = std::thread::panicking();
        if failing && matches!(self.tape, Tape::Record(_)) {
            eprintln!("{} was not written: the test failed", self.name);
            return;
        }
        match self.finish() {
            Ok(()) => {}
            // A second panic would end the whole test run.
            Err(error) if failing => eprintln!("{error}"),
            Err(error) => panic!("{error}"),
        }
    }
}

impl fmt::Debug for Cassette {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cassette").field("path", &self.path).field("mode", &self.mode).finish_non_exhaustive()
    }
}

impl fmt::Debug for CassetteTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match &self.0 {
            Tape::Replay(_) => "replay",
            Tape::Record(_) => "record",
            Tape::Live(_) => "live",
        };
        f.debug_tuple("CassetteTransport").field(&name).finish()
    }
}

#[async_trait]
impl Transport for CassetteTransport {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        match &self.0 {
            Tape::Replay(replayer) => replayer.send(request).await,
            Tape::Record(recorder) => recorder.send(request).await,
            Tape::Live(wire) => wire.send(request).await,
        }
    }
}
