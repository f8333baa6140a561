{% set d = {} %}{% for i in range(3000) %}{% do d.update({i: d}) %}{% do d.update({i: i}) %}{% endfor %}SELECT {{ d | length }}
