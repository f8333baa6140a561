//! BigQuery ML and AI functions; those that require OVER are in `analytic.rs`.

use super::super::{FunctionClass, ScalarClass, TableClass};
use super::{Group, failing, handling_failing, plain};

const fn class(class: ScalarClass) -> FunctionClass {
    FunctionClass::Scalar(class)
}

const fn table(class: TableClass) -> FunctionClass {
    FunctionClass::Table(class)
}

pub(super) const GROUPS: &[Group] = &[
    handling_failing(
        table(TableClass::ModelAlone),
        &[
            "ML.ADVANCED_WEIGHTS",
            "ML.ARIMA_COEFFICIENTS",
            "ML.ARIMA_EVALUATE",
            "ML.CENTROIDS",
            "ML.CONFUSION_MATRIX",
            "ML.EVALUATE",
            "ML.FEATURE_IMPORTANCE",
            "ML.FEATURE_INFO",
            "ML.FORECAST",
            "ML.GLOBAL_EXPLAIN",
            "ML.HOLIDAY_INFO",
            "ML.PRINCIPAL_COMPONENTS",
            "ML.PRINCIPAL_COMPONENT_INFO",
            "ML.RECONSTRUCTION_LOSS",
            "ML.ROC_CURVE",
            "ML.TRAINING_INFO",
            "ML.TRIAL_INFO",
            "ML.WEIGHTS",
        ],
    ),
    handling_failing(
        table(TableClass::ModelRows),
        &[
            "AI.DETECT_ANOMALIES",
            "AI.EVALUATE",
            "AI.FORECAST",
            "AI.GENERATE_EMBEDDING",
            "AI.GENERATE_TABLE",
            "AI.GENERATE_TEXT",
            "AI.KEY_DRIVERS",
            "ML.ANNOTATE_IMAGE",
            "ML.DETECT_ANOMALIES",
            "ML.EXPLAIN_PREDICT",
            "ML.GENERATE_EMBEDDING",
            "ML.GENERATE_TABLE",
            "ML.GENERATE_TEXT",
            "ML.GENERATE_TEXT_EMBEDDING",
            "ML.PREDICT",
            "ML.PROCESS_DOCUMENT",
            "ML.TRANSCRIBE",
            "ML.TRANSFORM",
            "ML.TRANSLATE",
            "ML.UNDERSTAND_TEXT",
        ],
    ),
    // They receive only a model, but output rows on which it was trained: past
    // values, the users of a factorization, segments with their metrics.
    handling_failing(
        table(TableClass::ModelRows),
        &["ML.EXPLAIN_FORECAST", "ML.GET_INSIGHTS", "ML.RECOMMEND"],
    ),
    // Statistics of rows, and rows selected from tables, without a model.
    handling_failing(
        table(TableClass::Rows),
        &[
            "AI.SEARCH",
            "ML.DESCRIBE_DATA",
            "ML.ENTITY_FEATURES_AT_TIME",
            "ML.FEATURES_AT_TIME",
            "ML.TFDV_DESCRIBE",
            "ML.VALIDATE_DATA_DRIFT",
            "ML.VALIDATE_DATA_SKEW",
        ],
    ),
    // A model may repeat its input.
    handling_failing(
        class(ScalarClass::Encoding),
        &[
            "AI.CLASSIFY",
            "AI.EMBED",
            "AI.GENERATE",
            "AI.GENERATE_BOOL",
            "AI.GENERATE_DOUBLE",
            "AI.GENERATE_INT",
            "AI.SCORE",
            "AI.SIMILARITY",
        ],
    ),
    handling_failing(class(ScalarClass::Predicate), &["AI.IF"]),
    failing(class(ScalarClass::Measure), &["AI.COUNT_TOKENS"]),
    failing(
        class(ScalarClass::Encoding),
        &[
            "ML.CONVERT_COLOR_SPACE",
            "ML.CONVERT_IMAGE_TYPE",
            "ML.DECODE_IMAGE",
            "ML.FEATURE_CROSS",
            "ML.NGRAMS",
            "ML.NORMALIZER",
            "ML.POLYNOMIAL_EXPAND",
            "ML.RESIZE_IMAGE",
            "ML.TFDV_VALIDATE",
        ],
    ),
    plain(
        class(ScalarClass::Arithmetic),
        &["ML.DISTANCE", "ML.LP_NORM"],
    ),
    // Files in object storage.
    failing(
        class(ScalarClass::Encoding),
        &[
            "OBJ.FETCH_METADATA",
            "OBJ.GET_ACCESS_URL",
            "OBJ.GET_READ_URL",
            "OBJ.MAKE_REF",
        ],
    ),
];
