//! Groups: lists found, created once, joined and left.

use std::collections::BTreeSet;

use outflow_core::{Export, Run};
use outflow_sandbox::{FaultAction, Match};
use rstest::rstest;
use serde_json::json;
use tokio::task::JoinSet;

use super::world::{World, counts, email, people, person, told};

fn groups_of(world: &World, n: usize) -> Vec<String> {
    world.lead(&email(n)).groups.into_iter().collect()
}

fn error(code: &str) -> FaultAction {
    FaultAction::ErrorCode { code: code.to_owned(), message: String::new() }
}

#[rstest]
#[case(1, 1)]
#[case(300, 1)]
#[case(301, 2)]
#[case(3_000, 10)]
#[tokio::test(start_paused = true)]
async fn joins_take_one_look_up_and_a_call_for_300_members(#[case] profiles: usize, #[case] calls: u64) {
    let world = World::new();
    for list in ["All", "Even"] {
        world.marketo.seed_list(list);
    }
    let exports: Vec<Export> = people(profiles)
        .into_iter()
        .enumerate()
        .map(|(n, export)| {
            let export = export.group("All");
            if n % 2 == 0 { export.group("Even") } else { export }
        })
        .collect();
    let even = profiles.div_ceil(2).div_ceil(300) as u64;
    let (report, _) = world.export(exports).await;

    assert_eq!(report.outcomes.created, profiles as u64);
    assert_eq!(
        world.calls(),
        counts([
            ("describe leads 2", 1),
            ("sync leads", calls),
            ("find lists", 1),
            ("add members", calls + even),
        ])
    );
    assert_eq!(
        world.marketo.lists(),
        [(1001, "All".to_owned(), profiles), (1002, "Even".to_owned(), profiles.div_ceil(2))]
    );
}

/// Names that first come late in the input are in the one look-up all the same.
#[tokio::test(start_paused = true)]
async fn groups_seen_late_take_no_look_up_of_their_own() {
    let world = World::new();
    for list in ["Early", "Late"] {
        world.marketo.seed_list(list);
    }
    let exports = people(3_000)
        .into_iter()
        .enumerate()
        .map(|(n, export)| export.group(if n < 2_000 { "Early" } else { "Late" }));
    world.export(exports.collect()).await;
    assert_eq!(world.calls()["find lists"], 1);
    assert_eq!(world.calls()["add members"], 7 + 4);
}

#[tokio::test(start_paused = true)]
async fn lesson_06_each_profile_joins_its_own_groups() {
    let world = World::new();
    let exports =
        vec![person(0).group("A"), person(1).group("B").group("A"), person(2), person(3).group("B")];
    let (_, outcomes) = world.export(exports).await;
    assert_eq!(told(&outcomes), ["created"; 4]);
    let groups: Vec<_> = (0..4).map(|n| groups_of(&world, n)).collect();
    assert_eq!(
        groups,
        [vec!["A".to_owned()], vec!["A".to_owned(), "B".to_owned()], vec![], vec!["B".to_owned()]]
    );
    assert_eq!(world.calls()["create static list"], 2);
    assert_eq!(world.calls()["folder by name"], 1);
}

#[tokio::test(start_paused = true)]
async fn lesson_14_leaving_a_list_one_is_not_in_is_success() {
    let world = World::new();
    let ids = world.seed((0..3).map(|n| json!({ "email": email(n) })));
    let list = world.marketo.seed_list("VIP");
    world.marketo.seed_members(list, [ids[0], ids[2]]);
    let exports = (0..2).map(|n| person(n).old_group("VIP").remote_id(ids[n])).collect();
    let (_, outcomes) = world.export(exports).await;
    assert_eq!(told(&outcomes), ["updated", "updated"]);
    assert_eq!(world.calls()["remove members"], 1);
    assert_eq!(groups_of(&world, 2), ["VIP"]);
    assert_eq!(world.marketo.lists()[0].2, 1);
}

#[tokio::test(start_paused = true)]
async fn removals_take_a_call_for_300_members() {
    let world = World::new();
    let ids = world.seed((0..301).map(|n| json!({ "email": email(n) })));
    let list = world.marketo.seed_list("VIP");
    world.marketo.seed_members(list, ids.iter().copied());
    let exports =
        ids.iter().enumerate().map(|(n, id)| Export::new(n.to_string()).old_group("VIP").remote_id(*id));
    let (report, _) = world.export(exports.collect()).await;
    assert_eq!(report.outcomes.updated, 301);
    assert_eq!(world.calls(), counts([("describe leads 2", 1), ("find lists", 1), ("remove members", 2)]));
    assert_eq!(world.marketo.lists()[0].2, 0);
}

