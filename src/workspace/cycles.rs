//! Tables that depend on themselves: the strongly connected components of "is
//! created from", found while tables are followed (Tarjan, 1972).
//!
//! Whether a table is on a cycle does not depend on the reader that requests it
//! first, so the stored result does not depend on the order in which files are
//! assessed, and each table is followed once.

use rustc_hash::FxHashMap;

/// The tables that are being followed for one file, the reader's own first.
#[derive(Debug, Default)]
pub(super) struct Cycles {
    /// The outermost unfinished table that each unfinished table needs, by depth.
    ///
    /// `None` if it needs none of them.
    lowest: Vec<Option<usize>>,
    /// Tables that are done and on a cycle with an unfinished one, in the order of
    /// completion.
    ///
    /// `needs` has the depth of the outermost table that each of them needs.
    waiting: Vec<String>,
    needs: FxHashMap<String, usize>,
}

/// The result of following the definition of a table.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum FollowResult {
    /// The table does not depend on itself.
    Plain,
    /// The table depends on itself, and these are all tables on its cycles, sorted.
    Cycle(Vec<String>),
    /// The table is on a cycle with an unfinished table.
    Within,
}

impl Cycles {
    /// Starts with the reader's own table, if it has one (`own` is 0 or 1).
    pub(super) fn of_reader(own: usize) -> Self {
        Self {
            lowest: vec![None; own],
            ..Self::default()
        }
    }

    /// Starts following a table; the result is an argument of [`Self::end`].
    pub(super) fn begin(&mut self) -> usize {
        self.lowest.push(None);
        self.waiting.len()
    }

    /// Records that the innermost unfinished table needs the unfinished table at
    /// `depth`.
    pub(super) fn needs(&mut self, depth: usize) {
        if let Some(lowest) = self.lowest.last_mut() {
            *lowest = Some(lowest.map_or(depth, |known| known.min(depth)));
        }
    }

    /// Whether a table is done and on a cycle with an unfinished one.
    ///
    /// If so, the innermost unfinished table is on that cycle, too.
    pub(super) fn needs_cycle_member(&mut self, table: &str) -> bool {
        let Some(depth) = self.needs.get(table).copied() else {
            return false;
        };
        self.needs(depth);
        true
    }

    /// Finishes the innermost table.
    pub(super) fn end(&mut self, table: &str, began: usize) -> FollowResult {
        let depth = self.lowest.len().saturating_sub(1);
        let Some(lowest) = self.lowest.pop().flatten() else {
            return FollowResult::Plain;
        };
        if lowest < depth {
            self.needs(lowest);
            self.waiting.push(table.to_owned());
            // Every table that was done within it needs it, and therefore what it
            // needs. Its own depth will be used for another table.
            for member in &self.waiting[began..] {
                self.needs.insert(member.clone(), lowest);
            }
            return FollowResult::Within;
        }
        let mut all = self.waiting.split_off(began);
        for member in &all {
            self.needs.remove(member);
        }
        all.push(table.to_owned());
        all.sort_unstable();
        FollowResult::Cycle(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Follows a graph as the workspace does, and stores the result of each table.
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
        if kept.contains_key(table) || cycles.needs_cycle_member(table) {
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
            FollowResult::Plain => {
                kept.insert(table.to_owned(), Vec::new());
            }
            FollowResult::Cycle(all) => {
                for member in &all {
                    kept.insert(member.clone(), all.clone());
                }
            }
            FollowResult::Within => {}
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
