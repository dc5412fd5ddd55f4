//! Looking into the company, and changing it past the API and its limits: what a user
//! of the web application does, and what was there before a test begins.

use serde_json::{Map, Value};

use super::PipedriveSandbox;
use super::field::{Entity, FieldType};
use super::field_view::{v1_field, v2_field};
use super::fields::NewField;
use super::filters::{Filter, NewFilter};
use super::record::Record;
use super::record_view::{Choice, RecordView};
use super::reply::Refused;
use super::search_index::Part;

impl PipedriveSandbox {
    /// Adds a person from the body of a v2 create. Search finds it at once.
    ///
    /// # Errors
    /// The message of the API when it would refuse the body.
    pub fn add_person(&self, body: &Value) -> Result<u64, String> {
        self.add(Entity::Person, body)
    }

    /// Adds an organization from the body of a v2 create. Search finds it at once.
    ///
    /// # Errors
    /// The message of the API when it would refuse the body.
    pub fn add_organization(&self, body: &Value) -> Result<u64, String> {
        self.add(Entity::Organization, body)
    }

    /// Adds `count` persons named `Person n`, with the email `person-n@example.com`, n
    /// counting from 1. Says the id of the first; the others follow.
    pub fn add_many_persons(&self, count: u64) -> u64 {
        let mut company = self.desk.company();
        let mut first = 0;
        for number in 1..=count {
            let mut body = Map::new();
            body.insert("name".to_owned(), format!("Person {number}").into());
            let email = format!("person-{number}@example.com");
            body.insert("emails".to_owned(), serde_json::json!([{ "value": email }]));
            if let Ok(person) = company.create(Entity::Person, &body, true)
                && first == 0
            {
                first = person.id;
            }
        }
        first
    }

    /// Changes a person by the body of a v2 update.
    ///
    /// # Errors
    /// The message of the API when it would refuse the body, or when the person is gone.
    pub fn change_person(&self, id: u64, body: &Value) -> Result<(), String> {
        self.change(Entity::Person, id, body)
    }

    /// Changes an organization by the body of a v2 update.
    ///
    /// # Errors
    /// The message of the API when it would refuse the body, or when it is gone.
    pub fn change_organization(&self, id: u64, body: &Value) -> Result<(), String> {
        self.change(Entity::Organization, id, body)
    }

    /// Deletes a person. Says whether there was one.
    pub fn delete_person(&self, id: u64) -> bool {
        self.desk.company().delete(Entity::Person, id)
    }

    /// Deletes an organization. Says whether there was one.
    pub fn delete_organization(&self, id: u64) -> bool {
        self.desk.company().delete(Entity::Organization, id)
    }

    /// Adds a custom field and says its code. Options are for `Enum` and `Set`.
    pub fn add_field(&self, entity: Entity, name: &str, kind: FieldType, options: &[&str]) -> String {
        let options: Vec<String> = options.iter().map(|label| (*label).to_owned()).collect();
        let mut company = self.desk.company();
        let (at, by) = (company.now(), company.me());
        let (fields, mint) = company.fields_mut(entity);
        let new = NewField { name, kind, options: &options, add_visible: true, at, by };
        fields.add(&new, mint).code.to_string()
    }

    /// Deletes a custom field. Says whether there was one.
    pub fn delete_field(&self, entity: Entity, code: &str) -> bool {
        self.desk.company().fields_mut(entity).0.remove(code).is_some()
    }

    /// Allows so many custom fields for each kind of record, as plans do; none for no cap.
    pub fn cap_custom_fields(&self, cap: Option<usize>) {
        self.desk.company().field_cap = cap;
    }

    /// The code of the first custom field of this display name.
    #[must_use]
    pub fn field_code(&self, entity: Entity, name: &str) -> Option<String> {
        let company = self.desk.company();
        let field = company.fields(entity).named(name)?;
        Some(field.code.to_string())
    }

    /// The id of an option of the first custom field of this display name.
    #[must_use]
    pub fn option_id(&self, entity: Entity, name: &str, label: &str) -> Option<u64> {
        let company = self.desk.company();
        let option = company.fields(entity).named(name)?.option_labelled(label)?;
        Some(option.id)
    }

