//! What holds at a place of a script: for each variable, table and function the
//! nodes that may have given it what it is.
//!
//! A state names nodes, and holds no values: so there are finitely many, and a
//! loop comes to a fixed point. What a node gives is bound where it is read.

use std::rc::Rc;

use imbl::HashMap;

use super::graph::NodeId;
use super::join::{either, join_maps, join_tables};
use crate::catalog::{Sameness, TableName, TablePattern};

/// What something is where no node of the script has made it.
pub(super) const OUTSIDE: NodeId = NodeId::MAX;

/// Nodes that may have given something what it is, in order; one at least.
pub(in crate::plan::bind) type Versions = Rc<[NodeId]>;

/// A table, as it is told apart from others.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::plan::bind) struct Key {
    /// Its name, with what is known of its dataset and project.
    pub(super) name: TableName,
    /// Whether it goes with the script.
    pub(super) temporary: bool,
}

/// What a table may be.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) key: Key,
    pub(super) versions: Versions,
}

/// Tables by the last part of their names, lower case.
pub(super) type Tables = HashMap<String, Rc<Vec<Entry>>>;

/// The functions of a script, by their kind and name in lower case.
type FunctionKey = (FunctionKind, String);

/// What a name after FROM, or before parentheses, may mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum FunctionKind {
    /// CREATE FUNCTION.
    Scalar,
    /// CREATE TABLE FUNCTION.
    Table,
}

/// What holds at a place.
#[derive(Clone)]
pub(super) struct State {
    tables: Tables,
    /// What any other stored table is.
    others: Versions,
    /// By frame and lower-case name.
    variables: HashMap<(u32, String), Versions>,
    functions: HashMap<FunctionKey, Versions>,
    /// The tables when the transaction began.
    saved: Option<Tables>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            tables: HashMap::default(),
            others: Rc::from([OUTSIDE]),
            variables: HashMap::default(),
            functions: HashMap::default(),
            saved: None,
        }
    }
}

fn last_part(name: &TableName) -> String {
    name.parts()
        .last()
        .map(|last| last.to_lowercase())
        .unwrap_or_default()
}

fn dataset(name: &TableName) -> Option<&str> {
    match name.parts() {
        [.., dataset, _] => Some(dataset),
        _ => None,
    }
}

/// Whether two names of stored tables mean the same one.
fn is_same(mine: &TableName, theirs: &TableName) -> bool {
    mine.parts().last() == theirs.parts().last()
        && dataset(mine) == dataset(theirs)
        && mine.project().is_some() == theirs.project().is_some()
        && !mine.is_of_another_project(theirs)
}

/// Whether two names of stored tables may mean the same one: letters may differ
/// in case, and a name without a dataset or project may be of any.
fn may_be_same(mine: &TableName, theirs: &TableName) -> bool {
    let datasets = match (dataset(mine), dataset(theirs)) {
        (Some(mine), Some(theirs)) => mine.eq_ignore_ascii_case(theirs),
        _ => true,
    };
    datasets && !mine.is_of_another_project(theirs) && last_part(mine) == last_part(theirs)
}

impl State {
    /// The state where two ways meet. Returns whether it says more than before.
    pub(super) fn join(&mut self, other: &Self) -> bool {
        let mut more = join_tables(&mut self.tables, &self.others, &other.tables, &other.others);
        let others = either(&self.others, &other.others);
        more |= others.len() > self.others.len();
        self.others = others;
        if !self.variables.ptr_eq(&other.variables) {
            let outside: Versions = Rc::from([OUTSIDE]);
            // A system variable has a value before it is set; another one that is
            // not declared on one way can't be read after it.
            let missing = |name: &str| name.starts_with("@@").then(|| Rc::clone(&outside));
            for (name, theirs) in &other.variables {
                let mine = self
                    .variables
                    .get(name)
                    .cloned()
                    .or_else(|| missing(&name.1));
                let both = mine
                    .as_ref()
                    .map_or(Rc::clone(theirs), |mine| either(mine, theirs));
                if self.variables.get(name) != Some(&both) {
                    self.variables.insert(name.clone(), both);
                    more = true;
                }
            }
            let unset: Vec<_> = self
                .variables
                .iter()
                .filter(|(name, mine)| {
                    name.1.starts_with("@@")
                        && !other.variables.contains_key(*name)
                        && !mine.contains(&OUTSIDE)
                })
                .map(|(name, mine)| (name.clone(), either(mine, &outside)))
                .collect();
            for (name, both) in unset {
                self.variables.insert(name, both);
                more = true;
            }
        }
        if !self.functions.ptr_eq(&other.functions) {
            more |= join_maps(&mut self.functions, &other.functions);
        }
        more | self.join_saved(other)
    }

