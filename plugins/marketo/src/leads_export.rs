//! The connection: profiles as leads.

use std::borrow::Cow;
use std::collections::HashMap;
use std::time::Duration;

use outflow_core::{
    Batch, BatchExport, BatchSize, Capability, Error, ErrorKind, Field, FieldType, Found, GroupIds,
    GroupSupport, Key, MappingSchema, Outcomes, RemoteId, Result, Row, RowOutcome, Scope, Value, WantedGroup,
    Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::api::{Action, Answer, Description, FoundLead, ID, LeadIds, RecordResult, SyncRequest};
use crate::app::{Marketo, MarketoClient};
use crate::errors::Doing;
use crate::fields::schema_of;
use crate::lists;
use crate::records::{LeadsById, aligned, misaligned, outcome, unmentioned};

/// Records in one call of any lead or list operation [doc].
const MOST_RECORDS: usize = 300;

/// A body may have 1 MB [doc: HTTP 413]; a bare million, as nobody says which megabyte.
const MOST_BYTES: usize = 1_000_000;

/// The server gives up a sync after 90 s [doc]: we wait longer, so that it is the one to
/// say so. While an unanswered sync may still run, repeating it can double a lead.
const SYNC_TIMEOUT: Duration = Duration::from_secs(120);

/// The server gives up a look-up after 60 s [doc].
const FIND_TIMEOUT: Duration = Duration::from_secs(90);

/// The only key whose form is known: emails are ASCII [doc].
const EMAIL: &str = "email";

/// Exports profiles as leads, and their groups as static lists.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LeadsExport {
    /// The field that finds a profile's lead, by its API name: `email`, or another field
    /// that Marketo can look leads up by.
    pub(crate) lookup_field: String,
    /// The lead partition to write to, in instances that have several: new leads go
    /// there, and leads of other partitions are refused (1010).
    pub(crate) partition: Option<String>,
    /// The folder of the Lead Database in which lists for groups are created.
    pub(crate) list_folder: String,
    /// What becomes of a profile when Marketo refuses the value of one of its fields.
    pub(crate) on_invalid_field: OnInvalidField,
}

/// What becomes of a profile when Marketo refuses the value of one of its fields, which
/// by itself skips the whole lead.
// Serialize, so that the options' schema can show the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnInvalidField {
    /// The profile is rejected; nothing of it is written.
    #[default]
    Reject,
    /// It is sent again without that field, and its outcome carries a note saying so.
    Drop,
}

impl Default for LeadsExport {
    fn default() -> Self {
        Self {
            lookup_field: EMAIL.to_owned(),
            partition: None,
            list_folder: "Group Lists".to_owned(),
            on_invalid_field: OnInvalidField::default(),
        }
    }
}

impl BatchExport for LeadsExport {
    const NAME: &'static str = "marketo-leads-export";
    const TITLE: &'static str = "Marketo leads";
    type App = Marketo;

    fn capability(&self) -> Capability {
        let size = BatchSize::of(MOST_RECORDS);
        Capability::of_key(&self.lookup_field)
            .find(size)
            .update(size)
            .upsert(size)
            .delete(size)
            .groups(GroupSupport::Calls { add: size, remove: size })
    }

    async fn mapping_schema(&self, client: &MarketoClient) -> Result<MappingSchema> {
        // describe2 alone says which fields are searchable and which can be written.
        let url = client.url("/rest/v1/leads/describe2.json");
        let answer: Answer<Description> = client.http.get("describe_leads", &url).receive().await?;
        match answer.result.into_iter().next() {
            Some(description) => schema_of(description, &self.lookup_field),
            None => Err(Error::unavailable("Marketo described no leads").with_code("no_description")),
        }
    }

    fn normalize_key(&self, key: &str) -> Result<Key> {
        if self.lookup_field == EMAIL {
            check_ascii(key, EMAIL)?;
        }
        // Marketo matches in any case, whatever the field: two spellings of one key, sent as
        // two in one call, would become two leads. What is written keeps its spelling.
        Ok(Key::from(key.to_lowercase()))
    }

    fn normalize_group(&self, name: &str) -> Result<String> {
        lists::normalize(name)
    }

    fn convert(&self, field: &Field, value: Value) -> Result<Value> {
        if field.field_type == FieldType::Email
            && let Some(text) = value.as_str()
        {
            check_ascii(text, &field.name)?;
        }
        Ok(value)
    }

