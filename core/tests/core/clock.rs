//! The clock: paused with the runtime, scaled, never backwards.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use outflow_core::{Clock, Elapsed};
use rstest::rstest;

use crate::scripted::{millis, secs};

fn noon() -> Timestamp {
    "2026-01-15T12:00:00Z".parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn time_passes_with_the_runtimes() {
    let clock = Clock::starting_at(noon());
    assert_eq!((clock.now(), clock.elapsed()), (noon(), Duration::ZERO));
    clock.sleep(secs(86_400)).await;
    assert_eq!(clock.now(), noon() + SignedDuration::from_hours(24));
    assert_eq!(clock.elapsed(), secs(86_400));
    let copy = clock.clone();
    assert_eq!(copy.now(), clock.now());
}

#[tokio::test(start_paused = true)]
async fn a_scaled_clock_runs_faster() {
    let wall = Clock::system();
    let clock = Clock::scaled(60.0).restarted_at(noon());
    clock.sleep(secs(3600)).await;
    assert_eq!(wall.elapsed(), secs(60));
    assert_eq!(clock.now(), noon() + SignedDuration::from_hours(1));
    assert_eq!(clock.timeout(secs(60), wall.sleep(secs(2))).await, Err(Elapsed));
    assert_eq!(wall.elapsed(), secs(61), "a minute of its own");
}

#[rstest]
#[case(0.0)]
#[case(-1.0)]
#[case(f64::NAN)]
#[case(f64::INFINITY)]
#[tokio::test(start_paused = true)]
async fn a_scale_that_is_none_counts_as_1(#[case] scale: f64) {
    let clock = Clock::scaled(scale);
    tokio::time::sleep(secs(1)).await;
    assert_eq!(clock.elapsed(), secs(1));
}

#[tokio::test(start_paused = true)]
async fn what_ends_in_time_gives_its_value() {
    let clock = Clock::system();
    let quick = async {
        clock.sleep(millis(999)).await;
        7
    };
    assert_eq!(clock.timeout(secs(1), quick).await, Ok(7));
    assert_eq!(clock.elapsed(), millis(999));
}

#[tokio::test(start_paused = true)]
async fn the_end_of_time_does_not_overflow() {
    let clock = Clock::starting_at(Timestamp::MAX);
    tokio::time::sleep(secs(10)).await;
    assert_eq!(clock.now(), Timestamp::MAX);
    let forever = clock.timeout(secs(1), clock.sleep(Duration::MAX)).await;
    assert_eq!(forever, Err(Elapsed));
    let slow = Clock::scaled(1e-9);
    let forever = clock.timeout(secs(1), slow.sleep(Duration::MAX)).await;
    assert_eq!(forever, Err(Elapsed));
}
