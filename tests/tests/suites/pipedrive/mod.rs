//! The sandbox of Pipedrive, held to the official specifications and to recordings of
//! the real service.

mod client;
mod plugin;
mod readback;
mod recordings;
mod scale;
mod specified;

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
