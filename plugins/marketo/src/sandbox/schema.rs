//! The fields of a person, and the four ways the API describes them.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::{Value, json};

use super::standard_fields::FIELDS;

/// Where a field stands in the schema.
pub(super) type FieldIndex = u16;

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataType {
    /// Up to 255 characters, unless the field says otherwise.
    String,
    /// A text area: up to 30,000 bytes.
    Text,
    /// A URL with its protocol.
    Url,
    /// An amount of money.
    Currency,
    /// A whole number of 32 bits.
    Integer,
    /// The id of another object.
    Reference,
    /// True or false; never null.
    Boolean,
    /// A phone number, in any form.
    Phone,
    /// An email address, ASCII only.
    Email,
    /// A day.
    Date,
    /// An instant, to the second.
    Datetime,
    /// A number.
    Float,
    /// A whole number of percent.
    Percent,
    /// A whole number that campaigns add to.
    Score,
}

impl DataType {
    /// Its name in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Text => "text",
            Self::Url => "url",
            Self::Currency => "currency",
            Self::Integer => "integer",
            Self::Reference => "reference",
            Self::Boolean => "boolean",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Date => "date",
            Self::Datetime => "datetime",
            Self::Float => "float",
            Self::Percent => "percent",
            Self::Score => "score",
        }
    }

    /// The type that a custom field can be created with, by its name in the API.
    pub(super) fn of_custom_field(name: &str) -> Option<Self> {
        const TYPES: &[DataType] = &[
            DataType::Boolean,
            DataType::Currency,
            DataType::Date,
            DataType::Datetime,
            DataType::Email,
            DataType::Float,
            DataType::Integer,
            DataType::Percent,
            DataType::Phone,
            DataType::Score,
            DataType::String,
            DataType::Url,
        ];
        TYPES.iter().copied().find(|data_type| data_type.name() == name)
    }

    pub(super) const fn default_length(self) -> Option<u32> {
        match self {
            Self::String | Self::Url | Self::Phone | Self::Email => Some(255),
            _ => None,
        }
    }

    /// Whether leads can be found by a custom field of this type (swagger: "string,
    /// email, or integer types only").
    const fn is_searchable(self) -> bool {
        matches!(self, Self::String | Self::Email | Self::Integer)
    }
}

/// Whose field it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    Person,
    /// Of the person's company: not to be written with the person (1021).
    Company,
}

/// The name in the old SOAP API, which describe still shows.
#[derive(Clone, Copy, Debug)]
pub(super) enum SoapName {
    None,
    Capitalised,
    SameAsRest,
    Named(&'static str),
}

#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: Cow<'static, str>,
    pub(super) display_name: Cow<'static, str>,
    pub(super) data_type: DataType,
    pub(super) length: Option<u32>,
    pub(super) read_only: bool,
    pub(super) owner: Owner,
    pub(super) soap: SoapName,
    pub(super) custom: bool,
    pub(super) api_created: bool,
    /// An administrator hid it: it is in no description but the schema's own, and no
    /// call can name it.
    pub(super) hidden: bool,
}

/// Standard fields by which leads can be found, beside the custom ones.
const SEARCHABLE: &[&str] = &["email", "id", "cookies", "leadPartitionId"];

impl Field {
    fn is_searchable(&self) -> bool {
        SEARCHABLE.contains(&&*self.name) || (self.custom && self.data_type.is_searchable())
    }

    /// `describe` says that `id` can be written; only `describe2` tells the truth.
    fn is_updateable(&self) -> bool {
        !self.read_only && self.name != "id"
    }

    fn soap_name(&self) -> Option<String> {
        let name = &self.name;
        match self.soap {
            SoapName::None => None,
            SoapName::SameAsRest => Some(name.to_string()),
            SoapName::Named(name) => Some(name.to_owned()),
            SoapName::Capitalised => {
                let (first, rest) = name.split_at_checked(1)?;
                Some(first.to_ascii_uppercase() + rest)
            }
        }
    }

    fn describe(&self, id: usize) -> Value {
        let mut entry = json!({
            "id": id,
            "displayName": self.display_name,
            "dataType": self.data_type.name(),
            "rest": { "name": self.name, "readOnly": self.read_only },
        });
        if let Some(length) = self.length {
            entry["length"] = length.into();
        }
        if let Some(name) = self.soap_name() {
            entry["soap"] = json!({ "name": name, "readOnly": false });
        }
        entry
    }

