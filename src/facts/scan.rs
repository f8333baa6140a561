//! The transfer function of table scans.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::analysis::Analyzer;
use super::column::{BasePath, ColumnFacts, Contribution, Identifier, Identity, UnitValue};
use super::coverage::Coverage;
use super::dependency::{Dependencies, Dependency, UnitColumn};
use super::lattice::{Flow, IdentityForm, PrivateInput, Rows};
use super::mistake::Mutation;
use super::numbering::Number;
use super::ordered::OrderedSet;
use super::relation::{IndividualReason, Population, RelationFacts};
use super::source::{BaseColumnId, is_identifier};
use crate::catalog::{TableName, Unnamed};
use crate::numbers::GroupedNumber;
use crate::plan::{Expr, ExprKind, ReadTable};
use crate::registry::{RegisteredRole, TableEntry};
use crate::source::Span;

impl Analyzer<'_, '_> {
    pub(super) fn scan(&mut self, table: &ReadTable, span: Span) -> RelationFacts {
        let registry = self.sources.registry();
        let entry = registry.table(&table.name);
        let mut facts = RelationFacts::impersonal();
        let short = table.name.short();
        let personal = match entry.and_then(|entry| entry.personal) {
            Some(declared) => declared,
            None => !table.name.is_schema_metadata_view(),
        };
        let pop = personal.then(|| self.populations.add());
        if let Some(as_of) = &table.as_of {
            self.subqueries(as_of, &mut facts);
        }
        if let Some(assumed) = assumed(entry, &short) {
            facts.history_mut().assumptions.insert(assumed.into());
        }
        if is_unread(&table.name) {
            let unread = &mut facts.history_mut().unread;
            unread.push((short.as_str().into(), span));
        }
        if let Some(pop) = pop {
            self.people(entry, pop, table, span, &mut facts);
        }
        for (column, name) in &table.columns {
            let source = self.sources.column(&table.name, name, personal);
            let value = self.read_source(source, pop, span);
            // A column with a time resolution is a date or a time.
            if value.resolution.is_some() {
                self.numbering.mark_as_exact(*column);
            }
            self.set(*column, value);
        }
        let columns = table.columns.iter().filter(|_| !table.inside.is_empty());
        let columns: FxHashSet<&String> = columns.map(|(_, name)| name).collect();
        for path in &*table.inside {
            if let [column, fields @ ..] = path.as_slice()
                && columns.contains(column)
            {
                // What a schema declares inside a column is part of it, whether or not
                // the query names it.
                let mut source = self.sources.column(&table.name, column, personal);
                for field in fields {
                    source = self.sources.field(source, field);
                }
            }
        }
        if facts.rows == Rows::Individual && !entry.is_some_and(TableEntry::is_keyed_by_person) {
            facts.records.insert(self.sources.records(&table.name));
        }
        self.declared(entry, table, pop, span, &mut facts);
        facts.whole_table = self.whole_table(table);
        if let Some(rest) = table.rest {
            let source = self.sources.column(&table.name, "*", personal);
            let mut value = ColumnFacts {
                personal,
                rest: personal.then_some(self.plan.column(rest).span),
                paths: vec![BasePath { source, pop }],
                coverage: Coverage::Label,
                ..ColumnFacts::default()
            };
            value.sources.insert(source, Flow::Direct);
            self.set(rest, value);
        }
        facts
    }

    /// Returns the facts of a base column that a query reads.
    ///
    /// A metric of a table of groups was measured in another query, and it is
    /// unknown how: a second metric may be measured over nearly the same people.
    fn read_source(
        &mut self,
        id: BaseColumnId,
        pop: Option<PrivateInput>,
        span: Span,
    ) -> ColumnFacts {
        let mut value = self.of_source(id, pop, span);
        let source = self.sources.get(id);
        let groups = source
            .of
            .is_some_and(|table| matches!(table.level, Some(2..=4)));
        let metric = source
            .entry
            .is_some_and(|entry| entry.role == RegisteredRole::Metric);
        if groups && metric {
            value.coverage = self.select_measures([]);
        }
        value
    }

