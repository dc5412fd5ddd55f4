//! What holds for every value and every field.

use jiff::Timestamp;
use jiff::civil::Date;
use outflow_core::{Field, MaxLength, Value, convert};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::ALL_TYPES;

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ ]?[-+]?[0-9]{0,20}(\\.[0-9]{0,3})?(e[0-9]{1,3})?[%]?",
        "[ ]?(true|FALSE|1|0|nan|inf)[ ]?",
        "[ ]?[a-z.ü]{0,5}@[a-zü.]{0,9}@?[ ]?",
        "(https?|ftp|HTTP)?:?/{0,3}[a-z:@. \\t]{0,9}(/[ü?#]{0,3})?",
        "-?[0-9]{4}-[0-9]{2}-[0-3][0-9]([T ]?[0-2][0-9]:[0-5][0-9](:[0-6][0-9])?(Z|[+-][0-9]{2}:?[0-9]{2})?)?",
    ]
}

fn any_scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Boolean),
        any::<i64>().prop_map(Value::Integer),
        (-2_i64..3).prop_map(Value::Integer),
        any::<f64>().prop_map(Value::Float),
        (-9.0e18..9.9e18).prop_map(|number: f64| Value::Float(number.trunc())),
        any_text().prop_map(Value::String),
        any_text().prop_map(Value::Email),
        any_text().prop_map(Value::PhoneNumber),
        any_text().prop_map(Value::Url),
        (-9999_i16..=9999, 1_i8..=12, 1_i8..=28)
            .prop_map(|(year, month, day)| Value::Date(Date::constant(year, month, day))),
        Just(Value::Date(Date::MAX)),
        Just(Value::Date(Date::MIN)),
        (Timestamp::MIN.as_second()..=Timestamp::MAX.as_second())
            .prop_map(|second| Value::Datetime(Timestamp::from_second(second).unwrap())),
        Just(Value::Datetime(Timestamp::MAX)),
        Just(Value::Datetime(Timestamp::MIN)),
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    any_scalar().prop_recursive(2, 12, 4, |inner| prop::collection::vec(inner, 0..4).prop_map(Value::Array))
}

fn any_field() -> impl Strategy<Value = Field> {
    let limit = prop_oneof![
        Just(None),
        (0_usize..40).prop_map(|most| Some(MaxLength::Chars(most))),
        (0_usize..40).prop_map(|most| Some(MaxLength::Bytes(most))),
    ];
    (prop::sample::select(ALL_TYPES.to_vec()), limit)
        .prop_map(|(field_type, limit)| Field { max_length: limit, ..Field::new("f", field_type) })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 4_096,
        rng_seed: RngSeed::Fixed(7),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn converting_never_panics_and_a_converted_value_stays_what_it_is(
        field in any_field(),
        value in any_value(),
    ) {
        match convert(&field, &value) {
            Ok(once) => {
                let twice = convert(&field, &once);
                // By text: a native field lets NaN pass, which equals nothing.
                prop_assert_eq!(format!("{twice:?}"), format!("Ok({once:?})"));
            }
            Err(error) => prop_assert_eq!(error.code(), Some("invalid_value")),
        }
    }
}
