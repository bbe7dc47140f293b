//! What was written is what is counted, for random bodies and every way of cutting them.

use statescope::ParseError;
use statescope::state_file::body::{
    CanonicalBody, ChangeCounts, ChangeSetBody, EntryCounts, HeapBody, HeapCounts, HeapResult,
    Operation, Skipper,
};

use super::random::Random;
use super::writer::{Keyed, content, framed, layout, value};

const ROUNDS: u64 = 300;

fn canonical(
    stream: &Keyed,
    with_length: bool,
    pieces: &[&[u8]],
) -> Result<Vec<EntryCounts>, ParseError> {
    let mut body = CanonicalBody::new(stream.layout(with_length), stream.format)?;
    let mut groups = Vec::new();
    for piece in pieces {
        body.push(piece, |group| groups.push(group))?;
    }
    let states = body.finish(|group| groups.push(group))?;
    for (number, total) in states.iter().enumerate() {
        let of_state = groups.iter().flat_map(|group| &group.states);
        let of_state = of_state.filter(|(state, _)| usize::from(*state) == number);
        assert_eq!(
            of_state.map(|(_, counts)| counts.entries).sum::<u64>(),
            total.entries
        );
    }
    Ok(states)
}

fn heap(
    stream: &Keyed,
    layouts: &[Option<Skipper>],
    with_length: bool,
    pieces: &[&[u8]],
) -> Result<HeapResult, ParseError> {
    let mut body = HeapBody::new(stream.layout(with_length), stream.format, layouts)?;
    for piece in pieces {
        body.push(piece, drop)?;
    }
    body.finish(drop)
}

/// The same bytes in pieces: all at once, one by one, and anyhow.
fn cuts<'b>(random: &mut Random, bytes: &'b [u8]) -> [Vec<&'b [u8]>; 3] {
    let mut anyhow = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (piece, tail) = rest.split_at(random.between(0, rest.len().min(40) as u64) as usize);
        anyhow.push(piece);
        rest = tail;
    }
    [vec![bytes], bytes.chunks(1).collect(), anyhow]
}

fn same_however_cut<R: PartialEq + std::fmt::Debug>(
    random: &mut Random,
    bytes: &[u8],
    read: impl Fn(&[&[u8]]) -> R,
) -> R {
    let [whole, single, anyhow] = cuts(random, bytes).map(|pieces| read(&pieces));
    assert_eq!(whole, single);
    assert_eq!(whole, anyhow);
    whole
}

fn body_of(stream: &Keyed) -> &[u8] {
    let first = CanonicalBody::new(stream.layout(true), stream.format)
        .unwrap()
        .position();
    first.map_or(&[], |first| &stream.bytes[first as usize..])
}

fn heap_body_of(stream: &Keyed) -> &[u8] {
    let first = stream
        .offsets
        .first_chunk()
        .map(|first| u64::from_be_bytes(*first));
    &stream.bytes[first.unwrap() as usize..]
}

#[test]
fn canonical_counts_are_those_that_were_written() {
    for seed in 0..ROUNDS {
        let random = &mut Random::new(seed);
        let stream = Keyed::canonical(random, seed % 2 == 0, 30);
        for with_length in [true, false] {
            let read = |pieces: &[&[u8]]| canonical(&stream, with_length, pieces);
            let counts = same_however_cut(random, body_of(&stream), read);
            assert_eq!(counts.as_ref(), Ok(&stream.states), "seed {seed}");
        }
    }
}

#[test]
fn long_keys_and_values_are_stepped_over() {
    for seed in 0..6 {
        let random = &mut Random::new(seed);
        let stream = Keyed::canonical(random, seed % 2 == 0, 300_000);
        let body = body_of(&stream);
        let pieces: Vec<_> = body.chunks(10_007).collect();
        assert_eq!(
            canonical(&stream, true, &pieces).as_ref(),
            Ok(&stream.states)
        );
        assert_eq!(
            canonical(&stream, true, &[body]).as_ref(),
            Ok(&stream.states)
        );
    }
}

fn told(stream: &Keyed) -> Vec<(Option<u64>, Option<u64>)> {
    let states = stream.states.iter();
    states
        .map(|state| (Some(state.entries), Some(state.value_bytes)))
        .collect()
}

fn figures(states: &[HeapCounts]) -> Vec<(Option<u64>, Option<u64>)> {
    states
        .iter()
        .map(|state| (state.entries, state.bytes))
        .collect()
}

