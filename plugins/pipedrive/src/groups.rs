//! Groups: the options of one multiple-options field, which ride in the record's own
//! write.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use outflow_core::{Error, ErrorKind, GroupIds, RemoteId, Result, Scope, WantedGroup};
use serde_json::{Value as Json, json};

use crate::api::{Answer, FieldInfo, FieldOption, NewField, NewOption, OptionId};
use crate::client::{FIELDS_MAX_AGE, PipedriveClient, cost};
use crate::fields::is_group_field;
use crate::filters;
use crate::records::Target;

/// Longest label of an option (specification).
const LONGEST_LABEL: usize = 255;

/// A list of fields this old may lack an option that another program just made, and one
/// group must not become two options.
const RECENT: Duration = Duration::from_secs(60);

/// A create without an answer is looked for and repeated so often.
const ATTEMPTS: usize = 3;

/// One group's option.
#[derive(Clone, Debug)]
pub(crate) struct GroupOption {
    /// The code of the field it is of.
    pub(crate) field: Arc<str>,
    pub(crate) id: u64,
}

/// The form of a group's name as an option's label.
///
/// # Errors
/// `Rejected` when it is too long for one.
pub(crate) fn normalize(name: &str) -> Result<String> {
    let label = name.trim();
    let length = label.chars().count();
    if length > LONGEST_LABEL {
        let start: String = label.chars().take(40).collect();
        return Err(Error::rejected(format!(
            "the group {:?} has a name of {length} characters; an option of a Pipedrive field takes {LONGEST_LABEL}",
            start + "…"
        ))
        .with_code("invalid_group")
        .with_scope(Scope::Record));
    }
    Ok(label.to_owned())
}

/// Answers the engine: the option of each group.
pub(crate) async fn resolve(
    client: &PipedriveClient,
    target: &Target<'_>,
    wanted: &[WantedGroup],
) -> Result<GroupIds> {
    let created = wanted.iter().filter(|group| group.create);
    let names: BTreeSet<String> = created.map(|group| group.name.clone()).collect();
    let options = options(client, target, &names).await?;
    let id = |group: &WantedGroup| {
        let option = options.get(&group.name);
        Ok(option.map(|option| RemoteId::from(option.id)))
    };
    Ok(wanted.iter().map(id).collect())
}

/// What is written into a record that is to be in these groups and no other: the field's
/// code and its value. `None` when there is nothing to write, as nobody ever was in a
/// group.
pub(crate) async fn value(
    client: &PipedriveClient,
    target: &Target<'_>,
    groups: &BTreeSet<String>,
) -> Result<Option<(Arc<str>, Json)>> {
    if groups.is_empty() {
        let fields = client.fields(target.entity, FIELDS_MAX_AGE).await?;
        // An empty list is refused: a selection is cleared with null (specification).
        let field = group_field(&fields, target)?;
        return Ok(field.map(|field| (field.field_code.as_str().into(), Json::Null)));
    }
    let options = options(client, target, groups).await?;
    let mut ids = Vec::with_capacity(groups.len());
    let mut code = None;
    for group in groups {
        let option = options
            .get(group)
            .ok_or_else(|| Error::plugin(format!("the group {group:?} got no option")).with_field(group))?;
        ids.push(option.id);
        code = Some(Arc::clone(&option.field));
    }
    Ok(code.map(|code| (code, json!(ids))))
}

/// Forgets what is known of the options: a write was refused for one of them.
pub(crate) async fn forget(client: &PipedriveClient, target: &Target<'_>) {
    client.cache().forget_all(&kind(target));
    client.forget_fields(target.entity).await;
}

fn kind(target: &Target<'_>) -> String {
    format!("pipedrive options {} {}", target.entity.path(), target.group_field)
}

/// The options of these groups, created where they are missing, and their filters.
async fn options(
    client: &PipedriveClient,
    target: &Target<'_>,
    groups: &BTreeSet<String>,
) -> Result<HashMap<String, Arc<GroupOption>>> {
    let names: Vec<String> = groups.iter().cloned().collect();
    let load = |missing| load(client, target, missing);
    let options = client.cache().get_or_load_many(&kind(target), &names, Duration::MAX, load).await?;
    if target.group_filters {
        filters::make_due(client, target).await;
    }
    Ok(options)
}

