//! The sandbox of Pipedrive, asked by hand, and held to recordings of the real service.
//! The official specifications judge it in [`crate::compliance`].

pub(crate) mod client;
mod readback;
mod recordings;
mod scale;
pub(crate) mod scenario;

mod access;
mod every_type;
mod fields;
mod filters;
mod limits;
mod lists;
mod organizations;
mod persons;
mod refusals;
mod search;