#[test]
fn heap_counts_are_those_that_were_written() {
    for seed in 0..ROUNDS {
        let random = &mut Random::new(seed);
        let compressed = seed % 2 == 0;
        let (stream, layouts) = Keyed::heap(random, compressed);
        // A compressed stream needs no layouts.
        let layouts = layouts
            .into_iter()
            .map(|layout| (!compressed).then_some(layout));
        let layouts: Vec<_> = layouts.collect();
        for with_length in [true, false] {
            let read = |pieces: &[&[u8]]| heap(&stream, &layouts, with_length, pieces);
            let result = same_however_cut(random, heap_body_of(&stream), read).unwrap();
            assert_eq!(result.doubt, None, "seed {seed}");
            assert_eq!(figures(&result.states), told(&stream), "seed {seed}");
            let stored: Option<u64> = result.states.iter().map(|state| state.stored_bytes).sum();
            let numbers = 4 * u64::from(stream.key_groups.count());
            let body = heap_body_of(&stream).len() as u64;
            assert_eq!(stored, Some(body - numbers), "seed {seed}");
        }
    }
}

#[test]
fn heap_states_of_unknown_layout_hide_what_is_behind_them_and_nothing_else() {
    let mut hidden = 0;
    for seed in 0..ROUNDS {
        let random = &mut Random::new(seed);
        let (stream, layouts) = Keyed::heap(random, false);
        let unknown = random.between(0, layouts.len() as u64 - 1) as usize;
        let mut layouts: Vec<_> = layouts.into_iter().map(Some).collect();
        layouts[unknown] = None;
        let read = |pieces: &[&[u8]]| heap(&stream, &layouts, true, pieces);
        let result = same_however_cut(random, heap_body_of(&stream), read).unwrap();
        assert_eq!(result.doubt, None, "seed {seed}");
        for (figures, told) in figures(&result.states).into_iter().zip(told(&stream)) {
            assert!([told.0, None].contains(&figures.0), "seed {seed}");
            assert!([told.1, None].contains(&figures.1), "seed {seed}");
            hidden += u32::from(figures.1.is_none());
        }
    }
    assert!(hidden > 100);
}

#[test]
fn wrong_layouts_are_noticed() {
    let mut doubts = 0;
    for seed in 0..ROUNDS {
        let random = &mut Random::new(seed);
        let (stream, layouts) = Keyed::heap(random, false);
        let mut wrong: Vec<_> = layouts.iter().cloned().map(Some).collect();
        wrong[0] = Some(Skipper::Sequence(vec![
            layouts[0].clone(),
            Skipper::Fixed(3),
        ]));
        let read = |pieces: &[&[u8]]| heap(&stream, &wrong, true, pieces);
        let result = same_however_cut(random, heap_body_of(&stream), read).unwrap();
        if stream.states[0].entries > 0 {
            assert!(result.doubt.is_some(), "seed {seed}");
            assert!(
                result
                    .states
                    .iter()
                    .all(|state| *state == HeapCounts::default())
            );
            doubts += 1;
        }
    }
    assert!(doubts > 100);
}

#[test]
fn a_value_is_as_long_as_it_was_written_and_not_a_byte_shorter() {
    for seed in 0..3_000 {
        let random = &mut Random::new(seed);
        let layout = layout(random, 3);
        let mut bytes = Vec::new();
        value(random, &layout, &mut bytes);
        let length = bytes.len();
        for cut in 0..length.min(100) {
            assert!(
                layout.skip(&bytes[..length - 1 - cut], 0).is_err(),
                "seed {seed}"
            );
        }
        bytes.extend([1, 2, 3]);
        assert_eq!(
            layout.skip(&bytes, 0),
            Ok(Some(length as u64)),
            "seed {seed}"
        );
    }
}

#[test]
fn every_cut_is_an_error() {
    for seed in 0..10 {
        let random = &mut Random::new(seed);
        let compressed = seed % 2 == 0;
        let canonical_stream = Keyed::canonical(random, compressed, 10);
        let body = body_of(&canonical_stream);
        let (heap_stream, layouts) = Keyed::heap(random, compressed);
        let layouts: Vec<_> = layouts.into_iter().map(Some).collect();
        for with_length in [true, false] {
            for cut in 0..body.len() {
                let read = |pieces: &[&[u8]]| canonical(&canonical_stream, with_length, pieces);
                let result = same_however_cut(random, &body[..cut], read);
                assert!(result.is_err(), "seed {seed}, cut at {cut}: {result:?}");
            }
            if compressed && !with_length {
                // Without a length, whole chunks may be missing and nothing shows it.
                continue;
            }
            let body = heap_body_of(&heap_stream);
            for cut in 0..body.len().min(600) {
                let result = heap(&heap_stream, &layouts, with_length, &[&body[..cut]]);
                let told = result.is_ok_and(|result| result.doubt.is_none());
                assert!(!told, "seed {seed}, cut at {cut}");
            }
        }
    }
}

