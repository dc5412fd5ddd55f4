//! Look-ups: by the list of all, by what changed, and by searching.

use outflow_core::Export;
use outflow_sandbox::FaultAction;
use serde_json::json;

use super::host::{Pipedrive, large, person, pipedrive, profile};
use crate::compliance::host::Minutes;
use crate::compliance::scenario::scenarios;

scenarios![
    a_scan_goes_over_pages,
    single_keys_are_searched_for,
    what_changed_since_a_scan_is_caught_up_with,
    organizations_are_searched_for,
    ambiguous_emails_are_told_by_a_scan,
    ambiguous_emails_are_told_by_a_search,
    any_email_can_be_searched_for,
    what_the_search_does_not_show_is_listed,
];

async fn a_scan_goes_over_pages() -> Minutes {
    let host = large().await;
    let told = host.persons((1..60).chain(9_000..9_003).map(person).collect()).await;
    assert_eq!(told[..59], ["updated"; 59]);
    assert_eq!(told[59..], ["created"; 3]);
    host.minutes()
}

async fn single_keys_are_searched_for() -> Minutes {
    let host = large().await;
    let two = vec![person(1), person(9_000)];
    assert_eq!(host.persons(two).await, ["updated", "created"]);
    assert_eq!(host.persons(vec![person(2).delete()]).await, ["deleted"]);
    assert!(host.controls().log.calls_to("search persons") > 0);
    host.minutes()
}

async fn what_changed_since_a_scan_is_caught_up_with() -> Minutes {
    let host = pipedrive().await;
    let changed = host.add_person("Changed", &["before@example.com"]);
    let deleted = host.add_person("Deleted", &["deleted@example.com"]);
    assert_eq!(host.persons(vec![person(1)]).await, ["created"]);
    let after = json!({ "emails": [{ "value": "after@example.com" }] });
    host.tool.change_person(changed, &after).unwrap();
    host.tool.delete_person(deleted);
    let exports = ["before", "after", "deleted"].map(|name| profile(name, &format!("{name}@example.com")));
    assert_eq!(host.persons(exports.into()).await, ["created", "updated", "created"]);
    host.minutes()
}

async fn organizations_are_searched_for() -> Minutes {
    let host = pipedrive().await;
    for number in 0..3_000 {
        let name = json!({ "name": format!("Organization {number}") });
        host.tool.add_organization(&name).unwrap();
    }
    let named = |name: &str| Export::new(name).property("Name", name);
    let told = host.organizations(vec![named("Organization 7"), named("organization 8")]).await;
    assert_eq!(told, ["updated", "created"]);
    assert!(host.controls().log.calls_to("search organizations") > 0);
    host.minutes()
}

async fn ambiguous_emails_are_told_by_a_scan() -> Minutes {
    ambiguous_emails_are_told(pipedrive().await).await
}

async fn ambiguous_emails_are_told_by_a_search() -> Minutes {
    ambiguous_emails_are_told(large().await).await
}

async fn ambiguous_emails_are_told(host: Pipedrive) -> Minutes {
    host.add_person("Ada", &["ada@example.com"]);
    host.add_person("Ada again", &["other@example.com", "ADA@example.com"]);
    let told = host.persons(vec![profile("ada", "ada@example.com")]).await;
    assert_eq!(told, ["rejected ambiguous_key"]);
    host.minutes()
}

async fn any_email_can_be_searched_for() -> Minutes {
    let host = large().await;
    let odd = "o'brien+a&b=c%20#?é@example.com";
    host.add_person("O'Brien", &[odd]);
    assert_eq!(host.persons(vec![profile("o", odd)]).await, ["updated"]);
    host.minutes()
}

async fn what_the_search_does_not_show_is_listed() -> Minutes {
    let host = large().await;
    host.fault("create person", FaultAction::ResetAfter);
    let export = || vec![profile("new", "new@example.com")];
    assert!(host.persons(export()).await[0].starts_with("unknown"));
    assert_eq!(host.persons(export()).await, ["updated"]);
    host.minutes()
}
