//! The model: what a tool holds, as a list of records, and what an export does to it.

use std::collections::{BTreeMap, BTreeSet};

use outflow_core::{Export, Properties, SyncMode, Value};
use outflow_sandbox::SandboxRecord;
use serde_json::Value as Json;

use crate::world::{NAME, NICKNAME, POINTS, Tool, World};

/// One record, as far as the model looks.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Record {
    pub(crate) key: String,
    pub(crate) fields: BTreeMap<&'static str, String>,
    pub(crate) groups: BTreeSet<String>,
    /// The tool's id, of those that were there before.
    pub(crate) id: Option<String>,
}

/// What a tool holds.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) tool: Tool,
    pub(crate) mode: SyncMode,
    pub(crate) records: Vec<Record>,
}

/// What is wrong with an export's data, by the property's name, in the order of names.
const CODES_OF_DEFECTS: [(&str, &str); 2] = [("Nonsense", "unknown_field"), (POINTS, "invalid_value")];

/// A group's name that is too long for either tool.
const LONGEST_GROUP: usize = 255;

impl Model {
    /// What the tool holds now.
    pub(crate) fn of(world: &World, mode: SyncMode) -> Self {
        let records = world.records();
        Self { tool: world.tool, mode, records: records.iter().map(|record| read(world, record)).collect() }
    }

    /// The records in an order of their own, with the ids of those alone that `before` has.
    pub(crate) fn sorted(&self, before: &Self) -> Vec<Record> {
        let mut records = self.records.clone();
        for record in &mut records {
            let is_old = before.records.iter().any(|old| old.id == record.id);
            record.id = record.id.take().filter(|_| is_old);
        }
        records.sort();
        records
    }

    pub(crate) fn holders(&self, key: &str) -> Vec<usize> {
        let key = self.normalized(key);
        let held = self.records.iter().enumerate();
        held.filter(|(_, record)| record.key == key).map(|(place, _)| place).collect()
    }

    /// Does what the export asks for, and says what is to be told of it.
    pub(crate) fn apply(&mut self, export: &Export) -> String {
        if export.changes_nothing() {
            return "unchanged".to_owned();
        }
        let told = if export.to_delete { self.delete(export) } else { self.write(export) };
        told.unwrap_or_else(|refusal| refusal)
    }

    fn delete(&mut self, export: &Export) -> Result<String, String> {
        allowed(self.mode.delete, "delete_not_allowed")?;
        let keys = self.keys(export);
        if let Some(id) = &export.remote_id {
            // Gone already is as good as deleted.
            self.records.retain(|record| record.id.as_deref() != Some(id.as_str()));
            return Ok("deleted".to_owned());
        }
        if keys.is_empty() {
            return rejected("missing_key");
        }
        let place = self.pick(&keys)?;
        let place = place.ok_or_else(|| "skipped nothing_to_delete".to_owned())?;
        self.records.remove(place);
        Ok("deleted".to_owned())
    }

    fn write(&mut self, export: &Export) -> Result<String, String> {
        allowed(self.mode.create || self.mode.update, "write_not_allowed")?;
        self.check(export)?;
        if let Some(id) = &export.remote_id {
            allowed(self.mode.update, "update_not_allowed")?;
            self.check_name(export)?;
            let mut known = self.records.iter();
            if let Some(place) = known.position(|record| record.id.as_deref() == Some(id.as_str())) {
                return self.update(place, export, true);
            }
            if self.asks_for_nothing_of(export) {
                return Ok("updated".to_owned());
            }
            if self.new_key(export).is_none() {
                return Err("rejected gone".to_owned());
            }
        }
        match self.find(export)? {
            Some(place) => {
                allowed(self.mode.update, "update_not_allowed")?;
                self.update(place, export, false)
            }
            None => {
                allowed(self.mode.create, "create_not_allowed")?;
                self.create(export)
            }
        }
    }

    /// Whether nothing of the record itself is to be written.
    fn concerns_groups_alone(&self, export: &Export) -> bool {
        !self.tool.groups_ride_in_the_record() && export.old_properties == export.new_properties
    }

    /// Whether a record that is gone would not be missed: nobody leaves a list who is not
    /// on it, and where nothing is to be written nothing is sent.
    fn asks_for_nothing_of(&self, export: &Export) -> bool {
        if self.tool.groups_ride_in_the_record() {
            let names_nothing = export.new_properties.is_empty() && export.old_properties.is_empty();
            names_nothing && export.new_groups == export.old_groups
        } else {
            self.concerns_groups_alone(export) && export.new_groups.is_subset(&export.old_groups)
        }
    }

    /// What is refused before anything is sent.
    fn check(&self, export: &Export) -> Result<(), String> {
        if self.tool == Tool::Persons && export.new_properties.get(NAME) == Some(&Value::Null) {
            return rejected("missing_field");
        }
        for (name, code) in CODES_OF_DEFECTS {
            let is_wrong = |value: &Value| code != "invalid_value" || value.as_str().is_some();
            if export.new_properties.get(name).is_some_and(is_wrong) {
                return rejected(code);
            }
        }
        let is_keyless = self.new_key(export).is_none();
        let has_key_property = export.new_properties.contains_key(self.tool.key());
        if is_keyless && (export.remote_id.is_none() || self.old_key(export).is_some() || has_key_property) {
            return rejected("missing_key");
        }
        let is_too_long = |group: &String| group.chars().count() > LONGEST_GROUP;
        if export.new_groups.iter().any(is_too_long) {
            return rejected("invalid_group");
        }
        Ok(())
    }

