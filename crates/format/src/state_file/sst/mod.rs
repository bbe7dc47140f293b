//! What an SST of RocksDB or ForSt says of itself: its table properties (docs/state-files.md 5).
//!
//! Only the end of the file is looked at, through [`SstReader`]. It asks for ranges of bytes and
//! leaves fetching them to the caller; for nearly every file that is one range of a few kB. All
//! offsets are those of the SST, which may itself be a part of a larger file.
//!
//! ```
//! use statescope_format::state_file::sst::{SstReader, SstStep};
//!
//! # fn example(file: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
//! let mut step = SstReader::open(u64::try_from(file.len())?)?;
//! let properties = loop {
//!     step = match step {
//!         SstStep::Read(reader) => {
//!             let range = reader.range();
//!             let fetched = &file[usize::try_from(range.start)?..usize::try_from(range.end)?];
//!             reader.read(fetched)?
//!         }
//!         SstStep::Done(properties) => break properties,
//!     };
//! };
//! println!("{:?}: {:?} entries", properties.column_family_name, properties.num_entries);
//! # Ok(())
//! # }
//! ```

mod block;
mod checksum;
mod footer;
mod properties;
mod reader;

pub use footer::ends_like_table;
pub use properties::SstProperties;
pub use reader::{SstReader, SstStep};
