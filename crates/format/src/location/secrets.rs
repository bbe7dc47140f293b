//! Secrets that people have put into paths: userinfo, signatures and tokens.
//!
//! Paths are compared and opened as they are; what is found here is left out where they are shown. What
//! is percent-encoded is found too: in a path, Flink leaves it as it is, and others have decoded it.

mod decoded;
mod parameters;
mod userinfo;

use std::borrow::Cow;
use std::ops::Range;

use decoded::Decoded;

/// A path as it is shown.
///
/// Of local paths, only URLs in them have secrets: a file may be called anything.
pub fn shown(path: &str) -> Cow<'_, str> {
    if !may_hold_secrets(path) {
        return Cow::Borrowed(path);
    }
    let text = Decoded::of(path);
    let urls = userinfo::authorities(&text);
    let (end, rest) = match parameters::beginning(&text, &urls) {
        Some(at) => (text.source(at), Some(text.byte(at))),
        None => (path.len(), None),
    };
    let mut result = String::with_capacity(path.len());
    let mut from = 0;
    for secret in urls.iter().filter_map(|url| url.userinfo.clone()) {
        let secret = text.source_range(secret);
        result.push_str(path.get(from..secret.start.min(end)).unwrap_or_default());
        from = from.max(secret.end);
    }
    result.push_str(path.get(from..end).unwrap_or_default());
    if let Some(delimiter) = rest {
        result.push(char::from(delimiter));
        result.push_str("...");
    }
    match result == path {
        true => Cow::Borrowed(path),
        false => Cow::Owned(result),
    }
}

/// Where the userinfo of a URL is, if the text is one.
pub(super) fn userinfo_of_url(path: &str) -> Option<Range<usize>> {
    if !may_hold_secrets(path) {
        return None;
    }
    let text = Decoded::of(path);
    let url = userinfo::authorities(&text).into_iter().next()?;
    let is_outermost = url.starts_at == 0 && url.scheme.is_some();
    let userinfo = url.userinfo.filter(|_| is_outermost)?;
    Some(text.source_range(userinfo))
}

/// Words that may repeat a path, as they are shown: each path in them as [`Location`](crate::Location)
/// prints it.
///
/// ```
/// let said = "cannot read s3://key:secret@bucket/x: no such file";
/// assert_eq!(statescope_format::without_secrets(said), "cannot read s3://bucket/x: no such file");
/// ```
pub fn without_secrets(words: &str) -> Cow<'_, str> {
    if !may_hold_secrets(words) {
        return Cow::Borrowed(words);
    }
    let words = words.split_inclusive(ends_word).map(|word| {
        let path = word.trim_end_matches(ends_word);
        let end = word.get(path.len()..).unwrap_or_default();
        shown(path) + end
    });
    Cow::Owned(words.collect())
}

/// Where secrets are in words that hold URLs and parameters, in order: userinfo, and values of
/// parameters.
pub fn in_words(words: &str) -> Vec<Range<usize>> {
    let mut secrets = Vec::new();
    let mut from = 0;
    for word in words.split_inclusive(ends_word) {
        if may_hold_secrets(word) {
            let text = Decoded::of(word.trim_end_matches(ends_word));
            let urls = userinfo::authorities(&text);
            let userinfos = urls.into_iter().filter_map(|url| url.userinfo);
            let found = userinfos.chain(parameters::values(&text));
            secrets.extend(found.map(|range| {
                let range = text.source_range(range);
                from + range.start..from + range.end
            }));
        }
        from += word.len();
    }
    secrets.sort_by_key(|range| range.start);
    secrets
}

fn ends_word(c: char) -> bool {
    c.is_whitespace() || c.is_control() || "\"'<>(),".contains(c)
}

