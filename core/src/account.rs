//! Accounts: one company's instance of a tool, with its limits and cache.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use serde_json::Value as Json;

use crate::app::AccountContext;
use crate::cache::Cache;
use crate::clock::Clock;
use crate::destination::Destination;
use crate::error::{Error, Result};
use crate::http::{CallCounts, Http, ReqwestTransport, RetryPolicy, Transport};
use crate::limits::{Limiter, LimitsLeft};
use crate::registry::{ErasedApp, Registry};

/// The framework as a host embeds it: its plugins, and the accounts it has open.
///
/// Make one and keep it: accounts opened on it share their limits, since the tool counts
/// the calls of a whole account, whichever destination makes them.
///
/// ```no_run
/// # async fn example() -> outflow_core::Result<()> {
/// use outflow_core::{Export, Outflow, Run};
/// use serde_json::json;
///
/// let outflow = Outflow::new()?;
/// let account = outflow.account("crm", &json!({ "endpoint": "https://crm.example", "token": "…" })).await?;
/// let people = account.destination("crm-people-export", &json!({}))?;
/// let exports = vec![Export::new("42").property("email", "ada@example.com")];
/// let (report, outcomes) = people.export_all(exports, Run::default()).await;
/// # Ok(()) }
/// ```
pub struct Outflow {
    registry: Registry,
    clock: Clock,
    transport: Arc<dyn Transport>,
    retry: RetryPolicy,
    shared: Mutex<HashMap<(&'static str, String), Weak<Shared>>>,
}

/// What all uses of one account have in common. Whoever can still make calls holds it:
/// when the last of them is gone, the next to open the account starts afresh.
#[derive(Debug)]
pub(crate) struct Shared {
    limiter: Limiter,
    cache: Cache,
}

impl Outflow {
    /// With every plugin linked into the program, the wall clock and real HTTP.
    ///
    /// # Errors
    /// When two plugins have one name.
    pub fn new() -> Result<Self> {
        Ok(Self::with_registry(Registry::linked()?))
    }

    /// With these plugins.
    #[must_use]
    pub fn with_registry(registry: Registry) -> Self {
        Self {
            registry,
            clock: Clock::system(),
            transport: Arc::new(ReqwestTransport::new()),
            retry: RetryPolicy::default(),
            shared: Mutex::default(),
        }
    }

    /// On another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Over another wire.
    #[must_use]
    pub fn with_transport(mut self, transport: impl Transport) -> Self {
        self.transport = Arc::new(transport);
        self
    }

    /// With other bounds of retries.
    #[must_use]
    pub fn with_retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// The plugins there are.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Opens an account of an App. It makes no call; [`Account::test`] does.
    ///
    /// # Errors
    /// When there is no such App, or an option is unknown, missing or wrong.
    pub async fn account(&self, app: &str, options: &Json) -> Result<Account> {
        let plugin = self.registry.app(app)?;
        let app = plugin.open(options)?;
        let shared = self.shared(plugin.app(), app.as_ref());
        let http = Http::new(
            Arc::clone(&self.transport),
            shared.limiter.clone(),
            self.retry.clone(),
            self.clock.clone(),
        );
        let context = AccountContext { http, cache: shared.cache.clone(), clock: self.clock.clone() };
        let client = app.connect(context.clone()).await?;
        Ok(Account { name: plugin.app(), app, client, context, registry: self.registry.clone(), shared })
    }

    fn shared(&self, name: &'static str, app: &dyn ErasedApp) -> Arc<Shared> {
        let mut all = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, shared| shared.strong_count() > 0);
        let key = (name, app.account());
        if let Some(shared) = all.get(&key).and_then(Weak::upgrade) {
            return shared;
        }
        let shared = Arc::new(Shared {
            limiter: Limiter::new(app.limits(), self.clock.clone()),
            cache: Cache::new(self.clock.clone()),
        });
        all.insert(key, Arc::downgrade(&shared));
        shared
    }
}

impl fmt::Debug for Outflow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outflow").field("registry", &self.registry).finish_non_exhaustive()
    }
}

/// One company's instance of a tool.
pub struct Account {
    name: &'static str,
    app: Box<dyn ErasedApp>,
    client: Arc<dyn Any + Send + Sync>,
    context: AccountContext,
    registry: Registry,
    shared: Arc<Shared>,
}

impl Account {
    /// Proves with one cheap call that the account works, and says whom it is connected as.
    ///
    /// # Errors
    /// What is wrong with it, and what to do.
    pub async fn test(&self) -> Result<String> {
        self.app.test(self.client.as_ref()).await
    }

    /// A destination: a connection configured on this account.
    ///
    /// # Errors
    /// When there is no such connection, it belongs to another App, or an option is
    /// unknown, missing or wrong.
    pub fn destination(&self, connection: &str, options: &Json) -> Result<Destination> {
        let plugin = self.registry.connection(connection)?;
        if plugin.app() != self.name {
            return Err(Error::configuration(format!(
                "{connection} is a connection of {}, and this is an account of {}",
                plugin.app(),
                self.name
            )));
        }
        let bound = plugin.bind(options, Arc::clone(&self.client))?;
        let shared = Arc::clone(&self.shared);
        Ok(Destination::new(bound, self.context.clone(), shared, options))
    }

    /// What is left of its limits.
    #[must_use]
    pub fn limits_left(&self) -> LimitsLeft {
        self.context.http.limiter().left()
    }

    /// The calls made through it so far.
    #[must_use]
    pub fn calls(&self) -> CallCounts {
        self.context.http.meter().counts()
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("app", &self.name).finish_non_exhaustive()
    }
}
