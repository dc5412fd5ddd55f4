//! A tool in memory, with a connection whose capability the test chooses.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, OnceLock};

use outflow_core::{
    AccountContext, App, Batch, BatchExport, BatchSize, Capability, Clock, Error, ErrorKind, Field,
    FieldType, Found, GroupIds, GroupSupport, Key, Limits, MappingSchema, Outcomes, Outflow, Registry,
    RemoteId, Result, RowOutcome, SkipReason, Value, WantedGroup, Write,
};
use serde::Deserialize;
use serde_json::json;

/// What a record of the tool holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Record {
    pub(crate) fields: BTreeMap<String, Value>,
    pub(crate) groups: BTreeSet<String>,
}

/// The tool's state, and what was asked of it.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) records: BTreeMap<u64, Record>,
    pub(crate) lists: BTreeMap<String, u64>,
    pub(crate) calls: Vec<(&'static str, usize)>,
    next_id: u64,
    /// Answers to give instead, by operation, first come first served.
    pub(crate) faults: Vec<(&'static str, Fault)>,
    /// Keys in flight right now, to see two at a time.
    in_flight: BTreeSet<String>,
    pub(crate) doubled_keys: Vec<String>,
}

#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// The whole call fails; nothing is written.
    Call(Error),
    /// The call writes, and its answer is lost.
    After(Error),
    /// The outcome of this row is left out.
    Forget(usize),
}

impl State {
    pub(crate) fn seed(&mut self, fields: &[(&str, Value)]) -> u64 {
        self.next_id += 1;
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        self.records.insert(self.next_id, Record { fields, groups: BTreeSet::new() });
        self.next_id
    }

    pub(crate) fn count(&self, operation: &str) -> usize {
        self.calls.iter().filter(|(name, _)| *name == operation).count()
    }

    /// Records by key, groups included.
    pub(crate) fn by_key(&self) -> BTreeMap<String, Record> {
        let keyed = |record: &Record| (record.fields["email"].to_string(), record.clone());
        self.records.values().map(keyed).collect()
    }

    /// A record is found by its email, and by a nickname that another email may be.
    fn ids_of(&self, key: &str) -> Vec<u64> {
        let is = |value: &Value| value.to_string().to_lowercase() == key;
        let has = |record: &Record| {
            ["email", "nickname"].iter().any(|name| record.fields.get(*name).is_some_and(is))
        };
        self.records.iter().filter(|(_, record)| has(record)).map(|(id, _)| *id).collect()
    }

    fn write(&mut self, id: u64, batch: &Batch, row: &outflow_core::Row) {
        let record = self.records.entry(id).or_default();
        for (field, value) in batch.values(row) {
            match value {
                Value::Null => drop(record.fields.remove(&field.name)),
                value => drop(record.fields.insert(field.name.clone(), value.clone())),
            }
        }
        if let Some(groups) = &row.groups {
            record.groups = groups.clone();
        }
    }
}

pub(crate) type Tool = Arc<Mutex<State>>;

fn tools() -> &'static Mutex<HashMap<String, Tool>> {
    static TOOLS: OnceLock<Mutex<HashMap<String, Tool>>> = OnceLock::new();
    TOOLS.get_or_init(Mutex::default)
}

/// The App: its account is a tool of this process, by name.
#[derive(Deserialize, schemars::JsonSchema)]
pub(crate) struct Memory {
    /// The tool's name.
    name: String,
}

pub(crate) struct Client {
    tool: Tool,
    clock: Clock,
}

impl App for Memory {
    const NAME: &'static str = "memory";
    const TITLE: &'static str = "A tool in memory";
    type Client = Client;

    fn account(&self) -> String {
        self.name.clone()
    }
    fn limits(&self) -> Limits {
        Limits::none().in_flight(4)
    }
    async fn connect(&self, context: AccountContext) -> Result<Client> {
        let mut tools = tools().lock().unwrap();
        Ok(Client { tool: Arc::clone(tools.entry(self.name.clone()).or_default()), clock: context.clock })
    }
    async fn test(_: &Client) -> Result<String> {
        Ok("memory".to_owned())
    }
}

/// What the connection can do.
#[derive(Deserialize, schemars::JsonSchema, Clone)]
pub(crate) struct Records {
    /// Rows in a call.
    batch: usize,
    /// It can write by key.
    upsert: bool,
    /// none, record or calls.
    groups: String,
}