    fn find(&self, export: &Export) -> Result<Option<usize>, String> {
        let keys = self.keys(export);
        let by_key = self.tool.upserts() && keys.len() == 1;
        match self.pick(&keys) {
            // The tool itself looks: it says what it found, and then that it is too many.
            Err(_) if by_key => {
                allowed(self.mode.update, "update_not_allowed")?;
                rejected("1007")
            }
            picked => picked,
        }
    }

    /// The new key wins over the old one.
    fn pick(&self, keys: &[String]) -> Result<Option<usize>, String> {
        for key in keys {
            match self.holders(key)[..] {
                [] => {}
                [place] => return Ok(Some(place)),
                _ => return rejected("ambiguous_key"),
            }
        }
        Ok(None)
    }

    fn update(&mut self, place: usize, export: &Export, is_known: bool) -> Result<String, String> {
        self.check_name(export)?;
        let key = self.new_key(export);
        let only_groups = is_known && self.concerns_groups_alone(export);
        // What is acknowledged of an id that is gone says nothing of another record.
        let is_another = export.remote_id.is_some() && !is_known;
        let in_record = self.tool.groups_ride_in_the_record();
        let record = &mut self.records[place];
        if !only_groups {
            record.key = key.unwrap_or(std::mem::take(&mut record.key));
            set_fields(record, export);
        }
        if in_record {
            if export.old_groups != export.new_groups || (is_another && !export.new_groups.is_empty()) {
                record.groups.clone_from(&export.new_groups);
            }
        } else {
            let stays = |group: &String| !export.old_groups.contains(group);
            record.groups.retain(|group| stays(group) || export.new_groups.contains(group));
            let joined = export.new_groups.iter().filter(|group| is_another || stays(group));
            record.groups.extend(joined.cloned());
        }
        Ok("updated".to_owned())
    }

    /// A person has a name: it cannot be taken away.
    fn check_name(&self, export: &Export) -> Result<(), String> {
        if self.tool == Tool::Persons && drops(export, NAME) {
            return rejected("missing_field");
        }
        Ok(())
    }

    fn create(&mut self, export: &Export) -> Result<String, String> {
        let has_name = export.new_properties.get(NAME).is_some_and(|name| !name.is_null());
        if self.tool == Tool::Persons && !has_name {
            return rejected("missing_field");
        }
        let mut record = Record {
            key: self.new_key(export).unwrap_or_default(),
            groups: export.new_groups.clone(),
            ..Record::default()
        };
        set_fields(&mut record, export);
        self.records.push(record);
        Ok("created".to_owned())
    }

    /// The keys that find the record, the one to prefer first.
    fn keys(&self, export: &Export) -> Vec<String> {
        let mut keys: Vec<String> = self.new_key(export).into_iter().collect();
        keys.extend(self.old_key(export).filter(|old| !keys.contains(old)));
        keys
    }

    pub(crate) fn new_key(&self, export: &Export) -> Option<String> {
        self.key_of(&export.new_properties)
    }

    fn old_key(&self, export: &Export) -> Option<String> {
        self.key_of(&export.old_properties)
    }

    fn key_of(&self, properties: &Properties) -> Option<String> {
        let key = properties.get(self.tool.key())?.as_str()?.trim();
        (!key.is_empty()).then(|| self.normalized(key))
    }

    fn normalized(&self, key: &str) -> String {
        if self.tool.is_keyed_by_email() { key.to_lowercase() } else { key.to_owned() }
    }
}

fn allowed(is_allowed: bool, code: &str) -> Result<(), String> {
    if is_allowed { Ok(()) } else { Err(format!("skipped {code}")) }
}

fn rejected<T>(code: &str) -> Result<T, String> {
    Err(format!("rejected {code}"))
}

/// Whether the export takes away what was acknowledged.
fn drops(export: &Export, name: &str) -> bool {
    export.old_properties.contains_key(name) && !export.new_properties.contains_key(name)
}

fn set_fields(record: &mut Record, export: &Export) {
    for name in [NAME, NICKNAME, POINTS] {
        match export.new_properties.get(name) {
            Some(Value::Null) => drop(record.fields.remove(name)),
            Some(value) => drop(record.fields.insert(name, value.to_string())),
            None if drops(export, name) => drop(record.fields.remove(name)),
            None => {}
        }
    }
    // Where the name is the key, it is compared as the key.
    if record.fields.get(NAME) == Some(&record.key) {
        record.fields.remove(NAME);
    }
}

/// A record as the tool holds it, as far as the model looks.
fn read(world: &World, record: &SandboxRecord) -> Record {
    let shown = [
        (NICKNAME, NICKNAME),
        (POINTS, POINTS),
        (NAME, if world.tool == Tool::Persons { "name" } else { "" }),
    ];
    let field = |(name, shown): (&'static str, &str)| Some((name, text(record.fields.get(shown)?)));
    Record {
        key: world.keys_of(record).join(" and "),
        fields: shown.into_iter().filter_map(field).collect(),
        groups: record.groups.clone(),
        id: Some(record.id.clone()),
    }
}

/// Numbers as they are written without a fraction.
fn text(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Number(number) => number.as_f64().map_or_else(String::new, |number| number.to_string()),
        other => other.to_string(),
    }
}