    async fn find(&self, client: &MarketoClient, keys: &[Key]) -> Result<Found> {
        let mut found = Found::new();
        // The API takes the values as one comma-separated text and has no escape for a comma.
        let (asked, refused): (Vec<Key>, Vec<Key>) =
            keys.iter().cloned().partition(|key| !key.as_str().contains(','));
        for key in refused {
            let error = Error::rejected(format!(
                "Marketo cannot look up {:?}: a key with a comma reads as two",
                key.as_str()
            ));
            found.refuse(key, error.with_code("comma_in_key").with_field(&self.lookup_field));
        }
        if !asked.is_empty() {
            self.find_part(client, &asked, &mut found).await?;
        }
        Ok(found)
    }

    async fn update(&self, client: &MarketoClient, batch: &Batch) -> Result<Outcomes> {
        let leads = LeadsById::of(batch.iter().map(Row::id));
        if leads.rows.len() == batch.len() {
            return self.write(client, batch, Doing::UpdateById).await;
        }
        let mut outcomes = leads.outcomes;
        let numbered = batch.subset(&leads.rows);
        if !numbered.is_empty() {
            let part = self.write(client, &numbered, Doing::UpdateById).await?;
            outcomes.merge(&leads.rows, part);
        }
        Ok(outcomes)
    }

    async fn upsert(&self, client: &MarketoClient, batch: &Batch) -> Result<Outcomes> {
        let doing = match batch.write() {
            Write::CreateOrUpdate => Doing::CreateOrUpdate,
            Write::CreateOnly => Doing::CreateOnly,
            Write::UpdateOnly => Doing::UpdateOnly,
        };
        self.write(client, batch, doing).await
    }

    async fn delete(&self, client: &MarketoClient, batch: &Batch) -> Result<Outcomes> {
        let leads = LeadsById::of(batch.iter().map(Row::id));
        if leads.ids.is_empty() {
            return Ok(leads.outcomes);
        }
        // A replay finds the lead gone (1004), which is what was asked for.
        let answer: Answer<RecordResult> = client
            .http
            .post("delete_leads", &client.url("/rest/v1/leads/delete.json"))
            .json(&LeadIds(&leads.ids))
            .idempotent(true)
            .receive()
            .await?;
        Ok(leads.settle(answer.result, Doing::Delete, &client.clock))
    }

    async fn resolve_groups(&self, client: &MarketoClient, groups: &[WantedGroup]) -> Result<GroupIds> {
        lists::resolve(client, &self.list_folder, groups).await
    }

    async fn add_to_group(
        &self,
        client: &MarketoClient,
        group: &RemoteId,
        records: &[RemoteId],
    ) -> Result<Outcomes> {
        lists::add(client, group, records).await
    }

    async fn remove_from_group(
        &self,
        client: &MarketoClient,
        group: &RemoteId,
        records: &[RemoteId],
    ) -> Result<Outcomes> {
        lists::remove(client, group, records).await
    }
}

impl LeadsExport {
    /// Looks up as many keys as one call takes, page by page: one key can be held by
    /// several leads, and 300 keys by more than one page holds.
    async fn find_part(&self, client: &MarketoClient, keys: &[Key], found: &mut Found) -> Result<()> {
        let asked = AskedKeys::new(keys);
        let values = keys.iter().map(Key::as_str).collect::<Vec<_>>().join(",");
        let mut page: Option<String> = None;
        loop {
            let answer = self.find_page(client, &values, page.as_deref()).await?;
            for lead in &answer.result {
                if let Some(key) = asked.key_of(lead, &self.lookup_field) {
                    found.insert(key.clone(), lead.id);
                }
            }
            page = answer.next_page(page.as_deref())?;
            if page.is_none() {
                return Ok(());
            }
        }
    }

    async fn find_page(
        &self,
        client: &MarketoClient,
        values: &str,
        page: Option<&str>,
    ) -> Result<Answer<FoundLead>> {
        let fields = format!("{ID},{}", self.lookup_field);
        let pairs = [
            ("filterType", self.lookup_field.as_str()),
            ("filterValues", values),
            ("fields", &fields),
            ("batchSize", "300"),
        ];
        let page = page.map(|token| ("nextPageToken", token));
        // A GET of 300 emails would be longer than the 8 KB a URL may have (HTTP 414),
        // and would put them into every log on the way.
        let answer = client
            .http
            .post("find_leads", &client.url("/rest/v1/leads.json"))
            .query("_method", "GET")
            .form(pairs.into_iter().chain(page))
            .idempotent(true)
            .timeout(FIND_TIMEOUT)
            .receive()
            .await;
        Answer::or_empty(answer)
    }

