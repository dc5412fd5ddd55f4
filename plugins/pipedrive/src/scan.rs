//! Reading lists of records, page by page.

use jiff::Timestamp;
use outflow_core::http::{Call, Response};
use outflow_core::{Error, Result};

use crate::api::{Answer, Record};
use crate::client::{PAGE, PipedriveClient};
use crate::entity::Entity;

/// A list that is being read.
pub(crate) struct Pages<'a> {
    client: &'a PipedriveClient,
    entity: Entity,
    updated_since: Option<String>,
    cursor: Option<String>,
    /// The server's time when its first page was asked for.
    pub(crate) began: Option<Timestamp>,
    pub(crate) pages_read: u64,
}

/// One page.
pub(crate) struct Page {
    pub(crate) records: Vec<Record>,
    pub(crate) is_last: bool,
}

impl<'a> Pages<'a> {
    /// All records, the newest first: their ids tell how many there may be.
    pub(crate) fn all(client: &'a PipedriveClient, entity: Entity) -> Self {
        Self { client, entity, updated_since: None, cursor: None, began: None, pages_read: 0 }
    }

    /// The records that changed at this time or later.
    pub(crate) fn changed_since(client: &'a PipedriveClient, entity: Entity, since: Timestamp) -> Self {
        Self {
            updated_since: Some(since.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
            ..Self::all(client, entity)
        }
    }

    /// The next page.
    pub(crate) async fn next(&mut self) -> Result<Page> {
        let asked_at = self.client.clock().now();
        let response = self.call().await?.send().await?;
        self.began.get_or_insert_with(|| server_time(&response).unwrap_or(asked_at));
        let operation = self.entity.operations().list;
        let answer: Answer<Vec<Record>> = serde_json::from_slice(response.body()).map_err(|error| {
            Error::unavailable(format!("the answer to {operation} is not the JSON expected"))
                .with_code("unreadable_answer")
                .with_source(error)
        })?;
        let (mut records, cursor) = answer.into_page(operation)?;
        records.retain(|record| !record.is_deleted());
        self.pages_read += 1;
        self.cursor = cursor;
        Ok(Page { records, is_last: self.cursor.is_none() })
    }

    async fn call(&self) -> Result<Call> {
        let call = self.client.list(self.entity, self.cursor.as_deref()).await?;
        Ok(match &self.updated_since {
            Some(since) => call.query("updated_since", since),
            None => call.query("sort_by", "id").query("sort_direction", "desc"),
        })
    }
}

/// The server's own time: ours may be minutes off, and changes within them be missed.
fn server_time(response: &Response) -> Option<Timestamp> {
    let date = response.headers().get(http::header::DATE)?.to_str().ok()?;
    Some(jiff::fmt::rfc2822::parse(date).ok()?.timestamp())
}

/// How much of a list of all records is left, judged by what was read of it.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    known_total: Option<u64>,
    seen: u64,
    newest: Option<u64>,
    oldest: u64,
}

impl Progress {
    pub(crate) fn new(known_total: Option<u64>) -> Self {
        Self { known_total, ..Self::default() }
    }

    pub(crate) fn read(&mut self, records: &[Record]) {
        let ids = || records.iter().map(|record| record.id);
        self.seen += records.len() as u64;
        self.newest = self.newest.or(ids().max());
        self.oldest = ids().min().unwrap_or(self.oldest);
    }

    pub(crate) fn seen(&self) -> u64 {
        self.seen
    }

    /// How many records there seem to be. Ids are counted up from 1 and never given
    /// again: as many of the older ids are thought to be in use as of those that were read.
    pub(crate) fn total(&self) -> u64 {
        let by_density = || {
            let span = self.newest.map_or(0, |newest| newest.saturating_sub(self.oldest).saturating_add(1));
            let older = u128::from(self.oldest.saturating_sub(1)) * u128::from(self.seen);
            let older = older.checked_div(u128::from(span)).unwrap_or_default();
            self.seen + u64::try_from(older).unwrap_or(u64::MAX)
        };
        self.known_total.map_or_else(by_density, |total| total.max(self.seen))
    }

    /// Pages to be read yet, when the list goes on.
    pub(crate) fn pages_left(&self) -> u64 {
        pages(self.total().saturating_sub(self.seen))
    }
}

/// The pages of a list of so many records; even an empty list has one.
pub(crate) fn pages(records: u64) -> u64 {
    records.div_ceil(PAGE as u64).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(ids: impl Iterator<Item = u64>) -> Vec<Record> {
        let record = |id| {
            let mut record = Record::default();
            record.id = id;
            record
        };
        ids.map(record).collect()
    }

    fn after(ids: impl Iterator<Item = u64>) -> Progress {
        let mut progress = Progress::new(None);
        progress.read(&records(ids));
        progress
    }

    #[test]
    fn ids_without_gaps_tell_the_exact_number() {
        let progress = after((9_501..10_001).rev());
        assert_eq!(progress.total(), 10_000);
        assert_eq!(progress.pages_left(), 19);
    }

    #[test]
    fn gaps_among_the_newest_are_thought_to_go_on() {
        let progress = after((0..500).map(|place| 10_000 - 2 * place));
        assert!(progress.total().abs_diff(5_000) < 10, "{}", progress.total());
    }

    #[test]
    fn a_number_that_is_known_counts_until_more_are_seen() {
        let mut progress = Progress::new(Some(600));
        progress.read(&records((501..1_001).rev()));
        assert_eq!((progress.total(), progress.pages_left()), (600, 1));
        progress.read(&records((1..501).rev()));
        assert_eq!(progress.total(), 1_000);
    }

    #[test]
    fn no_records_are_one_page() {
        let progress = after(0..0);
        assert_eq!((progress.total(), pages(progress.total())), (0, 1));
    }

    #[test]
    fn the_largest_ids_do_not_overflow() {
        let progress = after([u64::MAX, u64::MAX - 1].into_iter());
        assert!(progress.total() > 1_000_000);
    }
}
