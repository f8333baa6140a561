//! Imports a CSV table of columns.
//!
//! The header has keys of `[[column]]`. Several values in a cell are separated by
//! `;` or by line breaks.

use csv::{ReaderBuilder, StringRecord, Trim};

use super::{Import, draft};
use crate::catalog::CatalogError;
use crate::registry::{ColumnEntry, ColumnOrigin, RegisteredRole, Resolution, is_link};
use crate::toml_text::nearest;

const HEADERS: &[&str] = &[
    "name",
    "aliases",
    "tables",
    "role",
    "unit",
    "pseudonym",
    "category",
    "sensitive",
    "resolution",
    "data_reviews",
    "origin",
    "description",
];

/// Reads a CSV table.
pub(super) fn parse(path: &str, source: &str) -> Result<Import, CatalogError> {
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    let mut reader = ReaderBuilder::new()
        .trim(Trim::All)
        .from_reader(source.as_bytes());
    let broken = |error: csv::Error| {
        let line = error
            .position()
            .and_then(|place| usize::try_from(place.line()).ok());
        CatalogError::new(
            path,
            format!("not CSV: {error}"),
            "write as many cells in every line as in the header",
        )
        .at(line.map(|line| (line, 1)))
    };
    let header = reader.headers().map_err(broken)?.clone();
    for name in &header {
        if !HEADERS.contains(&name) {
            let help = match nearest(name, HEADERS) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("known headers: {}", HEADERS.join(", ")),
            };
            return Err(
                CatalogError::new(path, format!("unknown header `{name}`"), help).at(Some((1, 1))),
            );
        }
    }
    if !header.iter().any(|name| name == "name") {
        return Err(CatalogError::new(
            path,
            "no header `name`",
            format!("write a first line with some of {}", HEADERS.join(", ")),
        )
        .at(Some((1, 1))));
    }
    let mut import = Import::default();
    for record in reader.records() {
        let record = record.map_err(broken)?;
        let line = record
            .position()
            .and_then(|place| usize::try_from(place.line()).ok())
            .unwrap_or(1);
        let row = CsvRow {
            path,
            line,
            header: &header,
            record: &record,
        };
        let (column, identified_by_name) = row.column()?;
        if identified_by_name {
            import.notes.push(format!(
                "{path}:{line}:1: `{}` has no role and is treated as an identifier because of its name",
                column.name
            ));
        }
        import.columns.push(column);
    }
    Ok(import)
}

struct CsvRow<'r> {
    path: &'r str,
    line: usize,
    header: &'r StringRecord,
    record: &'r StringRecord,
}

impl CsvRow<'_> {
    fn cell(&self, name: &str) -> Option<&str> {
        let at = self.header.iter().position(|header| header == name)?;
        self.record.get(at).filter(|cell| !cell.is_empty())
    }

    fn list(&self, name: &str) -> Vec<String> {
        self.cell(name)
            .into_iter()
            .flat_map(|cell| cell.split([';', '\n']))
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect()
    }

    fn error(&self, message: String, help: &str) -> CatalogError {
        CatalogError::new(self.path, message, help).at(Some((self.line, 1)))
    }

    /// Returns the entry, and whether its name alone made it an identifier.
    fn column(&self) -> Result<(ColumnEntry, bool), CatalogError> {
        let Some(name) = self.cell("name") else {
            return Err(self.error(
                "the cell `name` is empty".to_owned(),
                "write the name of the column",
            ));
        };
        let mut column = draft::entry(name, RegisteredRole::Dimension);
        column.aliases = self.list("aliases");
        column.tables = self.list("tables");
        column.unit = self.cell("unit").map(str::to_owned);
        column.sensitive = self.cell("sensitive").map(str::to_owned);
        column.description = self.cell("description").and_then(draft::one_line);
        column.category = self.category()?;
        column.resolution = self.resolution()?;
        column.origin = self.origin()?;
        column.pseudonym = self.truth("pseudonym")?;
        for link in self.list("data_reviews") {
            if !is_link(&link) {
                return Err(self.error(
                    format!("`{link}` is not a link to a data review"),
                    "write the complete address, which starts with `https://`",
                ));
            }
            column.data_reviews.push(link);
        }
        let mut identified_by_name = false;
        match self.cell("role") {
            Some(word) => {
                let known = RegisteredRole::ALL
                    .iter()
                    .find(|(known, _)| word.eq_ignore_ascii_case(known));
                let Some((_, role)) = known else {
                    return Err(self.error(
                        format!("unknown role `{word}`"),
                        "write dimension, metric, identifier or timestamp",
                    ));
                };
                column.role = *role;
            }
            None if column.unit.is_some() || column.pseudonym => {
                column.role = RegisteredRole::Identifier;
            }
            None => identified_by_name = draft::complete_from_name(&mut column),
        }
        Ok((column, identified_by_name))
    }

    fn category(&self) -> Result<Option<u8>, CatalogError> {
        let Some(word) = self.cell("category") else {
            return Ok(None);
        };
        word.parse()
            .ok()
            .filter(|category| (1..=4).contains(category))
            .or_else(|| draft::category(word))
            .map(Some)
            .ok_or_else(|| {
                self.error(
                    format!("unknown category `{word}`"),
                    "write 1 technical, 2 interaction, 3 web activity or 4 highly sensitive, or leave the cell empty",
                )
            })
    }

    fn resolution(&self) -> Result<Option<Resolution>, CatalogError> {
        let Some(word) = self.cell("resolution") else {
            return Ok(None);
        };
        Resolution::ALL
            .iter()
            .find(|(known, _)| word.eq_ignore_ascii_case(known))
            .map(|(_, resolution)| Some(*resolution))
            .ok_or_else(|| {
                self.error(
                    format!("unknown resolution `{word}`"),
                    "write day, hour, minute, second or subsecond",
                )
            })
    }

    fn origin(&self) -> Result<Option<ColumnOrigin>, CatalogError> {
        let Some(word) = self.cell("origin") else {
            return Ok(None);
        };
        ColumnOrigin::ALL
            .iter()
            .find(|(known, _)| word.eq_ignore_ascii_case(known))
            .map(|(_, origin)| Some(*origin))
            .ok_or_else(|| {
                self.error(
                    format!("unknown origin `{word}`"),
                    "write pipeline, or leave the cell empty",
                )
            })
    }

    fn truth(&self, name: &str) -> Result<bool, CatalogError> {
        match self.cell(name).map(str::to_lowercase).as_deref() {
            None | Some("false" | "no" | "0") => Ok(false),
            Some("true" | "yes" | "1") => Ok(true),
            Some(other) => Err(self.error(format!("`{name}` is `{other}`"), "write true or false")),
        }
    }
}
