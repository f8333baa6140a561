//! Sets up MiniJinja for one rendering.

use std::sync::Arc;

use minijinja::value::{Kwargs, Object, ObjectRepr, Rest, ValueKind, ValueOrKwargs};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, State, UndefinedBehavior, Value};
use minijinja_contrib::pycompat;

use super::attributes;
use super::lazy::{self, Lazy};
use super::loader::Loader;
use super::mutable::{Dict, List, lost_change};
use super::python::{self, PythonType};
use super::run::{CLOSE, OPEN, Run};
use super::sizes;
use super::table::Table;
use super::unknown::{Unknown, describe, has_unknown};

/// The maximum fuel: one unit per instruction, and one per 64 bytes of output. A
/// rendering that needs more fails.
const FUEL: u64 = 600_000;
/// The maximum depth of nested calls.
const DEPTH: usize = 120;
/// Filters that work on items or on text and may copy a mark unchanged.
const TRANSPARENT: &[&str] = &[
    "join", "list", "first", "last", "length", "count", "map", "items", "reverse", "batch",
    "slice", "string", "trim", "indent", "safe", "e", "escape", "upper", "lower", "default", "d",
    "format", "dictsort", "replace",
];
/// Those of them that split a text, so that a mark in it would be cut.
const APART: &[&str] = &[
    "join", "list", "first", "last", "length", "count", "map", "items", "reverse", "batch",
    "slice", "dictsort",
];
/// Filters and methods that turn the name of a table into another text.
const CHANGING: &[&str] = &["upper", "lower", "replace"];
/// Methods of strings that may copy a mark unchanged.
const TRANSPARENT_METHODS: &[&str] = &[
    "format", "join", "strip", "lstrip", "rstrip", "upper", "lower", "items", "keys", "values",
    "get",
];

/// Creates the environment with the filters and tests that the templates use.
pub(super) fn environment(run: &Arc<Run>, loader: &Arc<Loader>, left: u64) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_debug(true);
    environment.set_fuel(Some(FUEL.min(left)));
    environment.set_recursion_limit(DEPTH);
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    if let Ok(syntax) = minijinja::syntax::SyntaxConfig::builder()
        .keep_trailing_newline(true)
        .build()
    {
        environment.set_syntax(syntax);
    }
    functions(&mut environment, run);
    super::asked::set_up(&mut environment, run);
    attributes::set_up(&mut environment, run);
    environment.set_formatter(super::repr::format);
    let noted = Arc::clone(run);
    environment.set_unknown_method_callback(move |state, value, method, args| {
        method_of(&noted, state, value, method, args)
    });
    environment.set_path_join_callback(super::loader::join);
    let loading = Arc::clone(loader);
    environment.set_loader(move |name| loading.load(name));
    for name in loader.filters() {
        let noted = Arc::clone(run);
        let own = name.clone();
        environment.add_filter(
            format!("__filter_{name}"),
            move |state: &mut State, args: Rest<ValueOrKwargs>| {
                filter(&noted, state, &own, &args.into_values())
            },
        );
    }
    for name in loader.tests() {
        let noted = Arc::clone(run);
        let own = name.clone();
        environment.add_test(
            format!("__test_{name}"),
            move |state: &mut State, args: Rest<Value>| test(&noted, state, &own, &args),
        );
    }
    environment
}

/// The names that a template may use without setting them.
#[derive(Debug)]
pub(super) struct Root(pub(super) Arc<Run>);

impl Object for Root {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, name: &str) -> Option<Value> {
        let run = &self.0;
        if let Some(given) = run.given(name) {
            return Some(given);
        }
        if name.starts_with("__") {
            return None;
        }
        if let ("this", Some(this)) = (name, &run.this) {
            return Some(Table::value(run, this.clone()));
        }
        // In dbt, `execute` is true while a model runs.
        if name == "execute" {
            run.ask_executing();
            return Some(Value::from(run.settings.flag(name).unwrap_or(true)));
        }
        Some(Unknown::value(run, name.to_owned()))
    }
}

