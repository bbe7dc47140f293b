//! Takes keys out of listings that the object store crate has no path for.
//!
//! S3 allows any characters in keys: `a//b`, `a/./b`, line feeds. No path of Flink's has them,
//! but one such key, from any tool, would fail the whole listing.

use std::ops::Range;

use bytes::Bytes;
use object_store::path::Path;
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::storage::xml::push_text;

/// The page without the entries that have odd keys, and how many those were.
pub(super) fn without_odd_keys(page: Bytes) -> (Bytes, u64) {
    let odd = odd_entries(&page);
    if odd.is_empty() {
        return (page, 0);
    }
    let mut kept = Vec::with_capacity(page.len());
    let mut from = 0;
    for entry in &odd {
        kept.extend_from_slice(page.get(from..entry.start).unwrap_or_default());
        from = entry.end;
    }
    kept.extend_from_slice(page.get(from..).unwrap_or_default());
    (kept.into(), odd.len() as u64)
}

/// Where the entries with odd keys are.
fn odd_entries(page: &[u8]) -> Vec<Range<usize>> {
    let mut odd = Vec::new();
    let mut reader = Reader::from_reader(page);
    let mut entry = None;
    let mut key: Option<String> = None;
    let mut in_key = false;
    loop {
        let before = position(&reader);
        match reader.read_event() {
            // What is no XML is left to fail where it is parsed.
            Ok(Event::Eof) | Err(_) => return odd,
            Ok(Event::Start(tag)) => match tag.local_name().as_ref() {
                b"Contents" | b"CommonPrefixes" | b"Blob" | b"BlobPrefix" => {
                    entry = Some(before);
                    key = None;
                }
                b"Key" | b"Prefix" | b"Name" if entry.is_some() && key.is_none() => {
                    key = Some(String::new());
                    in_key = true;
                }
                _ => {}
            },
            Ok(Event::End(tag)) => {
                in_key = false;
                if matches!(
                    tag.local_name().as_ref(),
                    b"Contents" | b"CommonPrefixes" | b"Blob" | b"BlobPrefix"
                ) {
                    let start = entry.take();
                    let is_odd = key.take().is_some_and(|key| Path::parse(key).is_err());
                    if let (Some(start), true) = (start, is_odd) {
                        odd.push(start..position(&reader));
                    }
                }
            }
            Ok(event) => {
                if let (true, Some(key)) = (in_key, &mut key) {
                    push_text(&event, key);
                }
            }
        }
    }
}

fn position(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(keys: &[&str]) -> String {
        let entries: String = keys
            .iter()
            .map(|key| format!("<Contents><Key>{key}</Key><Size>1</Size></Contents>\n"))
            .collect();
        format!(
            "<?xml version=\"1.0\"?><ListBucketResult><Prefix>d/</Prefix>{entries}\
             <CommonPrefixes><Prefix>d/x/</Prefix></CommonPrefixes></ListBucketResult>"
        )
    }

    #[test]
    fn a_page_without_odd_keys_stays_as_it_is() {
        let text = page(&["d/a b", "d/%2F", "d/ü&amp;", "d/"]);
        assert_eq!(without_odd_keys(text.clone().into()), (text.into(), 0));
    }

    #[test]
    fn odd_keys_are_taken_out() {
        for odd in [
            "d//x",
            "d/.",
            "d/../x",
            "d/a&#10;b",
            "d/a\nb",
            "d/&#1;",
            "d/&#0;",
            "d///",
        ] {
            let (kept, skipped) = without_odd_keys(page(&["d/a", odd, "d/b"]).into());
            // The line feed behind the entry is kept.
            let expected =
                page(&["d/a", "d/b"]).replace("<Contents><Key>d/b", "\n<Contents><Key>d/b");
            assert_eq!(kept, expected, "{odd:?}");
            assert_eq!(skipped, 1);
        }
    }

    #[test]
    fn odd_prefixes_are_taken_out() {
        let text = page(&[]).replace("d/x/", "d//");
        let (kept, skipped) = without_odd_keys(text.into());
        assert_eq!(skipped, 1);
        assert!(!kept.windows(14).any(|part| part == b"CommonPrefixes"));
    }

    #[test]
    fn what_is_no_xml_is_left_alone() {
        for text in ["", "<a", "{}", "<Contents><Key>a//b</Key>"] {
            assert_eq!(without_odd_keys(text.into()), (text.into(), 0));
        }
    }
}
