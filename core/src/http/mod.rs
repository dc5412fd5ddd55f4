//! HTTP: the wire below and the call stack above it.

mod transport;

pub use transport::{Request, Response, Transport, TransportError};
