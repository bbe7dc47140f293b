use maud::{Markup, html};

use crate::output::ByteUnits;
use crate::output::html::axis::{self, Tick};
use crate::output::html::{Text, tone_class};
use crate::report::{Layer, StackedArea};
use crate::time::rfc_3339_of_millis;

/// The drawing stretches to its frame; only the shapes do, labels are text beside it.
const SIDE: f64 = 1000.0;
/// Rows of numbers below the drawing.
const ROWS_MAX: usize = 24;

pub(super) fn draw(area: &StackedArea, title: &str, bytes: ByteUnits) -> Markup {
    let (Some(&first), Some(&last)) = (area.times_ms.first(), area.times_ms.last()) else {
        return html! {};
    };
    let bounds = bounds(&area.layers, area.times_ms.len());
    let sums = bounds.last().map_or(&[][..], Vec::as_slice);
    let largest = sums.iter().copied().max().unwrap_or_default();
    let (end, lines) = axis::of_bytes(largest, bytes);
    let times = axis::of_times(first, last);
    let xs: Vec<f64> = area
        .times_ms
        .iter()
        .map(|&time| axis::moment(time, first, last) * SIDE)
        .collect();
    let size = |sums: Option<&u64>| sums.map_or_else(String::new, |&sum| bytes.format(sum));
    let time = |ms: i64| rfc_3339_of_millis(ms).unwrap_or_default();
    let summary = format!(
        "{title}: from {} at {} to {} at {}. The numbers follow as a table.",
        size(sums.first()),
        time(first),
        size(sums.last()),
        time(last)
    );
    html! {
        div.chart {
            div.marks aria-hidden="true" {
                @for (number, mark) in area.marks.iter().enumerate() {
                    @let x = axis::moment(mark.time_ms, first, last) * 100.0;
                    span style=(format!("left:{x:.2}%")) { (number + 1) }
                }
            }
            div.bytes aria-hidden="true" {
                @for Tick { at, label } in &lines {
                    span style=(format!("bottom:{:.2}%", at * 100.0)) { (label) }
                }
            }
            svg.plot viewBox=(format!("0 0 {SIDE} {SIDE}")) preserveAspectRatio="none" role="img"
                aria-label=(Text(&summary)) {
                @for Tick { at, .. } in &lines {
                    (line([0.0, SIDE], [SIDE - at * SIDE; 2], "grid", ""))
                }
                @for (layer, sides) in area.layers.iter().zip(bounds.windows(2)) {
                    @let points = outline(&xs, sides, end);
                    polygon class=(tone_class(layer.tone)) points=(points) {
                        title { (Text(&layer.label)) }
                    }
                }
                @for mark in &area.marks {
                    @let x = axis::moment(mark.time_ms, first, last) * SIDE;
                    (line([x; 2], [0.0, SIDE], "mark", &mark.label))
                }
            }
            div.times aria-hidden="true" {
                @for Tick { at, label } in &times {
                    // What would run out of the frame stands before its line.
                    @let class = if *at > 0.7 { "before" } else { "after" };
                    span class=(class) style=(format!("left:{:.2}%", at * 100.0)) { (label) }
                }
            }
        }
        // As they lie: the topmost first.
        ul.legend {
            @for layer in area.layers.iter().rev() {
                li class=(tone_class(layer.tone)) {
                    (Text(&layer.label)) " " span { (size(layer.bytes.last())) }
                }
            }
        }
        @if !area.marks.is_empty() {
            ol.note {
                @for mark in &area.marks {
                    li { (Text(&mark.label)) ", " (time(mark.time_ms)) }
                }
            }
        }
        (numbers(area, bytes))
    }
}

/// The lower bound of the first layer, then the upper bound of each.
fn bounds(layers: &[Layer], length: usize) -> Vec<Vec<u64>> {
    let mut bounds = vec![vec![0_u64; length]];
    for layer in layers {
        let below = bounds.last().map_or(&[][..], Vec::as_slice);
        let above = below.iter().zip(&layer.bytes);
        let above = above
            .map(|(below, bytes)| below.saturating_add(*bytes))
            .collect();
        bounds.push(above);
    }
    bounds
}

/// Along the upper bound, and back along the lower.
fn outline(xs: &[f64], sides: &[Vec<u64>], end: u64) -> String {
    let [below, above] = sides else {
        return String::new();
    };
    let point = |(x, &bytes): (&f64, &u64)| {
        let y = SIDE - axis::part(bytes, end) * SIDE;
        format!("{x:.1},{y:.1}")
    };
    let there = xs.iter().zip(above).map(point);
    let back = xs.iter().zip(below).rev().map(point);
    there.chain(back).collect::<Vec<_>>().join(" ")
}

fn line(x: [f64; 2], y: [f64; 2], class: &str, label: &str) -> Markup {
    let [x1, x2] = x.map(|x| format!("{x:.1}"));
    let [y1, y2] = y.map(|y| format!("{y:.1}"));
    html! {
        line class=(class) x1=(x1) x2=(x2) y1=(y1) y2=(y2) {
            @if !label.is_empty() { title { (Text(label)) } }
        }
    }
}

/// The same for those who do not see it, or want to know exactly.
fn numbers(area: &StackedArea, bytes: ByteUnits) -> Markup {
    let every = area.times_ms.len().div_ceil(ROWS_MAX).max(1);
    let count = area.times_ms.len();
    let last = count.saturating_sub(1);
    let rows = area.times_ms.iter().enumerate();
    let rows = rows.filter(|&(at, _)| at == 0 || (last - at).is_multiple_of(every));
    let title = match every {
        1 => "Numbers".to_owned(),
        _ => format!("Numbers of the first, the last, and one in {every} of {count} points"),
    };
    html! {
        details {
            summary { (title) }
            div.scroll role="group" tabindex="0" aria-label="Numbers of the chart" {
                table {
                    thead {
                        tr {
                            th scope="col" { "Time" }
                            @for layer in area.layers.iter().rev() {
                                th scope="col" { (Text(&layer.label)) }
                            }
                        }
                    }
                    tbody {
                        @for (at, &time) in rows {
                            tr {
                                th scope="row" { (rfc_3339_of_millis(time).unwrap_or_default()) }
                                @for layer in area.layers.iter().rev() {
                                    td.number { @if let Some(&size) = layer.bytes.get(at) { (bytes.format(size)) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
