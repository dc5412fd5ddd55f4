//! The budget of a day.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use outflow_core::{Clock, ErrorKind, Limiter, Limits};
use rstest::rstest;

use super::PATIENCE;
use crate::scripted::secs;

fn us_central(budget: u64) -> Limits {
    Limits::none().daily(budget, TimeZone::get("America/Chicago").unwrap())
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

async fn goes(limiter: &Limiter) -> bool {
    limiter.acquire("", 1, PATIENCE).await.is_ok()
}

async fn sleep_until(clock: &Clock, until: Timestamp) {
    let wait = until.duration_since(clock.now());
    clock.sleep(wait.try_into().unwrap()).await;
}

#[rstest]
#[case::winter("2026-01-15T12:00:00Z", "2026-01-16T06:00:00Z")]
#[case::summer("2026-07-15T12:00:00Z", "2026-07-16T05:00:00Z")]
#[case::day_of_23_hours("2026-03-08T06:00:00Z", "2026-03-09T05:00:00Z")]
#[case::day_of_25_hours("2026-11-01T05:00:00Z", "2026-11-02T06:00:00Z")]
#[case::last_second("2026-01-16T05:59:59Z", "2026-01-16T06:00:00Z")]
#[tokio::test(start_paused = true)]
async fn the_budget_comes_back_at_midnight_us_central(#[case] now: &str, #[case] midnight: &str) {
    let clock = Clock::starting_at(at(now));
    let limiter = Limiter::new(us_central(3), clock.clone());
    assert_eq!(limiter.left().daily, Some((3, at(midnight))));
    for _ in 0..3 {
        assert!(goes(&limiter).await);
    }
    assert_eq!(limiter.left().daily, Some((0, at(midnight))));

    let error = limiter.acquire("", 1, PATIENCE).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::QuotaExhausted { until: at(midnight) });
    assert!(error.message().contains(midnight), "{error}");

    let second = SignedDuration::from_secs(1);
    if clock.now() < at(midnight) - second {
        sleep_until(&clock, at(midnight) - second).await;
        assert!(!goes(&limiter).await, "a second too early");
    }
    sleep_until(&clock, at(midnight)).await;
    assert!(goes(&limiter).await);
    assert_eq!(limiter.left().daily.unwrap().0, 2);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_costs_more_than_is_left_does_not_go() {
    let limiter = Limiter::new(us_central(10), Clock::system());
    drop(limiter.acquire("", 7, PATIENCE).await.unwrap());
    assert!(limiter.acquire("", 4, PATIENCE).await.is_err());
    assert!(limiter.acquire("", u64::MAX, PATIENCE).await.is_err());
    // What did not go has cost nothing.
    drop(limiter.acquire("", 3, PATIENCE).await.unwrap());
    assert_eq!(limiter.left().daily.unwrap().0, 0);
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_window_costs_nothing_when_it_is_given_up() {
    let clock = Clock::system();
    let limiter = Limiter::new(us_central(10).window(1, secs(60)), clock.clone());
    assert!(goes(&limiter).await);
    assert!(clock.timeout(secs(1), goes(&limiter)).await.is_err());
    assert_eq!(limiter.left().daily.unwrap().0, 9);
}

#[tokio::test(start_paused = true)]
async fn the_server_corrects_the_count_downwards_only() {
    let limiter = Limiter::new(us_central(100), Clock::system());
    limiter.correct_daily(40);
    assert_eq!(limiter.left().daily.unwrap().0, 40, "before the first call");
    assert!(goes(&limiter).await);
    assert_eq!(limiter.left().daily.unwrap().0, 39);
    limiter.correct_daily(90);
    assert_eq!(limiter.left().daily.unwrap().0, 39, "such counts lag");
    limiter.correct_daily(0);
    assert!(!goes(&limiter).await);
}

#[tokio::test(start_paused = true)]
async fn a_count_of_yesterday_does_not_stop_the_new_day() {
    let midnight = at("2026-01-16T06:00:00Z");
    let clock = Clock::starting_at(midnight - SignedDuration::from_secs(1));
    let limiter = Limiter::new(us_central(100), clock.clone());
    assert!(goes(&limiter).await);
    sleep_until(&clock, midnight).await;
    assert!(goes(&limiter).await);
    limiter.correct_daily(0);
    assert!(goes(&limiter).await, "the server's clock is a little behind");
    clock.sleep(secs(300)).await;
    limiter.correct_daily(0);
    assert!(!goes(&limiter).await, "by now it means today");
}

#[tokio::test(start_paused = true)]
async fn nothing_goes_when_the_server_says_that_the_day_is_used_up() {
    let clock = Clock::starting_at(at("2026-01-15T12:00:00Z"));
    // No budget declared: it is still believed.
    let limiter = Limiter::new(Limits::none().in_flight(1), clock.clone());
    let until = at("2026-01-15T13:00:00Z");
    let in_flight = limiter.acquire("", 1, PATIENCE).await.unwrap();
    limiter.exhaust(until);
    assert_eq!(limiter.left().paused_until, Some(until));

    // At once, though nothing more may be in flight.
    let error = limiter.acquire("", 1, PATIENCE).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::QuotaExhausted { until });
    drop(in_flight);
    assert!(!goes(&limiter).await);

    sleep_until(&clock, until).await;
    assert_eq!(limiter.left().paused_until, None);
    assert!(goes(&limiter).await);
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_when_the_day_is_used_up_fails_as_well() {
    let clock = Clock::starting_at(at("2026-01-15T12:00:00Z"));
    let limiter = Limiter::new(Limits::none().window(1, secs(10)), clock.clone());
    assert!(goes(&limiter).await);
    let queue = futures::future::join_all((0..50).map(|_| goes(&limiter)));
    let exhaust = async { limiter.exhaust(at("2026-01-16T00:00:00Z")) };
    let (went, ()) = tokio::join!(queue, exhaust);
    assert!(went.iter().all(|went| !went));
    assert!(clock.elapsed() < secs(11), "the queue is not waited out one by one");
}

#[test]
fn without_a_budget_the_next_reset_is_midnight_utc() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let clock = Clock::starting_at(at("2026-01-15T12:00:00Z"));
        let limiter = Limiter::new(Limits::none(), clock);
        assert_eq!(limiter.next_reset(), at("2026-01-16T00:00:00Z"));
    });
}
