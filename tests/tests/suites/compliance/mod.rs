//! Every request that the plugins send and every answer that the sandboxes give, judged
//! by the official specifications of the tools.
//!
//! Scenarios run through the registered plugins against sandboxes that keep all they
//! hear. Where a specification and the real service disagree, the service is right: a
//! short list of excuses says where, and why, and how that is known. What is neither as
//! specified nor excused fails the suite, and so does an excuse that nothing needs.

mod excuse;
mod heard;
mod host;
mod judge;
mod scenario;
mod tally;

mod marketo;
mod pipedrive;
