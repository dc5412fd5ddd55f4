//! The fields a new instance has: Marketo's standard ones for a person and their
//! company, and a custom field of each type that an administrator can add.
//!
//! Names, types and lengths are those of `GET /rest/v1/leads/describe.json` on a plain
//! instance without CRM sync.

use super::schema::DataType::{
    self, Boolean, Currency, Date, Datetime, Email, Float, Integer, Percent, Phone, Reference, String, Text,
    Url,
};
use super::schema::{Field, Owner, SoapName};

/// Every standard field, and a custom one of each type.
pub(super) const FIELDS: &[Field] = &[
    string("company", "Company Name").of_company(),
    string("site", "Site").of_company(),
    text("billingStreet", "Billing Address").of_company(),
    string("billingCity", "Billing City").of_company(),
    string("billingState", "Billing State").of_company(),
    string("billingCountry", "Billing Country").of_company(),
    string("billingPostalCode", "Billing Postal Code").of_company(),
    url("website", "Website").of_company(),
    string("mainPhone", "Main Phone").of_company(),
    currency("annualRevenue", "Annual Revenue").of_company(),
    integer("numberOfEmployees", "Num Employees").of_company(),
    string("industry", "Industry").of_company(),
    string("sicCode", "SIC Code").length(40).of_company().soap("SICCode"),
    text("mktoCompanyNotes", "Company Notes").of_company(),
    string("externalCompanyId", "External Company Id").length(50).without_soap(),
    integer("id", "Id"),
    string("mktoName", "Full Name").read_only().without_soap(),
    string("personType", "Person Type").length(50),
    boolean("mktoIsPartner", "Is Partner").without_soap(),
    boolean("isLead", "Is Lead"),
    boolean("mktoIsCustomer", "Is Customer").without_soap(),
    boolean("isAnonymous", "Is Anonymous").without_soap(),
    string("salutation", "Salutation"),
    string("firstName", "First Name"),
    string("middleName", "Middle Name"),
    string("lastName", "Last Name"),
    email("email", "Email Address"),
    phone("phone", "Phone Number"),
    phone("mobilePhone", "Mobile Phone Number"),
    phone("fax", "Fax Number"),
    string("title", "Job Title"),
    reference("contactCompany", "Contact Company").read_only().soap("Contact Company"),
    date("dateOfBirth", "Date of Birth").soap("DateofBirth"),
    text("address", "Address"),
    string("city", "City"),
    string("state", "State"),
    string("country", "Country"),
    string("postalCode", "Postal Code"),
    string("personTimeZone", "Person Time Zone").read_only().without_soap(),
    string("originalSourceType", "Original Source Type").read_only(),
    string("originalSourceInfo", "Original Source Info").length(2000).read_only(),
    string("registrationSourceType", "Registration Source Type"),
    string("registrationSourceInfo", "Registration Source Info").length(2000),
    string("originalSearchEngine", "Original Search Engine").read_only(),
    string("originalSearchPhrase", "Original Search Phrase").read_only(),
    url("originalReferrer", "Original Referrer").read_only(),
    boolean("emailInvalid", "Email Invalid"),
    string("emailInvalidCause", "Email Invalid Cause"),
    boolean("unsubscribed", "Unsubscribed"),
    string("unsubscribedReason", "Unsubscribed Reason").length(2000),
    boolean("doNotCall", "Do Not Call"),
    string("mktoDoNotCallCause", "Do Not Call Cause").without_soap(),
    string("doNotCallReason", "Do Not Call Reason").length(2000),
    boolean("marketingSuspended", "Marketing Suspended").without_soap(),
    string("marketingSuspendedCause", "Marketing Suspended Cause").without_soap(),
    boolean("blackListed", "Black Listed").without_soap(),
    string("blackListedCause", "Black Listed Cause").without_soap(),
    text("mktoPersonNotes", "Person Notes"),
    string("anonymousIP", "Anonymous IP"),
    string("inferredCompany", "Inferred Company").read_only(),
    string("inferredCountry", "Inferred Country").read_only(),
    string("inferredCity", "Inferred City").read_only().without_soap(),
    string("inferredStateRegion", "Inferred State Region").read_only().without_soap(),
    string("inferredPostalCode", "Inferred Postal Code").read_only().without_soap(),
    string("inferredMetropolitanArea", "Inferred Metropolitan Area").read_only().without_soap(),
    string("inferredPhoneAreaCode", "Inferred Phone Area Code").read_only().without_soap(),
    boolean("emailSuspended", "Email Suspended").without_soap(),
    string("emailSuspendedCause", "Email Suspended Cause").without_soap(),
    datetime("emailSuspendedAt", "Email Suspended At").without_soap(),
    string("department", "Department"),
    datetime("createdAt", "Created At").read_only().without_soap(),
    datetime("updatedAt", "Updated At").read_only().without_soap(),
    string("cookies", "Cookies").without_soap(),
    string("externalSalesPersonId", "External Sales Person Id").length(50).without_soap(),
    reference("leadPerson", "Lead Person").read_only().soap("Lead Person"),
    string("leadRole", "Role").length(50),
    string("leadSource", "Lead Source"),
    string("leadStatus", "Lead Status"),
    integer("leadScore", "Lead Score"),
    float("urgency", "Urgency").without_soap(),
    integer("priority", "Priority").without_soap(),
    integer("relativeScore", "Relative Score").without_soap(),
    integer("relativeUrgency", "Relative Urgency").without_soap(),
    string("rating", "Lead Rating"),
    reference("personPrimaryLeadInterest", "Primary Lead Interest")
        .read_only()
        .soap("Person Primary Lead Interest"),
    reference("leadPartitionId", "Lead Partition Id").soap("Lead Partition ID"),
    reference("leadRevenueCycleModelId", "Lead Revenue Cycle Model ID").soap("Lead Revenue Cycle Model ID"),
    reference("leadRevenueStageId", "Lead Revenue Stage ID").soap("Lead Revenue Stage ID"),
    reference("acquisitionProgramId", "Acquisition Program").soap("Acquisition Program ID"),
    datetime("mktoAcquisitionDate", "Acquisition Date").without_soap(),
    text("textarea_field", "textarea_field").custom(),
    boolean("boolean_field", "boolean_field").custom(),
    email("email_field", "email_field").custom(),
    integer("integer_field", "integer_field").custom(),
    float("float_field", "float_field").custom(),
    datetime("datetime_field", "datetime_field").custom(),
    integer("score_field", "score_field").custom(),
    percent("percent_field", "percent_field").custom(),
    currency("currency_field", "currency_field").custom(),
    string("ecids", "ECIDs").read_only().without_soap(),
    date("date_field", "date_field").custom(),
];

