const DAY: i64 = 86_400;

/// A day of the calendar, years 0001 to 9999; later ones are greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Date {
    year: i64,
    month: i64,
    day: i64,
}

impl Date {
    /// `YYYY-MM-DD`, of a day that exists.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let shape =
            |(index, byte): (usize, &u8)| if matches!(index, 4 | 7) { *byte == b'-' } else { byte.is_ascii_digit() };
        if bytes.len() != 10 || !bytes.iter().enumerate().all(shape) {
            return None;
        }
        let number = |from, to| text[from..to].parse::<i64>().ok();
        let date = Self { year: number(0, 4)?, month: number(5, 7)?, day: number(8, 10)? };
        let exists = date.year >= 1 && (1..=12).contains(&date.month) && (1..=date.days_of_month()).contains(&date.day);
        exists.then_some(date)
    }

    /// The first second that is no longer this day in UTC, since 1970-01-01T00:00:00Z.
    pub(super) fn end(self) -> i64 {
        (self.days() + 1) * DAY
    }

    fn days_of_month(self) -> i64 {
        let leap = self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0);
        match self.month {
            2 => 28 + i64::from(leap),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }

    /// Since 1970-01-01. Howard Hinnant's days_from_civil: years begin in March, so that the leap day is the last of its year.
    fn days(self) -> i64 {
        let year = self.year - i64::from(self.month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let month_from_march = (self.month + 9) % 12;
        let day_of_year = (153 * month_from_march + 2) / 5 + self.day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * 146_097 + day_of_era - 719_468
    }
}