#[tokio::test(start_paused = true)]
async fn nobody_needs_a_list_created_to_leave_it() {
    let world = World::new();
    let (_, outcomes) = world.export(vec![person(0).old_property("email", email(0)).old_group("Gone")]).await;
    assert_eq!(told(&outcomes), ["created"]);
    assert_eq!(world.marketo.lists(), []);
    let id = world.lead(&email(0)).id;
    let (_, outcomes) = world.export(vec![person(0).old_group("Gone").remote_id(id.as_str())]).await;
    assert_eq!(told(&outcomes), ["updated"]);
    assert_eq!(world.marketo.lists(), []);
    assert!(!world.calls().contains_key("remove members"));
}

#[tokio::test(start_paused = true)]
async fn who_is_deleted_leaves_no_list_by_a_call_of_its_own() {
    let world = World::new();
    let id = world.seed([json!({ "email": email(0) })])[0];
    let list = world.marketo.seed_list("VIP");
    world.marketo.seed_members(list, [id]);
    let export = Export::new("0").old_group("VIP").remote_id(id).delete();
    let (_, outcomes) = world.export(vec![export]).await;
    assert_eq!(told(&outcomes), ["deleted"]);
    assert_eq!(world.calls(), counts([("describe leads 2", 1), ("delete leads", 1)]));
}

#[tokio::test(start_paused = true)]
async fn lesson_13_one_member_that_is_gone_fails_nobody_else() {
    let world = World::new();
    let ids = world.seed((0..300).map(|n| json!({ "email": email(n) })));
    // Known by id, with nothing but a new group: it goes straight to the list.
    let joins = |n: usize| Export {
        old_properties: person(n).new_properties,
        ..person(n).remote_id(ids[n]).group("VIP")
    };
    world.marketo.delete_lead(ids[7]);
    let (report, outcomes) = world.export((0..300).map(joins).collect()).await;
    assert_eq!(report.outcomes.updated, 299);
    // It is looked for by its key, found missing, created and added.
    assert_eq!(told(&outcomes)[7], "created");
    assert_eq!(world.marketo.lists()[0].2, 300);
}

#[tokio::test(start_paused = true)]
async fn a_list_deleted_in_the_tool_is_found_out_and_made_again() {
    let world = World::new();
    let destination = world.destination(json!({})).await;
    let export = |n: usize| vec![person(n).group("VIP")];
    destination.export_all(export(0), Run::default()).await;
    let (id, _, _) = world.marketo.lists()[0].clone();
    world.marketo.delete_list(id);

    let (_, outcomes) = destination.export_all(export(1), Run::default()).await;
    assert_eq!(told(&outcomes), ["created"]);
    let lists = world.marketo.lists();
    assert_eq!((lists.len(), lists[0].2), (1, 1));
    assert_eq!(groups_of(&world, 1), ["VIP"]);
}

#[tokio::test(start_paused = true)]
async fn leaving_a_list_deleted_in_the_tool_is_success() {
    let world = World::new();
    let destination = world.destination(json!({})).await;
    let joins = vec![person(0).group("VIP")];
    let (_, outcomes) = destination.export_all(joins, Run::default()).await;
    let id = outcomes[0].remote_id.clone().unwrap();
    world.marketo.delete_list(world.marketo.lists()[0].0);
    let leaves = vec![person(0).old_group("VIP").remote_id(id.as_str())];
    let (_, outcomes) = destination.export_all(leaves, Run::default()).await;
    assert_eq!(told(&outcomes), ["updated"]);
    assert_eq!(world.marketo.lists(), []);
}

#[tokio::test(start_paused = true)]
async fn lesson_36_fifty_runs_naming_one_new_group_create_its_list_once() {
    let world = World::with_latency(std::time::Duration::from_millis(450));
    let mut runs = JoinSet::new();
    for n in 0..50 {
        let destination = world.destination(json!({})).await;
        let export = person(n).group("Everybody");
        runs.spawn(async move { destination.export_all(vec![export], Run::default()).await });
    }
    for (_, outcomes) in runs.join_all().await {
        assert_eq!(told(&outcomes), ["created"]);
    }
    assert_eq!(world.calls()["create static list"], 1);
    assert_eq!(world.calls()["find lists"], 1);
    assert_eq!(world.marketo.lists().len(), 1);
    assert_eq!(world.marketo.lists()[0].2, 50);
}

/// Two programs know nothing of each other; the name is unique all the same.
#[tokio::test(start_paused = true)]
async fn two_programs_that_create_one_list_at_once_end_with_one() {
    let world = World::with_latency(std::time::Duration::from_millis(450));
    let other = World::of(&world.marketo, &world.clock);
    let (ours, theirs) = tokio::join!(
        world.export(vec![person(0).group("Everybody")]),
        other.export(vec![person(1).group("Everybody")]),
    );
    assert_eq!(told(&ours.1), ["created"]);
    assert_eq!(told(&theirs.1), ["created"]);
    assert_eq!(world.calls()["create static list"], 2);
    assert_eq!(world.marketo.lists().len(), 1);
    assert_eq!(world.marketo.lists()[0].2, 2);
}

