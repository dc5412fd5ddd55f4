//! Failures of systems that did this job before, by number: each line of the
//! [table](table) is held by a test whose name has its number. These suites take the
//! lessons that all plugins have in common through the registered connections; what
//! only one tool teaches is tested beside its plugin.

mod accounts;
mod budget;
mod hosts;
mod keys;
mod later;
mod profiles;
mod secrets;
mod sizes;
mod table;
mod tokens;
mod unanswered;
