//! Passing failures: attempts spread over time.

use std::time::Duration;

use outflow_core::http::RetryPolicy;
use outflow_core::{Clock, ErrorKind, Limits};

use super::URL;
use crate::scripted::{Reply, Wire, millis, secs};

fn gaps(instants: &[Duration]) -> Vec<Duration> {
    instants.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[tokio::test(start_paused = true)]
async fn pauses_grow_until_the_attempts_are_used_up() {
    let wire = Wire::new(&Clock::system(), |_, _| Reply::new(503, "busy"));
    let error = wire.http().get("find", URL).send().await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Unavailable { retry_after: None });
    assert_eq!(error.message(), "find answered HTTP 503: busy");

    let gaps = gaps(&wire.instants());
    assert_eq!(gaps.len(), 4);
    // Doubling from a second, with up to as much again as jitter.
    for (gap, least) in gaps.iter().zip([1, 2, 4, 8].map(secs)) {
        assert!((least..=2 * least).contains(gap), "{gaps:?}");
    }
    assert!(gaps.iter().sum::<Duration>() >= secs(15), "not within a second");
}

#[tokio::test(start_paused = true)]
async fn no_pause_is_longer_than_the_longest() {
    let wire = Wire::new(&Clock::system(), |_, _| Reply::new(503, ""));
    let retry = RetryPolicy { attempts: 8, longest_pause: secs(5), ..RetryPolicy::default() };
    let http = wire.retrying(Limits::none(), retry);
    http.get("find", URL).send().await.unwrap_err();
    let gaps = gaps(&wire.instants());
    assert_eq!(gaps.len(), 8);
    assert!(gaps.iter().all(|gap| *gap <= 2 * secs(5)), "{gaps:?}");
}

#[tokio::test(start_paused = true)]
async fn the_servers_own_delay_wins_when_it_is_longer() {
    let wire = Wire::replies(
        &Clock::system(),
        [Reply::new(503, "").header("retry-after", "45"), Reply::new(503, "").header("retry-after", "0")],
    );
    wire.http().get("find", URL).send().await.unwrap();
    let gaps = gaps(&wire.instants());
    assert_eq!(gaps[0], secs(45));
    assert!(gaps[1] >= secs(2), "{gaps:?}");
}

#[tokio::test(start_paused = true)]
async fn a_delay_beyond_patience_is_not_waited_out() {
    let clock = Clock::system();
    let wire = Wire::replies(&clock, [Reply::new(503, "").header("retry-after", "3600")]);
    let error = wire.http().get("find", URL).send().await.unwrap_err();
    assert_eq!(error.retry_after(), Some(secs(3600)));
    assert_eq!((wire.sent().len(), clock.elapsed()), (1, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn no_retries_means_one_attempt() {
    let wire = Wire::new(&Clock::system(), |_, _| Reply::new(503, ""));
    let retry = RetryPolicy { attempts: 0, ..RetryPolicy::default() };
    let http = wire.retrying(Limits::none(), retry);
    http.get("find", URL).send().await.unwrap_err();
    assert_eq!(wire.sent().len(), 1);
}

/// Lesson 27: a rate limit outside the retry loop makes retries free.
#[tokio::test(start_paused = true)]
async fn every_attempt_takes_its_place_in_the_limits() {
    let wire = Wire::replies(&Clock::system(), [Reply::new(503, ""), Reply::new(429, ""), Reply::broken()]);
    let limits = Limits::none().window(1, secs(100)).daily(1_000, jiff::tz::TimeZone::UTC);
    let http = wire.limited(limits);
    http.get("find", URL).cost(20).send().await.unwrap();

    let expected: Vec<Duration> = (0..4).map(|nth| nth * secs(102)).collect();
    assert_eq!(wire.instants(), expected);
    assert_eq!(http.limiter().left().daily.unwrap().0, 1_000 - 4 * 20);
}

#[tokio::test(start_paused = true)]
async fn a_caller_in_a_pause_keeps_nobody_from_calling() {
    let clock = Clock::system();
    let wire = Wire::new(&clock, |_, request| match request.uri().path() {
        "/people" => Reply::new(503, ""),
        _ => Reply::ok(),
    });
    let http = wire.limited(Limits::none().in_flight(1));
    let failing = http.get("find", URL).send();
    let working = async {
        clock.sleep(millis(500)).await;
        http.get("find", "https://crm.example/other").send().await.unwrap();
        clock.elapsed()
    };
    let (failed, worked_at) = tokio::join!(failing, working);
    assert!(failed.is_err());
    assert_eq!(worked_at, millis(500));
}
