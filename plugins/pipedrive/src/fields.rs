//! Fields: from the API's list to a mapping schema, and from a field to its place in a
//! request.

use outflow_core::{Choice, Field, FieldType, MappingSchema, MaxLength};

use crate::api::FieldInfo;
use crate::entity::Entity;

/// Where a field's value goes in the body of a create or update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A member of the body itself, of this name.
    Body(&'static str),
    /// The list of a person's emails or phones.
    Contacts(ContactKind),
    /// A member of `custom_fields`, by its code.
    Custom,
}

/// Which of a person's lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ContactKind {
    Email,
    Phone,
}

impl ContactKind {
    /// The member of the body.
    pub(crate) fn member(self) -> &'static str {
        match self {
            Self::Email => "emails",
            Self::Phone => "phones",
        }
    }
}

/// The standard fields that can be written (v2 specification, POST and PATCH of persons
/// and organizations). The last group of a person's exists only where contact sync or
/// Campaigns is set up; the list of fields has them then.
const PERSON: &[(&str, Place)] = &[
    ("name", Place::Body("name")),
    ("email", Place::Contacts(ContactKind::Email)),
    ("phone", Place::Contacts(ContactKind::Phone)),
    ("owner_id", Place::Body("owner_id")),
    ("org_id", Place::Body("org_id")),
    ("label_ids", Place::Body("label_ids")),
    ("visible_to", Place::Body("visible_to")),
    ("marketing_status", Place::Body("marketing_status")),
    ("notes", Place::Body("notes")),
    ("birthday", Place::Body("birthday")),
    ("job_title", Place::Body("job_title")),
    ("postal_address", Place::Body("postal_address")),
];

const ORGANIZATION: &[(&str, Place)] = &[
    ("name", Place::Body("name")),
    ("owner_id", Place::Body("owner_id")),
    ("label_ids", Place::Body("label_ids")),
    ("visible_to", Place::Body("visible_to")),
    ("address", Place::Body("address")),
    ("website", Place::Body("website")),
    ("linkedin", Place::Body("linkedin")),
    ("industry", Place::Body("industry")),
    ("annual_revenue", Place::Body("annual_revenue")),
    ("employee_count", Place::Body("employee_count")),
];

/// Where the value of a field that can be written goes.
pub(crate) fn place(entity: Entity, name: &str) -> Place {
    standard(entity, name).unwrap_or(Place::Custom)
}

fn standard(entity: Entity, name: &str) -> Option<Place> {
    let fields = match entity {
        Entity::Person => PERSON,
        Entity::Organization => ORGANIZATION,
    };
    let found = fields.iter().find(|(code, _)| *code == name);
    found.map(|(_, place)| *place)
}

/// The mapping schema of a kind of record. `group_field` holds the groups: no property
/// writes it.
pub(crate) fn schema(entity: Entity, fields: &[FieldInfo], group_field: &str) -> MappingSchema {
    MappingSchema::new(fields.iter().map(|info| {
        let field = field(entity, info);
        if is_group_field(info, group_field) { field.read_only() } else { field }
    }))
}

/// Whether this is the field that holds groups: a custom one, by either of its names.
pub(crate) fn is_group_field(info: &FieldInfo, group_field: &str) -> bool {
    info.is_custom_field && (info.field_name == group_field || info.field_code == group_field)
}

fn field(entity: Entity, info: &FieldInfo) -> Field {
    let name = name_of(info);
    let (field_type, max_length) = type_of(entity, name, &info.field_type);
    let mut field = Field::new(name, field_type.clone()).label(info.field_name.as_str());
    if let Some(length) = max_length {
        field = field.max_length(length);
    }
    let choices = info
        .options
        .iter()
        .flatten()
        .map(|option| Choice { id: option.id.to_string(), label: option.label.clone() });
    field = field.choices(choices.collect());
    let is_writable = if info.is_custom_field {
        field_type != FieldType::Native(UNKNOWN)
    } else {
        standard(entity, name).is_some()
    };
    if !is_writable {
        return field.read_only();
    }
    if !info.is_custom_field && (name == "name" || name == entity.key_field()) {
        return field.required();
    }
    let is_important = matches!(name, "phone" | "org_id" | "owner_id" | "address" | "label_ids");
    if is_important { field.important() } else { field }
}

/// The lists of a person are called as in v1 by some answers, and as in requests by others.
fn name_of(info: &FieldInfo) -> &str {
    match info.field_code.as_str() {
        "emails" if !info.is_custom_field => "email",
        "phones" if !info.is_custom_field => "phone",
        code => code,
    }
}

/// A type this plugin does not know how to write.
const UNKNOWN: &str = "unknown";

/// Text of up to 255 characters, and long text (specification, `field_type`).
const SHORT: Option<MaxLength> = Some(MaxLength::Chars(255));
const LONG: Option<MaxLength> = Some(MaxLength::Chars(65_000));

fn type_of(entity: Entity, name: &str, field_type: &str) -> (FieldType, Option<MaxLength>) {
    match (place(entity, name), name) {
        (Place::Contacts(ContactKind::Email), _) => return (FieldType::Email, SHORT),
        (Place::Contacts(ContactKind::Phone), _) => return (FieldType::PhoneNumber, SHORT),
        (Place::Body(_), "annual_revenue" | "employee_count") => return (FieldType::Integer, None),
        (Place::Body(_), "notes") => return (FieldType::String, Some(MaxLength::Chars(10_000))),
        _ => {}
    }
    match field_type {
        "varchar" | "varchar_auto" | "varchar_options" | "phone" => (FieldType::String, SHORT),
        "text" => (FieldType::String, LONG),
        "double" => (FieldType::Float, None),
        "int" => (FieldType::Integer, None),
        "boolean" => (FieldType::Boolean, None),
        "date" => (FieldType::Date, None),
        "address" => (FieldType::Native("address"), None),
        "monetary" => (FieldType::Native("monetary"), None),
        "enum" => (FieldType::Native("enum"), None),
        "set" => (FieldType::Native("set"), None),
        "visible_to" => (FieldType::Native("visible_to"), None),
        "user" => (FieldType::Native("user"), None),
        "org" => (FieldType::Native("org"), None),
        "people" => (FieldType::Native("people"), None),
        "daterange" => (FieldType::Native("daterange"), None),
        "time" => (FieldType::Native("time"), None),
        "timerange" => (FieldType::Native("timerange"), None),
        _ => (FieldType::Native(UNKNOWN), None),
    }
}
