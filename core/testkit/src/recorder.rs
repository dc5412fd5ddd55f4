//! Everything that goes over a wire, written down.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use outflow_core::Clock;
use outflow_core::http::{Request, Response, Transport, TransportError};
use serde_json::{Map, Value as Json};

use crate::entry;
use crate::error::{CassetteError, EntryProblem};
use crate::exchange::{Answer, Asked, Exchange, operation_of};
use crate::har::Log;
use crate::redaction::{Redaction, Redactor};

/// A transport around a real one that keeps every exchange, in the order of requests.
///
/// It keeps them in memory; [`har`](Self::har) gives the text of a file without secrets.
/// A request that nobody waited for to the end is kept as one without an answer, which
/// is what it will be in a replay.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// use outflow_core::Clock;
/// use outflow_core::http::{Request, Transport};
/// use outflow_sandbox::InProcess;
/// use outflow_testkit::{Recorder, Redaction};
///
/// let recorder = Recorder::new(InProcess::new(), Clock::system());
/// let mut request = Request::default();
/// *request.uri_mut() = "https://crm.example/people?access_token=k-83f1c09d".parse().unwrap();
/// let _ = recorder.send(request).await;
///
/// let har = recorder.har("people", &Redaction::new()).unwrap();
/// assert!(har.contains("https://crm.example/people?access_token=redacted-access_token"));
/// assert!(!har.contains("k-83f1c09d"));
/// # });
/// ```
pub struct Recorder {
    wire: Arc<dyn Transport>,
    clock: Clock,
    kept: Mutex<Vec<Kept>>,
}

/// An exchange, or why it cannot be kept.
type Kept = Result<Exchange, String>;

impl Recorder {
    /// Records what goes over `wire`, by the time of `clock`.
    #[must_use]
    pub fn new(wire: impl Transport, clock: Clock) -> Self {
        Self::over(Arc::new(wire), clock)
    }

    pub(crate) fn over(wire: Arc<dyn Transport>, clock: Clock) -> Self {
        Self { wire, clock, kept: Mutex::default() }
    }

    /// How many requests went over the wire.
    #[must_use]
    pub fn len(&self) -> usize {
        self.kept().len()
    }

    /// Whether none did.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kept().is_empty()
    }

    /// The recording so far as the text of a HAR 1.2 file, without secrets.
    ///
    /// # Errors
    /// When nothing was recorded, when an exchange cannot be kept (with its number), or
    /// when a secret given to `redaction` is still in it.
    pub fn har(&self, cassette: &str, redaction: &Redaction) -> Result<String, CassetteError> {
        self.appended(cassette, Log::new(), redaction, None)
    }

    /// The recording at the end of `log`.
    pub(crate) fn appended(
        &self,
        cassette: &str,
        mut log: Log,
        redaction: &Redaction,
        options: Option<&Map<String, Json>>,
    ) -> Result<String, CassetteError> {
        if self.is_empty() {
            return Err(CassetteError::Damaged {
                cassette: cassette.to_owned(),
                problem: "was not written: no request was made, and an empty recording proves nothing"
                    .to_owned(),
            });
        }
        let mut exchanges = entry::exchanges(cassette, &log)?;
        for kept in self.kept().iter() {
            let exchange = kept.clone();
            let number = exchanges.len() + 1;
            exchanges.push(exchange.map_err(|problem| EntryProblem(problem).of(cassette, number))?);
        }
        // Of the whole file at once: a token learnt in one entry is taken out of all.
        let redactor = Redactor::new(redaction, &exchanges)?;
        log.entries.clear();
        for (index, exchange) in exchanges.iter().enumerate() {
            let redacted = redactor.exchange(exchange);
            if let Some((secret, place)) = redactor.left_in(&redacted) {
                return Err(CassetteError::SecretLeft {
                    cassette: cassette.to_owned(),
                    number: index + 1,
                    secret,
                    place,
                });
            }
            log.entries.push(entry::entry(&redacted));
        }
        if let Some(options) = options {
            log.options = Some(options.clone());
        }
        log.print().map_err(|error| CassetteError::Damaged {
            cassette: cassette.to_owned(),
            problem: format!("was not written: {error}"),
        })
    }

    /// Takes a place for a request, in the order in which they go out.
    fn begin(&self, request: &Request) -> Pending<'_> {
        let exchange = Asked::of(request).map(|asked| Exchange {
            started: self.clock.now(),
            time: 0.0,
            operation: operation_of(request),
            asked,
            answer: Answer::Unanswered(String::new()),
        });
        let mut kept = self.kept();
        kept.push(exchange.map_err(|problem| problem.0));
        Pending { recorder: self, place: kept.len() - 1, begun: self.clock.elapsed(), answered: false }
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Kept>> {
        // Nothing in there is ever half changed.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder").field("exchanges", &self.len()).finish_non_exhaustive()
    }
}

#[async_trait]
impl Transport for Recorder {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let mut pending = self.begin(&request);
        let answer = self.wire.send(request).await;
        pending.end(Answer::of(&answer).map_err(|problem| problem.0));
        answer
    }
}

/// A request on its way. Dropped before its answer came, it had none.
struct Pending<'a> {
    recorder: &'a Recorder,
    place: usize,
    begun: Duration,
    answered: bool,
}

impl Pending<'_> {
    fn end(&mut self, answer: Result<Answer, String>) {
        self.answered = true;
        let took = self.recorder.clock.elapsed().saturating_sub(self.begun);
        let mut all = self.recorder.kept();
        let Some(Ok(exchange)) = all.get_mut(self.place) else {
            return;
        };
        // To the microsecond, as far as HAR viewers show it.
        exchange.time = (took.as_secs_f64() * 1e6).round() / 1e3;
        match answer {
            Ok(answer) => exchange.answer = answer,
            Err(problem) => all[self.place] = Err(problem),
        }
    }
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        if !self.answered {
            let text = "the caller stopped waiting for an answer".to_owned();
            self.end(Ok(Answer::Unanswered(text)));
        }
    }
}
