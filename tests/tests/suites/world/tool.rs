//! The destinations that suites run against, and how each names things.

/// A connection of a plugin, with the tool it exports to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    /// Marketo's leads: written by key, groups in calls of their own.
    Leads,
    /// Pipedrive's persons: one call each, groups in the record.
    Persons,
    /// Pipedrive's organizations: the same, found by name.
    Organizations,
}

/// A field of text that every sandbox of these suites has.
pub(crate) const NICKNAME: &str = "Nickname";
/// A field of numbers that every sandbox of these suites has.
pub(crate) const POINTS: &str = "Points";
/// A person's name, which Pipedrive asks for in every new one.
pub(crate) const NAME: &str = "Name";

impl Tool {
    pub(crate) fn app(self) -> &'static str {
        match self {
            Self::Leads => "marketo",
            Self::Persons | Self::Organizations => "pipedrive",
        }
    }

    pub(crate) fn connection(self) -> &'static str {
        match self {
            Self::Leads => "marketo-leads-export",
            Self::Persons => "pipedrive-persons-export",
            Self::Organizations => "pipedrive-organizations-export",
        }
    }

    pub(crate) fn url(self) -> &'static str {
        match self {
            Self::Leads => "https://123-abc-456.mktorest.com",
            Self::Persons | Self::Organizations => "https://acme.pipedrive.com",
        }
    }

    /// The property that holds the key, by the field's display name.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Leads => "Email Address",
            Self::Persons => "Email",
            Self::Organizations => "Name",
        }
    }

    /// Where a record that was read back has its key.
    pub(crate) fn key_read_back(self) -> &'static str {
        match self {
            Self::Leads => "email",
            Self::Persons => "emails",
            Self::Organizations => "name",
        }
    }

    /// Whether keys are emails, which are one in any case of their letters.
    pub(crate) fn is_keyed_by_email(self) -> bool {
        self != Self::Organizations
    }

    /// Whether the tool creates what is missing in the same call that updates what is there.
    pub(crate) fn upserts(self) -> bool {
        self == Self::Leads
    }

    /// Whether a record's groups are part of it.
    pub(crate) fn groups_ride_in_the_record(self) -> bool {
        self != Self::Leads
    }

    /// The n-th key.
    pub(crate) fn nth_key(self, number: usize) -> String {
        if self.is_keyed_by_email() { format!("k{number}@example.com") } else { format!("Company {number}") }
    }

    /// Calls by what they do, as the sandbox counts them.
    pub(crate) fn operation(self, kind: Kind) -> &'static str {
        let names = match self {
            Self::Leads => ["sync leads", "sync leads", "delete leads", "find leads"],
            Self::Persons => ["create person", "update person", "delete person", "list persons"],
            Self::Organizations => {
                ["create organization", "update organization", "delete organization", "list organizations"]
            }
        };
        names[kind as usize]
    }
}

/// What a call does. Marketo has one call for the first two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Create,
    Update,
    Delete,
    Find,
}
