//! Tables whose definitions need themselves: the strongly connected components of
//! "is made of", found while tables are followed (Tarjan, 1972).
//!
//! A table is on a cycle whichever reader asks first, so what is kept of it does not
//! depend on the order in which files are assessed, and each is followed once.

use rustc_hash::FxHashMap;

/// The tables that are being followed for one file, the reader's own first.
#[derive(Debug, Default)]
pub(super) struct Cycles {
    /// For each table under way, by its depth: the outermost one that its definition
    /// needs; `None` if it needs none of them.
    lowest: Vec<Option<usize>>,
    /// Tables that are done and on a cycle with one that is not, in the order in
    /// which they were done, and the outermost one that they need.
    waiting: Vec<String>,
    needs: FxHashMap<String, usize>,
}

/// What is known of a table once its definition was followed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Done {
    /// It does not need itself.
    Plain,
    /// It needs itself, and so do these, all on one cycle with it, in order; no other
    /// table is.
    Cycle(Vec<String>),
    /// It is on a cycle with a table that is still under way.
    Within,
}

impl Cycles {
    /// Begins with the reader's own table, where it has one.
    pub(super) fn of_reader(own: usize) -> Self {
        Self {
            lowest: vec![None; own],
            ..Self::default()
        }
    }

    /// A table begins to be followed. Returns what [`Self::end`] takes.
    pub(super) fn begin(&mut self) -> usize {
        self.lowest.push(None);
        self.waiting.len()
    }

    /// The innermost table under way needs one that is under way too.
    pub(super) fn needs(&mut self, depth: usize) {
        if let Some(lowest) = self.lowest.last_mut() {
            *lowest = Some(lowest.map_or(depth, |known| known.min(depth)));
        }
    }

    /// Whether a table is done and on a cycle with one under way, which the innermost
    /// then is too.
    pub(super) fn needs_waiting(&mut self, table: &str) -> bool {
        let Some(depth) = self.needs.get(table).copied() else {
            return false;
        };
        self.needs(depth);
        true
    }

    /// The innermost table is done.
    pub(super) fn end(&mut self, table: &str, began: usize) -> Done {
        let depth = self.lowest.len().saturating_sub(1);
        let Some(lowest) = self.lowest.pop().flatten() else {
            return Done::Plain;
        };
        if lowest < depth {
            self.needs(lowest);
            self.waiting.push(table.to_owned());
            // All that was done within it needs it, and so what it needs: its own depth
            // is another table's from here on.
            for member in &self.waiting[began..] {
                self.needs.insert(member.clone(), lowest);
            }
            return Done::Within;
        }
        let mut all = self.waiting.split_off(began);
        for member in &all {
            self.needs.remove(member);
        }
        all.push(table.to_owned());
        all.sort_unstable();
        Done::Cycle(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Follows a graph as the workspace does; what is kept of each table.
    fn follow(
        table: &str,
        graph: &[(&str, &[&str])],
        under_way: &mut Vec<String>,
        cycles: &mut Cycles,
        kept: &mut FxHashMap<String, Vec<String>>,
    ) {
        if let Some(depth) = under_way.iter().position(|known| known == table) {
            return cycles.needs(depth);
        }
        if kept.contains_key(table) || cycles.needs_waiting(table) {
            return;
        }
        let began = cycles.begin();
        under_way.push(table.to_owned());
        let reads = graph.iter().find(|(known, _)| *known == table);
        for read in reads.map_or(&[][..], |(_, reads)| reads) {
            follow(read, graph, under_way, cycles, kept);
        }
        under_way.pop();
        match cycles.end(table, began) {
            Done::Plain => {
                kept.insert(table.to_owned(), Vec::new());
            }
            Done::Cycle(all) => {
                for member in &all {
                    kept.insert(member.clone(), all.clone());
                }
            }
            Done::Within => {}
        }
    }

    #[test]
    fn a_component_is_the_same_wherever_it_is_entered() {
        let graph: &[(&str, &[&str])] = &[
            ("t", &["x", "c", "out"]),
            ("x", &["y", "t"]),
            ("y", &["x"]),
            ("c", &["y"]),
            ("out", &[]),
            ("reader", &["c"]),
        ];
        for first in ["t", "x", "y", "c", "reader"] {
            let mut kept = FxHashMap::default();
            for table in [first, "reader", "t"] {
                let mut cycles = Cycles::default();
                follow(table, graph, &mut Vec::new(), &mut cycles, &mut kept);
            }
            for member in ["t", "x", "y", "c"] {
                assert_eq!(kept[member], ["c", "t", "x", "y"], "{first} {member}");
            }
            assert_eq!(kept["out"], [""; 0]);
            assert_eq!(kept["reader"], [""; 0]);
        }
    }
}
