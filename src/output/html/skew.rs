use maud::{Markup, html};

use crate::output::ByteUnits;
use crate::output::html::{Text, axis, tone_class};
use crate::report::SkewRow;

/// A row of bars for each operator: its subtasks, or the largest beside the mean.
pub(super) fn draw(rows: &[SkewRow], bytes: ByteUnits) -> Markup {
    html! {
        ul.skew {
            @for row in rows {
                li class=(tone_class(row.tone)) {
                    p { b { (Text(&row.label)) } ": " (words(row, bytes)) }
                    (bars(row))
                }
            }
        }
    }
}

fn words(row: &SkewRow, bytes: ByteUnits) -> String {
    let which = match row.largest {
        Some(index) => format!("subtask {index}"),
        None => "the largest".to_owned(),
    };
    format!(
        "{which} of {} has {}, {:.2} times the mean",
        row.parallelism,
        bytes.format(row.largest_bytes),
        row.skew
    )
}

/// The words say the same, so nothing is read out.
fn bars(row: &SkewRow) -> Markup {
    // Where the mean lies, if the largest is 100.
    let mean = 100.0 / row.skew.max(1.0);
    if row.bytes.is_empty() {
        return html! {
            svg.pair viewBox="0 0 100 2" preserveAspectRatio="none" aria-hidden="true" {
                rect width="100" height="0.9" {}
                rect.mean y="1.1" width=(format!("{mean:.2}")) height="0.9" {}
            }
        };
    }
    let count = row.bytes.len();
    let line = format!("{:.2}", 100.0 - mean);
    html! {
        svg.each viewBox=(format!("0 0 {count} 100")) style=(format!("width:{}rem", count.min(48)))
            preserveAspectRatio="none" aria-hidden="true" {
            @for (at, &bytes) in row.bytes.iter().enumerate() {
                @let height = axis::part(bytes, row.largest_bytes) * 100.0;
                rect x=(format!("{at}.08")) y=(format!("{:.2}", 100.0 - height))
                    width="0.84" height=(format!("{height:.2}")) {}
            }
            line x1="0" x2=(count) y1=(line) y2=(line) {}
        }
    }
}
