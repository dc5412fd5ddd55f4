//! A destination for Beacon, a tool invented for this example: contacts found by email,
//! written 100 at a time, in lists. Copy this crate to teach Outflow a tool of your own.

use outflow_core::http::{Api, CallInfo, Http, Response, StaticHeader, verdict_of_status};
use outflow_core::{
    AccountContext, App, Batch, BatchExport, BatchSize, Capability, Clock, Endpoint, Error, ErrorKind, Field,
    FieldType, Found, GroupIds, GroupSupport, Key, Limits, MappingSchema, Outcomes, RemoteId, Result, RowOutcome,
    Secret, WantedGroup,
};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::{borrow::Cow, collections::HashMap, time::Duration};

outflow_core::register!(ContactsExport);

/// Beacon: its fields are its options.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Beacon {
    /// Where your Beacon is: `https://acme.beacon.example`.
    endpoint: String,
    /// The API key, from Settings > Integrations.
    api_key: Secret,
}

/// What the operations make calls with.
pub struct Client(Http, Endpoint);

impl App for Beacon {
    const NAME: &'static str = "beacon";
    const TITLE: &'static str = "Beacon";
    type Client = Client;

    fn account(&self) -> String {
        self.endpoint.clone()
    }
    fn limits(&self) -> Limits {
        Limits::none().window(20, Duration::from_secs(1)).in_flight(5)
    }
    async fn connect(&self, context: AccountContext) -> Result<Client> {
        let auth = StaticHeader::new(http::HeaderName::from_static("x-api-key"), self.api_key.clone());
        Ok(Client(context.http.with_api(Errors).with_auth(auth), Endpoint::parse("endpoint", &self.endpoint)?))
    }
    async fn test(client: &Client) -> Result<String> {
        let me: Json = client.0.get("who_am_i", &client.1.join("/me")).receive().await?;
        Ok(format!("connected as {}", me["email"].as_str().unwrap_or("an unnamed user")))
    }
}

/// Beacon's error codes. Those it does not list are about the data.
const CODES: &[(&str, ErrorKind)] = &[
    ("slow_down", ErrorKind::Throttled { retry_after: None }),
    ("maintenance", ErrorKind::Unavailable { retry_after: None }),
    ("forbidden", ErrorKind::Configuration),
];

/// Beacon says "slow down" in a 200.
struct Errors;

impl Api for Errors {
    fn verdict(&self, call: &CallInfo, response: &Response, clock: &Clock) -> Result<()> {
        verdict_of_status(call, response, clock)?;
        let answer: Json = serde_json::from_slice(response.body()).map_err(|e| Error::unavailable(e.to_string()))?;
        match answer["error"].as_object() {
            Some(_) => Err(error_of(&answer["error"])),
            None => Ok(()),
        }
    }
}

fn error_of(error: &Json) -> Error {
    let code = error["code"].as_str().unwrap_or("unknown").to_owned();
    let kind = CODES.iter().find(|(known, _)| *known == code).map_or(ErrorKind::Rejected, |(_, kind)| kind.clone());
    Error::new(kind, error["message"].as_str().unwrap_or("no message")).with_code(Cow::Owned(code))
}

/// Contacts of Beacon. No options.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactsExport {}

impl BatchExport for ContactsExport {
    const NAME: &'static str = "beacon-contacts-export";
    const TITLE: &'static str = "Beacon contacts";
    type App = Beacon;

