//! Calls that the plugin does not make, to the endpoints the sandbox has all the same.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use outflow_core::http::Transport;
use outflow_marketo::sandbox::{DataType, MarketoSandbox};
use outflow_sandbox::{InProcess, Sandbox};
use serde_json::{Value as Json, json};

use super::host::URL;
use crate::compliance::heard::Heard;
use crate::compliance::host::noon;

/// All that was said by hand, and where.
pub(crate) async fn all() -> Vec<(&'static str, Heard)> {
    let mut all = Vec::new();
    for (name, heard) in [
        ("by hand: identity", identity().await),
        ("by hand: schema", schema().await),
        ("by hand: leads", leads().await),
        ("by hand: lists", lists().await),
        ("by hand: assets", assets().await),
        ("by hand: refusals", refusals().await),
    ] {
        all.extend(heard.into_iter().map(|heard| (name, heard)));
    }
    all
}

/// A caller with a token.
struct Caller {
    marketo: Arc<MarketoSandbox>,
    transport: InProcess,
    token: String,
}

const TOKEN: &str =
    "/identity/oauth/token?grant_type=client_credentials&client_id=sandbox-client-id&client_secret=";

impl Caller {
    async fn new() -> Self {
        let marketo = MarketoSandbox::new(&noon(Duration::ZERO));
        let mut caller =
            Self { transport: InProcess::new().with(URL, marketo.clone()), marketo, token: String::new() };
        let answer = caller.get(&format!("{TOKEN}sandbox-client-secret")).await;
        caller.token = format!("Bearer {}", answer["access_token"].as_str().unwrap());
        caller
    }

    async fn call(&self, method: Method, path: &str, kind: &str, body: String) -> Json {
        let mut request = http::Request::builder().method(method).uri(format!("{URL}{path}"));
        if !self.token.is_empty() {
            request = request.header("authorization", &self.token);
        }
        if !body.is_empty() {
            request = request.header("content-type", kind);
        }
        let answer = self.transport.send(request.body(body.into()).unwrap()).await.unwrap();
        serde_json::from_slice(answer.body()).unwrap_or_default()
    }

    async fn get(&self, path: &str) -> Json {
        self.call(Method::GET, path, "", String::new()).await
    }

    async fn post(&self, path: &str, body: Json) -> Json {
        self.call(Method::POST, path, "application/json", body.to_string()).await
    }

    async fn form(&self, path: &str, form: &str) -> Json {
        let kind = "application/x-www-form-urlencoded";
        self.call(Method::POST, path, kind, form.to_owned()).await
    }

    async fn delete(&self, path: &str) -> Json {
        self.call(Method::DELETE, path, "", String::new()).await
    }

    async fn get_all(&self, paths: &[&str]) {
        for path in paths {
            let answer = self.get(path).await;
            assert_eq!(answer["success"], true, "{path}: {answer}");
        }
    }

    fn seed(&self, count: usize) -> Vec<u64> {
        let lead = |n| json!({ "email": format!("person-{n}@example.com"), "lastName": "L" });
        let leads = (0..count).map(|n| lead(n).as_object().unwrap().clone());
        self.marketo.seed_leads(leads).unwrap()
    }

    fn heard(&self) -> Vec<Heard> {
        let exchanges = self.marketo.controls().log.exchanges();
        exchanges.iter().map(|exchange| Heard::from(exchange).by_hand()).collect()
    }
}

async fn identity() -> Vec<Heard> {
    let caller = Caller::new().await;
    caller.get(&format!("{TOKEN}wrong")).await;
    caller.get("/identity/oauth/token?grant_type=password").await;
    let path = format!("{TOKEN}sandbox-client-secret");
    caller.call(Method::POST, &path, "", String::new()).await;
    caller.heard()
}

async fn schema() -> Vec<Heard> {
    let caller = Caller::new().await;
    caller.marketo.add_partition("Europe");
    caller.marketo.add_field("hidden", "Hidden", DataType::Score);
    caller.marketo.hide_field("hidden");
    let field = json!({ "displayName": "Shoe size", "name": "shoeSize", "dataType": "integer" });
    caller.post("/rest/v1/leads/schema/fields.json", json!({ "input": [field] })).await;
    caller
        .get_all(&[
            "/rest/v1/leads/describe.json",
            "/rest/v1/leads/describe2.json",
            "/rest/v1/leads/schema/fields.json?batchSize=20",
            "/rest/v1/leads/partitions.json",
            "/rest/v1/stats/usage.json",
            "/rest/v1/stats/usage/last7days.json",
        ])
        .await;
    caller.heard()
}

async fn leads() -> Vec<Heard> {
    let caller = Caller::new().await;
    let ids = caller.seed(3);
    for (action, email) in [
        ("createOrUpdate", "new@example.com"),
        ("createOnly", "new@example.com"),
        ("updateOnly", "nobody@example.com"),
        ("createDuplicate", "new@example.com"),
        ("createOrUpdate", "new@example.com"),
    ] {
        let body = json!({ "action": action, "lookupField": "email", "input": [{ "email": email }] });
        caller.post("/rest/v1/leads.json", body).await;
    }
    let asynchronous = json!({ "asyncProcessing": true, "input": [{ "email": "late@example.com" }] });
    caller.post("/rest/v1/leads.json", asynchronous).await;
    caller
        .get_all(&[
            "/rest/v1/leads.json?filterType=email&filterValues=person-0@example.com",
            "/rest/v1/leads.json?filterType=id&filterValues=1,2,3&fields=email,leadScore&batchSize=1",
            &format!("/rest/v1/lead/{}.json?fields=email,dateOfBirth", ids[0]),
        ])
        .await;
    let form = "filterType=email&filterValues=person-1@example.com";
    caller.form("/rest/v1/leads.json?_method=GET", form).await;
    let deleted = json!({ "input": [{ "id": ids[0] }, { "id": 999_999 }] });
    caller.post("/rest/v1/leads/delete.json", deleted).await;
    let path = format!("/rest/v1/leads/delete.json?id={},{}", ids[1], ids[2]);
    caller.call(Method::POST, &path, "", String::new()).await;
    caller.heard()
}

