//! A destination for Beacon, a tool invented for this example: contacts found by email,
//! written 100 at a time, in lists. Copy this crate to teach Outflow a tool of your own.

use outflow_core::http::{Http, StaticHeader};
use outflow_core::{
    AccountContext, App, Batch, BatchExport, BatchSize, Capability, Endpoint, Error, ErrorKind, Field,
    FieldType, Found, GroupIds, GroupSupport, Key, Limits, MappingSchema, Outcomes, RemoteId, Result,
    RowOutcome, Secret, WantedGroup,
};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::{collections::HashMap, time::Duration};

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
        let key = StaticHeader::new(http::HeaderName::from_static("x-api-key"), self.api_key.clone());
        Ok(Client(context.http.with_auth(key), Endpoint::parse("endpoint", &self.endpoint)?))
    }
    async fn test(client: &Client) -> Result<String> {
        let me: Json = client.0.get("who_am_i", &client.1.join("/me")).receive().await?;
        Ok(format!("connected as {}", me["email"].as_str().unwrap_or("an unnamed user")))
    }
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
        let size = BatchSize::of(100);
        let groups = GroupSupport::Calls { add: size, remove: size };
        Capability::of_key("email").find(size).upsert(size).update(size).delete(size).groups(groups)
    }
    fn normalize_key(&self, key: &str) -> Result<Key> {
        Ok(Key::from(key.to_lowercase()))
    }
    async fn mapping_schema(&self, _: &Client) -> Result<MappingSchema> {
        let email = Field::new("email", FieldType::Email).label("Email").required();
        let name = Field::new("name", FieldType::String).label("Name").important();
        Ok(MappingSchema::new([email, name, Field::new("score", FieldType::Integer)]))
    }
    async fn find(&self, client: &Client, keys: &[Key]) -> Result<Found> {
        let mut found = Found::new();
        for contact in client.post("find_contacts", "/contacts/find", &json!({ "emails": keys })).await? {
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
        let lists: Vec<Json> = groups.iter().map(|g| json!({ "name": g.name, "create": g.create })).collect();
        let lists = client.post("find_lists", "/lists/find", &json!({ "lists": lists })).await?;
        let id =
            |group: &WantedGroup| lists.iter().find(|l| l["name"] == *group.name).map(|l| text(&l["id"]));
        Ok(groups.iter().map(|group| Ok(id(group).map(RemoteId::from))).collect())
    }
    async fn add_to_group(&self, client: &Client, list: &RemoteId, ids: &[RemoteId]) -> Result<Outcomes> {
        let path = format!("/lists/{list}/add");
        Ok(client.post("add_members", &path, &json!({ "ids": ids })).await?.iter().map(outcome).collect())
    }
    async fn remove_from_group(
        &self,
        client: &Client,
        list: &RemoteId,
        ids: &[RemoteId],
    ) -> Result<Outcomes> {
        let path = format!("/lists/{list}/remove");
        Ok(client.post("remove_members", &path, &json!({ "ids": ids })).await?.iter().map(outcome).collect())
    }
}

impl Client {
    /// Makes a call and takes its results. All of Beacon's writes can be repeated.
    async fn post(&self, operation: &'static str, path: &str, body: &Json) -> Result<Vec<Json>> {
        let answer = self.0.post(operation, &self.1.join(path)).json(body).idempotent(true);
        let mut answer: HashMap<String, Vec<Json>> = answer.receive().await?;
        answer.remove("results").ok_or_else(|| Error::unavailable("Beacon answered without results"))
    }
    async fn write(&self, operation: &'static str, path: &str, batch: &Batch) -> Result<Outcomes> {
        let contacts = batch.iter().map(|row| {
            let fields = batch.values(row).map(|(field, value)| (field.name.as_str(), value));
            json!({ "id": row.remote_id, "fields": fields.collect::<HashMap<_, _>>() })
        });
        let body = json!({ "contacts": contacts.collect::<Json>() });
        Ok(self.post(operation, path, &body).await?.iter().map(outcome).collect())
    }
}

/// Beacon's error codes for a row. Those it does not list are about the data.
const CODES: &[(&str, ErrorKind)] =
    &[("locked", ErrorKind::Unavailable { retry_after: None }), ("deleted", ErrorKind::Gone)];

/// Beacon answers for each row, in the order of the request.
fn outcome(row: &Json) -> RowOutcome {
    let (id, code) = (RemoteId::from(text(&row["id"])), text(&row["code"]));
    match text(&row["status"]) {
        "created" => RowOutcome::Created(id),
        "updated" => RowOutcome::Updated(id),
        "deleted" => RowOutcome::Deleted,
        _ => {
            let kind = CODES.iter().find(|(known, _)| *known == code).map(|(_, kind)| kind.clone());
            let error = Error::new(kind.unwrap_or(ErrorKind::Rejected), text(&row["message"]));
            error.with_code(code.to_owned()).into()
        }
    }
}

fn text(value: &Json) -> &str {
    value.as_str().unwrap_or_default()
}
