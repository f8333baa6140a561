//! A textual description of how the values of a variable are made.
//!
//! It contains what each statement assigns that may have set the variable, what
//! decides whether that statement runs, and the same for all variables in these.

use std::collections::BTreeSet;

use super::condition::condition_of;
use super::control::Decision;
use super::graph::{Graph, NodeId, Step};
use super::state::{OUTSIDE, Versions};
use super::variable::Value;

/// The maximal number of values in the description.
const MOST: usize = 200;

/// A variable as a node sets it; without a name, a condition.
type Item = (NodeId, Option<String>);

impl Graph<'_> {
    /// Describes the values that nodes assign to a variable, in textual order.
    ///
    /// The ids of nodes are not part of the text, so that another statement
    /// elsewhere does not change it.
    pub(super) fn made(&self, versions: &Versions, name: &str) -> String {
        let own: BTreeSet<Item> = items(versions, name).collect();
        let mut seen: BTreeSet<Item> = BTreeSet::new();
        let mut open: Vec<Item> = own.iter().cloned().collect();
        while let Some(item) = open.pop() {
            if seen.len() >= MOST || !seen.insert(item.clone()) {
                continue;
            }
            let (id, name) = &item;
            let (text, at, frame) = self.given_text(*id, name.as_deref());
            let state = self.state(at);
            for word in text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '@')) {
                if let Some(versions) = state.variable(frame, word) {
                    open.extend(items(versions, &word.to_lowercase()));
                }
            }
            for (decision, _) in self.deciders(*id) {
                if let Decision::Answer(asked) = decision {
                    open.push((*asked, None));
                }
            }
        }
        let told = seen.iter().map(|item| {
            let (id, name) = item;
            let (text, _, _) = self.given_text(*id, name.as_deref());
            let mark = if own.contains(item) { "*" } else { "" };
            let name = name.as_deref().unwrap_or("if");
            let ways = self.deciders(*id).iter().map(|(decision, holds)| {
                let asked = match decision {
                    Decision::Answer(asked) => self.given_text(*asked, None).0,
                    Decision::Failure(_) => "a failure".to_owned(),
                };
                match holds {
                    Some(true) => format!(" where {asked}"),
                    Some(false) => format!(" where not {asked}"),
                    None => format!(" beside {asked}"),
                }
            });
            let ways: String = ways.collect();
            format!("{mark}{name} = {text}{ways}")
        });
        let told: Vec<String> = told.collect();
        told.join("; ")
    }

    fn deciders(&self, id: NodeId) -> &[(Decision, Option<bool>)] {
        self.conditions.get(id as usize).map_or(&[], Vec::as_slice)
    }

    /// Returns what a node assigns to a variable, or its condition, as text.
    ///
    /// Also returns the node at which the variables in it are visible, and their
    /// frame.
    fn given_text(&self, id: NodeId, name: Option<&str>) -> (String, NodeId, u32) {
        if id == OUTSIDE {
            return ("NULL".to_owned(), 0, 0);
        }
        let node = self.node(id);
        let Some(name) = name else {
            let text = match node.step {
                Step::Ask(asked, _) => condition_of(asked).map(ToString::to_string),
                Step::Row(_, source) => self.source_query(source).map(ToString::to_string),
                Step::Meet
                | Step::Handle
                | Step::Source(_)
                | Step::Run(_)
                | Step::Give { .. }
                | Step::Return { .. }
                | Step::Forget
                | Step::Unseen(..) => None,
            };
            return (text.unwrap_or_else(|| "?".to_owned()), id, node.frame);
        };
        match self.value(id, name) {
            Value::Expr(value, frame) => (value.to_string(), id, frame),
            Value::Unset => ("NULL".to_owned(), id, node.frame),
            Value::Column(query, at, _) => (format!("{query}[{at}]"), id, node.frame),
            Value::Row(source) => {
                let query = self.source_query(source).map(ToString::to_string);
                (query.unwrap_or_default(), source, self.node(source).frame)
            }
            Value::Variable(name, frame) => (name.to_owned(), id, frame),
            Value::Unknown(why) => (why.to_owned(), id, node.frame),
        }
    }
}

fn items(versions: &Versions, name: &str) -> impl Iterator<Item = Item> {
    let name = name.to_owned();
    versions.iter().map(move |id| (*id, Some(name.clone())))
}
