//! What an account remembers: loaded once, forgotten for good, never another account's.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use outflow_core::{Cache, Clock, Error, ErrorKind, Outflow, Registry, Result};
use serde_json::json;

use crate::crm;
use crate::scripted::{Reply, Wire, millis, secs};

const HOUR: Duration = secs(3600);

/// A tool that takes 100 ms to tell a value, and tells another each time.
struct Tool {
    clock: Clock,
    loads: Cell<u64>,
    asked_for: RefCell<Vec<String>>,
}

impl Tool {
    fn new(clock: &Clock) -> Self {
        Self { clock: clock.clone(), loads: Cell::new(0), asked_for: RefCell::default() }
    }

    async fn load(&self) -> Result<u64> {
        let value = self.loads.get();
        self.loads.set(value + 1);
        self.clock.sleep(millis(100)).await;
        Ok(value)
    }

    async fn load_many(&self, names: Vec<String>) -> Result<HashMap<String, u64>> {
        let value = self.load().await?;
        self.asked_for.borrow_mut().extend(names.iter().cloned());
        Ok(names.into_iter().map(|name| (name, value)).collect())
    }
}

async fn get(cache: &Cache, tool: &Tool, max_age: Duration) -> u64 {
    let value = cache.get_or_load("schema", "people", max_age, tool.load());
    *value.await.unwrap()
}

async fn get_many(cache: &Cache, tool: &Tool, names: &[&str]) -> HashMap<String, Arc<u64>> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let load = |names| tool.load_many(names);
    cache.get_or_load_many("list", &names, HOUR, load).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn fifty_who_ask_at_once_load_once() {
    let clock = Clock::system();
    let (cache, tool) = (Cache::new(clock.clone()), Tool::new(&clock));
    let values = join_all((0..50).map(|_| get(&cache, &tool, HOUR))).await;
    assert_eq!(values, [0; 50]);
    assert_eq!(get(&cache, &tool, HOUR).await, 0);
    assert_eq!(clock.elapsed(), millis(100));
}

#[tokio::test(start_paused = true)]
async fn a_value_is_loaded_anew_when_it_is_too_old() {
    let clock = Clock::system();
    let (cache, tool) = (Cache::new(clock.clone()), Tool::new(&clock));
    get(&cache, &tool, HOUR).await;
    clock.sleep(HOUR).await;
    assert_eq!(get(&cache, &tool, HOUR).await, 0, "as old as it may be");
    clock.sleep(millis(1)).await;
    // However many find it too old at once.
    let values = join_all((0..50).map(|_| get(&cache, &tool, HOUR))).await;
    assert_eq!(values, [1; 50]);
    assert_eq!(get(&cache, &tool, HOUR).await, 1);
    // Each caller says how old it may be.
    clock.sleep(secs(60)).await;
    assert_eq!(get(&cache, &tool, secs(61)).await, 1);
    assert_eq!(get(&cache, &tool, secs(59)).await, 2);
}

