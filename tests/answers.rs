//! The policy's four questions: columns that are only compared or counted are
//! included, and an unknown answer is never "no".

use headcount::assessment::FileAssessment;
use headcount::policy::{Answer, QuestionId};
use headcount::registry::Registry;
use headcount::source::SourceText;
use headcount::source::template::TemplateSettings;
use headcount::workspace::assess_text;

const REGISTRY: &str = r#"
schema_version = 1
[policy]
min_bucket = 5000
[units.rider]
person = true
[[column]]
name = "rider_id"
role = "identifier"
unit = "rider"
category = 4
data_reviews = ["https://example.org/review/1"]
[[column]]
name = "line"
aliases = ["stop", "fare_zone"]
role = "dimension"
category = 1
data_reviews = ["https://example.org/review/1"]
[[column]]
name = "day"
role = "dimension"
category = 1
resolution = "day"
origin = "pipeline"
[[column]]
name = "destination"
role = "dimension"
category = 3
data_reviews = ["https://example.org/review/1"]
[[column]]
name = "voucher"
role = "dimension"
category = 2
[[column]]
name = "remark"
role = "dimension"
data_reviews = ["https://example.org/review/1"]
[[column]]
name = "rides"
role = "metric"
category = 2
data_reviews = ["https://example.org/review/1"]
[[column]]
name = "searches"
role = "metric"
category = 3
data_reviews = ["https://example.org/review/1"]
[[column]]
name = "paid"
role = "metric"
category = 2
sensitive = "revenue"
data_reviews = ["https://example.org/review/1"]
[[column]]
name = "delay"
role = "metric"
data_reviews = ["https://example.org/review/1"]
[[column]]
name = "legs"
role = "dimension"
category = 1
data_reviews = ["https://example.org/review/1"]
[[table]]
name = "transit.daily"
unit_column = "rider_id"
keys = [["rider_id", "day"]]
[[table]]
name = "transit.taps"
unit_column = "rider_id"
data_reviews = ["https://example.org/review/2"]
[[table]]
name = "transit.complaints"
unit_column = "rider_id"
[[table]]
name = "transit.lines"
personal = false
"#;

