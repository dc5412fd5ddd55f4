//! `/api/v2/persons/search` and `/api/v2/organizations/search`.

use serde_json::{Value, json};

use super::call::Call;
use super::company::Company;
use super::cursor::Cursor;
use super::desk::Desk;
use super::field::Entity;
use super::query::Query;
use super::record::Record;
use super::reply::{Answer, Issues, Refused, Reply};
use super::search_index::Part;

const PERSON_FIELDS: [&str; 5] = ["custom_fields", "email", "notes", "phone", "name"];
const ORGANIZATION_FIELDS: [&str; 4] = ["address", "custom_fields", "notes", "name"];

/// What a cursor of search is sorted by: the place among the hits.
const PLACE: &str = "place";

/// `GET /persons/search`, `GET /organizations/search`.
pub(super) fn search(desk: &Desk, call: &Call, entity: Entity) -> Answer {
    let search = Search::read(&call.query, entity)?;
    let company = desk.company();
    let hits = search.hits(&company, entity);
    let start = search.cursor.as_ref().map_or(0, |cursor| cursor.id);
    let start = usize::try_from(start).unwrap_or(usize::MAX).min(hits.len());
    let end = hits.len().min(start + search.limit);
    let items: Vec<Value> = hits[start..end].iter().map(|hit| hit.shown(&company, entity)).collect();
    let next = (end < hits.len()).then(|| {
        let place = u64::try_from(end).unwrap_or(u64::MAX);
        Cursor::after(PLACE, 0, false, place).encode()
    });
    Reply::page(&json!({ "items": items }), next)
}

/// A request to search.
struct Search {
    term: String,
    exact: bool,
    fields: Vec<String>,
    organization: Option<u64>,
    limit: usize,
    cursor: Option<Cursor>,
}

/// A record that was found, as search sees it.
struct Hit<'a> {
    record: &'a Record,
    exact: bool,
    custom: Vec<String>,
}

impl Search {
    fn read(query: &Query, entity: Entity) -> Result<Self, Refused> {
        let mut issues = Issues::default();
        let (known, fields): (&[&str], &[&str]) = match entity {
            Entity::Person => (
                &["term", "fields", "exact_match", "organization_id", "include_fields", "limit", "cursor"],
                &PERSON_FIELDS,
            ),
            Entity::Organization => {
                (&["term", "fields", "exact_match", "limit", "cursor"], &ORGANIZATION_FIELDS)
            }
        };
        query.only(known, &mut issues);
        let exact = query.flag("exact_match", &mut issues);
        let asked = query.list("fields");
        if let Some(unknown) = asked.iter().find(|field| !fields.contains(field)) {
            issues.add("fields", format!("'{unknown}' cannot be searched"));
        }
        if query.get("include_fields").is_some_and(|field| field != "person.picture") {
            issues.add("include_fields", "only 'person.picture' can be included");
        }
        let search = Self {
            term: term(query, exact, &mut issues),
            exact,
            fields: if asked.is_empty() { fields } else { &asked }
                .iter()
                .map(|field| (*field).to_owned())
                .collect(),
            organization: query.id("organization_id", &mut issues),
            limit: query.limit(&mut issues),
            cursor: Cursor::read(query.get("cursor"), PLACE, false, &mut issues),
        };
        issues.check()?;
        Ok(search)
    }

    fn looks_into(&self, field: &str) -> bool {
        self.fields.iter().any(|name| name == field)
    }

