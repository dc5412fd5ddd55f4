//! Answers that fail, lie, or never come.

use outflow_core::{ErrorKind, Outcome};
use outflow_sandbox::{Fault, FaultAction, Match};
use rstest::rstest;

use crate::model::trouble::{code, status};
use crate::world::{Kind, NICKNAME, Setup, Tool, World};

/// A call that goes on failing costs its own profiles their outcome, and nobody else.
#[rstest]
#[case(Tool::Leads, 700, 300)]
#[case(Tool::Persons, 20, 1)]
#[case(Tool::Organizations, 20, 1)]
#[tokio::test(start_paused = true)]
async fn lesson_02_a_failed_call_fails_its_own_profiles(
    #[case] tool: Tool,
    #[case] profiles: usize,
    #[case] failed: u64,
) {
    let world = World::new(tool);
    // Of the first call with this profile in it, and of every repetition.
    let mut on = Match::operation(tool.operation(Kind::Create)).always();
    on.body_contains = Some(format!("\"{}\"", tool.nth_key(5)));
    world.fault(on, status(502, &[]));
    let exports = (0..profiles).map(|number| world.profile(number).known_new());
    let done = world.export(exports.collect()).await;
    let counts = &done.report.outcomes;
    assert_eq!(counts.retry + counts.unknown, failed, "{counts:?}");
    assert_eq!(counts.created, profiles as u64 - failed);
    assert_eq!(world.records().len() as u64, counts.created);
    assert!(done.report.stopped.is_none());
    assert!(!done.outcomes[5].outcome.is_done());
}

/// A page with a 200 is no answer, whatever was asked for.
#[rstest]
#[tokio::test(start_paused = true)]
async fn lesson_03_a_page_with_a_200_is_no_success(
    #[values(Tool::Leads, Tool::Persons, Tool::Organizations)] tool: Tool,
    #[values(Kind::Create, Kind::Update, Kind::Delete, Kind::Find)] kind: Kind,
) {
    let world = World::new(tool);
    let id = world.seed(&tool.nth_key(1));
    let on = Match::operation(tool.operation(kind)).always();
    world.fault(on, FaultAction::Html { status: 200 });
    let export = match kind {
        Kind::Create => world.profile(2).known_new(),
        Kind::Update => world.profile(1).property(NICKNAME, "New").remote_id(id.as_str()),
        Kind::Delete => world.profile(1).delete().remote_id(id.as_str()),
        Kind::Find => world.profile(1).delete(),
    };
    let done = world.export(vec![export]).await;
    assert!(["retry", "unknown"].contains(&done.names()[0]), "{:?}", done.told());
    let records = world.records();
    assert_eq!(records.len(), 1);
    assert!(!records[0].fields.contains_key(NICKNAME));
}

/// What is not known to be missing is neither created nor taken for deleted.
#[rstest]
#[tokio::test(start_paused = true)]
async fn lesson_04_a_look_up_that_fails_finds_nobody_missing(
    #[values(Tool::Leads, Tool::Persons, Tool::Organizations)] tool: Tool,
    #[values(
        status(502, &[]),
        status(503, &[("retry-after", "3600")]),
        FaultAction::Reset,
        FaultAction::Timeout,
        FaultAction::Truncated,
        FaultAction::Html { status: 200 }
    )]
    action: FaultAction,
) {
    let world = World::new(tool);
    world.seed(&tool.nth_key(1));
    world.fault(Match::operation(tool.operation(Kind::Find)).always(), action);
    let renamed = world.profile(2).old_property(tool.key(), tool.nth_key(1)).property(NICKNAME, "New");
    let done = world.export(vec![renamed, world.profile(3).delete()]).await;
    assert_eq!(done.names(), ["retry", "retry"]);
    let records = world.records();
    assert_eq!(records.len(), 1);
    assert!(!records[0].fields.contains_key(NICKNAME));
    let calls = world.calls();
    let writes = [Kind::Create, Kind::Update, Kind::Delete].map(|kind| tool.operation(kind));
    assert!(writes.iter().all(|write| !calls.contains_key(write)), "{calls:?}");
}

/// A create that may have happened is looked for, by somebody who remembers nothing.
#[rstest]
#[tokio::test(start_paused = true)]
async fn lesson_12_and_42_a_create_without_an_answer_doubles_nobody(
    #[values(Tool::Leads, Tool::Persons, Tool::Organizations)] tool: Tool,
    #[values(
        FaultAction::Reset,
        FaultAction::ResetAfter,
        FaultAction::Timeout,
        FaultAction::TimeoutAfter,
        FaultAction::Truncated,
        status(502, &[])
    )]
    action: FaultAction,
    #[values(0, 2_500)] crowd: u64,
) {
    let world = World::new(tool);
    if tool == Tool::Persons {
        world.pipedrive().add_many_persons(crowd);
    }
    world.fault_on(Kind::Create, action);
    let done = world.export(vec![world.profile(0).known_new()]).await;
    if tool.upserts() {
        assert!(["created", "updated"].contains(&done.names()[0]), "{:?}", done.told());
    } else {
        assert_eq!(done.names(), ["unknown"]);
        assert_eq!(world.calls_to(Kind::Create), 1, "it is not repeated blindly");
    }
    // The search shows a new record after some ten seconds.
    world.wait(15).await;
    let again = world.another_process().export(vec![world.profile(0)]).await;
    assert!(["created", "updated"].contains(&again.names()[0]));
    assert_eq!(world.holders(&tool.nth_key(0)).len(), 1);
}