    fn join_saved(&mut self, other: &Self) -> bool {
        match (&mut self.saved, &other.saved) {
            (_, None) => false,
            (Some(mine), Some(theirs)) => {
                let others = Rc::clone(&self.others);
                join_tables(mine, &others, theirs, &other.others)
            }
            (mine @ None, Some(theirs)) => {
                *mine = Some(theirs.clone());
                true
            }
        }
    }

    /// What a variable may hold.
    pub(super) fn variable(&self, frame: u32, name: &str) -> Option<&Versions> {
        let frame = if name.starts_with("@@") { 0 } else { frame };
        self.variables.get(&(frame, name.to_lowercase()))
    }

    pub(super) fn set(&mut self, frame: u32, name: &str, node: NodeId) {
        let frame = if name.starts_with("@@") { 0 } else { frame };
        let key = (frame, name.to_lowercase());
        self.variables.insert(key, Rc::from([node]));
    }

    /// Sets one of the parameters that have no names: which one is not known.
    pub(super) fn set_one_of(&mut self, frame: u32, name: &str, node: NodeId) {
        let key = (frame, name.to_lowercase());
        let new: Versions = Rc::from([node]);
        let all = self
            .variables
            .get(&key)
            .map_or(Rc::clone(&new), |known| either(known, &new));
        self.variables.insert(key, all);
    }

    /// Forgets the parameters of an executed string.
    pub(super) fn forget_parameters(&mut self, frame: u32) {
        let gone: Vec<_> = self
            .variables
            .keys()
            .filter(|(of, name)| {
                *of == frame && (name == "?" || name.starts_with('@') && !name.starts_with("@@"))
            })
            .cloned()
            .collect();
        for key in gone {
            self.variables.remove(&key);
        }
    }

    /// The variables of a frame.
    pub(super) fn names(&self, frame: u32) -> Vec<String> {
        let of = |(key, _): (&(u32, String), &Versions)| (key.0 == frame).then(|| key.1.clone());
        self.variables.iter().filter_map(of).collect()
    }

    /// What a function's name may mean; where another function may be meant too, or
    /// one that the script does not define, that is among it.
    pub(super) fn function(&self, kind: FunctionKind, name: &str) -> Option<Versions> {
        let name = name.to_lowercase();
        let mut versions = self.functions.get(&(kind, name.clone())).cloned();
        for other in self.other_functions(kind, &name) {
            let outside: Versions = Rc::from([OUTSIDE]);
            let known = versions.unwrap_or(outside);
            versions = Some(either(&known, self.functions.get(&other)?));
        }
        versions
    }

    /// The functions of other names that may be the one of this name. One without a
    /// dataset is temporary, or BigQuery's own.
    fn other_functions(&self, kind: FunctionKind, name: &str) -> Vec<FunctionKey> {
        let Some((_, last)) = name.rsplit_once('.') else {
            return Vec::new();
        };
        let pattern = |name: &str| TablePattern::of(&TableName::new([name]));
        let alike = |(of, other): &&FunctionKey| {
            *of == kind
                && other != name
                && other.rsplit_once('.').is_some_and(|(_, own)| own == last)
                && pattern(other).compare(&pattern(name)) != Sameness::No
        };
        self.functions.keys().filter(alike).cloned().collect()
    }

    pub(super) fn has_functions(&self) -> bool {
        !self.functions.is_empty()
    }

