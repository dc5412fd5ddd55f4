//! Capability: what a connection can do, as data the engine plans from.

/// Records in one call of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchSize(usize);

impl BatchSize {
    /// So many records at most; at least one.
    #[must_use]
    pub const fn of(records: usize) -> Self {
        Self(if records == 0 { 1 } else { records })
    }

    /// A single-record API.
    pub const ONE: Self = Self(1);

    /// How many records.
    #[must_use]
    pub const fn get(self) -> usize {
        self.0
    }
}

/// How groups reach the tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupSupport {
    /// The tool has nothing like groups: exports with groups are rejected.
    None,
    /// They ride in the record's own write ([`Row::groups`](crate::Row::groups)): no
    /// calls of their own.
    InRecord,
    /// They need calls by remote id, after the record is written.
    Calls {
        /// Members one call adds at most.
        add: BatchSize,
        /// Members one call removes at most.
        remove: BatchSize,
    },
}

/// What a connection can do. The engine plans from it, and calls no operation that is
/// `None` here.
///
/// ```
/// use outflow_core::{BatchSize, Capability, GroupSupport};
///
/// // A single-record API with an endpoint each for find, create, update and delete.
/// let capability = Capability::of_key("email")
///     .find(BatchSize::ONE)
///     .create(BatchSize::ONE)
///     .update(BatchSize::ONE)
///     .delete(BatchSize::ONE);
/// assert_eq!(capability.upsert, None);
/// assert_eq!(capability.groups, GroupSupport::None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capability {
    /// The field that holds the key, by the API's name.
    pub key_field: String,
    /// Keys one `find` looks up at most. A plugin that chooses its own way of looking
    /// up many keys (a scan, say) gives a large number here.
    pub find: Option<BatchSize>,
    /// Records one `create` writes at most.
    pub create: Option<BatchSize>,
    /// Records one `update` (by remote id) writes at most.
    pub update: Option<BatchSize>,
    /// Records one `upsert` (by key, no look-up before) writes at most.
    pub upsert: Option<BatchSize>,
    /// Records one `delete` (by remote id) deletes at most.
    pub delete: Option<BatchSize>,
    /// How groups reach the tool.
    pub groups: GroupSupport,
}

impl Capability {
    /// A connection that can do nothing yet, whose key is this field.
    pub fn of_key(field: impl Into<String>) -> Self {
        Self {
            key_field: field.into(),
            find: None,
            create: None,
            update: None,
            upsert: None,
            delete: None,
            groups: GroupSupport::None,
        }
    }

    /// It can look keys up.
    #[must_use]
    pub fn find(mut self, size: BatchSize) -> Self {
        self.find = Some(size);
        self
    }

    /// It can create.
    #[must_use]
    pub fn create(mut self, size: BatchSize) -> Self {
        self.create = Some(size);
        self
    }

    /// It can update by remote id.
    #[must_use]
    pub fn update(mut self, size: BatchSize) -> Self {
        self.update = Some(size);
        self
    }

    /// It can write by key: create, update or either, as the batch asks.
    #[must_use]
    pub fn upsert(mut self, size: BatchSize) -> Self {
        self.upsert = Some(size);
        self
    }

    /// It can delete by remote id.
    #[must_use]
    pub fn delete(mut self, size: BatchSize) -> Self {
        self.delete = Some(size);
        self
    }

    /// How its groups reach the tool.
    #[must_use]
    pub fn groups(mut self, groups: GroupSupport) -> Self {
        self.groups = groups;
        self
    }
}
