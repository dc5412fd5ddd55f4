use rstest::rstest;
use serde_json::{Value, json};

use super::caller::{Caller, statuses};

async fn written(field: &str, value: Value) -> Result<Value, String> {
    let caller = Caller::new().await;
    let record = json!({ "email": "a@example.com", field: value });
    let results = caller.sync("createOrUpdate", json!([record])).await;
    match results[0]["id"].as_u64() {
        Some(id) => Ok(caller.read(id, field).await[field].clone()),
        None => Err(results[0]["reasons"][0]["message"].as_str().unwrap().to_owned()),
    }
}

#[rstest]
#[case("firstName", json!("Zoë \"Z\" \\ 名"), json!("Zoë \"Z\" \\ 名"))]
#[case("firstName", json!(12), json!("12"))]
#[case("firstName", json!(""), json!(null))]
#[case("firstName", json!("é".repeat(255)), json!("é".repeat(255)))]
#[case("textarea_field", json!("x".repeat(30_000)), json!("x".repeat(30_000)))]
#[case("boolean_field", json!(true), json!(true))]
#[case("boolean_field", json!("false"), json!(false))]
#[case("boolean_field", json!(null), json!(false))]
#[case("email_field", json!("Some.One+x@Example.com"), json!("Some.One+x@Example.com"))]
#[case("integer_field", json!(0), json!(0))]
#[case("integer_field", json!("-12"), json!(-12))]
#[case("score_field", json!(14), json!(14))]
#[case("percent_field", json!(100), json!(100))]
#[case("float_field", json!(1.5), json!(1.5))]
#[case("float_field", json!(2), json!(2))]
#[case("currency_field", json!("3.5"), json!(3.5))]
#[case("date_field", json!("2020-08-30"), json!("2020-08-30"))]
#[case("datetime_field", json!("2020-08-30T05:49:48.000Z"), json!("2020-08-30T05:49:48Z"))]
#[case("datetime_field", json!("2020-08-30T05:49:48.9+02:00"), json!("2020-08-30T03:49:48Z"))]
#[case("phone", json!("any (form) at all"), json!("any (form) at all"))]
#[case("integer_field", json!(null), json!(null))]
#[tokio::test]
async fn a_value_reads_back(#[case] field: &str, #[case] value: Value, #[case] read: Value) {
    assert_eq!(written(field, value).await, Ok(read));
}

#[rstest]
#[case("integer_field", json!(14.1), "14.1")]
#[case("integer_field", json!(2_147_483_648_u64), "2147483648")]
#[case("integer_field", json!(true), "true")]
#[case("percent_field", json!("100%"), "100%")]
#[case("score_field", json!("many"), "many")]
#[case("float_field", json!("1,5"), "1,5")]
#[case("boolean_field", json!("maybe"), "maybe")]
#[case("boolean_field", json!(2), "2")]
#[case("email_field", json!("nobody"), "nobody")]
#[case("email_field", json!("zoë@example.com"), "zoë@example.com")]
#[case("email_field", json!("a@b@c"), "a@b@c")]
#[case("date_field", json!("30.8.2020"), "30.8.2020")]
#[case("date_field", json!("2020-02-30"), "2020-02-30")]
#[case("date_field", json!("2020-08-30T05:49:48Z"), "2020-08-30T05:49:48Z")]
#[case("datetime_field", json!("2020-08-30"), "2020-08-30")]
#[case("datetime_field", json!(1_598_766_588), "1598766588")]
#[case("firstName", json!(["a"]), "[\"a\"]")]
#[tokio::test]
async fn a_bad_value_is_named_with_its_field(#[case] field: &str, #[case] value: Value, #[case] shown: &str) {
    let message = format!("Invalid value for field '{field}' and value '{shown}'");
    assert_eq!(written(field, value).await, Err(message));
}

#[rstest]
#[case("firstName", 256)]
#[case("textarea_field", 30_001)]
#[tokio::test]
async fn a_long_text_is_refused(#[case] field: &str, #[case] length: usize) {
    assert!(written(field, json!("x".repeat(length))).await.is_err());
}

#[tokio::test]
async fn text_areas_are_measured_in_bytes() {
    assert!(written("textarea_field", json!("é".repeat(15_000))).await.is_ok());
    assert!(written("textarea_field", json!("é".repeat(15_001))).await.is_err());
}

#[tokio::test]
async fn a_url_needs_its_protocol() {
    let caller = Caller::new().await;
    caller.sandbox.add_field("homePage", "Home Page", outflow_marketo::sandbox::DataType::Url);
    let input = json!([
        { "email": "a@example.com", "homePage": "https://example.com" },
        { "email": "b@example.com", "homePage": "example.com" },
    ]);
    let results = caller.sync("createOrUpdate", input).await;
    assert_eq!(statuses(&results), ["created", "1003"]);
}

#[tokio::test]
async fn null_clears_and_what_is_not_named_stays() {
    let caller = Caller::new().await;
    let all = json!({ "email": "a@example.com", "firstName": "A", "lastName": "B", "integer_field": 0 });
    let id = caller.create(all).await;
    caller.sync("updateOnly", json!([{ "email": "a@example.com", "firstName": null }])).await;
    assert_eq!(
        caller.read(id, "firstName,lastName,integer_field").await,
        json!({ "id": id, "firstName": null, "lastName": "B", "integer_field": 0 })
    );
}
