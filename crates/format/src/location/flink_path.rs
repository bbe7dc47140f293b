use std::borrow::Cow;

/// A path as Flink opens it: its `Path` trims it, takes `\\` for `/` and several slashes for one,
/// drops those at the end, and leaves out `.` and `x/..` as `java.net.URI.normalize` does.
pub fn as_flink_opens(path: &str) -> Cow<'_, str> {
    // Java trims everything up to the blank.
    let trimmed = path.trim_matches(|c: char| c <= ' ');
    let is_plain = !trimmed.contains('\\')
        && !trimmed.contains("/.")
        && !trimmed.ends_with('/')
        && !after_authority(trimmed).contains("//");
    if is_plain {
        return Cow::Borrowed(trimmed);
    }
    let path = after_authority(trimmed);
    let front = trimmed.strip_suffix(path).unwrap_or_default();
    let mut names: Vec<&str> = Vec::new();
    for name in path.split(['/', '\\']) {
        match name {
            "" | "." => {}
            ".." if names.last().is_some_and(|last| *last != "..") => {
                names.pop();
            }
            _ => names.push(name),
        }
    }
    let root = if path.starts_with(['/', '\\']) {
        "/"
    } else {
        ""
    };
    Cow::Owned(format!("{front}{root}{}", names.join("/")))
}

/// What follows scheme and authority, where there are any.
fn after_authority(text: &str) -> &str {
    let rest = match text.split_once(':') {
        Some((scheme, rest)) if !scheme.contains(['/', '\\']) => rest,
        _ => text,
    };
    match rest.strip_prefix("//") {
        Some(place) => place.find('/').and_then(|at| place.get(at..)).unwrap_or(""),
        None => rest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_opened_as_java_makes_a_uri_of_it() {
        for (path, opened) in [
            ("/ck/shared/x", "/ck/shared/x"),
            ("file:/ck/shared/x/", "file:/ck/shared/x"),
            ("s3://b/ck//shared/x/.", "s3://b/ck/shared/x"),
            ("s3://b/ck/shared/x/y/..", "s3://b/ck/shared/x"),
            ("hdfs://nn:8020/a/../b/./c", "hdfs://nn:8020/b/c"),
            ("/ck\\shared\\x", "/ck/shared/x"),
            ("file:///ck/x\\", "file:///ck/x"),
            (" /ck/x\n", "/ck/x"),
            ("/../x", "/../x"),
            ("/a/../../x", "/../x"),
            ("/ck/.hidden", "/ck/.hidden"),
            ("s3://b", "s3://b"),
            ("s3://b/", "s3://b/"),
            ("", ""),
            ("/", "/"),
        ] {
            assert_eq!(as_flink_opens(path), opened, "{path:?}");
        }
    }
}
