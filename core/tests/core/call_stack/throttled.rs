//! Too many calls: everybody of the account waits, no attempt is burnt, and it ends.

use std::time::Duration;

use futures::future::join_all;
use jiff::Timestamp;
use outflow_core::http::{Api, CallInfo, Response};
use outflow_core::{Clock, Error, ErrorKind, Limits, Result};
use rstest::rstest;

use super::URL;
use crate::scripted::{Reply, Wire, millis, secs};

#[rstest]
#[case::seconds("17")]
#[case::date("Thu, 15 Jan 2026 12:00:17 GMT")]
#[tokio::test(start_paused = true)]
async fn the_server_says_how_long_to_wait(#[case] retry_after: &str) {
    let clock = Clock::starting_at("2026-01-15T12:00:00Z".parse().unwrap());
    let wire = Wire::replies(&clock, [Reply::new(429, "").header("retry-after", retry_after)]);
    wire.http().get("find", URL).send().await.unwrap();
    assert_eq!(wire.instants(), [secs(0), secs(17)]);
}

#[tokio::test(start_paused = true)]
async fn throttling_burns_no_attempt() {
    let wire = Wire::new(&Clock::system(), |nth, _| match nth {
        0..20 => Reply::new(429, "").header("retry-after", "1"),
        20..24 => Reply::new(503, ""),
        _ => Reply::ok(),
    });
    wire.http().get("find", URL).send().await.unwrap();
    assert_eq!(wire.sent().len(), 25, "20 throttled, 4 retried, 1 that worked");
}

#[tokio::test(start_paused = true)]
async fn throttling_without_a_delay_is_spread_over_time_and_ends() {
    let clock = Clock::system();
    let wire = Wire::new(&clock, |_, _| Reply::new(429, ""));
    let error = wire.http().get("find", URL).send().await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Throttled { retry_after: None });
    let taken = clock.elapsed();
    assert!(taken > secs(200) && taken <= secs(300), "{taken:?}");
    assert!(wire.sent().len() < 20, "{} calls", wire.sent().len());
}

#[rstest]
#[case::zero("0")]
#[case::in_the_past("Thu, 15 Jan 2026 11:00:00 GMT")]
#[tokio::test(start_paused = true)]
async fn told_to_come_back_at_once_it_still_pauses(#[case] retry_after: &'static str) {
    let clock = Clock::starting_at("2026-01-15T12:00:00Z".parse().unwrap());
    let wire = Wire::new(&clock, move |_, _| Reply::new(429, "").header("retry-after", retry_after));
    wire.http().get("find", URL).send().await.unwrap_err();
    assert!(wire.sent().len() < 20, "{} calls", wire.sent().len());
}

#[tokio::test(start_paused = true)]
async fn a_throttled_caller_holds_back_all_the_others() {
    let clock = Clock::system();
    let wire = Wire::replies(&clock, [Reply::new(429, "").header("retry-after", "10")]);
    let http = wire.limited(Limits::none().window(5, secs(1)));
    let first = http.get("find", URL).send();
    let others = async {
        clock.sleep(millis(100)).await;
        join_all((0..9).map(|_| http.get("find", URL).send())).await
    };
    let (first, others) = tokio::join!(first, others);
    assert!(first.is_ok() && others.iter().all(Result::is_ok));
    let instants = wire.instants();
    assert_eq!(instants.len(), 11, "nobody else was refused");
    assert!(instants[1..].iter().all(|at| *at >= secs(10)), "{instants:?}");
    assert!(instants[6..].iter().all(|at| *at >= millis(11_020)), "they come by the window: {instants:?}");
}

#[tokio::test(start_paused = true)]
async fn a_delay_beyond_patience_stops_all_callers_at_once() {
    let clock = Clock::system();
    let wire = Wire::replies(&clock, [Reply::new(429, "").header("retry-after", "3600")]);
    let http = wire.limited(Limits::none().window(1, secs(1)));
    let errors = join_all((0..5).map(|_| http.get("find", URL).send())).await;
    for error in errors {
        let asked = error.unwrap_err().retry_after().unwrap();
        assert!(asked > secs(3500), "{asked:?}");
    }
    assert_eq!(wire.sent().len(), 1);
    assert!(clock.elapsed() < secs(2), "{:?}", clock.elapsed());
    clock.sleep(secs(3600)).await;
    http.get("find", URL).send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_throttled_call_that_is_not_counted_pauses_as_well() {
    let clock = Clock::system();
    let wire = Wire::new(&clock, |_, _| Reply::new(429, "").header("retry-after", "10"));
    let http = wire.http();
    http.post("token", URL).uncounted().send().await.unwrap_err();
    assert_eq!(wire.sent().len(), 31, "one each 10 s of the 300 s of its patience");
    // It is another server's delay: the account's own calls go.
    let before = clock.elapsed();
    http.get("find", URL).timeout(secs(1)).send().await.unwrap_err();
    assert_eq!(wire.instants()[31], before);
}

/// An API whose budget of the day is used up, as Marketo says it.
struct Exhausted(Timestamp);

impl Api for Exhausted {
    fn verdict(&self, _: &CallInfo, response: &Response, _: &Clock) -> Result<()> {
        if response.body().is_empty() {
            return Err(Error::new(ErrorKind::QuotaExhausted { until: self.0 }, "Max daily quota reached"));
        }
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn an_exhausted_quota_stops_later_calls_without_a_request() {
    let clock = Clock::starting_at("2026-01-15T12:00:00Z".parse().unwrap());
    let until: Timestamp = "2026-01-16T06:00:00Z".parse().unwrap();
    let wire = Wire::replies(&clock, [Reply::new(200, "")]);
    let http = wire.http().with_api(Exhausted(until));

    for _ in 0..3 {
        let error = http.post("create", URL).send().await.unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::QuotaExhausted { until });
    }
    assert_eq!((wire.sent().len(), clock.elapsed()), (1, Duration::ZERO));
    assert_eq!(http.meter().counts().total, 1);

    clock.sleep(secs(18 * 3600)).await;
    http.post("create", URL).send().await.unwrap();
}
