//! Mappings: which field of a tool each attribute of a profile goes to.

use outflow_core::{Properties, Value};

use super::profiles::{Attribute, Profile};

/// How profiles are written to one destination.
pub(super) struct Mapping {
    pub(super) app: &'static str,
    pub(super) connection: &'static str,
    pub(super) fields: &'static [MappedField],
}

/// One field.
pub(super) struct MappedField {
    pub(super) attribute: Attribute,
    /// The property's name: what a person calls the field, or what the API does.
    pub(super) property: &'static str,
    /// Where the sandbox shows it in a record.
    pub(super) shown_as: &'static str,
}

const fn field(attribute: Attribute, property: &'static str, shown_as: &'static str) -> MappedField {
    MappedField { attribute, property, shown_as }
}

/// The destinations of the demo, as a person would set them up on a mapping screen.
pub(super) const MAPPINGS: &[Mapping] = &[
    Mapping {
        app: "marketo",
        connection: "marketo-leads-export",
        fields: &[
            field(Attribute::Email, "email", "email"),
            field(Attribute::FirstName, "First Name", "firstName"),
            field(Attribute::LastName, "Last Name", "lastName"),
            field(Attribute::JobTitle, "title", "title"),
            field(Attribute::City, "city", "city"),
            field(Attribute::Phone, "phone", "phone"),
            field(Attribute::Score, "leadScore", "leadScore"),
            field(Attribute::SignedUp, "date_field", "date_field"),
        ],
    },
    Mapping {
        app: "pipedrive",
        connection: "pipedrive-persons-export",
        fields: &[
            field(Attribute::Email, "Email", "emails"),
            field(Attribute::FullName, "Name", "name"),
            field(Attribute::Phone, "Phone", "phones"),
            field(Attribute::Company, "text_field", "text_field"),
            field(Attribute::Score, "numerical_field", "numerical_field"),
            field(Attribute::SignedUp, "date_field", "date_field"),
        ],
    },
];

impl Mapping {
    /// The properties of a profile for this destination. What a profile does not hold is
    /// left out, which clears what was acknowledged before.
    pub(super) fn properties(&self, profile: &Profile) -> Properties {
        let mapped =
            self.fields.iter().filter_map(|field| Some((field.property, profile.value(field.attribute)?)));
        mapped
            .chain(profile.stray_property())
            .map(|(name, value): (&str, Value)| (name.to_owned(), value))
            .collect()
    }
}