fn functions(environment: &mut Environment<'static>, run: &Arc<Run>) {
    let noted = Arc::clone(run);
    environment.add_function("__unknown", move |text: String, why: String| {
        Unknown::because(&noted, text, Some(why))
    });
    let noted = Arc::clone(run);
    environment.add_function("__value", move |text: String| Unknown::value(&noted, text));
    let noted = Arc::clone(run);
    environment.add_function("__given", move |text: String| {
        noted.settings.variable(&text).is_some()
    });
    let noted = Arc::clone(run);
    environment.add_function("__open", move |values: Rest<Value>| {
        values.iter().any(|value| has_unknown(&noted, value))
    });
    let noted = Arc::clone(run);
    environment.add_function(
        "__reckon",
        move |state: &State, shown: String, written: String, operands: Rest<Value>| {
            super::reckon::reckon(&noted, state, shown, &written, &operands)
        },
    );
    let noted = Arc::clone(run);
    environment.add_function("__assumed", move |name: String, default: Value| match noted
        .sqlmesh_variable(&name)
    {
        Some(given) => given,
        None => noted.assume(&name, &default),
    });
    let noted = Arc::clone(run);
    environment.add_function("__variable", move |name: String| {
        match noted.sqlmesh_variable(&name) {
            Some(given) => given,
            None => Unknown::value(&noted, name),
        }
    });
    let noted = Arc::clone(run);
    environment.add_function("__condition", move |value: Value| condition(&noted, value));
    let noted = Arc::clone(run);
    environment.add_function(
        "__compare",
        move |state: &mut State, left: Value, operator: String, right: Value| {
            compare(&noted, state, &left, &operator, &right)
        },
    );
    let noted = Arc::clone(run);
    environment.add_function(
        "__iterate",
        move |state: &mut State, count: usize, over: Value, index: usize, text: String| {
            let place = (state.name().to_owned(), index);
            iterate(&noted, count, over, &text, &place)
        },
    );
    let noted = Arc::clone(run);
    environment.add_function("__spread", move |count: usize, value: Value| {
        spread(&noted, count, value)
    });
    let noted = Arc::clone(run);
    environment.add_function("__returning", move |inner: Value| {
        super::dbt::returning(&noted, inner)
    });
    let noted = Arc::clone(run);
    environment.add_function("__attribute", move |value: Value, name: String| {
        python::attribute(&noted, &value, &name)
    });
    let noted = Arc::clone(run);
    environment.add_function("__item", move |state: &State, value: Value, key: Value| {
        sizes::charge_lookup(state, &value, std::slice::from_ref(&key))?;
        python::item(&noted, &value, &key)
    });
    let noted = Arc::clone(run);
    environment.add_function("__passed", move |value: Value| match value.is_undefined() {
        true => {
            let why = "an undefined value is passed".to_owned();
            Unknown::because(&noted, "an undefined value".to_owned(), Some(why))
        }
        false => value,
    });
    environment.add_function("__sliced", python::sliced);
    environment.add_function("__box", minijinja::functions::namespace);
    environment.add_function("__sized", |state: &State, value: Value| {
        if matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable) {
            super::mutable::charge_fuel(state, value.len().unwrap_or(0))?;
        }
        Ok::<_, Error>(value)
    });
    environment.add_function("__paid", sizes::paid);
    environment.add_function("__effect", |_: Value| Value::from(""));
    environment.add_function("__list", |state: &State, items: Value| {
        List::value(state, &items)
    });
    let noted = Arc::clone(run);
    environment.add_function("__used", move |state: &State| {
        noted.note_fuel(state);
        Value::from("")
    });
    environment.add_function("__dict", |state: &State, map: Value| {
        Dict::value(state, &map)
    });
    environment.add_function("__template", |index: usize, name: Value, isolated: bool| {
        super::loader::called(index, &name, isolated)
    });
    let noted = Arc::clone(run);
    environment.add_function("__absent", move |name: String| {
        let given = noted.settings.variables.contains_key(&name);
        let why = given.then(|| "a template without context has no variables".to_owned());
        Unknown::because(&noted, name, why)
    });
}

