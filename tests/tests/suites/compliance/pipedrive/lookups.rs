//! Look-ups: by the list of all, by what changed, and by searching.

use outflow_core::Export;
use outflow_sandbox::FaultAction;
use serde_json::json;

use super::host::{large, person, pipedrive, profile};
use crate::compliance::scenario::scenarios;
use crate::compliance::world::Minutes;

scenarios![
    a_scan_goes_over_pages,
    single_keys_are_searched_for,
    what_changed_since_a_scan_is_caught_up_with,
    organizations_are_searched_for,
    ambiguous_emails_are_told,
    any_email_can_be_searched_for,
    what_the_search_does_not_show_is_listed,
];

async fn a_scan_goes_over_pages() -> Minutes {
    let world = large().await;
    let told = world
        .persons((1..60).chain(9_000..9_003).map(person).collect())
        .await;
    assert_eq!(told[..59], ["updated"; 59]);
    assert_eq!(told[59..], ["created"; 3]);
    world.minutes()
}

async fn single_keys_are_searched_for() -> Minutes {
    let world = large().await;
    let two = vec![person(1), person(9_000)];
    assert_eq!(world.persons(two).await, ["updated", "created"]);
    assert_eq!(world.persons(vec![person(2).delete()]).await, ["deleted"]);
    assert!(world.controls().log.calls_to("search persons") > 0);
    world.minutes()
}

async fn what_changed_since_a_scan_is_caught_up_with() -> Minutes {
    let world = pipedrive().await;
    let changed = world.add_person("Changed", &["before@example.com"]);
    let deleted = world.add_person("Deleted", &["deleted@example.com"]);
    assert_eq!(world.persons(vec![person(1)]).await, ["created"]);
    let after = json!({ "emails": [{ "value": "after@example.com" }] });
    world.tool.change_person(changed, &after).unwrap();
    world.tool.delete_person(deleted);
    let exports = ["before", "after", "deleted"].map(|name| profile(name, &format!("{name}@example.com")));
    assert_eq!(
        world.persons(exports.into()).await,
        ["created", "updated", "created"]
    );
    world.minutes()
}

async fn organizations_are_searched_for() -> Minutes {
    let world = pipedrive().await;
    for number in 0..3_000 {
        let name = json!({ "name": format!("Organization {number}") });
        world.tool.add_organization(&name).unwrap();
    }
    let named = |name: &str| Export::new(name).property("Name", name);
    let told = world
        .organizations(vec![named("Organization 7"), named("organization 8")])
        .await;
    assert_eq!(told, ["updated", "created"]);
    assert!(world.controls().log.calls_to("search organizations") > 0);
    world.minutes()
}

async fn ambiguous_emails_are_told() -> Minutes {
    for world in [pipedrive().await, large().await] {
        world.add_person("Ada", &["ada@example.com"]);
        world.add_person("Ada again", &["other@example.com", "ADA@example.com"]);
        let told = world.persons(vec![profile("ada", "ada@example.com")]).await;
        assert_eq!(told, ["rejected ambiguous_key"]);
        if world.tool.persons().len() > 1_000 {
            return world.minutes();
        }
    }
    unreachable!("one of the two is large")
}

async fn any_email_can_be_searched_for() -> Minutes {
    let world = large().await;
    let odd = "o'brien+a&b=c%20#?é@example.com";
    world.add_person("O'Brien", &[odd]);
    assert_eq!(world.persons(vec![profile("o", odd)]).await, ["updated"]);
    world.minutes()
}

async fn what_the_search_does_not_show_is_listed() -> Minutes {
    let world = large().await;
    world.fault("create person", FaultAction::ResetAfter);
    let export = || vec![profile("new", "new@example.com")];
    assert!(world.persons(export()).await[0].starts_with("unknown"));
    assert_eq!(world.persons(export()).await, ["updated"]);
    world.minutes()
}
