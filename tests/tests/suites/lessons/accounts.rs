//! Accounts, the registry, and what they remember.

use std::collections::BTreeSet;

use futures::future::join_all;
use outflow_core::{Destination, Outflow, Registry, Run};
use outflow_plugins::plugins;
use outflow_sandbox::{InProcess, SandboxOptions, SandboxType};
use rstest::rstest;
use serde_json::{Value as Json, json};

use crate::world::{Done, Setup, Tool, World, profile};

/// Where a second company of the same tool is.
fn other_url(tool: Tool) -> &'static str {
    match tool {
        Tool::Leads => "https://999-xyz-999.mktorest.com",
        Tool::Persons | Tool::Organizations => "https://other.pipedrive.com",
    }
}

/// Two companies that one host exports to: names are the same in both, ids are not.
struct Pair {
    worlds: [World; 2],
    destinations: [Destination; 2],
}

impl Pair {
    async fn new(tool: Tool) -> Self {
        let first = World::new(tool);
        let second = first.beside(7);
        let urls = [tool.url(), other_url(tool)];
        let transport =
            InProcess::new().with(urls[0], first.shared_sandbox()).with(urls[1], second.shared_sandbox());
        let outflow = Outflow::new().unwrap().with_clock(first.clock.clone()).with_transport(transport);
        let worlds = [first, second];
        let mut destinations = Vec::new();
        for (world, url) in worlds.iter().zip(urls) {
            let mut options = world.options();
            options["endpoint"] = json!(url);
            let account = outflow.account(tool.app(), &options).await.unwrap();
            destinations.push(account.destination(tool.connection(), &json!({})).unwrap());
        }
        Self { worlds, destinations: destinations.try_into().unwrap() }
    }
}

/// One customer's ids are never used in another's instance.
#[rstest]
#[tokio::test(start_paused = true)]
async fn lesson_28_two_companies_share_no_id(
    #[values(Tool::Leads, Tool::Persons, Tool::Organizations)] tool: Tool,
) {
    let pair = Pair::new(tool).await;
    // The other company has groups and records before: what comes next has other ids.
    let before = (10..13).map(|number| profile(tool, number).group(format!("Group {number}")));
    Done::of(&pair.destinations[1], before.collect(), Run::default()).await;
    let mut ids = Vec::new();
    for destination in &pair.destinations {
        let exports = vec![profile(tool, 0).group("VIP"), profile(tool, 1).group("VIP").group("New")];
        let done = Done::of(destination, exports, Run::default()).await;
        assert!(done.all("created"), "{:?}", done.told());
        ids.push(done.ids());
    }
    assert_ne!(ids[0], ids[1]);
    for (world, ids) in pair.worlds.iter().zip(&ids) {
        for (number, groups) in [&["VIP"][..], &["New", "VIP"]].into_iter().enumerate() {
            let record = world.record(&tool.nth_key(number));
            assert_eq!(record.id, ids[number]);
            assert_eq!(record.groups.iter().map(String::as_str).collect::<Vec<_>>(), groups);
        }
    }
    assert_eq!([2, 5], pair.worlds.map(|world| world.records().len()));
}

/// The groups of one destination are another's when an option says where they are.
#[rstest]
#[case(Tool::Persons, "create person field")]
#[case(Tool::Organizations, "create organization field")]
#[tokio::test(start_paused = true)]
async fn lesson_16_other_options_are_another_destination(#[case] tool: Tool, #[case] create: &str) {
    let world = World::with(tool, Setup { capture: true, ..Setup::default() });
    let account = world.account().await;
    let export = |options: Json| {
        let destination = account.destination(tool.connection(), &options).unwrap();
        let same = vec![profile(tool, 0).group("VIP")];
        async move { Done::of(&destination, same, Run::default()).await }
    };
    assert_eq!(export(json!({})).await.names(), ["created"]);
    assert!(world.record(&tool.nth_key(0)).groups.contains("VIP"));
    // The same profile and the same group, in another field.
    assert_eq!(export(json!({ "group_field": "Segments" })).await.names(), ["updated"]);
    assert_eq!(world.record(&tool.nth_key(0)).fields["Segments"], json!(["VIP"]));
    assert_eq!(world.exchanges(create).len(), 2);
}