/// Whether a text has a character of a mark that none of its inputs has.
fn makes_mark(made: &Value, of: &[Value]) -> bool {
    let has = |value: &Value| value.to_string().contains([OPEN, CLOSE]);
    made.as_str()
        .is_some_and(|made| made.contains([OPEN, CLOSE]))
        && !of.iter().any(has)
}

/// Reduces a condition to an unknown value if its text has nothing but marks.
fn condition(run: &Arc<Run>, value: Value) -> Value {
    let Some(text) = value.as_str().filter(|text| text.contains(OPEN)) else {
        return value;
    };
    let known = super::place::without_marks(text);
    match run.unknown_in(text) {
        Some(_) if known.trim().is_empty() => Unknown::value(run, run.readable(text.trim())),
        Some(_) | None => value,
    }
}

fn compare(
    run: &Arc<Run>,
    state: &mut State,
    left: &Value,
    operator: &str,
    right: &Value,
) -> Result<Value, Error> {
    let unknown = || {
        let left = describe(run, left);
        let right = describe(run, right);
        Ok(Unknown::value(run, format!("{left} {operator} {right}")))
    };
    sizes::charge_traversal(state, 1, [left, right])?;
    if has_unknown(run, left) || has_unknown(run, right) {
        return unknown();
    }
    let (test, negated) = match operator {
        "not in" => ("in", true),
        other => (other, false),
    };
    // An undefined value equals only another undefined value.
    if left.is_undefined() || right.is_undefined() {
        let equal = left.is_undefined() && right.is_undefined();
        return Ok(Value::from(match operator {
            "==" => equal,
            "!=" => !equal,
            _ => {
                return Err(Error::new(
                    ErrorKind::UndefinedError,
                    "an undefined value is compared",
                ));
            }
        }));
    }
    match state.perform_test(test, &[left.clone(), right.clone()]) {
        Ok(holds) => Ok(Value::from(holds != negated)),
        Err(error) if error.kind() == ErrorKind::OutOfFuel => Err(error),
        Err(_) => unknown(),
    }
}

/// Returns what a loop iterates over; an unknown value gives one item of `count`
/// parts.
fn iterate(
    run: &Arc<Run>,
    count: usize,
    over: Value,
    text: &str,
    place: &(String, usize),
) -> Result<Value, Error> {
    if let Some(unknown) = over.downcast_object_ref::<Unknown>() {
        run.iterate(place, unknown.mark());
        let element = Unknown::value(run, format!("{}[]", unknown.text));
        return Ok(Value::from(vec![spread(run, count, element)]));
    }
    if over.is_undefined() {
        return Err(Error::new(
            ErrorKind::UndefinedError,
            format!("`{text}` is undefined"),
        ));
    }
    if let Some(marked) = over.as_str().and_then(|marked| run.unknown_in(marked)) {
        return iterate(run, count, Unknown::value(run, marked), text, place);
    }
    let over = match over.downcast_object_ref::<Lazy>() {
        Some(lazy) => Value::from(lazy.read()),
        None => over,
    };
    if count == 1 {
        return Ok(over);
    }
    let mut items = Vec::new();
    for item in over.try_iter()? {
        items.push(spread(run, count, item));
    }
    Ok(Value::from(items))
}

/// Splits an unknown value into `count` unknown parts; other values stay.
fn spread(run: &Arc<Run>, count: usize, value: Value) -> Value {
    match value.downcast_object_ref::<Unknown>() {
        Some(unknown) if count > 1 => (0..count)
            .map(|at| Unknown::value(run, format!("{}[{at}]", unknown.text)))
            .collect::<Vec<_>>()
            .into(),
        Some(_) | None => value,
    }
}

