use statescope_format::location::Location;

/// The place of a file in quarantine: its path below the base.
pub fn in_quarantine(quarantine: &Location, base: &Location, file: &Location) -> Location {
    let path = file.as_str();
    let below = path_below(base, file).unwrap_or(path);
    quarantine.join(below.trim_start_matches('/'))
}

/// The path of a file below a base; `None` for what lies elsewhere, or would once `..` is followed.
pub(super) fn path_below<'f>(base: &Location, file: &'f Location) -> Option<&'f str> {
    let below = file
        .as_str()
        .strip_prefix(base.as_str().trim_end_matches('/'))?;
    let path = below.strip_prefix('/')?;
    let leads_out = path.split('/').any(|part| matches!(part, "." | ".."));
    (!path.is_empty() && !leads_out).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_keeps_its_path_in_quarantine() {
        let location = Location::new;
        for (base, file) in [
            ("s3://b/ck", "s3://b/ck/chk-1/_metadata"),
            ("s3://b/ck/", "s3://b/ck/chk-1/_metadata"),
        ] {
            let to = in_quarantine(&location("s3://b/q"), &location(base), &location(file));
            assert_eq!(to, location("s3://b/q/chk-1/_metadata"));
        }
    }

    #[test]
    fn only_what_is_below_the_base_is_below_it() {
        let base = Location::new("/data/ck");
        for elsewhere in [
            "/data/ck",
            "/data/ck/",
            "/data/ckx/a",
            "/etc/a",
            "/data/ck/../a",
        ] {
            assert_eq!(
                path_below(&base, &Location::new(elsewhere)),
                None,
                "{elsewhere}"
            );
        }
        assert_eq!(path_below(&base, &Location::new("/data/ck/a")), Some("a"));
    }
}
