//! Scenarios: each is a test of its own, and all are judged together.

use std::future::Future;
use std::pin::Pin;

use super::host::Minutes;

/// A scenario: it makes its own host, and gives all that was said in it.
pub(crate) type Scenario = fn() -> Pin<Box<dyn Future<Output = Minutes>>>;

/// Makes a test of each scenario, and a list of them.
macro_rules! scenarios {
    ($($name:ident),+ $(,)?) => {
        /// The scenarios of this module.
        pub(crate) const ALL: &[(&str, $crate::compliance::scenario::Scenario)] =
            &[$((stringify!($name), || Box::pin($name()))),+];

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
