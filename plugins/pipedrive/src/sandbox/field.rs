//! One field of a person or an organization.

use std::sync::Arc;

/// What kind of record a field, a filter or a record is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Entity {
    /// A person.
    Person,
    /// An organization.
    Organization,
}

impl Entity {
    /// `person`, as in search results and filter conditions.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Organization => "organization",
        }
    }

    /// `Person`, to begin a message with.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Person => "Person",
            Self::Organization => "Organization",
        }
    }

    /// The type of a v1 filter.
    pub(super) fn filter_type(self) -> &'static str {
        match self {
            Self::Person => "people",
            Self::Organization => "org",
        }
    }
}

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldType {
    /// Text of up to 255 characters.
    Varchar,
    /// Text of up to 255 characters that the web application completes.
    VarcharAuto,
    /// Text of up to 65,000 characters.
    Text,
    /// A number.
    Double,
    /// An integer: the type of some standard fields, no type of custom ones.
    Int,
    /// A number and a currency.
    Monetary,
    /// A date.
    Date,
    /// Two dates.
    DateRange,
    /// A time of day.
    Time,
    /// Two times of day.
    TimeRange,
    /// One of the field's options.
    Enum,
    /// Some of the field's options.
    Set,
    /// A user of the company.
    User,
    /// An organization.
    Org,
    /// A person.
    People,
    /// A phone number.
    Phone,
    /// An address.
    Address,
    /// Who may see the record: the type of one standard field.
    VisibleTo,
    /// A picture: the type of one standard field.
    Picture,
}

impl FieldType {
    /// The types a custom field can have, as the specification lists them.
    pub(super) const CUSTOM: [Self; 16] = [
        Self::Varchar,
        Self::Text,
        Self::Double,
        Self::Phone,
        Self::Date,
        Self::DateRange,
        Self::Time,
        Self::TimeRange,
        Self::Set,
        Self::Enum,
        Self::VarcharAuto,
        Self::Address,
        Self::Monetary,
        Self::Org,
        Self::People,
        Self::User,
    ];

    /// The API's name of it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Varchar => "varchar",
            Self::VarcharAuto => "varchar_auto",
            Self::Text => "text",
            Self::Double => "double",
            Self::Int => "int",
            Self::Monetary => "monetary",
            Self::Date => "date",
            Self::DateRange => "daterange",
            Self::Time => "time",
            Self::TimeRange => "timerange",
            Self::Enum => "enum",
            Self::Set => "set",
            Self::User => "user",
            Self::Org => "org",
            Self::People => "people",
            Self::Phone => "phone",
            Self::Address => "address",
            Self::VisibleTo => "visible_to",
            Self::Picture => "picture",
        }
    }

    /// The type of a custom field by the API's name of it.
    pub(super) fn custom(name: &str) -> Option<Self> {
        Self::CUSTOM.into_iter().find(|kind| kind.name() == name)
    }

    /// What the service calls it in messages about custom fields.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::Varchar => "text",
            Self::VarcharAuto => "autocomplete",
            Self::Text => "large text",
            Self::Double => "numerical",
            Self::Int => "integer",
            Self::Monetary => "monetary",
            Self::Date => "date",
            Self::DateRange => "date range",
            Self::Time => "time",
            Self::TimeRange => "time range",
            Self::Enum => "single option",
            Self::Set => "multiple options",
            Self::User => "user",
            Self::Org => "organization",
            Self::People => "person",
            Self::Phone => "phone",
            Self::Address => "address",
            Self::VisibleTo => "visibility",
            Self::Picture => "picture",
        }
    }

    /// Whether its values are chosen from the field's own options.
    pub(super) fn has_options(self) -> bool {
        matches!(self, Self::Enum | Self::Set)
    }

    /// The types that search looks into, as the specification lists them.
    pub(super) fn is_searchable(self) -> bool {
        matches!(
            self,
            Self::Address
                | Self::Varchar
                | Self::Text
                | Self::VarcharAuto
                | Self::Double
                | Self::Monetary
                | Self::Phone
        )
    }

    /// Its parts beside the value: suffix of the v1 key, display name (`$` stands for the
    /// field's own) and type.
    pub(super) fn parts(self) -> &'static [(&'static str, &'static str, &'static str)] {
        match self {
            Self::Monetary => &[("currency", "Currency of $", "varchar")],
            Self::Time => &[("timezone_id", "Timezone", "int")],
            Self::TimeRange => &[("until", "End time of $", "time"), ("timezone_id", "Timezone", "int")],
            Self::DateRange => &[("until", "End date of $", "date")],
            Self::Address => &ADDRESS_PARTS,
            _ => &[],
        }
    }
}