#[tokio::test(start_paused = true)]
async fn the_age_is_counted_on_the_accounts_clock() {
    let clock = Clock::scaled(1_000.0);
    let (cache, tool) = (Cache::new(clock.clone()), Tool::new(&clock));
    get(&cache, &tool, HOUR).await;
    tokio::time::sleep(millis(3_601)).await;
    assert_eq!(get(&cache, &tool, HOUR).await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_shared_by_those_who_wait_and_not_kept() {
    let clock = Clock::system();
    let cache = Cache::new(clock.clone());
    let loads = Cell::new(0);
    let failing = || async {
        loads.set(loads.get() + 1);
        clock.sleep(millis(100)).await;
        Err::<u64, _>(Error::configuration("no permission").with_code("603"))
    };
    let asked = join_all((0..50).map(|_| cache.get_or_load("schema", "people", HOUR, failing()))).await;
    for answer in asked {
        let error = answer.unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Configuration);
        assert_eq!((error.code(), error.message()), (Some("603"), "no permission"));
    }
    assert_eq!(loads.get(), 1);

    let tool = Tool::new(&clock);
    assert_eq!(get(&cache, &tool, HOUR).await, 0, "the next one loads");

    let names = ["VIP".to_owned()];
    let failing = |_| async { Err::<HashMap<String, u64>, _>(Error::unavailable("down")) };
    let failed = cache.get_or_load_many("list", &names, HOUR, failing).await;
    assert_eq!(failed.unwrap_err().message(), "down");
    assert_eq!(get_many(&cache, &tool, &["VIP"]).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_gives_up_leaves_the_load_to_the_next() {
    let clock = Clock::system();
    let (cache, tool) = (Cache::new(clock.clone()), Tool::new(&clock));
    let impatient = clock.timeout(millis(50), get(&cache, &tool, HOUR));
    let (gave_up, value) = tokio::join!(impatient, get(&cache, &tool, HOUR));
    assert!(gave_up.is_err());
    assert_eq!(value, 1);
    assert_eq!(get(&cache, &tool, HOUR).await, 1);
}

#[tokio::test(start_paused = true)]
async fn fifty_who_name_the_same_new_list_create_it_once() {
    let clock = Clock::system();
    let (cache, tool) = (Cache::new(clock.clone()), Tool::new(&clock));
    let asked = join_all((0..50).map(|_| get_many(&cache, &tool, &["VIP"]))).await;
    assert!(asked.iter().all(|found| *found["VIP"] == 0));
    assert_eq!(*tool.asked_for.borrow(), ["VIP"]);
}

#[tokio::test(start_paused = true)]
async fn a_name_given_twice_is_asked_for_once() {
    let clock = Clock::system();
    let (cache, tool) = (Cache::new(clock.clone()), Tool::new(&clock));
    let found = get_many(&cache, &tool, &["VIP", "Beta", "VIP"]).await;
    assert_eq!(found.len(), 2);
    assert_eq!(*tool.asked_for.borrow(), ["VIP", "Beta"]);
}

#[tokio::test(start_paused = true)]
async fn only_the_names_that_are_missing_are_loaded() {
    let clock = Clock::system();
    let (cache, tool) = (Cache::new(clock.clone()), Tool::new(&clock));
    let first = get_many(&cache, &tool, &["A", "B"]);
    let second = get_many(&cache, &tool, &["B", "C"]);
    let (first, second) = tokio::join!(first, second);
    assert_eq!((*first["A"], *first["B"]), (0, 0));
    assert_eq!((*second["B"], *second["C"]), (0, 1));
    assert_eq!(*tool.asked_for.borrow(), ["A", "B", "C"]);

    // A list that is too old is looked up again, and only that one.
    clock.sleep(HOUR).await;
    cache.insert("list", "A", 9_u64).await;
    let found = get_many(&cache, &tool, &["A", "B"]).await;
    assert_eq!((*found["A"], *found["B"]), (9, 2));
}

#[tokio::test(start_paused = true)]
async fn names_that_a_load_leaves_out_stay_unknown() {
    let clock = Clock::system();
    let (cache, tool) = (Cache::new(clock.clone()), Tool::new(&clock));
    let names = ["VIP".to_owned()];
    let nothing = |_| async { Ok(HashMap::<String, u64>::new()) };
    let found = cache.get_or_load_many("list", &names, HOUR, nothing).await;
    assert!(found.unwrap().is_empty());
    assert_eq!(get_many(&cache, &tool, &["VIP"]).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_forgotten_during_its_load_stays_forgotten() {
    let clock = Clock::system();
    for forget_all in [true, false] {
        let (cache, tool) = (Cache::new(clock.clone()), Tool::new(&clock));
        let forget = async {
            clock.sleep(millis(50)).await;
            if forget_all {
                cache.forget_all("schema");
                cache.forget_all("list");
            } else {
                cache.forget("schema", "people").await;
                cache.forget("list", "VIP").await;
            }
            // A caller from now on wants what is there now, not what was on its way.
            get(&cache, &tool, HOUR).await
        };
        let (value, found, anew) =
            tokio::join!(get(&cache, &tool, HOUR), get_many(&cache, &tool, &["VIP"]), forget);
        assert_eq!((value, *found["VIP"], anew), (0, 1, 2));
        assert_eq!(get(&cache, &tool, HOUR).await, 2, "forget_all: {forget_all}");
        assert_eq!(*get_many(&cache, &tool, &["VIP"]).await["VIP"], 3);
    }
}

#[tokio::test(start_paused = true)]
async fn forgetting_concerns_what_was_named_alone() {
    let cache = Cache::new(Clock::system());
    for (kind, name) in [("list", "A"), ("list", "B"), ("folder", "A")] {
        cache.insert(kind, name, 1_u64).await;
    }
    let there = async |kind, name| cache.get::<u64>(kind, name).await.is_some();
    cache.forget("list", "A").await;
    assert!(!there("list", "A").await);
    assert!(there("list", "B").await && there("folder", "A").await);

    // Forgotten names and whole kinds do not come back, in whatever order.
    for _ in 0..3 {
        cache.insert("list", "A", 2_u64).await;
        assert!(there("list", "A").await);
        cache.forget("list", "A").await;
        cache.forget("list", "A").await;
        assert!(!there("list", "A").await);
        cache.insert("list", "A", 3_u64).await;
        cache.forget_all("list");
        assert!(!there("list", "A").await && !there("list", "B").await);
    }
    assert!(there("folder", "A").await);
}

#[tokio::test(start_paused = true)]
async fn a_value_of_another_type_is_the_plugins_fault() {
    let clock = Clock::system();
    let (cache, tool) = (Cache::new(clock.clone()), Tool::new(&clock));
    cache.insert("schema", "people", "text").await;
    let error = cache.get_or_load("schema", "people", HOUR, tool.load()).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Plugin);
    assert!(error.message().contains(r#"schema "people""#), "{error}");
    assert!(cache.get::<u64>("schema", "people").await.is_none());
}

/// Lesson 28: one customer's ids must not be used in another's tool.
#[tokio::test(start_paused = true)]
async fn two_accounts_share_nothing_and_one_account_shares_all() {
    let clock = Clock::system();
    let wire = Wire::new(&clock, |_, _| Reply::ok());
    let outflow = Outflow::with_registry(Registry::of(crm::PLUGINS).unwrap())
        .with_clock(clock)
        .with_transport(wire.clone());
    let mut open = Vec::new();
    for endpoint in ["https://acme.example", "https://other.example", "https://acme.example"] {
        let options = json!({ "endpoint": endpoint, "token": "t" });
        let account = outflow.account("crm", &options).await.unwrap();
        let people = account.destination("crm-people-export", &json!({})).unwrap();
        people.mapping_schema().await.unwrap();
        open.push(account);
    }
    let asked: Vec<String> = wire.sent().iter().map(|sent| sent.request.uri().to_string()).collect();
    assert_eq!(asked, ["https://acme.example/fields", "https://other.example/fields"]);

    let people = open[2].destination("crm-people-export", &json!({})).unwrap();
    people.refresh_mapping_schema().await.unwrap();
    assert_eq!(wire.sent().len(), 3, "a mapping screen asks anew");
    assert_eq!(open[2].test().await.unwrap(), "connected to https://acme.example");
    assert_eq!(open[2].calls().total, 2);
}
