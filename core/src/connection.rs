//! Connection: one kind of traffic with an App. Plugin authors write the typed trait
//! here; the engine works on its object-safe twin.

use std::any::Any;
use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::batch::{Batch, Found, GroupIds, Outcomes, WantedGroup};
use crate::capability::Capability;
use crate::error::{Error, Result};
use crate::identity::{Key, RemoteId};
use crate::schema::MappingSchema;

/// Exports profiles in batches. The implementing type *is* its options, as with
/// [`App`].
///
/// Write the operations that [`capability`](Self::capability) declares; the engine calls
/// no other. It gives each operation at most as many rows as declared, no two with a key
/// in common, and expects one outcome for each: whatever an operation does not report
/// counts as failed.
///
/// An operation returns `Err` when the call as a whole failed; the engine then retries,
/// halves the batch, or stops, by the error's [`kind`](Error::kind).
pub trait BatchExport: DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// The name in registries and reports: `crm-people-export`.
    const NAME: &'static str;
    /// What it is, as people write it.
    const TITLE: &'static str;
    /// The App it belongs to.
    type App: App;

    /// What it can do.
    fn capability(&self) -> Capability;

    /// The fields it can write. One call at most; the engine keeps the answer.
    fn mapping_schema(&self, client: &Client<Self>) -> impl Future<Output = Result<MappingSchema>> + Send;

    /// The form of a key in which equal keys are equal. Surrounding white space is gone
    /// already, and the key is not empty. By default: as it is.
    ///
    /// # Errors
    /// When it can be no key.
    fn normalize_key(&self, key: &str) -> Result<Key> {
        Ok(Key::from(key))
    }

    /// The form of a group's name in which the tool has it. By default: as it is.
    ///
    /// # Errors
    /// When the tool can have no such group (too long, say): the export is rejected
    /// before anything is written.
    fn normalize_group(&self, name: &str) -> Result<String> {
        Ok(name.to_owned())
    }

    /// Checks or reshapes a value for a field before anything is sent; the value is
    /// converted already, but for fields of a [`Native`](crate::FieldType::Native) type.
    ///
    /// # Errors
    /// When the tool would refuse it: the export is rejected, naming the field.
    fn convert(&self, field: &crate::Field, value: crate::Value) -> Result<crate::Value> {
        let _ = field;
        Ok(value)
    }

    /// Looks keys up. A key that no record holds is left out of the answer; a look-up
    /// that failed is an error, never an empty answer.
    fn find(&self, client: &Client<Self>, keys: &[Key]) -> impl Future<Output = Result<Found>> + Send {
        let _ = (client, keys);
        async { Err(not_offered::<Self>("find")) }
    }

    /// Creates records that are known not to be there.
    fn create(&self, client: &Client<Self>, batch: &Batch) -> impl Future<Output = Result<Outcomes>> + Send {
        let _ = (client, batch);
        async { Err(not_offered::<Self>("create")) }
    }

    /// Updates records by remote id.
    fn update(&self, client: &Client<Self>, batch: &Batch) -> impl Future<Output = Result<Outcomes>> + Send {
        let _ = (client, batch);
        async { Err(not_offered::<Self>("update")) }
    }

    /// Writes records by key, as [`Batch::write`] says.
    fn upsert(&self, client: &Client<Self>, batch: &Batch) -> impl Future<Output = Result<Outcomes>> + Send {
        let _ = (client, batch);
        async { Err(not_offered::<Self>("upsert")) }
    }

    /// Deletes records by remote id. One that is gone already is a success.
    fn delete(&self, client: &Client<Self>, batch: &Batch) -> impl Future<Output = Result<Outcomes>> + Send {
        let _ = (client, batch);
        async { Err(not_offered::<Self>("delete")) }
    }

    /// Resolves group names to the tool's ids, creating those that are missing and wanted
    /// so ([`WantedGroup::create`]). One answer for each, by index.
    ///
    /// The engine asks for all the names it has seen at once, before the first write that
    /// needs them, keeps the answers, and never runs two of these at a time for an account.
    fn resolve_groups(
        &self,
        client: &Client<Self>,
        groups: &[WantedGroup],
    ) -> impl Future<Output = Result<GroupIds>> + Send {
        let _ = (client, groups);
        async { Err(not_offered::<Self>("resolve_groups")) }
    }

    /// Adds records to a group. A record that is in it already is a success.
    fn add_to_group(
        &self,
        client: &Client<Self>,
        group: &RemoteId,
        records: &[RemoteId],
    ) -> impl Future<Output = Result<Outcomes>> + Send {
        let _ = (client, group, records);
        async { Err(not_offered::<Self>("add_to_group")) }
    }

    /// Removes records from a group. A record that is not in it is a success.
    fn remove_from_group(
        &self,
        client: &Client<Self>,
        group: &RemoteId,
        records: &[RemoteId],
    ) -> impl Future<Output = Result<Outcomes>> + Send {
        let _ = (client, group, records);
        async { Err(not_offered::<Self>("remove_from_group")) }
    }
}

