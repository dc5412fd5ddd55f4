//! How a cassette is opened.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use outflow_core::http::{ReqwestTransport, Transport};
use outflow_core::{Clock, OptionDescription};
use serde_json::{Map, Value as Json};

use crate::cassette::{Cassette, Tape};
use crate::error::CassetteError;
use crate::har::Log;
use crate::location;
use crate::matching::Matching;
use crate::mode::Mode;
use crate::options::Given;
use crate::recorder::Recorder;
use crate::redaction::{Redaction, Redactor};
use crate::replayer::Replayer;

/// A cassette to be opened; [`Cassette`] has an example.
#[must_use = "a cassette does nothing until it is opened"]
pub struct CassetteBuilder {
    name: String,
    folder: PathBuf,
    mode: Option<Mode>,
    redaction: Redaction,
    matching: Matching,
    given: Given,
    wire: Option<Arc<dyn Transport>>,
    clock: Option<Clock>,
}

impl CassetteBuilder {
    pub(crate) fn new(name: &str, folder: &Path) -> Self {
        Self {
            name: name.to_owned(),
            folder: folder.to_owned(),
            mode: None,
            redaction: Redaction::new(),
            matching: Matching::strict(),
            given: Given::default(),
            wire: None,
            clock: None,
        }
    }

    /// For [`cassette!`](crate::cassette): named after the test that it stands in.
    #[doc(hidden)]
    pub fn of_test(place: &str, crate_folder: &str) -> Self {
        let folder = location::folder_of(Path::new(crate_folder));
        Self::new(&location::name_of_test(place), &folder)
    }

    /// In another folder than `tests/cassettes/` of the crate.
    pub fn in_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = folder.into();
        self
    }

    /// Does this, whatever `OUTFLOW_CASSETTES` says.
    pub fn mode(mut self, mode: Mode) -> Self {
        self.mode = Some(mode);
        self
    }

    /// Takes this out, on top of what is always taken out.
    pub fn redact(mut self, redaction: Redaction) -> Self {
        self.redaction = redaction;
        self
    }

    /// Looks at requests less strictly.
    pub fn matching(mut self, matching: Matching) -> Self {
        self.matching = matching;
        self
    }

    /// The options of the account, which the tool's App describes
    /// ([`Plugin::app_options`](outflow_core::Plugin::app_options) or
    /// [`describe_options`](outflow_core::describe_options)). Secret ones are taken out
    /// of the recording; the others are kept in it, and a replay with others fails.
    ///
    /// A replay needs no secrets, and with `Json::Null` no options at all:
    /// [`Cassette::options`] has those recorded.
    pub fn options(mut self, described: &[OptionDescription], options: Json) -> Self {
        self.given = Given { described: described.to_vec(), options };
        self
    }

    /// The wire to record, in place of real HTTP. A replay does not touch it.
    pub fn over(mut self, wire: impl Transport) -> Self {
        self.wire = Some(Arc::new(wire));
        self
    }

    /// The clock to record by, in place of the wall's. A replay runs at its speed.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Opens it.
    ///
    /// # Errors
    /// When the mode or a rule cannot be read; in a replay, when there is no such file,
    /// when it is damaged, empty or of another version, when one of its entries cannot
    /// be used (with its number), or when it was recorded with other options.
    pub fn open(self) -> Result<Cassette, CassetteError> {
        let mode = self.mode.map_or_else(Mode::from_env, Ok)?;
        let path = location::path_of(&self.folder, &self.name)?;
        let redaction = self.redaction.clone().options(&self.given.described, &self.given.options);
        let redactor = Redactor::new(&redaction, &[])?;
        self.matching.loosened()?;
        let log = match mode {
            Mode::Replay => Some(self.read(&path, &redactor)?),
            // Found out before calls are made that could then not be kept.
            Mode::Append if path.exists() => Some(self.read(&path, &redactor)?),
            _ => None,
        };
        let clock = self.clock.clone().unwrap_or_default();
        let (tape, clock, options) = match (mode, &log) {
            (Mode::Replay, Some(log)) => {
                let replayer = Replayer::of(&self.name, log, &redaction, &self.matching)?;
                let clock = clock.restarted_at(replayer.started());
                let recorded: Option<&Map<String, Json>> = log.options.as_ref();
                let options = self.given.replayed(recorded);
                (Tape::Replay(Arc::new(replayer)), clock, options)
            }
            (Mode::Live, _) => (Tape::Live(self.wire()), clock, self.given.options.clone()),
            _ => {
                let recorder = Recorder::over(self.wire(), clock.clone());
                (Tape::Record(Arc::new(recorder)), clock, self.given.options.clone())
            }
        };
        Ok(Cassette {
            name: self.name,
            path,
            mode,
            clock,
            tape,
            given: self.given,
            options,
            redaction,
            closed: false,
        })
    }

    fn read(&self, path: &Path, redactor: &Redactor) -> Result<Log, CassetteError> {
        let log = Log::parse(&self.name, &location::read(path)?)?;
        self.given.check(&self.name, log.options.as_ref(), redactor)?;
        Ok(log)
    }

    fn wire(&self) -> Arc<dyn Transport> {
        match &self.wire {
            Some(wire) => Arc::clone(wire),
            None => Arc::new(ReqwestTransport::new()),
        }
    }
}

impl fmt::Debug for CassetteBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CassetteBuilder")
            .field("name", &self.name)
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}