    /// Adds the declared keys, units and not-nulls of a table.
    fn declared(
        &mut self,
        entry: Option<&TableEntry>,
        table: &ReadTable,
        pop: Option<PrivateInput>,
        span: Span,
        facts: &mut RelationFacts,
    ) {
        let maker = self.numbering.add_maker();
        let mut numbers: FxHashMap<String, Number> = FxHashMap::default();
        let mut rows = Dependencies::default();
        for (column, name) in &table.columns {
            let number = self.numbering.column(*column);
            self.numbering.made_by(number, maker);
            numbers.insert(name.to_lowercase(), number);
            if let Some(value) = self.column(*column).unit.clone() {
                rows.units.push(UnitColumn {
                    number,
                    value,
                    total: true,
                });
            }
        }
        let Some(entry) = entry else {
            facts.dependencies = Rc::new(rows);
            return;
        };
        let numbering = &mut self.numbering;
        let mut number_of = |name: &str| {
            let name = name.to_lowercase();
            if let Some(known) = numbers.get(&name) {
                return *known;
            }
            // A field of a column has the number of the field expression.
            let mut path = name.split('.');
            let top = path.next().and_then(|top| {
                table
                    .columns
                    .iter()
                    .find(|(_, known)| known.eq_ignore_ascii_case(top))
            });
            let number = match top {
                Some((column, _)) => {
                    let field = path.fold(Expr::column(*column, span), |base, field| {
                        Expr::new(ExprKind::Field(Box::new(base), field.to_owned()), span)
                    });
                    numbering.expression(&field)
                }
                None => None,
            };
            let number = number.unwrap_or_else(|| numbering.fresh());
            numbering.made_by(number, maker);
            numbers.insert(name, number);
            number
        };
        // The entry of a wildcard table declares the keys of each of its tables.
        let table_of_row = table.is_pattern().then(|| number_of("_table_suffix"));
        for key in &entry.keys {
            let mut columns: OrderedSet<Number> = key.iter().map(|name| number_of(name)).collect();
            columns.extend(table_of_row);
            rows.determined.push(Dependency {
                by: columns.clone(),
                maker,
            });
            rows.add_key(columns, 1);
        }
        rows.not_null
            .extend(entry.not_null.iter().map(|name| number_of(name)));
        if let (Some(unit), Some(pop)) = (&entry.unit_column, pop) {
            let number = number_of(unit);
            if !rows.units.iter().any(|known| known.number == number)
                && let Some(value) = self.hidden_unit(&table.name, unit, pop)
            {
                rows.units.push(UnitColumn {
                    number,
                    value: Rc::new(value),
                    total: true,
                });
            }
        }
        facts.dependencies = Rc::new(rows);
    }

    /// The unit of a table whose unit column is a field, or is not named by the
    /// query.
    fn hidden_unit(
        &mut self,
        table: &TableName,
        column: &str,
        pop: PrivateInput,
    ) -> Option<UnitValue> {
        let mut path = column.split('.');
        let mut source = self.sources.column(table, path.next()?, true);
        for field in path {
            source = self.sources.field(source, field);
        }
        self.unit_of_source(source, pop)
    }

    /// Sets what the rows stand for, and their population.
    fn people(
        &self,
        entry: Option<&TableEntry>,
        pop: PrivateInput,
        table: &ReadTable,
        span: Span,
        facts: &mut RelationFacts,
    ) {
        let short = &*table.name.short();
        let registry = self.sources.registry();
        let unit = entry.and_then(|entry| entry.unit_column.as_deref().map(Rc::from));
        let unregistered = entry.is_none();
        let never_null = entry.is_some_and(|entry| {
            entry.unit_column.as_ref().is_some_and(|unit| {
                entry
                    .not_null
                    .iter()
                    .any(|name| name.eq_ignore_ascii_case(unit))
            })
        });
        let level = entry.and_then(|entry| entry.level);
        facts.rows = match level {
            Some(1) => Rows::Model,
            Some(2..=4) => Rows::Aggregated,
            Some(_) | None => Rows::Individual,
        };
        let declared = entry.and_then(|entry| entry.min_bucket);
        let k = match (declared, level) {
            (Some(k), _) => k,
            (None, Some(2)) => registry.policy().min_bucket,
            (None, _) => u64::from(never_null),
        };
        if facts.rows == Rows::Individual {
            let unread = is_unread(&table.name);
            let why = if unread {
                format!(
                    "the template part `{short}` is assumed to be a table with rows of single people"
                )
            } else if unregistered {
                format!(
                    "`{short}` is not in the registry: each of its rows is assumed to belong to a single person"
                )
            } else {
                format!("each row of `{short}` is a single record of a person")
            };
            facts.individual_reason = Some(IndividualReason {
                why: why.into(),
                span,
                unread,
                unregistered: (unregistered && !unread).then(|| short.into()),
            });
        }
        facts.registered_level = level.filter(|level| *level > 3);
        facts.populations.insert(
            pop,
            Population {
                k,
                table: short.into(),
                unit,
                implied: false,
                unregistered,
                between: None,
            },
        );
    }

    /// Returns the facts of a field of a base column.
    pub(super) fn base_field(&mut self, path: &BasePath, name: &str, span: Span) -> ColumnFacts {
        let source = self.sources.field(path.source, name);
        self.read_source(source, path.pop, span)
    }

