//! What holds for any bytes whatever. Included by the fuzz targets and by `tests/it/fuzz_replay.rs`,
//! so a finding of one is a test of the other. Each function panics when a property is broken.
#![allow(dead_code, unreachable_pub, reason = "each target uses a part")]
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "panicking is how a finding is told"
)]

use statescope::dump::Annotator;
use statescope::health::sanity::validate;
use statescope::java_stream::{self, JavaStream};
use statescope::metadata::{self, MetadataParser, ParsedMetadata};
use statescope::model::checkpoint::MetadataVersion;
use statescope::model::handle::{KeyGroupRange, Offsets};
use statescope::snapshot::references::Base;
use statescope::snapshot::summary::{Detail, SnapshotSummary, summarize};
use statescope::state_file::body::{
    CanonicalBody, ChangeCounts, ChangeSetBody, EntryCounts, HeapBody, HeapResult, KeyGroupLayout,
    KeyedFormat, Skipper,
};
use statescope::state_file::serializer::{SerializerSnapshot, describe, entry_layout};
use statescope::state_file::sst::{SstReader, SstStep};
use statescope::state_file::{HeadKind, keyed_head, meta_info, operator_head};
use statescope::{Limits, ParseError};

/// The parser of `_metadata` files, and all that is computed from one.
pub fn metadata(bytes: &[u8]) {
    let mut annotator = Annotator::new(drop);
    let mut operators = 0;
    let traced = MetadataParser::default()
        .parse_traced(bytes, &mut annotator, &mut |_| operators += 1)
        .map(drop);
    match metadata::parse(bytes) {
        Err(error) => {
            error_is_inside(&error, bytes);
            assert_eq!(traced, Err(error), "a trace changes nothing");
            assert_eq!(annotator.contiguous(), Ok(()));
            assert!(annotator.accounted_bytes() <= length(bytes));
        }
        Ok(parsed) => {
            assert_eq!(traced, Ok(()), "a trace changes nothing");
            assert_eq!(annotator.complete(bytes.len()), Ok(()));
            assert_eq!(operators, parsed.metadata.operator_states.len());
            results_are_plausible(&parsed, bytes);
            ends_where_it_says(&parsed, bytes);
        }
    }
}

/// The reader of SSTs, with `bytes` as the whole file.
pub fn sst(bytes: &[u8]) {
    /// End of the file, metaindex, properties.
    const READS: usize = 3;
    let mut step = SstReader::open(length(bytes));
    for _ in 0..READS {
        step = match step {
            Ok(SstStep::Read(reader)) => {
                let asked = reader.range();
                let range = usize::try_from(asked.start).expect("in the file")
                    ..usize::try_from(asked.end).expect("in the file");
                reader.read(bytes.get(range).expect("in the file"))
            }
            done => done,
        };
    }
    match step {
        Ok(SstStep::Read(_)) => panic!("asks for more than {READS} ranges"),
        Ok(SstStep::Done(properties)) => assert!(properties.format_version <= 7),
        Err(error) => error_is_inside(&error, bytes),
    }
}

/// The result of `show` as JSON.
pub fn show_json(bytes: &[u8]) {
    let Ok(parsed) = metadata::parse(bytes) else {
        return;
    };
    for detail in [Detail::Operators, Detail::Subtasks, Detail::Handles] {
        let summary = summary(&parsed, bytes, detail);
        let json = serde_json::to_value(&summary).expect("a summary is JSON");
        assert_eq!(
            json["operators"].as_array().map(Vec::len),
            Some(summary.operators.len())
        );
        assert_eq!(json["state_bytes"].as_u64(), summary.state_bytes);
    }
    let findings = serde_json::to_string(&validate(&parsed)).expect("findings are JSON");
    assert!(findings.starts_with('['));
}

/// The reader of Java object streams.
pub fn java_stream(bytes: &[u8]) {
    let limits = Limits::default();
    match java_stream::parse(bytes, limits) {
        Err(error) => error_is_inside(&error, bytes),
        Ok((stream, rest)) => {
            assert!(bytes.ends_with(rest));
            let (used, _) = bytes.split_at(bytes.len() - rest.len());
            let (again, nothing) = java_stream::parse(used, limits).expect("what was read once");
            assert_eq!(nothing, b"");
            assert_eq!(
                shown(&again),
                shown(&stream),
                "the bytes behind do not matter"
            );
            let (_, cut) = used.split_last().expect("a header");
            java_stream::parse(cut, limits).expect_err("a cut stream is no stream");
        }
    }
}

