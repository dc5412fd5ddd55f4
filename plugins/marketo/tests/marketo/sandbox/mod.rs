//! The sandbox, held to recordings of the real API and to its documents.

mod agreement;
mod recordings;
