//! Answers from a recording.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;
use outflow_core::http::{Request, Response, Transport, TransportError};

use crate::difference::diff;
use crate::entry;
use crate::error::CassetteError;
use crate::exchange::{Answer, Asked, Exchange, is_sensitive, operation_of};
use crate::har::Log;
use crate::matching::{Comparable, Loosened, Matching};
use crate::redaction::{Redaction, Redactor};

/// A transport that answers from a HAR and never touches the network.
///
/// A request is answered by the first entry that is the same request and was not used
/// yet: the same one asked twice gets its answers in the order of the recording. Any
/// other is [`NotSent`](TransportError::NotSent), with the nearest entry and what
/// differs. [`finish`](Self::finish) says whether all went as recorded.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use outflow_core::http::{Request, Transport};
/// use outflow_testkit::{Matching, Redaction, Replayer};
///
/// let har = r#"{ "log": { "version": "1.2", "creator": { "name": "a browser", "version": "1" }, "entries": [{
///     "startedDateTime": "2026-11-14T22:00:00.000Z",
///     "request": { "method": "GET", "url": "https://crm.example/people?page=1&size=50" },
///     "response": { "status": 200, "content": { "mimeType": "application/json", "text": "[]" } }
/// }] } }"#;
/// let replayer = Replayer::new("people", har, &Redaction::new(), &Matching::strict()).unwrap();
///
/// let mut request = Request::default();
/// *request.uri_mut() = "https://crm.example/people?size=50&page=1".parse().unwrap();
/// let response = replayer.send(request).await.unwrap();
/// assert_eq!(response.body().as_ref(), b"[]");
/// replayer.finish().unwrap();
/// # });
/// ```
#[derive(Debug)]
pub struct Replayer {
    cassette: String,
    redactor: Redactor,
    loosened: Loosened,
    with_headers: bool,
    started: Timestamp,
    entries: Vec<Recorded>,
    played: Mutex<Played>,
}

#[derive(Debug)]
struct Recorded {
    comparable: Comparable,
    answer: Answer,
}

#[derive(Debug, Default)]
struct Played {
    used: Vec<bool>,
    /// What went unanswered, with how often: a call stack asks again.
    unexpected: BTreeMap<String, usize>,
}

impl Replayer {
    /// Reads the text of a HAR 1.2 file. `cassette` names it in errors.
    ///
    /// # Errors
    /// When the file is damaged, empty or of another version, when an entry cannot be
    /// used (with its number), or when a rule cannot be read.
    pub fn new(
        cassette: &str,
        har: &str,
        redaction: &Redaction,
        matching: &Matching,
    ) -> Result<Self, CassetteError> {
        Self::of(cassette, &Log::parse(cassette, har)?, redaction, matching)
    }

    pub(crate) fn of(
        cassette: &str,
        log: &Log,
        redaction: &Redaction,
        matching: &Matching,
    ) -> Result<Self, CassetteError> {
        let exchanges = entry::exchanges(cassette, log)?;
        let redactor = Redactor::new(redaction, &exchanges)?;
        let loosened = matching.loosened()?;
        let started = exchanges.iter().map(|exchange| exchange.started).min();
        let with_headers = log.is_ours();
        // A file from elsewhere may hold what redaction takes out of the requests made:
        // both sides are compared without it. Answers stay as they are.
        let recorded = |exchange: Exchange| Recorded {
            comparable: loosened.comparable(&redactor.asked(&exchange.asked), with_headers),
            answer: exchange.answer,
        };
        let entries: Vec<Recorded> = exchanges.into_iter().map(recorded).collect();
        Ok(Self {
            cassette: cassette.to_owned(),
            played: Mutex::new(Played { used: vec![false; entries.len()], unexpected: BTreeMap::new() }),
            redactor,
            loosened,
            with_headers,
            started: started.unwrap_or_default(),
            entries,
        })
    }

    /// When the recording began: start the [`Clock`](outflow_core::Clock) there, and
    /// requests with dates are those recorded.
    #[must_use]
    pub fn started(&self) -> Timestamp {
        self.started
    }

    /// Whether everything recorded was asked for, and nothing else.
    ///
    /// # Errors
    /// [`CassetteError::Mismatch`], with every request that has no entry and every entry
    /// that was left unused.
    pub fn finish(&self) -> Result<(), CassetteError> {
        let played = self.played();
        let mut report: Vec<String> = Vec::new();
        for (text, times) in &played.unexpected {
            report.push(match times {
                1 => text.clone(),
                _ => format!("({times} times) {text}"),
            });
        }
        report.extend(self.unused(&played));
        if report.is_empty() {
            return Ok(());
        }
        Err(CassetteError::Mismatch { cassette: self.cassette.clone(), report: report.join("\n") })
    }

