//! Groups: lists found, created, joined and left.

use std::time::Duration;

use outflow_core::{Export, Run};
use outflow_sandbox::FaultAction;
use serde_json::json;

use super::host::{CONNECTION, marketo, person, with_latency};
use crate::compliance::host::{Minutes, told};
use crate::compliance::scenario::scenarios;

scenarios![
    lists_are_found_created_joined_and_left,
    more_than_300_join_and_leave,
    names_with_commas_are_asked_for_alone,
    names_that_a_url_cannot_hold_are_posted,
    lists_go_over_pages,
    of_lists_with_one_name_that_of_no_program_is_meant,
    lists_go_to_the_folder_of_the_option,
    a_list_that_is_gone_is_made_again,
    a_name_that_is_taken_meanwhile_is_found,
    a_member_that_is_gone_is_made_again,
];

async fn lists_are_found_created_joined_and_left() -> Minutes {
    let host = marketo().await;
    let list = host.tool.seed_list("There");
    let ids = host.seed_people(0..3);
    host.tool.seed_members(list, [ids[0]]);
    let join = vec![person(0).group("New"), person(4).group("There").group("New"), person(5)];
    assert_eq!(host.sync(join).await, ["updated", "created", "created"]);
    // One is in it, one is not, one is in no list that there is.
    let leave = vec![
        person(0).old_group("There").remote_id(ids[0]),
        person(1).old_group("There").remote_id(ids[1]),
        person(2).old_group("Never there").remote_id(ids[2]),
    ];
    assert_eq!(host.sync(leave).await, ["updated"; 3]);
    host.minutes()
}

async fn more_than_300_join_and_leave() -> Minutes {
    let host = marketo().await;
    let ids = host.seed_people(0..301);
    let joins = |n: usize| person(n).group("All").remote_id(ids[n]);
    assert_eq!(host.sync((0..301).map(joins).collect()).await, ["updated"; 301]);
    let leaves = |n: usize| Export::new(n.to_string()).old_group("All").remote_id(ids[n]);
    assert_eq!(host.sync((0..301).map(leaves).collect()).await, ["updated"; 301]);
    host.minutes()
}

async fn names_with_commas_are_asked_for_alone() -> Minutes {
    let host = marketo().await;
    host.tool.seed_list("Acme, Inc");
    let export = person(0).group("Acme, Inc").group("R&D, 100% #1");
    assert_eq!(host.sync(vec![export]).await, ["created"]);
    host.minutes()
}

async fn names_that_a_url_cannot_hold_are_posted() -> Minutes {
    let host = marketo().await;
    let name = |n: usize| format!("{n:03} {}", "long name ".repeat(20).trim());
    for n in 0..60 {
        host.tool.seed_list(&name(n));
    }
    let export = (0..60).fold(person(0), |export, n| export.group(name(n)));
    assert_eq!(host.sync(vec![export]).await, ["created"]);
    host.minutes()
}

async fn lists_go_over_pages() -> Minutes {
    let host = marketo().await;
    for n in 0..301 {
        host.tool.seed_list(&format!("L{n}"));
    }
    let export = (0..301).fold(person(0), |export, n| export.group(format!("L{n}")));
    assert_eq!(host.sync(vec![export]).await, ["created"]);
    host.minutes()
}

async fn of_lists_with_one_name_that_of_no_program_is_meant() -> Minutes {
    let host = marketo().await;
    host.tool.seed_program_list("Webinar", "VIP");
    host.tool.seed_list("VIP");
    host.tool.seed_program_list("One", "Twice");
    host.tool.seed_program_list("Two", "Twice");
    let exports = vec![person(0).group("VIP"), person(1).group("Twice")];
    assert_eq!(host.sync(exports).await, ["created", "rejected ambiguous_group"]);
    host.minutes()
}

async fn lists_go_to_the_folder_of_the_option() -> Minutes {
    let host = marketo().await;
    host.tool.add_folder("Our Groups");
    for (folder, told) in [
        ("Our Groups", "created"),
        ("Nowhere", "retry invalid_option"),
        ("Marketing Activities", "retry 711"),
    ] {
        let options = json!({ "list_folder": folder });
        let export = person(0).property("email", format!("{}@example.com", folder.len()));
        let outcomes = host.with_options(options, vec![export.group(folder)]).await;
        assert_eq!(outcomes, [told]);
    }
    host.minutes()
}

async fn a_list_that_is_gone_is_made_again() -> Minutes {
    let host = marketo().await;
    let destination = host.destination(CONNECTION, &json!({}));
    let export = |n: usize| vec![person(n).group("VIP")];
    host.export(&destination, Run::default(), export(0)).await;
    let (id, _, _) = host.tool.lists()[0].clone();
    host.tool.delete_list(id);
    let (_, outcomes) = host.export(&destination, Run::default(), export(1)).await;
    assert_eq!(told(&outcomes), ["created"]);
    host.minutes()
}

async fn a_name_that_is_taken_meanwhile_is_found() -> Minutes {
    let host = with_latency(Duration::from_millis(450)).await;
    let other = host.another().await;
    let destinations = [&host, &other].map(|host| host.destination(CONNECTION, &json!({})));
    // Beside each other, so that neither has a bill of its own.
    let (ours, theirs) = tokio::join!(
        destinations[0].export_all(vec![person(0).group("Everybody")], Run::default()),
        destinations[1].export_all(vec![person(1).group("Everybody")], Run::default()),
    );
    assert_eq!((told(&ours.1), told(&theirs.1)), (vec!["created".to_owned()], vec!["created".to_owned()]));
    assert_eq!(host.tool.lists().len(), 1);
    other.close();
    // And once more where the create was done, and its answer lost.
    host.fault("create static list", FaultAction::ResetAfter);
    assert_eq!(host.sync(vec![person(2).group("Lost")]).await, ["created"]);
    host.minutes()
}

async fn a_member_that_is_gone_is_made_again() -> Minutes {
    let host = marketo().await;
    let ids = host.seed_people(0..2);
    host.tool.delete_lead(ids[0]);
    let joins = |n: usize| Export {
        old_properties: person(n).new_properties,
        ..person(n).remote_id(ids[n]).group("VIP")
    };
    assert_eq!(host.sync((0..2).map(joins).collect()).await, ["created", "updated"]);
    host.minutes()
}
