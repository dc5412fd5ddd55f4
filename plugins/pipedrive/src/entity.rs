//! The two kinds of record the plugin writes, and what the API calls them.

use outflow_core::Key;

use crate::api::{FoundItem, Record};

/// A kind of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Entity {
    Person,
    Organization,
}

/// The names of the calls that concern one kind of record, in logs and counts.
#[derive(Debug)]
pub(crate) struct Operations {
    pub(crate) create: &'static str,
    pub(crate) update: &'static str,
    pub(crate) delete: &'static str,
    pub(crate) get: &'static str,
    pub(crate) list: &'static str,
    pub(crate) search: &'static str,
    pub(crate) list_fields: &'static str,
    pub(crate) create_field: &'static str,
    pub(crate) create_options: &'static str,
    pub(crate) list_field_ids: &'static str,
}

const PERSON: Operations = Operations {
    create: "create_person",
    update: "update_person",
    delete: "delete_person",
    get: "get_person",
    list: "list_persons",
    search: "search_persons",
    list_fields: "list_person_fields",
    create_field: "create_person_field",
    create_options: "create_person_field_options",
    list_field_ids: "list_person_field_ids",
};

const ORGANIZATION: Operations = Operations {
    create: "create_organization",
    update: "update_organization",
    delete: "delete_organization",
    get: "get_organization",
    list: "list_organizations",
    search: "search_organizations",
    list_fields: "list_organization_fields",
    create_field: "create_organization_field",
    create_options: "create_organization_field_options",
    list_field_ids: "list_organization_field_ids",
};

impl Entity {
    pub(crate) fn operations(self) -> &'static Operations {
        match self {
            Self::Person => &PERSON,
            Self::Organization => &ORGANIZATION,
        }
    }

    /// Its records, in both versions of the API.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Person => "persons",
            Self::Organization => "organizations",
        }
    }

    /// Its fields, in both versions of the API.
    pub(crate) fn fields_path(self) -> &'static str {
        match self {
            Self::Person => "personFields",
            Self::Organization => "organizationFields",
        }
    }

    /// The field that finds a record: the key.
    pub(crate) fn key_field(self) -> &'static str {
        match self {
            Self::Person => "email",
            Self::Organization => "name",
        }
    }

    /// What a saved filter of its records is called.
    pub(crate) fn filter_type(self) -> &'static str {
        match self {
            Self::Person => "people",
            Self::Organization => "org",
        }
    }

    /// What a condition of a saved filter calls it.
    pub(crate) fn filter_object(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Organization => "organization",
        }
    }

    /// The form in which equal keys are equal. Pipedrive takes emails for equal in any
    /// case; names of organizations are different when they differ in anything.
    pub(crate) fn normalize(self, key: &str) -> Key {
        let key = key.trim();
        match self {
            Self::Person => Key::new(key.to_lowercase()),
            Self::Organization => Key::from(key),
        }
    }

    /// The keys a record holds: each of a person's emails finds that person.
    pub(crate) fn keys_of(self, record: &Record) -> Vec<Key> {
        match self {
            Self::Person => self.normalized(record.emails().iter().map(|email| email.value.as_str())),
            Self::Organization => self.normalized(record.name.as_deref()),
        }
    }

    /// The same of a record as the search shows it.
    pub(crate) fn keys_of_found(self, item: &FoundItem) -> Vec<Key> {
        match self {
            Self::Person => self.normalized(item.emails.iter().flatten().map(String::as_str)),
            Self::Organization => self.normalized(item.name.as_deref()),
        }
    }

    fn normalized<'a>(self, texts: impl IntoIterator<Item = &'a str>) -> Vec<Key> {
        texts.into_iter().map(|text| self.normalize(text)).filter(|key| !key.as_str().is_empty()).collect()
    }
}
