//! The API's requests and answers.

use std::collections::HashMap;

use outflow_core::{Batch, Error, Field, FieldType, RemoteId, Row, Value};
use serde::ser::{Error as _, SerializeMap, SerializeSeq, SerializeStruct};
use serde::{Deserialize, Serialize, Serializer};

/// What every answer begins with.
#[derive(Debug, Deserialize)]
pub(crate) struct Envelope {
    pub(crate) success: bool,
    #[serde(default)]
    pub(crate) errors: Vec<Reason>,
    /// What Marketo's support asks for.
    #[serde(default, rename = "requestId")]
    pub(crate) request_id: Option<String>,
}

/// Why a call failed, or a record was skipped.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Reason {
    pub(crate) code: String,
    #[serde(default)]
    pub(crate) message: String,
}

/// A successful answer.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Answer<T> {
    /// Absent when the asset API found nothing.
    #[serde(default = "Vec::new")]
    pub(crate) result: Vec<T>,
    /// Whether there are more pages: a page may be short, even empty, and not the last.
    /// Answers about static lists are specified without it.
    #[serde(default)]
    pub(crate) more_result: Option<bool>,
    #[serde(default)]
    pub(crate) next_page_token: Option<String>,
}

impl<T> Answer<T> {
    /// An answer in which "no data found", an error to this API, is nothing found.
    pub(crate) fn or_empty(answer: Result<Self, Error>) -> Result<Self, Error> {
        match answer {
            Err(error) if error.code() == Some(NO_DATA) => {
                Ok(Self { result: Vec::new(), more_result: None, next_page_token: None })
            }
            answer => answer,
        }
    }

    /// The token of the page after this one, which was asked for with `asked`.
    ///
    /// # Errors
    /// When there is more and the answer leads nowhere new: a look-up that ended early
    /// would take what it did not see for missing.
    pub(crate) fn next_page(&self, asked: Option<&str>) -> Result<Option<String>, Error> {
        match (self.more_result, self.next_page_token.as_deref()) {
            (Some(false), _) | (None, None) => Ok(None),
            (_, Some(token)) if asked != Some(token) => Ok(Some(token.to_owned())),
            _ => Err(Error::unavailable("Marketo says that there is more, and not where")
                .with_code("no_next_page")),
        }
    }
}

/// "No data found" [doc].
const NO_DATA: &str = "702";

/// What became of one record of a write.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct RecordResult {
    /// Absent from a skipped record of a sync [rec].
    #[serde(default)]
    pub(crate) id: Option<u64>,
    pub(crate) status: Status,
    #[serde(default)]
    pub(crate) reasons: Vec<Reason>,
}

/// A record's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    Created,
    Updated,
    Deleted,
    Added,
    Removed,
    Skipped,
    #[serde(other)]
    Unknown,
}

/// An answer to a request for a token.
#[derive(Deserialize)]
pub(crate) struct TokenAnswer {
    pub(crate) access_token: String,
    /// Seconds left: asking again gives the same token with less of its life [rec].
    pub(crate) expires_in: u64,
    /// The API-only user that the token acts for.
    #[serde(default)]
    pub(crate) scope: Option<String>,
}

/// A day's use of the API.
#[derive(Debug, Deserialize)]
pub(crate) struct Usage {
    #[serde(default)]
    pub(crate) total: u64,
}

/// What `describe2` says of leads.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Description {
    /// Sets of fields; those of one field can be looked up by.
    #[serde(default)]
    pub(crate) searchable_fields: Vec<Vec<String>>,
    pub(crate) fields: Vec<DescribedField>,
}

/// One field of a lead.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribedField {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) display_name: String,
    #[serde(default)]
    pub(crate) data_type: String,
    #[serde(default)]
    pub(crate) length: Option<usize>,
    #[serde(default)]
    pub(crate) updateable: bool,
}

/// A lead that a look-up found.
#[derive(Debug, Deserialize)]
pub(crate) struct FoundLead {
    pub(crate) id: u64,
    /// The fields asked for.
    #[serde(flatten)]
    pub(crate) fields: HashMap<String, serde_json::Value>,
}

/// A static list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct List {
    pub(crate) id: u64,
    pub(crate) name: String,
    /// Set for a list that belongs to a program.
    #[serde(default)]
    pub(crate) program_name: Option<String>,
    #[serde(default)]
    pub(crate) workspace_name: Option<String>,
}

