//! The Pipedrive plugin of Outflow.

#[cfg(feature = "sandbox")]
pub mod sandbox;
