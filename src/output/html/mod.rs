//! One page that needs nothing else: no script, no file, no network. What a page is read with
//! decides over its look: paper, a phone, a dark screen, a screen reader.

mod area;
mod axis;
mod skew;
mod squarify;
mod treemap;

use std::io::{self, Write};

use maud::{DOCTYPE, Markup, PreEscaped, Render, html};

use crate::finding::Finding;
use crate::output::{ByteUnits, escape, words};
use crate::report::{Cell, Fact, Figure, FigureContent, Report, Section, Table, Tone};

/// Colours follow the reader's choice of light and dark; sizes follow the reader's font.
const STYLE: &str = include_str!("style.css");

/// Nothing may be fetched, whatever a page is made to say.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
                      base-uri 'none'; form-action 'none'";

/// What is on a page.
#[derive(Clone, Copy, Debug)]
pub struct Page<'p> {
    /// The command whose result it is.
    pub command: &'static str,
    /// What it is about: a location; `None` where the command says enough.
    pub about: Option<&'p str>,
    /// Facts and the table.
    pub report: &'p Report<'p>,
    /// Figures.
    pub sections: &'p [Section],
    /// What was noticed: lists that are read as one.
    pub findings: &'p [&'p [Finding]],
}

pub(super) fn write(page: &Page<'_>, bytes: ByteUnits, out: &mut dyn Write) -> io::Result<()> {
    let head = html! {
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(POLICY);
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            meta name="referrer" content="no-referrer";
            // Without one, browsers ask the server for it.
            link rel="icon" href="data:,";
            title {
                @if let Some(about) = page.about { (Text(about)) " – " }
                "statescope " (page.command)
            }
            style { (PreEscaped(STYLE)) }
        }
    };
    let above = html! {
        header {
            @if let Some(about) = page.about {
                p { "statescope " (page.command) }
                h1 { (Text(about)) }
            } @else {
                h1 { "statescope " (page.command) }
            }
        }
    };
    writeln!(out, "{}", DOCTYPE.into_string())?;
    writeln!(out, "<html lang=\"en\">{}<body>", head.into_string())?;
    writeln!(out, "{}<main>", above.into_string())?;
    for part in parts(page, bytes) {
        writeln!(out, "{}", part.into_string())?;
    }
    table(&page.report.table, bytes, out)?;
    if !page.report.after.is_empty() {
        writeln!(out, "{}", facts(&page.report.after, bytes).into_string())?;
    }
    let version = env!("CARGO_PKG_VERSION");
    let below = html! { footer { p { "statescope " (version) ". Times are in UTC." } } };
    writeln!(out, "</main>{}</body></html>", below.into_string())
}

fn parts<'p>(page: &'p Page<'_>, bytes: ByteUnits) -> impl Iterator<Item = Markup> + 'p {
    let several = page.sections.len() > 1;
    let first = [
        html! { @if !page.report.facts.is_empty() { (facts(&page.report.facts, bytes)) } },
        findings(page.findings),
    ];
    let sections = page.sections.iter().enumerate();
    let sections = sections.map(move |(at, part)| section(part, at, several, bytes));
    first.into_iter().chain(sections)
}

fn facts(facts: &[Fact], bytes: ByteUnits) -> Markup {
    html! {
        dl {
            @for fact in facts {
                div {
                    dt { (fact.label) }
                    dd {
                        @for (at, cell) in fact.value.iter().enumerate() {
                            @if at > 0 { " " }
                            (Text(&words(cell, bytes)))
                        }
                    }
                }
            }
        }
    }
}

