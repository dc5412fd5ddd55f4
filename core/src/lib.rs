//! Outflow exports batches of customer profiles to the tools a company works in and
//! keeps them in agreement.

#![warn(missing_docs)]

mod account;
mod app;
mod batch;
mod cache;
mod cancel;
mod capability;
mod clock;
mod connection;
mod conversion;
mod destination;
mod endpoint;
mod engine;
mod error;
mod export;
pub mod http;
mod identity;
mod limits;
mod options;
mod outcome;
#[doc(hidden)]
pub mod registry;
mod report;
mod schema;
mod secret;
mod sync_mode;
mod value;

pub use account::{Account, Outflow};
pub use app::{AccountContext, App};
pub use batch::{Batch, Found, GroupIds, Outcomes, Row, RowOutcome, WantedGroup, Write};
pub use cache::Cache;
pub use cancel::Cancel;
pub use capability::{BatchSize, Capability, GroupSupport};
pub use clock::{Clock, Elapsed};
pub use connection::{BatchExport, Client};
pub use conversion::convert;
pub use destination::{Destination, Run};
pub use endpoint::Endpoint;
pub use error::{Error, ErrorKind, Result, Scope};
pub use export::Export;
pub use identity::{Key, ProfileId, RemoteId};
pub use limits::{Daily, Limiter, Limits, LimitsLeft, Window};
pub use options::{OptionDescription, describe_options, read_options};
pub use outcome::{Outcome, Outcomed, Problem, SkipReason};
pub use registry::{Plugin, Registry};
pub use report::{OutcomeCounts, Report};
pub use schema::{Choice, Field, FieldType, MappingSchema, MaxLength, NoField, UnknownFields};
pub use secret::Secret;
pub use sync_mode::{SyncMode, UnknownSyncMode};
pub use value::{Properties, Value};