fn filter(run: &Arc<Run>, state: &mut State, name: &str, args: &[Value]) -> Result<Value, Error> {
    run.note_fuel(state);
    // Each item is compared with others.
    let times = match name {
        "unique" | "sort" | "dictsort" | "groupby" => 32,
        "min" | "max" => 4,
        _ => 1,
    };
    // Each character of a text is an item of its own.
    let apart = times > 1
        && args
            .first()
            .is_some_and(|subject| subject.as_str().is_some());
    sizes::charge_traversal(state, if apart { 4 * times } else { times }, args)?;
    let (subject, others) = match args.split_first() {
        Some((subject, others)) => (subject, others),
        None => return Err(Error::from(ErrorKind::MissingArgument)),
    };
    let direct = subject.downcast_object_ref::<Unknown>();
    // `default` applies if no setting gives the value.
    if let (Some(unknown), "default" | "d", Some(default)) = (direct, name, others.first())
        && unknown.why.is_none()
        && !unknown.text.contains(['(', '['])
    {
        return Ok(match unknown.default {
            None => run.assume(&unknown.text, default),
            // The value has a default already.
            Some(_) => subject.clone(),
        });
    }
    let unknown = || {
        let mut text = format!("{} | {}", describe(run, subject), name.replace("__", "."));
        if !others.is_empty() {
            let others: Vec<String> = others.iter().map(|other| describe(run, other)).collect();
            text = format!("{text}({})", others.join(", "));
        }
        text
    };
    if let Some(default) = direct.and_then(|direct| direct.default.clone())
        && name != "attr"
        && !others.iter().any(|other| has_unknown(run, other))
        && run.settings.variable(&unknown()).is_none()
    {
        let mut of_default = vec![default];
        of_default.extend_from_slice(others);
        let made = filter(run, state, name, &of_default)?;
        return Ok(Unknown::with_default(run, unknown(), made));
    }
    let marked = subject.as_str().filter(|text| text.contains(OPEN));
    let apart = |text: &str| {
        APART.contains(&name) && run.unknown_in(text).is_some()
            || CHANGING.contains(&name) && run.has_table(text)
    };
    let opaque = marked.is_some_and(apart)
        || args.iter().any(|arg| has_unknown(run, arg)) && !TRANSPARENT.contains(&name);
    // An attribute of an unknown value: a call of it is still a call of that value.
    if let (Some(unknown), "attr", Some(name)) = (direct, name, others.first())
        && let Some(name) = name.as_str()
    {
        return subject
            .get_item(&Value::from(name))
            .map(|found| match unknown.bound {
                true => found,
                false => Unknown::value(run, describe(run, &found)),
            });
    }
    if python::differs(name, subject, others) {
        return Ok(Unknown::because(
            run,
            unknown(),
            Some(format!("`{name}` formats this differently from Python")),
        ));
    }
    let without_length = matches!(name, "last" | "length" | "count");
    let lazy = subject.downcast_object_ref::<Lazy>().is_some() && without_length;
    if direct.is_some() || opaque || lazy || python::reads_unknown(run, name, args) {
        let why = direct.and_then(|unknown| unknown.why.clone());
        return Ok(match why {
            None => Unknown::value(run, unknown()),
            Some(why) => Unknown::because(run, unknown(), Some(why)),
        });
    }
    let own = (name == "map").then(|| attributes::mapped(run, args));
    let applied = match own.flatten() {
        Some(mapped) => mapped,
        // MiniJinja's own filters may treat named arguments differently from Jinja.
        None if args.iter().any(Value::is_kwargs) && !attributes::is_own(name) => {
            let message = "its named arguments are not supported";
            Err(Error::new(ErrorKind::TooManyArguments, message))
        }
        None => state.apply_filter(name, args),
    };
    match applied {
        Ok(value) if makes_mark(&value, args) => Ok(Unknown::because(
            run,
            unknown(),
            Some("it creates a character that Unicode reserves for programs".to_owned()),
        )),
        Ok(value) => lazy::given(run, name, value),
        Err(error) if error.kind() == ErrorKind::OutOfFuel => Err(error),
        Err(error) if error.kind() == ErrorKind::UnknownFilter => {
            let text = unknown();
            match run.given(&text) {
                Some(given) => Ok(given),
                None => {
                    let why = format!("unknown filter `{}`", name.replace("__", "."));
                    Ok(Unknown::because(run, text, Some(why)))
                }
            }
        }
        Err(error) => Ok(Unknown::because(run, unknown(), Some(reason(&error)))),
    }
}

