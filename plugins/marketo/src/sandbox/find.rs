//! Reads of leads: by a field, by id, by list.

use std::collections::BTreeSet;

use serde_json::Value;

use super::leads::LeadId;
use super::paging::page;
use super::record::Lead;
use super::reply::{Failure, Reply};
use super::request::{Call, MAX_BATCH};
use super::schema::{DataType, FieldIndex, Schema};
use super::state::State;
use super::values::{Reason, seconds};

/// More matches than this are refused (documented).
const MAX_MATCHES: usize = 1000;

/// `GET /rest/v1/leads.json`, or the same as a POST
pub(super) fn find_leads(state: &mut State, call: &Call) -> Result<Reply, Failure> {
    let filter = call.parameters.require("filterType")?;
    call.parameters.require("filterValues")?;
    let values = call.parameters.list("filterValues");
    if values.len() > MAX_BATCH {
        let message = format!("filterValues may hold at most {MAX_BATCH} values");
        return Err(Failure::new("1003", message));
    }
    check_filter(&state.schema, filter, &values)?;
    let mut ids = BTreeSet::new();
    for value in values {
        ids.extend(state.find(filter, &value.to_lowercase()));
    }
    if ids.len() > MAX_MATCHES {
        return Err(Failure::new("1003", "Too many results match the filter"));
    }
    show(state, call, ids.into_iter())
}

fn check_filter(schema: &Schema, filter: &str, values: &[&str]) -> Result<(), Failure> {
    if !schema.is_searchable(filter) {
        return Err(Failure::new("1011", format!("Field '{filter}' not supported")));
    }
    let data_type = schema.get(filter).map(|(_, field)| field.data_type);
    if matches!(data_type, Some(DataType::Integer | DataType::Reference))
        && let Some(value) = values.iter().find(|value| value.parse::<i64>().is_err())
    {
        return Err(Failure::invalid(value, "Integer"));
    }
    Ok(())
}

/// `GET /rest/v1/lead/{id}.json`
pub(super) fn get_lead(state: &State, call: &Call) -> Result<Reply, Failure> {
    if !state.leads.contains(call.id) {
        return Err(Reason::lead_not_found().into());
    }
    show(state, call, std::iter::once(call.id))
}

/// `GET /rest/v1/lists/{id}/leads.json`
pub(super) fn list_members(state: &State, call: &Call) -> Result<Reply, Failure> {
    let list = state.lists.get(call.id).ok_or_else(Failure::object_not_found)?;
    show(state, call, list.members.iter().copied())
}

/// Shows the leads of these ids, which come in order, a page at a time.
fn show(state: &State, call: &Call, ids: impl Iterator<Item = LeadId>) -> Result<Reply, Failure> {
    let columns = columns(&state.schema, &call.parameters.list("fields"))?;
    let leads = ids.filter_map(|id| Some((id, (id, state.leads.get(id)?))));
    let page = page(call, leads)?;
    let mut result = String::with_capacity(128 * page.items.len());
    result.push('[');
    for (position, (id, lead)) in page.items.into_iter().enumerate() {
        if position > 0 {
            result.push(',');
        }
        write_lead(&mut result, &columns, id, lead);
    }
    result.push(']');
    Ok(Reply::Leads { result, next_page: page.next })
}

/// The fields shown when none are asked for, in the order recorded.
const DEFAULT_FIELDS: &[&str] = &["id", "firstName", "lastName", "email", "updatedAt", "createdAt"];

struct Column<'a> {
    json_key: &'a str,
    source: Source,
}

enum Source {
    Id,
    Created,
    Updated,
    Partition,
    /// A field, and what it shows when it has no value.
    Stored(FieldIndex, &'static str),
}

/// The columns asked for. The id comes along unasked.
fn columns<'a>(schema: &'a Schema, names: &[&str]) -> Result<Vec<Column<'a>>, Failure> {
    if names.is_empty() {
        return DEFAULT_FIELDS.iter().map(|name| column(schema, name)).collect();
    }
    let id = (!names.contains(&"id")).then_some("id");
    id.into_iter().chain(names.iter().copied()).map(|name| column(schema, name)).collect()
}

fn column<'a>(schema: &'a Schema, name: &str) -> Result<Column<'a>, Failure> {
    let (index, field) = schema.get(name).ok_or_else(|| Reason::field_not_found(name))?;
    let source = match name {
        "id" => Source::Id,
        "createdAt" => Source::Created,
        "updatedAt" => Source::Updated,
        "leadPartitionId" => Source::Partition,
        // A boolean is never null when read (recorded).
        _ if field.data_type == DataType::Boolean => Source::Stored(index, "false"),
        _ => Source::Stored(index, "null"),
    };
    Ok(Column { json_key: schema.json_key(index), source })
}

fn write_lead(out: &mut String, columns: &[Column<'_>], id: LeadId, lead: &Lead) {
    let mut before = '{';
    for column in columns {
        out.push(before);
        before = ',';
        out.push_str(column.json_key);
        match column.source {
            Source::Id => out.push_str(&id.to_string()),
            Source::Created => out.push_str(&Value::from(seconds(lead.created())).to_string()),
            Source::Updated => out.push_str(&Value::from(seconds(lead.updated())).to_string()),
            Source::Partition => out.push_str(&lead.partition.to_string()),
            Source::Stored(field, absent) => match lead.get(field) {
                Some(json) => out.push_str(&String::from_utf8_lossy(json)),
                None => out.push_str(absent),
            },
        }
    }
    out.push('}');
}