fn findings(lists: &[&[Finding]]) -> Markup {
    if lists.iter().all(|list| list.is_empty()) {
        return html! {};
    }
    html! {
        section aria-labelledby="findings" {
            h2 id="findings" { "Findings" }
            ul.findings {
                @for finding in lists.iter().copied().flatten() {
                    @let severity = finding.kind.severity().name();
                    li class=(severity) {
                        p {
                            strong { (severity) } " "
                            @let place = finding.place_text();
                            @if !place.is_empty() { (Text(&place)) ": " }
                            (Text(&finding.message())) " "
                            code { (finding.kind.code()) }
                        }
                        @if let Some(hint) = finding.hint() {
                            p.hint { (Text(&hint)) }
                        }
                    }
                }
            }
        }
    }
}

/// `at` makes ids that no other section has.
fn section(part: &Section, at: usize, several: bool, bytes: ByteUnits) -> Markup {
    let body = html! {
        @if !part.facts.is_empty() { (facts(&part.facts, bytes)) }
        @for (number, figure) in part.figures.iter().enumerate() {
            (draw(figure, &format!("figure-{at}-{number}"), bytes))
        }
    };
    if !several {
        return body;
    }
    let id = format!("section-{at}");
    html! {
        section aria-labelledby=(id) {
            h2 id=(id) { (Text(&part.title)) }
            (body)
        }
    }
}

fn draw(figure: &Figure, id: &str, bytes: ByteUnits) -> Markup {
    html! {
        figure aria-labelledby=(id) {
            figcaption id=(id) { (figure.title) }
            @match &figure.content {
                FigureContent::StackedArea(content) => (area::draw(content, figure.title, bytes)),
                FigureContent::Treemap(content) => (treemap::draw(content, id, bytes)),
                FigureContent::Skew(rows) => (skew::draw(rows, bytes)),
            }
            @for note in &figure.notes {
                p.note { (Text(note)) }
            }
        }
    }
}

/// A table can have more rows than should be held as text.
fn table(table: &Table<'_>, bytes: ByteUnits, out: &mut dyn Write) -> io::Result<()> {
    let shown = table.worth_showing(|_| {});
    let columns: Vec<_> = shown
        .iter()
        .filter_map(|&at| table.columns.get(at))
        .collect();
    if columns.is_empty() {
        return Ok(());
    }
    let head = html! {
        thead { tr { @for column in columns { th scope="col" { (column.title) } } } }
    };
    // What is wider than the screen scrolls by itself, and can be reached by keyboard.
    let open = r#"<section><h2 id="table">Table</h2><div class="scroll" role="region" tabindex="0" aria-labelledby="table"><table>"#;
    writeln!(out, "{open}{}<tbody>", head.into_string())?;
    for row in table.rows.iter() {
        let cells = shown.iter().filter_map(|&at| row.get(at)).enumerate();
        let row = html! { tr { @for (at, cell) in cells { (table_cell(cell, at, bytes)) } } };
        writeln!(out, "{}", row.into_string())?;
    }
    writeln!(out, "</tbody></table></div></section>")
}

fn table_cell(cell: &Cell, at: usize, bytes: ByteUnits) -> Markup {
    let text = words(cell, bytes);
    html! {
        @match cell {
            // Bars are nothing to be read out.
            Cell::Sparkline(_) => td.bars { span aria-hidden="true" { (Text(&text)) } },
            _ if cell.is_number() => td.number { (Text(&text)) },
            _ if at == 0 => th scope="row" { (Text(&text)) },
            _ => td { (Text(&text)) },
        }
    }
}

/// Text from a file: as for a terminal, and escaped like all that is put into a page.
struct Text<'t>(&'t str);

impl Render for Text<'_> {
    fn render_to(&self, page: &mut String) {
        escape::plain(self.0).as_ref().render_to(page);
    }
}

/// The class that gives a part its colour.
fn tone_class(tone: Tone) -> String {
    match tone {
        Tone::Nth(at) => format!("tone-{at}"),
        Tone::Rest => "tone-rest".to_owned(),
    }
}

/// `part` of `whole` in percent, with one digit: for people.
#[allow(clippy::cast_precision_loss)]
fn percent(part: u64, whole: u64) -> String {
    format!("{:.1}%", part as f64 * 100.0 / whole.max(1) as f64)
}
