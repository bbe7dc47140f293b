use std::io::{self, Write};

use crate::output::escape;
use crate::report::{Cell, Report};

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let table = &report.table;
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(table.columns.iter().map(|column| column.name))
        .map_err(io_error)?;
    for row in table.rows.iter() {
        csv.write_record(row.iter().map(field)).map_err(io_error)?;
    }
    csv.flush()
}

fn field(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) | Cell::Sparkline(text) => escape::csv(text),
        Cell::Word(word) => (*word).to_owned(),
        Cell::Bytes(value) | Cell::Count(value) => {
            value.map(|value| value.to_string()).unwrap_or_default()
        }
        Cell::Change(value) => value.map(|value| value.to_string()).unwrap_or_default(),
        Cell::Share(value) | Cell::Ratio(value) => {
            value.map(|value| format!("{value:.4}")).unwrap_or_default()
        }
        Cell::About(cell) => field(cell),
        Cell::Empty => String::new(),
    }
}

/// The writer's own error, of its own kind: `csv` hides it, and with it a closed pipe.
fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
