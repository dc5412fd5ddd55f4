//! Bodies of creates and updates, read as strictly as API v2 reads them.

use serde_json::{Map, Value};

use super::company::Company;
use super::field::{Entity, FieldOption};
use super::query::parse_time;
use super::record::{Contact, Draft};
use super::reply::{Issues, Refused};
use super::values::{checked, id, integer, plain_address};

/// More labels than this are refused.
const MAX_LABELS: usize = 100;

/// Whether a record is made or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Write {
    Create,
    Update,
}

/// Fields that exist once contact sync is set up, and answer 403 before (specification,
/// "Add a new person"); the company of the sandbox has not set it up.
const CONTACT_SYNC: [&str; 5] = ["im", "postal_address", "notes", "birthday", "job_title"];

/// Reads the body of a create or an update.
pub(super) fn read(
    company: &Company,
    entity: Entity,
    write: Write,
    body: &Map<String, Value>,
) -> Result<Draft, Refused> {
    let mut reader = Reader { company, entity, write, issues: Issues::default(), draft: Draft::default() };
    for (key, value) in body {
        if let Some(refused) = needs_feature(entity, key) {
            return Err(refused);
        }
        reader.take(key, value);
    }
    if write == Write::Create && !body.contains_key("name") {
        reader.issues.add("name", "Parameter 'name' is required");
    }
    reader.issues.check()?;
    Ok(reader.draft)
}

fn needs_feature(entity: Entity, key: &str) -> Option<Refused> {
    if entity != Entity::Person {
        return None;
    }
    if CONTACT_SYNC.contains(&key) {
        return Some(Refused::v2(
            http::StatusCode::FORBIDDEN,
            "ERR_FORBIDDEN",
            format!("Parameter '{key}' needs contact sync, which is not enabled for this company"),
        ));
    }
    (key == "marketing_status").then(|| {
        Refused::v2(
            http::StatusCode::FORBIDDEN,
            "ERR_FORBIDDEN",
            "Parameter 'marketing_status' needs Campaigns, which is not enabled for this company",
        )
    })
}

struct Reader<'a> {
    company: &'a Company,
    entity: Entity,
    write: Write,
    issues: Issues,
    draft: Draft,
}

