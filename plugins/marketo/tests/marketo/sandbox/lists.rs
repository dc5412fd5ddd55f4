use http::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::caller::{Caller, error, results, statuses};

const FOLDER: &str = r#"{"id":12,"type":"Folder"}"#;
const STATIC_LISTS: &str = "/rest/asset/v1/staticLists.json";

async fn create(caller: &Caller, name: &str, folder: &str) -> Value {
    let form = [("name", name), ("folder", folder)];
    caller.post_form(STATIC_LISTS, &form).await
}

#[tokio::test]
async fn a_list_is_created_in_a_folder_and_found_by_name() {
    let caller = Caller::new().await;
    let folder = caller.get("/rest/asset/v1/folder/byName.json?name=Group+Lists").await;
    assert_eq!(results(&folder)[0]["path"], "/Lead Database/Default/Group Lists");
    assert_eq!(results(&folder)[0]["id"], 12);
    let created = results(&create(&caller, "(test) High Value", FOLDER).await);
    let by_name = "/rest/asset/v1/staticList/byName.json?name=(test)%20High%20Value";
    assert_eq!(results(&caller.get(by_name).await), created);
    let id = &created[0]["id"];
    let by_id = caller.get(&format!("/rest/asset/v1/staticList/{id}.json")).await;
    assert_eq!(results(&by_id), created);
    assert!(created[0]["createdAt"].as_str().unwrap().ends_with("Z+0000"));
    let in_lead_database = results(&caller.get(&format!("/rest/v1/lists/{id}.json")).await);
    assert_eq!(in_lead_database[0]["workspaceName"], "Default");
}

#[tokio::test]
async fn what_is_not_found_has_a_warning_and_no_result() {
    let caller = Caller::new().await;
    for path in [
        "/rest/asset/v1/staticList/byName.json?name=A",
        "/rest/asset/v1/staticList/1.json",
        "/rest/asset/v1/folder/byName.json?name=A",
        "/rest/asset/v1/folder/byName.json?name=Group+Lists&workSpace=Other",
        STATIC_LISTS,
    ] {
        let answer = caller.get(path).await;
        assert_eq!(answer["success"], true);
        assert!(answer.get("result").is_none(), "{path}");
        assert_eq!(answer["warnings"], json!(["No assets found for the given search criteria."]));
    }
}

#[rstest]
#[case::no_name("", FOLDER, "701")]
#[case::no_folder("A", "", "701")]
#[case::folder_not_json("A", "Group Lists", "1001")]
#[case::unknown_folder("A", r#"{"id":999,"type":"Folder"}"#, "710")]
#[case::folder_for_programs("A", r#"{"id":19,"type":"Folder"}"#, "711")]
#[case::taken("Taken", FOLDER, "709")]
#[tokio::test]
async fn a_list_that_cannot_be_created(#[case] name: &str, #[case] folder: &str, #[case] code: &str) {
    let caller = Caller::new().await;
    caller.sandbox.seed_list("Taken");
    assert_eq!(error(&create(&caller, name, folder).await).0, code);
    assert_eq!(caller.sandbox.lists().len(), 1);
}

#[tokio::test]
async fn a_name_may_have_255_characters() {
    let caller = Caller::new().await;
    assert_eq!(create(&caller, &"é".repeat(255), FOLDER).await["success"], true);
    assert_eq!(error(&create(&caller, &"é".repeat(256), FOLDER).await).0, "709");
    let body = json!({ "name": "A", "folder": { "id": 12, "type": "Folder" } });
    assert_eq!(error(&caller.post(STATIC_LISTS, &body).await).0, "612");
}

#[tokio::test]
async fn many_names_are_resolved_in_one_call() {
    let caller = Caller::new().await;
    for name in ["A", "B", "C, with comma"] {
        caller.sandbox.seed_list(name);
    }
    caller.sandbox.seed_program_list("Webinar", "A");
    let names = async |query: &str| -> Vec<(String, bool)> {
        let found = results(&caller.get(&format!("/rest/v1/lists.json?{query}")).await);
        let shown =
            |list: &Value| (list["name"].as_str().unwrap().to_owned(), list["programName"].is_string());
        found.iter().map(shown).collect()
    };
    let pair = |name: &str, in_program| (name.to_owned(), in_program);
    assert_eq!(names("name=A,B,Z").await, [pair("A", false), pair("B", false), pair("A", true)]);
    assert_eq!(names("name=C%2C%20with%20comma").await, []);
    assert_eq!(names("programName=Webinar").await, [pair("A", true)]);
    assert_eq!(names("id=1002").await, [pair("B", false)]);
    assert_eq!(names("workspaceName=Elsewhere").await, []);
    assert_eq!(names("batchSize=300").await.len(), 4);
    assert_eq!(error(&create(&caller, "A", FOLDER).await).0, "709");
}