/// What becomes of an update by id, and how often it is called.
struct Class {
    action: FaultAction,
    told: &'static str,
    calls: u64,
}

fn class(action: FaultAction, told: &'static str, calls: u64) -> Class {
    Class { action, told, calls }
}

/// A failure of each class, once; how it ends shows whose code dealt with it.
fn classes(tool: Tool) -> Vec<Class> {
    let mut classes = vec![
        class(FaultAction::Reset, "updated", 2),
        class(FaultAction::ResetAfter, "updated", 2),
        class(FaultAction::Timeout, "updated", 2),
        class(FaultAction::Truncated, "updated", 2),
        class(status(500, &[]), "updated", 2),
        class(status(503, &[("retry-after", "7")]), "updated", 2),
        class(status(429, &[("retry-after", "3")]), "updated", 2),
        class(FaultAction::Html { status: 502 }, "updated", 2),
        class(FaultAction::ExpireToken, "updated", 2),
        class(status(302, &[("location", "https://evil.example/")]), "retry 302", 1),
    ];
    classes.extend(match tool {
        Tool::Leads => vec![
            class(code("606"), "updated", 2),
            class(code("615"), "updated", 2),
            class(code("611"), "updated", 2),
            class(code("601"), "updated", 2),
            class(code("602"), "updated", 2),
            class(code("603"), "retry 603", 1),
            class(code("607"), "retry 607", 1),
            class(code("1003"), "rejected 1003", 1),
        ],
        Tool::Persons | Tool::Organizations => vec![
            class(code("400"), "rejected 400", 1),
            class(code("422"), "rejected 422", 1),
            class(code("402"), "retry 402", 1),
            class(code("403"), "retry 403", 1),
            class(code("401"), "updated", 2),
            class(FaultAction::Html { status: 403 }, "retry blocked", 1),
            class(status(429, &[("x-daily-ratelimit-token-remaining", "0")]), "retry daily_budget", 1),
        ],
    });
    classes
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn lesson_21_each_class_of_failure_has_code_that_runs(
    #[values(Tool::Leads, Tool::Persons, Tool::Organizations)] tool: Tool,
) {
    for Class { action, told, calls } in classes(tool) {
        let world = World::with(tool, Setup { oauth: true, ..Setup::default() });
        let id = world.seed(&tool.nth_key(1));
        world.fault_on(Kind::Update, action.clone());
        let export = world.profile(1).property(NICKNAME, "New").remote_id(id.as_str());
        let done = world.export(vec![export]).await;
        assert_eq!(done.told(), [told], "{action:?}");
        assert_eq!(world.calls_to(Kind::Update), calls, "{action:?}");
        let is_written = world.record(&tool.nth_key(1)).fields.contains_key(NICKNAME);
        assert_eq!(is_written, told == "updated", "{action:?}");
    }
}

fn spent_day(tool: Tool) -> FaultAction {
    match tool {
        Tool::Leads => code("607"),
        Tool::Persons | Tool::Organizations => status(429, &[("x-daily-ratelimit-token-remaining", "0")]),
    }
}

/// A spent budget met by a look-up: nothing goes on, and everybody is told until when.
#[rstest]
#[tokio::test(start_paused = true)]
async fn lesson_32_an_error_is_not_an_empty_answer(
    #[values(Tool::Leads, Tool::Persons, Tool::Organizations)] tool: Tool,
) {
    let world = World::new(tool);
    world.seed(&tool.nth_key(1));
    world.fault_on(Kind::Find, spent_day(tool));
    let exports = vec![world.profile(1).delete(), world.profile(2).delete()];
    let done = world.export(exports).await;
    for outcomed in &done.outcomes {
        assert!(matches!(outcomed.outcome, Outcome::Retry { after: Some(_), .. }), "{outcomed:?}");
    }
    let stopped = done.report.stopped.as_ref().unwrap();
    assert!(matches!(stopped.kind(), ErrorKind::QuotaExhausted { .. }), "{stopped:?}");
    assert_eq!(world.records().len(), 1);
    assert_eq!(world.calls_to(Kind::Delete), 0);
}

/// 1,100 persons are three pages; whoever is on the last one is found, and an empty or
/// broken page is no end.
#[rstest]
#[case::all_well(None, "updated")]
#[case::a_page_that_fails_once(Some(1), "updated")]
#[case::a_page_that_goes_on_failing(Some(u64::MAX), "retry")]
#[tokio::test(start_paused = true)]
async fn lesson_33_a_list_is_read_to_its_end(#[case] times: Option<u64>, #[case] name: &str) {
    let world = World::new(Tool::Persons);
    let first = world.seed(&Tool::Persons.nth_key(0));
    world.pipedrive().add_many_persons(1_100);
    if let Some(times) = times {
        let on = Match::operation("list persons").nth(3).times(times);
        let faults = &world.controls().faults;
        faults.push(Fault::new(on, status(502, &[])));
    }
    let exports = (0..30).map(|number| world.profile(number)).collect();
    let done = world.export(exports).await;
    assert_eq!(done.names()[0], name, "{:?}", done.told());
    assert_eq!(world.record(&Tool::Persons.nth_key(0)).id, first);
    assert!(world.calls_to(Kind::Find) >= 3);
    let others = if name == "updated" { 29 } else { 0 };
    assert_eq!(world.records().len(), 1 + 1_100 + others);
}
