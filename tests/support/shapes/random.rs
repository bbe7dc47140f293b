//! Reproducible pseudo-random values: splitmix64, nothing else.

/// The constant that splitmix64 adds to its state at every step.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// A splitmix64 generator; the same seed always gives the same sequence.
pub struct Random {
    state: u64,
}

impl Random {
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(STEP);
        scramble(self.state)
    }

    /// A value from `low` to `high`, both included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next_u64() % (high - low + 1)
    }

    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.between(0, choices.len() as u64 - 1) as usize]
    }

    pub fn uuid(&mut self) -> Uuid {
        Uuid(self.next_u64(), self.next_u64())
    }
}

/// The output function of splitmix64: a bijection, so distinct inputs stay distinct.
pub fn scramble(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

/// 128 random bits that print like the version 4 UUIDs with which Flink names files.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Uuid(u64, u64);

impl Uuid {
    /// Appends the 36 characters of the UUID.
    pub fn push_to(self, text: &mut String) {
        let high = (self.0 & !0xF000) | 0x4000;
        let low = (self.1 & !(0b11 << 62)) | (0b10 << 62);
        push_hex(text, high, 0..8);
        text.push('-');
        push_hex(text, high, 8..12);
        text.push('-');
        push_hex(text, high, 12..16);
        text.push('-');
        push_hex(text, low, 0..4);
        text.push('-');
        push_hex(text, low, 4..16);
    }
}

/// Appends the given digits (0 is the highest) of the 16-digit hexadecimal form of `value`.
pub fn push_hex(text: &mut String, value: u64, digits: std::ops::Range<u32>) {
    for digit in digits {
        let nibble = (value >> (60 - 4 * digit)) as usize & 0xF;
        text.push(char::from(b"0123456789abcdef"[nibble]));
    }
}