    /// Syncs the rows, and says what became of each.
    async fn write(&self, client: &MarketoClient, batch: &Batch, doing: Doing) -> Result<Outcomes> {
        let results = self.sync(client, batch, doing).await?;
        let mut outcomes = Outcomes::new(batch.len());
        let mut refused = Vec::new();
        for (index, result) in results.into_iter().enumerate() {
            match self.without_refused_field(batch, index, &result) {
                Some(row) => refused.push(row),
                None => outcomes.set(index, read(result, doing, client)),
            }
        }
        self.resend(client, batch, doing, refused, &mut outcomes).await;
        Ok(outcomes)
    }

    /// Sends rows in one call. One result for each row, by index.
    pub(crate) async fn sync(
        &self,
        client: &MarketoClient,
        batch: &Batch,
        doing: Doing,
    ) -> Result<Vec<Option<RecordResult>>> {
        let body = self.sync_body(batch, doing)?;
        let operation = if doing == Doing::UpdateById { "update_leads" } else { "sync_leads" };
        let answer: Answer<RecordResult> = client
            .http
            .post(operation, &client.url("/rest/v1/leads.json"))
            .json_bytes(body)
            // Replayed, a createOnly says "exists already" (1005) of leads it created.
            .idempotent(doing != Doing::CreateOnly)
            .timeout(SYNC_TIMEOUT)
            .receive()
            .await?;
        if doing == Doing::UpdateById {
            let ids = LeadsById::of(batch.iter().map(Row::id)).ids;
            return Ok(aligned(&ids, answer.result));
        }
        if answer.result.len() != batch.len() {
            return Err(misaligned(batch.len(), answer.result.len(), doing));
        }
        Ok(answer.result.into_iter().map(Some).collect())
    }

    fn sync_body(&self, batch: &Batch, doing: Doing) -> Result<Vec<u8>> {
        let (action, lookup_field) = match doing {
            Doing::CreateOnly => (Action::CreateOnly, self.lookup_field.as_str()),
            Doing::UpdateOnly => (Action::UpdateOnly, self.lookup_field.as_str()),
            Doing::UpdateById => (Action::UpdateOnly, ID),
            _ => (Action::CreateOrUpdate, self.lookup_field.as_str()),
        };
        let request = SyncRequest {
            action,
            lookup_field,
            partition: self.partition.as_deref().filter(|name| !name.is_empty()),
            batch,
        };
        const BYTES_A_ROW: usize = 256;
        let mut body = Vec::with_capacity(batch.len() * BYTES_A_ROW);
        serde_json::to_writer(&mut body, &request)
            .map_err(|error| Error::plugin(format!("the leads cannot be written as JSON: {error}")))?;
        if body.len() > MOST_BYTES {
            return Err(Error::new(
                ErrorKind::TooLarge,
                format!("{} leads take {} bytes, and a call takes {MOST_BYTES}", batch.len(), body.len()),
            )
            .with_code("413"));
        }
        Ok(body)
    }
}

/// What a row's result means for it.
pub(crate) fn read(result: Option<RecordResult>, doing: Doing, client: &MarketoClient) -> RowOutcome {
    match result {
        Some(result) => outcome(&result, doing, None, &client.clock),
        None => unmentioned().into(),
    }
}

/// "Only ASCII is allowed in email addresses" [doc]: said before anything is sent, as one
/// bad value skips the whole lead.
fn check_ascii(email: &str, field: &str) -> Result<()> {
    if email.is_ascii() {
        return Ok(());
    }
    Err(Error::rejected(format!("Marketo takes only ASCII in email addresses, not {email:?}"))
        .with_code("invalid_value")
        .with_field(field)
        .with_scope(Scope::Record))
}

/// The keys of a look-up, by their text, which is in lower case.
struct AskedKeys<'a>(HashMap<&'a str, &'a Key>);

impl<'a> AskedKeys<'a> {
    fn new(keys: &'a [Key]) -> Self {
        Self(keys.iter().map(|key| (key.as_str(), key)).collect())
    }

    /// The key that a found lead holds. Equality is checked here: a hit that holds none
    /// of the keys is nobody's.
    fn key_of(&self, lead: &FoundLead, field: &str) -> Option<&'a Key> {
        let text: Cow<'_, str> = match lead.fields.get(field)? {
            Json::String(text) => text.trim().into(),
            Json::Number(number) => number.to_string().into(),
            _ => return None,
        };
        self.0.get(text.to_lowercase().as_str()).copied()
    }
}
