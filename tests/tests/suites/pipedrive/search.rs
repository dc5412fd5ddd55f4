//! Search, and how far it is behind.

use serde_json::json;

use super::client::Client;
use super::scenario::scenarios;

scenarios![
    a_new_person_is_found_ten_seconds_later,
    search_goes_on_with_the_old_until_it_knows_the_new,
    each_change_is_seen_in_its_turn,
    exact_matches_do_not_care_for_case,
    parts_are_found_when_not_exact,
    hits_come_in_pages,
    organizations_are_searched_by_name_and_address,
    wrong_searches_are_refused,
];

const EMAIL: &str = "/api/v2/persons/search?fields=email&exact_match=true&term=";

async fn a_new_person_is_found_ten_seconds_later() -> Client {
    let client = Client::new();
    let id = client
        .post("/api/v2/persons", json!({ "name": "John", "emails": [{ "value": "john@demo.com" }] }))
        .await
        .id();
    let path = format!("{EMAIL}john@demo.com");
    let found = async |client: &Client| client.get(&path).await.found();
    assert!(found(&client).await.is_empty());
    client.wait(9).await;
    assert!(found(&client).await.is_empty());
    assert_eq!(client.get("/api/v2/persons").await.ids(), [id], "lists are up to date");
    client.wait(1).await;
    assert_eq!(found(&client).await, [id]);
    client.delete(&format!("/api/v2/persons/{id}")).await;
    assert_eq!(found(&client).await, [id], "deleted, and still found");
    client.wait(10).await;
    assert!(found(&client).await.is_empty());
    client
}

async fn search_goes_on_with_the_old_until_it_knows_the_new() -> Client {
    let client = Client::new();
    let old = json!({ "name": "Jane", "emails": [{ "value": "old@demo.com" }] });
    let id = client.sandbox.add_person(&old).unwrap();
    let path = format!("/api/v2/persons/{id}");
    client.patch(&path, json!({ "emails": [{ "value": "new@demo.com" }] })).await;
    for (seconds, of_old, of_new) in [(0, 1, 0), (9, 1, 0), (1, 0, 1)] {
        client.wait(seconds).await;
        let found = client.get(&format!("{EMAIL}old@demo.com")).await;
        assert_eq!(found.found().len(), of_old);
        if of_old == 1 {
            let item = &found.data()["items"][0]["item"];
            assert_eq!(item["emails"], json!(["old@demo.com"]));
        }
        let found = client.get(&format!("{EMAIL}new@demo.com")).await;
        assert_eq!(found.found().len(), of_new);
    }
    assert_eq!(client.sandbox.persons_with_email("new@demo.com"), [id]);
    assert!(client.sandbox.persons_with_email("old@demo.com").is_empty());
    client
}

async fn each_change_is_seen_in_its_turn() -> Client {
    let client = Client::new();
    let id = client.sandbox.add_person(&json!({ "name": "One" })).unwrap();
    let path = format!("/api/v2/persons/{id}");
    client.patch(&path, json!({ "name": "Two" })).await;
    client.wait(6).await;
    client.patch(&path, json!({ "name": "Three" })).await;
    for (seconds, name) in [(3, "One"), (1, "Two"), (5, "Two"), (1, "Three"), (60, "Three")] {
        client.wait(seconds).await;
        for other in ["One", "Two", "Three"] {
            let search = format!("/api/v2/persons/search?fields=name&exact_match=true&term={other}");
            let found = client.get(&search).await.found();
            assert_eq!(found.len(), usize::from(other == name), "{other} when {name}");
        }
    }
    client
}