    pub(super) fn define_function(
        &mut self,
        kind: FunctionKind,
        name: &str,
        node: NodeId,
        keeps: bool,
    ) {
        let key = (kind, name.to_lowercase());
        let mut versions: Versions = Rc::from([node]);
        if keeps {
            let outside: Versions = Rc::from([OUTSIDE]);
            versions = either(self.functions.get(&key).unwrap_or(&outside), &versions);
        }
        self.functions.insert(key, versions);
    }

    pub(super) fn drop_function(&mut self, kind: FunctionKind, name: &str) {
        let name = name.to_lowercase();
        let outside: Versions = Rc::from([OUTSIDE]);
        for other in self.other_functions(kind, &name) {
            if let Some(known) = self.functions.get(&other) {
                let both = either(known, &outside);
                self.functions.insert(other, both);
            }
        }
        self.functions.remove(&(kind, name));
    }

    /// A transaction begins.
    pub(super) fn begin(&mut self) {
        self.saved = Some(self.tables.clone());
    }

    /// A transaction is undone, where one has begun.
    pub(super) fn roll_back(&mut self) {
        if let Some(saved) = self.saved.clone() {
            let others = Rc::clone(&self.others);
            join_tables(&mut self.tables, &others, &saved, &others);
        }
    }

    fn entries(&self, name: &TableName) -> &[Entry] {
        self.tables
            .get(&last_part(name))
            .map_or(&[], |all| all.as_slice())
    }

    /// What a table may be.
    pub(super) fn versions(&self, key: &Key) -> Versions {
        let known = self
            .entries(&key.name)
            .iter()
            .find(|entry| entry.key == *key);
        match known {
            Some(entry) => Rc::clone(&entry.versions),
            None if key.temporary => Rc::from([OUTSIDE]),
            None => Rc::clone(&self.others),
        }
    }

    fn put(&mut self, key: &Key, versions: Versions) {
        let mut all = self.entries(&key.name).to_vec();
        match all.iter_mut().find(|entry| entry.key == *key) {
            Some(entry) => entry.versions = versions,
            None => all.push(Entry {
                key: key.clone(),
                versions,
            }),
        }
        self.tables.insert(last_part(&key.name), Rc::new(all));
    }

    /// The temporary table of a name, where there may be one.
    pub(super) fn temporary(&self, name: &TableName) -> Option<Key> {
        let key = Key {
            name: name.clone(),
            temporary: true,
        };
        let is_there = self
            .versions(&key)
            .iter()
            .any(|version| *version != OUTSIDE);
        is_there.then_some(key)
    }

    /// The tables that a statement that changes one may mean: all of them, and
    /// whether it is surely that one.
    pub(super) fn targets(&self, named: &Named) -> Vec<(Key, bool)> {
        let mut targets = Vec::new();
        if let Some(temporary) = named
            .temporary
            .as_ref()
            .and_then(|name| self.temporary(name))
        {
            let sure = !self.versions(&temporary).contains(&OUTSIDE);
            targets.push((temporary, sure));
            if sure {
                return targets;
            }
        }
        if let Some(stored) = &named.stored {
            let sure = targets.is_empty();
            let mut own = false;
            for entry in self
                .entries(stored)
                .iter()
                .filter(|entry| !entry.key.temporary)
            {
                if is_same(&entry.key.name, stored) {
                    own |= entry.key.name == *stored;
                    targets.push((entry.key.clone(), sure));
                } else if may_be_same(&entry.key.name, stored) {
                    targets.push((entry.key.clone(), false));
                }
            }
            if !own {
                let key = Key {
                    name: stored.clone(),
                    temporary: false,
                };
                targets.push((key, sure));
            }
        }
        targets
    }

    /// A statement changes a table: what it was goes into what it is.
    pub(super) fn change(&mut self, named: &Named, node: NodeId) {
        for (key, sure) in self.targets(named) {
            let new: Versions = Rc::from([node]);
            let versions = if sure {
                new
            } else {
                either(&self.versions(&key), &new)
            };
            self.put(&key, versions);
        }
    }

