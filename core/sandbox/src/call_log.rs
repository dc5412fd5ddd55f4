//! What was called, how often, at what cost.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method};
use jiff::Timestamp;

use crate::Endpoint;
use crate::answer::Answer;
use crate::lock::lock;

/// The log of a sandbox's calls. Clones share it.
///
/// Calls that count against no limit, such as those for a token, are listed per
/// operation but are not in the totals.
#[derive(Clone, Debug, Default)]
pub struct CallLog(Arc<Mutex<Book>>);

#[derive(Debug, Default)]
struct Book {
    operations: BTreeMap<&'static str, OperationCount>,
    total: OperationCount,
    refusals: BTreeMap<&'static str, u64>,
    exchanges: Vec<Exchange>,
    /// How often the log was reset: an exchange begun before finds its place gone.
    resets: u64,
}

/// Counts of one operation, or of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OperationCount {
    /// Calls that arrived, refused ones and those that met a fault included.
    pub calls: u64,
    /// What the admitted ones took from the daily budget.
    pub cost: u64,
    /// Calls refused by a limit.
    pub refused: u64,
}

/// One call and its answer, as the sandbox saw them.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// When the call arrived.
    pub at: Timestamp,
    /// Its operation.
    pub operation: &'static str,
    /// Its method.
    pub method: Method,
    /// Its path, still percent-encoded.
    pub path: String,
    /// Its query, still percent-encoded; empty when it has none.
    pub query: String,
    /// Its headers.
    pub request_headers: HeaderMap,
    /// Its body.
    pub request_body: Bytes,
    /// The status the caller saw; `None` while unanswered, or when no answer was sent.
    pub status: Option<u16>,
    /// The headers of the answer.
    pub response_headers: HeaderMap,
    /// What was sent of the answer's body.
    pub response_body: Bytes,
    /// A fault made the answer up, or cut it: it is not what the tool would say.
    pub is_fault: bool,
}

/// Where an exchange stands in the log.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    index: usize,
    resets: u64,
}

impl CallLog {
    /// How many calls arrived that count against the limits.
    #[must_use]
    pub fn calls(&self) -> u64 {
        lock(&self.0).total.calls
    }

    /// How many calls of one operation arrived.
    #[must_use]
    pub fn calls_to(&self, operation: &str) -> u64 {
        self.operation(operation).calls
    }

    /// The counts of one operation.
    #[must_use]
    pub fn operation(&self, operation: &str) -> OperationCount {
        lock(&self.0).operations.get(operation).copied().unwrap_or_default()
    }

    /// The counts of every operation that was called, uncounted ones too.
    #[must_use]
    pub fn operations(&self) -> BTreeMap<&'static str, OperationCount> {
        lock(&self.0).operations.clone()
    }

    /// What the admitted calls took from the daily budget.
    #[must_use]
    pub fn cost(&self) -> u64 {
        lock(&self.0).total.cost
    }

    /// How many calls a limit refused.
    #[must_use]
    pub fn refused(&self) -> u64 {
        lock(&self.0).total.refused
    }

    /// How many calls each limit refused: a window's name, `in_flight` or `daily`.
    #[must_use]
    pub fn refusals(&self) -> BTreeMap<&'static str, u64> {
        lock(&self.0).refusals.clone()
    }

    /// The whole exchanges, in the order the calls arrived; empty unless captured.
    #[must_use]
    pub fn exchanges(&self) -> Vec<Exchange> {
        lock(&self.0).exchanges.clone()
    }

    /// Forgets everything.
    pub fn reset(&self) {
        let mut book = lock(&self.0);
        let resets = book.resets + 1;
        *book = Book { resets, ..Book::default() };
    }

    pub(crate) fn arrived(&self, endpoint: &Endpoint) {
        lock(&self.0).count(endpoint, |count| count.calls += 1);
    }

    pub(crate) fn admitted(&self, endpoint: &Endpoint) {
        let cost = u64::from(endpoint.cost);
        lock(&self.0).count(endpoint, |count| count.cost += cost);
    }

    pub(crate) fn refusal(&self, endpoint: &Endpoint, kind: &'static str) {
        let mut book = lock(&self.0);
        book.count(endpoint, |count| count.refused += 1);
        *book.refusals.entry(kind).or_default() += 1;
    }

    pub(crate) fn asked(&self, at: Timestamp, endpoint: &Endpoint, parts: &Parts, body: &Bytes) -> Place {
        let mut book = lock(&self.0);
        book.exchanges.push(Exchange {
            at,
            operation: endpoint.operation,
            method: parts.method.clone(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            request_headers: parts.headers.clone(),
            request_body: body.clone(),
            status: None,
            response_headers: HeaderMap::new(),
            response_body: Bytes::new(),
            is_fault: false,
        });
        Place { index: book.exchanges.len() - 1, resets: book.resets }
    }

    pub(crate) fn answered(&self, place: Place, answer: &Answer) {
        let mut book = lock(&self.0);
        if book.resets != place.resets {
            return;
        }
        if let Some(exchange) = book.exchanges.get_mut(place.index) {
            exchange.status = answer.status().map(|status| status.as_u16());
            exchange.response_headers = answer.head.headers.clone();
            exchange.response_body = answer.sent_body();
            exchange.is_fault = answer.is_fault;
        }
    }
}

impl Book {
    fn count(&mut self, endpoint: &Endpoint, change: impl Fn(&mut OperationCount)) {
        change(self.operations.entry(endpoint.operation).or_default());
        if endpoint.counted {
            change(&mut self.total);
        }
    }
}
