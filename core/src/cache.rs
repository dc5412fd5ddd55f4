//! What an account remembers of its tool: field schemas, list ids, folder ids.

use std::any::Any;
use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Clock;
use crate::error::{Error, Result};

/// An account's cache. Each account has its own, so that one customer's ids can never
/// be used in another's tool. Cloning shares it.
///
/// An entry is found by kind, name and the kind's *generation*: a plain invalidation
/// that comes while a value is being loaded is lost, as the load stores the stale value
/// after it; raising the generation makes that store miss.
#[derive(Clone, Debug)]
pub struct Cache(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    clock: Clock,
    entries: moka::future::Cache<EntryKey, Entry>,
    generations: Mutex<HashMap<String, u64>>,
    loading: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

/// Entries one account keeps at most; the least used go first.
const CAPACITY: u64 = 100_000;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct EntryKey {
    kind: String,
    name: String,
    generation: u64,
}

#[derive(Clone, Debug)]
struct Entry {
    value: Arc<dyn Any + Send + Sync>,
    loaded_at: Duration,
}

impl Cache {
    /// An empty cache.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self(Arc::new(Inner {
            clock,
            entries: moka::future::Cache::new(CAPACITY),
            generations: Mutex::default(),
            loading: Mutex::default(),
        }))
    }

    /// The value of this kind and name, loaded at most once however many ask at the
    /// same time, and anew when it is older than `max_age`.
    ///
    /// # Errors
    /// What `load` returns; a failure is not kept.
    pub async fn get_or_load<T, F>(
        &self,
        kind: &str,
        name: &str,
        max_age: Duration,
        load: F,
    ) -> Result<Arc<T>>
    where
        T: Any + Send + Sync,
        F: Future<Output = Result<T>>,
    {
        if let Some(value) = self.get_younger(kind, name, Some(max_age)).await {
            return Ok(value);
        }
        let key = self.key(kind, name);
        // A stale entry would be taken for a fresh one by the load below.
        if self
            .0
            .entries
            .get(&key)
            .await
            .is_some_and(|entry| self.is_older(&entry, max_age))
        {
            self.0.entries.invalidate(&key).await;
        }
        let entry = self
            .0
            .entries
            .try_get_with(key, async { Ok::<_, Error>(self.entry(load.await?)) });
        let entry = entry.await.map_err(|error: Arc<Error>| (*error).clone())?;
        entry.value.downcast().map_err(|_| wrong_type(kind, name))
    }

    /// The values of several names. Those not there yet, or too old, are loaded together by one
    /// `load`, and no two loads of one kind run at the same time: what one caller
    /// creates, the next finds.
    ///
    /// # Errors
    /// What `load` returns as a whole; names that `load` leaves out stay unknown.
    pub async fn get_or_load_many<T, F, L>(
        &self,
        kind: &str,
        names: &[String],
        max_age: Duration,
        load: L,
    ) -> Result<HashMap<String, Arc<T>>>
    where
        T: Any + Send + Sync,
        F: Future<Output = Result<HashMap<String, T>>>,
        L: FnOnce(Vec<String>) -> F,
    {
        let (mut found, missing) = self.split(kind, names, max_age).await;
        if missing.is_empty() {
            return Ok(found);
        }
        let loading = {
            let mut loading = self.0.loading.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(loading.entry(kind.to_owned()).or_default())
        };
        let _turn = loading.lock().await;
        let (found_meanwhile, missing) = self.split(kind, &missing, max_age).await;
        found.extend(found_meanwhile);
        if missing.is_empty() {
            return Ok(found);
        }
        let generation = self.generation(kind);
        for (name, value) in load(missing).await? {
            let key = EntryKey {
                kind: kind.to_owned(),
                name: name.clone(),
                generation,
            };
            let value = Arc::new(value);
            let entry = Entry {
                value: Arc::clone(&value) as _,
                loaded_at: self.0.clock.elapsed(),
            };
            self.0.entries.insert(key, entry).await;
            found.insert(name, value);
        }
        Ok(found)
    }

    /// The value of this kind and name, if it is there.
    pub async fn get<T: Any + Send + Sync>(&self, kind: &str, name: &str) -> Option<Arc<T>> {
        self.get_younger(kind, name, None).await
    }

    /// Keeps a value.
    pub async fn insert<T: Any + Send + Sync>(&self, kind: &str, name: &str, value: T) {
        let entry = self.entry(value);
        self.0.entries.insert(self.key(kind, name), entry).await;
    }

    /// Forgets one value.
    pub async fn forget(&self, kind: &str, name: &str) {
        self.0.entries.invalidate(&self.key(kind, name)).await;
    }

    /// Forgets every value of a kind, those being loaded right now included.
    pub fn forget_all(&self, kind: &str) {
        let mut generations = self.0.generations.lock().unwrap_or_else(PoisonError::into_inner);
        *generations.entry(kind.to_owned()).or_default() += 1;
    }

    async fn split<T: Any + Send + Sync>(
        &self,
        kind: &str,
        names: &[String],
        max_age: Duration,
    ) -> (HashMap<String, Arc<T>>, Vec<String>) {
        let mut found = HashMap::new();
        let mut missing = Vec::new();
        for name in names {
            match self.get_younger(kind, name, Some(max_age)).await {
                Some(value) => drop(found.insert(name.clone(), value)),
                None => missing.push(name.clone()),
            }
        }
        (found, missing)
    }

    async fn get_younger<T: Any + Send + Sync>(
        &self,
        kind: &str,
        name: &str,
        max_age: Option<Duration>,
    ) -> Option<Arc<T>> {
        let entry = self.0.entries.get(&self.key(kind, name)).await?;
        if max_age.is_some_and(|max_age| self.is_older(&entry, max_age)) {
            return None;
        }
        entry.value.downcast().ok()
    }

    fn is_older(&self, entry: &Entry, max_age: Duration) -> bool {
        self.0.clock.elapsed().saturating_sub(entry.loaded_at) > max_age
    }

    fn entry<T: Any + Send + Sync>(&self, value: T) -> Entry {
        Entry {
            value: Arc::new(value),
            loaded_at: self.0.clock.elapsed(),
        }
    }

    fn generation(&self, kind: &str) -> u64 {
        let generations = self.0.generations.lock().unwrap_or_else(PoisonError::into_inner);
        generations.get(kind).copied().unwrap_or_default()
    }

    fn key(&self, kind: &str, name: &str) -> EntryKey {
        EntryKey {
            kind: kind.to_owned(),
            name: name.to_owned(),
            generation: self.generation(kind),
        }
    }
}

fn wrong_type(kind: &str, name: &str) -> Error {
    Error::plugin(format!(
        "the cache holds another type of value as {kind} {name:?}"
    ))
}