#[tokio::test(start_paused = true)]
async fn a_create_that_was_applied_but_not_answered_is_found_not_repeated() {
    for action in [FaultAction::TimeoutAfter, FaultAction::ResetAfter, FaultAction::Truncated] {
        let world = World::new();
        world.fault("create static list", action);
        let (_, outcomes) = world.export(vec![person(0).group("VIP")]).await;
        assert_eq!(told(&outcomes), ["created"]);
        assert_eq!(world.marketo.lists().len(), 1);
        assert_eq!(groups_of(&world, 0), ["VIP"]);
    }
}

#[tokio::test(start_paused = true)]
async fn names_with_commas_and_every_other_mark_are_found() {
    let world = World::new();
    let names = ["Acme, Inc", "R&D + 100% #1", "Zürich – Süd", "it's \"quoted\"", "名簿"];
    let export = names.iter().fold(person(0), |export, name| export.group(*name));
    let (_, outcomes) = world.export(vec![export.clone()]).await;
    assert_eq!(told(&outcomes), ["created"]);
    assert_eq!(world.marketo.lists().len(), names.len());

    // A second host finds them all.
    let (_, outcomes) = world.export(vec![export]).await;
    assert_eq!(told(&outcomes), ["updated"]);
    assert_eq!(world.marketo.lists().len(), names.len());
    assert_eq!(world.lead(&email(0)).groups, BTreeSet::from(names.map(str::to_owned)));
    assert_eq!(world.calls()["create static list"], names.len() as u64);
}

