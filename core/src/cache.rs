//! What an account remembers of its tool: field schemas, list ids, folder ids.

use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Clock;
use crate::error::{Error, Result};

/// An account's cache. Each account has its own, so that one customer's ids can never
/// be used in another's tool. Cloning shares it.
///
/// An entry is found by kind, name and *generation*: a plain invalidation that comes
/// while a value is being loaded is lost, as the load stores the stale value after it;
/// raising the generation makes that store miss.
#[derive(Clone, Debug)]
pub struct Cache(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    clock: Clock,
    entries: moka::future::Cache<EntryKey, Entry>,
    generations: Mutex<HashMap<String, Generations>>,
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

/// What was forgotten of one kind, counted: a name's generation is the sum of both, and
/// never the same again once it was raised.
#[derive(Clone, Debug, Default)]
struct Generations {
    all: u64,
    names: HashMap<String, u64>,
}

impl Generations {
    fn of(&self, name: &str) -> u64 {
        self.all + self.names.get(name).copied().unwrap_or_default()
    }

    fn raise(&mut self, name: &str) {
        *self.names.entry(name.to_owned()).or_default() += 1;
    }

    fn raise_all(&mut self) {
        let most = self.names.drain().map(|(_, generation)| generation).max();
        self.all += most.unwrap_or_default() + 1;
    }
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
        let mut key = self.key(kind, name);
        // A stale entry would be taken for a fresh one by the load below.
        let entry = self.0.entries.get(&key).await;
        if entry.is_some_and(|entry| self.is_older(&entry, max_age)) {
            self.forget_generation(&key).await;
            key = self.key(kind, name);
        }
        let entry = self.0.entries.try_get_with(key, async { Ok::<_, Error>(self.entry(load.await?)) });
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
        // Taken before the load: what is forgotten meanwhile must not come back.
        let generations = self.generations(kind);
        for (name, value) in load(missing).await? {
            let key =
                EntryKey { kind: kind.to_owned(), generation: generations.of(&name), name: name.clone() };
            let value = Arc::new(value);
            let entry = Entry { value: Arc::clone(&value) as _, loaded_at: self.0.clock.elapsed() };
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

    /// Forgets one value, though it be loaded right now.
    pub async fn forget(&self, kind: &str, name: &str) {
        self.forget_generation(&self.key(kind, name)).await;
    }

    /// Forgets every value of a kind, those being loaded right now included.
    pub fn forget_all(&self, kind: &str) {
        self.lock_generations().entry(kind.to_owned()).or_default().raise_all();
    }

    /// Forgets this very entry, unless another caller did so already: what that one
    /// loads is fresh.
    async fn forget_generation(&self, key: &EntryKey) {
        {
            let mut all = self.lock_generations();
            let generations = all.entry(key.kind.clone()).or_default();
            if generations.of(&key.name) == key.generation {
                generations.raise(&key.name);
            }
        }
        self.0.entries.invalidate(key).await;
    }

    async fn split<T: Any + Send + Sync>(
        &self,
        kind: &str,
        names: &[String],
        max_age: Duration,
    ) -> (HashMap<String, Arc<T>>, Vec<String>) {
        let mut found = HashMap::new();
        let mut missing = Vec::new();
        let mut asked = HashSet::with_capacity(names.len());
        // A name given twice is created once.
        for name in names.iter().filter(|name| asked.insert(name.as_str())) {
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
        Entry { value: Arc::new(value), loaded_at: self.0.clock.elapsed() }
    }

    fn lock_generations(&self) -> MutexGuard<'_, HashMap<String, Generations>> {
        // A panic elsewhere leaves whole numbers behind.
        self.0.generations.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn generations(&self, kind: &str) -> Generations {
        self.lock_generations().get(kind).cloned().unwrap_or_default()
    }

    fn key(&self, kind: &str, name: &str) -> EntryKey {
        let all = self.lock_generations();
        EntryKey {
            kind: kind.to_owned(),
            name: name.to_owned(),
            generation: all.get(kind).map_or(0, |generations| generations.of(name)),
        }
    }
}

fn wrong_type(kind: &str, name: &str) -> Error {
    Error::plugin(format!("the cache holds another type of value as {kind} {name:?}"))
}
