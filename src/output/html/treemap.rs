use maud::{Markup, html};

use crate::output::ByteUnits;
use crate::output::html::squarify::squarify;
use crate::output::html::{Text, percent, tone_class};
use crate::report::{Tile, Treemap};

/// The frame of style.css is about so many times as wide as high.
const ASPECT: f64 = 2.0;

/// Lists in lists, laid out as tiles: read out, they are what they say. Widths and heights are in
/// percent, so the text keeps its size on any screen.
pub(super) fn draw(treemap: &Treemap, id: &str, bytes: ByteUnits) -> Markup {
    let Treemap { tiles, whole_bytes } = treemap;
    if tiles.is_empty() {
        return html! { p.note { "no state" } };
    }
    html! { ul.treemap aria-labelledby=(id) { (tiled(tiles, ASPECT, *whole_bytes, bytes)) } }
}

fn tiled(tiles: &[Tile], aspect: f64, whole: u64, bytes: ByteUnits) -> Markup {
    // Areas for people: the 53 bits of a double are plenty.
    #[allow(clippy::cast_precision_loss)]
    let sizes: Vec<f64> = tiles.iter().map(|tile| tile.bytes as f64).collect();
    html! {
        @for (tile, place) in tiles.iter().zip(squarify(&sizes, aspect)) {
            @let size = bytes.format(tile.bytes);
            @let share = percent(tile.bytes, whole);
            @let style = format!(
                "left:{:.3}%;top:{:.3}%;width:{:.3}%;height:{:.3}%",
                place.left, place.top, place.width, place.height
            );
            @let all = format!("{}: {size}, {share}", tile.label);
            li class=(tone_class(tile.tone)) style=(style) title=(Text(&all)) {
                p { b { (Text(&tile.label)) } " " span { (size) } " " span { (share) } }
                @if !tile.parts.is_empty() {
                    @let aspect = aspect * place.width / place.height.max(f64::MIN_POSITIVE);
                    ul { (tiled(&tile.parts, aspect, whole, bytes)) }
                }
            }
        }
    }
}
