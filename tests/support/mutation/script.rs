use super::{Fixture, fixture};

/// What is to be done to which fixture: its number, a byte of choices for the property, then edits
/// of [`Edit::BYTES`] bytes each.
pub struct Script {
    pub fixture: usize,
    pub choices: u8,
    pub edits: Vec<Edit>,
}

/// One change. Every value of every byte means something.
#[derive(Clone, Copy, Debug)]
pub struct Edit {
    what: u8,
    file: u8,
    place: u16,
    value: u16,
}

impl Edit {
    const BYTES: usize = 6;

    fn of(bytes: &[u8]) -> Self {
        Self {
            what: bytes[0],
            file: bytes[1],
            place: u16::from_le_bytes([bytes[2], bytes[3]]),
            value: u16::from_le_bytes([bytes[4], bytes[5]]),
        }
    }
}

/// A snapshot behind a script.
pub struct Mutant {
    /// Paths below the scenario's directory; `None` for a file that is gone.
    pub files: Vec<(String, Option<Vec<u8>>)>,
    /// True if the metadata was changed.
    pub metadata_changed: bool,
}

/// Numbers at which something tips over.
const NUMBERS: [i64; 16] = [
    0,
    1,
    -1,
    2,
    127,
    128,
    255,
    32_767,
    32_768,
    65_535,
    i32::MAX as i64,
    i32::MIN as i64,
    i32::MAX as i64 + 1,
    i64::MAX,
    i64::MIN,
    1 << 40,
];

/// More than that no file grows to.
const LARGEST: usize = 4 << 20;

impl Script {
    /// `None` for bytes that do not even name a fixture.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let (head, edits) = bytes.split_at_checked(3)?;
        Some(Self {
            fixture: u16::from_le_bytes([head[0], head[1]]).into(),
            choices: head[2],
            edits: edits.chunks_exact(Edit::BYTES).map(Edit::of).collect(),
        })
    }

    /// Carries the edits out.
    pub fn mutant(&self) -> Mutant {
        let fixture = fixture(self.fixture);
        let files = fixture.files.iter();
        let mut mutant = Mutant {
            files: files
                .map(|(path, bytes)| (path.clone(), Some(bytes.clone())))
                .collect(),
            metadata_changed: false,
        };
        for &edit in &self.edits {
            if edit.what % 2 == 0 {
                mutant.edit_metadata(fixture, edit);
            } else {
                mutant.edit_file(fixture, edit);
            }
        }
        mutant
    }
}

impl Mutant {
    fn edit_metadata(&mut self, fixture: &Fixture, edit: Edit) {
        let Some((_, Some(bytes))) = self.files.get_mut(fixture.metadata) else {
            return;
        };
        let field = usize::from(edit.place) % fixture.fields.len();
        let many = usize::from(edit.file) + 1;
        let last = fixture.fields.len().min(field + many) - 1;
        let (start, first_end) = fixture.fields[field];
        let (_, end) = fixture.fields[last];
        // Earlier edits may have made the file shorter.
        let (start, first_end, end) = (
            start.min(bytes.len()),
            first_end.min(bytes.len()),
            end.min(bytes.len()),
        );
        let number = NUMBERS[usize::from(edit.value) % NUMBERS.len()];
        match edit.what / 2 % 8 {
            0 | 1 => put_number(&mut bytes[start..first_end], number),
            2 => bytes[start..first_end]
                .iter_mut()
                .zip(edit.value.to_be_bytes())
                .for_each(|(byte, with)| *byte ^= with),
            3 => drop(bytes.drain(start..end)),
            4 => {
                let copy = bytes[start..end].to_vec();
                bytes.splice(end..end, copy);
            }
            5 => {
                // Fields of another snapshot in place of those.
                let other = super::fixture(edit.value.into());
                let from = usize::from(edit.place) % other.fields.len();
                let to = other.fields.len().min(from + many) - 1;
                let (from, to) = (other.fields[from].0, other.fields[to].1);
                let others = &other.files[other.metadata].1;
                bytes.splice(start..end, others[from..to].iter().copied());
            }
            6 => bytes.truncate(start),
            _ => {
                let at = (start + usize::from(edit.value)).min(bytes.len());
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = edit.file;
                }
            }
        }
        bytes.truncate(LARGEST);
        self.metadata_changed = true;
    }

    fn edit_file(&mut self, fixture: &Fixture, edit: Edit) {
        let at = usize::from(edit.file) % self.files.len();
        if at == fixture.metadata {
            return;
        }
        let Some((_, place)) = self.files.get_mut(at) else {
            return;
        };
        let Some(bytes) = place else {
            return;
        };
        let length = bytes.len();
        let near = usize::from(edit.place).min(length);
        let from_end = length.saturating_sub(usize::from(edit.place) + 1);
        let number = NUMBERS[usize::from(edit.value) % NUMBERS.len()];
        let some = usize::from(edit.value).min(length - near);
        match edit.what / 2 % 10 {
            0 => put_number(&mut bytes[near..length.min(near + 4)], number),
            1 => put_number(&mut bytes[near..length.min(near + 2)], number),
            2 => put_number(&mut bytes[near..length.min(near + 1)], edit.value.into()),
            3 => put_number(
                &mut bytes[from_end..length.min(from_end + 1)],
                edit.value.into(),
            ),
            4 => put_number(&mut bytes[from_end..length.min(from_end + 8)], number),
            5 => bytes.truncate(near),
            6 => *place = None,
            7 => drop(bytes.drain(near..near + some)),
            8 => {
                let copy = bytes[near..near + some].to_vec();
                bytes.splice(near..near, copy);
                bytes.truncate(LARGEST);
            }
            _ => {
                // What another snapshot has there.
                let other = super::fixture(edit.value.into());
                let file = usize::from(edit.place) % other.files.len();
                *bytes = other.files[file].1.clone();
            }
        }
    }
}

/// Big-endian, in as many bytes as there are.
fn put_number(place: &mut [u8], number: i64) {
    let bytes = number.to_be_bytes();
    let from = bytes.len().saturating_sub(place.len());
    let first = place.len().saturating_sub(bytes.len());
    place[first..].copy_from_slice(&bytes[from..]);
}