/// Finds the options of these groups, creating what is missing with one call.
async fn load(
    client: &PipedriveClient,
    target: &Target<'_>,
    groups: Vec<String>,
) -> Result<HashMap<String, GroupOption>> {
    let known = found(&client.fields(target.entity, FIELDS_MAX_AGE).await?, target, &groups)?;
    if known.len() == groups.len() {
        return Ok(known);
    }
    let mut failure = None;
    for _ in 0..ATTEMPTS {
        let fields = client.fields(target.entity, RECENT).await?;
        let known = found(&fields, target, &groups)?;
        let missing: Vec<&str> =
            groups.iter().filter(|group| !known.contains_key(*group)).map(String::as_str).collect();
        if missing.is_empty() {
            return Ok(known);
        }
        let created = match group_field(&fields, target)? {
            Some(field) => create_options(client, target, field, &missing).await,
            None => create_field(client, target, &missing).await,
        };
        match created {
            Ok(field) => {
                client.keep_fields(target.entity, with_field(&fields, field)).await;
                client.memory().owe_filters(target.entity, target.group_field, &missing);
            }
            // It may have happened: the list of fields knows.
            Err(error) if *error.kind() == ErrorKind::NoAnswer => {
                client.memory().owe_filters(target.entity, target.group_field, &missing);
                client.forget_fields(target.entity).await;
                failure = Some(error);
            }
            Err(error) => return Err(explained(error, target)),
        }
    }
    let failure = failure.unwrap_or_else(|| Error::unavailable("the options of new groups do not appear"));
    Err(failure.with_kind(ErrorKind::Unavailable { retry_after: None }))
}

/// The options of these groups that are there.
fn found(
    fields: &[FieldInfo],
    target: &Target<'_>,
    groups: &[String],
) -> Result<HashMap<String, GroupOption>> {
    let Some(field) = group_field(fields, target)? else {
        return Ok(HashMap::new());
    };
    let code: Arc<str> = field.field_code.as_str().into();
    let mut found = HashMap::with_capacity(groups.len());
    for option in field.options.iter().flatten() {
        if let OptionId::Number(id) = option.id
            && groups.contains(&option.label)
        {
            let field = Arc::clone(&code);
            // Of two options with one label, the first.
            found.entry(option.label.clone()).or_insert(GroupOption { field, id });
        }
    }
    Ok(found)
}

/// The field that holds the groups, if it is there.
///
/// # Errors
/// `Configuration` when it cannot hold groups.
fn group_field<'a>(fields: &'a [FieldInfo], target: &Target<'_>) -> Result<Option<&'a FieldInfo>> {
    let named: Vec<&FieldInfo> =
        fields.iter().filter(|info| is_group_field(info, target.group_field)).collect();
    match named.as_slice() {
        [] => Ok(None),
        [field] if field.field_type == "set" => Ok(Some(field)),
        [field] => Err(unusable(
            target,
            &format!("is of the type {:?}, not a field of multiple options (\"set\")", field.field_type),
        )),
        _ => Err(unusable(target, "is there more than once; give the option the field's API key")),
    }
}

fn unusable(target: &Target<'_>, why: &str) -> Error {
    Error::configuration(format!(
        "the field {:?}, which the option \"group_field\" names, {why}",
        target.group_field
    ))
    .with_code("group_field")
    .with_field("group_field")
}

async fn create_field(client: &PipedriveClient, target: &Target<'_>, labels: &[&str]) -> Result<FieldInfo> {
    let operation = target.entity.operations().create_field;
    let url = client.v2(target.entity.fields_path()).await?;
    let body = NewField { field_name: target.group_field, field_type: "set", options: new_options(labels) };
    let call = client.http().post(operation, &url).cost(cost::WRITE).json(&body);
    let answer: Answer<FieldInfo> = call.receive().await?;
    answer.into_data(operation)
}

/// Adds options; all of them, or none (specification: "This operation is atomic").
async fn create_options(
    client: &PipedriveClient,
    target: &Target<'_>,
    field: &FieldInfo,
    labels: &[&str],
) -> Result<FieldInfo> {
    let operation = target.entity.operations().create_options;
    let path = format!("{}/{}/options", target.entity.fields_path(), field.field_code);
    let url = client.v2(&path).await?;
    let call = client.http().post(operation, &url).cost(cost::WRITE).json(&new_options(labels));
    let answer: Answer<Vec<FieldOption>> = call.receive().await?;
    let added = answer.into_data(operation)?;
    let mut field = field.clone();
    field.options.get_or_insert_default().extend(added);
    Ok(field)
}

fn new_options<'a>(labels: &[&'a str]) -> Vec<NewOption<'a>> {
    labels.iter().map(|label| NewOption { label }).collect()
}

fn with_field(fields: &[FieldInfo], changed: FieldInfo) -> Vec<FieldInfo> {
    let others = fields.iter().filter(|info| info.field_code != changed.field_code);
    others.cloned().chain([changed.clone()]).collect()
}

fn explained(error: Error, target: &Target<'_>) -> Error {
    let is_capped = error.code().is_some_and(|code| code.starts_with("feature_capping_"));
    if is_capped {
        return error
            .context(format_args!(
                "the field {:?} for groups cannot be made (the option \"group_field\" can name a field of \
                 multiple options that is there already)",
                target.group_field
            ))
            .with_field("group_field");
    }
    error.context(format_args!("the options of the field {:?} for groups", target.group_field))
}
