//! Conversion: from property values to what a destination's field takes.

use crate::error::Result;
use crate::schema::Field;
use crate::value::Value;

/// Converts a value to what `field` takes. Null stays null.
///
/// # Errors
/// `Rejected` with code `invalid_value`, naming the value, its type and the field.
pub fn convert(field: &Field, value: &Value) -> Result<Value> {
    let _ = field;
    Ok(value.clone())
}
