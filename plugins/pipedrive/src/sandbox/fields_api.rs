//! `/api/v2/personFields` and `/api/v2/organizationFields`.

use http::StatusCode;
use serde_json::{Map, Value};

use super::call::Call;
use super::company::Company;
use super::cursor::Cursor;
use super::desk::Desk;
use super::field::{Entity, Field, FieldOption, FieldType};
use super::field_view::{changed_option, in_v2, sections, v2_field};
use super::fields::NewField;
use super::reply::{Answer, Issues, Refused, Reply};
use super::values::id;

/// Longest names and labels (specification).
const MAX_NAME: usize = 255;

/// `GET /personFields`
pub(super) fn list(desk: &Desk, call: &Call, entity: Entity) -> Answer {
    let mut issues = Issues::default();
    call.query.only(&["include_fields", "limit", "cursor"], &mut issues);
    let sections = sections(&call.query, &mut issues);
    let limit = call.query.limit(&mut issues);
    let cursor = Cursor::read(call.query.get("cursor"), "id", false, &mut issues);
    issues.check()?;
    let company = desk.company();
    let fields: Vec<&Field> = company.fields(entity).iter().filter(|field| in_v2(field)).collect();
    // Fields are listed in their order; the cursor is the last one's id.
    let start = cursor.map_or(0, |cursor| {
        let last = fields.iter().position(|field| u64::from(field.id) == cursor.id);
        last.map_or(fields.len(), |last| last + 1)
    });
    let page: Vec<&&Field> = fields.iter().skip(start).take(limit).collect();
    let more = start + page.len() < fields.len();
    let next = page.last().filter(|_| more).map(|last| {
        let id = u64::from(last.id);
        Cursor::after("id", i64::from(last.id), false, id).encode()
    });
    let shown: Vec<Value> = page.iter().map(|field| v2_field(field, &sections)).collect();
    Reply::page(&shown, next)
}

/// `GET /personFields/{field_code}`
pub(super) fn get(desk: &Desk, call: &Call, entity: Entity) -> Answer {
    let mut issues = Issues::default();
    call.query.only(&["include_fields"], &mut issues);
    let sections = sections(&call.query, &mut issues);
    issues.check()?;
    let company = desk.company();
    let field = company.fields(entity).get(call.param()).filter(|field| in_v2(field)).ok_or_else(no_field)?;
    Reply::data(&v2_field(field, &sections))
}

/// `POST /personFields`
pub(super) fn create(desk: &Desk, call: &Call, entity: Entity) -> Answer {
    let body = call.object()?;
    let wanted = Wanted::read(&body)?;
    let mut company = desk.company();
    company.check_cap(entity)?;
    let (at, by) = (company.now(), company.me());
    let (fields, mint) = company.fields_mut(entity);
    let field = fields.add(
        &NewField {
            name: &wanted.name,
            kind: wanted.kind,
            options: &wanted.options,
            add_visible: wanted.add_visible,
            at,
            by,
        },
        mint,
    );
    Reply::data(&v2_field(field, &["ui_visibility", "important_fields", "required_fields"]))
}

/// `DELETE /personFields/{field_code}`
pub(super) fn delete(desk: &Desk, call: &Call, entity: Entity) -> Answer {
    let mut company = desk.company();
    let standard = company.fields(entity).get(call.param()).map(|field| !field.custom);
    match standard {
        None => Err(no_field()),
        Some(true) => Err(bad(format!("Field '{}' is not a custom field", call.param()))),
        Some(false) => {
            let removed = company.fields_mut(entity).0.remove(call.param());
            let removed = removed.ok_or_else(no_field)?;
            Reply::data(&v2_field(&removed, &[]))
        }
    }
}

/// `POST /personFields/{field_code}/options`: all of them or none.
pub(super) fn add_options(desk: &Desk, call: &Call, entity: Entity) -> Answer {
    let items = call.array()?;
    let mut company = desk.company();
    let field = field_with_options(&company, entity, call.param())?;
    let mut labels: Vec<String> = Vec::with_capacity(items.len());
    for item in &items {
        let label = label_of(item)?;
        if labels.contains(&label) || field.option_labelled(&label).is_some() {
            return Err(bad(format!("Option '{label}' already exists")));
        }
        labels.push(label);
    }
    let at = company.now();
    let (fields, mint) = company.fields_mut(entity);
    let added = fields.add_options(call.param(), &labels, at, mint);
    changed(&added)
}

/// `PATCH /personFields/{field_code}/options`: all of them or none.
pub(super) fn update_options(desk: &Desk, call: &Call, entity: Entity) -> Answer {
    let items = call.array()?;
    let mut company = desk.company();
    let field = field_with_options(&company, entity, call.param())?;
    let mut labels = Vec::with_capacity(items.len());
    for item in &items {
        let id = existing_option(field, item)?;
        labels.push((id, label_of(item)?));
    }
    let at = company.now();
    let renamed = company.fields_mut(entity).0.rename_options(call.param(), &labels, at);
    changed(&renamed)
}

