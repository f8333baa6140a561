//! Lists dbt's own functions and macros that matter for side effects. These are the
//! functions that run no statement, and the macros that create the tables of models.

/// First names of functions that a template of dbt may call without running a
/// statement.
const READING: &[&str] = &[
    "api",
    "builtins",
    "caller",
    "config",
    "cycler",
    "dbt_version",
    "debug",
    "dict",
    "diff_of_two_dicts",
    "doc",
    "env_var",
    "exceptions",
    "execute",
    "flags",
    "fromjson",
    "fromyaml",
    "graph",
    "invocation_args_dict",
    "invocation_id",
    "is_incremental",
    "joiner",
    "lipsum",
    "load_cached_relation",
    "load_relation",
    "load_result",
    "local_md5",
    "log",
    "loop",
    "metrics",
    "model",
    "modules",
    "namespace",
    "print",
    "project_name",
    "range",
    "ref",
    "return",
    "run_query",
    "selected_resources",
    "self",
    "set",
    "set_strict",
    "should_full_refresh",
    "source",
    "statement",
    "store_raw_result",
    "store_result",
    "super",
    "target",
    "this",
    "thread_id",
    "tojson",
    "toyaml",
    "var",
    "zip",
    "zip_strict",
];
/// Prefixes of the functions of `adapter` that only read.
const ADAPTER_READS: &[&str] = &[
    "already_exists",
    "behavior",
    "cache",
    "check",
    "compare",
    "convert",
    "describe",
    "dispatch",
    "get_",
    "is_",
    "list_",
    "location_exists",
    "nest",
    "parse",
    "quote",
    "render",
    "standardize",
    "type",
    "valid",
    "verify",
];
/// dbt's own macros that create the tables of models. A macro of the same name in
/// the project replaces them.
const MAKING: &[&str] = &[
    "alter_column_type",
    "alter_relation_add_remove_columns",
    "bq_copy_partitions",
    "bq_create_table_as",
    "bq_dynamic_copy_partitions_insert_overwrite_sql",
    "bq_dynamic_insert_overwrite_sql",
    "bq_generate_incremental_build_sql",
    "bq_generate_incremental_insert_overwrite_build_sql",
    "bq_generate_incremental_merge_build_sql",
    "bq_generate_microbatch_build_sql",
    "bq_insert_into_ingestion_time_partitioned_table_sql",
    "bq_insert_overwrite_sql",
    "bq_static_copy_partitions_insert_overwrite_sql",
    "bq_static_insert_overwrite_sql",
    "build_snapshot_staging_table",
    "build_snapshot_table",
    "create_or_replace_clone",
    "create_or_replace_view",
    "create_table_as",
    "create_view_as",
    "drop_relation",
    "get_alter_materialized_view_as_sql",
    "get_create_intermediate_sql",
    "get_create_materialized_view_as_sql",
    "get_create_sql",
    "get_create_table_as_sql",
    "get_create_view_as_sql",
    "get_delete_insert_merge_sql",
    "get_incremental_append_sql",
    "get_incremental_default_sql",
    "get_incremental_delete_insert_sql",
    "get_incremental_insert_overwrite_sql",
    "get_incremental_merge_sql",
    "get_incremental_microbatch_sql",
    "get_insert_into_sql",
    "get_insert_overwrite_merge_sql",
    "get_limit_sql",
    "get_limit_subquery_sql",
    "get_merge_sql",
    "get_replace_materialized_view_as_sql",
    "get_replace_sql",
    "get_replace_table_sql",
    "get_replace_view_sql",
    "get_select_subquery",
    "handle_existing_table",
    "make_hook_config",
    "materialized_view_execute_build_sql",
    "post_snapshot",
    "process_schema_changes",
    "rename_relation",
    "run_hooks",
    "run_query",
    "set_sql_header",
    "snapshot_merge_sql",
    "snapshot_staging_table",
    "source_sql_with_partition",
    "statement",
    "sync_column_schemas",
    "table_options",
    "truncate_relation",
    "wrap_with_time_ingestion_partitioning_sql",
];

/// Whether a function that a template calls runs no statement.
pub(super) fn only_reads(name: &str) -> bool {
    // A method of a function's result; `adapter.dispatch` returns a macro.
    if name.contains(['(', '[']) {
        return !name.starts_with("adapter.dispatch(");
    }
    match name.strip_prefix("adapter.") {
        // The classes `adapter.Relation` and `adapter.Column` only build names.
        Some(own) if own.starts_with(char::is_uppercase) => true,
        Some(own) => ADAPTER_READS.iter().any(|known| own.starts_with(known)),
        None => {
            let first = name.split('.').next().unwrap_or(name);
            READING.contains(&first)
        }
    }
}

/// Whether a macro replaces one of dbt's macros that create the tables of models.
pub(super) fn makes_tables(name: &str) -> bool {
    let plain = super::macros::DISPATCHED
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix))
        .unwrap_or(name);
    MAKING.contains(&plain)
}
