//! Which records a saved filter lets through.

use std::cmp::Ordering;

use serde_json::Value;

use super::company::Company;
use super::field::{Entity, Field};
use super::filters::{Condition, Filter};
use super::record::Record;
use super::record_view::chosen;
use super::time::v2_time;

impl Filter {
    /// Whether a record passes: all conditions of the first group, and one of the second
    /// unless that is empty.
    pub(super) fn lets_through(&self, company: &Company, entity: Entity, record: &Record) -> bool {
        let holds = |condition: &Condition| condition.holds(company, entity, record);
        self.all.iter().all(holds) && (self.any.is_empty() || self.any.iter().any(holds))
    }
}

impl Condition {
    fn holds(&self, company: &Company, entity: Entity, record: &Record) -> bool {
        let Some(about) = self.entity() else {
            return false;
        };
        let record: &Record = if about == entity {
            record
        } else {
            // A filter of persons may look at their organization.
            let organization = record
                .person()
                .and_then(|person| person.org_id)
                .and_then(|id| company.organizations.live(id));
            let Some(organization) = organization else {
                return self.operator == "IS NULL";
            };
            organization
        };
        match company.fields(about).by_id(self.field_id) {
            Some(field) => self.compare(&values(field, record)),
            // The field has been deleted, so no record has a value of it.
            None => self.operator == "IS NULL",
        }
    }

    fn compare(&self, values: &[String]) -> bool {
        let wanted = self.value.as_deref().unwrap_or_default();
        let some = |test: &dyn Fn(&str) -> bool| values.iter().any(|value| test(value));
        match self.operator {
            "IS NULL" => values.is_empty(),
            "IS NOT NULL" => !values.is_empty(),
            "=" => some(&|value| same(value, wanted)),
            "!=" => !some(&|value| same(value, wanted)),
            "<" => some(&|value| order(value, wanted) == Ordering::Less),
            "<=" => some(&|value| order(value, wanted) != Ordering::Greater),
            ">" => some(&|value| order(value, wanted) == Ordering::Greater),
            ">=" => some(&|value| order(value, wanted) != Ordering::Less),
            "LIKE '$%'" => some(&|value| lower(value).starts_with(&lower(wanted))),
            "NOT LIKE '$%'" => !some(&|value| lower(value).starts_with(&lower(wanted))),
            _ => some(&|value| lower(value).contains(&lower(wanted))),
        }
    }
}

fn lower(text: &str) -> String {
    text.to_lowercase()
}

fn same(left: &str, right: &str) -> bool {
    order(left, right) == Ordering::Equal
}

/// As numbers if both are, else as text without regard to case.
fn order(left: &str, right: &str) -> Ordering {
    match (left.parse::<f64>(), right.parse::<f64>()) {
        (Ok(left), Ok(right)) => left.partial_cmp(&right).unwrap_or(Ordering::Equal),
        _ => lower(left).cmp(&lower(right)),
    }
}

/// What a record has in a field; several values for emails, labels and sets.
fn values(field: &Field, record: &Record) -> Vec<String> {
    if field.custom {
        let value = record.custom_value(field.id);
        return if field.kind.has_options() {
            texts(&chosen(field, value, false))
        } else {
            value.map(texts).unwrap_or_default()
        };
    }
    let contacts = |contacts: &[super::record::Contact]| -> Vec<String> {
        contacts.iter().map(|contact| contact.value.clone()).collect()
    };
    let one = |value: Option<String>| value.into_iter().collect();
    match &*field.code {
        "name" => one(Some(record.name.clone())),
        "id" => one(Some(record.id.to_string())),
        "owner_id" => one(Some(record.owner_id.to_string())),
        "visible_to" => one(Some(record.visible_to.to_string())),
        "add_time" => one(Some(v2_time(record.add_time))),
        "update_time" => one(Some(v2_time(record.update_time))),
        "label" | "label_ids" => record.label_ids.iter().map(u64::to_string).collect(),
        "email" => contacts(record.emails()),
        "phone" => contacts(record.phones()),
        "org_id" => one(record.person().and_then(|person| person.org_id).map(|id| id.to_string())),
        code => one(of_organization(code, record)),
    }
}

fn of_organization(code: &str, record: &Record) -> Option<String> {
    let organization = record.organization()?;
    match code {
        "address" => organization.address.as_ref().and_then(|address| texts(address).pop()),
        "website" => organization.website.clone(),
        "linkedin" => organization.linkedin.clone(),
        "industry" => organization.industry.map(|id| id.to_string()),
        "annual_revenue" => organization.annual_revenue.map(|number| number.to_string()),
        "employee_count" => organization.employee_count.map(|number| number.to_string()),
        _ => None,
    }
}

/// A custom value as text: of a value with parts, its main part.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(parts) => parts.get("value").map(texts).unwrap_or_default(),
        other => vec![other.to_string()],
    }
}
