//! Outflow plugin for Marketo Engage: exports profiles as leads, and their groups as
//! static lists.
//!
//! | App | Connection | record | key | group |
//! |---|---|---|---|---|
//! | [`marketo`](Marketo) | [`marketo-leads-export`](LeadsExport) | lead | `email`, or another searchable field | static list |
//!
//! Link it by naming it in code (`use outflow_marketo as _;`), or hand [`PLUGINS`] to a
//! registry. The crate's README says what maps to what, and how errors read.
//!
//! In comments, `[doc]` stands for Marketo's own documentation of its REST API, and `[rec]`
//! for what recordings of the real one show.

#![warn(missing_docs)]

mod api;
mod app;
mod errors;
mod fields;
mod invalid_field;
mod leads_export;
mod lists;
mod records;
#[cfg(feature = "sandbox")]
pub mod sandbox;

pub use app::{Marketo, MarketoClient};
pub use leads_export::{LeadsExport, OnInvalidField};

outflow_core::register!(LeadsExport);
