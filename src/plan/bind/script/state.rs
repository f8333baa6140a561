//! The state at a position in a script.
//!
//! For each variable, table and function, it contains the nodes that may have set
//! it. A state contains nodes and no values; therefore there are finitely many
//! states, and a loop reaches a fixed point. What a node writes is bound where it is
//! read.

use std::rc::Rc;

use imbl::HashMap;

use super::functions::FunctionKey;
use super::graph::NodeId;
use super::join::{either, join_maps, join_tables};
use crate::catalog::TableName;

/// The version of something that no node of the script has set.
pub(super) const OUTSIDE: NodeId = NodeId::MAX;

/// The nodes that may have set something, sorted; at least one.
pub(in crate::plan::bind) type Versions = Rc<[NodeId]>;

/// The identity of a table.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::plan::bind) struct TableKey {
    /// Its name, with its dataset and project if they are known.
    pub(super) name: TableName,
    /// Whether it ends with the script.
    pub(super) temporary: bool,
    /// The unknown parts that its name omits.
    pub(super) defaults: Defaults,
}

/// The nodes that may have set the omitted dataset and project of a name.
///
/// They are present if the values are unknown; `None` if nothing in the script has
/// set them. Two names without a dataset have the same one if the same nodes have
/// set it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(in crate::plan::bind) struct Defaults {
    pub(super) dataset: Option<Versions>,
    pub(super) project: Option<Versions>,
    /// Whether one of the nodes runs repeatedly.
    ///
    /// Even the same node may then have set different values.
    pub(super) moving: bool,
}

impl TableKey {
    /// Creates the key of a table or function that ends with the script.
    pub(super) fn temporary(name: TableName) -> Self {
        Self {
            name,
            temporary: true,
            defaults: Defaults::default(),
        }
    }
}

/// The versions of a table.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) key: TableKey,
    pub(super) versions: Versions,
}

/// Tables by the last part of their names, in lower case.
pub(super) type Tables = HashMap<String, Rc<Vec<Entry>>>;

