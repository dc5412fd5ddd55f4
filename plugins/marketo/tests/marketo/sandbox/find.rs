use std::time::Duration;

use outflow_core::Clock;
use outflow_marketo::sandbox::MarketoSandbox;
use outflow_sandbox::SandboxOptions;
use serde_json::{Value, json};
use tokio::time::advance;

use super::caller::{Caller, error, results};

fn ids(results: &[Value]) -> Vec<u64> {
    results.iter().map(|lead| lead["id"].as_u64().unwrap()).collect()
}

/// Reads every page of a path; the ids page by page.
async fn pages(caller: &Caller, path: &str) -> Vec<Vec<u64>> {
    let (mut pages, mut token) = (Vec::new(), String::new());
    loop {
        let answer = caller.get(&format!("{path}&nextPageToken={token}")).await;
        pages.push(ids(&results(&answer)));
        match answer["nextPageToken"].as_str() {
            Some(next) => next.clone_into(&mut token),
            None => return pages,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_lead_shows_its_default_fields() {
    let options = SandboxOptions {
        clock: Clock::starting_at("2021-11-23T22:57:08.7Z".parse().unwrap()),
        ..SandboxOptions::default()
    };
    let caller = Caller::of(MarketoSandbox::new(&options)).await;
    let lead = json!({ "email": "Brian@example.com", "firstName": "Brian" });
    let id = caller.create(lead.clone()).await;
    advance(Duration::from_secs(10)).await;
    caller.sync("createOrUpdate", json!([lead])).await;
    let path = "/rest/v1/leads.json?filterType=email&filterValues=nobody@example.com,brian@EXAMPLE.com";
    let expected = json!({
        "id": id, "firstName": "Brian", "lastName": null, "email": "Brian@example.com",
        "updatedAt": "2021-11-23T22:57:08Z", "createdAt": "2021-11-23T22:57:08Z",
    });
    assert_eq!(results(&caller.get(path).await), [expected]);
    let change = json!([{ "email": "brian@example.com", "lastName": "Smith" }]);
    caller.sync("createOrUpdate", change).await;
    let found = results(&caller.get(path).await);
    assert_eq!(found[0]["updatedAt"], "2021-11-23T22:57:18Z");
    assert_eq!(found[0]["createdAt"], "2021-11-23T22:57:08Z");
}

#[tokio::test]
async fn leads_are_found_by_id_and_custom_fields_in_the_order_of_ids() {
    let caller = Caller::new().await;
    let one = caller.create(json!({ "email_field": "x@example.com" })).await;
    let two = caller.create(json!({ "integer_field": 5 })).await;
    let three = caller.create(json!({ "integer_field": 5 })).await;
    let find = async |filter: &str, values: &str| {
        let path = format!("/rest/v1/leads.json?filterType={filter}&filterValues={values}");
        ids(&results(&caller.get(&path).await))
    };
    assert_eq!(find("id", &format!("{three},{one},{three},5")).await, [one, three]);
    assert_eq!(find("integer_field", "5,6").await, [two, three]);
    assert_eq!(find("email_field", "X@example.com").await, [one]);
    assert_eq!(find("cookies", "abc").await, [0; 0]);
}

#[tokio::test]
async fn a_question_that_cannot_be_asked_says_why() {
    let caller = Caller::new().await;
    let ask = async |query: &str| error(&caller.get(&format!("/rest/v1/leads.json?{query}")).await);
    assert_eq!(ask("filterType=firstName&filterValues=A").await.0, "1011");
    assert_eq!(ask("filterType=id&filterValues=x").await.0, "1001");
    assert_eq!(
        ask("filterType=id&filterValues=1&fields=email,shoeSize").await.1,
        "Field 'shoeSize' not found"
    );
    assert_eq!(ask("filterType=id&filterValues=1&batchSize=301").await.0, "1003");
    assert_eq!(ask("filterType=id&filterValues=1&nextPageToken=zz").await.0, "1003");
    let many: Vec<String> = (0..301).map(|n| n.to_string()).collect();
    let form = [("filterType", "id"), ("filterValues", &many.join(","))];
    let answer = caller.post_form("/rest/v1/leads.json?_method=GET", &form).await;
    assert_eq!(error(&answer).0, "1003");
}

#[tokio::test]
async fn more_than_a_thousand_matches_are_refused() {
    let caller = Caller::unlimited().await;
    let lead = json!({ "integer_field": 1 }).as_object().unwrap().clone();
    caller.sandbox.seed_leads(vec![lead.clone(); 1000]).unwrap();
    let path = "/rest/v1/leads.json?filterType=integer_field&filterValues=1";
    let sizes: Vec<usize> = pages(&caller, path).await.iter().map(Vec::len).collect();
    assert_eq!(sizes, [300, 300, 300, 100]);
    caller.sandbox.seed_leads([lead]).unwrap();
    let refused = error(&caller.get(path).await);
    assert_eq!(refused, ("1003".to_owned(), "Too many results match the filter".to_owned()));
}

#[tokio::test]
async fn pages_hold_while_members_come_and_go() {
    let caller = Caller::unlimited().await;
    let leads = caller.sandbox.seed_leads(vec![serde_json::Map::new(); 10]).unwrap();
    let list = caller.sandbox.seed_list("A");
    caller.sandbox.seed_members(list, leads.clone());
    let path = format!("/rest/v1/lists/{list}/leads.json?batchSize=4");
    let first = caller.get(&path).await;
    assert_eq!(first["moreResult"], true);
    caller.sandbox.delete_lead(leads[0]);
    let token = first["nextPageToken"].as_str().unwrap();
    let second = caller.get(&format!("{path}&nextPageToken={token}")).await;
    assert_eq!(ids(&results(&second)), leads[4..8]);
    assert_eq!(pages(&caller, &path).await.concat(), leads[1..]);
}

#[tokio::test]
async fn a_deleted_lead_is_gone_at_once() {
    let caller = Caller::new().await;
    let id = caller.create(json!({ "email": "a@example.com" })).await;
    assert!(caller.sandbox.delete_lead(id));
    let path = format!("/rest/v1/leads.json?filterType=id&filterValues={id}");
    assert_eq!(results(&caller.get(&path).await), [json!(null); 0]);
    assert_eq!(error(&caller.get(&format!("/rest/v1/lead/{id}.json")).await).0, "1004");
}
