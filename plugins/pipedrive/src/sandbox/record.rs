//! Persons and organizations as the company holds them.

use serde_json::Value;

use super::field::Entity;

/// A person or an organization.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Record {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) owner_id: u64,
    /// Seconds, as all times of records: the API shows no fraction.
    pub(super) add_time: i64,
    pub(super) update_time: i64,
    /// When it was deleted; it is purged 30 days later.
    pub(super) deleted: Option<i64>,
    pub(super) visible_to: u8,
    pub(super) label_ids: Vec<u64>,
    /// Values that are not null, by the field's v1 id.
    pub(super) custom: Vec<(u32, Value)>,
    pub(super) details: Details,
}

/// What only one kind of record has.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Details {
    Person(PersonDetails),
    Organization(Box<OrganizationDetails>),
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct PersonDetails {
    pub(super) emails: Vec<Contact>,
    pub(super) phones: Vec<Contact>,
    pub(super) org_id: Option<u64>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct OrganizationDetails {
    pub(super) address: Option<Value>,
    pub(super) website: Option<String>,
    pub(super) linkedin: Option<String>,
    pub(super) industry: Option<i64>,
    pub(super) annual_revenue: Option<i64>,
    pub(super) employee_count: Option<i64>,
}

/// An email address or a phone number.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub(super) struct Contact {
    pub(super) value: String,
    pub(super) primary: bool,
    pub(super) label: String,
}

impl Record {
    /// A record that has nothing but its id and its times.
    pub(super) fn new(entity: Entity, id: u64, owner_id: u64, now: i64) -> Self {
        let details = match entity {
            Entity::Person => Details::Person(PersonDetails::default()),
            Entity::Organization => Details::Organization(Box::default()),
        };
        Self {
            id,
            name: String::new(),
            owner_id,
            add_time: now,
            update_time: now,
            deleted: None,
            visible_to: 3,
            label_ids: Vec::new(),
            custom: Vec::new(),
            details,
        }
    }

    pub(super) fn person(&self) -> Option<&PersonDetails> {
        match &self.details {
            Details::Person(person) => Some(person),
            Details::Organization(_) => None,
        }
    }

    pub(super) fn organization(&self) -> Option<&OrganizationDetails> {
        match &self.details {
            Details::Organization(organization) => Some(organization),
            Details::Person(_) => None,
        }
    }

    pub(super) fn emails(&self) -> &[Contact] {
        self.person().map_or(&[], |person| &person.emails)
    }

    pub(super) fn phones(&self) -> &[Contact] {
        self.person().map_or(&[], |person| &person.phones)
    }

    pub(super) fn custom_value(&self, field: u32) -> Option<&Value> {
        self.custom.iter().find(|(id, _)| *id == field).map(|(_, value)| value)
    }

    fn set_custom(&mut self, field: u32, value: Option<Value>) {
        self.custom.retain(|(id, _)| *id != field);
        if let Some(value) = value {
            self.custom.push((field, value));
        }
    }
}

/// What a request wants to be set. `None` is "leave it"; `Some(None)` is "clear it".
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) name: Option<String>,
    pub(super) owner_id: Option<u64>,
    pub(super) add_time: Option<i64>,
    pub(super) visible_to: Option<u8>,
    pub(super) label_ids: Option<Vec<u64>>,
    pub(super) custom: Vec<(u32, Option<Value>)>,
    pub(super) emails: Option<Vec<Contact>>,
    pub(super) phones: Option<Vec<Contact>>,
    pub(super) org_id: Option<Option<u64>>,
    pub(super) address: Option<Option<Value>>,
    pub(super) website: Option<Option<String>>,
    pub(super) linkedin: Option<Option<String>>,
    pub(super) industry: Option<Option<i64>>,
    pub(super) annual_revenue: Option<Option<i64>>,
    pub(super) employee_count: Option<Option<i64>>,
}

impl Draft {
    /// Sets what is given. Lists of emails, phones and labels are replaced whole.
    pub(super) fn apply(self, record: &mut Record) {
        put(&mut record.name, self.name);
        put(&mut record.owner_id, self.owner_id);
        put(&mut record.add_time, self.add_time);
        put(&mut record.visible_to, self.visible_to);
        put(&mut record.label_ids, self.label_ids);
        for (field, value) in self.custom {
            record.set_custom(field, value);
        }
        match &mut record.details {
            Details::Person(person) => {
                put(&mut person.emails, self.emails);
                put(&mut person.phones, self.phones);
                put(&mut person.org_id, self.org_id);
            }
            Details::Organization(organization) => {
                put(&mut organization.address, self.address);
                put(&mut organization.website, self.website);
                put(&mut organization.linkedin, self.linkedin);
                put(&mut organization.industry, self.industry);
                put(&mut organization.annual_revenue, self.annual_revenue);
                put(&mut organization.employee_count, self.employee_count);
            }
        }
    }
}

fn put<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}
