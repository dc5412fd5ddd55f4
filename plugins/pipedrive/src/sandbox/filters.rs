//! Saved filters, which only v1 can make, and which lists of both versions can use.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::company::Company;
use super::field::Entity;
use super::time::v1_time;

/// The specification of "Add a new filter": at most 16 conditions, in two groups.
const MAX_CONDITIONS: usize = 16;
const TYPES: [&str; 7] = ["deals", "leads", "org", "people", "products", "activity", "projects"];
const OPERATORS: [&str; 11] =
    ["IS NOT NULL", "IS NULL", "<=", ">=", "<", ">", "!=", "=", "LIKE '$%'", "LIKE '%$%'", "NOT LIKE '$%'"];

/// A saved filter.
#[derive(Clone, Debug)]
pub(super) struct Filter {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) kind: &'static str,
    user_id: u64,
    add_time: i64,
    update_time: Option<i64>,
    pub(super) all: Vec<Condition>,
    pub(super) any: Vec<Condition>,
}

/// One line of a filter.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    pub(super) object: String,
    pub(super) field_id: u32,
    pub(super) operator: &'static str,
    pub(super) value: Option<String>,
    extra_value: Option<String>,
}

/// All filters of the company.
pub(super) struct Filters {
    filters: BTreeMap<u64, Filter>,
    next_id: u64,
}

impl Filters {
    /// The filters a new company has for persons and organizations.
    pub(super) fn with_defaults(user: u64) -> Self {
        let defaults = [
            (7, "People contacted within the last month", "people"),
            (8, "Organizations contacted within the last month", "org"),
            (9, "People not contacted within the last month", "people"),
            (10, "Organizations not contacted within the last month", "org"),
            (11, "People with open deals in the pipeline", "people"),
            (12, "Organizations with open deals in the pipeline", "org"),
            (13, "People with open deals who should be checked in with", "people"),
            (14, "Organizations with open deals that should be checked in with", "org"),
        ];
        let filter = |(id, name, kind): (u64, &str, &'static str)| Filter {
            id,
            name: name.to_owned(),
            kind,
            user_id: user,
            // With the company: 2021-01-07T20:05:12Z.
            add_time: 1_610_049_912,
            update_time: None,
            all: Vec::new(),
            any: Vec::new(),
        };
        let filters = defaults.map(filter).map(|filter| (filter.id, filter));
        Self { filters: BTreeMap::from(filters), next_id: 15 }
    }

    pub(super) fn get(&self, id: u64) -> Option<&Filter> {
        self.filters.get(&id)
    }

    /// All of one type, or of every type.
    pub(super) fn list<'a>(&'a self, kind: Option<&'a str>) -> impl Iterator<Item = &'a Filter> {
        self.filters.values().filter(move |filter| kind.is_none_or(|kind| filter.kind == kind))
    }

    pub(super) fn add(&mut self, new: NewFilter, user: u64, now: i64) -> &Filter {
        let id = self.next_id;
        self.next_id += 1;
        let filter = Filter {
            id,
            name: new.name,
            kind: new.kind,
            user_id: user,
            add_time: now,
            update_time: Some(now),
            all: new.all,
            any: new.any,
        };
        self.filters.entry(id).or_insert(filter)
    }

    pub(super) fn replace(&mut self, id: u64, new: NewFilter, now: i64) -> Option<&Filter> {
        let filter = self.filters.get_mut(&id)?;
        filter.name = new.name;
        filter.all = new.all;
        filter.any = new.any;
        filter.update_time = Some(now);
        Some(filter)
    }

    pub(super) fn remove(&mut self, id: u64) -> Option<Filter> {
        self.filters.remove(&id)
    }
}

impl Filter {
    /// The filter as lists show it: without its conditions, as recorded.
    pub(super) fn listed(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "active_flag": true,
            "type": self.kind,
            "temporary_flag": null,
            "user_id": self.user_id,
            "add_time": v1_time(self.add_time),
            "update_time": self.update_time.map(v1_time),
            "visible_to": "7",
            "custom_view_id": null,
        })
    }

    /// The filter with its conditions, always as one group of each glue.
    pub(super) fn whole(&self, code_of: &dyn Fn(&Condition) -> Option<Value>) -> Value {
        let mut filter = self.listed();
        let group = |conditions: &[Condition]| -> Vec<Value> {
            conditions.iter().map(|condition| condition.shown(code_of)).collect()
        };
        filter["conditions"] = json!({
            "glue": "and",
            "conditions": [
                { "glue": "and", "conditions": group(&self.all) },
                { "glue": "or", "conditions": group(&self.any) },
            ],
        });
        filter
    }
}

