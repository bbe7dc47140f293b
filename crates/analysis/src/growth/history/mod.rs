//! What was seen of snapshots, kept as Parquet (docs/history.md): rows, files and their names. Pure:
//! bytes in, bytes out.

mod columns;
mod compaction;
mod earlier;
mod file;
mod guard;
mod partition;
mod rows;

pub use compaction::{Compaction, compaction};
pub use earlier::{Days, earlier_jobs};
pub use file::{InvalidHistory, check_content, decode, decode_keys, encode};
pub use partition::{Partition, date_of, file_name, is_history_file};
pub use rows::{Row, RowKey, observations, rows};
