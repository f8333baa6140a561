{% set a = [1] * 1000 %}{% set b = a * 1000 %}{% set c = b * 1000 %}{% do c.append(1) %}SELECT {{ c | length }}, {{ c | join(',') }}
