//! The table of functions: what every GoogleSQL built-in does to identity,
//! time and NULL.

use crate::registry::Resolution;

/// What the table says of one function.
#[derive(Debug, PartialEq)]
pub struct FunctionInfo {
    /// Upper case, dotted where it has a namespace (`NET.HOST`, `HLL_COUNT.INIT`).
    pub name: &'static str,
    /// What it does.
    pub class: FunctionClass,
    /// Whether a NULL argument gives NULL.
    pub null: NullBehaviour,
    /// Whether it may fail on data (a failing query tells something).
    pub may_fail: bool,
}

impl FunctionInfo {
    /// Whether two calls with the same arguments may differ: what is random, is
    /// encrypted with a nonce of its own, or asks a model.
    pub fn answers_anew(&self) -> bool {
        self.class == FunctionClass::Scalar(ScalarClass::Random)
            || matches!(self.name, "AEAD.ENCRYPT" | "AEAD.ENVELOPE_ENCRYPT")
            || ["KEYS.", "AI.", "ML."]
                .iter()
                .any(|family| self.name.starts_with(family))
    }
}

/// What a function does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FunctionClass {
    /// An aggregate.
    Aggregate(AggregateClass),
    /// A function that only stands with OVER (RANK, LAG, …); aggregates may
    /// stand there too.
    Analytic(AnalyticClass),
    /// A function of a row.
    Scalar(ScalarClass),
    /// A table function.
    Table(TableClass),
}

/// Kinds of aggregates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AggregateClass {
    /// COUNT (with DISTINCT it is a count of distinct values).
    Count,
    /// COUNTIF.
    CountIf,
    /// APPROX_COUNT_DISTINCT: a number, never exact.
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
    /// HLL_COUNT.INIT and its like: a probabilistic data structure.
    SketchMake,
    /// HLL_COUNT.MERGE_PARTIAL.
    SketchMerge,
    /// HLL_COUNT.MERGE: a number out of sketches.
    SketchRead,
    /// KLL_QUANTILES.INIT_INT64 and its like: a sketch that holds some of the values.
    QuantilesMake,
    /// KLL_QUANTILES.MERGE_POINT_INT64 and its like: values out of such sketches.
    QuantilesRead,
    /// STDDEV, CORR, VAR_SAMP, …
    Statistical,
    /// BIT_AND, BIT_OR, BIT_XOR, LOGICAL_AND, LOGICAL_OR.
    Bitwise,
    /// ANON_*, differential privacy's.
    NoiseAdding,
    /// GROUPING.
    Grouping,
}

/// Kinds of analytic functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnalyticClass {
    /// ROW_NUMBER.
    RowNumber,
    /// RANK, DENSE_RANK, NTILE, CUME_DIST, PERCENT_RANK.
    Rank,
    /// LAG, LEAD, FIRST_VALUE, LAST_VALUE, NTH_VALUE: another row's value.
    Navigation,
    /// PERCENTILE_CONT, PERCENTILE_DISC.
    Positional,
    /// ML.MIN_MAX_SCALER, ML.LABEL_ENCODER: the row's value beside those of all rows.
    Fitted,
}

/// Kinds of scalar functions, by what they do to the identity of a person in
/// their arguments and to the resolution of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScalarClass {
    /// Different arguments, different results: keeps identity and keys.
    Injective,
    /// Re-encodes or cuts: an identifier can be read back from it, keys need
    /// not survive (SUBSTR, UPPER, TO_BASE64, CONCAT of several).
    Encoding,
    /// Coarsens time or numbers to the resolution given, or, where an argument
    /// decides (the part in `DATE_TRUNC(d, MONTH)`, `EXTRACT(HOUR FROM t)`,
    /// `TIMESTAMP_DIFF(a, b, SECOND)`, the divisor in `DIV(seconds, 3600)`), to
    /// that. Where that argument is no constant, nothing is lost.
    Coarsening(Option<Resolution>),
    /// A plain hash: a pseudonym that anyone who has the identifier can compute.
    Hash,
    /// A keyed hash or encryption: a pseudonym.
    KeyedHash,
    /// RAND, GENERATE_UUID.
    Random,
    /// SESSION_USER and its like, CURRENT_DATE: the same for all rows.
    Session,
    /// Arithmetic and other plain computing on values.
    Arithmetic,
    /// A value that is one of its arguments (COALESCE, IFNULL, NULLIF,
    /// GREATEST, LEAST).
    Choice,
    /// TRUE, FALSE or NULL out of its arguments (STARTS_WITH, REGEXP_CONTAINS).
    Predicate,
    /// A number of elements or characters, or a type's name, out of a value:
    /// says little of its argument (LENGTH, ARRAY_LENGTH, JSON_TYPE).
    Measure,
    /// A probabilistic structure is read (HLL_COUNT.EXTRACT): a number.
    SketchRead,
    /// A sketch of quantiles is read (KLL_QUANTILES.EXTRACT_POINT_INT64): values that it
    /// holds.
    QuantilesRead,
    /// Makes an array that holds nobody's data (GENERATE_DATE_ARRAY).
    Generator,
}

/// Kinds of table functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableClass {
    /// Out of a model alone: ML.WEIGHTS, ML.EVALUATE, ML.FORECAST.
    ModelAlone,
    /// A model over given rows: ML.PREDICT, AI.GENERATE_TABLE. Where no rows are
    /// given (ML.RECOMMEND, ML.EXPLAIN_FORECAST), those that the model was made
    /// of come out, and nothing is known of them.
    ModelRows,
    /// Others: EXTERNAL_QUERY, VECTOR_SEARCH, GAP_FILL, APPENDS, CHANGES.
    Rows,
}

/// What NULL arguments do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NullBehaviour {
    /// NULL gives NULL (aggregates: NULL arguments are passed over).
    Propagates,
    /// NULL may give a value.
    Handles,
}

mod table;

/// Looks a function up by its name, in any case; `SAFE.` before it is ignored.
pub fn lookup(name: &str) -> Option<&'static FunctionInfo> {
    table::lookup(name)
}
