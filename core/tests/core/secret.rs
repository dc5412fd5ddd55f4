//! Secrets: read, never shown.

use outflow_core::Secret;
use schemars::schema_for;
use serde_json::json;

#[test]
fn a_secret_is_read_and_never_shown() {
    let secret: Secret = serde_json::from_value(json!("s3cr3t")).unwrap();
    assert_eq!(secret.expose(), "s3cr3t");
    assert_eq!(format!("{secret} {secret:?} {:?}", Some(&secret)), "[secret] [secret] Some([secret])");
    assert_eq!(secret.clone().expose(), "s3cr3t");
    assert!(!secret.is_empty() && Secret::new("").is_empty());
}

#[test]
fn its_schema_marks_it() {
    let schema = schema_for!(Secret).to_value();
    assert_eq!(schema["format"], "password");
    assert_eq!(schema["writeOnly"], true);
}

#[test]
fn an_error_about_another_type_does_not_come_from_a_secret() {
    let error = serde_json::from_value::<Secret>(json!(["s3cr3t"])).unwrap_err();
    assert!(!error.to_string().contains("s3cr3t"), "{error}");
}
