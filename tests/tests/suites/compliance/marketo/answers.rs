//! Recorded answers, read by the plugin: what it makes of each must be what the real
//! service meant. The sandbox answers what was not recorded.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use outflow_core::http::{Request, Response, Transport, TransportError};
use outflow_core::{Account, Export, Outflow, Run};
use outflow_marketo::sandbox::MarketoSandbox;
use outflow_sandbox::{InProcess, Sandbox};
use outflow_tests::recording::{Recorded, read};
use outflow_tests::{material_for, say};
use serde_json::{Value as Json, json};

use super::host::{CONNECTION, URL};
use super::meant;
use crate::compliance::heard::{Heard, Sent};
use crate::compliance::host::{noon, told};

/// What a call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Call {
    Token,
    FindLeads,
    SyncLeads,
    DeleteLeads,
    FindFolder,
    CreateList,
    FindList,
    JoinList,
    LeaveList,
    Other,
}

impl Call {
    fn of(method: &str, path: &str) -> Self {
        let is_of_list = path.starts_with("/rest/v1/lists/") && path.ends_with("/leads.json");
        match (method, path) {
            (_, "/identity/oauth/token") => Self::Token,
            ("GET", "/rest/v1/leads.json") => Self::FindLeads,
            ("POST", "/rest/v1/leads.json") => Self::SyncLeads,
            ("DELETE", "/rest/v1/leads.json") | ("POST", "/rest/v1/leads/delete.json") => Self::DeleteLeads,
            ("GET", "/rest/asset/v1/folder/byName.json") => Self::FindFolder,
            ("POST", "/rest/asset/v1/staticLists.json") => Self::CreateList,
            ("GET", "/rest/asset/v1/staticList/byName.json") => Self::FindList,
            ("POST", _) if is_of_list => Self::JoinList,
            ("DELETE", _) if is_of_list => Self::LeaveList,
            _ => Self::Other,
        }
    }

    fn of_request(request: &Request) -> Self {
        let is_read = request.uri().query().is_some_and(|query| query.contains("_method=GET"));
        let method = if is_read { "GET" } else { request.method().as_str() };
        Self::of(method, request.uri().path())
    }
}

/// Gives recorded answers to some calls, and the sandbox's to all others.
struct Wire {
    answers: HashMap<Call, Json>,
    sandbox: InProcess,
    /// The sandbox knows no token of the recording.
    authorization: String,
}

#[async_trait]
impl Transport for Wire {
    async fn send(&self, mut request: Request) -> Result<Response, TransportError> {
        if let Some(answer) = self.answers.get(&Call::of_request(&request)) {
            return Ok(Response::new(answer.to_string().into()));
        }
        if let Some(value) = request.headers_mut().get_mut("authorization") {
            *value = self.authorization.parse().unwrap();
        }
        self.sandbox.send(request).await
    }
}

/// A Marketo with a list that is there, and the account of a host that hears these answers.
async fn account(answers: impl IntoIterator<Item = (Call, Json)>) -> Account {
    let options = noon(Duration::ZERO);
    let marketo = MarketoSandbox::new(&options);
    marketo.seed_list("There");
    let sandbox = InProcess::new().with(URL, Arc::clone(&marketo) as Arc<dyn Sandbox>);
    let wire = Wire {
        answers: answers.into_iter().collect(),
        authorization: authorization(&sandbox).await,
        sandbox,
    };
    let outflow = Outflow::new().unwrap().with_clock(options.clock).with_transport(wire);
    outflow.account("marketo", &marketo.account(URL)).await.unwrap()
}

async fn authorization(sandbox: &InProcess) -> String {
    let path = "/identity/oauth/token?grant_type=client_credentials&client_id=sandbox-client-id";
    let request = http::Request::get(format!("{URL}{path}&client_secret=sandbox-client-secret"));
    let answer = sandbox.send(request.body(bytes::Bytes::new()).unwrap()).await.unwrap();
    let answer: Json = serde_json::from_slice(answer.body()).unwrap();
    format!("Bearer {}", answer["access_token"].as_str().unwrap())
}

