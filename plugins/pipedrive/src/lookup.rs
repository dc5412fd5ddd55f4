//! Look-up of keys, by the cheaper of three ways:
//!
//! | way | tokens |
//! |---|---|
//! | catch up with what changed since an earlier scan | 10 ⌈Δ/500⌉ |
//! | scan: read all P records | 10 ⌈P/500⌉ |
//! | search for each of n keys | 20 n, and not before the index has the record |
//!
//! When P is not known yet, the scan's first page tells: its ids show how many records
//! there may be. If searching then turns out to be cheaper, that page's 10 tokens are the
//! price of knowing P, once for an account.
//!
//! Whatever the way, a record counts as found only when it holds the key exactly, and a
//! look-up of which any part failed is an error: a key that was not asked about must never
//! seem to be free.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use futures::stream::{self, StreamExt, TryStreamExt};
use jiff::{SignedDuration, Timestamp};
use outflow_core::{Found, Key, Result};

use crate::api::{Answer, FoundItem, FoundItems, Record};
use crate::app::SEARCH_BURST;
use crate::candidates::Candidate;
use crate::client::{PipedriveClient, SEARCHES, cost, paged};
use crate::directory::{Directory, Known, fits_a_snapshot};
use crate::entity::Entity;
use crate::scan::{Pages, Progress, pages};
use crate::snapshot::{Holder, KeyHash};

/// How far a list of changes reaches back beyond what is known: update times of new
/// records were seen to move by some seconds after the fact.
const OVERLAP: SignedDuration = SignedDuration::from_secs(15);

/// Finds the records that hold these keys.
pub(crate) async fn find(client: &PipedriveClient, entity: Entity, keys: &[Key]) -> Result<Found> {
    if keys.is_empty() {
        return Ok(Found::new());
    }
    let directory = client.directory(entity);
    let _turn = directory.turn().await;
    let mut lookup = Lookup {
        client,
        entity,
        directory,
        wanted: keys.iter().map(|key| (directory.hash(key), key)).collect(),
        hits: Vec::new(),
        listed: HashSet::new(),
    };
    lookup.run().await?;
    Ok(lookup.found())
}

struct Lookup<'a> {
    client: &'a PipedriveClient,
    entity: Entity,
    directory: &'a Directory,
    wanted: HashMap<KeyHash, &'a Key>,
    hits: Vec<Holder>,
    /// Records that a list showed: lists are newer than the search.
    listed: HashSet<u64>,
}

impl<'a> Lookup<'a> {
    async fn run(&mut self) -> Result<()> {
        let is_answered = match self.directory.known(self.now()) {
            Known::Until { as_of, changed } => self.catch_up(as_of, changed).await?,
            Known::Count(total) => self.scan(total).await?,
        };
        if is_answered { Ok(()) } else { self.search_all().await }
    }

    /// What was hit, our own writes taking the place of what the tool showed of them.
    fn found(mut self) -> Found {
        self.directory.without_own(&mut self.hits);
        self.hits.extend(self.own_holders());
        self.hits.sort_unstable();
        let mut found = Found::new();
        for (hash, id) in &self.hits {
            let Some(key) = self.wanted.get(hash) else {
                continue;
            };
            found.insert((*key).clone(), *id);
            if self.entity == Entity::Person {
                self.directory.remember_email(*id, key, self.now());
            }
        }
        found
    }

    fn own_holders(&self) -> Vec<Holder> {
        self.directory.own_holders(|key| self.wanted.contains_key(key))
    }

    fn now(&self) -> Duration {
        self.client.clock().elapsed()
    }

    /// What searching for everything that is wanted would take.
    fn price_of_searching(&self) -> u64 {
        cost::SEARCH * self.wanted.len() as u64
    }

    /// Brings the snapshot up to date and answers from it, unless searching is cheaper.
    async fn catch_up(&mut self, as_of: Timestamp, changed: u64) -> Result<bool> {
        let price = self.price_of_searching();
        if cost::LIST * pages(changed) > price {
            return Ok(false);
        }
        let began_at = self.now();
        let mut changes = self.changes_since(as_of);
        let (mut ids, mut holders) = (HashSet::new(), Vec::new());
        loop {
            let page = changes.next().await?;
            for record in &page.records {
                ids.insert(record.id);
                holders.extend(self.take_in(record));
            }
            if page.is_last {
                break;
            }
            // Nobody can tell how much is left; no more is spent on it than on a search.
            if cost::LIST * (changes.pages_read + 1) > price {
                self.directory.fell_behind(ids.len() as u64 + 1);
                return Ok(false);
            }
        }
        let as_of = changes.began.unwrap_or(as_of);
        self.directory.caught_up(ids, holders, as_of, began_at);
        self.hits = self
            .wanted
            .keys()
            .flat_map(|key| self.directory.in_snapshot(*key).into_iter().map(|id| (*key, id)))
            .collect();
        Ok(true)
    }

