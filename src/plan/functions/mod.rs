//! The function table: how every GoogleSQL built-in treats identity, time and NULL.

use crate::registry::Resolution;

/// The properties of one function.
#[derive(Debug, PartialEq)]
pub struct FunctionInfo {
    /// In upper case, dotted if it has a namespace (`NET.HOST`, `HLL_COUNT.INIT`).
    pub name: &'static str,
    /// What the function computes.
    pub class: FunctionClass,
    /// Whether a NULL argument gives NULL.
    pub null: NullBehaviour,
    /// Whether it may fail depending on data; a failing query discloses something.
    pub may_fail: bool,
}

impl FunctionInfo {
    /// Returns whether two calls with the same arguments may differ.
    ///
    /// Such functions are random, encrypt with a fresh nonce, or ask a model.
    pub fn is_nondeterministic(&self) -> bool {
        self.class == FunctionClass::Scalar(ScalarClass::Random)
            || matches!(self.name, "AEAD.ENCRYPT" | "AEAD.ENVELOPE_ENCRYPT")
            || ["KEYS.", "AI.", "ML."]
                .iter()
                .any(|family| self.name.starts_with(family))
    }
}

/// What a function computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FunctionClass {
    /// An aggregate.
    Aggregate(AggregateClass),
    /// A function that requires OVER (RANK, LAG, …); aggregates may have OVER too.
    Analytic(AnalyticClass),
    /// A function of a single row.
    Scalar(ScalarClass),
    /// A table function.
    Table(TableClass),
}

/// Classes of aggregates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AggregateClass {
    /// COUNT; with DISTINCT, the number of distinct values.
    Count,
    /// COUNTIF.
    CountIf,
    /// APPROX_COUNT_DISTINCT: a number that is never exact.
    ApproxCount,
    /// SUM.
    Sum,
    /// AVG.
    Mean,
    /// MIN, MAX, MAX_BY, MIN_BY.
    Extreme,
    /// Quantiles, percentiles.
    Positional,
    /// ANY_VALUE.
    AnyOfGroup,
    /// ARRAY_AGG, STRING_AGG, ARRAY_CONCAT_AGG.
    Collecting,
    /// APPROX_TOP_COUNT, APPROX_TOP_SUM.
    TopK,
    /// HLL_COUNT.INIT and similar: creates a probabilistic data structure.
    SketchMake,
    /// HLL_COUNT.MERGE_PARTIAL.
    SketchMerge,
    /// HLL_COUNT.MERGE: a number computed from sketches.
    SketchRead,
    /// KLL_QUANTILES.INIT_INT64 and similar: a sketch that contains some of the
    /// values.
    QuantilesMake,
    /// KLL_QUANTILES.MERGE_POINT_INT64 and similar: values from such sketches.
    QuantilesRead,
    /// STDDEV, CORR, VAR_SAMP, …
    Statistical,
    /// BIT_AND, BIT_OR, BIT_XOR, LOGICAL_AND, LOGICAL_OR.
    Bitwise,
    /// ANON_*, and those of differential privacy.
    NoiseAdding,
    /// GROUPING.
    Grouping,
}

/// Classes of analytic functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnalyticClass {
    /// ROW_NUMBER.
    RowNumber,
    /// RANK, DENSE_RANK, NTILE, CUME_DIST, PERCENT_RANK.
    Rank,
    /// LAG, LEAD, FIRST_VALUE, LAST_VALUE, NTH_VALUE: the value of another row.
    Navigation,
    /// PERCENTILE_CONT, PERCENTILE_DISC.
    Positional,
    /// ML.MIN_MAX_SCALER, ML.LABEL_ENCODER: the row's value relative to all rows.
    Fitted,
}

/// Classes of scalar functions.
///
/// They differ in what they do to the identity of a person in their arguments, and
/// to the resolution of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScalarClass {
    /// Different arguments give different results: preserves identity and keys.
    Injective,
    /// Re-encodes or truncates: an identifier can be recovered, keys may not
    /// survive.
    ///
    /// Examples: SUBSTR, UPPER, TO_BASE64, CONCAT of several values.
    Encoding,
    /// Coarsens time or numbers to a resolution.
    ///
    /// `None` if an argument decides it: the part in `DATE_TRUNC(d, MONTH)`,
    /// `EXTRACT(HOUR FROM t)`, `TIMESTAMP_DIFF(a, b, SECOND)`, or the divisor in
    /// `DIV(seconds, 3600)`. If that argument is not constant, nothing is coarsened.
    Coarsening(Option<Resolution>),
    /// A plain hash: a pseudonym that anyone who knows the identifier can compute.
    Hash,
    /// A keyed hash or encryption: a pseudonym.
    KeyedHash,
    /// RAND, GENERATE_UUID.
    Random,
    /// SESSION_USER and similar, CURRENT_DATE: one value for all rows.
    Session,
    /// Arithmetic and other plain computations on values.
    Arithmetic,
    /// Returns one of its arguments (COALESCE, IFNULL, NULLIF, GREATEST, LEAST).
    Choice,
    /// Computes TRUE, FALSE or NULL from its arguments (STARTS_WITH,
    /// REGEXP_CONTAINS).
    Predicate,
    /// A number of elements or characters, or the name of a type.
    ///
    /// Discloses little about its argument (LENGTH, ARRAY_LENGTH, JSON_TYPE).
    Measure,
    /// Reads a number from a probabilistic structure (HLL_COUNT.EXTRACT).
    SketchRead,
    /// Reads values from a sketch of quantiles (KLL_QUANTILES.EXTRACT_POINT_INT64).
    ///
    /// These are values that the sketch contains.
    QuantilesRead,
    /// Creates an array that contains no personal data (GENERATE_DATE_ARRAY).
    Generator,
}

/// Classes of table functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableClass {
    /// Reads only a model: ML.WEIGHTS, ML.EVALUATE, ML.FORECAST.
    ModelAlone,
    /// Applies a model to given rows: ML.PREDICT, AI.GENERATE_TABLE.
    ///
    /// Without given rows (ML.RECOMMEND, ML.EXPLAIN_FORECAST), rows on which the
    /// model was trained are output, and nothing is known about them.
    ModelRows,
    /// Others: EXTERNAL_QUERY, VECTOR_SEARCH, GAP_FILL, APPENDS, CHANGES.
    Rows,
}

/// The result for NULL arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NullBehaviour {
    /// NULL gives NULL; aggregates skip NULL arguments.
    Propagates,
    /// NULL may give another value.
    Handles,
}

mod table;

/// Looks up a function by its name, in any case; the prefix `SAFE.` is ignored.
pub fn lookup(name: &str) -> Option<&'static FunctionInfo> {
    table::lookup(name)
}