/// What the plugin tells of each export, and the ids it has of them.
async fn outcomes(
    answers: impl IntoIterator<Item = (Call, Json)>,
    exports: Vec<Export>,
) -> Vec<(String, Option<u64>)> {
    let destination = account(answers).await.destination(CONNECTION, &json!({})).unwrap();
    let (_, outcomes) = destination.export_all(exports, Run::default()).await;
    let ids = outcomes.iter().map(|outcomed| outcomed.remote_id.as_ref().map(|id| id.as_u64().unwrap()));
    told(&outcomes).into_iter().zip(ids).collect()
}

/// The list `result` of a recorded answer.
fn results(answer: &Json) -> &[Json] {
    answer["result"].as_array().map_or(&[], Vec::as_slice)
}

fn ids_of(answer: &Json) -> Vec<u64> {
    results(answer).iter().map(|result| result["id"].as_u64().unwrap()).collect()
}

fn parameter<'a>(heard: &'a Heard, name: &str) -> &'a str {
    let found = heard.query.iter().find(|(other, _)| other == name);
    found.map_or("", |(_, value)| value)
}

/// Tokens: who it is for is told.
async fn token(answer: &Json) {
    let said = account([(Call::Token, answer.clone())]).await.test().await.unwrap();
    assert!(said.contains(answer["scope"].as_str().unwrap()), "{said}");
}

/// Look-ups: of what is found by its email the id is known, and the rest is not there.
async fn find_leads(heard: &Heard, answer: &Json) {
    let emails = parameter(heard, "filterValues").split(',');
    let expected: Vec<_> = emails
        .clone()
        .map(|email| {
            let found = results(answer).iter().find(|lead| lead["email"] == email);
            match found.map(|lead| lead["id"].as_u64()) {
                Some(id) => ("deleted".to_owned(), id),
                None => ("skipped nothing_to_delete".to_owned(), None),
            }
        })
        .collect();
    let gone = |email: &str| Export::new(email).old_property("email", email).delete();
    let exports = emails.map(gone).collect();
    assert_eq!(outcomes([(Call::FindLeads, answer.clone())], exports).await, expected);
}

/// Syncs: each record was created or updated, and has its id.
async fn sync_leads(heard: &Heard, answer: &Json) {
    let Sent::Json(body) = &heard.body else {
        panic!("a sync without a body");
    };
    let exports = body["input"].as_array().unwrap().iter().map(|record| {
        let mut export = Export::new(record.to_string());
        for (name, value) in record.as_object().unwrap() {
            match value.as_u64().filter(|_| name == "id") {
                // By id, since the email was another one.
                Some(id) => export = export.old_property("email", "before@example.com").remote_id(id),
                None => {
                    let value: outflow_core::Value = serde_json::from_value(value.clone()).unwrap();
                    export = export.property(name, value);
                }
            }
        }
        export
    });
    let expected: Vec<_> = results(answer)
        .iter()
        .map(|result| (result["status"].as_str().unwrap().to_owned(), result["id"].as_u64()))
        .collect();
    let answers = [(Call::SyncLeads, answer.clone())];
    assert_eq!(outcomes(answers, exports.collect()).await, expected);
}

async fn delete_leads(answer: &Json) {
    let ids = ids_of(answer);
    let exports = ids.iter().map(|id| Export::new(id.to_string()).remote_id(*id).delete());
    let told = outcomes([(Call::DeleteLeads, answer.clone())], exports.collect()).await;
    assert!(told.iter().all(|(told, _)| told == "deleted"), "{told:?}");
}

/// A lead that is known, and changes nothing but its groups.
fn known(id: u64) -> Export {
    Export::new(id.to_string()).property("firstName", "Ada").old_property("firstName", "Ada").remote_id(id)
}

