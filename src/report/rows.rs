use std::fmt;

use crate::report::Cell;

/// The rows of a table. Each is made when it is looked at and forgotten afterwards, so that a table
/// of millions takes little more memory than what it is about.
pub struct Rows<'a> {
    count: usize,
    make: Box<dyn Fn(usize) -> Option<Vec<Cell>> + 'a>,
}

impl<'a> Rows<'a> {
    /// One row for each item.
    pub fn new<T: 'a>(
        items: impl IntoIterator<Item = T>,
        make: impl Fn(&T) -> Vec<Cell> + 'a,
    ) -> Self {
        let items: Vec<T> = items.into_iter().collect();
        Self {
            count: items.len(),
            make: Box::new(move |at| items.get(at).map(&make)),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Keeps the first ones.
    pub fn truncate(&mut self, count: usize) {
        self.count = self.count.min(count);
    }

    /// All rows, in order.
    pub fn iter(&self) -> impl Iterator<Item = Vec<Cell>> + '_ {
        (0..self.count).filter_map(|at| (self.make)(at))
    }
}

impl Default for Rows<'_> {
    fn default() -> Self {
        Self::new([], |row: &Vec<Cell>| row.clone())
    }
}

impl From<Vec<Vec<Cell>>> for Rows<'_> {
    fn from(rows: Vec<Vec<Cell>>) -> Self {
        Self::new(rows, Vec::clone)
    }
}

impl fmt::Debug for Rows<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