    fn describe2(&self) -> Value {
        let mut entry = json!({
            "name": self.name,
            "displayName": self.display_name,
            "dataType": self.data_type.name(),
            "updateable": self.is_updateable(),
            "crmManaged": false,
        });
        if let Some(length) = self.length {
            entry["length"] = length.into();
        }
        entry
    }

    fn schema_entry(&self) -> Value {
        let mut entry = json!({
            "displayName": self.display_name,
            "name": self.name,
            "description": "",
            "dataType": self.data_type.name(),
            "isHidden": self.hidden,
            "isHtmlEncodingInEmail": true,
            "isSensitive": false,
            "isCustom": self.custom,
            "isApiCreated": self.api_created,
        });
        if let Some(length) = self.length {
            entry["length"] = length.into();
        }
        entry
    }
}

/// The fields of an instance. Fields can be added, never removed.
pub(super) struct Schema {
    fields: Vec<Field>,
    /// The name of each field as JSON, with its colon, ready to be written into a record.
    json_keys: Vec<Box<str>>,
    by_name: HashMap<Cow<'static, str>, FieldIndex>,
}

impl Schema {
    pub(super) fn standard() -> Self {
        let mut schema = Self {
            fields: Vec::with_capacity(FIELDS.len()),
            json_keys: Vec::with_capacity(FIELDS.len()),
            by_name: HashMap::new(),
        };
        for field in FIELDS {
            schema.add(field.clone());
        }
        schema
    }

    /// Adds a custom field; false when its name is taken.
    pub(super) fn add_custom(&mut self, name: &str, display_name: &str, data_type: DataType) -> bool {
        if self.by_name.contains_key(name) {
            return false;
        }
        self.add(Field {
            name: name.to_owned().into(),
            display_name: display_name.to_owned().into(),
            data_type,
            length: data_type.default_length(),
            read_only: false,
            owner: Owner::Person,
            soap: SoapName::SameAsRest,
            custom: true,
            api_created: true,
            hidden: false,
        });
        true
    }

    fn add(&mut self, field: Field) {
        let Ok(index) = FieldIndex::try_from(self.fields.len()) else {
            return;
        };
        self.json_keys.push(format!("{}:", Value::from(&*field.name)).into_boxed_str());
        self.by_name.insert(field.name.clone(), index);
        self.fields.push(field);
    }

    /// Hides a field. Whether there was one.
    pub(super) fn hide(&mut self, name: &str) -> bool {
        let field = self.by_name.remove(name).and_then(|index| self.fields.get_mut(usize::from(index)));
        field.map(|field| field.hidden = true).is_some()
    }

    fn visible(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| !field.hidden)
    }

    pub(super) fn index(&self, name: &str) -> Option<FieldIndex> {
        self.by_name.get(name).copied()
    }

    pub(super) fn get(&self, name: &str) -> Option<(FieldIndex, &Field)> {
        let index = self.index(name)?;
        Some((index, self.fields.get(usize::from(index))?))
    }

    pub(super) fn field(&self, index: FieldIndex) -> Option<&Field> {
        self.fields.get(usize::from(index))
    }

    pub(super) fn json_key(&self, index: FieldIndex) -> &str {
        self.json_keys.get(usize::from(index)).map_or("", |key| key)
    }

    pub(super) fn is_searchable(&self, name: &str) -> bool {
        self.get(name).is_some_and(|(_, field)| field.is_searchable())
    }

    pub(super) fn describe(&self) -> Vec<Value> {
        let numbered = self.fields.iter().zip(1..).filter(|(field, _)| !field.hidden);
        numbered.map(|(field, id)| field.describe(id)).collect()
    }

    pub(super) fn describe2(&self) -> Value {
        let searchable = self.visible().filter(|field| field.is_searchable());
        let searchable: Vec<Value> = searchable.map(|field| json!([field.name])).collect();
        let fields: Vec<Value> = self.visible().map(Field::describe2).collect();
        json!({ "name": "API Lead", "searchableFields": searchable, "fields": fields })
    }

    pub(super) fn schema_entries(&self) -> Vec<Value> {
        self.fields.iter().map(Field::schema_entry).collect()
    }
}