    /// All fields, as v2 shows them.
    #[must_use]
    pub fn fields(&self, entity: Entity) -> Vec<Value> {
        let company = self.desk.company();
        let fields = company.fields(entity).iter();
        fields.map(|field| v2_field(field, &[])).collect()
    }

    /// The id by which v1, and filters, know the field of this code.
    #[must_use]
    pub fn v1_field_id(&self, entity: Entity, code: &str) -> Option<u64> {
        let company = self.desk.company();
        v1_field(company.fields(entity).get(code)?)["id"].as_u64()
    }

    /// A person as v2 shows it, deleted or not.
    #[must_use]
    pub fn person(&self, id: u64) -> Option<Value> {
        self.one(Entity::Person, id)
    }

    /// An organization as v2 shows it, deleted or not.
    #[must_use]
    pub fn organization(&self, id: u64) -> Option<Value> {
        self.one(Entity::Organization, id)
    }

    /// All persons that are not deleted, as v2 shows them, by id.
    #[must_use]
    pub fn persons(&self) -> Vec<Value> {
        self.all(Entity::Person)
    }

    /// All organizations that are not deleted, as v2 shows them, by id.
    #[must_use]
    pub fn organizations(&self) -> Vec<Value> {
        self.all(Entity::Organization)
    }

    /// How many there are, deleted ones not counted.
    #[must_use]
    pub fn count(&self, entity: Entity) -> usize {
        self.desk.company().records(entity).len()
    }

    /// Persons that have an email now, in any case of its letters, by id.
    #[must_use]
    pub fn persons_with_email(&self, email: &str) -> Vec<u64> {
        let company = self.desk.company();
        let wanted = email.to_lowercase();
        let has_it = |record: &Record| {
            let mut emails = record.emails().iter();
            emails.any(|email| email.value.to_lowercase() == wanted)
        };
        let candidates = company.persons.index.candidates(Part::Email, email);
        candidates
            .into_iter()
            .filter(|id| company.persons.live(*id).is_some_and(|record| has_it(record)))
            .collect()
    }

    /// Adds a saved filter without conditions, as somebody else has made it. Says its id.
    pub fn add_filter(&self, name: &str, entity: Entity) -> u64 {
        let mut company = self.desk.company();
        let (me, now) = (company.me(), company.now());
        let empty = NewFilter::empty(name, entity);
        company.filters.add(empty, me, now).id
    }

    /// All saved filters with their conditions, by id.
    #[must_use]
    pub fn filters(&self) -> Vec<Value> {
        let company = self.desk.company();
        let filters = company.filters.list(None);
        filters.map(|filter: &Filter| filter.whole(&|_| None)).collect()
    }

    fn add(&self, entity: Entity, body: &Value) -> Result<u64, String> {
        let created = self.desk.company().create(entity, &object(body)?, true);
        created.map(|record| record.id).map_err(|refused: Refused| refused.message())
    }

    fn change(&self, entity: Entity, id: u64, body: &Value) -> Result<(), String> {
        let body = object(body)?;
        let changed = self.desk.company().update(entity, id, &body);
        match changed.map_err(|refused| refused.message())? {
            Some(_) => Ok(()),
            None => Err(format!("{} not found", entity.title())),
        }
    }

    fn one(&self, entity: Entity, id: u64) -> Option<Value> {
        let company = self.desk.company();
        let record = company.records(entity).get(id)?;
        let view = RecordView { record, fields: company.fields(entity), choice: &Choice::default() };
        serde_json::to_value(view).ok()
    }

    fn all(&self, entity: Entity) -> Vec<Value> {
        let company = self.desk.company();
        let choice = Choice::default();
        let view = |record| RecordView { record, fields: company.fields(entity), choice: &choice };
        let records = company.records(entity).iter();
        records.filter_map(|record| serde_json::to_value(view(record)).ok()).collect()
    }
}

fn object(body: &Value) -> Result<Map<String, Value>, String> {
    body.as_object().cloned().ok_or_else(|| "the body is no JSON object".to_owned())
}
