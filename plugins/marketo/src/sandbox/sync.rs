//! Sync and delete of leads.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::input::InputRecord;
use super::leads::{LeadId, lookup_key};
use super::record::Changes;
use super::reply::{Failure, Reply, Results};
use super::request::{Call, MAX_BATCH};
use super::state::{DEFAULT_PARTITION, State};
use super::values::{Reason, convert};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SyncRequest<'a> {
    action: Option<String>,
    lookup_field: Option<String>,
    partition_name: Option<String>,
    #[serde(default)]
    async_processing: bool,
    #[serde(borrow)]
    input: Option<Vec<InputRecord<'a>>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Action {
    CreateOrUpdate,
    CreateOnly,
    UpdateOnly,
    CreateDuplicate,
}

impl Action {
    fn named(name: &str) -> Result<Self, Failure> {
        match name {
            "createOrUpdate" => Ok(Self::CreateOrUpdate),
            "createOnly" => Ok(Self::CreateOnly),
            "updateOnly" => Ok(Self::UpdateOnly),
            "createDuplicate" => Ok(Self::CreateDuplicate),
            other => Err(Failure::new("1003", format!("Invalid action '{other}'"))),
        }
    }
}

/// What a record will do, decided before any record of the call does it.
enum Step {
    Create(Changes),
    Update(LeadId, Changes),
    Skip(Reason),
}

/// `POST /rest/v1/leads.json`
pub(super) fn sync_leads(state: &mut State, call: &Call, now: Timestamp) -> Result<Reply, Failure> {
    let request: SyncRequest = call.json()?;
    let input = request.input.ok_or_else(|| Failure::missing("input"))?;
    check_input(input.len())?;
    let action = Action::named(request.action.as_deref().unwrap_or("createOrUpdate"))?;
    let lookup_field = request.lookup_field.as_deref().unwrap_or("email");
    if lookup_field == "id" && action != Action::UpdateOnly {
        let message = "lookupField 'id' is only allowed when action is 'updateOnly'";
        return Err(Failure::new("1003", message));
    }
    let partition = Partition::of(state, request.partition_name.as_deref());
    let mut plan = Plan { state, action, lookup_field, partition, seen_up_to: call.seen_up_to };
    // All look-ups come before all writes. Hence two records with one new email in one
    // call become two leads, in this tool and here.
    let steps: Vec<Step> = input.iter().map(|record| plan.step(record)).collect();
    let new_partition = plan.partition.for_new_leads();
    let mut results = Results::with_capacity(steps.len());
    for step in steps {
        apply(state, step, new_partition, now, &mut results);
    }
    if request.async_processing {
        // It answers before the outcomes are known.
        return Ok(Reply::leads(&[]));
    }
    Ok(results.into_reply())
}

/// The documents call more than 300 inputs an error of the 1003 kind; its wording is ours.
pub(super) fn check_input(length: usize) -> Result<(), Failure> {
    match length {
        0 => Err(Failure::missing("input")),
        length if length > MAX_BATCH => {
            let message =
                format!("Input has {length} records, which is more than the maximum of {MAX_BATCH}");
            Err(Failure::new("1003", message))
        }
        _ => Ok(()),
    }
}

/// The partition a call names.
enum Partition {
    Unnamed,
    Known(u16),
    Unknown(String),
}

impl Partition {
    fn of(state: &State, name: Option<&str>) -> Self {
        match name {
            None => Self::Unnamed,
            Some(name) => state.partition(name).map_or_else(|| Self::Unknown(name.to_owned()), Self::Known),
        }
    }

    fn for_new_leads(&self) -> u16 {
        match self {
            Self::Known(id) => *id,
            _ => DEFAULT_PARTITION,
        }
    }

    fn check(&self) -> Result<(), Reason> {
        match self {
            Self::Unknown(name) => Err(Reason::new("1008", format!("Access denied to partition '{name}'"))),
            _ => Ok(()),
        }
    }

    fn holds(&self, partition: u16) -> bool {
        !matches!(self, Self::Known(id) if *id != partition)
    }
}

struct Plan<'a> {
    state: &'a mut State,
    action: Action,
    lookup_field: &'a str,
    partition: Partition,
    seen_up_to: LeadId,
}