    fn capability(&self) -> Capability {
        let hundred = BatchSize::of(100);
        let groups = GroupSupport::Calls { add: hundred, remove: hundred };
        Capability::of_key("email").find(hundred).upsert(hundred).update(hundred).delete(hundred).groups(groups)
    }
    fn normalize_key(&self, key: &str) -> Result<Key> {
        Ok(Key::from(key.to_lowercase()))
    }
    async fn mapping_schema(&self, _: &Client) -> Result<MappingSchema> {
        let name = Field::new("name", FieldType::String).label("Name").important();
        let email = Field::new("email", FieldType::Email).label("Email").required();
        Ok(MappingSchema::new([email, name, Field::new("score", FieldType::Integer).label("Score")]))
    }
    async fn find(&self, client: &Client, keys: &[Key]) -> Result<Found> {
        let emails: Vec<&str> = keys.iter().map(Key::as_str).collect();
        let answer = client.post("find_contacts", "/contacts/find", &json!({ "emails": emails })).await?;
        let mut found = Found::new();
        for contact in rows(&answer) {
            found.insert(Key::from(text(&contact["email"]).to_lowercase()), text(&contact["id"]));
        }
        Ok(found)
    }
    async fn upsert(&self, client: &Client, batch: &Batch) -> Result<Outcomes> {
        client.write("upsert_contacts", "/contacts/upsert", batch).await
    }
    async fn update(&self, client: &Client, batch: &Batch) -> Result<Outcomes> {
        client.write("update_contacts", "/contacts/update", batch).await
    }
    async fn delete(&self, client: &Client, batch: &Batch) -> Result<Outcomes> {
        client.write("delete_contacts", "/contacts/delete", batch).await
    }
    async fn resolve_groups(&self, client: &Client, groups: &[WantedGroup]) -> Result<GroupIds> {
        let wanted: Vec<Json> = groups.iter().map(|g| json!({ "name": g.name, "create": g.create })).collect();
        let answer = client.post("find_lists", "/lists/find", &json!({ "lists": wanted })).await?;
        let ids: HashMap<&str, &str> = rows(&answer).map(|list| (text(&list["name"]), text(&list["id"]))).collect();
        Ok(groups.iter().map(|group| Ok(ids.get(group.name.as_str()).map(|id| RemoteId::from(*id)))).collect())
    }
    async fn add_to_group(&self, client: &Client, group: &RemoteId, records: &[RemoteId]) -> Result<Outcomes> {
        client.post("add_members", &format!("/lists/{group}/add"), &json!({ "ids": records })).await?;
        Ok(Outcomes::all(records.len(), RowOutcome::Updated(group.clone())))
    }
    async fn remove_from_group(&self, client: &Client, group: &RemoteId, records: &[RemoteId]) -> Result<Outcomes> {
        client.post("remove_members", &format!("/lists/{group}/remove"), &json!({ "ids": records })).await?;
        Ok(Outcomes::all(records.len(), RowOutcome::Updated(group.clone())))
    }
}

impl Client {
    async fn post(&self, operation: &'static str, path: &str, body: &Json) -> Result<Json> {
        // All of Beacon's writes can be repeated.
        self.0.post(operation, &self.1.join(path)).json(body).idempotent(true).receive().await
    }
    async fn write(&self, operation: &'static str, path: &str, batch: &Batch) -> Result<Outcomes> {
        let contact = |row| {
            let fields: HashMap<&str, _> = batch.values(row).map(|(field, value)| (field.name.as_str(), value)).collect();
            json!({ "id": row.remote_id, "fields": fields })
        };
        let answer = self.post(operation, path, &json!({ "contacts": batch.iter().map(contact).collect::<Vec<_>>() })).await?;
        let mut outcomes = Outcomes::new(batch.len());
        for (index, row) in rows(&answer).enumerate() {
            outcomes.set(index, outcome_of(row));
        }
        Ok(outcomes)
    }
}

fn outcome_of(row: &Json) -> RowOutcome {
    let id = RemoteId::from(text(&row["id"]));
    match text(&row["status"]) {
        "created" => RowOutcome::Created(id),
        "updated" => RowOutcome::Updated(id),
        "deleted" => RowOutcome::Deleted,
        "gone" => RowOutcome::Gone,
        _ => error_of(&row["error"]).into(),
    }
}

fn rows(answer: &Json) -> impl Iterator<Item = &Json> {
    answer["results"].as_array().into_iter().flatten()
}

fn text(value: &Json) -> &str {
    value.as_str().unwrap_or_default()
}