/// Compared as text, because a stream may hold numbers that are not equal to themselves.
fn shown(stream: &JavaStream<'_>) -> String {
    format!("{stream:?}")
}

fn error_is_inside(error: &ParseError, bytes: &[u8]) {
    assert!(error.offset() <= length(bytes), "{error}");
    assert_eq!(error.to_string().lines().count(), 1, "{error}");
    assert!(!error.to_string().contains(char::is_control), "{error}");
}

fn results_are_plausible(parsed: &ParsedMetadata<'_>, bytes: &[u8]) {
    for finding in validate(parsed) {
        assert!(!finding.message().is_empty());
        assert!(!finding.kind.code().is_empty());
    }
    let summary = summary(parsed, bytes, Detail::Handles);
    assert!(
        summary.inline_bytes <= length(bytes),
        "inline state lies in the file"
    );
    assert_eq!(
        summary.operators.len(),
        parsed.metadata.operator_states.len()
    );
    let mut listed = 0;
    for operator in &summary.operators {
        listed += operator.subtasks.len();
        assert!(
            operator
                .skew
                .is_none_or(|skew| skew.is_finite() && skew >= 0.0)
        );
    }
    let stored = parsed
        .metadata
        .operator_states
        .iter()
        .map(|operator| operator.subtasks.len());
    assert_eq!(listed, stored.sum::<usize>());
}

/// The end is found exactly: neither fewer bytes nor more give the same answer.
fn ends_where_it_says(parsed: &ParsedMetadata<'_>, bytes: &[u8]) {
    let behind = usize::try_from(parsed.trailing_bytes).expect("a length");
    let (content, _) = bytes.split_at(bytes.len() - behind);
    let strict = MetadataParser::default().strict(true);
    let exact = strict
        .parse(content)
        .expect("the content without what follows it");
    assert_eq!(
        exact.metadata, parsed.metadata,
        "what follows does not matter"
    );
    assert_eq!(exact.dialect, parsed.dialect);
    assert_eq!(strict.parse(bytes).is_ok(), behind == 0);

    // Of the layouts of version 3, another one may fit what is left.
    if parsed.metadata.version == MetadataVersion::V3 && parsed.dialect.is_some() {
        return;
    }
    let (_, cut) = content.split_last().expect("a header");
    metadata::parse(cut).expect_err("a cut file is an error");
    let longer = [content, &[0x73, 0, 0xFF]].concat();
    let parsed_longer = metadata::parse(&longer).expect("more bytes are no error");
    assert_eq!(parsed_longer.metadata, parsed.metadata);
    assert_eq!(parsed_longer.trailing_bytes, 3);
}

fn summary(parsed: &ParsedMetadata<'_>, bytes: &[u8], detail: Detail) -> SnapshotSummary {
    summarize(parsed, "", length(bytes), &Base::default(), detail)
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).expect("a length")
}