    /// Reads all records, as long as that is cheaper than searching.
    async fn scan(&mut self, known_total: Option<u64>) -> Result<bool> {
        let price = self.price_of_searching();
        if known_total.is_some_and(|total| cost::LIST * pages(total) > price) {
            return Ok(false);
        }
        let began_at = self.now();
        let mut all = Pages::all(self.client, self.entity);
        let mut progress = Progress::new(known_total);
        let mut holders = Some(Vec::new());
        loop {
            let page = all.next().await?;
            progress.read(&page.records);
            for record in &page.records {
                let held = self.take_in(record);
                if let Some(kept) = &mut holders {
                    kept.extend(held);
                }
            }
            if page.is_last {
                break;
            }
            if holders.as_ref().is_some_and(|kept| !fits_a_snapshot(kept.len())) {
                tracing::info!(records = progress.seen(), "too many records to keep a snapshot of");
                holders = None;
            }
            if cost::LIST * progress.pages_left() > price {
                self.directory.estimate_total(progress.total());
                return Ok(false);
            }
        }
        let as_of = all.began.unwrap_or_else(|| self.client.clock().now());
        self.directory.scanned(progress.seen(), holders, as_of, began_at);
        Ok(true)
    }

    /// The keys a record holds, noting those that are wanted.
    fn take_in(&mut self, record: &Record) -> Vec<Holder> {
        self.listed.insert(record.id);
        let keys = self.entity.keys_of(record);
        let holders: Vec<Holder> = self.directory.holders(record.id, &keys).collect();
        let before = self.hits.len();
        self.hits.extend(holders.iter().filter(|(key, _)| self.wanted.contains_key(key)));
        if self.hits.len() > before && self.entity == Entity::Person {
            let candidate = Candidate::of_record(record, self.now());
            self.directory.remember(record.id, candidate);
        }
        holders
    }

    fn changes_since(&self, as_of: Timestamp) -> Pages<'a> {
        let since = as_of.checked_sub(OVERLAP).unwrap_or(Timestamp::UNIX_EPOCH);
        Pages::changed_since(self.client, self.entity, since)
    }

    /// Searches for each key that our own writes do not answer. What a page of a list has
    /// shown already is kept: the newest records are on it, which the search may not have.
    async fn search_all(&mut self) -> Result<()> {
        let own: HashSet<KeyHash> = self.own_holders().into_iter().map(|(key, _)| key).collect();
        let unknown: Vec<(KeyHash, Key)> = self
            .wanted
            .iter()
            .filter(|(hash, _)| !own.contains(hash))
            .map(|(hash, key)| (*hash, (*key).clone()))
            .collect();
        let searches = unknown.into_iter().map(|(hash, key)| self.search(hash, key));
        let results: Vec<Vec<Holder>> =
            stream::iter(searches).buffer_unordered(SEARCH_BURST).try_collect().await?;
        let hits = results.into_iter().flatten();
        self.hits.extend(hits.filter(|(_, id)| !self.listed.contains(id)));
        self.look_where_search_cannot().await
    }

    /// The records that hold this key, by the search.
    async fn search(&self, hash: KeyHash, key: Key) -> Result<Vec<Holder>> {
        let operation = self.entity.operations().search;
        let url = self.client.v2(&format!("{}/search", self.entity.path())).await?;
        let mut holders = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let call = self
                .client
                .http()
                .get(operation, &url)
                .query("term", key.as_str())
                .query("fields", self.entity.key_field())
                .query("exact_match", "true")
                .lane(SEARCHES)
                .cost(cost::SEARCH);
            let answer: Answer<FoundItems> = paged(call, cursor.as_deref()).receive().await?;
            let (page, next) = answer.into_page(operation)?;
            for hit in &page.items {
                // The search ignores case, and an exact match may be of another value of
                // the record: what counts is what the record shows.
                if self.entity.keys_of_found(&hit.item).contains(&key) {
                    holders.push((hash, hit.item.id));
                    self.remember(&hit.item);
                }
            }
            match next {
                Some(next) => cursor = Some(next),
                None => return Ok(holders),
            }
        }
    }

    fn remember(&self, item: &FoundItem) {
        if self.entity == Entity::Person {
            let candidate = Candidate::of_found(item, self.now());
            self.directory.remember(item.id, candidate);
        }
    }

    /// The search lags; lists do not. Where we know that something may have been written a
    /// moment ago, the list of recent changes has the last word.
    async fn look_where_search_cannot(&mut self) -> Result<()> {
        let now = self.now();
        let since = self.directory.unsearchable_since(now, |key| self.wanted.contains_key(key));
        let Some(since) = since else { return Ok(()) };
        let ago = SignedDuration::try_from(now.saturating_sub(since)).unwrap_or_default();
        let since = self.client.clock().now().checked_sub(ago);
        let mut changes = self.changes_since(since.unwrap_or(Timestamp::UNIX_EPOCH));
        loop {
            let page = changes.next().await?;
            for record in &page.records {
                self.take_in(record);
            }
            if page.is_last {
                return Ok(());
            }
        }
    }
}
