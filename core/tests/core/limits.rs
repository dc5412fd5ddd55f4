//! Windows, calls in flight, holds: what goes when.

mod daily;

use std::time::Duration;

use futures::future::join_all;
use outflow_core::{Clock, ErrorKind, Limiter, Limits};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use rstest::rstest;

use crate::scripted::{millis, secs};

const PATIENCE: Duration = secs(300);

/// Makes `calls` calls of `latency` each at once, and gives the instants they went at.
async fn run(limiter: &Limiter, clock: &Clock, calls: usize, latency: Duration) -> Vec<Duration> {
    let calls = (0..calls).map(|_| async {
        let permit = limiter.acquire("", 1, PATIENCE).await.unwrap();
        let went_at = clock.elapsed();
        clock.sleep(latency).await;
        drop(permit);
        went_at
    });
    join_all(calls).await
}

/// How many of the instants fall into the fullest stretch of this length.
fn fullest(instants: &[Duration], length: Duration) -> usize {
    let mut instants = instants.to_vec();
    instants.sort_unstable();
    let starting_at = |first: usize| {
        let ends = instants[first] + length;
        instants[first..].iter().take_while(|at| **at < ends).count()
    };
    (0..instants.len()).map(starting_at).max().unwrap_or_default()
}

#[rstest]
#[case(1)]
#[case(2)]
#[case(100)]
#[tokio::test(start_paused = true)]
async fn a_window_lets_exactly_its_calls_through(#[case] calls: usize) {
    let clock = Clock::system();
    let limiter = Limiter::new(Limits::none().window(calls, secs(20)), clock.clone());

    let instants = run(&limiter, &clock, calls + 1, Duration::ZERO).await;

    assert!(instants[..calls].iter().all(|at| at.is_zero()), "{instants:?}");
    // The window, and its margin of a fiftieth.
    assert_eq!(instants[calls], millis(20_400));
}

#[tokio::test(start_paused = true)]
async fn a_short_window_has_a_margin_of_at_least_20_ms() {
    let clock = Clock::system();
    let limiter = Limiter::new(Limits::none().window(1, millis(100)), clock.clone());
    assert_eq!(run(&limiter, &clock, 2, Duration::ZERO).await, [millis(0), millis(120)]);
}

#[tokio::test(start_paused = true)]
async fn of_two_windows_the_narrower_decides() {
    let clock = Clock::system();
    let limits = Limits::none().window(2, secs(1)).window(3, secs(10));
    let limiter = Limiter::new(limits, clock.clone());
    let instants = run(&limiter, &clock, 5, Duration::ZERO).await;
    assert_eq!(instants, [millis(0), millis(0), millis(1_020), millis(10_200), millis(10_200)]);
}

#[tokio::test(start_paused = true)]
async fn who_comes_first_goes_first() {
    let clock = Clock::system();
    let limits = Limits::none().window(3, secs(1)).in_flight(2);
    let limiter = Limiter::new(limits, clock.clone());
    let instants = run(&limiter, &clock, 50, millis(300)).await;
    assert!(instants.is_sorted(), "{instants:?}");
}

#[tokio::test(start_paused = true)]
async fn who_comes_when_the_window_opens_is_behind_those_who_wait() {
    let clock = Clock::system();
    let limiter = Limiter::new(Limits::none().window(1, secs(1)), clock.clone());
    drop(limiter.acquire("", 1, PATIENCE).await.unwrap());
    let newcomer = async {
        clock.sleep(millis(1_020)).await;
        drop(limiter.acquire("", 1, PATIENCE).await.unwrap());
        clock.elapsed()
    };
    let waiting = async {
        drop(limiter.acquire("", 1, PATIENCE).await.unwrap());
        clock.elapsed()
    };
    // Both wake at the same instant, and the newcomer is always asked first.
    assert_eq!(futures::future::join(newcomer, waiting).await, (millis(2_040), millis(1_020)));
}

#[tokio::test(start_paused = true)]
async fn no_more_calls_are_in_flight_than_allowed() {
    let clock = Clock::system();
    let limiter = Limiter::new(Limits::none().in_flight(3), clock.clone());
    let instants = run(&limiter, &clock, 7, secs(1)).await;
    let expected = [0, 0, 0, 1, 1, 1, 2].map(secs);
    assert_eq!(instants, expected);
}

#[tokio::test(start_paused = true)]
async fn a_call_given_up_frees_its_place() {
    let clock = Clock::system();
    let limits = Limits::none().window(1, secs(10)).in_flight(1);
    let limiter = Limiter::new(limits, clock.clone());
    drop(limiter.acquire("", 1, PATIENCE).await.unwrap());

    // Waits for the window, and is given up there: it has used no place in it.
    let given_up = clock.timeout(secs(5), limiter.acquire("", 1, PATIENCE)).await;
    assert!(given_up.is_err());
    drop(limiter.acquire("", 1, PATIENCE).await.unwrap());
    assert_eq!(clock.elapsed(), millis(10_200));
}

