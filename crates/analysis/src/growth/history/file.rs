use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::Compression;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::Type;

use crate::growth::history::columns::{Number, Text};
use crate::growth::history::guard;
use crate::growth::history::partition::{file_name, is_named_by_content};
use crate::growth::history::rows::{Row, RowKey};
use statescope_format::Limits;

/// A file that is no history, or is damaged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidHistory {
    /// It is no Parquet, or has other columns.
    #[error("not a history file: {0}")]
    Parquet(#[from] ParquetError),
    /// Its content is not what its name says.
    #[error("not what was recorded: the content is not that of its name")]
    Changed,
}

/// Compares a file with its name, which says what its content is. Files that another program named
/// are taken as they are.
///
/// # Errors
/// When the content is not that of the name.
pub fn check_content(name: &str, content: &[u8]) -> Result<(), InvalidHistory> {
    match is_named_by_content(name) && name != file_name(content) {
        true => Err(InvalidHistory::Changed),
        false => Ok(()),
    }
}

/// The file that holds `rows`. The same rows give the same bytes.
///
/// # Errors
/// Those of the writer; there is no reason for any.
pub fn encode(rows: &[Row]) -> Result<Vec<u8>, InvalidHistory> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by("statescope".to_owned())
        .build();
    let mut bytes = Vec::new();
    let mut file = SerializedFileWriter::new(&mut bytes, schema()?, Arc::new(properties))?;
    let mut group = file.next_row_group()?;
    for (at, _) in Text::ALL.iter().enumerate() {
        let column = rows.iter().map(|row| row.texts.get(at)?.as_ref());
        let levels: Vec<i16> = column
            .clone()
            .map(|text| i16::from(text.is_some()))
            .collect();
        let values: Vec<ByteArray> = column.flatten().map(|text| text.as_str().into()).collect();
        if let Some(mut writer) = group.next_column()? {
            let typed = writer.typed::<ByteArrayType>();
            typed.write_batch(&values, Some(&levels), None)?;
            writer.close()?;
        }
    }
    for (at, _) in Number::ALL.iter().enumerate() {
        let column = rows
            .iter()
            .map(|row| row.numbers.get(at).copied().flatten());
        let levels: Vec<i16> = column
            .clone()
            .map(|number| i16::from(number.is_some()))
            .collect();
        let values: Vec<i64> = column.flatten().collect();
        if let Some(mut writer) = group.next_column()? {
            let typed = writer.typed::<Int64Type>();
            typed.write_batch(&values, Some(&levels), None)?;
            writer.close()?;
        }
    }
    group.close()?;
    file.close()?;
    Ok(bytes)
}

/// All rows of a file.
///
/// # Errors
/// When it is not Parquet, a column has another type than it must, or it is above one of the
/// limits. A column that is not there is not known.
pub fn decode(bytes: &Bytes, limits: &Limits) -> Result<Vec<Row>, InvalidHistory> {
    decode_columns(bytes, limits, |_| true)
}

/// What the rows of a file are about; other columns are not decoded.
///
/// # Errors
/// As [`decode`].
pub fn decode_keys(bytes: &Bytes, limits: &Limits) -> Result<Vec<RowKey>, InvalidHistory> {
    const KEYS: [&str; 7] = [
        "level",
        "location",
        "operator_id",
        "slot",
        "state_name",
        "checkpoint_id",
        "time",
    ];
    let rows = decode_columns(bytes, limits, |name| KEYS.contains(&name))?;
    Ok(rows.iter().filter_map(Row::key).collect())
}

fn decode_columns(
    bytes: &Bytes,
    limits: &Limits,
    wanted: impl Fn(&str) -> bool,
) -> Result<Vec<Row>, InvalidHistory> {
    if bytes.len() > limits.history_bytes {
        let what = format!("more than {} bytes", limits.history_bytes);
        return Err(guard::refused(&what).into());
    }
    guard::check_footer(bytes)?;
    let reader = SerializedFileReader::new(bytes.clone())?;
    guard::check_pages(bytes, reader.metadata(), limits)?;
    let mut room = Room {
        rows: limits.history_rows,
        text_bytes: limits.history_text_bytes,
        limits,
    };
    let schema = reader.metadata().file_metadata().schema_descr_ptr();
    let mut rows = Vec::new();
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group)?;
        let mut of_group: Vec<Row> = Vec::new();
        for (at, column) in schema.columns().iter().enumerate() {
            let name = column.name();
            if !wanted(name) || column.max_def_level() > 1 || column.max_rep_level() > 0 {
                continue;
            }
            let text = Text::ALL.iter().position(|(_, known)| *known == name);
            let number = Number::ALL.iter().position(|(_, known)| *known == name);
            if let Some(to) = text {
                fill(
                    &mut of_group,
                    texts(&*group, at, &mut room)?,
                    |row, value| {
                        if let Some(place) = row.texts.get_mut(to) {
                            *place = value;
                        }
                    },
                );
            } else if let Some(to) = number {
                fill(&mut of_group, numbers(&*group, at, &room)?, |row, value| {
                    if let Some(place) = row.numbers.get_mut(to) {
                        *place = value;
                    }
                });
            }
        }
        room.rows = room.rows.saturating_sub(of_group.len());
        rows.append(&mut of_group);
    }
    Ok(rows)
}

