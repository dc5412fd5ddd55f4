//! The plugin, through the registry and against its sandbox: what is called, what comes
//! out, and what the tool holds afterwards.

mod account;
mod answers;
mod bad_input;
mod codes;
mod deletes;
mod faults;
mod groups;
mod invalid_field;
mod keys;
mod limits;
mod model;
mod modes;
mod sizes;
mod values;
mod world;