#[tokio::test(start_paused = true)]
async fn lanes_do_not_wait_for_each_other() {
    let clock = Clock::system();
    let limits = Limits::none().lane_window("search", 1, secs(100)).window(1, secs(10)).in_flight(2);
    let limiter = Limiter::new(limits, clock.clone());
    drop(limiter.acquire("search", 1, PATIENCE).await.unwrap());

    // More of them than may be in flight: those who wait for their window fly not yet.
    let searches = async { join_all((0..3).map(|_| limiter.acquire("search", 1, PATIENCE))).await };
    let writes = async {
        run(&limiter, &clock, 2, Duration::ZERO).await;
        clock.elapsed()
    };
    tokio::select! {
        _ = searches => panic!("searches wait for 100 s"),
        at = writes => assert_eq!(at, millis(10_200)),
    }
    // A lane without a window of its own is not limited.
    drop(limiter.acquire("other", 1, PATIENCE).await.unwrap());
    assert_eq!(clock.elapsed(), millis(10_200));
}

#[tokio::test(start_paused = true)]
async fn a_hold_delays_every_caller_and_they_do_not_stampede() {
    let clock = Clock::system();
    let limits = Limits::none().window(20, secs(2)).lane_window("search", 1, secs(1));
    let limiter = Limiter::new(limits, clock.clone());
    let hold = async {
        clock.sleep(secs(1)).await;
        limiter.hold(secs(7));
        limiter.hold(secs(3)); // A shorter one does not end a longer.
    };
    let search = async {
        clock.sleep(secs(2)).await;
        drop(limiter.acquire("search", 1, PATIENCE).await.unwrap());
        clock.elapsed()
    };
    let (mut instants, searched_at, ()) =
        tokio::join!(run(&limiter, &clock, 100, Duration::ZERO), search, hold);
    instants.sort_unstable();

    assert_eq!(searched_at, secs(8));
    assert!(instants[..20].iter().all(|at| at.is_zero()));
    // 80 are held back until 8 s; then the window has room for 20 at a time.
    assert_eq!(instants[20], secs(8));
    assert_eq!(instants[99], secs(8) + 3 * millis(2_040));
    assert_eq!(fullest(&instants, secs(2)), 20);
}

#[tokio::test(start_paused = true)]
async fn a_hold_also_delays_who_waits_for_a_place_in_flight() {
    let clock = Clock::system();
    let limiter = Limiter::new(Limits::none().in_flight(1), clock.clone());
    let hold = async {
        clock.sleep(secs(5)).await;
        limiter.hold(secs(20));
    };
    let (instants, ()) = tokio::join!(run(&limiter, &clock, 2, secs(10)), hold);
    assert_eq!(instants, [secs(0), secs(25)]);
}

