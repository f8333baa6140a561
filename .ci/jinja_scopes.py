"""Random templates that test the scopes of names in Jinja.

Every block that opens a scope is nested in every other one, with every construct that binds a name,
and reads before and after each.
"""

NAMES = ["a", "b", "n", "given"]
#: Parameters of macros, with arguments. A default is Python-like and may refer to another
#: parameter.
PARAMETERS = {
    "": [""],
    "a": ["", "'p'", "n", "a=given"],
    "a='d'": ["", "'p'", "a", "{}.x"],
    "a, b=n": ["", "'p'", "b='k'", "n, given"],
    "n=n": ["", "n", "n='k'"],
    "a='d', b=a": ["", "'p'", "b=n"],
    "a=b, b='d'": ["", "b='k'", "n, b"],
    "given='d'": ["", "n", "given=given"],
    "b=given": ["", "'p'", "b=b"],
}
MODULE_PARAMETERS = ["", "a='d'", "n=n"]
WITHS = ["a='w'", "n=n", "b=a, n='w'", "a='w', b=a", "a=b, b=a", "given='w'", ""]
FILTERS = ["upper", "replace('z', 'y')", "replace('u', n)", "upper | replace('U', a)"]
CONDITIONS = ["true", "false", "n", "a == b", "given", "loop is defined", "a is defined"]
LOOPS = ["[1, 2]", "[]", "['x']", "[1, 2] if true", "[1, 2] if a != 'z'"]


class Scopes:
    def __init__(self, random):
        self.random = random
        self.made = 0
        #: Whether the current template may load other templates.
        self.loading = True

    def one(self, items):
        return self.random.choice(items)

    def number(self):
        self.made += 1
        return self.made

    def read(self):
        return "{{ " + self.one(NAMES) + " }},"

    def value(self):
        return self.one([f"'v{self.number()}'", f"{self.one(NAMES)} ~ 'u'", self.one(NAMES)])

    def body(self, depth):
        return "".join(self.item(depth) for _ in range(self.random.randrange(1, 5)))

    def item(self, depth):
        kind = self.random.randrange(10)
        if kind < 4 or (kind > 6 and depth > 3):
            return self.read()
        if kind < 7:
            return self.binding(depth)
        return self.read() + self.scope(depth + 1) + self.read()

    def binding(self, depth):
        name = self.one(NAMES)
        kind = self.random.randrange(12 if depth < 4 else 4)
        if kind < 3:
            return f"{{% set {name} = {self.value()} %}}"
        if kind == 3:
            return f"{{% set {name}, {self.one([other for other in NAMES if other != name])} = 'v', {self.value()} %}}"
        if kind in (4, 5):
            chain = self.one(["", "", f" | {self.one(FILTERS)}"])
            return f"{{% set {name}{chain} %}}{self.body(depth + 1)}{{% endset %}}"
        if kind in (6, 7):
            parameters = self.one(list(PARAMETERS))
            made = f"{{% macro f({parameters}) %}}{self.body(depth + 1)}{{% endmacro %}}"
            return made + self.item(depth + 1) + self.use(PARAMETERS[parameters])
        if not self.loading:
            return self.read()
        context = self.one(["", " with context", " without context"])
        if kind == 8:
            return f"{{% import 'imported.sql' as m{context} %}}{{{{ m.h() }}}}"
        if kind == 9:
            return f"{{% from 'imported.sql' import h, k as {name}{context} %}}{{{{ h() }}}}"
        return f"{{% include 'included.sql'{context} %}}"

    def use(self, arguments):
        arguments = self.one(arguments)
        return f"{{{{ f({arguments}) }}}}"

    def scope(self, depth):
        inner = self.body(depth)
        kind = self.random.randrange(15)
        # Constructs that the program does not follow are rare, so that enough templates can be
        # compared.
        followed = self.random.random() < 0.8
        if kind == 11 and followed and depth > 1:
            kind = 8
        if kind < 2:
            other = f"{{% else %}}{self.body(depth)}" if self.random.random() < 0.5 else ""
            elif_ = f"{{% elif {self.one(CONDITIONS)} %}}{self.body(depth)}" if self.random.random() < 0.3 else ""
            return f"{{% if {self.one(CONDITIONS)} %}}{inner}{elif_}{other}{{% endif %}}"
        if kind < 5:
            other = f"{{% else %}}{self.body(depth)}" if self.random.random() < 0.5 else ""
            left = "" if other and followed else "{% if loop.first %}{% continue %}{% endif %}"
            end = self.one(["", "", left, "{{ loop.index }}"])
            return f"{{% for {self.one(NAMES + ['i'])} in {self.one(LOOPS)} %}}{inner}{end}{other}{{% endfor %}}"
        if kind == 5:
            inner = self.read() + self.read() if followed else inner
            return f"{{% for i in [[1], [[2]]] recursive %}}{inner}{{{{ loop(i) if i is sequence }}}}{{% endfor %}}"
        if kind < 8:
            return f"{{% with {self.one(WITHS)} %}}{inner}{{% endwith %}}"
        if kind < 10:
            return f"{{% filter {self.one(FILTERS)} %}}{inner}{{% endfilter %}}"
        if kind == 10:
            return f"{{% autoescape {'false' if followed else 'true'} %}}{inner}{{% endautoescape %}}"
        if kind == 11:
            made = self.number()
            again = self.one(["", "", f"{{{{ self.b{made}() }}}}"])
            return f"{{% block b{made}{self.one(['', '', ' scoped'])} %}}{inner}{{% endblock %}}{again}"
        if kind == 12:
            return (
                "{% macro g() %}" + self.read() + "{{ caller(" + self.one(["", "'c'"]) + ") }}{% endmacro %}"
                f"{{% call{self.one(['', '(a)', '(n)', f'(a={self.one(NAMES)})'])} g() %}}{inner}{{% endcall %}}"
            )
        if kind == 13:
            return self.binding(depth)
        return f"{{% set {self.one(NAMES)} %}}{inner}{{% endset %}}"

    def templates(self):
        self.loading = True
        head = "{% set a = 'x' %}{% set b = 'y' %}{% set n = 'z' %}"
        main = head + self.body(0) + self.body(0)
        child = self.random.random() < 0.1
        if child:
            main = (
                "{% extends 'base.sql' %}" + head + self.binding(2)
                + f"{{% block base %}}{self.body(1)}{{% endblock %}}"
            )
        self.loading = False
        return {
            "main.sql": main,
            "base.sql": self.read() + "{% block base %}{{ a }}{% endblock %}" + self.read()
            + "{% for n in [1] %}{{ self.base() }}{% endfor %}",
            "included.sql": self.body(3),
            "imported.sql": f"{{% set k = 'k' %}}{self.body(3)}{{% macro h({self.one(MODULE_PARAMETERS)}) %}}"
            + self.body(3) + "{% endmacro %}" + self.body(3),
        }