/// Queries with their answers to questions 2, 3 and 4: `n`o, `y`es, `u`nknown.
///
/// `{N}` stands for the threshold.
const CASES: &[(&str, &[(&str, &str)])] = &[
    (
        "what is published alone",
        &[
            (
                "SELECT line, COUNT(DISTINCT rider_id) AS n FROM transit.daily GROUP BY line {N}",
                "nnn",
            ),
            (
                "SELECT day, SUM(rides) AS n FROM transit.daily GROUP BY day {N}",
                "nnn",
            ),
            (
                "SELECT destination FROM transit.daily GROUP BY destination {N}",
                "yyn",
            ),
            (
                "SELECT line, SUM(searches) AS n FROM transit.daily GROUP BY line {N}",
                "nyn",
            ),
            (
                "SELECT line, SUM(paid) AS n FROM transit.daily GROUP BY line {N}",
                "nyn",
            ),
            (
                "SELECT line, SUM(delay) AS n FROM transit.daily GROUP BY line {N}",
                "uun",
            ),
            (
                "SELECT remark FROM transit.daily GROUP BY remark {N}",
                "uun",
            ),
            (
                "SELECT line, SUM(weight) AS n FROM transit.daily GROUP BY line {N}",
                "uuu",
            ),
        ],
    ),
    (
        "a condition is included",
        &[
            (
                "SELECT CASE WHEN destination LIKE '%clinic%' THEN 'a' ELSE 'b' END AS l FROM transit.daily GROUP BY l {N}",
                "yyn",
            ),
            (
                "SELECT CASE WHEN destination LIKE '%clinic%' THEN 'a' ELSE line END AS l FROM transit.daily GROUP BY l {N}",
                "yyn",
            ),
            (
                "SELECT CASE destination WHEN 'x' THEN line ELSE stop END AS l FROM transit.daily GROUP BY l {N}",
                "yyn",
            ),
            (
                "SELECT [line, stop][OFFSET(IF(destination = 'x', 0, 1))] AS l FROM transit.daily GROUP BY l {N}",
                "yyn",
            ),
            (
                "SELECT [line, stop][SAFE_ORDINAL(LENGTH(voucher))] AS l FROM transit.daily GROUP BY l {N}",
                "nny",
            ),
            (
                "SELECT IF(unheard_of = 1, line, stop) AS l FROM transit.daily GROUP BY l {N}",
                "uuu",
            ),
            (
                "SELECT COALESCE(IF(paid > 5, line, NULL), stop) AS l FROM transit.daily GROUP BY l {N}",
                "nyn",
            ),
            (
                "SELECT NULLIF(line, voucher) AS l FROM transit.daily GROUP BY l {N}",
                "nny",
            ),
            (
                "SELECT line, SUM(IF(destination = 'x', rides, 0)) AS n FROM transit.daily GROUP BY line {N}",
                "yyn",
            ),
            (
                "SELECT line, COUNTIF(voucher = 'x') AS n FROM transit.daily GROUP BY line {N}",
                "nny",
            ),
            (
                "SELECT line, COUNT(DISTINCT IF(delay > 3, rider_id, NULL)) AS n FROM transit.daily GROUP BY line {N}",
                "uun",
            ),
            (
                "SELECT line, IF(SUM(paid) > 100, 'rich', 'poor') AS r FROM transit.daily GROUP BY line {N}",
                "nyn",
            ),
            (
                "SELECT l FROM (SELECT rider_id, IF(destination = 'x', line, stop) AS l FROM transit.daily) GROUP BY l {N}",
                "yyn",
            ),
            (
                "SELECT line FROM (SELECT rider_id, line, IF(destination = 'x', 1, 2) AS o FROM transit.daily) GROUP BY line, o {N}",
                "yyn",
            ),
            (
                "SELECT x, c_a FROM (SELECT line AS x, voucher, rides, rider_id FROM transit.daily) PIVOT(COUNT(DISTINCT rider_id) AS c FOR voucher IN ('v' AS a)) WHERE c_a >= 5000",
                "nny",
            ),
        ],
    ),
    (
        "a filter is included",
        &[
            (
                "SELECT line FROM transit.daily WHERE voucher = 'x' GROUP BY line {N}",
                "nny",
            ),
            (
                "SELECT line FROM transit.daily WHERE destination IN ('x', 'y') GROUP BY line {N}",
                "yyn",
            ),
            (
                "SELECT line FROM (SELECT line, rider_id FROM transit.daily) WHERE nowhere > 3 GROUP BY line {N}",
                "uuu",
            ),
            (
                "SELECT line, COUNTIF(nowhere) AS n FROM (SELECT line, rider_id FROM transit.daily) GROUP BY line {N}",
                "uuu",
            ),
            (
                "SELECT line FROM transit.daily WHERE unheard_of GROUP BY line {N}",
                "uuu",
            ),
            (
                "WITH some AS (SELECT * FROM transit.daily WHERE paid > 3) SELECT line FROM some GROUP BY line {N}",
                "nyn",
            ),
            (
                "SELECT d.line FROM transit.daily AS d JOIN transit.lines AS l ON d.destination = l.name GROUP BY d.line {N}",
                "yyn",
            ),
            (
                "SELECT d.line FROM transit.daily AS d JOIN transit.lines USING (voucher) GROUP BY d.line {N}",
                "nny",
            ),
            (
                "SELECT d.line FROM transit.daily AS d LEFT JOIN transit.lines AS l ON d.voucher = l.name GROUP BY d.line {N}",
                "nny",
            ),
            (
                "SELECT line FROM transit.daily, UNNEST(unheard_of) AS o GROUP BY line {N}",
                "uuu",
            ),
            (
                "SELECT line FROM transit.daily, UNNEST(IF(voucher = 'x', [1, 2], [1])) AS o GROUP BY line {N}",
                "nny",
            ),
            (
                "SELECT line FROM transit.daily QUALIFY RANK() OVER (PARTITION BY rider_id ORDER BY voucher) = 1 LIMIT 0",
                "nny",
            ),
        ],
    ),
    (
        "what tells nothing of anybody stays aside",
        &[
            (
                "SELECT line FROM transit.daily WHERE rider_id IS NOT NULL AND rider_id != 'none' GROUP BY line {N}",
                "nnn",
            ),
            (
                "SELECT line FROM transit.daily WHERE rider_id NOT IN ('', 'none') GROUP BY line {N}",
                "nnn",
            ),
            (
                "SELECT line FROM transit.daily WHERE MOD(ABS(FARM_FINGERPRINT(rider_id)), 100) = 7 GROUP BY line {N}",
                "nnn",
            ),
            (
                "SELECT a.line FROM transit.daily AS a JOIN transit.daily AS b ON a.rider_id = b.rider_id GROUP BY a.line HAVING COUNT(DISTINCT a.rider_id) >= 5000",
                "nnn",
            ),
            (
                "SELECT line FROM (SELECT line, rider_id FROM transit.daily QUALIFY ROW_NUMBER() OVER (PARTITION BY rider_id ORDER BY day) = 1) GROUP BY line {N}",
                "nnn",
            ),
            (
                "SELECT line, RANK() OVER (ORDER BY COUNT(DISTINCT rider_id) DESC) AS place FROM transit.daily GROUP BY line {N}",
                "nnn",
            ),
            (
                "SELECT d.line, SUM(l.stops) AS n FROM transit.daily AS d JOIN transit.lines AS l ON d.line = l.line GROUP BY d.line HAVING COUNT(DISTINCT d.rider_id) >= 5000",
                "nnn",
            ),
            (
                "SELECT line FROM transit.daily, UNNEST(legs) AS leg WHERE leg.stop = 'x' GROUP BY line {N}",
                "nnn",
            ),
            (
                "SELECT line FROM (SELECT a.line, a.rider_id, CASE WHEN b.rider_id IS NULL THEN TRUE ELSE FALSE END AS outside FROM transit.daily AS a LEFT JOIN transit.daily AS b ON a.rider_id = b.rider_id) WHERE outside GROUP BY line {N}",
                "nnn",
            ),
            (
                "WITH d AS (SELECT rider_id, line, ARRAY(SELECT AS STRUCT leg.stop FROM UNNEST(legs) AS leg WHERE leg.destination = 'x') AS some FROM transit.daily) SELECT line FROM d GROUP BY line {N}",
                "nnn",
            ),
            (
                "SELECT d.line FROM transit.daily AS d JOIN transit.other AS o ON d.rider_id = o.holder GROUP BY d.line HAVING COUNT(DISTINCT d.rider_id) >= 5000",
                "nnn",
            ),
        ],
    ),
    (
        "a field has its own entry, however many tables its record comes from",
        &[
            (
                "SELECT trip.destination AS d FROM (SELECT trip, rider_id FROM transit.daily UNION ALL SELECT trip, rider_id FROM transit.daily) GROUP BY d {N}",
                "yyn",
            ),
            (
                "SELECT trip.voucher AS d FROM (SELECT trip, rider_id FROM transit.daily UNION ALL SELECT trip, rider_id FROM transit.taps) GROUP BY d {N}",
                "nny",
            ),
            (
                "SELECT leg.unheard_of AS d FROM (SELECT parts, rider_id FROM transit.daily UNION ALL SELECT parts, rider_id FROM transit.daily), UNNEST(parts) AS leg GROUP BY d {N}",
                "uuu",
            ),
            (
                "CREATE TEMP FUNCTION f(row ANY TYPE) AS (STRUCT(row.line AS line, row.voucher AS voucher)); SELECT line FROM (SELECT rider_id, f(d).* FROM transit.daily AS d) GROUP BY line {N}",
                "nnn",
            ),
            (
                "CREATE TEMP FUNCTION f(row ANY TYPE) AS (STRUCT(row.line AS line, row.voucher AS voucher)); SELECT voucher FROM (SELECT rider_id, f(d).* FROM transit.daily AS d) GROUP BY voucher {N}",
                "nny",
            ),
            (
                "SELECT line FROM (SELECT * FROM transit.daily UNION ALL SELECT * FROM transit.daily) WHERE trip.destination = 'x' GROUP BY line {N}",
                "yyn",
            ),
        ],
    ),
    (
        "nothing that a column is known for is lost on its way",
        &[
            (
                "SELECT line FROM transit.daily AS d WHERE EXISTS (SELECT 1 FROM transit.lines AS l WHERE l.name = d.destination) GROUP BY line {N}",
                "yyn",
            ),
            (
                "SELECT line, (SELECT MAX(l.name) FROM transit.lines AS l WHERE l.name = d.destination) AS m FROM transit.daily AS d GROUP BY line, m {N}",
                "yyn",
            ),
            (
                "SELECT IFNULL(trip, ride).destination AS x FROM transit.daily GROUP BY x {N}",
                "yyu",
            ),
            (
                "SELECT line FROM transit.daily WHERE ARRAY_LENGTH(ARRAY_FILTER(legs, e -> e.destination = 'x')) > 0 GROUP BY line {N}",
                "yyn",
            ),
            (
                "SELECT line FROM (SELECT rider_id, line, destination LIKE 'x%' AS d FROM transit.daily INTERSECT DISTINCT SELECT rider_id, line, TRUE FROM transit.daily) GROUP BY line {N}",
                "yyn",
            ),
            (
                "SELECT line, MAX(n) AS n FROM (SELECT line, destination, COUNT(DISTINCT rider_id) AS n FROM transit.daily GROUP BY line, destination {N}) GROUP BY line",
                "yyn",
            ),
            (
                "SELECT line, SUM(n) AS n FROM (SELECT line, destination, SUM(rides) AS n FROM transit.daily GROUP BY line, destination {N}) GROUP BY line",
                "nnn",
            ),
            (
                "SELECT line, COUNT(DISTINCT rider_id) AS n FROM transit.daily GROUP BY line {N} ORDER BY SUM(paid) DESC LIMIT 10",
                "nyn",
            ),
            (
                "SELECT line, COUNT(DISTINCT rider_id) AS n FROM transit.daily GROUP BY line {N} ORDER BY n DESC LIMIT 10",
                "nnn",
            ),
            (
                "SELECT JSON_VALUE(JSON_SET(legs, '$.a', 1), '$.destination') AS x FROM transit.daily GROUP BY x {N}",
                "yyn",
            ),
            (
                "SELECT line FROM transit.daily WHERE IF(destination = 'x', rider_id, NULL) IS NOT NULL GROUP BY line {N}",
                "yyn",
            ),
            (
                "SELECT line FROM transit.daily WHERE IF(destination = 'x', rider_id, '') != '' GROUP BY line {N}",
                "yyn",
            ),
            (
                "SELECT r FROM (SELECT rider_id, MAX(destination) AS r FROM transit.daily GROUP BY rider_id) GROUP BY r {N}",
                "yyn",
            ),
            (
                "SELECT line FROM transit.daily AS d WHERE CONTAINS_SUBSTR(TO_JSON_STRING(d), 'x') GROUP BY line {N}",
                "yyu",
            ),
        ],
    ),
    (
        "one person's mark is none",
        &[
            (
                "SELECT line FROM transit.daily WHERE rider_id = 'x' GROUP BY line {N}",
                "yyn",
            ),
            (
                "SELECT IF(rider_id IN ('x', 'y'), 'us', 'them') AS l FROM transit.daily GROUP BY l {N}",
                "yyn",
            ),
            (
                "SELECT line FROM transit.daily WHERE rider_id != voucher GROUP BY line {N}",
                "yyy",
            ),
        ],
    ),
    (
        "records that are counted are included",
        &[
            (
                "SELECT line, COUNT(*) AS n FROM transit.taps GROUP BY line {N}",
                "nnn",
            ),
            (
                "SELECT line, COUNT(*) AS n FROM transit.complaints GROUP BY line {N}",
                "nny",
            ),
            (
                "SELECT line, COUNT(1) / 2 AS n FROM transit.complaints GROUP BY line {N}",
                "nny",
            ),
            (
                "SELECT line, SUM(1) AS n FROM transit.complaints GROUP BY line {N}",
                "nny",
            ),
            (
                "SELECT line, COUNTIF(stop = 'x') AS n FROM transit.complaints GROUP BY line {N}",
                "nny",
            ),
            (
                "SELECT line, SUM(n) AS n FROM (SELECT line, rider_id, COUNT(*) AS n FROM transit.complaints GROUP BY 1, 2) GROUP BY line {N}",
                "nny",
            ),
            (
                "SELECT line, IF(COUNT(*) > 9000, 'many', 'few') AS n FROM transit.complaints GROUP BY line {N}",
                "nny",
            ),
            (
                "SELECT line, COUNT(*) AS n FROM transit.other GROUP BY line {N}",
                "nnu",
            ),
            (
                "SELECT t.line, COUNT(*) AS n FROM transit.taps AS t CROSS JOIN transit.complaints AS c GROUP BY t.line HAVING COUNT(DISTINCT t.rider_id) >= 5000",
                "nny",
            ),
            (
                "SELECT line, COUNT(*) AS n FROM (SELECT rider_id, line FROM transit.taps UNION ALL SELECT rider_id, line FROM transit.complaints) GROUP BY line {N}",
                "nny",
            ),
            (
                "SELECT line, COUNT(DISTINCT rider_id) AS n FROM transit.complaints GROUP BY line {N}",
                "nnn",
            ),
            (
                "SELECT line, COUNT(*) AS n FROM transit.daily GROUP BY line {N}",
                "nnn",
            ),
            (
                "SELECT line, COUNT(*) AS n FROM (SELECT DISTINCT line, destination FROM transit.daily WHERE line IN (SELECT line FROM transit.daily GROUP BY line {N})) GROUP BY line",
                "yyn",
            ),
        ],
    ),
    (
        "an identifier that is printed keeps its category",
        &[
            (
                "SELECT line, MAX(rider_id) AS l FROM transit.daily GROUP BY line {N}",
                "yyn",
            ),
            (
                "SELECT line, STRING_AGG(DISTINCT rider_id) AS l FROM transit.daily GROUP BY line {N}",
                "yyn",
            ),
            (
                "SELECT line, APPROX_COUNT_DISTINCT(rider_id) AS l FROM transit.daily GROUP BY line {N}",
                "nnn",
            ),
        ],
    ),
];

