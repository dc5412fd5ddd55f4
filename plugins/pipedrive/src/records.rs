//! Writes of either kind of record, one call each: the API has no writes of several.

use std::sync::Arc;

use outflow_core::{
    Batch, Error, ErrorKind, Export, Field, Key, MappingSchema, Outcomes, Result, Row, RowOutcome, Scope,
    Value,
};
use serde::de::IgnoredAny;
use serde_json::{Map, Value as Json};

use crate::api::{Answer, Contact, Record};
use crate::candidates::Candidate;
use crate::client::{PipedriveClient, cost};
use crate::contacts::Change;
use crate::entity::Entity;
use crate::fields::{ContactKind, Place, place};
use crate::groups;
use crate::values::{encode, lacks_currency};

/// What a connection writes, and its options.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target<'a> {
    pub(crate) entity: Entity,
    pub(crate) group_field: &'a str,
    pub(crate) group_filters: bool,
    /// The label of emails and phones that are added.
    pub(crate) contact_label: &'a str,
}

/// The only row there is: the capability says so.
fn only(batch: &Batch) -> Result<&Row> {
    match &**batch {
        [row] => Ok(row),
        rows => Err(Error::plugin(format!("{} rows came in a batch of one", rows.len()))),
    }
}

/// Creates a record.
pub(crate) async fn create(client: &PipedriveClient, target: &Target<'_>, batch: &Batch) -> Result<Outcomes> {
    let row = only(batch)?;
    let mut body = Body::of(client, target, batch, row).await?;
    for change in std::mem::take(&mut body.changes) {
        body.set_contacts(change.kind, &change.first(target.contact_label));
    }
    let directory = client.directory(target.entity);
    let sent = send(client, target, batch, row, &mut body, None).await;
    match sent {
        Ok(record) => {
            let keys = keys_now(target, row, &record);
            directory.created(record.id, &keys, client.clock().elapsed());
            remember(client, target, &record);
            Ok(Outcomes::all(1, RowOutcome::Created(record.id.into())))
        }
        Err(error) => {
            if *error.kind() == ErrorKind::NoAnswer {
                directory.unsure(&row.key, client.clock().elapsed());
            }
            Err(error)
        }
    }
}

/// Updates a record.
pub(crate) async fn update(client: &PipedriveClient, target: &Target<'_>, batch: &Batch) -> Result<Outcomes> {
    let row = only(batch)?;
    let id = row.id()?.as_u64()?;
    let updated = change(client, target, batch, row, id).await;
    let is_gone = matches!(&updated, Err(error) if *error.kind() == ErrorKind::Gone);
    if is_gone {
        client.directory(target.entity).gone(id, client.clock().elapsed());
        return Ok(Outcomes::all(1, RowOutcome::Gone));
    }
    updated?;
    Ok(Outcomes::all(1, RowOutcome::Updated(id.into())))
}

async fn change(
    client: &PipedriveClient,
    target: &Target<'_>,
    batch: &Batch,
    row: &Row,
    id: u64,
) -> Result<()> {
    let mut body = Body::of(client, target, batch, row).await?;
    merge_contacts(client, target, &mut body, id).await?;
    // What is left out is there already.
    if body.is_empty() {
        return Ok(());
    }
    let may_change_key = match target.entity {
        Entity::Person => body.has(ContactKind::Email.member()),
        Entity::Organization => body.has("name"),
    };
    let record = send(client, target, batch, row, &mut body, Some(id)).await?;
    if record.is_deleted() {
        return Err(gone(id));
    }
    let keys = may_change_key.then(|| keys_now(target, row, &record));
    client.directory(target.entity).updated(id, keys.as_deref(), client.clock().elapsed());
    remember(client, target, &record);
    Ok(())
}

/// The keys a record holds after its key was written, whether or not the answer shows it.
fn keys_now(target: &Target<'_>, row: &Row, record: &Record) -> Vec<Key> {
    let mut keys = target.entity.keys_of(record);
    if !row.key.as_str().is_empty() && !keys.contains(&row.key) {
        keys.push(row.key.clone());
    }
    keys
}

/// The answer to a write shows what is there: an update that wants the same need not ask.
fn remember(client: &PipedriveClient, target: &Target<'_>, record: &Record) {
    if target.entity == Entity::Person && record.shows_contacts() {
        let candidate = Candidate::of_written(record, client.clock().elapsed());
        client.directory(target.entity).remember(record.id, candidate);
    }
}

