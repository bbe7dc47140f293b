use std::borrow::Cow;
use std::io::{self, Write};

use crate::output::escape;
use crate::report::{Cell, Report};

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let table = &report.table;
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(table.columns.iter().map(|column| column.name))
        .map_err(io_error)?;
    for row in table.rows.iter() {
        for cell in &row {
            csv.write_field(field(cell).as_ref()).map_err(io_error)?;
        }
        csv.write_record(None::<&[u8]>).map_err(io_error)?;
    }
    csv.flush()
}

fn field(cell: &Cell) -> Cow<'_, str> {
    let known = |text: Option<String>| text.unwrap_or_default().into();
    match cell {
        Cell::Text(text) | Cell::Sparkline(text) => escape::csv(text),
        Cell::Word(word) => (*word).into(),
        Cell::Bytes(value) | Cell::Count(value) => known(value.map(|value| value.to_string())),
        Cell::Change(value) => known(value.map(|value| value.to_string())),
        Cell::Share(value) | Cell::Ratio(value) => known(value.map(|value| format!("{value:.4}"))),
        Cell::About(cell) => field(cell),
        Cell::Empty => Cow::default(),
    }
}

/// The writer's own error, of its own kind: `csv` hides it, and with it a closed pipe.
fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
