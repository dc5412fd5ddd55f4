use std::time::Duration;

use outflow_sandbox::Sandbox;
use rstest::rstest;
use serde_json::{Value, json};

use super::caller::{Caller, error, results, statuses};

#[tokio::test]
async fn actions_do_what_they_are_called() {
    let caller = Caller::new().await;
    let id = caller.create(json!({ "email": "known@example.com", "firstName": "Ann" })).await;
    let input = json!([{ "email": "KNOWN@example.com", "firstName": "Bea" }, { "email": "new@example.com" }]);
    for (action, expected) in [
        ("updateOnly", ["updated", "1004"]),
        ("createOnly", ["1005", "created"]),
        ("createOrUpdate", ["updated", "updated"]),
        ("createDuplicate", ["created", "created"]),
        ("createOrUpdate", ["1007", "1007"]),
    ] {
        let results = caller.sync(action, input.clone()).await;
        assert_eq!(statuses(&results), expected, "{action}");
    }
    assert_eq!(caller.read(id, "firstName,email").await["firstName"], "Bea");
    assert_eq!(caller.sandbox.lead_count(), 4);
}

#[tokio::test]
async fn results_come_in_input_order_and_skipped_ones_have_no_id() {
    let caller = Caller::new().await;
    let input = json!([{ "email": "a@example.com" }, { "email": "bad" }, { "email": "b@example.com" }]);
    let results = caller.sync("createOrUpdate", input).await;
    assert_eq!(statuses(&results), ["created", "1003", "created"]);
    let message = "Invalid value for field 'email' and value 'bad'";
    assert_eq!(
        results[1],
        json!({ "status": "skipped", "reasons": [{ "code": "1003", "message": message }] })
    );
    assert!(results[0]["id"].as_u64() < results[2]["id"].as_u64());
}

#[tokio::test]
async fn duplicates_in_one_call_become_two_leads() {
    let caller = Caller::new().await;
    let twice = json!([{ "email": "twin@example.com" }, { "email": "Twin@example.com" }]);
    let created = caller.sync("createOrUpdate", twice.clone()).await;
    assert_eq!(statuses(&created), ["created", "created"]);
    assert_ne!(created[0]["id"], created[1]["id"]);
    assert_eq!(statuses(&caller.sync("createOrUpdate", twice).await), ["1007", "1007"]);
}

#[tokio::test(start_paused = true)]
async fn overlapping_calls_with_one_new_email_become_two_leads() {
    let caller = Caller::new().await;
    caller.sandbox.controls().set_latency(Duration::from_secs(1));
    let upsert = |delay: u64| {
        let caller = caller.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(delay)).await;
            let results = caller.sync("createOrUpdate", json!([{ "email": "a@example.com" }])).await;
            results[0]["status"].as_str().unwrap().to_owned()
        })
    };
    let (first, second, later) = (upsert(0), upsert(999), upsert(3000));
    assert_eq!(first.await.unwrap(), "created");
    assert_eq!(second.await.unwrap(), "created");
    assert_eq!(later.await.unwrap(), "skipped");
}

#[tokio::test]
async fn an_email_is_changed_by_id_alone() {
    let caller = Caller::new().await;
    let id = caller.create(json!({ "email": "old@example.com" })).await;
    let changed = json!([{ "id": id, "email": "new@example.com" }]);
    assert_eq!(statuses(&caller.sync_by("id", "updateOnly", changed).await), ["updated"]);
    let upsert = json!([{ "email": "old@example.com" }, { "email": "new@example.com" }]);
    let results = caller.sync("createOrUpdate", upsert).await;
    assert_eq!(statuses(&results), ["created", "updated"]);
    assert_eq!(results[1]["id"], id);
}

#[tokio::test]
async fn the_id_finds_leads_for_updates_alone() {
    let caller = Caller::new().await;
    let gone = json!([{ "id": 1, "firstName": "A" }, { "id": 99_999_999_999_u64 }]);
    let results = caller.sync_by("id", "updateOnly", gone.clone()).await;
    assert_eq!(statuses(&results), ["1004", "1004"]);
    let body = json!({ "action": "createOrUpdate", "lookupField": "id", "input": gone });
    assert_eq!(error(&caller.post("/rest/v1/leads.json", &body).await).0, "1003");
    let with_id = json!([{ "id": 5, "email": "a@example.com" }]);
    assert_eq!(statuses(&caller.sync("createOnly", with_id).await), ["1003"]);
}

#[tokio::test]
async fn leads_are_looked_up_by_custom_fields_too() {
    let caller = Caller::new().await;
    let first = json!([{ "integer_field": 7, "email": "a@example.com" }, { "integer_field": 8 }]);
    let by_number = caller.sync_by("integer_field", "createOrUpdate", first).await;
    assert_eq!(statuses(&by_number), ["created", "created"]);
    let second = json!([{ "integer_field": "7", "email": "b@example.com" }, { "email": "c@example.com" }]);
    let results = caller.sync_by("integer_field", "createOrUpdate", second).await;
    assert_eq!(statuses(&results), ["updated", "1003"]);
    assert_eq!(results[0]["id"], by_number[0]["id"]);
    let message = "Value for lookup field 'integer_field' not found";
    assert_eq!(results[1]["reasons"][0]["message"], message);
    let moved = json!([{ "integer_field": 9, "id": by_number[0]["id"] }]);
    caller.sync_by("id", "updateOnly", moved).await;
    let third = json!([{ "integer_field": 7 }, { "integer_field": 9 }]);
    let results = caller.sync_by("integer_field", "updateOnly", third).await;
    assert_eq!(statuses(&results), ["1004", "updated"]);
}