/// The state at a position.
#[derive(Clone)]
pub(super) struct State {
    tables: Tables,
    /// The versions of any other stored table.
    others: Versions,
    /// The variables by frame and lower-case name.
    variables: HashMap<(u32, String), Versions>,
    pub(super) functions: HashMap<FunctionKey, Versions>,
    /// The tables at the beginning of the transaction.
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

/// Returns whether two keys of stored tables certainly mean the same table.
fn is_same(mine: &TableKey, theirs: &TableKey) -> bool {
    if mine.defaults != theirs.defaults || mine.defaults.moving {
        return false;
    }
    let (mine, theirs) = (&mine.name, &theirs.name);
    mine.parts().last() == theirs.parts().last()
        && dataset(mine) == dataset(theirs)
        && mine.project().is_some() == theirs.project().is_some()
        && !mine.is_of_another_project(theirs)
}

/// Returns whether two keys of stored tables may mean the same table.
///
/// Their letters may differ in case, and a name without a dataset or project may
/// have any.
fn may_be_same(mine: &TableKey, theirs: &TableKey) -> bool {
    let (mine, theirs) = (&mine.name, &theirs.name);
    let datasets = match (dataset(mine), dataset(theirs)) {
        (Some(mine), Some(theirs)) => mine.eq_ignore_ascii_case(theirs),
        _ => true,
    };
    datasets && !mine.is_of_another_project(theirs) && last_part(mine) == last_part(theirs)
}

impl State {
    /// Joins the state of another path; returns whether this state grew.
    pub(super) fn join(&mut self, other: &Self) -> bool {
        let mut more = join_tables(&mut self.tables, &self.others, &other.tables, &other.others);
        let others = either(&self.others, &other.others);
        more |= others.len() > self.others.len();
        self.others = others;
        if !self.variables.ptr_eq(&other.variables) {
            let outside: Versions = Rc::from([OUTSIDE]);
            // A system variable has a value before it is set; another variable that
            // is not declared on one path cannot be read afterwards.
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

    /// Returns the nodes that may have set a variable.
    pub(super) fn variable(&self, frame: u32, name: &str) -> Option<&Versions> {
        let frame = if name.starts_with("@@") { 0 } else { frame };
        self.variables.get(&(frame, name.to_lowercase()))
    }

    pub(super) fn set(&mut self, frame: u32, name: &str, node: NodeId) {
        let frame = if name.starts_with("@@") { 0 } else { frame };
        let key = (frame, name.to_lowercase());
        self.variables.insert(key, Rc::from([node]));
    }

    /// Sets one of the parameters without names; which one is unknown.
    pub(super) fn set_one_of(&mut self, frame: u32, name: &str, node: NodeId) {
        let key = (frame, name.to_lowercase());
        let new: Versions = Rc::from([node]);
        let all = self
            .variables
            .get(&key)
            .map_or(Rc::clone(&new), |known| either(known, &new));
        self.variables.insert(key, all);
    }

    /// Removes the parameters of an executed string.
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

    /// Returns the variables of a frame.
    pub(super) fn names(&self, frame: u32) -> Vec<String> {
        let of = |(key, _): (&(u32, String), &Versions)| (key.0 == frame).then(|| key.1.clone());
        self.variables.iter().filter_map(of).collect()
    }

    /// Begins a transaction.
    pub(super) fn begin(&mut self) {
        self.saved = Some(self.tables.clone());
    }

    /// Rolls back the transaction, if one has begun.
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

    /// Returns the versions of a table.
    pub(super) fn versions(&self, key: &TableKey) -> Versions {
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

    fn put(&mut self, key: &TableKey, versions: Versions) {
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

    /// Returns the temporary table with this name, if it may exist.
    pub(super) fn temporary(&self, name: &TableName) -> Option<TableKey> {
        let key = TableKey::temporary(name.clone());
        let is_there = self
            .versions(&key)
            .iter()
            .any(|version| *version != OUTSIDE);
        is_there.then_some(key)
    }

    /// Returns the tables that a changing statement may mean.
    ///
    /// Each comes with whether it is certainly that one.
    pub(super) fn targets(&self, named: &NameCandidates) -> Vec<(TableKey, bool)> {
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
                .entries(&stored.name)
                .iter()
                .filter(|entry| !entry.key.temporary)
            {
                if is_same(&entry.key, stored) {
                    targets.push((entry.key.clone(), sure));
                } else if may_be_same(&entry.key, stored) {
                    targets.push((entry.key.clone(), false));
                } else {
                    continue;
                }
                own |= entry.key == *stored;
            }
            if !own {
                targets.push((stored.clone(), sure && !stored.defaults.moving));
            }
        }
        targets
    }

    /// Records that a statement changes a table; the change builds on the old
    /// content.
    pub(super) fn change(&mut self, named: &NameCandidates, node: NodeId) {
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

    /// Records that a statement may change or create a table, stored or temporary.
    pub(super) fn perhaps_change(&mut self, named: &NameCandidates, node: NodeId) {
        let mut keys: Vec<TableKey> = self
            .targets(named)
            .into_iter()
            .map(|(key, _)| key)
            .collect();
        if let Some(name) = &named.temporary {
            let key = TableKey::temporary(name.clone());
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

    /// Records that a statement creates a table.
    ///
    /// With `keeps` (IF NOT EXISTS), an existing table is kept.
    pub(super) fn create(&mut self, key: &TableKey, node: NodeId, keeps: bool) {
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
        } else if key.defaults.moving {
            either(&known, &new)
        } else {
            Rc::clone(&new)
        };
        if !key.temporary {
            let others: Vec<TableKey> = self
                .entries(&key.name)
                .iter()
                .filter(|entry| !entry.key.temporary && entry.key != *key)
                .map(|entry| entry.key.clone())
                .collect();
            for other in others {
                if is_same(&other, key) && !keeps {
                    self.put(&other, Rc::clone(&new));
                } else if may_be_same(&other, key) {
                    let both = either(&self.versions(&other), &new);
                    self.put(&other, both);
                }
            }
        }
        self.put(key, versions);
    }

    /// Drops a table: its name then means what it means outside.
    pub(super) fn drop(&mut self, named: &NameCandidates) {
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

    /// Records that any table of the script may have been written.
    ///
    /// With `any`, every other stored table may have been written too.
    pub(super) fn lose(&mut self, node: NodeId, any: bool) {
        let new: Versions = Rc::from([node]);
        let keys: Vec<TableKey> = self
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

    /// Returns the tables that a name after FROM may mean, with their versions.
    pub(super) fn read(&self, named: &NameCandidates) -> Vec<(TableKey, Versions)> {
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
            self.entries(&stored.name)
                .iter()
                .filter(|entry| !entry.key.temporary)
        };
        let same = entries()
            .find(|entry| entry.key == *stored && !stored.defaults.moving)
            .or_else(|| entries().find(|entry| is_same(&entry.key, stored)));
        if let Some(entry) = same {
            all.push((entry.key.clone(), Rc::clone(&entry.versions)));
        } else {
            all.push((stored.clone(), self.versions(stored)));
            let others = |entry: &&Entry| entry.key != *stored && may_be_same(&entry.key, stored);
            for entry in entries().filter(others) {
                all.push((entry.key.clone(), Rc::clone(&entry.versions)));
            }
        }
        all
    }
}

/// The tables that a name may mean at a position.
#[derive(Debug, Clone)]
pub(super) struct NameCandidates {
    /// As a temporary table.
    pub(super) temporary: Option<TableName>,
    /// As a stored table.
    pub(super) stored: Option<TableKey>,
}
