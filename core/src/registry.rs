//! Registry: which plugins this program has.

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value as Json;

use crate::app::{AccountContext, App};
use crate::connection::{BatchExport, Bound, ErasedExport};
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::options::{OptionDescription, describe_options, read_options};

#[doc(hidden)]
pub use inventory;

/// One connection of a plugin, with its App, as [`register!`](crate::register) makes it.
#[derive(Clone, Copy)]
pub struct Plugin(&'static dyn PluginType);

impl Plugin {
    /// The plugin of this connection.
    #[must_use]
    pub const fn of<C: BatchExport>() -> Self {
        Self(&TypedPlugin::<C>(PhantomData))
    }

    /// The connection's name: `marketo-leads-export`.
    #[must_use]
    pub fn connection(&self) -> &'static str {
        self.0.connection()
    }

    /// What the connection is, as people write it.
    #[must_use]
    pub fn connection_title(&self) -> &'static str {
        self.0.connection_title()
    }

    /// The App's name: `marketo`.
    #[must_use]
    pub fn app(&self) -> &'static str {
        self.0.app()
    }

    /// The tool's name as people write it.
    #[must_use]
    pub fn app_title(&self) -> &'static str {
        self.0.app_title()
    }

    /// The App's options.
    #[must_use]
    pub fn app_options(&self) -> Vec<OptionDescription> {
        self.0.app_options()
    }

    /// The connection's options.
    #[must_use]
    pub fn connection_options(&self) -> Vec<OptionDescription> {
        self.0.connection_options()
    }

    pub(crate) fn open(&self, options: &Json) -> Result<Box<dyn ErasedApp>> {
        self.0.open(options)
    }

    pub(crate) fn bind(
        &self,
        options: &Json,
        client: Arc<dyn Any + Send + Sync>,
    ) -> Result<Arc<dyn ErasedExport>> {
        self.0.bind(options, client)
    }

    /// Whether two entries are one and the same registration, seen twice.
    fn is(&self, other: &Self) -> bool {
        self.0.type_id() == other.0.type_id()
    }

    fn has_app_of(&self, other: &Self) -> bool {
        self.0.app_type_id() == other.0.app_type_id()
    }
}

impl fmt::Debug for Plugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Plugin").field(&self.connection()).finish()
    }
}

inventory::collect!(Plugin);

trait PluginType: Send + Sync {
    fn type_id(&self) -> TypeId;
    fn app_type_id(&self) -> TypeId;
    fn connection(&self) -> &'static str;
    fn connection_title(&self) -> &'static str;
    fn app(&self) -> &'static str;
    fn app_title(&self) -> &'static str;
    fn app_options(&self) -> Vec<OptionDescription>;
    fn connection_options(&self) -> Vec<OptionDescription>;
    fn open(&self, options: &Json) -> Result<Box<dyn ErasedApp>>;
    fn bind(&self, options: &Json, client: Arc<dyn Any + Send + Sync>) -> Result<Arc<dyn ErasedExport>>;
}

struct TypedPlugin<C>(PhantomData<fn() -> C>);

impl<C: BatchExport> PluginType for TypedPlugin<C> {
    fn type_id(&self) -> TypeId {
        TypeId::of::<C>()
    }
    fn app_type_id(&self) -> TypeId {
        TypeId::of::<C::App>()
    }
    fn connection(&self) -> &'static str {
        C::NAME
    }
    fn connection_title(&self) -> &'static str {
        C::TITLE
    }
    fn app(&self) -> &'static str {
        C::App::NAME
    }
    fn app_title(&self) -> &'static str {
        C::App::TITLE
    }
    fn app_options(&self) -> Vec<OptionDescription> {
        describe_options::<C::App>()
    }
    fn connection_options(&self) -> Vec<OptionDescription> {
        describe_options::<C>()
    }
    fn open(&self, options: &Json) -> Result<Box<dyn ErasedApp>> {
        Ok(Box::new(read_options::<C::App>(C::App::NAME, options)?))
    }
    fn bind(&self, options: &Json, client: Arc<dyn Any + Send + Sync>) -> Result<Arc<dyn ErasedExport>> {
        Ok(Arc::new(Bound::new(read_options::<C>(C::NAME, options)?, client)?))
    }
}

/// [`App`] with its types erased.
#[async_trait]
pub(crate) trait ErasedApp: Send + Sync {
    fn account(&self) -> String;
    fn limits(&self) -> Limits;
    async fn connect(&self, context: AccountContext) -> Result<Arc<dyn Any + Send + Sync>>;
    async fn test(&self, client: &(dyn Any + Send + Sync)) -> Result<String>;
}

