//! Outflow plugin for Pipedrive: persons and organizations, on its API v2.
//!
//! Linking this crate registers two connections, `pipedrive-persons-export` and
//! `pipedrive-organizations-export`, of the App `pipedrive`. The README has their
//! options, what maps to what, the limits and the error table.

#![warn(missing_docs)]

mod account_memory;
mod api;
mod app;
mod candidates;
mod client;
mod contacts;
mod directory;
mod entity;
mod errors;
mod fields;
mod filters;
mod groups;
mod lookup;
mod oauth;
mod organizations_export;
mod own_writes;
mod persons_export;
mod records;
#[cfg(feature = "sandbox")]
pub mod sandbox;
mod scan;
mod snapshot;
mod values;

pub use app::{Pipedrive, Plan};
pub use client::PipedriveClient;
pub use organizations_export::OrganizationsExport;
pub use persons_export::PersonsExport;

outflow_core::register!(PersonsExport, OrganizationsExport);