fn gone(id: u64) -> Error {
    Error::new(ErrorKind::Gone, format!("the record {id} is deleted"))
}

/// Deletes a record.
pub(crate) async fn delete(client: &PipedriveClient, target: &Target<'_>, batch: &Batch) -> Result<Outcomes> {
    let id = only(batch)?.id()?.as_u64()?;
    let url = client.record(target.entity, id).await?;
    let operation = target.entity.operations().delete;
    let call = client.http().delete(operation, &url).cost(cost::DELETE);
    // A page that a proxy sends with a 200 deleted nothing.
    let answer: Result<Answer<IgnoredAny>> = call.receive().await;
    match answer.and_then(|answer| answer.into_data(operation)) {
        Ok(_) => {}
        Err(error) if *error.kind() == ErrorKind::Gone => {}
        Err(error) => return Err(error),
    }
    client.directory(target.entity).gone(id, client.clock().elapsed());
    Ok(Outcomes::all(1, RowOutcome::Deleted))
}

/// Sends a create or an update. When it is refused because of a group's option, which
/// somebody may have deleted, the options are looked up anew, once.
async fn send(
    client: &PipedriveClient,
    target: &Target<'_>,
    batch: &Batch,
    row: &Row,
    body: &mut Body,
    id: Option<u64>,
) -> Result<Record> {
    let error = match write(client, target, body, id).await {
        Ok(record) => return Ok(record),
        Err(error) => error,
    };
    let is_about_groups = *error.kind() == ErrorKind::Rejected && error.field().is_some() && {
        let code = body.group_field.as_deref();
        error.field() == code
    };
    if is_about_groups && let Some(groups) = &row.groups {
        groups::forget(client, target).await;
        body.set_groups(groups::value(client, target, groups).await?);
        return write(client, target, body, id).await.map_err(|error| named(error, batch.schema()));
    }
    Err(named(error, batch.schema()))
}

async fn write(
    client: &PipedriveClient,
    target: &Target<'_>,
    body: &Body,
    id: Option<u64>,
) -> Result<Record> {
    let operations = target.entity.operations();
    let (operation, call) = match id {
        None => {
            let url = client.v2(target.entity.path()).await?;
            (operations.create, client.http().post(operations.create, &url))
        }
        // It says what the record is to be, so that doing it twice does no harm.
        Some(id) => {
            let url = client.record(target.entity, id).await?;
            let call = client.http().patch(operations.update, &url);
            (operations.update, call.idempotent(true))
        }
    };
    let answer: Answer<Record> = call.cost(cost::WRITE).json(&body.to_json()).receive().await?;
    answer.into_data(operation)
}

/// A refusal names the field as people know it, not by its hash.
fn named(error: Error, schema: &MappingSchema) -> Error {
    let label = error.field().and_then(|name| Some(schema.find(name).ok()?.1.label.clone()));
    let error = match label {
        Some(label) => error.with_field(label),
        None => error,
    };
    match error.kind() {
        ErrorKind::Rejected => error.with_scope(Scope::Record),
        _ => error,
    }
}

/// Turns changes of emails and phones into whole lists, with one more call only where the
/// record's lists are not known.
async fn merge_contacts(
    client: &PipedriveClient,
    target: &Target<'_>,
    body: &mut Body,
    id: u64,
) -> Result<()> {
    let mut changes = std::mem::take(&mut body.changes);
    changes.retain(|change| !change.is_none());
    if changes.is_empty() {
        return Ok(());
    }
    let now = client.clock().elapsed();
    let mut current = client.directory(target.entity).recall(id, now);
    if let Some(known) = &current {
        changes.retain(|change| !change.is_done(list_of(known, change.kind)));
    }
    if changes.is_empty() {
        return Ok(());
    }
    if !current.as_ref().is_some_and(|known| known.can_be_written_back(now)) {
        let record = get(client, target, id).await?;
        current = Some(Candidate::of_record(&record, now));
    }
    let Some(current) = current else { return Ok(()) };
    for change in changes {
        let list = list_of(&current, change.kind);
        let changed = change.applied(list, target.contact_label);
        if changed != list {
            body.set_contacts(change.kind, &changed);
        }
    }
    Ok(())
}

fn list_of(candidate: &Candidate, kind: ContactKind) -> &[Contact] {
    match kind {
        ContactKind::Email => &candidate.emails,
        ContactKind::Phone => &candidate.phones,
    }
}

