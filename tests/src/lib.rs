//! What the suites that cross Outflow's crates are judged with: official specifications
//! and recordings of the real services. Both are kept outside the repository; where they
//! are not at hand, the checks say so and are left out.

#![warn(missing_docs)]

mod material;
pub mod openapi;
pub mod recording;
pub mod shape;

pub use material::{material, material_for, say};
