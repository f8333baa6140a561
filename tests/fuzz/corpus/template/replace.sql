{% set n = namespace(x='aaaaaaaa') %}{% for i in range(20) %}{% set n.x = n.x.replace('a', n.x) %}{% endfor %}SELECT 1