    /// Returns the facts of a base column itself.
    pub(super) fn base_value(&mut self, path: &BasePath, span: Span) -> ColumnFacts {
        self.read_source(path.source, path.pop, span)
    }

    /// Returns the facts of a member of a base column that is an array.
    pub(super) fn base_element(&mut self, path: &BasePath, span: Span) -> ColumnFacts {
        let source = self.sources.element(path.source);
        self.read_source(source, path.pop, span)
    }

    /// What the registry says of a base column.
    pub(super) fn of_source(
        &self,
        id: BaseColumnId,
        pop: Option<PrivateInput>,
        span: Span,
    ) -> ColumnFacts {
        let source = self.sources.get(id);
        let mut facts = ColumnFacts {
            personal: source.personal,
            paths: vec![BasePath { source: id, pop }],
            resolution: source.entries().filter_map(|entry| entry.resolution).max(),
            coverage: Coverage::Label,
            feeds: Contribution::Plain,
            each: true,
            total: true,
            as_stored: true,
            ..ColumnFacts::default()
        };
        facts.sources.insert(id, Flow::Direct);
        if !source.personal {
            return facts;
        }
        let registry = self.sources.registry();
        for entry in source.entries().filter(|entry| is_identifier(entry)) {
            let person = entry
                .unit
                .as_deref()
                .and_then(|unit| registry.unit(unit))
                .is_some_and(|unit| unit.person);
            let whole = source.entry.is_some_and(|own| std::ptr::eq(own, entry));
            facts.identities.push(Identity {
                source: id,
                field: (!whole).then(|| entry.name.clone()),
                form: if entry.pseudonym {
                    IdentityForm::Pseudonym
                } else {
                    IdentityForm::Raw
                },
                person,
                span,
            });
        }
        if source.sounds_like_person() {
            facts.identities.push(Identity {
                source: id,
                field: None,
                form: IdentityForm::Raw,
                person: false,
                span,
            });
        }
        if source.repeated {
            return facts;
        }
        let unit = pop.and_then(|pop| self.unit_of_source(id, pop));
        facts.unit = unit.map(Rc::new);
        facts
    }

    /// The person that a base column identifies, if people are counted by it.
    fn unit_of_source(&self, id: BaseColumnId, pop: PrivateInput) -> Option<UnitValue> {
        let source = self.sources.get(id);
        let registry = self.sources.registry();
        let declared = source.of.and_then(|entry| entry.unit_column.as_deref());
        let own = source.entry.filter(|entry| is_identifier(entry));
        let counts = match declared {
            Some(unit) => unit.eq_ignore_ascii_case(source.dotted()),
            None => own.is_some_and(|entry| {
                entry
                    .unit
                    .as_deref()
                    .and_then(|unit| registry.unit(unit))
                    .is_some_and(|unit| unit.person)
            }),
        };
        let careless = self.mistake == Some(Mutation::IdentifiersOfAUnitAreOne);
        counts.then(|| UnitValue {
            pop,
            name: source
                .path
                .last()
                .map_or_else(String::new, |name| name.to_string()),
            identifier: Rc::new(Identifier {
                unit: own
                    .and_then(|entry| entry.unit.clone())
                    .unwrap_or_else(|| source.dotted().to_lowercase()),
                entry: match own {
                    _ if careless => String::new(),
                    None => source.dotted().to_lowercase(),
                    Some(entry) => {
                        format!("{}@{}", entry.name.to_lowercase(), entry.tables.join(","))
                    }
                },
                read_from: (pop, id),
            }),
            function: String::new(),
            constants: 0,
        })
    }
}

/// Whether nothing tells which table a name means: it may hold anything.
fn is_unread(name: &TableName) -> bool {
    matches!(name.unnamed(), Some((Unnamed::Table, _)))
}

/// The assumption about a table's rows, in words.
fn assumed(entry: Option<&TableEntry>, short: &str) -> Option<String> {
    let Some(entry) = entry else {
        return Some(format!(
            "the table `{short}` is unknown: its rows are assumed to belong to single people, and its columns to be what the registry declares for their names"
        ));
    };
    if entry.personal == Some(false) {
        return Some(format!(
            "the registry declares that the table `{short}` contains no people"
        ));
    }
    match (entry.level, entry.min_bucket) {
        (Some(level), bucket) => {
            let bucket = bucket
                .map(|k| format!(", each row of at least {} people", GroupedNumber(k)))
                .unwrap_or_default();
            Some(format!(
                "the registry declares the table `{short}` as level {level}{bucket}"
            ))
        }
        (None, Some(k)) => Some(format!(
            "the registry declares that each row of the table `{short}` stands for at least {} people",
            GroupedNumber(k)
        )),
        (None, None) => None,
    }
}