#[async_trait]
impl<A: App> ErasedApp for A {
    fn account(&self) -> String {
        App::account(self)
    }
    fn limits(&self) -> Limits {
        App::limits(self)
    }
    async fn connect(&self, context: AccountContext) -> Result<Arc<dyn Any + Send + Sync>> {
        Ok(Arc::new(App::connect(self, context).await?))
    }
    async fn test(&self, client: &(dyn Any + Send + Sync)) -> Result<String> {
        let client = client
            .downcast_ref::<A::Client>()
            .ok_or_else(|| Error::plugin(format!("{} was given another App's client", A::NAME)))?;
        A::test(client).await
    }
}

/// Registers a plugin's connections: at link time, and as the public constant `PLUGINS`.
///
/// Link-time registration alone finds nothing, silently, when no code names the plugin's
/// crate; a host that names `PLUGINS` cannot forget it.
///
/// ```ignore
/// outflow_core::register!(PersonsExport, OrganizationsExport);
/// ```
#[macro_export]
macro_rules! register {
    ($($connection:ty),+ $(,)?) => {
        /// The connections of this plugin.
        pub const PLUGINS: &[$crate::Plugin] = &[$($crate::Plugin::of::<$connection>()),+];
        $($crate::registry::inventory::submit! { $crate::Plugin::of::<$connection>() })+
    };
}

/// The plugins a program has, by connection.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    plugins: BTreeMap<&'static str, Plugin>,
}

impl Registry {
    /// Every plugin that is linked into the program.
    ///
    /// # Errors
    /// When two plugins have one name.
    pub fn linked() -> Result<Self> {
        Self::of(inventory::iter::<Plugin>())
    }

    /// These plugins.
    ///
    /// # Errors
    /// When two plugins have one name.
    pub fn of<'a>(plugins: impl IntoIterator<Item = &'a Plugin>) -> Result<Self> {
        let mut registry = Self::default();
        for plugin in plugins {
            registry.add(*plugin)?;
        }
        Ok(registry)
    }

    /// Adds a plugin. Adding the same one again changes nothing.
    ///
    /// # Errors
    /// When another plugin has its connection's name, or another App its App's.
    pub fn add(&mut self, plugin: Plugin) -> Result<()> {
        let name = plugin.connection();
        if self.plugins.get(name).is_some_and(|other| !other.is(&plugin)) {
            return Err(two_of("a connection", name));
        }
        let mut others = self.plugins.values();
        if others.any(|other| other.app() == plugin.app() && !other.has_app_of(&plugin)) {
            return Err(two_of("an app", plugin.app()));
        }
        self.plugins.insert(name, plugin);
        Ok(())
    }

    /// The plugins, by connection name.
    pub fn plugins(&self) -> impl Iterator<Item = &Plugin> {
        self.plugins.values()
    }

    /// The plugin of a connection.
    ///
    /// # Errors
    /// When it is not there: the error lists what is linked and says how to link more.
    pub fn connection(&self, name: &str) -> Result<&Plugin> {
        self.plugins
            .get(name)
            .ok_or_else(|| self.not_found("connection", name, self.plugins.keys().copied().collect()))
    }

    /// A plugin of an App.
    ///
    /// # Errors
    /// When none is there: the error lists what is linked and says how to link more.
    pub fn app(&self, name: &str) -> Result<&Plugin> {
        let found = self.plugins.values().find(|plugin| plugin.app() == name);
        found.ok_or_else(|| {
            let apps: BTreeSet<&str> = self.plugins.values().map(Plugin::app).collect();
            let apps = apps.into_iter().collect();
            self.not_found("app", name, apps)
        })
    }

    fn not_found(&self, what: &str, name: &str, there: Vec<&str>) -> Error {
        let there = if there.is_empty() {
            "no plugin is linked into this program".to_owned()
        } else {
            format!("this program has {}", there.join(", "))
        };
        Error::configuration(format!(
            "there is no {what} {name:?}; {there}. To link a plugin, add its crate and name it in code \
             (`use outflow_marketo as _;`), or hand its `PLUGINS` to the registry"
        ))
        .with_code("not_linked")
        .with_field(name)
    }
}

fn two_of(what: &str, name: &str) -> Error {
    Error::configuration(format!("two plugins have {what} named {name:?}; unlink one of them"))
        .with_code("duplicate_plugin")
        .with_field(name)
}