#[rstest]
#[case::unknown_field(json!({ "email": "a@example.com", "shoeSize": 44 }), "1006", "Field 'shoeSize' not found")]
#[case::company(json!({ "email": "a@example.com", "company": "Acme" }), "1021", "Company update not allowed")]
#[case::read_only(json!({ "email": "a@example.com", "createdAt": "2020-01-01T00:00:00Z" }), "1003", "Field 'createdAt' is read-only")]
#[case::partition(json!({ "email": "a@example.com", "leadPartitionId": 2 }), "1010", "Partition update not allowed")]
#[case::no_email(json!({ "firstName": "A" }), "1003", "Value for lookup field 'email' not found")]
#[case::null_email(json!({ "email": null }), "1003", "Value for lookup field 'email' not found")]
#[tokio::test]
async fn a_record_that_cannot_be_written_is_skipped_whole(
    #[case] record: Value,
    #[case] code: &str,
    #[case] message: &str,
) {
    let caller = Caller::new().await;
    let results = caller.sync("createOrUpdate", json!([record])).await;
    let reasons = json!([{ "code": code, "message": message }]);
    assert_eq!(results, [json!({ "status": "skipped", "reasons": reasons })]);
    assert_eq!(caller.sandbox.lead_count(), 0);
}

#[tokio::test]
async fn a_field_that_is_not_searchable_looks_nothing_up() {
    let caller = Caller::new().await;
    let results = caller.sync_by("firstName", "createOrUpdate", json!([{ "firstName": "A" }])).await;
    assert_eq!(statuses(&results), ["1011"]);
}

#[tokio::test]
async fn leads_stay_in_their_partition() {
    let caller = Caller::new().await;
    caller.sandbox.add_partition("Europe");
    let sync = async |partition: &str| {
        let input = json!([{ "email": "a@example.com" }]);
        let body = json!({ "partitionName": partition, "input": input });
        let results = results(&caller.post("/rest/v1/leads.json", &body).await);
        statuses(&results)[0].to_owned()
    };
    assert_eq!(sync("Mars").await, "1008");
    assert_eq!(sync("Europe").await, "created");
    assert_eq!(sync("Europe").await, "updated");
    assert_eq!(sync("Default").await, "1010");
    let found =
        caller.get("/rest/v1/leads.json?filterType=leadPartitionId&filterValues=2&fields=leadPartitionId");
    assert_eq!(results(&found.await)[0]["leadPartitionId"], 2);
}

#[rstest]
#[case(299, true)]
#[case(300, true)]
#[case(301, false)]
#[tokio::test]
async fn three_hundred_records_fit_into_a_call(#[case] count: usize, #[case] fits: bool) {
    let caller = Caller::new().await;
    let input: Vec<Value> = (0..count).map(|n| json!({ "email": format!("{n}@example.com") })).collect();
    let answer = caller.post("/rest/v1/leads.json", &json!({ "input": input })).await;
    if fits {
        assert_eq!(results(&answer).len(), count);
    } else {
        assert_eq!(error(&answer).0, "1003");
        assert_eq!(caller.sandbox.lead_count(), 0);
    }
}

#[tokio::test]
async fn an_unknown_action_fails_the_call() {
    let caller = Caller::new().await;
    let body = json!({ "action": "upsert", "input": [{ "email": "a@example.com" }] });
    assert_eq!(error(&caller.post("/rest/v1/leads.json", &body).await).0, "1003");
}

#[tokio::test]
async fn asynchronous_processing_tells_no_outcome() {
    let caller = Caller::new().await;
    let body = json!({ "asyncProcessing": true, "input": [{ "email": "a@example.com" }] });
    assert!(results(&caller.post("/rest/v1/leads.json", &body).await).is_empty());
    assert_eq!(caller.sandbox.lead_count(), 1);
}

#[tokio::test]
async fn leads_are_deleted_by_either_way_and_leave_their_lists() {
    let caller = Caller::new().await;
    let one = caller.create(json!({ "email": "one@example.com" })).await;
    let two = caller.create(json!({ "email": "two@example.com" })).await;
    let list = caller.sandbox.seed_list("A");
    caller.sandbox.seed_members(list, [one, two]);
    let input = json!({ "input": [{ "id": one }, { "id": 3 }] });
    let deleted = results(&caller.post("/rest/v1/leads/delete.json", &input).await);
    assert_eq!(deleted[0], json!({ "id": one, "status": "deleted" }));
    assert_eq!(
        deleted[1],
        json!({ "id": 3, "status": "skipped", "reasons": [{ "code": "1004", "message": "Lead not found" }] })
    );
    assert_eq!(caller.sandbox.lists()[0].2, 1);
    let input = json!({ "input": [{ "id": two }] });
    let legacy = caller.post("/rest/v1/leads.json?_method=DELETE", &input).await;
    assert_eq!(statuses(&results(&legacy)), ["deleted"]);
    assert_eq!(caller.sandbox.lists()[0].2, 0);
    let again = caller.sync("createOnly", json!([{ "email": "one@example.com" }])).await;
    assert_eq!(statuses(&again), ["created"]);
}

#[tokio::test]
async fn a_record_is_read_as_json_is() {
    let caller = Caller::new().await;
    let body =
        r#"{"input":[{"email":"a@example.com","first\u004eame":"Ann","lastName":"X","lastName":"Y"}]}"#;
    let request = caller
        .request(http::Method::POST, "/rest/v1/leads.json")
        .header("content-type", "application/json; charset=utf-8");
    let response = caller.send(request.body(body.into()).unwrap()).await;
    let created = results(&serde_json::from_slice(response.body()).unwrap());
    let id = created[0]["id"].as_u64().unwrap();
    assert_eq!(
        caller.read(id, "firstName,lastName").await,
        json!({ "id": id, "firstName": "Ann", "lastName": "Y" })
    );
}
