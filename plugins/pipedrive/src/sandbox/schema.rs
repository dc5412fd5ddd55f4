//! The fields every company has, and custom fields of every type to begin with.
//!
//! Keys, names, types, order and flags are those that a real account showed through v1
//! in 2021. The fields that only v2 shows are those of its specification of 2026:
//! `label_ids` took the place of `label`, and organizations gained five fields.

use super::field::{Entity, FieldType, Flags, Shown};

/// One row of a schema.
pub(super) struct Row {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) kind: FieldType,
    pub(super) order_nr: u32,
    pub(super) flags: &'static str,
    pub(super) shown: Shown,
    pub(super) optional: bool,
    pub(super) options: &'static [(u64, &'static str, Option<&'static str>)],
    pub(super) links: &'static [(&'static str, &'static str)],
}

impl Row {
    const fn new(
        code: &'static str,
        name: &'static str,
        kind: FieldType,
        order_nr: u32,
        flags: &'static str,
    ) -> Self {
        Self {
            code,
            name,
            kind,
            order_nr,
            flags,
            shown: Shown::Both,
            optional: false,
            options: &[],
            links: &[],
        }
    }

    /// Shown in records of v2 only when asked for with `include_fields`.
    const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    const fn shown(mut self, shown: Shown) -> Self {
        self.shown = shown;
        self
    }

    const fn options(mut self, options: &'static [(u64, &'static str, Option<&'static str>)]) -> Self {
        self.options = options;
        self
    }

    const fn links(mut self, links: &'static [(&'static str, &'static str)]) -> Self {
        self.links = links;
        self
    }

    pub(super) fn v1_flags(&self) -> Flags {
        Flags::of(self.flags)
    }
}

/// Flags of a field people write to, of one they only read, and of one in between.
const WRITTEN: &str = "IDABFS";
const READ: &str = "IFSM";

const VISIBILITY: &[(u64, &str, Option<&str>)] =
    &[(1, "owner & followers", None), (3, "entire company", None)];

const PERSON_LABELS: &[(u64, &str, Option<&str>)] = &[
    (1, "Customer", Some("green")),
    (2, "Hot lead", Some("red")),
    (3, "Warm lead", Some("yellow")),
    (4, "Cold lead", Some("blue")),
];

const ORGANIZATION_LABELS: &[(u64, &str, Option<&str>)] = &[
    (5, "Customer", Some("green")),
    (6, "Hot lead", Some("red")),
    (7, "Warm lead", Some("yellow")),
    (8, "Cold lead", Some("blue")),
];

const INDUSTRIES: &[(u64, &str, Option<&str>)] = &[
    (1, "Agriculture", None),
    (2, "Construction", None),
    (3, "Education", None),
    (4, "Finance", None),
    (5, "Health care", None),
    (6, "Manufacturing", None),
    (7, "Retail", None),
    (8, "Software", None),
];

const OWNER_LINKS: &[(&str, &str)] = &[("use_field", "owner_id"), ("display_field", "owner_name")];

use FieldType::{Address, Date, Double, Enum, Int, Org, Phone, Picture, Set, User, Varchar, VisibleTo};

const PERSON: &[Row] = &[
    Row::new("name", "Name", Varchar, 1, "IABFSM").links(&[("use_field", "id"), ("link", "/person/")]),
    Row::new("label", "Label", Enum, 2, WRITTEN).options(PERSON_LABELS).shown(Shown::V1),
    Row::new("label_ids", "Labels", Set, 2, WRITTEN).options(PERSON_LABELS).shown(Shown::V2),
    Row::new("first_name", "First name", Varchar, 2, "IDBFS"),
    Row::new("last_name", "Last name", Varchar, 2, "IDBFS"),
    Row::new("phone", "Phone", Phone, 3, WRITTEN),
    Row::new("email", "Email", Varchar, 4, WRITTEN),
    Row::new("add_time", "Person created", Date, 5, READ),
    Row::new("update_time", "Update time", Date, 6, READ),
    Row::new("org_id", "Organization", Org, 7, WRITTEN).links(&[
        ("use_field", "org_id"),
        ("display_field", "org_name"),
        ("link", "/organization/"),
        ("autocomplete", "org_autocomplete"),
    ]),
    Row::new("owner_id", "Owner", User, 8, "IDABFSM").links(OWNER_LINKS),
    Row::new("open_deals_count", "Open deals", Double, 9, READ).optional(),
    Row::new("visible_to", "Visible to", VisibleTo, 10, "IDBFSM").options(VISIBILITY),
    Row::new("next_activity_date", "Next activity date", Date, 11, READ).shown(Shown::V1),
    Row::new("last_activity_date", "Last activity date", Date, 12, READ).shown(Shown::V1),
    Row::new("id", "ID", Int, 13, READ),
    Row::new("won_deals_count", "Won deals", Int, 14, READ).optional(),
    Row::new("lost_deals_count", "Lost deals", Int, 15, READ).optional(),
    Row::new("closed_deals_count", "Closed deals", Int, 16, READ).optional(),
    Row::new("activities_count", "Total activities", Int, 17, READ).optional(),
    Row::new("done_activities_count", "Done activities", Int, 18, READ).optional(),
    Row::new("undone_activities_count", "Activities to do", Int, 19, READ).optional(),
    Row::new("email_messages_count", "Email messages count", Int, 20, READ).optional(),
    Row::new("picture_id", "Profile picture", Picture, 21, READ),
    Row::new("last_incoming_mail_time", "Last email received", Date, 22, READ).optional(),
    Row::new("last_outgoing_mail_time", "Last email sent", Date, 23, READ).optional(),
];