const fn field(name: &'static str, display_name: &'static str, data_type: DataType) -> Field {
    Field {
        name: std::borrow::Cow::Borrowed(name),
        display_name: std::borrow::Cow::Borrowed(display_name),
        data_type,
        length: data_type.default_length(),
        read_only: false,
        owner: Owner::Person,
        soap: SoapName::Capitalised,
        custom: false,
        api_created: false,
        hidden: false,
    }
}

const fn string(name: &'static str, display_name: &'static str) -> Field {
    field(name, display_name, String)
}

const fn text(name: &'static str, display_name: &'static str) -> Field {
    field(name, display_name, Text)
}

const fn url(name: &'static str, display_name: &'static str) -> Field {
    field(name, display_name, Url)
}

const fn currency(name: &'static str, display_name: &'static str) -> Field {
    field(name, display_name, Currency)
}

const fn integer(name: &'static str, display_name: &'static str) -> Field {
    field(name, display_name, Integer)
}

const fn reference(name: &'static str, display_name: &'static str) -> Field {
    field(name, display_name, Reference)
}

const fn boolean(name: &'static str, display_name: &'static str) -> Field {
    field(name, display_name, Boolean)
}

const fn phone(name: &'static str, display_name: &'static str) -> Field {
    field(name, display_name, Phone)
}

const fn email(name: &'static str, display_name: &'static str) -> Field {
    field(name, display_name, Email)
}

const fn date(name: &'static str, display_name: &'static str) -> Field {
    field(name, display_name, Date)
}

const fn datetime(name: &'static str, display_name: &'static str) -> Field {
    field(name, display_name, Datetime)
}

const fn float(name: &'static str, display_name: &'static str) -> Field {
    field(name, display_name, Float)
}

const fn percent(name: &'static str, display_name: &'static str) -> Field {
    field(name, display_name, Percent)
}

impl Field {
    const fn length(mut self, length: u32) -> Self {
        self.length = Some(length);
        self
    }

    const fn of_company(mut self) -> Self {
        self.owner = Owner::Company;
        self
    }

    const fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    const fn soap(mut self, name: &'static str) -> Self {
        self.soap = SoapName::Named(name);
        self
    }

    const fn without_soap(mut self) -> Self {
        self.soap = SoapName::None;
        self
    }

    const fn custom(mut self) -> Self {
        self.soap = SoapName::SameAsRest;
        self.custom = true;
        self
    }
}
