{% macro f(x) %}{{ f(x) }}{{ f(x) }}{% endmacro %}SELECT '{{ f(1) }}'
