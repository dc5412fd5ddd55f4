//! Sync modes: by name, or as any subset of create, update and delete.

use outflow_core::SyncMode;
use rstest::rstest;

fn mode(create: bool, update: bool, delete: bool) -> SyncMode {
    SyncMode { create, update, delete }
}

#[rstest]
#[case("sync", SyncMode::SYNC)]
#[case("additive", SyncMode::ADDITIVE)]
#[case("enrich", SyncMode::ENRICH)]
#[case("create,update,delete", SyncMode::SYNC)]
#[case("update, create", SyncMode::ADDITIVE)]
#[case("update", SyncMode::ENRICH)]
#[case("delete", mode(false, false, true))]
#[case("create,create", mode(true, false, false))]
fn a_mode_is_read(#[case] text: &str, #[case] expected: SyncMode) {
    assert_eq!(text.parse::<SyncMode>(), Ok(expected));
}

#[rstest]
#[case("")]
#[case("Sync")]
#[case("create,")]
#[case("create update")]
#[case("sync,delete")]
#[case("upsert")]
fn what_is_no_mode_is_answered_with_those_there_are(#[case] text: &str) {
    let error = text.parse::<SyncMode>().unwrap_err().to_string();
    assert!(error.starts_with(&format!("{text:?} is no sync mode")), "{error}");
    assert!(error.contains("sync, additive or enrich"), "{error}");
}

#[test]
fn every_subset_comes_back_as_it_was() {
    for bits in 0..8 {
        let mode = mode(bits & 1 > 0, bits & 2 > 0, bits & 4 > 0);
        assert_eq!(mode.to_string().parse(), Ok(mode));
        let json = serde_json::to_value(mode).unwrap();
        assert_eq!(json, mode.to_string());
        assert_eq!(serde_json::from_value::<SyncMode>(json).unwrap(), mode);
    }
    assert_eq!(SyncMode::default(), SyncMode::SYNC);
    assert!(serde_json::from_str::<SyncMode>("\"all\"").is_err());
}
