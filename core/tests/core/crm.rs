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

impl App for Crm {
    const NAME: &'static str = "crm";
    const TITLE: &'static str = "Example CRM";
    type Client = Http;

    fn account(&self) -> String {
        self.endpoint.clone()
    }

    fn limits(&self) -> Limits {
        Limits::none()
    }

    async fn connect(&self, context: AccountContext) -> Result<Http> {
        let name = HeaderName::from_static("x-token");
        Ok(context
            .http
            .with_auth(StaticHeader::new(name, self.token.clone())))
    }

    async fn test(_: &Http) -> Result<String> {
        Ok("connected".to_owned())
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

    async fn mapping_schema(&self, _: &Http) -> Result<MappingSchema> {
        let email = Field::new("email", FieldType::Email).required();
        Ok(MappingSchema::new([email]))
    }

    async fn upsert(&self, client: &Http, batch: &Batch) -> Result<Outcomes> {
        let put = client.put("upsert", "https://crm.example/people");
        put.send().await?;
        Ok(Outcomes::all(batch.len(), RowOutcome::Updated("1".into())))
    }
}

outflow_core::register!(People);
