{% set d = {} %}{% for i in asked %}{% do d.update({i: i}) %}{% endfor %}SELECT {{ d | length }}
{{ {asked: [asked]} == {asked: [asked]} }} {{ [asked] | unique | list }}