const ADDRESS_PARTS: [(&str, &str, &str); 10] = [
    ("subpremise", "Apartment/suite no", "varchar"),
    ("street_number", "House number", "varchar"),
    ("route", "Street/road name", "varchar"),
    ("sublocality", "District/sublocality", "varchar"),
    ("locality", "City/town/village/locality", "varchar"),
    ("admin_area_level_1", "State/county", "varchar"),
    ("admin_area_level_2", "Region", "varchar"),
    ("country", "Country", "varchar"),
    ("postal_code", "ZIP/Postal code", "varchar"),
    ("formatted_address", "Full/combined address", "varchar"),
];

/// One choice of an `enum` or `set` field.
#[derive(Clone, Debug)]
pub(super) struct FieldOption {
    pub(super) id: u64,
    pub(super) label: String,
    /// Labels have a colour; options of custom fields have none.
    pub(super) color: Option<&'static str>,
    /// When it was made, in seconds; unknown for what came with the company.
    pub(super) add_time: Option<i64>,
    pub(super) update_time: Option<i64>,
}

/// Which version of the API shows a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Both,
    V1,
    V2,
}

/// The flags that only v1 shows.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Flags {
    pub(super) json_column: bool,
    pub(super) index_visible: bool,
    pub(super) details_visible: bool,
    pub(super) add_visible: bool,
    pub(super) bulk_edit: bool,
    pub(super) searchable: bool,
    pub(super) filtering: bool,
    pub(super) sortable: bool,
    pub(super) mandatory: bool,
}

impl Flags {
    /// From letters, so that a schema fits into a table: `J`son column, `I`ndex,
    /// `D`etails and `A`dd visible, `B`ulk edit, searchable (`b`), `F`iltering, `S`ortable,
    /// `M`andatory.
    pub(super) fn of(letters: &str) -> Self {
        Self {
            json_column: letters.contains('J'),
            index_visible: letters.contains('I'),
            details_visible: letters.contains('D'),
            add_visible: letters.contains('A'),
            bulk_edit: letters.contains('B'),
            searchable: letters.contains('b'),
            filtering: letters.contains('F'),
            sortable: letters.contains('S'),
            mandatory: letters.contains('M'),
        }
    }
}

/// A field.
#[derive(Clone, Debug)]
pub(super) struct Field {
    /// The id by which v1, and filters, know it.
    pub(super) id: u32,
    /// The name by which records and v2 know it: a hash for custom fields.
    pub(super) code: Arc<str>,
    pub(super) name: String,
    pub(super) kind: FieldType,
    pub(super) options: Option<Vec<FieldOption>>,
    pub(super) custom: bool,
    /// Whether records show it only when asked.
    pub(super) optional: bool,
    pub(super) shown: Shown,
    pub(super) order_nr: u32,
    pub(super) add_time: i64,
    pub(super) update_time: i64,
    pub(super) made_by: Option<u64>,
    pub(super) flags: Flags,
    /// Further attributes of v1, such as where the web application links it to.
    pub(super) links: &'static [(&'static str, &'static str)],
}

impl Field {
    pub(super) fn option(&self, id: u64) -> Option<&FieldOption> {
        self.options.as_deref()?.iter().find(|option| option.id == id)
    }

    pub(super) fn option_labelled(&self, label: &str) -> Option<&FieldOption> {
        self.options.as_deref()?.iter().find(|option| option.label == label)
    }
}