impl Reader<'_> {
    fn take(&mut self, key: &str, value: &Value) {
        match key {
            "name" => self.draft.name = self.name(value),
            "owner_id" => self.draft.owner_id = self.owner(value),
            "visible_to" => self.draft.visible_to = self.visibility(value),
            "label_ids" => self.draft.label_ids = self.labels(value),
            "custom_fields" => self.custom_fields(value),
            "add_time" if self.write == Write::Create => self.draft.add_time = self.add_time(value),
            _ => match self.entity {
                Entity::Person => self.take_of_person(key, value),
                Entity::Organization => self.take_of_organization(key, value),
            },
        }
    }

    fn take_of_person(&mut self, key: &str, value: &Value) {
        match key {
            "emails" => self.draft.emails = self.contacts(key, value),
            "phones" => self.draft.phones = self.contacts(key, value),
            "org_id" => self.draft.org_id = self.organization(value),
            _ => self.issues.unknown(key),
        }
    }

    fn take_of_organization(&mut self, key: &str, value: &Value) {
        match key {
            "address" => self.draft.address = self.address(value),
            "website" => self.draft.website = self.optional_text(key, value),
            "linkedin" => self.draft.linkedin = self.optional_text(key, value),
            "industry" => self.draft.industry = self.industry(value),
            "annual_revenue" => self.draft.annual_revenue = self.optional_integer(key, value),
            "employee_count" => self.draft.employee_count = self.optional_integer(key, value),
            _ => self.issues.unknown(key),
        }
    }

    fn name(&mut self, value: &Value) -> Option<String> {
        let Some(name) = value.as_str() else {
            self.issues.wrong_type("name", "string");
            return None;
        };
        if name.trim().is_empty() {
            self.issues.add("name", "Parameter 'name' must not be empty");
            return None;
        }
        if name.chars().count() > 255 {
            self.issues.add("name", "Parameter 'name' must not be longer than 255 characters");
            return None;
        }
        Some(name.to_owned())
    }

    fn owner(&mut self, value: &Value) -> Option<u64> {
        let owner = self.id_of("owner_id", value)?;
        if self.company.user(owner).is_none() {
            self.issues.add("owner_id", format!("User {owner} does not exist"));
            return None;
        }
        Some(owner)
    }

    fn organization(&mut self, value: &Value) -> Option<Option<u64>> {
        if value.is_null() {
            return Some(None);
        }
        let organization = self.id_of("org_id", value)?;
        if self.company.organizations.live(organization).is_none() {
            self.issues.add("org_id", format!("Organization {organization} does not exist"));
            return None;
        }
        Some(Some(organization))
    }

    fn visibility(&mut self, value: &Value) -> Option<u8> {
        match integer(value) {
            Some(level @ (1 | 3 | 5 | 7)) => u8::try_from(level).ok(),
            Some(_) => {
                self.issues.add("visible_to", "Parameter 'visible_to' must be one of: 1, 3, 5, 7");
                None
            }
            None => {
                self.issues.wrong_type("visible_to", "integer");
                None
            }
        }
    }

    fn add_time(&mut self, value: &Value) -> Option<i64> {
        let time = value.as_str().and_then(parse_time);
        if time.is_none() {
            self.issues.add("add_time", "Parameter 'add_time' is not a valid datetime");
        }
        time
    }

    fn labels(&mut self, value: &Value) -> Option<Vec<u64>> {
        let ids: Option<Vec<u64>> = value.as_array().and_then(|items| items.iter().map(id).collect());
        let Some(ids) = ids else {
            self.issues.wrong_type("label_ids", "array of integers");
            return None;
        };
        if ids.len() > MAX_LABELS {
            self.issues.add("label_ids", format!("at most {MAX_LABELS} labels are allowed"));
            return None;
        }
        let known = self.company.fields(self.entity).get("label_ids");
        let unknown = ids.iter().find(|id| known.and_then(|field| field.option(**id)).is_none());
        if let Some(id) = unknown {
            self.issues.add("label_ids", format!("Label {id} does not exist"));
            return None;
        }
        Some(ids)
    }

    fn contacts(&mut self, key: &str, value: &Value) -> Option<Vec<Contact>> {
        let Some(items) = value.as_array() else {
            self.issues.wrong_type(key, "array");
            return None;
        };
        let contacts: Option<Vec<Contact>> = items.iter().map(|item| self.contact(key, item)).collect();
        let mut contacts = contacts?;
        // One is the primary one: the first that says so, or else the first.
        let primary = contacts.iter().position(|contact| contact.primary).unwrap_or(0);
        for (place, contact) in contacts.iter_mut().enumerate() {
            contact.primary = place == primary;
        }
        Some(contacts)
    }

    fn contact(&mut self, key: &str, item: &Value) -> Option<Contact> {
        let contact = item.as_object().and_then(read_contact);
        if contact.is_none() {
            self.issues.add(
                key,
                format!(
                    "items of '{key}' expected type 'object' with 'value' (string), and optionally \
                     'primary' (boolean) and 'label' (string)"
                ),
            );
        }
        contact
    }

    fn custom_fields(&mut self, value: &Value) {
        let Some(values) = value.as_object() else {
            self.issues.wrong_type("custom_fields", "object");
            return;
        };
        let fields = self.company.fields(self.entity);
        for (code, value) in values {
            let Some(field) = fields.get(code).filter(|field| field.custom) else {
                self.issues.add("custom_fields", format!("Unknown key '{code}'"));
                continue;
            };
            if value.is_null() {
                self.draft.custom.push((field.id, None));
                continue;
            }
            match checked(field, value, self.company) {
                Ok(value) => self.draft.custom.push((field.id, Some(value))),
                Err(message) => self.issues.add("custom_fields", message),
            }
        }
    }

    fn address(&mut self, value: &Value) -> Option<Option<Value>> {
        if value.is_null() {
            return Some(None);
        }
        match plain_address(value) {
            Ok(address) => Some(Some(address)),
            Err(why) => {
                self.issues.add("address", format!("Parameter 'address': {why}"));
                None
            }
        }
    }

    fn industry(&mut self, value: &Value) -> Option<Option<i64>> {
        let industry = self.optional_integer("industry", value)?;
        let known = self.company.fields(self.entity).get("industry");
        let exists = |id: i64| u64::try_from(id).is_ok_and(|id| option(known, id).is_some());
        if let Some(id) = industry
            && !exists(id)
        {
            self.issues.add("industry", format!("Industry {id} does not exist"));
            return None;
        }
        Some(industry)
    }

    fn optional_text(&mut self, key: &str, value: &Value) -> Option<Option<String>> {
        match value {
            Value::Null => Some(None),
            Value::String(text) => Some(Some(text.clone())),
            _ => {
                self.issues.wrong_type(key, "string");
                None
            }
        }
    }

    fn optional_integer(&mut self, key: &str, value: &Value) -> Option<Option<i64>> {
        if value.is_null() {
            return Some(None);
        }
        let number = integer(value);
        if number.is_none() {
            self.issues.wrong_type(key, "integer");
        }
        number.map(Some)
    }

    fn id_of(&mut self, key: &str, value: &Value) -> Option<u64> {
        let id = id(value);
        if id.is_none() {
            self.issues.wrong_type(key, "integer");
        }
        id
    }
}

fn option(field: Option<&super::field::Field>, id: u64) -> Option<&FieldOption> {
    field?.option(id)
}

/// Only the value is needed; the label is `work` unless given.
fn read_contact(item: &Map<String, Value>) -> Option<Contact> {
    if item.keys().any(|key| !["value", "primary", "label"].contains(&key.as_str())) {
        return None;
    }
    let value = item.get("value")?.as_str()?.to_owned();
    let primary = match item.get("primary") {
        None => false,
        Some(primary) => primary.as_bool()?,
    };
    let label = match item.get("label") {
        None => "work".to_owned(),
        Some(label) => label.as_str()?.to_owned(),
    };
    Some(Contact { value, primary, label })
}