/// Members: those that joined and left, and those that were not in it either.
async fn members(call: Call, answer: &Json) {
    let exports = ids_of(answer).into_iter().map(|id| match call {
        Call::LeaveList => known(id).old_group("There"),
        _ => known(id).group("There"),
    });
    let told = outcomes([(call, answer.clone())], exports.collect()).await;
    let expected: Vec<_> = ids_of(answer).into_iter().map(|id| ("updated".to_owned(), Some(id))).collect();
    assert_eq!(told, expected);
}

/// A list that is created in the folder that was found, and joined.
async fn create_list(folder: &Json, create: &Json, join: &Json) {
    let name = results(create)[0]["name"].as_str().unwrap();
    let answers = [
        (Call::FindFolder, folder.clone()),
        (Call::CreateList, create.clone()),
        (Call::JoinList, join.clone()),
    ];
    let id = ids_of(join)[0];
    let told = outcomes(answers, vec![known(id).group(name)]).await;
    assert_eq!(told, [("updated".to_owned(), Some(id))]);
}

/// A list whose name turns out to be taken: it is looked up, and found or not.
async fn find_list(heard: &Heard, answer: &Json, join: &Json) {
    let taken = json!({
        "success": false, "errors": [{ "code": "709", "message": "already exists" }],
        "requestId": "1#2", "warnings": [],
    });
    let answers =
        [(Call::FindList, answer.clone()), (Call::CreateList, taken), (Call::JoinList, join.clone())];
    let id = ids_of(join)[0];
    let group = parameter(heard, "name");
    let told = outcomes(answers, vec![known(id).group(group)]).await;
    let expected = if results(answer).is_empty() { "rejected 709" } else { "updated" };
    assert_eq!(told[0].0, expected);
}

#[tokio::test(start_paused = true)]
async fn recorded_answers_are_read_as_they_were_meant() {
    let Some(folder) = material_for("what the Marketo plugin makes of recorded answers") else {
        return;
    };
    let file = folder.join("recordings/marketo/leads-and-lists.har");
    let recorded = read(&file).unwrap();
    let answers: Vec<Json> = recorded.iter().map(|entry| entry.answer.clone().unwrap()).collect();
    let heard: Vec<Heard> = recorded.into_iter().map(|entry: Recorded| meant(entry.into())).collect();
    let calls: Vec<Call> = heard.iter().map(|heard| Call::of(&heard.method, &heard.path)).collect();
    let first = |call: Call| calls.iter().position(|other| *other == call).unwrap();
    let join = &answers[first(Call::JoinList)];
    let mut counts: BTreeMap<Call, usize> = BTreeMap::new();
    for (place, call) in calls.iter().enumerate() {
        let (heard, answer) = (&heard[place], &answers[place]);
        match call {
            Call::Token => token(answer).await,
            Call::FindLeads if parameter(heard, "filterType") == "email" => find_leads(heard, answer).await,
            Call::SyncLeads => sync_leads(heard, answer).await,
            Call::DeleteLeads => delete_leads(answer).await,
            Call::JoinList | Call::LeaveList => members(*call, answer).await,
            // What was created stands behind its folder, and is joined next.
            Call::FindFolder => create_list(answer, &answers[place + 1], &answers[place + 2]).await,
            Call::CreateList => {}
            Call::FindList => find_list(heard, answer, join).await,
            Call::FindLeads | Call::Other => continue,
        }
        *counts.entry(*call).or_default() += 1;
    }
    let total: usize = counts.values().sum();
    say(&format!(
        "\nMarketo plugin and recordings: {total} of {} recorded answers are read as they were meant: {counts:?}. \
         The others are to calls that the plugin does not make: look-ups by id, and lists of members.",
        calls.len()
    ));
    assert_eq!(counts.len(), 9, "each kind of call: {counts:?}");
}
