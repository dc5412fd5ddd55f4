//! Beacon's destination, through the registry, against recorded answers.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use mockito::{Matcher, Mock, Server, ServerGuard};
use outflow_core::{Destination, Export, Outflow, Run};
use own_destination as _;
use serde_json::{Value as Json, json};

async fn destination(server: &ServerGuard) -> Destination {
    let options = json!({ "endpoint": server.url(), "api_key": "k-123" });
    let account = Outflow::new().unwrap().account("beacon", &options).await.unwrap();
    account.destination("beacon-contacts-export", &json!({})).unwrap()
}

/// One call that Beacon expects, with its key, and what it answers.
async fn answer(server: &mut ServerGuard, path: &str, body: Json, results: Json) -> Mock {
    let mock = server.mock("POST", path).match_header("x-api-key", "k-123").match_body(Matcher::Json(body));
    mock.with_body(json!({ "results": results }).to_string()).expect(1).create_async().await
}

fn ada() -> Export {
    Export::new("1").property("Email", "Ada@example.com").property("name", "Ada")
}

#[tokio::test]
async fn contacts_are_written_by_email_and_join_their_lists() {
    let mut server = Server::new_async().await;
    let contacts = json!({ "contacts": [
        { "id": null, "fields": { "email": "Ada@example.com", "name": "Ada" } },
        { "id": null, "fields": { "email": "bob@example.com", "score": 0 } },
    ] });
    let rows = json!([
        { "id": "c1", "status": "created" },
        { "status": "refused", "code": "too_many", "message": "the plan is full" },
    ]);
    let upsert = answer(&mut server, "/contacts/upsert", contacts, rows).await;
    let lists = json!({ "lists": [{ "name": "VIP", "create": true }] });
    let list = answer(&mut server, "/lists/find", lists, json!([{ "name": "VIP", "id": "l9" }])).await;
    let added = json!([{ "id": "c1", "status": "updated" }]);
    let add = answer(&mut server, "/lists/l9/add", json!({ "ids": ["c1"] }), added).await;

    let bob = Export::new("2").property("email", "bob@example.com").property("score", 0);
    let exports = vec![ada().group("VIP"), bob];
    let (report, outcomes) = destination(&server).await.export_all(exports, Run::default()).await;

    assert_eq!(outcomes[0].outcome.name(), "created");
    assert_eq!(outcomes[1].outcome.problem().unwrap().code, "too_many");
    assert_eq!(report.calls.total, 3);
    for mock in [upsert, list, add] {
        mock.assert_async().await;
    }
}

#[tokio::test]
async fn a_changed_email_is_found_by_the_old_one_and_updated_by_id() {
    let mut server = Server::new_async().await;
    let keys = json!({ "emails": ["ada@example.com", "old@example.com"] });
    let found = json!([{ "id": "c7", "email": "OLD@example.com" }]);
    let find = answer(&mut server, "/contacts/find", keys, found).await;
    let contact =
        json!({ "contacts": [{ "id": "c7", "fields": { "email": "Ada@example.com", "name": "Ada" } }] });
    let update =
        answer(&mut server, "/contacts/update", contact, json!([{ "id": "c7", "status": "updated" }])).await;

    let export = ada().old_property("email", "old@example.com");
    let (_, outcomes) = destination(&server).await.export_all(vec![export], Run::default()).await;

    assert_eq!(outcomes[0].outcome.name(), "updated");
    find.assert_async().await;
    update.assert_async().await;
}

#[tokio::test]
async fn a_wrong_key_stops_the_destination_and_says_what_to_do() {
    let mut server = Server::new_async().await;
    server.mock("POST", Matcher::Any).with_status(401).create_async().await;
    let (report, outcomes) = destination(&server).await.export_all(vec![ada()], Run::default()).await;
    assert_eq!(outcomes[0].outcome.name(), "retry");
    assert!(report.stopped.unwrap().message().contains("credentials"));
}

#[tokio::test]
async fn a_missing_option_is_named() {
    let error = Outflow::new().unwrap().account("beacon", &json!({ "endpoint": "x" })).await.unwrap_err();
    assert_eq!(error.field(), Some("api_key"));
}