fn test(run: &Arc<Run>, state: &mut State, name: &str, args: &[Value]) -> Result<bool, Error> {
    sizes::charge_traversal(state, 1, args)?;
    let open = |run: &Arc<Run>| {
        let mut text = format!(
            "{} is {}",
            args.first()
                .map(|subject| describe(run, subject))
                .unwrap_or_default(),
            name.replace("__", ".")
        );
        if args.len() > 1 {
            let others: Vec<String> = args[1..].iter().map(|arg| describe(run, arg)).collect();
            text = format!("{text}({})", others.join(", "));
        }
        Unknown::value(run, text).is_true()
    };
    if args.iter().any(|arg| has_unknown(run, arg)) {
        return Ok(open(run));
    }
    match state.perform_test(name, args) {
        Ok(holds) => Ok(holds),
        Err(error) if error.kind() == ErrorKind::OutOfFuel => Err(error),
        Err(_) => Ok(open(run)),
    }
}

fn method_of(
    run: &Arc<Run>,
    state: &mut State,
    value: &Value,
    method: &str,
    args: &[Value],
) -> Result<Value, Error> {
    let unknown = || {
        let function = format!("{}.{method}", describe(run, value));
        super::unknown::call_text(run, &function, args)
    };
    run.note_fuel(state);
    match value.as_str() {
        Some(text) => sizes::charge_fuel(state, text, method, args)?,
        None => {
            sizes::charge_traversal(state, 1, args.iter().chain([value]))?;
            sizes::charge_lookup(state, value, args)?;
        }
    }
    let marked = value
        .as_str()
        .is_some_and(|text| run.unknown_in(text).is_some());
    let changing =
        CHANGING.contains(&method) && value.as_str().is_some_and(|text| run.has_table(text));
    if marked && (changing || !TRANSPARENT_METHODS.contains(&method)) {
        return Ok(Unknown::value(run, unknown()));
    }
    if python::differs(method, value, args) {
        let why = format!("`{method}` interprets this differently from Python");
        return Ok(Unknown::because(run, unknown(), Some(why)));
    }
    match pycompat::unknown_method_callback(state, value, method, args) {
        Ok(made) if makes_mark(&made, args) && !makes_mark(value, &[]) => Ok(Unknown::because(
            run,
            unknown(),
            Some("it creates a character that Unicode reserves for programs".to_owned()),
        )),
        Ok(value) => Ok(value),
        Err(error) if error.kind() == ErrorKind::OutOfFuel => Err(error),
        // A lost change would make the rest wrong without a report.
        Err(error) if PythonType::of(value).is_container() => {
            let said = format!("`{method}` of a list or dictionary: {}", reason(&error));
            Err(lost_change(&said))
        }
        Err(error) if matches!(value.kind(), ValueKind::Seq | ValueKind::Map) => Err(error),
        Err(error) => {
            let why = match error.kind() {
                ErrorKind::UnknownMethod => format!("unknown method `{method}`"),
                _ => reason(&error),
            };
            Ok(Unknown::because(run, unknown(), Some(why)))
        }
    }
}

/// Returns the message of an error.
pub(super) fn reason(error: &Error) -> String {
    match error.detail() {
        Some(detail) => detail.to_owned(),
        None => error.kind().to_string(),
    }
}

/// Splits the arguments of a call into positional and named ones.
pub(super) fn arguments(args: &[Value]) -> (Vec<Value>, Option<Kwargs>) {
    match args.split_last() {
        Some((last, rest)) if last.is_kwargs() => {
            (rest.to_vec(), Kwargs::try_from(last.clone()).ok())
        }
        Some(_) | None => (args.to_vec(), None),
    }
}