    /// A statement perhaps changes a table, or makes one, stored or temporary.
    pub(super) fn perhaps_change(&mut self, named: &Named, node: NodeId) {
        let mut keys: Vec<Key> = self
            .targets(named)
            .into_iter()
            .map(|(key, _)| key)
            .collect();
        if let Some(name) = &named.temporary {
            let key = Key {
                name: name.clone(),
                temporary: true,
            };
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        let new: Versions = Rc::from([node]);
        for key in keys {
            let versions = either(&self.versions(&key), &new);
            self.put(&key, versions);
        }
    }

    /// Any function that the script defines may be another one.
    pub(super) fn lose_functions(&mut self, node: NodeId) {
        let new: Versions = Rc::from([node]);
        let known = self.functions.iter();
        let lost: Vec<_> = known
            .map(|(key, known)| (key.clone(), either(known, &new)))
            .collect();
        self.functions.extend(lost);
    }

    /// A statement makes a table anew.
    pub(super) fn create(&mut self, key: &Key, node: NodeId, keeps: bool) {
        let new: Versions = Rc::from([node]);
        let known = self.versions(key);
        if keeps && !known.contains(&OUTSIDE) {
            return;
        }
        let versions = if keeps {
            let mut all = either(&known, &new);
            if key.temporary {
                all = all.iter().copied().filter(|one| *one != OUTSIDE).collect();
            }
            all
        } else {
            Rc::clone(&new)
        };
        if !key.temporary {
            let others: Vec<Key> = self
                .entries(&key.name)
                .iter()
                .filter(|entry| !entry.key.temporary && entry.key != *key)
                .map(|entry| entry.key.clone())
                .collect();
            for other in others {
                if is_same(&other.name, &key.name) && !keeps {
                    self.put(&other, Rc::clone(&new));
                } else if may_be_same(&other.name, &key.name) {
                    let both = either(&self.versions(&other), &new);
                    self.put(&other, both);
                }
            }
        }
        self.put(key, versions);
    }

    /// A table goes away: the name means what it means outside.
    pub(super) fn drop(&mut self, named: &Named) {
        let gone: Versions = Rc::from([OUTSIDE]);
        for (key, sure) in self.targets(named) {
            let versions = if sure || key.temporary {
                Rc::clone(&gone)
            } else {
                either(&self.versions(&key), &gone)
            };
            self.put(&key, versions);
        }
    }

    /// Any table that the script makes may have been written; or any at all.
    pub(super) fn lose(&mut self, node: NodeId, any: bool) {
        let new: Versions = Rc::from([node]);
        let keys: Vec<Key> = self
            .tables
            .values()
            .flat_map(|all| all.iter().map(|entry| entry.key.clone()))
            .collect();
        for key in keys {
            let versions = either(&self.versions(&key), &new);
            self.put(&key, versions);
        }
        if any {
            self.others = either(&self.others, &new);
        }
    }

    /// What a name after FROM may mean.
    pub(super) fn read(&self, named: &Named) -> Vec<(Key, Versions)> {
        let mut all = Vec::new();
        if let Some(temporary) = named
            .temporary
            .as_ref()
            .and_then(|name| self.temporary(name))
        {
            let versions = self.versions(&temporary);
            let sure = !versions.contains(&OUTSIDE);
            all.push((temporary, versions));
            if sure {
                return all;
            }
        }
        let Some(stored) = &named.stored else {
            return all;
        };
        let entries = || {
            self.entries(stored)
                .iter()
                .filter(|entry| !entry.key.temporary)
        };
        let own = Key {
            name: stored.clone(),
            temporary: false,
        };
        let same = entries()
            .find(|entry| entry.key == own)
            .or_else(|| entries().find(|entry| is_same(&entry.key.name, stored)));
        if let Some(entry) = same {
            all.push((entry.key.clone(), Rc::clone(&entry.versions)));
        } else {
            all.push((own.clone(), self.versions(&own)));
            for entry in entries().filter(|entry| may_be_same(&entry.key.name, stored)) {
                all.push((entry.key.clone(), Rc::clone(&entry.versions)));
            }
        }
        all
    }
}

/// What the parts of a name may mean at a place.
#[derive(Debug, Clone)]
pub(super) struct Named {
    /// As a temporary table.
    pub(super) temporary: Option<TableName>,
    /// As a stored one.
    pub(super) stored: Option<TableName>,
}
