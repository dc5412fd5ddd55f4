//! The API's answers.

use outflow_core::{Error, ErrorKind, Result, Secret};
use serde::{Deserialize, Serialize};

/// The envelope of every answer of both versions.
#[derive(Debug, Deserialize)]
pub(crate) struct Answer<T> {
    #[serde(default)]
    success: Option<bool>,
    data: Option<T>,
    #[serde(default)]
    additional_data: Option<Paging>,
    #[serde(default)]
    error: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Paging {
    /// Null on the last page: the only sign of it, as a page may be short.
    #[serde(default)]
    next_cursor: Option<String>,
}

impl<T> Answer<T> {
    /// What was asked for.
    ///
    /// # Errors
    /// When the answer says that the call failed, or says nothing.
    pub(crate) fn into_data(self, operation: &str) -> Result<T> {
        Ok(self.into_page(operation)?.0)
    }

    /// What was asked for, and where it goes on.
    ///
    /// # Errors
    /// As [`into_data`](Self::into_data).
    pub(crate) fn into_page(self, operation: &str) -> Result<(T, Option<String>)> {
        match self.data {
            Some(data) if self.success != Some(false) => {
                let cursor = self.additional_data.unwrap_or_default().next_cursor;
                Ok((data, cursor))
            }
            _ if self.success == Some(false) => Err(Error::rejected(format!(
                "{operation} was refused: {}",
                self.error.as_deref().unwrap_or("no reason was given")
            ))),
            _ => Err(Error::new(ErrorKind::NoAnswer, format!("the answer to {operation} has no data"))
                .with_code("unreadable_answer")),
        }
    }
}

/// A person or an organization.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Record {
    pub(crate) id: u64,
    #[serde(default)]
    pub(crate) name: Option<String>,
    #[serde(default)]
    emails: Option<Vec<Contact>>,
    #[serde(default)]
    phones: Option<Vec<Contact>>,
    /// A deleted record is kept for 30 days.
    #[serde(default)]
    is_deleted: Option<bool>,
}

impl Record {
    pub(crate) fn emails(&self) -> &[Contact] {
        self.emails.as_deref().unwrap_or_default()
    }

    pub(crate) fn phones(&self) -> &[Contact] {
        self.phones.as_deref().unwrap_or_default()
    }

    /// Whether the answer has the record's lists at all; an answer without them says
    /// nothing about them.
    pub(crate) fn shows_contacts(&self) -> bool {
        self.emails.is_some() && self.phones.is_some()
    }

    pub(crate) fn is_deleted(&self) -> bool {
        self.is_deleted == Some(true)
    }
}

/// One of a person's emails or phones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Contact {
    #[serde(default)]
    pub(crate) value: String,
    #[serde(default)]
    pub(crate) primary: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) label: Option<String>,
}

/// What a search found.
#[derive(Debug, Deserialize)]
pub(crate) struct FoundItems {
    #[serde(default)]
    pub(crate) items: Vec<Hit>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Hit {
    pub(crate) item: FoundItem,
}

/// A record as the search shows it.
#[derive(Debug, Deserialize)]
pub(crate) struct FoundItem {
    pub(crate) id: u64,
    #[serde(default)]
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) emails: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) phones: Option<Vec<String>>,
}

/// A field of persons or organizations.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct FieldInfo {
    /// The API's name: a hash of 40 digits for custom fields.
    pub(crate) field_code: String,
    pub(crate) field_name: String,
    pub(crate) field_type: String,
    #[serde(default)]
    pub(crate) options: Option<Vec<FieldOption>>,
    #[serde(default)]
    pub(crate) is_custom_field: bool,
}

/// One choice of an `enum` or `set` field.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct FieldOption {
    pub(crate) id: OptionId,
    pub(crate) label: String,
}

/// Options of custom fields have numbers, those of some built-in fields have names.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(crate) enum OptionId {
    Number(u64),
    Name(String),
}

impl std::fmt::Display for OptionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// A field to be created.
#[derive(Debug, Serialize)]
pub(crate) struct NewField<'a> {
    pub(crate) field_name: &'a str,
    pub(crate) field_type: &'static str,
    pub(crate) options: Vec<NewOption<'a>>,
}

/// An option to be created.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct NewOption<'a> {
    pub(crate) label: &'a str,
}

/// A field as v1 lists it: with the number that filters know it by.
#[derive(Debug, Deserialize)]
pub(crate) struct FieldNumber {
    /// Null for parts of other fields.
    #[serde(default)]
    pub(crate) id: Option<u64>,
    pub(crate) key: String,
}

/// A saved filter.
#[derive(Debug, Deserialize)]
pub(crate) struct Filter {
    pub(crate) id: u64,
    pub(crate) name: String,
}

/// The user the credentials belong to.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Me {
    #[serde(default)]
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) email: Option<String>,
    #[serde(default)]
    pub(crate) company_name: Option<String>,
    #[serde(default)]
    pub(crate) company_domain: Option<String>,
    #[serde(default)]
    pub(crate) default_currency: Option<String>,
}

/// The OAuth server's answer to a refresh.
#[derive(Deserialize)]
pub(crate) struct TokenAnswer {
    pub(crate) access_token: Secret,
    /// Seconds of its life.
    #[serde(default)]
    pub(crate) expires_in: Option<u64>,
    #[serde(default)]
    pub(crate) refresh_token: Option<Secret>,
    /// Where the company's API is.
    #[serde(default)]
    pub(crate) api_domain: Option<String>,
}

/// What an answer that failed says. The two versions and the OAuth server differ in what
/// they fill in, and with what type.
#[derive(Debug, Default)]
pub(crate) struct Failure {
    pub(crate) error: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) code: Option<String>,
}

impl Failure {
    /// Reads what can be read.
    pub(crate) fn of(body: &[u8]) -> Self {
        let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |name: &str| body.get(name)?.as_str().map(str::to_owned);
        Self { error: text("error"), message: text("message"), code: text("code") }
    }
}