/// A static list as the asset API shows it.
#[derive(Debug, Deserialize)]
pub(crate) struct ListAsset {
    pub(crate) id: u64,
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    folder: Option<FolderReference>,
}

impl From<ListAsset> for List {
    fn from(asset: ListAsset) -> Self {
        let program = asset.folder.filter(|folder| folder.kind == "Program");
        Self {
            id: asset.id,
            name: asset.name,
            program_name: program.map(|program| program.id.to_string()),
            workspace_name: None,
        }
    }
}

/// A folder of assets.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Folder {
    #[serde(rename = "folderId")]
    pub(crate) reference: FolderReference,
    #[serde(default)]
    pub(crate) path: String,
}

/// A folder as requests name it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct FolderReference {
    pub(crate) id: u64,
    #[serde(rename = "type")]
    pub(crate) kind: String,
}

/// What a sync may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Action {
    CreateOrUpdate,
    CreateOnly,
    UpdateOnly,
}

/// The body of a sync, written straight from the rows: the CPU of a run is mostly this.
pub(crate) struct SyncRequest<'a> {
    pub(crate) action: Action,
    /// The field that finds the lead: a key field, or `id`.
    pub(crate) lookup_field: &'a str,
    pub(crate) partition: Option<&'a str>,
    pub(crate) batch: &'a Batch,
}

/// The name of the field that holds a lead's id.
pub(crate) const ID: &str = "id";

impl Serialize for SyncRequest<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let length = if self.partition.is_some() { 4 } else { 3 };
        let mut request = serializer.serialize_struct("SyncRequest", length)?;
        request.serialize_field("action", &self.action)?;
        request.serialize_field("lookupField", self.lookup_field)?;
        if let Some(partition) = self.partition {
            request.serialize_field("partitionName", partition)?;
        }
        request.serialize_field("input", &Input(self))?;
        request.end()
    }
}

struct Input<'a>(&'a SyncRequest<'a>);

impl Serialize for Input<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rows: &[Row] = self.0.batch;
        let mut input = serializer.serialize_seq(Some(rows.len()))?;
        for row in rows {
            input.serialize_element(&Record(self.0, row))?;
        }
        input.end()
    }
}

struct Record<'a>(&'a SyncRequest<'a>, &'a Row);

impl Serialize for Record<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(request, row) = self;
        let mut record = serializer.serialize_map(None)?;
        let mut has_lookup = false;
        if request.lookup_field == ID {
            let id = row.id().and_then(RemoteId::as_u64).map_err(S::Error::custom)?;
            record.serialize_entry(ID, &id)?;
            has_lookup = true;
        }
        for (field, value) in request.batch.values(row) {
            if field.name == request.lookup_field {
                if has_lookup || value.is_null() {
                    continue;
                }
                has_lookup = true;
            }
            record.serialize_entry(&field.name, &Written(value))?;
        }
        // "The field must be present in each lead record of the input" [doc], also in
        // one whose key did not change.
        if !has_lookup {
            let field = request.batch.schema().find(request.lookup_field).ok();
            record.serialize_entry(request.lookup_field, &key_value(field, row.key.as_str()))?;
        }
        record.end()
    }
}

fn key_value(field: Option<(usize, &Field)>, key: &str) -> serde_json::Value {
    match field.map(|(_, field)| &field.field_type) {
        Some(FieldType::Integer) => key.parse::<i64>().map_or_else(|_| key.into(), serde_json::Value::from),
        _ => key.into(),
    }
}

/// A value in the form that Marketo takes.
struct Written<'a>(&'a Value);

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            // With milliseconds, always: `2020-08-30T05:49:48.000Z` [rec].
            Value::Datetime(instant) => serializer.collect_str(&format_args!("{instant:.3}")),
            value => value.serialize(serializer),
        }
    }
}

/// The body of a call that names leads: `{"input":[{"id":1}]}`.
pub(crate) struct LeadIds<'a>(pub(crate) &'a [u64]);

impl Serialize for LeadIds<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct LeadId {
            id: u64,
        }
        struct Input<'a>(&'a [u64]);
        impl Serialize for Input<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_seq(self.0.iter().map(|id| LeadId { id: *id }))
            }
        }
        let mut request = serializer.serialize_struct("LeadIds", 1)?;
        request.serialize_field("input", &Input(self.0))?;
        request.end()
    }
}
