//! Records as v2 shows them.

use std::collections::BTreeSet;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::{Value, json};

use super::field::{Entity, Field, FieldType};
use super::fields::FieldSet;
use super::query::Query;
use super::record::{OrganizationDetails, PersonDetails, Record};
use super::reply::{Issues, Refused};
use super::time::v2_time;

/// At most so many keys in the parameter `custom_fields` (specification).
const MAX_CUSTOM_FIELDS: usize = 15;

/// Parameters that choose what of a record is shown.
pub(super) const CHOICES: [&str; 4] =
    ["include_fields", "custom_fields", "include_option_labels", "include_labels"];

/// What of a record is to be shown.
#[derive(Clone, Default)]
pub(super) struct Choice {
    include: Vec<&'static str>,
    /// Codes of custom fields; all when empty.
    custom: BTreeSet<String>,
    option_labels: bool,
    labels: bool,
}

impl Choice {
    pub(super) fn read(query: &Query, entity: Entity, issues: &mut Issues) -> Result<Self, Refused> {
        let mut include = Vec::new();
        for name in query.list("include_fields") {
            if needs_campaigns(entity, name) {
                return Err(Refused::v2(
                    http::StatusCode::FORBIDDEN,
                    "ERR_FORBIDDEN",
                    format!("Field '{name}' needs Campaigns, which is not enabled for this company"),
                ));
            }
            match includable(entity).iter().find(|known| **known == name) {
                Some(known) => include.push(*known),
                None => issues.add("include_fields", format!("'{name}' cannot be included")),
            }
        }
        let custom: BTreeSet<String> = query.list("custom_fields").into_iter().map(str::to_owned).collect();
        if custom.len() > MAX_CUSTOM_FIELDS {
            issues.add("custom_fields", format!("at most {MAX_CUSTOM_FIELDS} keys are allowed"));
        }
        Ok(Self {
            include,
            custom,
            option_labels: query.flag("include_option_labels", issues),
            labels: query.flag("include_labels", issues),
        })
    }
}

fn needs_campaigns(entity: Entity, name: &str) -> bool {
    entity == Entity::Person && (name == "marketing_status" || name == "doi_status")
}

fn includable(entity: Entity) -> &'static [&'static str] {
    match entity {
        Entity::Person => &PERSON_INCLUDES,
        Entity::Organization => &ORGANIZATION_INCLUDES,
    }
}

const PERSON_INCLUDES: [&str; 22] = [
    "next_activity_id",
    "last_activity_id",
    "open_deals_count",
    "related_open_deals_count",
    "closed_deals_count",
    "related_closed_deals_count",
    "participant_open_deals_count",
    "participant_closed_deals_count",
    "email_messages_count",
    "activities_count",
    "done_activities_count",
    "undone_activities_count",
    "files_count",
    "notes_count",
    "followers_count",
    "won_deals_count",
    "related_won_deals_count",
    "lost_deals_count",
    "related_lost_deals_count",
    "last_incoming_mail_time",
    "last_outgoing_mail_time",
    "smart_bcc_email",
];

const ORGANIZATION_INCLUDES: [&str; 19] = [
    "next_activity_id",
    "last_activity_id",
    "open_deals_count",
    "related_open_deals_count",
    "closed_deals_count",
    "related_closed_deals_count",
    "email_messages_count",
    "people_count",
    "activities_count",
    "done_activities_count",
    "undone_activities_count",
    "files_count",
    "notes_count",
    "followers_count",
    "won_deals_count",
    "related_won_deals_count",
    "lost_deals_count",
    "related_lost_deals_count",
    "smart_bcc_email",
];

/// A record as a list, a get or a write shows it.
///
/// What has no value is left out where the specification does not allow null, such as
/// the organization of a person who has none.
pub(super) struct RecordView<'a> {
    pub(super) record: &'a Record,
    pub(super) fields: &'a FieldSet,
    pub(super) choice: &'a Choice,
}

