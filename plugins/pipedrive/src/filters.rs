//! A saved filter for each group, so that people find its records with a click. Only API
//! v1 has filters, and it knows fields by a number.

use std::collections::HashMap;
use std::time::Duration;

use outflow_core::{Error, ErrorKind, Result};
use serde_json::{Value as Json, json};

use crate::api::{Answer, FieldNumber, Filter};
use crate::client::{FIELDS_MAX_AGE, PipedriveClient, cost};
use crate::fields::is_group_field;
use crate::records::Target;

/// Makes the filters of groups whose option this process created. Nothing is called when
/// there are none: a group that was there before has its filter, or its people did not
/// want one.
pub(crate) async fn make_due(client: &PipedriveClient, target: &Target<'_>) -> Result<()> {
    let due = client.memory().filters_due(target.entity, target.group_field);
    if due.is_empty() {
        return Ok(());
    }
    let kind = format!(
        "pipedrive filters {} {}",
        target.entity.path(),
        target.group_field
    );
    let load = |missing| load(client, target, missing);
    let made: Result<HashMap<_, _>> = client
        .cache()
        .get_or_load_many::<u64, _, _>(&kind, &due, Duration::MAX, load)
        .await;
    made.map_err(explained)?;
    client
        .memory()
        .filters_done(target.entity, target.group_field, &due);
    Ok(())
}

fn explained(error: Error) -> Error {
    let error = error
        .context("the saved filter of a group (set the option \"group_filters\" to false to go without)");
    match error.kind() {
        // A filter is made again after a look at those that are there.
        ErrorKind::NoAnswer => error.with_kind(ErrorKind::Unavailable { retry_after: None }),
        // Nothing about any record is refused.
        ErrorKind::Rejected | ErrorKind::Gone => error.with_kind(ErrorKind::Configuration),
        _ => error,
    }
}

/// Finds or makes the filters of these groups: group to filter id.
async fn load(
    client: &PipedriveClient,
    target: &Target<'_>,
    groups: Vec<String>,
) -> Result<HashMap<String, u64>> {
    let there = list(client, target).await?;
    let mut filters = HashMap::with_capacity(groups.len());
    let mut missing = Vec::new();
    for group in groups {
        let name = name_of(&group);
        match there.iter().find(|filter| filter.name == name) {
            Some(filter) => drop(filters.insert(group, filter.id)),
            None => missing.push(group),
        }
    }
    if missing.is_empty() {
        return Ok(filters);
    }
    let fields = client.fields(target.entity, FIELDS_MAX_AGE).await?;
    let field = fields
        .iter()
        .find(|info| is_group_field(info, target.group_field));
    let field = field.ok_or_else(|| Error::unavailable("the field for groups is not listed"))?;
    let number = field_number(client, target, &field.field_code).await?;
    for group in missing {
        let option = field
            .options
            .iter()
            .flatten()
            .find(|option| option.label == group)
            .ok_or_else(|| Error::unavailable(format!("the option of the group {group:?} is not listed")))?;
        let conditions = conditions(target, number, &option.id.to_string());
        let id = create(client, target, &name_of(&group), conditions).await?;
        filters.insert(group, id);
    }
    Ok(filters)
}

fn name_of(group: &str) -> String {
    format!("In Group: {group}")
}

async fn list(client: &PipedriveClient, target: &Target<'_>) -> Result<Vec<Filter>> {
    const OPERATION: &str = "list_filters";
    let url = client.v1("filters").await?;
    let call = client
        .http()
        .get(OPERATION, &url)
        .query("type", target.entity.filter_type())
        .cost(cost::LIST_V1);
    let answer: Answer<Vec<Filter>> = call.receive().await?;
    answer.into_data(OPERATION)
}

/// The number that v1 knows the field by. It never changes.
async fn field_number(client: &PipedriveClient, target: &Target<'_>, code: &str) -> Result<u64> {
    let load = load_field_number(client, target, code);
    let number = client
        .cache()
        .get_or_load("pipedrive field number", code, Duration::MAX, load);
    Ok(*number.await?)
}

async fn load_field_number(client: &PipedriveClient, target: &Target<'_>, code: &str) -> Result<u64> {
    let operation = target.entity.operations().list_field_ids;
    let url = client.v1(target.entity.fields_path()).await?;
    let call = client.http().get(operation, &url).cost(cost::LIST_V1);
    let answer: Answer<Vec<FieldNumber>> = call.receive().await?;
    let fields = answer.into_data(operation)?;
    let field = fields.into_iter().find(|field| field.key == code);
    field
        .and_then(|field| field.id)
        .ok_or_else(|| Error::unavailable("the field for groups is not listed in API v1"))
}

/// Both groups of conditions must be there, one of them glued with "and", the other with
/// "or" (v1 specification, POST /filters).
fn conditions(target: &Target<'_>, field: u64, option: &str) -> Json {
    let is_in = json!({
        "object": target.entity.filter_object(),
        "field_id": field.to_string(),
        "operator": "=",
        "value": option,
        "extra_value": null,
    });
    json!({ "glue": "and", "conditions": [
        { "glue": "and", "conditions": [is_in] },
        { "glue": "or", "conditions": [] },
    ] })
}

async fn create(client: &PipedriveClient, target: &Target<'_>, name: &str, conditions: Json) -> Result<u64> {
    const OPERATION: &str = "create_filter";
    let url = client.v1("filters").await?;
    let body = json!({ "name": name, "type": target.entity.filter_type(), "conditions": conditions });
    let call = client
        .http()
        .post(OPERATION, &url)
        .cost(cost::CREATE_FILTER)
        .json(&body);
    let answer: Answer<Filter> = call.receive().await?;
    Ok(answer.into_data(OPERATION)?.id)
}
