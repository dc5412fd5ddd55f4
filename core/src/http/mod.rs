//! HTTP: the one choke point for every call to a tool.
//!
//! A plugin builds a [`Call`] from its account's [`Http`] and sends it through the call
//! stack: trace, retry, auth, limit, wire. It says how to read an answer ([`Api`]) and how
//! to get a token ([`Authorize`]); everything that must not be got wrong is done here.

mod auth;
mod call;
mod meter;
mod reqwest_transport;
mod retry;
mod stack;
mod transport;
mod verdict;

pub use auth::{Authorize, StaticHeader, Token};
pub use call::{Call, CallInfo};
pub use meter::{CallCounts, Meter};
pub(crate) use meter::{RUN, RunScope};
pub use reqwest_transport::ReqwestTransport;
pub use retry::RetryPolicy;
pub use stack::Http;
pub use transport::{Request, Response, Transport, TransportError};
pub use verdict::{Api, HttpStatus, retry_after, verdict_of_status};
