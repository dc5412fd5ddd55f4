//! The fields of a lead: from Marketo's description to a mapping schema.

use outflow_core::{Error, Field, FieldType, MappingSchema, MaxLength, Result};

use crate::api::{DescribedField, Description, ID};

/// Fields that a mapping screen shows first.
const IMPORTANT: [&str; 3] = ["email", "firstName", "lastName"];

/// A text area holds so many bytes, not characters [doc].
const TEXT_AREA_BYTES: usize = 30_000;

/// The mapping schema of an instance whose leads are found by `lookup_field`.
pub(crate) fn schema_of(description: Description, lookup_field: &str) -> Result<MappingSchema> {
    check_lookup_field(&description, lookup_field)?;
    let fields = description.fields.into_iter().map(|field| describe(field, lookup_field));
    Ok(MappingSchema::new(fields))
}

/// Marketo refuses every record alike (1011) when it cannot look leads up by the field:
/// said here, once, before anything is sent.
fn check_lookup_field(description: &Description, lookup_field: &str) -> Result<()> {
    let mut searchable = description.searchable_fields.iter().filter_map(|fields| match &fields[..] {
        // A new lead has no id yet.
        [field] if field != ID => Some(field.as_str()),
        _ => None,
    });
    if searchable.clone().any(|field| field == lookup_field) {
        return Ok(());
    }
    let advice = match searchable.next() {
        Some(first) => {
            let names: Vec<&str> = std::iter::once(first).chain(searchable).collect();
            format!("it can by {}", names.join(", "))
        }
        None => "it names no field that it can look leads up by".to_owned(),
    };
    Err(Error::configuration(format!(
        "the option \"lookup_field\" is {lookup_field:?}, and Marketo cannot look leads up by that; {advice}"
    ))
    .with_code("invalid_option")
    .with_field("lookup_field"))
}

fn describe(field: DescribedField, lookup_field: &str) -> Field {
    let data_type = field.data_type.as_str();
    let max_length = match data_type {
        "text" | "textarea" => Some(MaxLength::Bytes(TEXT_AREA_BYTES)),
        _ => field.length.map(MaxLength::Chars),
    };
    // What Marketo computes says `updateable` in some instances, and is never written.
    let computed = matches!(data_type, "formula" | "lead_function");
    let mut described = Field::new(field.name, field_type(data_type));
    if !field.display_name.is_empty() {
        described.label = field.display_name;
    }
    described.max_length = max_length.filter(|_| is_text(&described.field_type));
    described.read_only = computed || !field.updateable;
    described.important = IMPORTANT.contains(&described.name.as_str());
    if described.name == lookup_field {
        described = described.required();
    }
    described
}

/// The types of "Field Types" in Marketo's documentation. An unknown one is text: the
/// engine then passes what the host has, and Marketo says what it thinks of it.
fn field_type(data_type: &str) -> FieldType {
    match data_type {
        "boolean" => FieldType::Boolean,
        // `14.1` and `100%` are refused by all three [rec].
        "integer" | "score" | "percent" => FieldType::Integer,
        "float" | "currency" => FieldType::Float,
        "date" => FieldType::Date,
        "datetime" => FieldType::Datetime,
        "email" => FieldType::Email,
        "phone" => FieldType::PhoneNumber,
        "url" => FieldType::Url,
        _ => FieldType::String,
    }
}

fn is_text(field_type: &FieldType) -> bool {
    matches!(field_type, FieldType::String | FieldType::Email | FieldType::PhoneNumber | FieldType::Url)
}