/// The client of a connection's App.
pub type Client<C> = <<C as BatchExport>::App as App>::Client;

fn not_offered<C: BatchExport>(operation: &str) -> Error {
    Error::plugin(format!("{} declares {operation} in its capability but does not have it", C::NAME))
}

/// [`BatchExport`] with its types erased and its client bound: what the engine calls,
/// once per batch.
#[async_trait]
pub(crate) trait ErasedExport: Send + Sync {
    fn name(&self) -> &'static str;
    fn capability(&self) -> Capability;
    fn normalize_key(&self, key: &str) -> Result<Key>;
    fn normalize_group(&self, name: &str) -> Result<String>;
    fn convert(&self, field: &crate::Field, value: crate::Value) -> Result<crate::Value>;
    async fn mapping_schema(&self) -> Result<MappingSchema>;
    async fn find(&self, keys: &[Key]) -> Result<Found>;
    async fn create(&self, batch: &Batch) -> Result<Outcomes>;
    async fn update(&self, batch: &Batch) -> Result<Outcomes>;
    async fn upsert(&self, batch: &Batch) -> Result<Outcomes>;
    async fn delete(&self, batch: &Batch) -> Result<Outcomes>;
    async fn resolve_groups(&self, groups: &[WantedGroup]) -> Result<GroupIds>;
    async fn add_to_group(&self, group: &RemoteId, records: &[RemoteId]) -> Result<Outcomes>;
    async fn remove_from_group(&self, group: &RemoteId, records: &[RemoteId]) -> Result<Outcomes>;
}

pub(crate) struct Bound<C: BatchExport> {
    connection: C,
    client: Arc<Client<C>>,
}

impl<C: BatchExport> Bound<C> {
    pub(crate) fn new(connection: C, client: Arc<dyn Any + Send + Sync>) -> Result<Self> {
        let client = client
            .downcast()
            .map_err(|_| Error::plugin(format!("{} was given another App's client", C::NAME)))?;
        Ok(Self { connection, client })
    }
}

#[async_trait]
impl<C: BatchExport> ErasedExport for Bound<C> {
    fn name(&self) -> &'static str {
        C::NAME
    }
    fn capability(&self) -> Capability {
        self.connection.capability()
    }
    fn normalize_key(&self, key: &str) -> Result<Key> {
        self.connection.normalize_key(key)
    }
    fn normalize_group(&self, name: &str) -> Result<String> {
        self.connection.normalize_group(name)
    }
    fn convert(&self, field: &crate::Field, value: crate::Value) -> Result<crate::Value> {
        self.connection.convert(field, value)
    }
    async fn mapping_schema(&self) -> Result<MappingSchema> {
        self.connection.mapping_schema(&self.client).await
    }
    async fn find(&self, keys: &[Key]) -> Result<Found> {
        self.connection.find(&self.client, keys).await
    }
    async fn create(&self, batch: &Batch) -> Result<Outcomes> {
        self.connection.create(&self.client, batch).await
    }
    async fn update(&self, batch: &Batch) -> Result<Outcomes> {
        self.connection.update(&self.client, batch).await
    }
    async fn upsert(&self, batch: &Batch) -> Result<Outcomes> {
        self.connection.upsert(&self.client, batch).await
    }
    async fn delete(&self, batch: &Batch) -> Result<Outcomes> {
        self.connection.delete(&self.client, batch).await
    }
    async fn resolve_groups(&self, groups: &[WantedGroup]) -> Result<GroupIds> {
        self.connection.resolve_groups(&self.client, groups).await
    }
    async fn add_to_group(&self, group: &RemoteId, records: &[RemoteId]) -> Result<Outcomes> {
        self.connection.add_to_group(&self.client, group, records).await
    }
    async fn remove_from_group(&self, group: &RemoteId, records: &[RemoteId]) -> Result<Outcomes> {
        self.connection.remove_from_group(&self.client, group, records).await
    }
}
