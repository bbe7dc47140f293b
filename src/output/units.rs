/// How sizes are written for people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ByteUnits {
    /// Powers of 1024: `1.5 MiB`.
    #[default]
    Binary,
    /// Powers of 1000: `1.6 MB`.
    Metric,
    /// All digits: `1572864`.
    Exact,
}

impl ByteUnits {
    /// A size in words.
    ///
    /// ```
    /// use statescope::output::ByteUnits;
    ///
    /// assert_eq!(ByteUnits::Binary.format(1_572_864), "1.5 MiB");
    /// assert_eq!(ByteUnits::Metric.format(1_572_864), "1.6 MB");
    /// assert_eq!(ByteUnits::Exact.format(1_572_864), "1572864");
    /// ```
    pub fn format(self, bytes: u64) -> String {
        match self {
            Self::Binary => scaled(bytes, 1024, ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]),
            Self::Metric => scaled(bytes, 1000, ["kB", "MB", "GB", "TB", "PB", "EB"]),
            Self::Exact => bytes.to_string(),
        }
    }
}

/// One decimal, rounded half up; in integers, so that it is the same everywhere.
fn scaled(bytes: u64, base: u64, units: [&str; 6]) -> String {
    if bytes < base {
        return format!("{bytes} B");
    }
    let [bytes, base] = [u128::from(bytes), u128::from(base)];
    let mut unit = base;
    let mut text = String::new();
    for name in units {
        let tenths = (bytes * 20 / unit).div_ceil(2);
        text = format!("{}.{} {name}", tenths / 10, tenths % 10);
        // 1023.96 would read as 1024.0: it belongs to the next unit.
        if tenths < base * 10 {
            break;
        }
        unit *= base;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded_to_one_decimal_and_move_up_a_unit() {
        for (bytes, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1536, "1.5 KiB"),
            (1024 * 1024 - 1, "1.0 MiB"),
            (1024 * 1024 * 1024 * 5 / 2, "2.5 GiB"),
            (u64::MAX, "16.0 EiB"),
        ] {
            assert_eq!(ByteUnits::Binary.format(bytes), text);
        }
        assert_eq!(ByteUnits::Metric.format(999_949), "999.9 kB");
        assert_eq!(ByteUnits::Metric.format(999_950), "1.0 MB");
    }
}
