//! Dates for people, from milliseconds since 1970 UTC.

/// A calendar date and time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Civil {
    /// Year of the Gregorian calendar.
    pub(crate) year: i64,
    /// 1..=12.
    pub(crate) month: i64,
    /// 1..=31.
    pub(crate) day: i64,
    /// 0..=23.
    pub(crate) hour: i64,
    /// 0..=59.
    pub(crate) minute: i64,
    /// 0..=59.
    pub(crate) second: i64,
    /// 0..=999.
    pub(crate) ms: i64,
}

/// Milliseconds of a day.
pub(crate) const DAY_MS: i64 = 86_400_000;
/// Milliseconds of an hour.
pub(crate) const HOUR_MS: i64 = 3_600_000;

impl Civil {
    /// The date and time of `ms` milliseconds after 1970-01-01T00:00:00 (Hinnant's days-to-civil).
    pub(crate) fn from_ms(ms: i64) -> Self {
        let days = ms.div_euclid(DAY_MS);
        let in_day = ms.rem_euclid(DAY_MS);
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let month = if shifted_month < 10 {
            shifted_month + 3
        } else {
            shifted_month - 9
        };
        Self {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month,
            day: day_of_year - (153 * shifted_month + 2) / 5 + 1,
            hour: in_day / HOUR_MS,
            minute: in_day / 60_000 % 60,
            second: in_day / 1_000 % 60,
            ms: in_day % 1_000,
        }
    }

    /// `2026-05-12T08:10:00Z`.
    pub(crate) fn rfc3339(&self) -> String {
        format!("{}T{}Z", self.date('-'), self.clock())
    }

    /// `2026-05-12T08:10:00.250Z`.
    pub(crate) fn rfc3339_ms(&self) -> String {
        format!("{}T{}.{:03}Z", self.date('-'), self.clock(), self.ms)
    }

    /// The date with `mark` between its parts: `-` for ISO 8601, `:` for EXIF.
    pub(crate) fn date(&self, mark: char) -> String {
        format!("{:04}{mark}{:02}{mark}{:02}", self.year, self.month, self.day)
    }

    /// `08:10:00`.
    pub(crate) fn clock(&self) -> String {
        format!("{:02}:{:02}:{:02}", self.hour, self.minute, self.second)
    }
}

#[cfg(test)]
#[path = "time_tests.rs"]
mod tests;
