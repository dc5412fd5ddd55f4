//! Calls about the instance itself: its fields, its partitions, its use of the API.

use jiff::ToSpan;
use jiff::civil::Date;
use outflow_sandbox::DailyUse;
use serde::Deserialize;
use serde_json::{Value, json};

use super::paging::page;
use super::reply::{Failure, Reply};
use super::request::Call;
use super::schema::DataType;
use super::state::State;

/// `GET /rest/v1/leads/describe.json`
pub(super) fn describe(state: &State) -> Reply {
    Reply::leads(&state.schema.describe())
}

/// `GET /rest/v1/leads/describe2.json`
pub(super) fn describe2(state: &State) -> Reply {
    Reply::leads(&[state.schema.describe2()])
}

/// `GET /rest/v1/leads/schema/fields.json`
pub(super) fn list_fields(state: &State, call: &Call) -> Result<Reply, Failure> {
    let numbered = (1..).zip(state.schema.schema_entries());
    let page = page(call, numbered)?;
    Ok(Reply::Leads { result: Value::from(page.items).to_string(), next_page: page.next })
}

#[derive(Deserialize)]
struct NewFields {
    input: Vec<NewField>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewField {
    name: String,
    display_name: String,
    data_type: String,
}

/// So many custom fields can be created in one call (documented).
const MAX_NEW_FIELDS: usize = 100;

/// `POST /rest/v1/leads/schema/fields.json`
pub(super) fn create_fields(state: &mut State, call: &Call) -> Result<Reply, Failure> {
    let fields: NewFields = call.json()?;
    if fields.input.is_empty() || fields.input.len() > MAX_NEW_FIELDS {
        let message = format!("Between 1 and {MAX_NEW_FIELDS} fields can be created in one call");
        return Err(Failure::new("1003", message));
    }
    let results: Vec<Value> = fields.input.iter().map(|field| create_field(state, field)).collect();
    Ok(Reply::leads(&results))
}

fn create_field(state: &mut State, field: &NewField) -> Value {
    let skipped = |code: &str, message: String| {
        let reasons = json!([{ "code": code, "message": message }]);
        json!({ "name": field.name, "status": "skipped", "reasons": reasons })
    };
    let Some(data_type) = DataType::of_custom_field(&field.data_type) else {
        return skipped("1003", format!("Invalid dataType '{}'", field.data_type));
    };
    if !is_api_name(&field.name) {
        return skipped("1003", format!("Invalid name '{}'", field.name));
    }
    if state.schema.add_custom(&field.name, &field.display_name, data_type) {
        json!({ "name": field.name, "status": "created" })
    } else {
        skipped("1017", "Object already exists".to_owned())
    }
}

/// "Must be unique, start with a letter, and only contain letters, numbers, or
/// underscore" (documented).
fn is_api_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

/// `GET /rest/v1/leads/partitions.json`
pub(super) fn list_partitions(state: &State) -> Reply {
    let partition = |(id, name)| json!({ "id": id, "name": name, "description": "" });
    let partitions: Vec<Value> = state.partitions().map(partition).collect();
    Reply::leads(&partitions)
}

/// `GET /rest/v1/stats/usage.json`
pub(super) fn usage(daily: Option<&DailyUse>, user: &str) -> Reply {
    let today = daily.and_then(|daily| daily.days.last_key_value());
    Reply::leads(&usage_of(today, user))
}

/// `GET /rest/v1/stats/usage/last7days.json`
pub(super) fn usage_of_week(daily: Option<&DailyUse>, user: &str) -> Reply {
    let Some(daily) = daily else {
        return Reply::leads(&[]);
    };
    let today = daily.days.last_key_value().map(|(day, _)| *day);
    let first = today.and_then(|day| day.checked_sub(6.days()).ok());
    let recent = daily.days.iter().filter(|(day, _)| Some(**day) >= first);
    Reply::leads(&usage_of(recent, user))
}

fn usage_of<'a>(days: impl IntoIterator<Item = (&'a Date, &'a u64)>, user: &str) -> Vec<Value> {
    let entry = |(day, calls): (&Date, &u64)| {
        let users = json!([{ "userId": user, "count": calls }]);
        json!({ "date": day.to_string(), "total": calls, "users": users })
    };
    days.into_iter().map(entry).collect()
}
