//! Scenarios: each is a test of its own, and the official specifications judge what was
//! said in all of them.

use std::future::Future;
use std::pin::Pin;

use super::client::Client;

/// A scenario: it makes its own client, and gives it back with all that was said.
pub(crate) type Scenario = fn() -> Pin<Box<dyn Future<Output = Client>>>;

/// Makes a test of each scenario, and a list of them to be judged together.
macro_rules! scenarios {
    ($($name:ident),+ $(,)?) => {
        /// The scenarios of this module.
        pub(crate) const ALL: &[(&str, $crate::pipedrive::scenario::Scenario)] =
            &[$((concat!(module_path!(), "::", stringify!($name)), || Box::pin($name()))),+];

        mod tests {
            $(
                #[tokio::test(start_paused = true)]
                async fn $name() {
                    super::$name().await;
                }
            )+
        }
    };
}
pub(crate) use scenarios;

/// All scenarios.
pub(crate) const SUITES: [&[(&str, Scenario)]; 10] = [
    super::access::ALL,
    super::every_type::ALL,
    super::fields::ALL,
    super::filters::ALL,
    super::limits::ALL,
    super::lists::ALL,
    super::organizations::ALL,
    super::persons::ALL,
    super::refusals::ALL,
    super::search::ALL,
];