/// The readers of state bodies: how the bytes are cut never matters, and what is counted fits in.
pub fn bodies(bytes: &[u8]) {
    let Some((&[choice, states, cut, groups], stream)) = bytes.split_first_chunk::<4>() else {
        return;
    };
    let cut = usize::from(cut) + 1;
    let compressed = choice & 1 != 0;
    let format = KeyedFormat {
        states: u16::from(states),
        compressed,
        max_parallelism: if choice & 2 != 0 { 4096 } else { 128 },
    };
    // Key groups of equal size behind one byte of head.
    let count = u32::from(groups % 4) + 1;
    let size = stream.len() / count as usize + 1;
    let offsets: Vec<u8> = (0..u64::from(count))
        .flat_map(|group| (1 + group * size as u64).to_be_bytes())
        .collect();
    let layout = KeyGroupLayout {
        key_groups: KeyGroupRange::new(u32::from(groups / 4), count).expect("a range"),
        offsets: Offsets::new(&offsets),
        length: (choice & 4 != 0).then_some(length(stream) + 1),
    };
    let whole = canonical(layout, format, &[stream]);
    let pieces: Vec<_> = stream.chunks(cut).collect();
    assert_eq!(whole, canonical(layout, format, &pieces));
    if let (Ok(counts), false) = (whole, compressed) {
        let sum: u64 = counts.iter().map(EntryCounts::bytes).sum();
        assert!(sum <= length(stream));
    }
    let layouts = [
        Some(Skipper::map(Skipper::Text, Skipper::BigDecimal)),
        None,
        Some(Skipper::Pojo {
            fields: vec![Skipper::Text, Skipper::array(Skipper::Counted { unit: 3 })],
            subclasses: vec![Some(Skipper::Fixed(0)), None],
        }),
        Some(Skipper::Masked {
            leading_bits: 2,
            fields: vec![Skipper::Text; 9],
        }),
    ];
    let whole = heap(layout, format, &layouts, &[stream]);
    assert_eq!(whole, heap(layout, format, &layouts, &pieces));
    if let (Ok(result), false) = (whole, compressed) {
        let stored = result.states.iter().filter_map(|state| state.stored_bytes);
        assert!(stored.sum::<u64>() <= length(stream));
    }
    let offset = u64::from(states) * u64::from(choice >> 3);
    let first = ChangeSetBody::new(offset, compressed).position();
    let first = usize::try_from(first.unwrap_or_default()).unwrap_or(usize::MAX);
    let stream = bytes.get(first..).unwrap_or_default();
    let pieces: Vec<_> = stream.chunks(cut).collect();
    assert_eq!(
        changes(offset, compressed, &[stream]),
        changes(offset, compressed, &pieces)
    );
}

fn canonical(
    layout: KeyGroupLayout<'_>,
    format: KeyedFormat,
    pieces: &[&[u8]],
) -> Result<Vec<EntryCounts>, ParseError> {
    let mut body = CanonicalBody::new(layout, format)?;
    for piece in pieces {
        body.push(piece, drop)?;
    }
    body.finish(drop)
}

fn heap(
    layout: KeyGroupLayout<'_>,
    format: KeyedFormat,
    layouts: &[Option<Skipper>],
    pieces: &[&[u8]],
) -> Result<HeapResult, ParseError> {
    let mut body = HeapBody::new(layout, format, layouts)?;
    for piece in pieces {
        body.push(piece, drop)?;
    }
    body.finish(drop)
}

fn changes(offset: u64, compressed: bool, pieces: &[&[u8]]) -> Result<ChangeCounts, ParseError> {
    let mut counts = ChangeCounts::default();
    let mut body = ChangeSetBody::new(offset, compressed);
    for piece in pieces {
        body.push(piece, &mut counts, |_| ())?;
    }
    body.finish()?;
    Ok(counts)
}

/// Heads of state files: no more is told than the bytes hold, what follows does not matter, and
/// every type can be put in words.
pub fn heads(bytes: &[u8]) {
    for head in [keyed_head, operator_head] {
        let Ok(head) = head(bytes, Limits::default()) else {
            continue;
        };
        assert!(head.bytes <= Some(length(bytes)));
        assert!(length_of(&head.states) <= length(bytes) / 14);
        for state in &head.states {
            for (_, serializer) in &state.serializers {
                // The limit for a type, and one name of the longest.
                assert!(describe(serializer).len() < 400_000);
                let _ = serializer.kryo_types();
            }
            let _ = entry_layout(state, head.key_serializer.as_deref());
        }
        let Some(end) = head.bytes.and_then(|end| usize::try_from(end).ok()) else {
            continue;
        };
        let alone = match head.kind {
            HeadKind::Keyed => keyed_head(&bytes[..end], Limits::default()),
            HeadKind::Operator => operator_head(&bytes[..end], Limits::default()),
        };
        // Behind a class that is not known, what is taken for a count is held against what follows.
        let states = head.states.iter().flat_map(|state| &state.serializers);
        let mut all = states
            .map(|(_, state)| state)
            .chain(head.key_serializer.as_deref());
        if head.has_all_states() && all.all(SerializerSnapshot::is_read) {
            assert_eq!(alone.as_ref(), Ok(&head));
        }
    }
    if let Ok((rest, state)) = meta_info(bytes, Limits::default()) {
        assert!(rest.len() < bytes.len());
        assert!(length_of(&state.serializers) <= length(bytes) / 12);
    }
}

fn length_of<T>(list: &[T]) -> u64 {
    u64::try_from(list.len()).expect("a length")
}