impl Serialize for RecordView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let record = self.record;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &record.id)?;
        map.serialize_entry("name", &record.name)?;
        map.serialize_entry("owner_id", &record.owner_id)?;
        map.serialize_entry("add_time", &v2_time(record.add_time))?;
        map.serialize_entry("update_time", &v2_time(record.update_time))?;
        map.serialize_entry("is_deleted", &record.deleted.is_some())?;
        map.serialize_entry("visible_to", &record.visible_to)?;
        map.serialize_entry("label_ids", &record.label_ids)?;
        if let Some(person) = record.person() {
            of_person(&mut map, &record.name, person)?;
        }
        if let Some(organization) = record.organization() {
            of_organization(&mut map, organization)?;
        }
        if self.choice.labels {
            map.serialize_entry("labels", &self.labels())?;
        }
        for name in &self.choice.include {
            map.serialize_entry(name, &included(name))?;
        }
        map.serialize_entry("custom_fields", &CustomView(self))?;
        map.end()
    }
}

impl RecordView<'_> {
    fn labels(&self) -> Vec<Value> {
        let field = self.fields.get("label_ids");
        self.record.label_ids.iter().filter_map(|id| field.and_then(|field| labelled(field, *id))).collect()
    }
}

fn of_person<M: SerializeMap>(map: &mut M, name: &str, person: &PersonDetails) -> Result<(), M::Error> {
    let (first, last) = first_and_last(name);
    map.serialize_entry("first_name", first)?;
    if let Some(last) = last {
        map.serialize_entry("last_name", last)?;
    }
    map.serialize_entry("emails", &person.emails)?;
    map.serialize_entry("phones", &person.phones)?;
    if let Some(org_id) = person.org_id {
        map.serialize_entry("org_id", &org_id)?;
    }
    Ok(())
}

fn of_organization<M: SerializeMap>(map: &mut M, organization: &OrganizationDetails) -> Result<(), M::Error> {
    if let Some(address) = &organization.address {
        map.serialize_entry("address", &without_nulls(address))?;
    }
    map.serialize_entry("website", &organization.website)?;
    map.serialize_entry("linkedin", &organization.linkedin)?;
    map.serialize_entry("industry", &organization.industry)?;
    map.serialize_entry("annual_revenue", &organization.annual_revenue)?;
    map.serialize_entry("employee_count", &organization.employee_count)
}

/// `John Doe` is John and Doe; `Bobby` is Bobby alone [recorded].
fn first_and_last(name: &str) -> (&str, Option<&str>) {
    match name.split_once(' ') {
        Some((first, last)) => (first, Some(last)),
        None => (name, None),
    }
}

/// The specification has the parts of an organization's address as strings, never null.
fn without_nulls(address: &Value) -> Value {
    let parts = address.as_object().into_iter().flatten();
    parts
        .filter(|(_, part)| !part.is_null())
        .map(|(name, part)| (name.clone(), part.clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// Nothing happens in the sandbox but writes: there are no deals, activities or mails.
fn included(name: &str) -> Value {
    match name {
        "smart_bcc_email" => json!("acme@pipedrivemail.com"),
        _ if name.ends_with("_count") => json!(0),
        _ => Value::Null,
    }
}

/// The values of the custom fields, all of them or those asked for; null where a record
/// has none.
struct CustomView<'a>(&'a RecordView<'a>);

impl Serialize for CustomView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let RecordView { record, fields, choice } = self.0;
        let mut map = serializer.serialize_map(None)?;
        for field in fields.custom() {
            if !choice.custom.is_empty() && !choice.custom.contains(&*field.code) {
                continue;
            }
            let value = record.custom_value(field.id);
            match field.kind {
                FieldType::Enum | FieldType::Set => {
                    map.serialize_entry(&*field.code, &chosen(field, value, choice.option_labels))?;
                }
                _ => map.serialize_entry(&*field.code, &value)?,
            }
        }
        map.end()
    }
}

/// Chosen options, without those that have been deleted since.
pub(super) fn chosen(field: &Field, value: Option<&Value>, with_labels: bool) -> Value {
    let shown = |id: &Value| -> Option<Value> {
        let id = id.as_u64()?;
        if with_labels { labelled(field, id) } else { field.option(id).map(|option| Value::from(option.id)) }
    };
    match value {
        Some(Value::Array(ids)) => {
            let ids: Vec<Value> = ids.iter().filter_map(shown).collect();
            if ids.is_empty() { Value::Null } else { Value::Array(ids) }
        }
        Some(id) => shown(id).unwrap_or_default(),
        None => Value::Null,
    }
}

fn labelled(field: &Field, id: u64) -> Option<Value> {
    field.option(id).map(|option| json!({ "id": option.id, "label": option.label }))
}
