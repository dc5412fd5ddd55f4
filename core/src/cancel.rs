//! Stopping a run cleanly.

use std::sync::Arc;

use tokio::sync::watch;

/// A signal that stops a run: what is in flight finishes, the rest stays due.
///
/// Cloning shares it. It is never unset.
#[derive(Clone, Debug)]
pub struct Cancel(Arc<watch::Sender<bool>>);

impl Cancel {
    /// A signal not yet set.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Sets it.
    pub fn set(&self) {
        self.0.send_replace(true);
    }

    /// Whether it is set.
    #[must_use]
    pub fn is_set(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is set.
    pub async fn wait(&self) {
        // The sender lives as long as `self`, so this ends only when it is set.
        let _ = self.0.subscribe().wait_for(|set| *set).await;
    }
}

impl Default for Cancel {
    fn default() -> Self {
        Self::new()
    }
}
