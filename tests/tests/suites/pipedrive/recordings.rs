//! Recordings of the real service, of what only v1 has, replayed in their order.
//!
//! The rest of the recordings, persons of v1, is of endpoints that are out of support:
//! the plugin does not call them, and the sandbox does not have them.

use std::collections::{BTreeMap, BTreeSet};

use outflow_pipedrive::sandbox::{Entity, FieldType};
use outflow_tests::recording::{Recorded, read};
use outflow_tests::shape::differences;
use outflow_tests::{material_for, say};
use serde_json::{Value, json};

use super::client::{Answer, Client};

const RECORDINGS: [&str; 3] = ["persons-mapping-v1.har", "organizations-mapping-v1.har", "persons-v1.har"];

/// What differs from account to account, and from minute to minute.
const FREE: [&str; 6] = ["id", "field_id", "add_time", "update_time", "last_updated_by_user_id", "user_id"];

#[tokio::test(start_paused = true)]
async fn recordings_of_v1_are_answered_as_they_were() {
    let Some(folder) = material_for("the Pipedrive sandbox's answers against recordings") else {
        return;
    };
    let mut tally = Tally::default();
    for name in RECORDINGS {
        let entries = read(&folder.join("recordings/pipedrive").join(name)).unwrap();
        let mut replay = Replay::starting_as(&entries);
        for entry in &entries {
            if is_of_v1_alone(&entry.path) {
                let found = replay.differences(entry).await;
                tally.add(name, entry, found);
            } else {
                tally.left_out += 1;
            }
        }
    }
    tally.tell();
    assert_eq!(tally.disagreeing, Vec::<String>::new());
    assert!(tally.agreeing >= 40, "only {} exchanges were replayed", tally.agreeing);
}

fn is_of_v1_alone(path: &str) -> bool {
    ["/v1/personFields", "/v1/organizationFields", "/v1/filters", "/v1/users"]
        .iter()
        .any(|known| path.starts_with(known))
}

/// A company in the state the recorded one began in, and what its ids have become here.
struct Replay {
    client: Client,
    ids: BTreeMap<u64, u64>,
    /// Custom fields from before autumn 2021, whose values have a column of their own.
    old_columns: BTreeSet<String>,
}

impl Replay {
    /// The recorded account had been used before: it had custom fields and filters that
    /// no new company has, and gaps in the order where others had been deleted. They are
    /// in the first answers that list them.
    fn starting_as(entries: &[Recorded]) -> Self {
        let client = Client::new();
        let mut old_columns = BTreeSet::new();
        for (path, entity) in
            [("/v1/personFields", Entity::Person), ("/v1/organizationFields", Entity::Organization)]
        {
            let fields = first_list(entries, path);
            let (used, new): (Vec<Value>, Vec<Value>) = fields
                .into_iter()
                .filter(|field| field["order_nr"].is_u64())
                .partition(|field| name_of(field).starts_with("In Group: "));
            let mut next = new.iter().map(order_of).max().unwrap_or_default() + 1;
            for field in &used {
                use_up(&client, entity, &mut next, order_of(field));
                client.sandbox.add_field(entity, &name_of(field), FieldType::Varchar, &[]);
                next += 1;
                if field["json_column_flag"] == false {
                    old_columns.insert(name_of(field));
                }
            }
            if let Some(created) = first_created(entries, path) {
                use_up(&client, entity, &mut next, order_of(&created));
            }
        }
        let known: BTreeSet<String> = client.sandbox.filters().iter().map(name_of).collect();
        for filter in first_list(entries, "/v1/filters") {
            if !known.contains(&name_of(&filter)) {
                client.sandbox.add_filter(&name_of(&filter), Entity::Person);
            }
        }
        Self { client, ids: BTreeMap::new(), old_columns }
    }

    async fn differences(&mut self, entry: &Recorded) -> Vec<String> {
        let answer = self.send(entry).await;
        if answer.status != entry.status {
            return vec![format!("status {} instead of {}", answer.status, entry.status)];
        }
        let recorded = entry.answer.clone().unwrap_or_default();
        if entry.method == "POST" {
            self.learn(&recorded["data"]["id"], &answer.body["data"]["id"]);
        }
        let mut found = differences(&recorded, &answer.body, &is_free);
        found.retain(|why| !self.is_old_column(why, &recorded));
        found
    }