/// Marketo creates lists in the folder that the option names.
#[tokio::test(start_paused = true)]
async fn lesson_16_another_folder_is_used_at_once() {
    let world = World::with(Tool::Leads, Setup { capture: true, ..Setup::default() });
    let folder = world.marketo().add_folder("Campaign Lists");
    let account = world.account().await;
    for (options, group) in [(json!({}), "A"), (json!({ "list_folder": "Campaign Lists" }), "B")] {
        let destination = account.destination(Tool::Leads.connection(), &options).unwrap();
        let exports = vec![profile(Tool::Leads, 0).group("A").group(group)];
        let done = Done::of(&destination, exports, Run::default()).await;
        assert!(done.all("created") || done.all("updated"));
    }
    let creates = world.exchanges("create static list");
    assert_eq!(creates.len(), 2, "the list that was there is taken wherever it is");
    let body = String::from_utf8_lossy(&creates[1].request_body).into_owned();
    assert!(body.contains(&folder.to_string()), "{body}");
    assert_eq!(world.record(&Tool::Leads.nth_key(0)).groups.len(), 2);
}

/// What a host reaches by name is what was tested: plugin and sandbox of each App are
/// registered, and meet.
#[rstest]
#[tokio::test(start_paused = true)]
async fn lesson_35_every_connection_is_reached_through_the_registry(
    #[values(Tool::Leads, Tool::Persons, Tool::Organizations)] tool: Tool,
) {
    let registry = Registry::linked().unwrap();
    let plugin = registry.connection(tool.connection()).unwrap();
    assert_eq!(plugin.app(), tool.app());
    let sandbox = SandboxType::find(tool.app()).unwrap();
    let sandbox = (sandbox.start)(SandboxOptions::default());
    let options = sandbox.account(tool.url());
    let outflow =
        Outflow::with_registry(registry).with_transport(InProcess::new().with(tool.url(), sandbox.clone()));
    let account = outflow.account(tool.app(), &options).await.unwrap();
    let destination = account.destination(tool.connection(), &json!({})).unwrap();
    let mut export = profile(tool, 0);
    export.new_properties.remove(crate::world::NICKNAME);
    let done = Done::of(&destination, vec![export], Run::default()).await;
    assert_eq!(done.names(), ["created"]);
    assert_eq!(sandbox.records(tool.connection())[0].id, done.ids()[0]);
}

#[test]
fn lesson_35_the_plugins_named_are_the_plugins_linked() {
    let named: BTreeSet<&str> = plugins().map(|plugin| plugin.connection()).collect();
    let registry = Registry::linked().unwrap();
    let linked: BTreeSet<&str> = registry.plugins().map(|plugin| plugin.connection()).collect();
    assert_eq!(named, linked);
    let suites = [Tool::Leads, Tool::Persons, Tool::Organizations].map(Tool::connection);
    assert_eq!(linked, BTreeSet::from(suites), "these suites run against all there is");
}

/// Caches are on: fifty runs at the same time look a group up, and create it, once.
#[rstest]
#[case(Tool::Leads, "create static list")]
#[case(Tool::Persons, "create person field")]
#[case(Tool::Organizations, "create organization field")]
#[tokio::test(start_paused = true)]
async fn lesson_36_fifty_runs_that_name_one_new_group_create_it_once(
    #[case] tool: Tool,
    #[case] create: &str,
) {
    let world = World::new(tool);
    let _account = world.account().await;
    let runs = (0..50).map(|number| world.export(vec![profile(tool, number).known_new().group("New")]));
    for done in join_all(runs).await {
        assert_eq!(done.names(), ["created"]);
    }
    let calls = world.calls();
    assert_eq!(calls[create], 1, "{calls:?}");
    assert!(
        calls
            .keys()
            .all(|name| !name.starts_with("add person field") && !name.starts_with("add organization"))
    );
    let records = world.records();
    assert_eq!(records.len(), 50);
    assert!(records.iter().all(|record| record.groups.contains("New")));
}
