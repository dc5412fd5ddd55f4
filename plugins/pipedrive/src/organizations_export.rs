//! The connection that exports profiles as organizations.

use outflow_core::{
    Batch, BatchExport, Capability, Field, Found, GroupIds, Key, MappingSchema, Outcomes, Result, Value,
    WantedGroup,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::app::Pipedrive;
use crate::client::PipedriveClient;
use crate::contacts::DEFAULT_LABEL;
use crate::entity::Entity;
use crate::persons_export::{capability, default_group_field, default_group_filters};
use crate::records::{self, Target};
use crate::{fields, groups, lookup, values};

/// Exports profiles as organizations, found by their exact name.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganizationsExport {
    /// The field of multiple options that holds an organization's groups. It is created
    /// when an organization is put in a group for the first time.
    #[serde(default = "default_group_field")]
    group_field: String,
    /// Whether each new group gets a saved filter, `In Group: …`.
    #[serde(default = "default_group_filters")]
    group_filters: bool,
}

impl OrganizationsExport {
    fn target(&self) -> Target<'_> {
        Target {
            entity: Entity::Organization,
            group_field: &self.group_field,
            group_filters: self.group_filters,
            contact_label: DEFAULT_LABEL,
        }
    }
}

impl BatchExport for OrganizationsExport {
    const NAME: &'static str = "pipedrive-organizations-export";
    const TITLE: &'static str = "Export to Pipedrive organizations";
    type App = Pipedrive;

    fn capability(&self) -> Capability {
        capability(Entity::Organization)
    }

    async fn mapping_schema(&self, client: &PipedriveClient) -> Result<MappingSchema> {
        let fields = client.fresh_fields(Entity::Organization).await?;
        Ok(fields::schema(Entity::Organization, &fields, &self.group_field))
    }

    fn normalize_key(&self, key: &str) -> Result<Key> {
        Ok(Entity::Organization.normalize(key))
    }

    fn normalize_group(&self, name: &str) -> Result<String> {
        groups::normalize(name)
    }

    fn convert(&self, field: &Field, value: Value) -> Result<Value> {
        values::convert(field, value)
    }

    async fn find(&self, client: &PipedriveClient, keys: &[Key]) -> Result<Found> {
        lookup::find(client, Entity::Organization, keys).await
    }

    async fn create(&self, client: &PipedriveClient, batch: &Batch) -> Result<Outcomes> {
        records::create(client, &self.target(), batch).await
    }

    async fn update(&self, client: &PipedriveClient, batch: &Batch) -> Result<Outcomes> {
        records::update(client, &self.target(), batch).await
    }

    async fn delete(&self, client: &PipedriveClient, batch: &Batch) -> Result<Outcomes> {
        records::delete(client, &self.target(), batch).await
    }

    async fn resolve_groups(&self, client: &PipedriveClient, groups: &[WantedGroup]) -> Result<GroupIds> {
        groups::resolve(client, &self.target(), groups).await
    }
}