    /// Sends what was recorded, with the ids of here.
    async fn send(&self, entry: &Recorded) -> Answer {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in &entry.query {
            match name.as_str() {
                "api_token" => {}
                "ids" => {
                    let ids = value.split(',').map(|id| self.here(id));
                    query.append_pair(name, &ids.collect::<Vec<_>>().join(","));
                }
                _ => {
                    query.append_pair(name, value);
                }
            }
        }
        let body = entry.body.as_deref().map(|body| {
            let mut body: Value = serde_json::from_str(body).unwrap();
            self.translate(&mut body);
            body
        });
        let path = format!("{}?{}", entry.path, query.finish());
        self.client.call(entry.method.parse().unwrap(), &path, body).await
    }

    fn learn(&mut self, recorded: &Value, here: &Value) {
        if let (Some(recorded), Some(here)) = (recorded.as_u64(), here.as_u64()) {
            self.ids.insert(recorded, here);
        }
    }

    fn here(&self, id: &str) -> String {
        let known = id.parse().ok().and_then(|id: u64| self.ids.get(&id));
        known.map_or_else(|| id.to_owned(), u64::to_string)
    }

    /// Gives the fields that conditions name the ids of here.
    fn translate(&self, value: &mut Value) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    if name == "field_id" {
                        let here = member.as_u64().and_then(|id| self.ids.get(&id));
                        *member = here.map_or_else(|| member.clone(), |id| json!(id));
                    } else {
                        self.translate(member);
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.translate(item)),
            _ => {}
        }
    }

    /// Fields made here are as fields made today.
    fn is_old_column(&self, difference: &str, recorded: &Value) -> bool {
        let Some(place) = difference.strip_suffix("/json_column_flag: true instead of false") else {
            return false;
        };
        let field = recorded.pointer(place).unwrap_or(&Value::Null);
        self.old_columns.contains(&name_of(field))
    }
}

fn is_free(name: &str, recorded: &Value, here: &Value) -> bool {
    FREE.contains(&name) || name == "key" && is_hash(recorded, here)
}

/// Keys of custom fields, or of the same part of custom fields, are alike.
fn is_hash(left: &Value, right: &Value) -> bool {
    let split = |key: &Value| {
        let (hash, part) = key.as_str()?.split_at_checked(40)?;
        let is_hash = hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hash.then(|| part.to_owned())
    };
    split(left).is_some() && split(left) == split(right)
}

fn name_of(item: &Value) -> String {
    item["name"].as_str().unwrap_or_default().to_owned()
}

fn order_of(field: &Value) -> u64 {
    field["order_nr"].as_u64().unwrap_or_default()
}

/// Makes fields and deletes them again, up to a place in the order.
fn use_up(client: &Client, entity: Entity, next: &mut u64, until: u64) {
    while *next < until {
        let code = client.sandbox.add_field(entity, "deleted", FieldType::Varchar, &[]);
        client.sandbox.delete_field(entity, &code);
        *next += 1;
    }
}

fn first_created(entries: &[Recorded], path: &str) -> Option<Value> {
    let created = entries.iter().find(|entry| entry.method == "POST" && entry.path == path);
    created.and_then(|entry| Some(entry.answer.as_ref()?["data"].clone()))
}

fn first_list(entries: &[Recorded], path: &str) -> Vec<Value> {
    entries
        .iter()
        .find(|entry| entry.method == "GET" && entry.path == path)
        .and_then(|entry| entry.answer.as_ref()?["data"].as_array().cloned())
        .unwrap_or_default()
}

#[derive(Default)]
struct Tally {
    agreeing: usize,
    left_out: usize,
    disagreeing: Vec<String>,
}

impl Tally {
    fn add(&mut self, name: &str, entry: &Recorded, found: Vec<String>) {
        if found.is_empty() {
            self.agreeing += 1;
            return;
        }
        self.disagreeing.push(format!(
            "{name} {}: {} {}: {}",
            entry.index,
            entry.method,
            entry.path,
            in_short(&found)
        ));
    }

    fn tell(&self) {
        let all = self.agreeing + self.disagreeing.len();
        say(&format!(
            "\nPipedrive sandbox and recordings: {} of {all} exchanges that only v1 has agree; {} of \
             endpoints out of support are left out.",
            self.agreeing, self.left_out
        ));
        for why in &self.disagreeing {
            say(&format!("  disagrees: {why}"));
        }
    }
}

/// The first of many reasons.
fn in_short(reasons: &[String]) -> String {
    const SHOWN: usize = 3;
    let mut text = reasons[..reasons.len().min(SHOWN)].join("; ");
    if reasons.len() > SHOWN {
        text += &format!("; and {} more like it", reasons.len() - SHOWN);
    }
    text
}