/// `DELETE /personFields/{field_code}/options`: all of them or none.
pub(super) fn delete_options(desk: &Desk, call: &Call, entity: Entity) -> Answer {
    let items = call.array()?;
    let mut company = desk.company();
    let field = field_with_options(&company, entity, call.param())?;
    let ids = items.iter().map(|item| existing_option(field, item)).collect::<Result<Vec<u64>, Refused>>()?;
    let at = company.now();
    let removed = company.fields_mut(entity).0.remove_options(call.param(), &ids, at);
    changed(&removed)
}

fn changed(options: &[FieldOption]) -> Answer {
    let options: Vec<Value> = options.iter().map(changed_option).collect();
    Reply::with_more(&options, Value::Null)
}

fn field_with_options<'a>(company: &'a Company, entity: Entity, code: &str) -> Result<&'a Field, Refused> {
    let field = company.fields(entity).get(code).ok_or_else(no_field)?;
    if field.custom && field.kind.has_options() {
        Ok(field)
    } else {
        Err(bad(format!("Field '{code}' does not support options")))
    }
}

fn label_of(item: &Value) -> Result<String, Refused> {
    item["label"]
        .as_str()
        .filter(|label| fits(label))
        .map(str::to_owned)
        .ok_or_else(|| bad("label: expected a string of 1 to 255 characters"))
}

fn existing_option(field: &Field, item: &Value) -> Result<u64, Refused> {
    let id = id(&item["id"]).ok_or_else(|| bad("id: expected type 'integer'"))?;
    match field.option(id) {
        Some(_) => Ok(id),
        None => Err(bad(format!("Option {id} does not exist"))),
    }
}

/// A field that somebody wants.
pub(super) struct Wanted {
    pub(super) name: String,
    pub(super) kind: FieldType,
    pub(super) options: Vec<String>,
    pub(super) add_visible: bool,
}

impl Wanted {
    fn read(body: &Map<String, Value>) -> Result<Self, Refused> {
        let mut issues = Issues::default();
        let known =
            ["field_name", "field_type", "options", "ui_visibility", "important_fields", "required_fields"];
        for key in body.keys().filter(|key| !known.contains(&key.as_str())) {
            issues.unknown(key);
        }
        let wanted =
            Self::of(body.get("field_name"), body.get("field_type"), body.get("options"), &mut issues);
        issues.check()?;
        let visible = body.get("ui_visibility").map(|ui| &ui["add_visible_flag"]);
        wanted
            .map(|wanted| Self {
                // "Default is false" (specification).
                add_visible: visible.and_then(Value::as_bool).unwrap_or(false),
                ..wanted
            })
            .ok_or_else(Refused::internal)
    }

    /// Name, type and options, which both versions want in the same form.
    pub(super) fn of(
        name: Option<&Value>,
        kind: Option<&Value>,
        options: Option<&Value>,
        issues: &mut Issues,
    ) -> Option<Self> {
        let name = name.and_then(Value::as_str).filter(|name| fits(name));
        if name.is_none() {
            issues.add("field_name", "expected a string of 1 to 255 characters");
        }
        let kind = kind.and_then(Value::as_str).and_then(FieldType::custom);
        if kind.is_none() {
            issues.add("field_type", "expected the type of a custom field");
        }
        let kind = kind?;
        let options = options_of(kind, options, issues);
        Some(Self { name: name?.to_owned(), kind, options, add_visible: true })
    }
}

/// Options are needed for types that have them, and for these alone.
fn options_of(kind: FieldType, options: Option<&Value>, issues: &mut Issues) -> Vec<String> {
    let Some(options) = options else {
        if kind.has_options() {
            issues.add("options", format!("required for field type '{}'", kind.name()));
        }
        return Vec::new();
    };
    let labels: Option<Vec<String>> =
        options.as_array().filter(|items| !items.is_empty() && kind.has_options()).and_then(|items| {
            let label = |item: &Value| item["label"].as_str().filter(|label| fits(label)).map(str::to_owned);
            items.iter().map(label).collect()
        });
    let Some(labels) = labels else {
        issues.add("options", "expected an array of {label} for types 'enum' and 'set'");
        return Vec::new();
    };
    let mut seen = std::collections::BTreeSet::new();
    if let Some(twice) = labels.iter().find(|label| !seen.insert(label.as_str())) {
        issues.add("options", format!("Option '{twice}' is given twice"));
    }
    labels
}

fn fits(text: &str) -> bool {
    (1..=MAX_NAME).contains(&text.chars().count())
}

fn no_field() -> Refused {
    Refused::not_found("Field")
}

fn bad(why: impl Into<String>) -> Refused {
    let why: String = why.into();
    Refused::v2(StatusCode::BAD_REQUEST, "ERR_SCHEMA_VALIDATION_FAILED", format!("Validation failed: {why}"))
}

impl Company {
    /// Plans cap custom fields; the answer is a 403 whose code begins with
    /// `feature_capping` (official docs, "Core API concepts: responses").
    pub(super) fn check_cap(&self, entity: Entity) -> Result<(), Refused> {
        match self.field_cap {
            Some(cap) if self.fields(entity).custom().count() >= cap => Err(Refused::forbidden(
                "Couldn't add the field. Custom fields limit reached.",
                "feature_capping_custom_fields_limit",
            )),
            _ => Ok(()),
        }
    }
}