#[tokio::test(start_paused = true)]
async fn a_hold_beyond_patience_fails_at_once() {
    let clock = Clock::system();
    let limiter = Limiter::new(Limits::none().window(1, secs(1)), clock.clone());
    drop(limiter.acquire("", 1, PATIENCE).await.unwrap());
    let waiting = limiter.acquire("", 1, PATIENCE);
    let hold = async { limiter.hold(secs(3600)) };

    // Whoever waits already learns it when its turn comes.
    let (waited, ()) = tokio::join!(waiting, hold);
    assert!(matches!(waited.unwrap_err().kind(), ErrorKind::Throttled { .. }));
    assert_eq!(clock.elapsed(), millis(1_020));

    let error = limiter.acquire("", 1, PATIENCE).await.unwrap_err();
    assert_eq!(clock.elapsed(), millis(1_020));
    assert_eq!(error.retry_after(), Some(secs(3600) - millis(1_020)));
    // A hold for ever is none that could overflow.
    limiter.hold(Duration::MAX);
    assert!(limiter.acquire("", 1, PATIENCE).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_program_that_wakes_late_does_not_make_up_for_it() {
    let clock = Clock::system();
    let limiter = Limiter::new(Limits::none().window(2, secs(10)), clock.clone());
    let suspended = async {
        tokio::task::yield_now().await;
        tokio::time::advance(secs(19)).await;
    };
    let (instants, ()) = tokio::join!(run(&limiter, &clock, 6, Duration::ZERO), suspended);
    assert_eq!(fullest(&instants, secs(10)), 2, "{instants:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_left_can_be_read() {
    let clock = Clock::system();
    let limits = Limits::none().window(5, secs(10)).lane_window("search", 2, secs(1)).in_flight(4);
    let limiter = Limiter::new(limits, clock.clone());
    let permit = limiter.acquire("", 1, PATIENCE).await.unwrap();
    drop(limiter.acquire("search", 1, PATIENCE).await.unwrap());

    let left = limiter.left();
    assert_eq!(left.windows, [(String::new(), 4, 5), ("search".to_owned(), 1, 2)]);
    assert_eq!((left.in_flight, left.daily, left.paused_until), (1, None, None));

    drop(permit);
    clock.sleep(millis(1_021)).await;
    let left = limiter.left();
    assert_eq!(left.in_flight, 0);
    assert_eq!(left.windows, [(String::new(), 4, 5), ("search".to_owned(), 2, 2)]);
}

/// Pipedrive's smallest plan: 20 requests in a rolling 2 s.
#[tokio::test(start_paused = true)]
async fn three_hundred_calls_under_20_per_2_s_take_30_s() {
    let clock = Clock::system();
    let limiter = Limiter::new(Limits::none().window(20, secs(2)).in_flight(20), clock.clone());
    let instants = run(&limiter, &clock, 300, millis(150)).await;
    let taken = clock.elapsed();
    assert!((millis(28_000)..=millis(31_500)).contains(&taken), "{taken:?}");
    assert_eq!(fullest(&instants, secs(2)), 20);
}

/// Marketo: 100 calls in a rolling 20 s, 10 at once, 1.2 s a call: 60,000 leads.
#[tokio::test(start_paused = true)]
async fn two_hundred_marketo_calls_are_within_5_percent_of_the_floor() {
    let latency = millis(1_200);
    let clock = Clock::system();
    let limits = Limits::none().window(100, secs(20)).in_flight(10);
    let limiter = Limiter::new(limits, clock.clone());
    let instants = run(&limiter, &clock, 200, latency).await;
    let taken = clock.elapsed();

    // The 100th can start when nine rounds of ten are through, the 200th no earlier than
    // a window after it.
    let floor = 9 * latency + secs(20) + latency;
    assert_eq!(floor, secs(32));
    assert!(taken >= floor && taken <= floor.mul_f64(1.05), "{taken:?}");
    assert!(taken <= millis(33_600), "{taken:?}");
    assert_eq!(fullest(&instants, secs(20)), 100);
}

#[derive(Clone, Debug)]
struct Traffic {
    calls: usize,
    per: Duration,
    in_flight: Option<usize>,
    /// When each call comes after the one before, and how long it takes.
    arrivals: Vec<(Duration, Duration)>,
    /// When the server holds everybody back, and for how long.
    hold: Option<(Duration, Duration)>,
    scale: f64,
}

fn any_traffic() -> impl Strategy<Value = Traffic> {
    let arrival =
        (prop_oneof![3 => Just(0), 1 => 0_u64..2_000], prop_oneof![1 => Just(0), 3 => 0_u64..4_000])
            .prop_map(|(comes, takes)| (millis(comes), millis(takes)));
    (
        1_usize..30,
        50_u64..5_000,
        prop::option::of(1_usize..20),
        prop::collection::vec(arrival, 1..200),
        prop::option::of((0_u64..5_000, 1_u64..8_000)),
        prop::sample::select(vec![1.0, 1.0, 3.0, 20.0]),
    )
        .prop_map(|(calls, per, in_flight, arrivals, hold, scale)| Traffic {
            calls,
            per: millis(per),
            in_flight,
            arrivals,
            hold: hold.map(|(at, long)| (millis(at), millis(long))),
            scale,
        })
}

/// What went when, on the clock, and the most that were in flight at once.
async fn drive(traffic: &Traffic) -> (Vec<Duration>, usize) {
    let clock = Clock::scaled(traffic.scale);
    let mut limits = Limits::none().window(traffic.calls, traffic.per);
    limits.in_flight = traffic.in_flight;
    let limiter = Limiter::new(limits, clock.clone());
    let flying = std::cell::Cell::new((0_usize, 0_usize));
    let mut comes_at = Duration::ZERO;
    let calls = traffic.arrivals.iter().map(|(comes, takes)| {
        comes_at += *comes;
        let (comes_at, clock, limiter, flying) = (comes_at, &clock, &limiter, &flying);
        async move {
            clock.sleep(comes_at).await;
            let permit = limiter.acquire("", 1, PATIENCE).await.unwrap();
            let went_at = clock.elapsed();
            let (now, most) = flying.get();
            flying.set((now + 1, most.max(now + 1)));
            clock.sleep(*takes).await;
            flying.set((flying.get().0 - 1, flying.get().1));
            drop(permit);
            went_at
        }
    });
    let hold = async {
        if let Some((at, long)) = traffic.hold {
            clock.sleep(at).await;
            limiter.hold(long);
        }
    };
    let (instants, ()) = tokio::join!(join_all(calls), hold);
    (instants, flying.get().1)
}

fn paused<F: Future>(future: F) -> F::Output {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 128,
        rng_seed: RngSeed::Fixed(7),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_stretch_of_a_window_ever_holds_more_calls_than_allowed(traffic in any_traffic()) {
        let (instants, most_in_flight) = paused(drive(&traffic));
        prop_assert_eq!(instants.len(), traffic.arrivals.len());
        prop_assert!(fullest(&instants, traffic.per) <= traffic.calls, "{:?}", instants);
        prop_assert!(most_in_flight <= traffic.in_flight.unwrap_or(usize::MAX));
        if let Some((at, long)) = traffic.hold {
            // A millisecond of the wall is what a timer can be late.
            let held = at + Duration::from_secs_f64(0.001 * traffic.scale)..at + long;
            prop_assert!(!instants.iter().any(|at| held.contains(at)), "{:?}", instants);
        }
    }
}
