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

const LIST: &str = "list_filters";
const CREATE: &str = "create_filter";

/// A create without an answer is looked for and repeated so often.
const ATTEMPTS: usize = 2;

/// A passing failure is left alone so long: every record of a run asks, and none of them
/// is to wait for what just failed.
const AFTER_FAILURE: Duration = Duration::from_secs(60);

/// What was refused stays refused until a person changes something in Pipedrive.
const AFTER_REFUSAL: Duration = Duration::from_secs(3600);

/// What failed, and at which call: no record's outcome will tell.
struct Failure {
    operation: &'static str,
    error: Error,
}

impl Failure {
    fn at(operation: &'static str) -> impl Fn(Error) -> Self {
        move |error| Self { operation, error }
    }

    fn pause(&self) -> Duration {
        match self.error.kind() {
            ErrorKind::Unavailable { .. }
            | ErrorKind::Throttled { .. }
            | ErrorKind::QuotaExhausted { .. }
            | ErrorKind::NoAnswer => AFTER_FAILURE,
            _ => AFTER_REFUSAL,
        }
    }
}

/// Makes the filters of groups whose option this process created. Nothing is called when
/// there are none: a group that was there before has its filter, or its people did not
/// want one.
///
/// Nothing about any record depends on a filter, so that a failure is none of theirs: it
/// is logged, and the filter stays due.
pub(crate) async fn make_due(client: &PipedriveClient, target: &Target<'_>) {
    let due = due(client, target);
    if due.is_empty() {
        return;
    }
    let kind = format!("pipedrive filters {} {}", target.entity.path(), target.group_field);
    let load = |missing| async { Ok(load(client, target, missing).await) };
    let made = client.cache().get_or_load_many::<u64, _, _>(&kind, &due, Duration::MAX, load).await;
    let made: Vec<String> = made.into_iter().flatten().map(|(group, _)| group).collect();
    client.memory().filters_done(target.entity, target.group_field, &made);
}

fn due(client: &PipedriveClient, target: &Target<'_>) -> Vec<String> {
    let now = client.clock().elapsed();
    client.memory().filters_due(target.entity, target.group_field, now)
}

fn postpone(client: &PipedriveClient, target: &Target<'_>, groups: &[String], failure: &Failure) {
    let pause = failure.pause();
    tracing::warn!(
        operation = failure.operation,
        kind = failure.error.kind().name(),
        code = failure.error.code(),
        groups = groups.len(),
        "saved filters of groups cannot be made; tried again in {} s at the earliest (set the option \
         \"group_filters\" to false to go without)",
        pause.as_secs(),
    );
    let until = client.clock().elapsed().saturating_add(pause);
    client.memory().postpone_filters(target.entity, target.group_field, groups, until);
}

/// Finds or makes the filters of these groups, as far as possible: group to filter id.
async fn load(client: &PipedriveClient, target: &Target<'_>, groups: Vec<String>) -> HashMap<String, u64> {
    // Whoever waited while another failed does not fail once more.
    let still_due = due(client, target);
    let mut groups: Vec<String> = groups.into_iter().filter(|group| still_due.contains(group)).collect();
    let mut made = HashMap::with_capacity(groups.len());
    for attempt in 1..=ATTEMPTS {
        let Err(failure) = make(client, target, &mut groups, &mut made).await else {
            break;
        };
        // It may have happened: the list of filters knows.
        if *failure.error.kind() == ErrorKind::NoAnswer && attempt < ATTEMPTS {
            continue;
        }
        postpone(client, target, &groups, &failure);
        break;
    }
    made
}

/// Moves groups to `made` one by one. One whose own filter is refused is left out.
///
/// # Errors
/// What concerns all that are left in `groups`.
async fn make(
    client: &PipedriveClient,
    target: &Target<'_>,
    groups: &mut Vec<String>,
    made: &mut HashMap<String, u64>,
) -> Result<(), Failure> {
    if groups.is_empty() {
        return Ok(());
    }
    let there = list(client, target).await.map_err(Failure::at(LIST))?;
    groups.retain(|group| {
        let name = name_of(group);
        let found = there.iter().find(|filter| filter.name == name);
        if let Some(filter) = found {
            made.insert(group.clone(), filter.id);
        }
        found.is_none()
    });
    while let Some(group) = groups.last() {
        match make_one(client, target, group).await {
            Ok(id) => drop(made.insert(group.clone(), id)),
            Err(failure) if *failure.error.kind() == ErrorKind::Rejected => {
                postpone(client, target, std::slice::from_ref(group), &failure);
            }
            Err(failure) => return Err(failure),
        }
        groups.pop();
    }
    Ok(())
}

async fn make_one(client: &PipedriveClient, target: &Target<'_>, group: &str) -> Result<u64, Failure> {
    let operations = target.entity.operations();
    let fields = client.fields(target.entity, FIELDS_MAX_AGE).await;
    let fields = fields.map_err(Failure::at(operations.list_fields))?;
    let field = fields.iter().find(|info| is_group_field(info, target.group_field));
    let options = field.and_then(|field| field.options.as_ref());
    let option = options.and_then(|options| options.iter().find(|option| option.label == group));
    let (Some(field), Some(option)) = (field, option) else {
        // Somebody deleted it since; whoever makes it anew owes the filter anew.
        let error = Error::rejected("the option of a group is not listed").with_code("no_option");
        return Err(Failure::at(operations.list_fields)(error));
    };
    let number = field_number(client, target, &field.field_code).await;
    let number = number.map_err(Failure::at(operations.list_field_ids))?;
    let conditions = conditions(target, number, &option.id.to_string());
    let created = create(client, target, &name_of(group), conditions).await;
    created.map_err(Failure::at(CREATE))
}

fn name_of(group: &str) -> String {
    format!("In Group: {group}")
}

async fn list(client: &PipedriveClient, target: &Target<'_>) -> Result<Vec<Filter>> {
    let url = client.v1("filters").await?;
    let call = client.http().get(LIST, &url).query("type", target.entity.filter_type()).cost(cost::LIST_V1);
    let answer: Answer<Vec<Filter>> = call.receive().await?;
    answer.into_data(LIST)
}

/// The number that v1 knows the field by. It never changes.
async fn field_number(client: &PipedriveClient, target: &Target<'_>, code: &str) -> Result<u64> {
    let load = load_field_number(client, target, code);
    let number = client.cache().get_or_load("pipedrive field number", code, Duration::MAX, load);
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
    let url = client.v1("filters").await?;
    let body = json!({ "name": name, "type": target.entity.filter_type(), "conditions": conditions });
    let call = client.http().post(CREATE, &url).cost(cost::CREATE_FILTER).json(&body);
    let answer: Answer<Filter> = call.receive().await?;
    Ok(answer.into_data(CREATE)?.id)
}
