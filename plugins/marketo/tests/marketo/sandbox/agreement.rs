//! When an answer agrees with a recorded one.

use std::collections::HashMap;

use bytes::Bytes;
use serde_json::{Map, Value};

/// The sandbox's ids by the recorded ones, learnt from answers.
#[derive(Default)]
pub(crate) struct Ids(HashMap<u64, u64>);

/// Keys whose values are random or counted by the clock.
const TOKENS: &[&str] = &["access_token", "expires_in", "requestId"];
const TIMES: &[&str] = &["createdAt", "updatedAt"];

impl Ids {
    /// Compares shape and values; times and tokens by their shape alone, ids by whether
    /// they stand for the same thing everywhere.
    pub(crate) fn compare(&mut self, at: &str, theirs: &Value, ours: &Value) -> Result<(), String> {
        let key = at.rsplit('.').next().unwrap_or_default();
        match (theirs, ours) {
            (Value::Object(theirs), Value::Object(ours)) => self.compare_objects(at, theirs, ours),
            (Value::Array(theirs), Value::Array(ours)) => self.compare_arrays(at, theirs, ours),
            (Value::Number(theirs), Value::Number(ours)) if key == "id" => {
                self.pair(at, theirs.as_u64().unwrap(), ours.as_u64().unwrap())
            }
            (Value::Number(_), Value::Number(_)) if TOKENS.contains(&key) => Ok(()),
            (Value::String(theirs), Value::String(ours)) if TIMES.contains(&key) => {
                same(at, &digits_masked(theirs), &digits_masked(ours))
            }
            (Value::String(theirs), Value::String(ours)) if key == "requestId" => {
                same(at, &request_id_shape(theirs), &request_id_shape(ours))
            }
            (Value::String(_), Value::String(_)) if TOKENS.contains(&key) => Ok(()),
            (Value::String(theirs), Value::String(ours)) if key == "computedUrl" => {
                self.pair(at, asset_of(theirs), asset_of(ours))
            }
            (theirs, ours) if theirs == ours => Ok(()),
            (theirs, ours) => Err(format!("{at}: {ours}, recorded {theirs}")),
        }
    }

    fn compare_objects(
        &mut self,
        at: &str,
        theirs: &Map<String, Value>,
        ours: &Map<String, Value>,
    ) -> Result<(), String> {
        if let Some(missing) = theirs.keys().find(|key| !ours.contains_key(*key)) {
            return Err(format!("{at}: `{missing}` is missing"));
        }
        if let Some(extra) = ours.keys().find(|key| !theirs.contains_key(*key)) {
            return Err(format!("{at}: `{extra}` was not recorded"));
        }
        for (key, theirs) in theirs {
            self.compare(&format!("{at}.{key}"), theirs, &ours[key])?;
        }
        Ok(())
    }

    fn compare_arrays(&mut self, at: &str, theirs: &[Value], ours: &[Value]) -> Result<(), String> {
        if theirs.len() != ours.len() {
            return Err(format!("{at}: {} entries, recorded {}", ours.len(), theirs.len()));
        }
        for (index, (theirs, ours)) in theirs.iter().zip(ours).enumerate() {
            self.compare(&format!("{at}[{index}]"), theirs, ours)?;
        }
        Ok(())
    }

    fn pair(&mut self, at: &str, theirs: u64, ours: u64) -> Result<(), String> {
        let known = *self.0.entry(theirs).or_insert(ours);
        if known == ours {
            Ok(())
        } else {
            Err(format!("{at}: {ours}, but the recorded {theirs} was {known} before"))
        }
    }

    fn translate(&self, id: u64) -> u64 {
        self.0.get(&id).copied().unwrap_or(id)
    }

    pub(crate) fn translate_path(&self, url: &str) -> String {
        let segments = url.split('/').map(|segment| self.translate_text(segment));
        segments.collect::<Vec<_>>().join("/")
    }

    /// An id, a list of them with commas, or JSON that holds some; anything else stays.
    fn translate_text(&self, text: &str) -> String {
        if text.starts_with('{') {
            let mut json: Value = serde_json::from_str(text).unwrap();
            self.translate_json(&mut json);
            return json.to_string();
        }
        let part = |part: &str| part.parse().map_or(part.to_owned(), |id| self.translate(id).to_string());
        text.split(',').map(part).collect::<Vec<_>>().join(",")
    }

    fn translate_json(&self, json: &mut Value) {
        match json {
            Value::Object(object) => {
                for (key, value) in object {
                    match value.as_u64().filter(|_| key == "id") {
                        Some(id) => *value = self.translate(id).into(),
                        None => self.translate_json(value),
                    }
                }
            }
            Value::Array(array) => array.iter_mut().for_each(|value| self.translate_json(value)),
            _ => {}
        }
    }

    pub(crate) fn translate_pairs(&self, pairs: &[Value]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for pair in pairs {
            let value = self.translate_text(pair["value"].as_str().unwrap());
            query.append_pair(pair["name"].as_str().unwrap(), &value);
        }
        query.finish()
    }

    pub(crate) fn translate_body(&self, content_type: &str, body: &str) -> Bytes {
        if content_type.starts_with("application/json") {
            return self.translate_text(body).into();
        }
        let mut form = form_urlencoded::Serializer::new(String::new());
        for (name, value) in form_urlencoded::parse(body.as_bytes()) {
            form.append_pair(&name, &self.translate_text(&value));
        }
        form.finish().into()
    }
}

fn same(at: &str, theirs: &str, ours: &str) -> Result<(), String> {
    if theirs == ours { Ok(()) } else { Err(format!("{at}: {ours}, recorded {theirs}")) }
}

fn digits_masked(text: &str) -> String {
    text.replace(|letter: char| letter.is_ascii_digit(), "0")
}

/// Two hexadecimal numbers with a `#` between, the second one milliseconds of this age.
fn request_id_shape(id: &str) -> String {
    let hexadecimal = |text: &str| u64::from_str_radix(text, 16).is_ok();
    match id.split_once('#') {
        Some((first, time)) if hexadecimal(first) && hexadecimal(time) => format!("x#{}", time.len()),
        _ => id.to_owned(),
    }
}

/// The asset's id in `https://app-ab39.marketo.com/#ST1159A1`; the host changes from one
/// answer to the next.
fn asset_of(url: &str) -> u64 {
    let id = url.split_once("#ST").and_then(|(_, rest)| rest.strip_suffix("A1"));
    id.and_then(|id| id.parse().ok()).unwrap()
}
