//! Property tests: any mix of exports, in any order, with and without faults, gives one
//! outcome for each export and a tool that holds what a simple model holds.
//!
//! The cases are the same in every run: their seed is fixed.

mod change;
mod faulty;
mod quiet;
mod state;
pub(crate) mod trouble;
mod wish;

use proptest::test_runner::{Config, RngSeed, TestCaseResult};

/// So many cases, the same ones every time.
fn cases(count: u32) -> Config {
    Config {
        cases: count,
        rng_seed: RngSeed::Fixed(20_261_120),
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..Config::default()
    }
}

/// Runs a case under a paused clock.
fn paused(case: impl Future<Output = TestCaseResult>) -> TestCaseResult {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(case)
}
