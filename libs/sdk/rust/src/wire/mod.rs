//! What goes over the socket: frames, strict JSON, and the messages of both versions.

pub(crate) mod familiar;
pub(crate) mod fast_http;
pub(crate) mod frame;
pub(crate) mod incoming;
pub(crate) mod json;
pub(crate) mod kv_codec;
pub(crate) mod outgoing;
pub(crate) mod v1;

#[cfg(test)]
mod vectors_tests;

/// What a peer did that the protocol does not allow. The connection is closed, once, with this as the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    /// The name of the rule, as in the vectors.
    pub(crate) code: &'static str,
    message: String,
}

impl Violation {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl std::fmt::Display for Violation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {}", self.code, self.message)
    }
}

/// RFC 3339, UTC, in milliseconds: `2026-11-21T02:08:13.123Z`.
pub(crate) fn timestamp_now() -> String {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    format_timestamp(since_epoch.as_millis())
}

fn format_timestamp(milliseconds: u128) -> String {
    let seconds = (milliseconds / 1000) as i64;
    let (days, second_of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Howard Hinnant's civil_from_days: years begin in March, so that the leap day is the last of its year.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:03}Z",
        second_of_day / 3600,
        second_of_day / 60 % 60,
        second_of_day % 60,
        milliseconds % 1000,
    )
}

#[cfg(test)]
mod tests {
    use super::format_timestamp;

    #[test]
    fn a_timestamp_is_rfc_3339_in_utc() {
        for (milliseconds, expected) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_709_251_200_000, "2024-03-01T00:00:00.000Z"),
            (4_102_444_799_123, "2099-12-31T23:59:59.123Z"),
        ] {
            assert_eq!(format_timestamp(milliseconds), expected);
        }
    }
}