    /// All hits, the best ones first.
    fn hits<'a>(&self, company: &'a Company, entity: Entity) -> Vec<Hit<'a>> {
        let records = company.records(entity);
        let ids = match self.indexed() {
            Some(parts) => {
                let mut ids: Vec<u64> =
                    parts.iter().flat_map(|part| records.index.candidates(*part, &self.term)).collect();
                ids.sort_unstable();
                ids.dedup();
                ids
            }
            None => records.ids().collect(),
        };
        let mut hits: Vec<Hit<'a>> = ids
            .into_iter()
            .filter_map(|id| records.index.seen(id, records.get(id)))
            .filter(|record| self.is_in_organization(record))
            .filter_map(|record| self.hit(company, entity, record))
            .collect();
        hits.sort_by_key(|hit| !hit.exact);
        hits
    }

    /// The parts of the index to look into, if they are all that is asked for.
    fn indexed(&self) -> Option<Vec<Part>> {
        if !self.exact {
            return None;
        }
        self.fields
            .iter()
            .filter(|field| *field != "notes")
            .map(|field| match field.as_str() {
                "name" => Some(Part::Name),
                "email" => Some(Part::Email),
                "phone" => Some(Part::Phone),
                _ => None,
            })
            .collect()
    }

    fn is_in_organization(&self, record: &Record) -> bool {
        let org_id = record.person().and_then(|person| person.org_id);
        self.organization.is_none() || self.organization == org_id
    }

    fn hit<'a>(&self, company: &Company, entity: Entity, record: &'a Record) -> Option<Hit<'a>> {
        let custom =
            if self.looks_into("custom_fields") { custom_texts(company, entity, record) } else { Vec::new() };
        let mut texts: Vec<&str> = custom.iter().map(String::as_str).collect();
        if self.looks_into("name") {
            texts.push(&record.name);
        }
        if self.looks_into("email") {
            texts.extend(record.emails().iter().map(|email| email.value.as_str()));
        }
        if self.looks_into("phone") {
            texts.extend(record.phones().iter().map(|phone| phone.value.as_str()));
        }
        if self.looks_into("address") {
            texts.extend(address(record));
        }
        let exact = texts.iter().any(|text| text.to_lowercase() == self.term);
        let found = exact || !self.exact && texts.iter().any(|text| contains(text, &self.term));
        if !found {
            return None;
        }
        let custom = custom.into_iter().filter(|text| contains(text, &self.term)).collect();
        Some(Hit { record, exact, custom })
    }
}

impl Hit<'_> {
    /// An organization or an address that is not there is left out: the specification
    /// does not allow null.
    fn shown(&self, company: &Company, entity: Entity) -> Value {
        let record = self.record;
        let mut item = json!({
            "id": record.id,
            "type": entity.word(),
            "name": record.name,
            "visible_to": record.visible_to,
            "owner": { "id": record.owner_id },
            "custom_fields": self.custom,
            "notes": [],
        });
        if let Some(person) = record.person() {
            let values = |contacts: &[super::record::Contact]| -> Vec<Value> {
                contacts.iter().map(|contact| json!(contact.value)).collect()
            };
            item["phones"] = json!(values(&person.phones));
            item["emails"] = json!(values(&person.emails));
            let organization = person.org_id.and_then(|id| company.organizations.live(id));
            if let Some(organization) = organization {
                item["organization"] = json!({ "id": organization.id, "name": organization.name });
            }
        }
        if let Some(address) = address(record) {
            item["address"] = json!(address);
        }
        let score = if self.exact { 1.0 } else { 0.3 };
        json!({ "result_score": score, "item": item })
    }
}

/// The term in lower case: search does not care for case, exact or not.
fn term(query: &Query, exact: bool, issues: &mut Issues) -> String {
    let Some(term) = query.get("term") else {
        issues.add("term", "Parameter 'term' is required");
        return String::new();
    };
    let shortest = if exact { 1 } else { 2 };
    if term.chars().count() < shortest {
        issues.add("term", format!("Parameter 'term' must be at least {shortest} characters long"));
    }
    term.to_lowercase()
}

/// Whether a text contains a term that is in lower case.
fn contains(text: &str, term: &str) -> bool {
    if !text.is_ascii() || !term.is_ascii() {
        return text.to_lowercase().contains(term);
    }
    let term = term.as_bytes();
    text.len() >= term.len()
        && text.as_bytes().windows(term.len().max(1)).any(|window| window.eq_ignore_ascii_case(term))
}

fn address(record: &Record) -> Option<&str> {
    record.organization()?.address.as_ref()?["value"].as_str()
}

/// The values of a record's custom fields that search looks into.
fn custom_texts(company: &Company, entity: Entity, record: &Record) -> Vec<String> {
    company
        .fields(entity)
        .custom()
        .filter(|field| field.kind.is_searchable())
        .filter_map(|field| record.custom_value(field.id))
        .filter_map(|value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Object(parts) => parts.get("value").map(plain),
            other => Some(other.to_string()),
        })
        .collect()
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
