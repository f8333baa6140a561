//! Functions of a script: which definitions a name may refer to.

use std::rc::Rc;

use super::graph::NodeId;
use super::join::either;
use super::state::{Defaults, NameCandidates, OUTSIDE, State, TableKey, Versions};
use crate::catalog::{NameMatch, TableName, TablePattern};

/// The key of a function: its kind, and its name in lower case.
pub(super) type FunctionKey = (FunctionKind, TableKey);

/// The kind of a function: one is called after FROM, the other in an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::plan::bind) enum FunctionKind {
    /// Defined by CREATE FUNCTION.
    Scalar,
    /// Defined by CREATE TABLE FUNCTION.
    Table,
}

impl TableKey {
    /// Returns the key of a function, whose name is not case-sensitive.
    fn of_function(&self) -> Self {
        let parts: Vec<String> = self
            .name
            .parts()
            .iter()
            .map(|part| part.to_lowercase())
            .collect();
        Self {
            name: TableName::new(parts.iter().map(String::as_str)),
            ..self.clone()
        }
    }
}

impl State {
    /// Returns the nodes that may have defined the function with this name.
    ///
    /// [`OUTSIDE`] is among them if a function may be meant that the script does not
    /// define.
    pub(super) fn function(&self, kind: FunctionKind, named: &NameCandidates) -> Option<Versions> {
        let mut versions: Option<Versions> = None;
        if let Some(name) = &named.temporary {
            let key = TableKey::temporary(name.clone()).of_function();
            versions = self.functions.get(&(kind, key)).cloned();
            if let Some(known) = &versions
                && !known.contains(&OUTSIDE)
            {
                return versions;
            }
        }
        let Some(stored) = named.stored.as_ref().map(TableKey::of_function) else {
            return versions;
        };
        let own = (kind, stored);
        if !own.1.defaults.moving
            && let Some(known) = self.functions.get(&own)
        {
            versions = Some(versions.map_or(Rc::clone(known), |all| either(&all, known)));
        }
        for other in self.other_functions(&own) {
            let outside: Versions = Rc::from([OUTSIDE]);
            let known = versions.unwrap_or(outside);
            versions = Some(either(&known, self.functions.get(&other)?));
        }
        versions
    }

    /// Returns the stored functions with other names that may be the named one.
    ///
    /// A bare name whose dataset nothing in the script has set is a built-in, or
    /// that of another bare name.
    fn other_functions(&self, own: &FunctionKey) -> Vec<FunctionKey> {
        let (kind, key) = own;
        let is_bare = |key: &TableKey| key.name.parts().len() < 2;
        let bare = is_bare(key) && key.defaults == Defaults::default();
        let alike = |other: &&FunctionKey| {
            other.0 == *kind
                && !other.1.temporary
                && (*other != own || key.defaults.moving)
                && (!bare || is_bare(&other.1))
                && other.1.name.parts().last() == key.name.parts().last()
                && TablePattern::of(&other.1.name).compare(&TablePattern::of(&key.name))
                    != NameMatch::No
        };
        self.functions.keys().filter(alike).cloned().collect()
    }

    pub(super) fn has_functions(&self) -> bool {
        !self.functions.is_empty()
    }

    pub(super) fn define_function(
        &mut self,
        kind: FunctionKind,
        key: &TableKey,
        node: NodeId,
        keeps: bool,
    ) {
        let own = (kind, key.of_function());
        let mut versions: Versions = Rc::from([node]);
        if keeps || own.1.defaults.moving {
            let outside: Versions = Rc::from([OUTSIDE]);
            versions = either(self.functions.get(&own).unwrap_or(&outside), &versions);
        }
        self.functions.insert(own, versions);
    }

    /// Drops a function: what its name means afterwards is not visible.
    pub(super) fn drop_function(
        &mut self,
        kind: FunctionKind,
        named: &NameCandidates,
        node: NodeId,
    ) {
        let new: Versions = Rc::from([node]);
        let mut keys: Vec<(FunctionKey, bool)> = Vec::new();
        if let Some(name) = &named.temporary {
            let own = (kind, TableKey::temporary(name.clone()).of_function());
            if self.functions.contains_key(&own) {
                keys.push((own, true));
            }
        }
        if let Some(stored) = &named.stored {
            let own = (kind, stored.of_function());
            keys.extend(
                self.other_functions(&own)
                    .into_iter()
                    .map(|key| (key, false)),
            );
            if self.functions.contains_key(&own) {
                let sure = !own.1.defaults.moving;
                keys.push((own, sure));
            }
        }
        for (key, sure) in keys {
            let known = self.functions.get(&key).filter(|_| !sure);
            let versions = known.map_or(Rc::clone(&new), |known| either(known, &new));
            self.functions.insert(key, versions);
        }
    }

    /// Records that a node may redefine any function of the script.
    pub(super) fn lose_functions(&mut self, node: NodeId) {
        let new: Versions = Rc::from([node]);
        let known = self.functions.iter();
        let lost: Vec<_> = known
            .map(|(key, known)| (key.clone(), either(known, &new)))
            .collect();
        self.functions.extend(lost);
    }
}
