//! The company's users, which only v1 shows.

use serde_json::{Value, json};

use super::company::COMPANY_ID;

/// Somebody who works in the company.
pub(super) struct User {
    pub(super) id: u64,
    pub(super) name: &'static str,
    pub(super) email: &'static str,
    admin: bool,
}

/// The users of a new company. The first one owns the API token.
pub(super) fn company_users() -> Vec<User> {
    vec![
        User { id: 12_121_177, name: "Alex Admin", email: "alex.admin@example.com", admin: true },
        User { id: 12_121_178, name: "Robin Sales", email: "robin.sales@example.com", admin: false },
    ]
}

impl User {
    /// The user as `GET /users` lists it.
    pub(super) fn listed(&self, me: u64) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "default_currency": "USD",
            "locale": "en_US",
            "lang": 1,
            "email": self.email,
            "phone": null,
            "activated": true,
            "last_login": "2021-12-10 18:00:00",
            "created": "2021-01-07 20:05:11",
            "modified": "2021-12-10 18:00:00",
            "has_created_company": self.admin,
            "access": [
                { "app": "sales", "admin": self.admin, "permission_set_id": "b0000000-0000-4000-8000-000000000001" },
                { "app": "global", "admin": self.admin, "permission_set_id": "b0000000-0000-4000-8000-000000000002" },
            ],
            "active_flag": true,
            "timezone_name": "America/New_York",
            "timezone_offset": "-05:00",
            "role_id": 1,
            "icon_url": null,
            "is_you": self.id == me,
            "is_deleted": false,
        })
    }

    /// The user as `GET /users/me` shows the one behind the call.
    pub(super) fn with_company(&self) -> Value {
        let mut user = self.listed(self.id);
        if let Some(user) = user.as_object_mut() {
            user.insert("company_id".to_owned(), json!(COMPANY_ID));
            user.insert("company_name".to_owned(), json!("Acme"));
            user.insert("company_domain".to_owned(), json!("acme"));
            user.insert("company_country".to_owned(), json!("US"));
            user.insert("company_industry".to_owned(), json!("IT Services"));
            user.insert("language".to_owned(), json!({ "language_code": "en", "country_code": "US" }));
        }
        user
    }
}
