use std::time::Duration;

use futures::future::join_all;
use outflow_core::Clock;
use outflow_core::http::Transport;
use outflow_sandbox::{Sandbox, SandboxOptions};
use tokio::time::{Instant, advance};

use crate::notes::{Notes, Rules, get, post_note, send};

#[tokio::test(start_paused = true)]
async fn a_window_opens_exactly_when_its_oldest_call_leaves() {
    let notes = Notes::new();
    let transport = notes.transport();
    for call in 0..5 {
        assert_eq!(send(&transport, post_note("a")).await, "200 kept a", "call {call}");
        advance(Duration::from_millis(100)).await;
    }
    assert_eq!(send(&transport, post_note("a")).await, "429 1500");
    advance(Duration::from_millis(1499)).await;
    assert_eq!(send(&transport, post_note("a")).await, "429 1");
    advance(Duration::from_millis(1)).await;
    assert_eq!(send(&transport, post_note("a")).await, "200 kept a");
    assert_eq!(send(&transport, post_note("a")).await, "429 100");
    assert_eq!(notes.controls().log.refusals()["calls"], 3);
}

#[tokio::test(start_paused = true)]
async fn a_refilled_bucket_would_let_more_through_than_the_window_does() {
    let notes = Notes::new();
    let transport = notes.transport();
    let mut admitted = 0;
    // Ten tries a second for two seconds: 5 calls fit, where a bucket of 5 that refills
    // at 2.5 a second would take 10.
    for _ in 0..20 {
        admitted += u32::from(send(&transport, post_note("a")).await.starts_with("200"));
        advance(Duration::from_millis(100)).await;
    }
    assert_eq!(admitted, 5);
}

#[tokio::test(start_paused = true)]
async fn windows_are_kept_apart() {
    let notes = Notes::new();
    let transport = notes.transport();
    for _ in 0..2 {
        assert_eq!(send(&transport, get("/notes")).await, "200 ");
    }
    assert_eq!(send(&transport, get("/notes")).await, "429 2000");
    assert_eq!(send(&transport, post_note("a")).await, "200 kept a");
    assert_eq!(notes.controls().log.refusals()["search"], 1);
}

#[tokio::test(start_paused = true)]
async fn calls_in_flight_are_bounded_and_latency_keeps_them_there() {
    let notes = Notes::new();
    notes.controls().set_latency(Duration::from_millis(1200));
    let transport = notes.transport();
    let began = Instant::now();
    let answers = join_all((0..4).map(|_| send(&transport, post_note("a")))).await;
    assert_eq!(answers, ["200 kept a", "200 kept a", "200 kept a", "429 in flight"]);
    assert_eq!(began.elapsed(), Duration::from_millis(1200));
    assert_eq!(notes.gate().usage().in_flight, 0);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_hangs_up_leaves_its_place() {
    let notes = Notes::new();
    notes.controls().set_latency(Duration::from_secs(60));
    let transport = notes.transport();
    let hung_up = tokio::time::timeout(Duration::from_secs(1), transport.send(post_note("a"))).await;
    assert!(hung_up.is_err());
    assert_eq!(notes.gate().usage().in_flight, 0);
}

#[tokio::test(start_paused = true)]
async fn the_daily_budget_counts_cost_and_comes_back_at_the_zones_midnight() {
    // 23:59:50 in Chicago, which is five hours behind UTC in June.
    let clock = Clock::starting_at("2026-06-02T04:59:50Z".parse().unwrap());
    let options = SandboxOptions { clock, ..SandboxOptions::default() };
    let notes = Notes::with(&options, Rules::default());
    let transport = notes.transport();
    notes.gate().spend(80);
    assert_eq!(send(&transport, post_note("a")).await, "200 kept a");
    assert_eq!(send(&transport, post_note("b")).await, "200 kept b");
    assert_eq!(send(&transport, post_note("c")).await, "429 2026-06-02T05:00:00Z");
    let daily = notes.gate().usage().daily.unwrap();
    assert_eq!((daily.used, daily.budget), (100, 100));
    advance(Duration::from_secs(9)).await;
    assert_eq!(send(&transport, post_note("c")).await, "429 2026-06-02T05:00:00Z");
    advance(Duration::from_secs(1)).await;
    assert_eq!(send(&transport, post_note("c")).await, "200 kept c");
    let daily = notes.gate().usage().daily.unwrap();
    assert_eq!((daily.used, daily.days.len()), (10, 2));
    assert_eq!(notes.controls().log.refusals()["daily"], 2);
}

#[tokio::test(start_paused = true)]
async fn without_enforcement_all_is_let_through_and_still_counted() {
    let notes = Notes::unlimited();
    let transport = notes.transport();
    for _ in 0..20 {
        assert_eq!(send(&transport, post_note("a")).await, "200 kept a");
    }
    let usage = notes.gate().usage();
    assert_eq!(usage.windows[0].used, 5);
    assert_eq!(usage.daily.unwrap().used, 200);
    notes.controls().set_limits(true);
    assert_eq!(send(&transport, post_note("a")).await, format!("429 {}", midnight(&notes)));
}

fn midnight(notes: &Notes) -> jiff::Timestamp {
    notes.gate().usage().daily.unwrap().until
}

#[tokio::test(start_paused = true)]
async fn the_tool_decorates_counted_answers_refusals_too() {
    let notes = Notes::new();
    let transport = notes.transport();
    let mut left = Vec::new();
    for _ in 0..6 {
        let response = transport.send(post_note("a")).await.unwrap();
        left.push(response.headers()["x-left"].to_str().unwrap().to_owned());
    }
    assert_eq!(left, ["4", "3", "2", "1", "0", "0"]);
    let token = transport.send(get("/token")).await.unwrap();
    assert!(!token.headers().contains_key("x-left"));
}

#[tokio::test(start_paused = true)]
async fn two_routers_of_one_sandbox_are_one_account() {
    let notes = Notes::new();
    let (one, two) = (notes.transport(), notes.transport());
    for _ in 0..5 {
        send(&one, post_note("a")).await;
    }
    assert_eq!(send(&two, post_note("a")).await, "429 2000");
}