async fn lists() -> Vec<Heard> {
    let caller = Caller::new().await;
    let ids = caller.seed(3);
    let list = caller.marketo.seed_list("VIP");
    caller.marketo.seed_program_list("Webinar", "VIP");
    let members = format!("/rest/v1/lists/{list}/leads.json");
    let input = json!({ "input": [{ "id": ids[0] }, { "id": ids[1] }, { "id": 999_999 }] });
    caller.post(&members, input).await;
    let path = format!("{members}?id={}", ids[2]);
    caller.call(Method::POST, &path, "", String::new()).await;
    caller
        .get_all(&[
            "/rest/v1/lists.json",
            "/rest/v1/lists.json?name=VIP,Other&programName=Webinar&workspaceName=Default&batchSize=1",
            &format!("/rest/v1/lists.json?id={list}"),
            &format!("/rest/v1/lists/{list}.json"),
            &format!("{members}?batchSize=2&fields=email"),
            &format!("/rest/v1/list/{list}/leads.json?batchSize=2"),
            &format!("/rest/v1/lists/{list}/leads/ismember.json?id={},999999", ids[0]),
            &format!("/rest/v1/leads/{}/listMembership.json", ids[0]),
        ])
        .await;
    caller.delete(&format!("{members}?id={}", ids[0])).await;
    caller.delete(&format!("{members}?id={},999999", ids[0])).await;
    caller.heard()
}

async fn assets() -> Vec<Heard> {
    let caller = Caller::new().await;
    let list = caller.marketo.seed_list("VIP");
    let used = caller.marketo.seed_list("Used");
    caller.marketo.set_list_in_use(used, true);
    let folder = "%7B%22id%22%3A12%2C%22type%22%3A%22Folder%22%7D";
    let create = "/rest/asset/v1/staticLists.json";
    for form in [
        format!("name=New&folder={folder}&description=Made+by+hand"),
        format!("name=New&folder={folder}"),
        format!("name=&folder={folder}"),
        "name=Elsewhere&folder=%7B%22id%22%3A99%2C%22type%22%3A%22Folder%22%7D".to_owned(),
    ] {
        caller.form(create, &form).await;
    }
    caller
        .get_all(&[
            "/rest/asset/v1/staticLists.json?maxReturn=200&offset=1",
            "/rest/asset/v1/staticList/byName.json?name=New",
            "/rest/asset/v1/staticList/byName.json?name=Nothing",
            "/rest/asset/v1/folder/byName.json?name=Group+Lists&type=Folder&workSpace=Default",
            "/rest/asset/v1/folder/byName.json?name=Marketing+Activities",
            "/rest/asset/v1/folder/byName.json?name=Nowhere",
            &format!("/rest/asset/v1/staticList/{list}.json"),
            "/rest/asset/v1/staticList/999999.json",
        ])
        .await;
    for list in [list, used, 999_999] {
        let path = format!("/rest/asset/v1/staticList/{list}/delete.json");
        caller.call(Method::POST, &path, "", String::new()).await;
    }
    caller.heard()
}

async fn refusals() -> Vec<Heard> {
    let mut caller = Caller::new().await;
    let leads = "/rest/v1/leads.json";
    for body in [
        json!({}),
        json!({ "input": vec![json!({ "email": "a@example.com" }); 301] }),
        json!({ "action": "destroy", "input": [{}] }),
        json!({ "action": "createOnly", "lookupField": "id", "input": [{ "id": 1 }] }),
        json!({ "lookupField": "shoeSize", "input": [{ "shoeSize": 1 }] }),
        json!({ "input": [{ "email": "a@example.com", "leadScore": "many", "noSuch": 1 }] }),
    ] {
        caller.post(leads, body).await;
    }
    let json = "application/json";
    caller.call(Method::POST, leads, json, "{".to_owned()).await;
    caller.call(Method::POST, leads, "text/plain", "hello".to_owned()).await;
    caller.call(Method::PUT, leads, json, "{}".to_owned()).await;
    for path in [
        "/rest/v1/leads.json",
        "/rest/v1/leads.json?filterType=lastName&filterValues=L",
        "/rest/v1/leads.json?filterType=id&filterValues=1&batchSize=301",
        "/rest/v1/lead/999999.json",
        "/rest/v1/lists/999999.json",
        "/rest/v1/lists/999999/leads.json",
        "/rest/v1/leads/999999/listMembership.json",
        "/rest/v1//leads.json",
        "/rest/asset/v1/staticList/byName.json",
        "/rest/asset/v1/staticLists.json?maxReturn=201",
    ] {
        caller.get(path).await;
    }
    let long = format!("/rest/v1/leads.json?filterType=email&filterValues={}", "x".repeat(9_000));
    caller.get(&long).await;
    for token in ["", "Bearer unknown"] {
        token.clone_into(&mut caller.token);
        caller.get("/rest/v1/stats/usage.json").await;
        caller.get("/rest/asset/v1/staticLists.json").await;
    }
    caller.heard()
}
