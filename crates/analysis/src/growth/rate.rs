use std::fmt;
use std::str::FromStr;

use crate::growth::result::TrendSummary;

/// How fast something may grow: `5%/day`, `2GiB/h`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateLimit {
    amount: Amount,
    per: Per,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Amount {
    Bytes(u64),
    Percent(f64),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Per {
    Hour,
    Day,
    Week,
}

/// The text is no rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a rate is an amount and a time, such as 5%/day or 2GiB/h")]
pub struct InvalidRate;

impl RateLimit {
    pub(super) fn is_exceeded_by(self, trend: &TrendSummary) -> bool {
        let hours = self.per.hours();
        match self.amount {
            Amount::Bytes(bytes) => trend
                .per_hour
                .is_some_and(|per_hour| per_hour as f64 * hours > bytes as f64),
            Amount::Percent(percent) => trend
                .part_per_day
                .is_some_and(|part| part * 100.0 * hours / 24.0 > percent),
        }
    }
}

impl Per {
    fn hours(self) -> f64 {
        match self {
            Self::Hour => 1.0,
            Self::Day => 24.0,
            Self::Week => 168.0,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Hour => "h",
            Self::Day => "day",
            Self::Week => "week",
        }
    }
}

impl FromStr for RateLimit {
    type Err = InvalidRate;

    /// ```
    /// use statescope_analysis::growth::RateLimit;
    ///
    /// assert_eq!("5%/day".parse::<RateLimit>()?.to_string(), "5%/day");
    /// assert_eq!("2GiB/h".parse::<RateLimit>()?.to_string(), "2147483648 bytes/h");
    /// # Ok::<(), statescope_analysis::growth::InvalidRate>(())
    /// ```
    fn from_str(text: &str) -> Result<Self, InvalidRate> {
        let (amount, per) = text.split_once('/').ok_or(InvalidRate)?;
        let per = match per.trim() {
            "h" | "hour" => Per::Hour,
            "d" | "day" => Per::Day,
            "w" | "week" => Per::Week,
            _ => return Err(InvalidRate),
        };
        let amount = match amount.trim().strip_suffix('%') {
            Some(percent) => {
                let percent: f64 = percent.trim().parse().map_err(|_| InvalidRate)?;
                let percent =
                    Some(percent).filter(|percent| *percent >= 0.0 && percent.is_finite());
                Amount::Percent(percent.ok_or(InvalidRate)?)
            }
            None => Amount::Bytes(parse_bytes(amount).ok_or(InvalidRate)?),
        };
        Ok(Self { amount, per })
    }
}

impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.amount {
            Amount::Bytes(bytes) => write!(f, "{bytes} bytes/{}", self.per.name()),
            Amount::Percent(percent) => write!(f, "{percent}%/{}", self.per.name()),
        }
    }
}

/// A size such as `1048576`, `100GiB`, `1.5 TB` or `64k`; letters without `i` are powers of 1000.
pub fn parse_bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.');
    let (number, unit) = text.split_at_checked(end.unwrap_or(text.len()))?;
    let unit = unit.trim().to_ascii_lowercase();
    let unit = unit.strip_suffix('b').unwrap_or(&unit);
    let (unit, base) = match unit.strip_suffix('i') {
        Some(unit) if !unit.is_empty() => (unit, 1024_u64),
        Some(_) => return None,
        None => (unit, 1000),
    };
    let power = match unit {
        "" => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        "p" => 5,
        _ => return None,
    };
    let scale = base.pow(power);
    if let Ok(whole) = number.parse::<u64>() {
        return whole.checked_mul(scale);
    }
    let bytes = number.parse::<f64>().ok()? * scale as f64;
    (bytes < u64::MAX as f64).then_some(bytes.round() as u64)
}

/// A time in RFC 3339, or a day in UTC, as milliseconds since 1970.
pub fn parse_time(text: &str) -> Option<i64> {
    let time = text.parse::<jiff::Timestamp>();
    let time = time.or_else(|_| format!("{text}T00:00:00Z").parse());
    time.ok().map(jiff::Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_numbers_with_units() {
        for (text, bytes) in [
            ("0", Some(0)),
            ("1024", Some(1024)),
            ("100GiB", Some(100 << 30)),
            ("1.5 KiB", Some(1536)),
            ("2TB", Some(2_000_000_000_000)),
            ("64k", Some(64_000)),
            ("", None),
            ("GiB", None),
            ("-5", None),
            ("5iB", None),
            ("1e9", None),
            ("99999999999PiB", None),
        ] {
            assert_eq!(parse_bytes(text), bytes, "{text:?}");
        }
    }

    #[test]
    fn times_are_utc_or_say_their_zone() {
        assert_eq!(parse_time("1970-01-02"), Some(86_400_000));
        assert_eq!(parse_time("1970-01-01T01:00:00+01:00"), Some(0));
        assert_eq!(parse_time("yesterday"), None);
    }

    #[test]
    fn rates_are_an_amount_and_a_time() {
        for bad in [
            "", "5%", "5/day", "5%/month", "x%/day", "-1%/day", "NaN%/day", "/day",
        ] {
            let is_plain_bytes = bad == "5/day";
            assert_eq!(bad.parse::<RateLimit>().is_ok(), is_plain_bytes, "{bad:?}");
        }
        for good in ["5%/day", "0.5%/h", "2GiB/h", "1 MB/week", "3%/d"] {
            assert!(good.parse::<RateLimit>().is_ok(), "{good:?}");
        }
    }
}
