//! What the company holds, in the words a person uses: display names and labels.

use std::collections::{BTreeMap, BTreeSet};

use outflow_sandbox::SandboxRecord;
use serde_json::{Value, json};

use super::PipedriveSandbox;
use super::field::{Entity, Field, FieldType};
use super::fields::FieldSet;
use super::record::{Contact, Record};

/// The `set` field whose options are groups.
const GROUPS: &str = "Groups";

impl PipedriveSandbox {
    /// Records by id. Standard fields have the names of v2's records, emails and phones
    /// as lists of strings, the primary one first; custom fields have their display
    /// names, options their labels. The groups are the labels of the field `Groups`.
    pub(super) fn read_back(&self, entity: Entity) -> Vec<SandboxRecord> {
        let company = self.desk.company();
        let fields = company.fields(entity);
        let records = company.records(entity).iter();
        records.map(|record| readable(record, fields)).collect()
    }
}

fn readable(record: &Record, fields: &FieldSet) -> SandboxRecord {
    let mut shown = standard(record);
    let mut groups = BTreeSet::new();
    for field in fields.custom() {
        let Some(value) = record.custom_value(field.id) else {
            continue;
        };
        if field.name == GROUPS && field.kind == FieldType::Set {
            groups.extend(labels(field, value));
        } else if field.kind.has_options() {
            let labels: Vec<String> = labels(field, value);
            let value = match field.kind {
                FieldType::Set => json!(labels),
                _ => json!(labels.first()),
            };
            shown.insert(field.name.clone(), value);
        } else {
            shown.insert(field.name.clone(), value.clone());
        }
    }
    shown.retain(|_, value| !is_empty(value));
    SandboxRecord { id: record.id.to_string(), fields: shown, groups }
}

fn standard(record: &Record) -> BTreeMap<String, Value> {
    let mut shown = BTreeMap::from([
        ("name", json!(record.name)),
        ("owner_id", json!(record.owner_id)),
        ("visible_to", json!(record.visible_to)),
        ("label_ids", json!(record.label_ids)),
    ]);
    if let Some(person) = record.person() {
        shown.insert("emails", json!(values(&person.emails)));
        shown.insert("phones", json!(values(&person.phones)));
        shown.insert("org_id", json!(person.org_id));
    }
    if let Some(organization) = record.organization() {
        let address = organization.address.as_ref().map(|address| &address["value"]);
        shown.insert("address", json!(address));
        shown.insert("website", json!(organization.website));
        shown.insert("linkedin", json!(organization.linkedin));
        shown.insert("industry", json!(organization.industry));
        shown.insert("annual_revenue", json!(organization.annual_revenue));
        shown.insert("employee_count", json!(organization.employee_count));
    }
    shown.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn values(contacts: &[Contact]) -> Vec<&str> {
    let mut contacts: Vec<&Contact> = contacts.iter().collect();
    contacts.sort_by_key(|contact| !contact.primary);
    contacts.iter().map(|contact| contact.value.as_str()).collect()
}

fn labels(field: &Field, value: &Value) -> Vec<String> {
    let ids: Vec<u64> = match value {
        Value::Array(ids) => ids.iter().filter_map(Value::as_u64).collect(),
        id => id.as_u64().into_iter().collect(),
    };
    let options = ids.into_iter().filter_map(|id| field.option(id));
    options.map(|option| option.label.clone()).collect()
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}
