use jiff::{Span, SpanRelativeTo};

/// Seconds of a duration such as `36h`, `7d` or `2w`. Months and years have no fixed length.
pub(crate) fn seconds(text: &str) -> Result<u64, String> {
    let span: Span = text
        .parse()
        .map_err(|_| "not such as 36h, 7d or 2w".to_owned())?;
    let duration = span
        .to_duration(SpanRelativeTo::days_are_24_hours())
        .map_err(|_| "months and years have no fixed length; give days".to_owned())?;
    u64::try_from(duration.as_secs()).map_err(|_| "a duration is not negative".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units_of_fixed_length() {
        assert_eq!(seconds("90m"), Ok(5400));
        assert_eq!(seconds("36h"), Ok(129_600));
        assert_eq!(seconds("7d"), Ok(604_800));
        assert_eq!(seconds("1w 1d"), Ok(691_200));
        for wrong in ["", "7", "d", "1mo", "1y", "-3d", "soon"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