const ORGANIZATION: &[Row] = &[
    Row::new("name", "Name", Varchar, 1, "IABFSM").links(&[("use_field", "id"), ("link", "/organization/")]),
    Row::new("label", "Label", Enum, 2, WRITTEN).options(ORGANIZATION_LABELS).shown(Shown::V1),
    Row::new("label_ids", "Labels", Set, 2, WRITTEN).options(ORGANIZATION_LABELS).shown(Shown::V2),
    Row::new("owner_id", "Owner", User, 3, "IDABFSM").links(OWNER_LINKS),
    Row::new("people_count", "People", Double, 4, READ).optional(),
    Row::new("open_deals_count", "Open deals", Double, 5, READ).optional(),
    Row::new("add_time", "Organization created", Date, 6, READ),
    Row::new("update_time", "Update time", Date, 7, READ),
    Row::new("visible_to", "Visible to", VisibleTo, 8, "IDBFSM").options(VISIBILITY),
    Row::new("next_activity_date", "Next activity date", Date, 9, READ).shown(Shown::V1),
    Row::new("last_activity_date", "Last activity date", Date, 10, READ).shown(Shown::V1),
    Row::new("id", "ID", Int, 11, READ),
    Row::new("won_deals_count", "Won deals", Int, 12, READ).optional(),
    Row::new("lost_deals_count", "Lost deals", Int, 13, READ).optional(),
    Row::new("closed_deals_count", "Closed deals", Int, 14, READ).optional(),
    Row::new("activities_count", "Total activities", Int, 15, READ).optional(),
    Row::new("done_activities_count", "Done activities", Int, 16, READ).optional(),
    Row::new("undone_activities_count", "Activities to do", Int, 17, READ).optional(),
    Row::new("email_messages_count", "Email messages count", Int, 18, READ).optional(),
    Row::new("picture_id", "Profile picture", Picture, 19, READ),
    Row::new("address", "Address", Address, 20, "IDABbFS"),
    Row::new("website", "Website", Varchar, 21, WRITTEN).shown(Shown::V2),
    Row::new("linkedin", "LinkedIn profile", Varchar, 21, WRITTEN).shown(Shown::V2),
    Row::new("industry", "Industry", Enum, 21, WRITTEN).options(INDUSTRIES).shown(Shown::V2),
    Row::new("annual_revenue", "Annual revenue", Int, 21, WRITTEN).shown(Shown::V2),
    Row::new("employee_count", "Number of employees", Int, 21, WRITTEN).shown(Shown::V2),
];

/// A custom field the sandbox begins with.
pub(super) struct Sample {
    pub(super) name: &'static str,
    pub(super) kind: FieldType,
    pub(super) options: &'static [&'static str],
}

const fn sample(name: &'static str, kind: FieldType) -> Sample {
    Sample { name, kind, options: &[] }
}

const PERSON_SAMPLES: &[Sample] = &[
    sample("text_field", Varchar),
    sample("large_text_field", FieldType::Text),
    Sample { name: "single_option_field", kind: Enum, options: &["Option 1", "Option 2", "Option 3"] },
    Sample { name: "multiple_option_field", kind: Set, options: &["Option 1", "Option 2", "Option 3"] },
    sample("autocomplete_field", FieldType::VarcharAuto),
    sample("numerical_field", Double),
    sample("monetary_field", FieldType::Monetary),
    sample("user_field", User),
    sample("organization_field", Org),
    sample("person_field", FieldType::People),
    sample("phone_field", Phone),
    sample("time_field", FieldType::Time),
    sample("time_range_field", FieldType::TimeRange),
    sample("date_field", Date),
    sample("date_range_field", FieldType::DateRange),
    sample("address_field", Address),
];

const ORGANIZATION_SAMPLES: &[Sample] = &[
    sample("text_field", Varchar),
    sample("large_text_field", FieldType::Text),
    sample("autocomplete_field", FieldType::VarcharAuto),
    sample("numerical_field", Double),
    sample("monetary_field", FieldType::Monetary),
    Sample {
        name: "multiple_options_fields",
        kind: Set,
        options: &["First option", "Second option", "Third option"],
    },
    Sample {
        name: "single_option_field",
        kind: Enum,
        options: &["First option", "Second option", "Third option"],
    },
    sample("person_field", FieldType::People),
    sample("organization_field", Org),
    sample("user_field", User),
    sample("phone_field", Phone),
    sample("time_field", FieldType::Time),
    sample("time_range_field", FieldType::TimeRange),
    sample("date_field", Date),
    sample("date_range_field", FieldType::DateRange),
    sample("address_field", Address),
];

/// What a new company has for one kind of record.
pub(super) struct Schema {
    pub(super) rows: &'static [Row],
    pub(super) samples: &'static [Sample],
    /// The v1 id of the first field.
    pub(super) first_id: u32,
    /// The place in the order of the first custom field.
    pub(super) first_sample_order: u32,
    /// Whether values of the samples are kept in the JSON column. Fields made before
    /// autumn 2021 have a column of their own, and the two real schemas differ in that.
    pub(super) samples_in_json: bool,
}

pub(super) fn schema(entity: Entity) -> Schema {
    match entity {
        Entity::Person => Schema {
            rows: PERSON,
            samples: PERSON_SAMPLES,
            first_id: 9039,
            first_sample_order: 28,
            samples_in_json: false,
        },
        Entity::Organization => Schema {
            rows: ORGANIZATION,
            samples: ORGANIZATION_SAMPLES,
            first_id: 4002,
            first_sample_order: 22,
            samples_in_json: true,
        },
    }
}
