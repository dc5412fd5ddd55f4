//! A plugin as an author writes one, with a connection that writes one record a call.

use http::HeaderName;
use outflow_core::http::{Http, StaticHeader};
use outflow_core::{
    AccountContext, App, Batch, BatchExport, BatchSize, Capability, Field, FieldType, Limits, MappingSchema,
    Outcomes, Result, RowOutcome, Secret,
};
use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Crm {
    /// Where the tool is.
    endpoint: String,
    /// The API token.
    token: Secret,
}

pub(crate) struct Client {
    http: Http,
    endpoint: String,
}

impl Client {
    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.endpoint)
    }
}

impl App for Crm {
    const NAME: &'static str = "crm";
    const TITLE: &'static str = "Example CRM";
    type Client = Client;

    fn account(&self) -> String {
        self.endpoint.clone()
    }

    fn limits(&self) -> Limits {
        Limits::none()
    }

    async fn connect(&self, context: AccountContext) -> Result<Client> {
        let token = StaticHeader::new(HeaderName::from_static("x-token"), self.token.clone());
        Ok(Client { http: context.http.with_auth(token), endpoint: self.endpoint.clone() })
    }

    async fn test(client: &Client) -> Result<String> {
        client.http.get("who_am_i", &client.url("/me")).send().await?;
        Ok(format!("connected to {}", client.endpoint))
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct People {}

impl BatchExport for People {
    const NAME: &'static str = "crm-people-export";
    const TITLE: &'static str = "People";
    type App = Crm;

    fn capability(&self) -> Capability {
        Capability::of_key("email").upsert(BatchSize::ONE)
    }

    async fn mapping_schema(&self, client: &Client) -> Result<MappingSchema> {
        client.http.get("fields", &client.url("/fields")).send().await?;
        let email = Field::new("email", FieldType::Email).required();
        Ok(MappingSchema::new([email]))
    }

    async fn upsert(&self, client: &Client, batch: &Batch) -> Result<Outcomes> {
        client.http.put("upsert", &client.url("/people")).send().await?;
        Ok(Outcomes::all(batch.len(), RowOutcome::Updated("1".into())))
    }
}

outflow_core::register!(People);