impl Client {
    /// Logs the call, lets time pass, and gives the fault that is due.
    async fn enter(&self, operation: &'static str, rows: usize, keys: &[String]) -> Result<Option<Fault>> {
        {
            let mut state = self.tool.lock().unwrap();
            state.calls.push((operation, rows));
            for key in keys {
                if !state.in_flight.insert(key.clone()) {
                    state.doubled_keys.push(key.clone());
                }
            }
        }
        self.clock.sleep(std::time::Duration::from_millis(100)).await;
        let mut state = self.tool.lock().unwrap();
        for key in keys {
            state.in_flight.remove(key);
        }
        let due = state.faults.iter().position(|(name, _)| *name == operation);
        match due.map(|index| state.faults.remove(index).1) {
            Some(Fault::Call(error)) => Err(error),
            fault => Ok(fault),
        }
    }

    async fn write(
        &self,
        operation: &'static str,
        batch: &Batch,
        mut act: impl FnMut(&mut State, usize) -> RowOutcome,
    ) -> Result<Outcomes> {
        let keys = batch.iter().map(|row| row.key.to_string());
        let ids = batch.iter().filter_map(|row| row.remote_id.as_ref().map(|id| format!("record {id}")));
        let keys: Vec<String> = keys.chain(ids).collect();
        let fault = self.enter(operation, batch.len(), &keys).await?;
        let mut state = self.tool.lock().unwrap();
        let mut outcomes = Outcomes::new(batch.len());
        for index in 0..batch.len() {
            let outcome = act(&mut state, index);
            if !matches!(fault, Some(Fault::Forget(forgotten)) if forgotten == index) {
                outcomes.set(index, outcome);
            }
        }
        match fault {
            Some(Fault::After(error)) => Err(error),
            _ => Ok(outcomes),
        }
    }

    async fn members(
        &self,
        operation: &'static str,
        group: &RemoteId,
        records: &[RemoteId],
        add: bool,
    ) -> Result<Outcomes> {
        let fault = self.enter(operation, records.len(), &[]).await?;
        let mut state = self.tool.lock().unwrap();
        let list = group.as_u64()?;
        let Some(name) = state.lists.iter().find(|(_, id)| **id == list).map(|(name, _)| name.clone()) else {
            return Err(Error::new(ErrorKind::Gone, "no such list"));
        };
        let mut outcomes = Outcomes::new(records.len());
        for (index, id) in records.iter().enumerate() {
            let outcome = match state.records.get_mut(&id.as_u64()?) {
                None => RowOutcome::Gone,
                Some(record) => {
                    if add {
                        record.groups.insert(name.clone())
                    } else {
                        record.groups.remove(&name)
                    };
                    RowOutcome::Updated(id.clone())
                }
            };
            outcomes.set(index, outcome);
        }
        match fault {
            Some(Fault::After(error)) => Err(error),
            _ => Ok(outcomes),
        }
    }
}

/// "poison" is refused: alone as its row's outcome, in a batch as the whole call.
fn refuses(batch: &Batch, index: usize) -> bool {
    batch.values(&batch[index]).any(|(_, value)| value.as_str() == Some("poison"))
}

fn poisoned() -> Error {
    Error::rejected("the tool takes no poison").with_code("poison")
}

impl BatchExport for Records {
    const NAME: &'static str = "memory-records-export";
    const TITLE: &'static str = "Records in memory";
    type App = Memory;

    fn capability(&self) -> Capability {
        let size = BatchSize::of(self.batch);
        let capability = Capability::of_key("email").find(size).update(size).delete(size);
        let capability = if self.upsert { capability.upsert(size) } else { capability.create(size) };
        capability.groups(match self.groups.as_str() {
            "calls" => GroupSupport::Calls { add: size, remove: size },
            "record" => GroupSupport::InRecord,
            _ => GroupSupport::None,
        })
    }

    async fn mapping_schema(&self, client: &Client) -> Result<MappingSchema> {
        client.enter("schema", 0, &[]).await?;
        Ok(MappingSchema::new([
            Field::new("email", FieldType::Email).label("Email Address").required(),
            Field::new("first", FieldType::String).label("First Name"),
            Field::new("score", FieldType::Integer),
            Field::new("id", FieldType::Integer).read_only(),
        ]))
    }

    fn normalize_key(&self, key: &str) -> Result<Key> {
        Ok(Key::from(key.to_lowercase()))
    }

    fn normalize_group(&self, name: &str) -> Result<String> {
        if name.len() > 20 {
            Err(Error::rejected("the name is too long").with_code("invalid_group"))
        } else {
            Ok(name.to_owned())
        }
    }

    async fn find(&self, client: &Client, keys: &[Key]) -> Result<Found> {
        client.enter("find", keys.len(), &[]).await?;
        let state = client.tool.lock().unwrap();
        let mut found = Found::new();
        for key in keys {
            if key.as_str().starts_with("unaskable") {
                found.refuse(
                    key.clone(),
                    Error::rejected("no query can hold this key").with_code("unaskable"),
                );
            }
            for id in state.ids_of(key.as_str()) {
                found.insert(key.clone(), id);
            }
        }
        Ok(found)
    }

