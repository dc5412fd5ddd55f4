//! Mapping schema: the fields a destination has, and what each takes.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;

/// What a destination's field takes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FieldType {
    /// True or false.
    Boolean,
    /// A whole number.
    Integer,
    /// Any number.
    Float,
    /// Text.
    String,
    /// An email address.
    Email,
    /// A phone number.
    PhoneNumber,
    /// A URL with its scheme.
    Url,
    /// A calendar day.
    Date,
    /// An instant.
    Datetime,
    /// Several strings.
    Array,
    /// A type of the tool's own (`monetary`, `set`, …): the connection converts it,
    /// the engine passes the value as it is.
    Native(&'static str),
}

impl FieldType {
    /// The name used in messages and mapping screens.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Float => "float",
            Self::String => "string",
            Self::Email => "email",
            Self::PhoneNumber => "phone number",
            Self::Url => "url",
            Self::Date => "date",
            Self::Datetime => "datetime",
            Self::Array => "array",
            Self::Native(name) => name,
        }
    }
}

/// How long a text may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MaxLength {
    /// So many Unicode characters.
    Chars(usize),
    /// So many bytes of UTF-8.
    Bytes(usize),
}

/// One field of a destination.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Field {
    /// The name the API knows it by.
    pub name: String,
    /// The name people know it by. Properties may use either.
    pub label: String,
    /// What it takes.
    #[serde(rename = "type")]
    pub field_type: FieldType,
    /// A record cannot be created without it.
    pub required: bool,
    /// A mapping screen shows it first.
    pub important: bool,
    /// It cannot be written.
    pub read_only: bool,
    /// How long its text may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_length: Option<MaxLength>,
    /// The choices of a choice field, by label.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
}

/// One choice of a choice field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// The tool's id of the choice.
    pub id: String,
    /// What people read.
    pub label: String,
}

impl Field {
    /// An optional, writeable field whose label is its name.
    pub fn new(name: impl Into<String>, field_type: FieldType) -> Self {
        let name = name.into();
        Self {
            label: name.clone(),
            name,
            field_type,
            required: false,
            important: false,
            read_only: false,
            max_length: None,
            choices: Vec::new(),
        }
    }

    /// Gives the name people know it by.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// A record cannot be created without it. It is then important, too.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self.important = true;
        self
    }

    /// A mapping screen shows it first.
    #[must_use]
    pub fn important(mut self) -> Self {
        self.important = true;
        self
    }

    /// It cannot be written.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// Bounds its text.
    #[must_use]
    pub fn max_length(mut self, length: MaxLength) -> Self {
        self.max_length = Some(length);
        self
    }

    /// Gives the choices of a choice field.
    #[must_use]
    pub fn choices(mut self, choices: Vec<Choice>) -> Self {
        self.choices = choices;
        self
    }
}

/// Whether properties that no field has may be written all the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownFields {
    /// No: the export is rejected, naming the property.
    #[default]
    Rejected,
    /// Yes: the tool makes them up, as strings.
    MadeUp,
}

/// The fields a destination has.
///
/// ```
/// use outflow_core::{Field, FieldType, MappingSchema};
///
/// let schema = MappingSchema::new([
///     Field::new("email", FieldType::Email).label("Email Address").required(),
///     Field::new("score", FieldType::Integer),
/// ]);
/// assert_eq!(schema.find("Email Address").unwrap().1.name, "email");
/// ```
#[derive(Clone, Debug, Serialize)]
pub struct MappingSchema {
    fields: Arc<[Field]>,
    unknown_fields: UnknownFields,
    #[serde(skip)]
    by_name: Arc<HashMap<Box<str>, Found>>,
}

#[derive(Clone, Copy, Debug)]
enum Found {
    One(usize),
    Several,
}

/// Why a property has no field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoField {
    /// No field has this name or label.
    Unknown,
    /// Several fields have this label: the API's name must be used.
    Ambiguous,
}

impl MappingSchema {
    /// A schema of these fields, which refuses unknown ones.
    pub fn new(fields: impl IntoIterator<Item = Field>) -> Self {
        let fields: Arc<[Field]> = fields.into_iter().collect();
        let mut by_name = HashMap::with_capacity(fields.len() * 2);
        for (index, field) in fields.iter().enumerate() {
            let label = field.label.as_str().into();
            by_name.entry(label).and_modify(|found| *found = Found::Several).or_insert(Found::One(index));
        }
        // A name the API knows wins over another field's label.
        for (index, field) in fields.iter().enumerate() {
            by_name.insert(field.name.as_str().into(), Found::One(index));
        }
        Self { fields, unknown_fields: UnknownFields::Rejected, by_name: Arc::new(by_name) }
    }

    /// Lets the tool make up fields it does not have.
    #[must_use]
    pub fn with_unknown_fields(mut self, unknown_fields: UnknownFields) -> Self {
        self.unknown_fields = unknown_fields;
        self
    }

    /// The fields, in the tool's order.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Whether properties that no field has may be written.
    #[must_use]
    pub fn unknown_fields(&self) -> UnknownFields {
        self.unknown_fields
    }

    /// The same schema with one more field, a string that the tool makes up. The places of
    /// the other fields stay.
    #[must_use]
    pub(crate) fn with_made_up(&self, name: &str) -> Self {
        let made_up = Field::new(name, FieldType::String);
        Self::new(self.fields.iter().cloned().chain([made_up])).with_unknown_fields(self.unknown_fields)
    }

    /// The field that a property names, by the API's name or by its label.
    ///
    /// # Errors
    /// [`NoField`] when there is none, or when the label is not unique.
    pub fn find(&self, name: &str) -> Result<(usize, &Field), NoField> {
        match self.by_name.get(name) {
            Some(Found::One(index)) => Ok((*index, &self.fields[*index])),
            Some(Found::Several) => Err(NoField::Ambiguous),
            None => Err(NoField::Unknown),
        }
    }
}
