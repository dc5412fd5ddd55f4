//! Outflow exports batches of customer profiles to the tools a company works in and
//! keeps them in agreement.

#![warn(missing_docs)]

mod clock;
mod error;
mod export;
pub mod http;
mod identity;
mod secret;
mod sync_mode;
mod value;

pub use clock::{Clock, Elapsed};
pub use error::{Error, ErrorKind, Result, Scope};
pub use export::Export;
pub use identity::{Key, ProfileId, RemoteId};
pub use secret::Secret;
pub use sync_mode::{SyncMode, UnknownSyncMode};
pub use value::{Properties, Value};