    async fn create(&self, client: &Client, batch: &Batch) -> Result<Outcomes> {
        if batch.len() > 1 && (0..batch.len()).any(|index| refuses(batch, index)) {
            client.enter("create", batch.len(), &[]).await?;
            return Err(poisoned());
        }
        client
            .write("create", batch, |state, index| {
                if refuses(batch, index) {
                    return poisoned().into();
                }
                state.next_id += 1;
                let id = state.next_id;
                state.write(id, batch, &batch[index]);
                RowOutcome::Created(id.into())
            })
            .await
    }

    async fn update(&self, client: &Client, batch: &Batch) -> Result<Outcomes> {
        client
            .write("update", batch, |state, index| {
                let id = batch[index].id().unwrap().as_u64().unwrap();
                if refuses(batch, index) {
                    return poisoned().into();
                }
                if !state.records.contains_key(&id) {
                    return RowOutcome::Gone;
                }
                state.write(id, batch, &batch[index]);
                RowOutcome::Updated(id.into())
            })
            .await
    }

    async fn upsert(&self, client: &Client, batch: &Batch) -> Result<Outcomes> {
        client
            .write("upsert", batch, |state, index| {
                let row = &batch[index];
                if refuses(batch, index) {
                    return poisoned().into();
                }
                match state.ids_of(row.key.as_str()).as_slice() {
                    [] if batch.write() == Write::UpdateOnly => {
                        RowOutcome::Skipped(SkipReason::CreateNotAllowed)
                    }
                    [] => {
                        state.next_id += 1;
                        let id = state.next_id;
                        state.write(id, batch, row);
                        RowOutcome::Created(id.into())
                    }
                    _ if batch.write() == Write::CreateOnly => {
                        RowOutcome::Skipped(SkipReason::UpdateNotAllowed)
                    }
                    [id] => {
                        state.write(*id, batch, row);
                        RowOutcome::Updated((*id).into())
                    }
                    _ => Error::rejected("several records have this key").with_code("ambiguous_key").into(),
                }
            })
            .await
    }

    async fn delete(&self, client: &Client, batch: &Batch) -> Result<Outcomes> {
        client
            .write("delete", batch, |state, index| {
                let id = batch[index].id().unwrap().as_u64().unwrap();
                state.records.remove(&id);
                RowOutcome::Deleted
            })
            .await
    }

    async fn resolve_groups(&self, client: &Client, groups: &[WantedGroup]) -> Result<GroupIds> {
        client.enter("resolve", groups.len(), &[]).await?;
        let mut state = client.tool.lock().unwrap();
        let mut ids = Vec::new();
        for group in groups {
            if group.name == "forgotten" {
                ids.push(Ok(None));
                continue;
            }
            if group.name == "forbidden" {
                ids.push(Err(Error::rejected("this list is not yours").with_code("forbidden")));
                continue;
            }
            if group.create && !state.lists.contains_key(&group.name) {
                state.next_id += 1;
                let id = state.next_id;
                state.calls.push(("create list", 1));
                state.lists.insert(group.name.clone(), id);
            }
            ids.push(Ok(state.lists.get(&group.name).map(|id| (*id).into())));
        }
        Ok(ids)
    }

    async fn add_to_group(
        &self,
        client: &Client,
        group: &RemoteId,
        records: &[RemoteId],
    ) -> Result<Outcomes> {
        client.members("add", group, records, true).await
    }

    async fn remove_from_group(
        &self,
        client: &Client,
        group: &RemoteId,
        records: &[RemoteId],
    ) -> Result<Outcomes> {
        client.members("remove", group, records, false).await
    }
}

/// A fresh tool, and an Outflow that knows it. On tokio's clock, which tests pause.
pub(crate) fn fresh() -> (Outflow, String, Tool) {
    static COUNT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let name = format!("tool {}", COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    let tool = Arc::clone(tools().lock().unwrap().entry(name.clone()).or_default());
    let registry = Registry::of(&[outflow_core::Plugin::of::<Records>()]).unwrap();
    (Outflow::with_registry(registry), name, tool)
}

/// A destination on a fresh tool.
pub(crate) async fn destination(
    batch: usize,
    upsert: bool,
    groups: &str,
) -> (outflow_core::Destination, Tool) {
    let (outflow, name, tool) = fresh();
    let account = outflow.account("memory", &json!({ "name": name })).await.unwrap();
    let options = json!({ "batch": batch, "upsert": upsert, "groups": groups });
    (account.destination("memory-records-export", &options).unwrap(), tool)
}
