/// How a serializer lays out its values, as far as it takes to find where each one ends.
///
/// Pure data, made from serializer snapshots. A serializer whose layout is not known has no
/// `Skipper`; its values cannot be stepped over, and neither can what follows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Skipper {
    /// So many bytes, always.
    Fixed(u64),
    /// Text as Flink's `StringValue` writes it: the length plus one, then each character, all in
    /// groups of seven bits; 0 for null.
    Text,
    /// An `i32` count of units of so many bytes: primitive arrays, binary rows.
    Counted {
        /// Bytes of one unit.
        unit: u64,
    },
    /// An `i32` count and that many elements (`ListSerializer`, `SetSerializer`).
    List(Box<Skipper>),
    /// One behind the other, nothing between (tuples, case classes, values with time to live).
    Sequence(Vec<Skipper>),
    /// A `boolean`, and the value if the flag says so.
    Flagged {
        /// The flag of a value that is there.
        present: bool,
        /// The value.
        value: Box<Skipper>,
        /// Bytes in place of a value that is not there (`NullableSerializer` can pad).
        padding: u64,
    },
    /// A `boolean`, then the left value if it is true, else the right one (`EitherSerializer`).
    Either(Box<Skipper>, Box<Skipper>),
    /// One bit per field that is null, after some other bits, then the fields that are not
    /// (`RowSerializer`).
    Masked {
        /// Bits in front: 2 for the row kind since Flink 1.11, else 0.
        leading_bits: u8,
        /// The fields.
        fields: Vec<Skipper>,
    },
    /// An object of `PojoSerializer`: a byte of flags, then the fields, each behind a `boolean`
    /// that says whether it is null.
    Pojo {
        /// The fields in the order of the snapshot.
        fields: Vec<Skipper>,
        /// Registered subclasses by their tag; `None` where the layout is not known.
        subclasses: Vec<Option<Skipper>>,
    },
    /// `BigIntSerializer`: an `i32` of 0 to 3 for null, 0, 1 and 10, else length plus 4 and the
    /// bytes.
    BigInteger,
    /// `BigDecSerializer`: the same, then an `i32` scale unless null.
    BigDecimal,
}

impl Skipper {
    /// `MapSerializer`: an `i32` count, then each key and a value that may be null.
    pub fn map(key: Self, value: Self) -> Self {
        Self::List(Box::new(Self::Sequence(vec![key, Self::nullable(value)])))
    }

    /// `NullableSerializer` without padding: a `boolean` that is true for null.
    pub fn nullable(value: Self) -> Self {
        Self::Flagged {
            present: false,
            value: Box::new(value),
            padding: 0,
        }
    }

    /// `GenericArraySerializer`: an `i32` count, then each element behind a `boolean` that is
    /// false for null.
    pub fn array(element: Self) -> Self {
        Self::List(Box::new(Self::Flagged {
            present: true,
            value: Box::new(element),
            padding: 0,
        }))
    }

    /// `TtlSerializer`: when the value was last used, then the value.
    pub fn with_time_to_live(value: Self) -> Self {
        Self::Sequence(vec![Self::Fixed(8), value])
    }

    /// `TimerSerializer`: the timer's time, its key and its namespace.
    pub fn timer(key: Self, namespace: Self) -> Self {
        Self::Sequence(vec![Self::Fixed(8), key, namespace])
    }

    /// Bytes of every value, where all take the same.
    pub(super) fn fixed_size(&self) -> Option<u64> {
        match self {
            Self::Fixed(bytes) => Some(*bytes),
            Self::Sequence(parts) => parts
                .iter()
                .try_fold(0_u64, |sum, part| sum.checked_add(part.fixed_size()?)),
            Self::Flagged { value, padding, .. } if value.fixed_size() == Some(*padding) => {
                padding.checked_add(1)
            }
            Self::Masked {
                leading_bits: 0,
                fields,
            } if fields.is_empty() => Some(0),
            _ => None,
        }
    }
}