fn answers(assessment: &FileAssessment) -> String {
    let [dataset] = assessment.datasets.as_slice() else {
        panic!("{} datasets", assessment.datasets.len());
    };
    let letter = |id: QuestionId| {
        let question = dataset
            .decision
            .questions
            .iter()
            .find(|known| known.id == id);
        match question.map(|question| question.answer) {
            Some(Answer::No) => 'n',
            Some(Answer::Yes) => 'y',
            Some(Answer::Unknown) => 'u',
            None => '-',
        }
    };
    [
        QuestionId::Category3Or4Dimensions,
        QuestionId::SensitiveData,
        QuestionId::MissingDataReview,
    ]
    .map(letter)
    .iter()
    .collect()
}

#[test]
fn each_answer_is_that_of_the_policy() {
    let registry = Registry::parse(&SourceText::new("dimension-registry.toml", REGISTRY))
        .expect("the registry is valid");
    let mut wrong = Vec::new();
    for (kind, cases) in CASES {
        for (sql, expected) in *cases {
            let sql = sql.replace("{N}", "HAVING COUNT(DISTINCT rider_id) >= 5000");
            let text = SourceText::new("query.sql", sql.clone());
            let assessment = assess_text(text, &registry, &TemplateSettings::default());
            let found = answers(&assessment);
            if found != *expected {
                let because: Vec<&str> = assessment.datasets[0]
                    .decision
                    .questions
                    .iter()
                    .map(|question| question.because.as_str())
                    .collect();
                wrong.push(format!(
                    "{kind}: {found}, not {expected}: {sql}\n    {because:?}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Queries of unregistered columns in unregistered tables, with their level.
const NAMED: &[(&str, u8)] = &[
    ("SELECT patient_id, ward FROM clinic.stays", 6),
    (
        "SELECT TO_BASE64(SHA256(fullVisitorId)) AS v FROM site.sessions_2024",
        5,
    ),
    (
        "SELECT actor.login AS who, COUNT(*) AS n FROM forge.events GROUP BY who",
        6,
    ),
    (
        "SELECT ward, ANY_VALUE(guest_email) AS e FROM clinic.stays GROUP BY ward",
        6,
    ),
    (
        "SELECT ward, COUNT(DISTINCT patient_id) AS n FROM clinic.stays GROUP BY ward HAVING n >= 5000",
        3,
    ),
    ("SELECT ward, experiment_id FROM clinic.stays", 5),
    (
        "SELECT e.* FROM clinic.stays, UNNEST(visits) AS e WHERE e.patient_id != ''",
        6,
    ),
    (
        "SELECT k, COUNT(*) AS n FROM clinic.list AS l JOIN clinic.stays AS s ON l.k = s.patient_id GROUP BY k",
        6,
    ),
    ("SELECT UPPER(id) AS email FROM clinic.list", 6),
    (
        "SELECT ward, ANY_VALUE(raw).patient_id AS p FROM clinic.stays GROUP BY ward",
        6,
    ),
    (
        "SELECT ARRAY_TRANSFORM(visits, e -> e.patient_id) AS p FROM clinic.stays",
        6,
    ),
    (
        "SELECT (SELECT e FROM UNNEST(visits) AS e LIMIT 1).patient_id AS p FROM clinic.stays",
        6,
    ),
    (
        "WITH list AS (SELECT id AS patient_id, ward FROM clinic.list) SELECT ward, MAX(patient_id) AS p FROM list GROUP BY ward",
        6,
    ),
    (
        "SELECT id FROM (SELECT id, id AS patient_id FROM clinic.list)",
        6,
    ),
    (
        "SELECT raw FROM clinic.stays WHERE raw.patient_id IS NOT NULL",
        6,
    ),
    (
        "SELECT s.* FROM clinic.stays AS s JOIN clinic.list AS l ON s.raw.patient_id = l.id",
        6,
    ),
    (
        "SELECT raw.ward FROM clinic.stays WHERE raw.patient_id IS NOT NULL",
        5,
    ),
    (
        "SELECT info.patient_id AS p FROM (SELECT info FROM clinic.stays UNION ALL SELECT info FROM clinic.stays) GROUP BY p",
        6,
    ),
    (
        "SELECT user_type, COUNT(*) AS n FROM clinic.stays GROUP BY 1",
        3,
    ),
];

#[test]
fn a_name_may_tell_an_identifier() {
    for registry in [
        Registry::builtin(),
        &Registry::parse(&SourceText::new("dimension-registry.toml", REGISTRY))
            .expect("the registry is valid"),
    ] {
        for (sql, level) in NAMED {
            let text = SourceText::new("query.sql", *sql);
            let found = assess_text(text, registry, &TemplateSettings::default());
            let decision = &found.datasets[0].decision;
            assert_eq!(
                decision.level.map(|level| level.number()),
                Some(*level),
                "{sql}"
            );
            let said = decision
                .assumptions
                .iter()
                .any(|assumed| assumed.contains("because of its name"));
            assert_eq!(
                said,
                sql.contains("AS v") || *level == 6,
                "{sql}: {:?}",
                decision.assumptions
            );
            for finding in &found.datasets[0].findings {
                assert!(
                    !finding.help.contains("client_id"),
                    "{sql}: {}",
                    finding.help
                );
            }
        }
    }
}