async fn exact_matches_do_not_care_for_case() -> Client {
    let client = Client::new();
    for (name, email) in [("Ann", "Ann@Demo.com"), ("Ben", "ann@demo.com"), ("Cay", "ann@demo.com.au")] {
        let emails = json!([{ "value": "other@demo.com" }, { "value": email }]);
        client.sandbox.add_person(&json!({ "name": name, "emails": emails })).unwrap();
    }
    let found = client.get(&format!("{EMAIL}ANN@demo.com")).await;
    assert_eq!(found.found(), [1, 2], "emails are not unique");
    let everywhere = client.get("/api/v2/persons/search?exact_match=true&term=ann@demo.com").await;
    assert_eq!(everywhere.found(), [1, 2]);
    let name = client.get("/api/v2/persons/search?exact_match=true&term=ann").await;
    assert_eq!(name.found(), [1]);
    client
}

async fn parts_are_found_when_not_exact() -> Client {
    let client = Client::new();
    let organization = client.sandbox.add_organization(&json!({ "name": "Acme Holdings" })).unwrap();
    let code = client.sandbox.field_code(outflow_pipedrive::sandbox::Entity::Person, "text_field").unwrap();
    client
        .sandbox
        .add_person(&json!({
            "name": "Zoë Müller", "phones": [{ "value": "+49 555 1234" }], "org_id": organization,
            "custom_fields": { code.as_str(): "Green tea" },
        }))
        .unwrap();
    for (field, term) in
        [("name", "MÜLL"), ("phone", "1234"), ("custom_fields", "tea"), ("name,custom_fields", "green")]
    {
        let term = form_urlencoded::byte_serialize(term.as_bytes()).collect::<String>();
        let found = client.get(&format!("/api/v2/persons/search?fields={field}&term={term}")).await;
        assert_eq!(found.found(), [1], "{field} {term}");
    }
    let found = client.get(&format!("/api/v2/persons/search?term=zo&organization_id={organization}")).await;
    let item = &found.data()["items"][0]["item"];
    assert_eq!(item["organization"]["name"], "Acme Holdings");
    assert_eq!(item["phones"], json!(["+49 555 1234"]));
    let elsewhere = client.get("/api/v2/persons/search?term=zo&organization_id=99").await;
    assert!(elsewhere.found().is_empty());
    client
}

async fn hits_come_in_pages() -> Client {
    let client = Client::new();
    client.sandbox.add_many_persons(150);
    client.sandbox.add_person(&json!({ "name": "Person" })).unwrap();
    let first = client.get("/api/v2/persons/search?term=person").await;
    assert_eq!(first.found().len(), 100);
    assert_eq!(first.found()[0], 151, "the exact one first");
    let cursor = first.next_cursor().unwrap();
    let second = client.get(&format!("/api/v2/persons/search?term=person&cursor={cursor}")).await;
    assert_eq!(second.found().len(), 51);
    assert_eq!(second.next_cursor(), None);
    client
}

async fn organizations_are_searched_by_name_and_address() -> Client {
    let client = Client::new();
    for (name, address) in [("Acme", "Main St 1"), ("Acme Holdings", "High St 2")] {
        client.sandbox.add_organization(&json!({ "name": name, "address": { "value": address } })).unwrap();
    }
    let path = "/api/v2/organizations/search";
    let loose = client.get(&format!("{path}?term=acme&fields=name")).await;
    assert_eq!(loose.found(), [1, 2]);
    let exact = client.get(&format!("{path}?term=acme&fields=name&exact_match=true")).await;
    assert_eq!(exact.found(), [1]);
    let address = client.get(&format!("{path}?term=high&fields=address")).await;
    assert_eq!(address.data()["items"][0]["item"]["address"], "High St 2");
    client
}

async fn wrong_searches_are_refused() -> Client {
    let client = Client::new();
    let path = "/api/v2/persons/search";
    for query in [
        "",
        "term=a",
        "term=&exact_match=true",
        "term=ab&exact_match=1",
        "term=ab&fields=secrets",
        "term=ab&limit=501",
        "term=ab&start=0",
        "term=ab&include_fields=person.secrets",
    ] {
        let refused = client.get(&format!("{path}?{query}")).await;
        assert_eq!(refused.status, 400, "{query}");
    }
    let one = client.get(&format!("{path}?term=a&exact_match=true")).await;
    assert_eq!(one.status, 200);
    client
}