#[tokio::test]
async fn lists_are_read_in_pages() {
    let caller = Caller::new().await;
    for n in 0..25 {
        caller.sandbox.seed_list(&format!("List {n}"));
    }
    let first = caller.get("/rest/v1/lists.json?batchSize=20").await;
    let token = first["nextPageToken"].as_str().unwrap();
    let second = caller.get(&format!("/rest/v1/lists.json?batchSize=20&nextPageToken={token}")).await;
    assert_eq!((results(&first).len(), results(&second).len()), (20, 5));
    assert!(second.get("moreResult").is_none());
    assert_eq!(results(&caller.get(STATIC_LISTS).await).len(), 20);
    let rest = format!("{STATIC_LISTS}?offset=20&maxReturn=200");
    assert_eq!(results(&caller.get(&rest).await).len(), 5);
    assert_eq!(error(&caller.get(&format!("{STATIC_LISTS}?maxReturn=201")).await).0, "1003");
}

#[tokio::test]
async fn a_list_is_deleted_unless_it_is_used() {
    let caller = Caller::new().await;
    let list = caller.sandbox.seed_list("A");
    let path = format!("/rest/asset/v1/staticList/{list}/delete.json");
    caller.sandbox.set_list_in_use(list, true);
    assert_eq!(error(&caller.post_form(&path, &[]).await).0, "709");
    caller.sandbox.set_list_in_use(list, false);
    assert_eq!(results(&caller.post_form(&path, &[]).await), [json!({ "id": list })]);
    assert_eq!(error(&caller.post_form(&path, &[]).await).0, "702");
    let leads = format!("/rest/v1/lists/{list}/leads.json");
    for answer in [
        caller.get(&leads).await,
        caller.post(&leads, &json!({ "input": [{ "id": 1 }] })).await,
        caller.get(&format!("/rest/v1/lists/{list}.json")).await,
    ] {
        assert_eq!(error(&answer), ("1013".to_owned(), "Object not found".to_owned()));
    }
    assert_eq!(create(&caller, "A", FOLDER).await["success"], true);
}

#[tokio::test]
async fn members_are_added_checked_and_removed_one_by_one() {
    let caller = Caller::new().await;
    let one = caller.create(json!({ "email": "one@example.com" })).await;
    let two = caller.create(json!({ "email": "two@example.com" })).await;
    let list = caller.sandbox.seed_list("A");
    let path = format!("/rest/v1/lists/{list}/leads.json");
    let input = json!({ "input": [{ "id": one }, { "id": 9 }] });
    let added = results(&caller.post(&path, &input).await);
    assert_eq!(statuses(&added), ["added", "1004"]);
    assert_eq!(added[1]["id"], 9);
    let again = results(&caller.post(&format!("{path}?id={one}"), &Value::Null).await);
    assert_eq!(again, [json!({ "id": one, "status": "added" })]);

    let member = format!("/rest/v1/lists/{list}/leads/ismember.json?id={one},{two}&id=9");
    let checked = results(&caller.get(&member).await);
    assert_eq!(statuses(&checked), ["memberof", "notmemberof", "1004"]);
    let lists = results(&caller.get(&format!("/rest/v1/leads/{one}/listMembership.json")).await);
    assert_eq!(lists[0]["listId"], list);

    let legacy = format!("/rest/v1/list/{list}/leads.json");
    let members = caller.post_form(&legacy, &[("_method", "GET")]).await;
    assert_eq!(results(&members)[0]["email"], "one@example.com");

    let input = json!({ "input": [{ "id": one }, { "id": two }, { "id": 9 }] });
    let removed = results(&caller.delete(&path, &input).await);
    assert_eq!(statuses(&removed), ["removed", "1015", "1004"]);
    assert_eq!(
        removed[1],
        json!({ "id": two, "status": "skipped", "reasons": [{ "code": "1015", "message": "Lead not in list" }] })
    );
    assert_eq!(caller.sandbox.lists(), [(list, "A".to_owned(), 0)]);
}

#[tokio::test]
async fn members_are_removed_by_ids_in_the_query() {
    let caller = Caller::new().await;
    let leads = caller.sandbox.seed_leads(vec![serde_json::Map::new(); 301]).unwrap();
    let list = caller.sandbox.seed_list("A");
    caller.sandbox.seed_members(list, leads.clone());
    let remove = async |leads: &[u64]| {
        let query: Vec<String> = leads.iter().map(|id| format!("id={id}")).collect();
        let path = format!("/rest/v1/lists/{list}/leads.json?{}", query.join("&"));
        let request = caller.request(Method::DELETE, &path).body(Vec::new()).unwrap();
        let answer: Value = serde_json::from_slice(caller.send(request).await.body()).unwrap();
        answer
    };
    assert_eq!(error(&remove(&leads).await).0, "1003");
    assert_eq!(results(&remove(&leads[..300]).await).len(), 300);
    assert_eq!(caller.sandbox.lists()[0].2, 1);
    assert_eq!(error(&remove(&[]).await).0, "1002");
}

#[tokio::test]
async fn a_folder_can_be_added() {
    let caller = Caller::new().await;
    let folder = caller.sandbox.add_folder("Outflow");
    let found = results(&caller.get("/rest/asset/v1/folder/byName.json?name=Outflow&type=Folder").await);
    assert_eq!(found[0]["id"], folder);
    let created = create(&caller, "A", &json!({ "id": folder, "type": "Folder" }).to_string()).await;
    assert_eq!(results(&created)[0]["folder"]["id"], folder);
}