impl Condition {
    /// Ids are shown as strings, whatever they were given as [recorded].
    fn shown(&self, code_of: &dyn Fn(&Self) -> Option<Value>) -> Value {
        let mut shown = json!({
            "object": self.object,
            "field_id": self.field_id.to_string(),
            "operator": self.operator,
            "value": self.value,
            "extra_value": self.extra_value,
        });
        if let Some(code) = code_of(self) {
            shown["field_code"] = code;
        }
        shown
    }

    /// The kind of record it looks at, if it is one this sandbox has.
    pub(super) fn entity(&self) -> Option<Entity> {
        entity_of(&self.object)
    }
}

fn entity_of(object: &str) -> Option<Entity> {
    [Entity::Person, Entity::Organization].into_iter().find(|entity| entity.word() == object)
}

/// A filter to be made or to replace another.
pub(super) struct NewFilter {
    name: String,
    kind: &'static str,
    all: Vec<Condition>,
    any: Vec<Condition>,
}

impl NewFilter {
    /// A filter that lets everything through.
    pub(super) fn empty(name: &str, entity: Entity) -> Self {
        Self { name: name.to_owned(), kind: entity.filter_type(), all: Vec::new(), any: Vec::new() }
    }

    /// Reads a body. `old` is the filter to be replaced, if there is one: its type stays,
    /// and its name unless another is given.
    pub(super) fn read(
        company: &Company,
        body: &Map<String, Value>,
        old: Option<&Filter>,
    ) -> Result<Self, String> {
        let name = match (body.get("name"), old) {
            (Some(Value::String(name)), _) if !name.is_empty() => name.clone(),
            (None, Some(old)) => old.name.clone(),
            _ => return Err("Filter name is missing".to_owned()),
        };
        let kind = match old {
            Some(old) => old.kind,
            None => body
                .get("type")
                .and_then(Value::as_str)
                .and_then(|kind| TYPES.into_iter().find(|known| *known == kind))
                .ok_or("Filter type is missing or unknown")?,
        };
        let (all, any) = groups(company, body.get("conditions"))?;
        Ok(Self { name, kind, all, any })
    }
}

type Groups = (Vec<Condition>, Vec<Condition>);

fn groups(company: &Company, conditions: Option<&Value>) -> Result<Groups, String> {
    let conditions = conditions.ok_or("Filter conditions are missing")?;
    if conditions["glue"] != "and" {
        return Err("The conditions must be glued with 'and'".to_owned());
    }
    let groups = conditions["conditions"].as_array().ok_or("The conditions have no groups")?;
    let (mut all, mut any) = (Vec::new(), Vec::new());
    for group in groups {
        let conditions = group["conditions"].as_array().ok_or("A group of conditions has no conditions")?;
        let group = match group["glue"].as_str() {
            Some("and") if all.is_empty() => &mut all,
            Some("or") if any.is_empty() => &mut any,
            _ => {
                return Err("One group may be glued with 'and' and one with 'or'".to_owned());
            }
        };
        for condition in conditions {
            group.push(Condition::read(company, condition)?);
        }
    }
    if all.len() + any.len() > MAX_CONDITIONS {
        return Err(format!("At most {MAX_CONDITIONS} conditions are allowed"));
    }
    Ok((all, any))
}

impl Condition {
    fn read(company: &Company, condition: &Value) -> Result<Self, String> {
        let object = condition["object"].as_str().ok_or("A condition has no object")?;
        let field_id = match &condition["field_id"] {
            Value::String(id) => id.parse().ok(),
            id => id.as_u64().and_then(|id| u32::try_from(id).ok()),
        }
        .ok_or("A condition has no field_id")?;
        if let Some(entity) = entity_of(object)
            && company.fields(entity).by_id(field_id).is_none()
        {
            return Err(format!("There is no {object} field {field_id}"));
        }
        let operator = condition["operator"]
            .as_str()
            .and_then(|operator| OPERATORS.into_iter().find(|known| *known == operator))
            .ok_or("A condition has no known operator")?;
        Ok(Self {
            object: object.to_owned(),
            field_id,
            operator,
            value: as_text(&condition["value"]),
            extra_value: as_text(&condition["extra_value"]),
        })
    }
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