/// A name that must be looked up by itself, in the tool in another case.
#[tokio::test(start_paused = true)]
async fn a_list_that_marketo_finds_in_another_case_is_taken() {
    let world = World::new();
    let list = world.marketo.seed_list("acme, inc");
    let found = json!({
        "success": true, "errors": [], "requestId": "1#2", "warnings": [],
        "result": [{ "id": list, "name": "acme, inc", "folder": { "id": 12, "type": "Folder" } }],
    });
    world.fault(
        "static list by name",
        FaultAction::Status { status: 200, body: found.to_string(), headers: Default::default() },
    );
    let (_, outcomes) = world.export(vec![person(0).group("Acme, Inc")]).await;
    assert_eq!(told(&outcomes), ["created"]);
    assert_eq!(world.marketo.lists()[0].2, 1);
    assert_eq!(world.marketo.lists().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn lesson_41_more_names_than_a_url_holds_still_take_one_look_up() {
    let world = World::new();
    let name = |n: usize| format!("{n:03} {}", "long name ".repeat(20).trim());
    for n in 0..60 {
        world.marketo.seed_list(&name(n));
    }
    let export = (0..60).fold(person(0), |export, n| export.group(name(n)));
    let (_, outcomes) = world.export(vec![export]).await;
    assert_eq!(told(&outcomes), ["created"]);
    assert_eq!(world.calls()["find lists"], 1);
    assert_eq!(world.lead(&email(0)).groups.len(), 60);
}

#[tokio::test(start_paused = true)]
async fn more_names_than_a_page_holds_are_all_found() {
    let world = World::new();
    for n in 0..301 {
        world.marketo.seed_list(&format!("L{n}"));
    }
    let export = (0..301).fold(person(0), |export, n| export.group(format!("L{n}")));
    let (_, outcomes) = world.export(vec![export]).await;
    assert_eq!(told(&outcomes), ["created"]);
    assert_eq!(world.calls()["find lists"], 2);
    assert!(!world.calls().contains_key("create static list"));
}

#[tokio::test(start_paused = true)]
async fn lesson_39_of_lists_with_one_name_the_one_in_no_program_is_meant() {
    let world = World::new();
    world.marketo.seed_program_list("Webinar", "VIP");
    let shared = world.marketo.seed_list("VIP");
    world.marketo.seed_list("VIP Europe");
    world.marketo.seed_program_list("Webinar", "Only there");
    world.marketo.seed_program_list("One", "Twice");
    world.marketo.seed_program_list("Two", "Twice");
    let exports = vec![person(0).group("VIP"), person(1).group("Only there"), person(2).group("Twice")];
    let (_, outcomes) = world.export(exports).await;
    assert_eq!(told(&outcomes), ["created", "created", "rejected ambiguous_group"]);
    let problem = outcomes[2].outcome.problem().unwrap();
    assert_eq!(problem.field.as_deref(), Some("Twice"));
    assert!(problem.message.contains("\"One\""), "{problem:?}");
    let members = world.marketo.lists();
    let members = members.iter().find(|(id, _, _)| *id == shared).unwrap();
    assert_eq!(members.2, 1);
    assert_eq!(world.leads().len(), 3, "the record itself is there");
}

#[tokio::test(start_paused = true)]
async fn lists_go_to_the_folder_of_the_option() {
    let world = World::new();
    world.marketo.add_folder("Our Groups");
    let options = json!({ "list_folder": "Our Groups" });
    let (_, outcomes) = world.export_with(options, Default::default(), vec![person(0).group("VIP")]).await;
    assert_eq!(told(&outcomes), ["created"]);
    assert_eq!(world.marketo.lists().len(), 1);
}

#[rstest]
#[case::missing("Nowhere")]
#[case::of_another_kind("Marketing Activities")]
#[tokio::test(start_paused = true)]
async fn a_folder_that_takes_no_lists_is_named_by_its_option(#[case] folder: &str) {
    let world = World::new();
    world.marketo.seed_list("There");
    let options = json!({ "list_folder": folder });
    let exports = vec![person(0).group("New"), person(1), person(2).group("There")];
    let (_, outcomes) = world.export_with(options, Default::default(), exports).await;
    let problem = outcomes[0].outcome.problem().unwrap();
    assert!(problem.message.contains("list_folder"), "{problem:?}");
    assert_eq!(outcomes[0].outcome.name(), "retry");
    assert_eq!(told(&outcomes)[1], "created");
    assert_eq!(told(&outcomes)[2], "created", "whose list is there joins it");
}

#[tokio::test(start_paused = true)]
async fn two_folders_of_one_name_are_said() {
    let world = World::new();
    world.marketo.add_folder("Group Lists");
    let (_, outcomes) = world.export(vec![person(0).group("New")]).await;
    let problem = outcomes[0].outcome.problem().unwrap();
    assert!(problem.message.contains("several folders"), "{problem:?}");
}

#[tokio::test(start_paused = true)]
async fn a_user_that_may_not_create_lists_still_writes_leads() {
    let world = World::new();
    world.fault_on(Match::operation("create static list").always(), error("603"));
    let (_, outcomes) = world.export(vec![person(0).group("New"), person(1)]).await;
    assert_eq!(told(&outcomes), ["retry 603", "created"]);
    let problem = outcomes[0].outcome.problem().unwrap();
    assert!(problem.message.contains("Read-Write Assets"), "{problem:?}");
    assert_eq!(world.leads().len(), 2);
}

/// 709 stands for every rule of the instance: one that is not "exists already" is the
/// group's problem, and nobody else's.
#[tokio::test(start_paused = true)]
async fn a_name_that_the_instance_forbids_is_rejected() {
    let world = World::new();
    world.fault_on(Match::operation("create static list").always(), error("709"));
    let (report, outcomes) = world.export(vec![person(0).group("New"), person(1)]).await;
    assert_eq!(told(&outcomes), ["rejected 709", "created"]);
    assert!(report.stopped.is_none());
}

#[tokio::test(start_paused = true)]
async fn lists_that_cannot_be_looked_up_are_not_created() {
    let world = World::new();
    world.fault_on(Match::operation("find lists").always(), error("611"));
    let (_, outcomes) = world.export(vec![person(0).group("VIP")]).await;
    assert_eq!(told(&outcomes), ["retry 611"]);
    assert_eq!(world.marketo.lists(), []);
    // What "no data found" says, on the other hand, is an empty answer.
    let world = World::new();
    world.fault("find lists", error("702"));
    let (_, outcomes) = world.export(vec![person(0).group("VIP")]).await;
    assert_eq!(told(&outcomes), ["created"]);
    assert_eq!(groups_of(&world, 0), ["VIP"]);
}

#[tokio::test(start_paused = true)]
async fn an_add_that_is_cut_short_is_repeated_and_counts_once() {
    for action in [
        FaultAction::TimeoutAfter,
        FaultAction::ResetAfter,
        FaultAction::Truncated,
        FaultAction::Html { status: 200 },
    ] {
        for operation in ["add members", "remove members"] {
            let world = World::new();
            let id = world.seed([json!({ "email": email(0) })])[0];
            let list = world.marketo.seed_list("Old");
            world.marketo.seed_members(list, [id]);
            world.fault(operation, action.clone());
            let export = person(0).old_group("Old").group("New").remote_id(id);
            let (_, outcomes) = world.export(vec![export]).await;
            assert_eq!(told(&outcomes), ["updated"], "{operation} {action:?}");
            assert_eq!(groups_of(&world, 0), ["New"]);
        }
    }
}
