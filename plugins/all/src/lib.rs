//! Every Outflow plugin, behind one feature each.
//!
//! Naming this crate links and registers the plugins of its features:
//!
//! ```
//! use outflow_plugins as _;
//!
//! let registry = outflow_core::Registry::linked()?;
//! assert!(registry.connection("marketo-leads-export").is_ok());
//! # Ok::<(), outflow_core::Error>(())
//! ```
//!
//! A host that would rather not rely on link-time registration hands over
//! [`plugins`] itself.

#![warn(missing_docs)]

use outflow_core::Plugin;

#[cfg(feature = "marketo")]
pub use outflow_marketo as marketo;
#[cfg(feature = "pipedrive")]
pub use outflow_pipedrive as pipedrive;

/// The plugins of this crate's features.
///
/// ```
/// let registry = outflow_core::Registry::of(outflow_plugins::plugins())?;
/// assert_eq!(registry.plugins().count(), 3);
/// # Ok::<(), outflow_core::Error>(())
/// ```
pub fn plugins() -> impl Iterator<Item = &'static Plugin> {
    let all: [&'static [Plugin]; _] = [
        #[cfg(feature = "marketo")]
        marketo::PLUGINS,
        #[cfg(feature = "pipedrive")]
        pipedrive::PLUGINS,
    ];
    all.into_iter().flatten()
}