    fn unused(&self, played: &Played) -> Option<String> {
        let entries = self.entries.iter().zip(&played.used).enumerate();
        let unused: Vec<String> = entries
            .filter(|(_, (_, used))| !**used)
            .map(|(index, (entry, _))| format!("  entry {}: {}", index + 1, entry.comparable.title()))
            .collect();
        (!unused.is_empty()).then(|| {
            format!(
                "{} of {} recorded requests were not made:\n{}",
                unused.len(),
                self.entries.len(),
                unused.join("\n")
            )
        })
    }

    fn answer(&self, request: &Request) -> Result<Response, TransportError> {
        let asked = Asked::of(request).map_err(|problem| TransportError::NotSent(problem.0))?;
        let asked = self.loosened.comparable(&self.redactor.asked(&asked), self.with_headers);
        let mut played = self.played();
        let entries = self.entries.iter().zip(&played.used);
        let found = entries
            .enumerate()
            .find(|(_, (entry, used))| !**used && entry.comparable == asked)
            .map(|(index, _)| index);
        if let Some(index) = found {
            played.used[index] = true;
            return self.entries[index].answer.replayed();
        }
        let text = self.unexpected(request, &asked, &played);
        *played.unexpected.entry(text.clone()).or_default() += 1;
        Err(TransportError::NotSent(text))
    }

    fn unexpected(&self, request: &Request, asked: &Comparable, played: &Played) -> String {
        let operation = operation_of(request).map_or_else(String::new, |name| format!(" ({name})"));
        let again = "If the request is right, record again (OUTFLOW_CASSETTES=record)";
        let sensitive = is_sensitive(request);
        let title = if sensitive {
            format!("a {} request{operation} that must not be shown", asked.method)
        } else {
            format!("{}{operation}", asked.title())
        };
        let same: Vec<String> = self.entries_like(asked).collect();
        if !same.is_empty() {
            return format!(
                "{title} was asked for once more than it was recorded (entries {}). {again}",
                same.join(", ")
            );
        }
        let Some((index, used)) = self.nearest(asked, played) else {
            return format!("{title} is not in {}. {again}", self.cassette);
        };
        let nearest = &self.entries[index].comparable;
        let used = if used { ", which was used already" } else { "" };
        let number = index + 1;
        if sensitive {
            let parts = nearest.parts_unlike(asked).join(", ");
            return format!(
                "{title} is not in {}. The nearest is entry {number}{used}; they differ in: {parts}. {again}",
                self.cassette
            );
        }
        format!(
            "{title} is not in {}. {again}. The nearest is entry {number}{used}:\n{}",
            self.cassette,
            diff(nearest, asked)
        )
    }

    /// The numbers of all entries that are this request.
    fn entries_like(&self, asked: &Comparable) -> impl Iterator<Item = String> {
        let entries = self.entries.iter().enumerate();
        entries.filter(move |(_, entry)| entry.comparable == *asked).map(|(index, _)| (index + 1).to_string())
    }

    /// Of those that are left, if any are; of all the others otherwise. First by where
    /// they go, then, among those, by what they say.
    fn nearest(&self, asked: &Comparable, played: &Played) -> Option<(usize, bool)> {
        let all_used = played.used.iter().all(|used| *used);
        let left = || {
            let entries = self.entries.iter().zip(&played.used).enumerate();
            entries
                .map(|(index, (entry, used))| (index, *used, &entry.comparable))
                .filter(move |(_, used, _)| all_used || !used)
        };
        let place = left().map(|(_, _, entry)| entry.goes_where(asked)).max()?;
        left()
            .filter(|(_, _, entry)| entry.goes_where(asked) == place)
            .map(|(index, used, entry)| (index, used, entry.likeness(asked)))
            // Of equally near ones the first: the next in the recording's order.
            .reduce(|best, next| if next.2 > best.2 { next } else { best })
            .map(|(index, used, _)| (index, used))
    }

    fn played(&self) -> MutexGuard<'_, Played> {
        // Nothing in there is ever half changed.
        self.played.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Transport for Replayer {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        self.answer(&request)
    }
}
