//! Recordings of the real service, of what only v1 has, replayed in their order.

use std::collections::BTreeMap;

use bytes::Bytes;
use outflow_pipedrive::sandbox::{Entity, FieldType};
use outflow_tests::recording::{Recorded, read};
use outflow_tests::shape::differences;
use outflow_tests::{material_for, say};
use serde_json::{Value, json};

use super::client::{Answer, Client, HOST};