async fn get(client: &PipedriveClient, target: &Target<'_>, id: u64) -> Result<Record> {
    let operation = target.entity.operations().get;
    let url = client.record(target.entity, id).await?;
    let call = client.http().get(operation, &url).cost(cost::GET);
    let answer: Answer<Record> = call.receive().await?;
    let record = answer.into_data(operation)?;
    if record.is_deleted() { Err(gone(id)) } else { Ok(record) }
}

/// The body of a create or update.
#[derive(Debug, Default)]
struct Body {
    members: Map<String, Json>,
    custom_fields: Map<String, Json>,
    /// Changes of emails and phones, to be made lists of.
    changes: Vec<Change>,
    group_field: Option<Arc<str>>,
}

impl Body {
    async fn of(client: &PipedriveClient, target: &Target<'_>, batch: &Batch, row: &Row) -> Result<Self> {
        let mut body = Self::default();
        let mut currency = None;
        if batch.values(row).any(|(field, value)| lacks_currency(field, value)) {
            currency = Some(default_currency(client).await?);
        }
        for (index, (field, value)) in batch.values(row).enumerate() {
            if value.is_null() && NEVER_EMPTY.contains(&field.name.as_str()) {
                return Err(never_empty(field));
            }
            match place(target.entity, &field.name) {
                Place::Contacts(kind) => {
                    let place = row.values.get(index).map(|(place, _)| *place);
                    let old = old_value(row, batch.schema(), place);
                    body.changes.push(Change::new(kind, value, old));
                }
                Place::Body(member) => {
                    let value = encode(field, value, currency.as_deref());
                    body.members.insert(member.to_owned(), value);
                }
                Place::Custom => {
                    let value = encode(field, value, currency.as_deref());
                    body.custom_fields.insert(field.name.clone(), value);
                }
            }
        }
        if let Some(groups) = &row.groups {
            body.set_groups(groups::value(client, target, groups).await?);
        }
        Ok(body)
    }

    fn set_groups(&mut self, value: Option<(Arc<str>, Json)>) {
        if let Some((code, ids)) = value {
            // The field may have another code when it was made anew.
            if let Some(before) = self.group_field.replace(Arc::clone(&code)) {
                self.custom_fields.remove(&*before);
            }
            self.custom_fields.insert(code.to_string(), ids);
        }
    }

    fn set_contacts(&mut self, kind: ContactKind, list: &[Contact]) {
        self.members.insert(kind.member().to_owned(), serde_json::json!(list));
    }

    fn has(&self, member: &str) -> bool {
        self.members.contains_key(member)
    }

    fn is_empty(&self) -> bool {
        self.members.is_empty() && self.custom_fields.is_empty()
    }

    fn to_json(&self) -> Map<String, Json> {
        let mut body = self.members.clone();
        if !self.custom_fields.is_empty() {
            body.insert("custom_fields".to_owned(), Json::Object(self.custom_fields.clone()));
        }
        body
    }
}

/// Standard fields that every record has: the specification takes no null for them.
const NEVER_EMPTY: [&str; 4] = ["name", "owner_id", "visible_to", "marketing_status"];

fn never_empty(field: &Field) -> Error {
    Error::rejected(format!("the field {:?} cannot be cleared: every record has it", field.label))
        .with_code("missing_field")
        .with_field(&field.label)
        .with_scope(Scope::Record)
}

async fn default_currency(client: &PipedriveClient) -> Result<String> {
    client.default_currency().await?.ok_or_else(|| {
        Error::rejected(
            "an amount has no currency, and the user of the account has no default one; write \"12.5 EUR\"",
        )
        .with_code("missing_currency")
        .with_scope(Scope::Record)
    })
}

/// What the host last had in the tool in this field: null when it had other properties
/// but not this one, `None` when it does not say, or speaks of another record.
fn old_value<'a>(row: &'a Row, schema: &MappingSchema, field: Option<usize>) -> Option<&'a Value> {
    let export: &Export = &row.export;
    let same = |name: &String| schema.find(name).ok().map(|(index, _)| index) == field;
    let found = export.old_properties.iter().find(|(name, _)| same(name));
    let found = found.map(|(_, value)| value);
    let is_that_record = export.remote_id.is_none() || export.remote_id == row.remote_id;
    if !is_that_record {
        // But the old key may be what this record was found by: it gives way to the new.
        let is_key =
            field.is_some() && field == schema.find(Entity::Person.key_field()).ok().map(|(key, _)| key);
        return found.filter(|_| is_key);
    }
    (!export.old_properties.is_empty()).then(|| found.unwrap_or(&Value::Null))
}
