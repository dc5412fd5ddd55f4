//! The connection that exports profiles as persons.

use outflow_core::{
    Batch, BatchExport, BatchSize, Capability, Field, Found, GroupIds, GroupSupport, Key, MappingSchema,
    Outcomes, Result, Value, WantedGroup,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::app::Pipedrive;
use crate::client::PipedriveClient;
use crate::contacts::DEFAULT_LABEL;
use crate::entity::Entity;
use crate::records::{self, Target};
use crate::{fields, groups, lookup, values};

/// Exports profiles as persons, found by any of their emails.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonsExport {
    /// The field of multiple options that holds a person's groups. It is created when a
    /// person is put in a group for the first time.
    #[serde(default = "default_group_field")]
    group_field: String,
    /// Whether each new group gets a saved filter, `In Group: …`.
    #[serde(default = "default_group_filters")]
    group_filters: bool,
    /// The label of emails and phones that are added: `work`, `home`, …
    #[serde(default = "default_contact_label")]
    contact_label: String,
}

pub(crate) fn default_group_field() -> String {
    "Groups".to_owned()
}

pub(crate) fn default_group_filters() -> bool {
    true
}

fn default_contact_label() -> String {
    DEFAULT_LABEL.to_owned()
}

/// Keys one look-up takes: it chooses its own way of finding them, and chooses better the
/// more there are.
pub(crate) const KEYS_AT_ONCE: BatchSize = BatchSize::of(10_000);

/// The operations of either connection.
pub(crate) fn capability(entity: Entity) -> Capability {
    Capability::of_key(entity.key_field())
        .find(KEYS_AT_ONCE)
        .create(BatchSize::ONE)
        .update(BatchSize::ONE)
        .delete(BatchSize::ONE)
        .groups(GroupSupport::InRecord)
}

impl PersonsExport {
    fn target(&self) -> Target<'_> {
        Target {
            entity: Entity::Person,
            group_field: &self.group_field,
            group_filters: self.group_filters,
            contact_label: &self.contact_label,
        }
    }
}

impl BatchExport for PersonsExport {
    const NAME: &'static str = "pipedrive-persons-export";
    const TITLE: &'static str = "Export to Pipedrive persons";
    type App = Pipedrive;

    fn capability(&self) -> Capability {
        capability(Entity::Person)
    }

    async fn mapping_schema(&self, client: &PipedriveClient) -> Result<MappingSchema> {
        let fields = client.fresh_fields(Entity::Person).await?;
        Ok(fields::schema(Entity::Person, &fields, &self.group_field))
    }

    fn normalize_key(&self, key: &str) -> Result<Key> {
        Ok(Entity::Person.normalize(key))
    }

    fn normalize_group(&self, name: &str) -> Result<String> {
        groups::normalize(name)
    }

    fn convert(&self, field: &Field, value: Value) -> Result<Value> {
        values::convert(field, value)
    }

    async fn find(&self, client: &PipedriveClient, keys: &[Key]) -> Result<Found> {
        lookup::find(client, Entity::Person, keys).await
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