impl Plan<'_> {
    fn step(&mut self, record: &InputRecord<'_>) -> Step {
        self.decide(record).unwrap_or_else(Step::Skip)
    }

    fn decide(&mut self, record: &InputRecord<'_>) -> Result<Step, Reason> {
        self.partition.check()?;
        let changes = self.changes(record)?;
        if self.action == Action::CreateDuplicate {
            return Ok(Step::Create(changes));
        }
        let found = self.look_up(record)?;
        match (self.action, &found[..]) {
            (Action::UpdateOnly, []) => Err(Reason::lead_not_found()),
            (_, []) => Ok(Step::Create(changes)),
            (Action::CreateOnly, _) => Err(Reason::new("1005", "Lead already exists")),
            (_, [id]) => self.update(*id, changes),
            (_, _) => Err(Reason::new("1007", "Multiple lead match lookup criteria")),
        }
    }

    fn update(&self, id: LeadId, changes: Changes) -> Result<Step, Reason> {
        let partition = self.state.leads.get(id).map(|lead| lead.partition);
        if partition.is_some_and(|partition| !self.partition.holds(partition)) {
            return Err(Reason::new("1010", "Partition update not allowed"));
        }
        Ok(Step::Update(id, changes))
    }

    /// The first field that is unknown or has a bad value skips the whole record.
    fn changes(&self, record: &InputRecord<'_>) -> Result<Changes, Reason> {
        let schema = &self.state.schema;
        let mut changes = Changes::with_capacity(record.fields().len());
        for (name, _) in record.fields() {
            if schema.index(name).is_none() {
                return Err(Reason::field_not_found(name));
            }
        }
        for (name, value) in record.fields() {
            let Some((index, field)) = schema.get(name) else {
                continue;
            };
            match &**name {
                "id" => self.check_id()?,
                "leadPartitionId" => return Err(Reason::new("1010", "Partition update not allowed")),
                _ => changes.push((index, convert(field, value)?)),
            }
        }
        changes.sort_by_key(|(index, _)| *index);
        Ok(changes)
    }

    /// "1003: when id is submitted for a lead with action designated as createOnly" (documented).
    fn check_id(&self) -> Result<(), Reason> {
        match self.action {
            Action::CreateOnly | Action::CreateDuplicate => {
                Err(Reason::new("1003", "Field 'id' is not allowed when a lead is created"))
            }
            _ => Ok(()),
        }
    }

    fn look_up(&mut self, record: &InputRecord<'_>) -> Result<Vec<LeadId>, Reason> {
        let name = self.lookup_field;
        if !self.state.schema.is_searchable(name) {
            return Err(Reason::new("1011", format!("Field '{name}' not supported")));
        }
        let value = record
            .get(name)
            .filter(|value| !is_blank(value))
            .ok_or_else(|| Reason::new("1003", format!("Value for lookup field '{name}' not found")))?;
        let found = self.state.find(name, &lookup_key(value));
        let seen = |id: &LeadId| *id < self.seen_up_to;
        Ok(found.into_iter().filter(seen).collect())
    }
}

fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(str::is_empty)
}

fn apply(state: &mut State, step: Step, partition: u16, now: Timestamp, results: &mut Results) {
    match step {
        Step::Create(changes) => {
            let id = state.leads.create(now, partition, &changes);
            results.push(Some(id.into()), Ok("created"));
        }
        Step::Update(id, changes) => {
            state.leads.update(id, now, &changes);
            results.push(Some(id.into()), Ok("updated"));
        }
        Step::Skip(reason) => results.push(None, Err(&reason)),
    }
}

#[derive(Deserialize)]
struct Ids {
    input: Option<Vec<Id>>,
}

#[derive(Deserialize)]
struct Id {
    id: u64,
}

/// The ids a call is about: `{"input":[{"id":1}]}`, or `?id=1,2` when it has no body.
pub(super) fn ids_of(call: &Call) -> Result<Vec<u64>, Failure> {
    let in_query = call.parameters.list("id");
    let ids = if in_query.is_empty() && call.has_body() {
        let ids: Ids = call.json()?;
        let input = ids.input.ok_or_else(|| Failure::missing("input"))?;
        input.into_iter().map(|entry| entry.id).collect()
    } else {
        let parse = |id: &&str| id.parse().map_err(|_| Failure::invalid(id, "Integer"));
        in_query.iter().map(parse).collect::<Result<Vec<u64>, _>>()?
    };
    check_input(ids.len())?;
    Ok(ids)
}

/// An id as the store knows it; one that no lead can have stands for none.
pub(super) fn lead_id(id: u64) -> LeadId {
    LeadId::try_from(id).unwrap_or(0)
}

/// `POST /rest/v1/leads/delete.json`, and `POST /rest/v1/leads.json?_method=DELETE` (recorded)
pub(super) fn delete_leads(state: &mut State, call: &Call) -> Result<Reply, Failure> {
    let ids = ids_of(call)?;
    let mut results = Results::with_capacity(ids.len());
    for id in ids {
        let deleted = state.delete_lead(lead_id(id));
        let missing = Reason::lead_not_found();
        results.push(Some(id), if deleted { Ok("deleted") } else { Err(&missing) });
    }
    Ok(results.into_reply())
}
