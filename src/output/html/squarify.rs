//! A treemap's layout: rectangles with areas as given, as square as they get (Bruls, Huizing and
//! van Wijk, "Squarified Treemaps", 2000).

/// A rectangle in percent of what it lies in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tile {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Divides a rectangle that is `aspect` times as wide as high by `sizes`, largest first and all
/// above 0. The result has one tile for each, in their order.
pub(super) fn squarify(sizes: &[f64], aspect: f64) -> Vec<Tile> {
    let sum: f64 = sizes.iter().sum();
    let (full_width, full_height) = (aspect, 1.0);
    let areas: Vec<f64> = sizes
        .iter()
        .map(|size| size / sum * full_width * full_height)
        .collect();
    let mut tiles = Vec::with_capacity(areas.len());
    let mut free = Tile {
        left: 0.0,
        top: 0.0,
        width: full_width,
        height: full_height,
    };
    let mut areas = areas.as_slice();
    while !areas.is_empty() {
        let side = free.width.min(free.height);
        let count = row_length(areas, side);
        let (row, rest) = areas.split_at(count);
        place(row, &mut free, &mut tiles);
        areas = rest;
    }
    for tile in &mut tiles {
        tile.left *= 100.0 / full_width;
        tile.width *= 100.0 / full_width;
        tile.top *= 100.0 / full_height;
        tile.height *= 100.0 / full_height;
    }
    tiles
}

/// How many tiles a row along `side` takes before its worst one would become less square.
fn row_length(areas: &[f64], side: f64) -> usize {
    let mut sum = 0.0;
    let mut best = f64::INFINITY;
    for (count, area) in areas.iter().enumerate() {
        sum += area;
        let thickness = sum / side;
        // Areas only become smaller: the worst is the first or this one.
        let ratio = |area: f64| {
            let length = area / thickness;
            (length / thickness).max(thickness / length)
        };
        let worst = areas.first().copied().map_or(0.0, ratio).max(ratio(*area));
        if worst > best {
            return count;
        }
        best = worst;
    }
    areas.len()
}

/// Puts a row along the shorter side of what is free.
fn place(row: &[f64], free: &mut Tile, tiles: &mut Vec<Tile>) {
    let sum: f64 = row.iter().sum();
    let upright = free.width >= free.height;
    let side = if upright { free.height } else { free.width };
    let thickness = if side > 0.0 { sum / side } else { 0.0 };
    let mut along = 0.0;
    for area in row {
        let length = if sum > 0.0 { side * area / sum } else { 0.0 };
        tiles.push(if upright {
            Tile {
                left: free.left,
                top: free.top + along,
                width: thickness,
                height: length,
            }
        } else {
            Tile {
                left: free.left + along,
                top: free.top,
                width: length,
                height: thickness,
            }
        });
        along += length;
    }
    if upright {
        free.left += thickness;
        free.width = (free.width - thickness).max(0.0);
    } else {
        free.top += thickness;
        free.height = (free.height - thickness).max(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overlap(a: Tile, b: Tile) -> f64 {
        let along = |a: f64, a_size: f64, b: f64, b_size: f64| {
            ((a + a_size).min(b + b_size) - a.max(b)).max(0.0)
        };
        along(a.left, a.width, b.left, b.width) * along(a.top, a.height, b.top, b.height)
    }

    /// Whatever the sizes, areas are theirs, nothing lies outside, and nothing lies on another.
    #[test]
    fn tiles_fill_the_room_by_their_sizes() {
        let few = vec![6.0, 6.0, 4.0, 3.0, 2.0, 2.0, 1.0];
        let wild = vec![u64::MAX as f64, 1e12, 5e3, 1.0, 1.0];
        let many: Vec<f64> = (1..200).rev().map(f64::from).collect();
        for sizes in [few, wild, many, vec![1.0], vec![]] {
            for aspect in [0.3, 1.0, 1.6, 9.0] {
                let tiles = squarify(&sizes, aspect);
                assert_eq!(tiles.len(), sizes.len());
                let sum: f64 = sizes.iter().sum();
                for (tile, size) in tiles.iter().zip(&sizes) {
                    let area = tile.width * tile.height / 10_000.0;
                    assert!((area - size / sum).abs() < 1e-9, "{area} {size}");
                    assert!(tile.left >= 0.0 && tile.left + tile.width < 100.000_1);
                    assert!(tile.top >= 0.0 && tile.top + tile.height < 100.000_1);
                }
                for (at, &a) in tiles.iter().enumerate() {
                    assert!(tiles.iter().skip(at + 1).all(|&b| overlap(a, b) < 1e-6));
                }
            }
        }
    }

    #[test]
    fn equal_tiles_are_nearly_square() {
        for tile in squarify(&[1.0; 16], 1.0) {
            assert!((tile.width - 25.0).abs() < 1e-9 && (tile.height - 25.0).abs() < 1e-9);
        }
    }
}
