//! Recorded HTTP for tests of Outflow plugins: real traffic is recorded once and replayed
//! for ever, without credentials.
//!
//! A [`Cassette`] is a HAR 1.2 file, which browsers' tools and HAR viewers open; files
//! exported from those are read too. A test opens it by one call, [`cassette!`], gives
//! its wire and clock to an [`Outflow`](outflow_core::Outflow), and lets it check
//! itself when it goes. `OUTFLOW_CASSETTES` says what happens:
//!
//! | mode | calls the tool | the file |
//! |---|---|---|
//! | `replay`, or not set | never | answers; every entry must be used, and no request be unknown |
//! | `record` | yes | is written anew |
//! | `append` | yes | grows at its end |
//! | `live` | yes | is not touched |
//!
//! What is secret never reaches the disk ([`Redaction`]). What a replay looks at is
//! strict, and loosened by name ([`Matching`]). [`Recorder`] and [`Replayer`] are the
//! transports themselves, for those who keep their files elsewhere.

#![warn(missing_docs)]

mod body;
mod builder;
mod cassette;
mod difference;
mod encoding;
mod entry;
mod error;
mod exchange;
mod har;
mod location;
mod matching;
mod mode;
mod options;
mod ordered_json;
mod posted;
mod recorder;
mod redaction;
mod replayer;

pub use builder::CassetteBuilder;
pub use cassette::{Cassette, CassetteTransport};
pub use error::CassetteError;
pub use matching::Matching;
pub use mode::{MODE_VARIABLE, Mode};
pub use recorder::Recorder;
pub use redaction::Redaction;
pub use replayer::Replayer;

/// A [`CassetteBuilder`] named after the test it stands in: in the test `are_created` of
/// the module `people`, `tests/cassettes/people/are_created.har` of the crate.
///
/// Tests of one function with several cases have one name: give each case its own with
/// [`Cassette::builder`].
///
/// ```no_run
/// # fn main() -> Result<(), outflow_testkit::CassetteError> {
/// let cassette = outflow_testkit::cassette!().open()?;
/// # drop(cassette);
/// # Ok(()) }
/// ```
#[macro_export]
macro_rules! cassette {
    () => {{
        fn here() {}
        $crate::CassetteBuilder::of_test(::std::any::type_name_of_val(&here), env!("CARGO_MANIFEST_DIR"))
    }};
}
