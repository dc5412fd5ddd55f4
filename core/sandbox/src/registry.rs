//! Which sandboxes are linked into this program.

use std::sync::Arc;

use crate::{Sandbox, SandboxOptions};

/// A sandbox that can be started, as a plugin registers it.
#[derive(Clone, Copy)]
pub struct SandboxType {
    /// The App it imitates: `marketo`.
    pub app: &'static str,
    /// Starts one.
    pub start: fn(SandboxOptions) -> Arc<dyn Sandbox>,
}

impl SandboxType {
    /// Every sandbox linked into this program, ordered by App.
    #[must_use]
    pub fn all() -> Vec<&'static Self> {
        let mut all: Vec<_> = inventory::iter::<Self>().collect();
        all.sort_by_key(|sandbox| sandbox.app);
        all
    }

    /// The sandbox of an App, if it is linked.
    #[must_use]
    pub fn find(app: &str) -> Option<&'static Self> {
        inventory::iter::<Self>().find(|sandbox| sandbox.app == app)
    }
}

impl std::fmt::Debug for SandboxType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SandboxType").field("app", &self.app).finish_non_exhaustive()
    }
}

inventory::collect!(SandboxType);

/// Registers a sandbox: the App's name and a `fn(SandboxOptions) -> Arc<dyn Sandbox>`.
///
/// It also makes a public const `SANDBOX`: naming it in code is what keeps a linker from
/// dropping the crate, and with it the registration.
#[macro_export]
macro_rules! register {
    ($app:expr, $start:expr $(,)?) => {
        /// The sandbox of this crate.
        pub const SANDBOX: $crate::SandboxType = $crate::SandboxType { app: $app, start: $start };
        $crate::inventory::submit! { SANDBOX }
    };
}