fn fill<T>(rows: &mut Vec<Row>, values: Vec<Option<T>>, set: impl Fn(&mut Row, Option<T>)) {
    if rows.len() < values.len() {
        rows.resize(values.len(), Row::default());
    }
    for (row, value) in rows.iter_mut().zip(values) {
        set(row, value);
    }
}

/// What may still be read of a file.
struct Room<'l> {
    rows: usize,
    text_bytes: usize,
    limits: &'l Limits,
}

impl Room<'_> {
    fn text(&mut self, value: &ByteArray) -> Result<String, ParquetError> {
        let left = self.text_bytes.checked_sub(value.len());
        self.text_bytes = left.ok_or_else(|| {
            let limit = self.limits.history_text_bytes;
            guard::refused(&format!("texts of more than {limit} bytes"))
        })?;
        value.as_utf8().map(str::to_owned)
    }
}

fn texts(
    group: &dyn RowGroupReader,
    at: usize,
    room: &mut Room<'_>,
) -> Result<Vec<Option<String>>, ParquetError> {
    let ColumnReader::ByteArrayColumnReader(reader) = group.get_column_reader(at)? else {
        return Err(wrong_type(group, at));
    };
    let values = records(reader, is_optional(group, at), room)?.into_iter();
    values
        .map(|value| value.map(|value| room.text(&value)).transpose())
        .collect()
}

fn numbers(
    group: &dyn RowGroupReader,
    at: usize,
    room: &Room<'_>,
) -> Result<Vec<Option<i64>>, ParquetError> {
    let ColumnReader::Int64ColumnReader(reader) = group.get_column_reader(at)? else {
        return Err(wrong_type(group, at));
    };
    records(reader, is_optional(group, at), room)
}

/// A column's values, row by row.
fn records<T: DataType>(
    mut reader: ColumnReaderImpl<T>,
    is_optional: bool,
    room: &Room<'_>,
) -> Result<Vec<Option<T::T>>, ParquetError> {
    let (mut values, mut levels, mut read) = (Vec::new(), Vec::new(), 0_usize);
    loop {
        let levels = is_optional.then_some(&mut levels);
        let (records, ..) = reader.read_records(RECORDS_AT_ONCE, levels, None, &mut values)?;
        if records == 0 {
            break;
        }
        read += records;
        if read > room.rows {
            return Err(guard::too_many_rows(room.limits));
        }
    }
    Ok(spread(values, is_optional.then_some(&levels)))
}

/// The file says how many there are; it is not believed before they are read.
const RECORDS_AT_ONCE: usize = 8192;

fn is_optional(group: &dyn RowGroupReader, at: usize) -> bool {
    let columns = group.metadata().columns();
    columns
        .get(at)
        .is_some_and(|column| column.column_descr().max_def_level() > 0)
}

fn wrong_type(group: &dyn RowGroupReader, at: usize) -> ParquetError {
    let columns = group.metadata().columns();
    let name = columns.get(at).map(|column| column.column_descr().name());
    ParquetError::General(format!("{} is of another type", name.unwrap_or("a column")))
}

/// Values and, where some are missing, which are there.
fn spread<T>(values: Vec<T>, levels: Option<&Vec<i16>>) -> Vec<Option<T>> {
    let Some(levels) = levels else {
        return values.into_iter().map(Some).collect();
    };
    let mut values = values.into_iter();
    let value = |level: &i16| if *level > 0 { values.next() } else { None };
    levels.iter().map(value).collect()
}

fn schema() -> Result<Arc<Type>, ParquetError> {
    let mut message = "message statescope {\n".to_owned();
    for (_, name) in Text::ALL {
        message.push_str(&format!("optional binary {name} (string);\n"));
    }
    for (column, name) in Number::ALL {
        let annotation = match column {
            Number::Time => " (timestamp(millis,true))",
            _ => "",
        };
        message.push_str(&format!("optional int64 {name}{annotation};\n"));
    }
    message.push('}');
    Ok(Arc::new(parse_message_type(&message)?))
}
