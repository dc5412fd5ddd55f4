//! Times as the two versions of the API write them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// `2021-12-10 18:10:02`, in UTC.
pub(super) fn v1_time(seconds: i64) -> String {
    Timestamp::from_second(seconds)
        .map(|time| time.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S").to_string())
        .unwrap_or_default()
}

/// `2021-12-10T18:10:02Z`, as v2 writes them.
pub(super) fn v2_time(seconds: i64) -> String {
    Timestamp::from_second(seconds).map(|time| time.to_string()).unwrap_or_default()
}
