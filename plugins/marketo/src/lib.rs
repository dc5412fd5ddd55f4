//! Outflow plugin for Marketo.

#[cfg(feature = "sandbox")]
pub mod sandbox;
