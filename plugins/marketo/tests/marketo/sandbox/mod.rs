//! The sandbox, held to recordings of the real API and to its documents.

mod agreement;
mod caller;
mod describe;
mod find;
mod identity;
mod limits;
mod lists;
mod recordings;
mod records;
mod sync;
mod values;