#[test]
fn flipped_bits_give_the_same_however_the_bytes_are_cut() {
    let mut errors = 0;
    for seed in 0..ROUNDS {
        let random = &mut Random::new(seed);
        let compressed = seed % 2 == 0;
        let mut stream = Keyed::canonical(random, compressed, 10);
        let start = stream.bytes.len() - body_of(&stream).len();
        let (mut heap_stream, layouts) = Keyed::heap(random, compressed);
        let heap_start = heap_stream.bytes.len() - heap_body_of(&heap_stream).len();
        let layouts: Vec<_> = layouts.into_iter().map(Some).collect();
        for _ in 0..10 {
            flip(random, &mut stream.bytes[start..]);
            flip(random, &mut heap_stream.bytes[heap_start..]);
            let read = |pieces: &[&[u8]]| canonical(&stream, true, pieces);
            let result = same_however_cut(random, &stream.bytes[start..], read);
            let read = |pieces: &[&[u8]]| heap(&heap_stream, &layouts, true, pieces);
            same_however_cut(random, &heap_stream.bytes[heap_start..], read).ok();
            errors += u32::from(result.is_err());
        }
    }
    assert!(errors > 1000, "{errors}");
}

fn flip(random: &mut Random, bytes: &mut [u8]) {
    if !bytes.is_empty() {
        let at = random.between(0, bytes.len() as u64 - 1) as usize;
        bytes[at] ^= 1 << random.between(0, 7);
    }
}

/// A change set behind the changes of others, and what is in it.
fn change_set(random: &mut Random, compressed: bool) -> (Vec<u8>, u64, Vec<(u8, i16, usize)>) {
    let mut body = content(random, 50);
    let offset = body.len() as u64;
    let mut changes = Vec::new();
    let groups = random.between(0, 4);
    body.extend((groups as u32).to_be_bytes());
    for group in 0..groups {
        let count = random.between(0, 4);
        body.extend((count as u32).to_be_bytes());
        body.extend((group as i32 - 1).to_be_bytes());
        for _ in 0..count {
            let operation = random.between(0, 8) as u8;
            let state = random.between(0, 3) as i16;
            let rest = content(random, 30);
            let mut change = vec![operation];
            if operation == 8 {
                change.extend(7_i32.to_be_bytes());
                change.extend(&rest);
                change.extend(state.to_be_bytes());
                change.push(1);
            } else {
                change.extend(state.to_be_bytes());
                change.extend(&rest);
            }
            changes.push((operation, state, change.len()));
            body.extend((change.len() as u32).to_be_bytes());
            body.extend(change);
        }
    }
    // What other subtasks wrote.
    let end = content(random, 50);
    body.extend(end);
    let mut file = vec![u8::from(compressed)];
    file.extend(if compressed {
        framed(random, &body)
    } else {
        body
    });
    (file, offset, changes)
}

fn changes(
    file: &[u8],
    offset: u64,
    pieces: &[&[u8]],
) -> Result<(ChangeCounts, usize), ParseError> {
    let compressed = ChangeSetBody::is_compressed(file[0])?;
    let mut body = ChangeSetBody::new(offset, compressed);
    let (mut counts, mut metadata) = (ChangeCounts::default(), 0);
    for piece in pieces {
        body.push(piece, &mut counts, |change| {
            assert_eq!(change.version, 7);
            metadata += 1;
        })?;
    }
    body.finish()?;
    Ok((counts, metadata))
}

#[test]
fn changes_are_those_that_were_written() {
    for seed in 0..ROUNDS {
        let random = &mut Random::new(seed);
        let compressed = seed % 2 == 0;
        let (file, offset, written) = change_set(random, compressed);
        let first = ChangeSetBody::new(offset, compressed).position().unwrap() as usize;
        let read = |pieces: &[&[u8]]| changes(&file, offset, pieces);
        let (counts, metadata) = same_however_cut(random, &file[first..], read).unwrap();
        for state in 0..4 {
            let of_state = || written.iter().filter(|(_, of, _)| *of == state);
            let sum = counts.of_state(state);
            assert_eq!(sum.changes, of_state().count() as u64, "seed {seed}");
            let bytes: usize = of_state().map(|(_, _, bytes)| bytes).sum();
            assert_eq!(sum.bytes, bytes as u64, "seed {seed}");
        }
        let records = written.iter().filter(|(operation, ..)| *operation == 8);
        assert_eq!(metadata, records.count());
        let counted = counts
            .states
            .values()
            .filter_map(|state| state.get(&Operation::Metadata));
        assert_eq!(
            counted.map(|counts| counts.changes).sum::<u64>(),
            metadata as u64
        );
        if seed > 30 {
            continue;
        }
        for cut in first..file.len() {
            let read = |pieces: &[&[u8]]| changes(&file, offset, pieces);
            // Nothing is missing when only changes of others are cut off.
            if let Ok(cut) = same_however_cut(random, &file[first..cut], read) {
                assert_eq!(cut.0, counts);
            }
        }
    }
}