/// Whether it is worth a closer look; nearly no path is.
fn may_hold_secrets(path: &str) -> bool {
    path.bytes().any(|byte| b"@=%?#".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn userinfo_is_found_however_it_is_written() {
        for (path, expected) in [
            ("s3://KEY:SECRET@b/x", "s3://b/x"),
            ("s3:/KEY:SECRET@b/x", "s3:/b/x"),
            ("s3:KEY:SECRET@b/x", "s3:b/x"),
            ("s3:///KEY:SECRET@b/x", "s3:///b/x"),
            ("S3A://KEY:SECRET@b/x", "S3A://b/x"),
            ("s3:\\\\KEY:SECRET@b\\x", "s3:\\\\b\\x"),
            ("//KEY:SECRET@b/x", "//b/x"),
            ("/KEY:SECRET@b/x", "/b/x"),
            ("s3n://KEY:SEC/RE/T@b/x", "s3n://b/x"),
            ("s3n://KEY:12/RE/T@b/x", "s3n://b/x"),
            ("s3:/KEY:SEC/RE/T@b/x", "s3:/b/x"),
            ("s3://KEY:SEC@RET@b/x", "s3://b/x"),
            ("s3://KEY:SEC?RE#T@b/x", "s3://b/x"),
            ("https://KEY:SEC?RET@h/x", "https://h/x"),
            ("s3://KEY%3ASECRET@b/x", "s3://b/x"),
            ("s3://KEY:SECRET%40b/x", "s3://b/x"),
            ("s3://KEY:SEC%2FRET@b/x", "s3://b/x"),
            ("s3://KEY:12%2FRET@b/x", "s3://b/x"),
            ("s3%3A%2F%2FKEY%3ASECRET%40b%2Fx", "s3%3A%2F%2Fb%2Fx"),
            ("oss://KEY:SECRET@b/x", "oss://b/x"),
            ("file://KEY:SECRET@h/x", "file://h/x"),
            ("hdfs://KEY@nn:8020/a@b", "hdfs://nn:8020/a@b"),
            ("abfss://c@acc/x", "abfss://c@acc/x"),
            ("abfss://KEY:SECRET@acc/x", "abfss://acc/x"),
            ("abfss://KEY%3aSECRET@acc/x", "abfss://acc/x"),
            ("abfss://c@SECRET@acc/x", "abfss://acc/x"),
            ("s3://b/a/https://KEY:SECRET@h/x", "s3://b/a/https://h/x"),
            ("s3://b/a/https:/KEY:SECRET@h/x", "s3://b/a/https:/h/x"),
            ("/a/https://KEY@h/x", "/a/https://h/x"),
            ("https://KEY:S@h/https://KEY:S@h/x", "https://h/https://h/x"),
            (" s3://KEY:SECRET@b/x", " s3://b/x"),
            ("jdbc:mysql://KEY:SECRET@h/x", "jdbc:mysql://h/x"),
        ] {
            assert_eq!(shown(path), expected, "{path}");
        }
    }

    #[test]
    fn signatures_are_found_however_they_are_written() {
        for (path, expected) in [
            ("s3://b/x?X-Amz-Signature=S", "s3://b/x?..."),
            ("gs://b/x?X-Goog-Credential=S&y=1", "gs://b/x?..."),
            ("gs://b/x?X-Goog-Date=1&X-Goog-Signature=S", "gs://b/x?..."),
            ("gs://b/x?GoogleAccessId=S&Signature=S", "gs://b/x?..."),
            ("s3://b/x?AWSAccessKeyId=S&Expires=1", "s3://b/x?..."),
            ("abfss://c@a/x?sv=1&SIG=S", "abfss://c@a/x?..."),
            ("abfss://c@a/x?sv=1&%73ig=S", "abfss://c@a/x?..."),
            ("abfss://c@a/x?sv=1&%2573ig=S", "abfss://c@a/x?..."),
            ("abfss://c@a/x%3Fsv=1%26sig%3DS", "abfss://c@a/x?..."),
            ("abfss://c@a/x?sv=1&amp;sig=S", "abfss://c@a/x?..."),
            ("abfss://c@a/x#sig=S", "abfss://c@a/x#..."),
            ("s3://b/x;sig=S/y", "s3://b/x;..."),
            ("s3://b/x;v=1;access_token=S?y", "s3://b/x;..."),
            ("s3://b/x&token=S", "s3://b/x&..."),
            ("s3:/b/x?sig=S", "s3:/b/x?..."),
            ("//h/x?sig=S", "//h/x?..."),
            ("/a/https://h/x?sig=S", "/a/https://h/x?..."),
            ("https://h/x?S", "https://h/x?..."),
            ("https://h/x#S", "https://h/x#..."),
            ("https://h?S", "https://h?..."),
            ("https://K:S@h?S", "https://h?..."),
        ] {
            assert_eq!(shown(path), expected, "{path}");
        }
    }

    #[test]
    fn what_is_no_secret_is_shown() {
        for path in [
            "/data/a@b",
            "/data/K:S@b/x",
            "/data/a?sig=x",
            "/data/x#token=1;sig=2",
            "file:/data/K:S@b/x",
            "file:///data/K:S@b/x?sig=1",
            "odd:na@me",
            "s3://b/what?",
            "s3://b/a@b?x=1#y=2;z=3&w=4",
            "s3://b/key=5/sig=6/x",
            "s3:/a@b/x",
            "s3://b/100%",
            "s3://b/%zz@%4",
            "hdfs://nn:8020/a@b",
            "https://[::1]:80/a@b",
            "https://h:80/a@b",
            "größe@ß://",
            "://@",
            "s3://",
            "",
        ] {
            assert_eq!(shown(path), path);
        }
    }

    #[test]
    fn only_the_userinfo_of_the_url_itself_is_no_part_of_its_place() {
        let of = |path: &'static str| userinfo_of_url(path).and_then(|range| path.get(range));
        assert_eq!(of("s3://KEY:S@b/x"), Some("KEY:S@"));
        assert_eq!(of("s3:/KEY:S@b/x"), Some("KEY:S@"));
        assert_eq!(of("s3://b/https://KEY:S@h"), None);
        assert_eq!(of("/a/https://KEY:S@h"), None);
        assert_eq!(of("//KEY:S@h/x"), None);
    }

    #[test]
    fn paths_in_words_are_shown_as_paths() {
        for (words, expected) in [
            (
                "cannot read 's3://K:S@b/x': gone\n",
                "cannot read 's3://b/x': gone\n",
            ),
            (
                "--endpoint=http://K:S@h (gs://b?sig=S)",
                "--endpoint=http://h (gs://b?...)",
            ),
            ("region=x token=y a@b", "region=x token=y a@b"),
        ] {
            assert_eq!(without_secrets(words), expected);
        }
    }

    #[test]
    fn secrets_are_found_between_words() {
        let words =
            "GET https://K:S@h/x?sv=1&%73ig=T&se=2, see http://h:80: (to=me@x sas_token=U) z";
        let found: Vec<_> = in_words(words)
            .into_iter()
            .map(|range| &words[range])
            .collect();
        assert_eq!(found, ["K:S@", "T", "U"]);
    }
}
