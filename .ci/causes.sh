# A repository, and each way in which a change of one file reaches a dataset whose
# own file may be as it was. `.ci/hook` and `.ci/action` source this.

review='data_reviews = ["https://bugzilla.mozilla.org/show_bug.cgi?id=1"]'
having='HAVING COUNT(DISTINCT client_id) >= 5000'
buyers='SELECT district, COUNT(DISTINCT client_id) AS buyers FROM shop.raw.purchases GROUP BY district'
public='labels:\n  public_json: true\n'

# The registry; the category of `district` is given.
registry() {
  cat <<TOML
schema_version = 1
[units.client]
person = true
[[column]]
name = "client_id"
role = "identifier"
unit = "client"
category = 1
$review
[[column]]
name = "district"
role = "dimension"
category = $1
$review
TOML
}

# A query of the table of that name.
table() {
  mkdir -p "sql/shop/d/$1"
  echo "$2" > "sql/shop/d/$1/query.sql"
}

# All of it is fine, but `debt`, which nothing touches.
repository() {
  printf '[project]\nlayout = "bigquery-etl"\n' > headcount.toml
  registry 1 > dimension-registry.toml
  echo notes > README.md
  table large "$buyers $having"
  table reads "SELECT district, buyers FROM shop.d.large"
  table debt "SELECT client_id FROM shop.raw.purchases"
  printf "$public" > sql/shop/d/debt/metadata.yaml
  mkdir -p sql/shop/f/enough parts
  echo "CREATE FUNCTION f.enough(n INT64) AS (n >= 5000);" > sql/shop/f/enough/udf.sql
  table calls "$buyers HAVING f.enough(COUNT(DISTINCT client_id))"
  local ending
  for ending in .j2 .jinja .txt .sql.tmpl .sql ''; do
    echo "$having" > "parts/having$ending"
    table "includes${ending//./_}" "$buyers {% include \"parts/having$ending\" %}"
  done
  printf 'exclude = ["parts/"]\n' | cat - headcount.toml > all && mv all headcount.toml
  # A file name that is no UTF-8.
  mkdir -p notes
  echo "$buyers $having" > "$(printf 'notes/q\xff.sql')"
}

# Each cause: its name, the dataset that it reaches, and the change.
causes=(
  "changed|reads|table large '$buyers'"
  "deleted|reads|rm sql/shop/d/large/query.sql"
  "moved|reads|mv sql/shop/d/large sql/shop/d/larger"
  "not understood any more|reads|echo 'SELECT (' > sql/shop/d/large/query.sql"
  "written by one more|reads|echo 'SELECT district, 1 AS buyers FROM shop.raw.purchases' > sql/shop/d/large/init.sql"
  "metadata deleted|debt|rm sql/shop/d/debt/metadata.yaml"
  "function changed|calls|echo 'CREATE FUNCTION f.enough(n INT64) AS (n >= 5);' > sql/shop/f/enough/udf.sql"
  "function deleted|calls|rm -r sql/shop/f/enough"
  "registry changed|reads|registry 3 > dimension-registry.toml"
  "registry deleted|reads|rm dimension-registry.toml"
  "configuration changed|reads|printf '[project]\nlayout = \"plain\"\n' > headcount.toml"
  "configuration deleted|reads|rm headcount.toml"
  "attributes of git changed|debt|echo '*.sql eol=crlf' > .gitattributes"
  "name of other bytes|HC10|echo '$buyers' > \$(printf 'notes/q\xff.sql')"
  "name with dashes|HC201|echo 'SELECT client_id FROM shop.raw.purchases' > ./--fix.sql"
)
for ending in .j2 .jinja .txt .sql.tmpl .sql ''; do
  causes+=(
    "included template changed: $ending|includes${ending//./_}|echo > 'parts/having$ending'"
    "included template deleted: $ending|includes${ending//./_}|rm 'parts/having$ending'"
  )
done

# Whether a cause reaches `debt`: of what a registry or a configuration says, all may
# be told anew.
reaches_debt() {
  case "$1" in
    metadata* | registry* | configuration* | attributes*) return 0 ;;
    *) return 1 ;;
  esac
}

# Changes that reach nothing.
quiet=(
  "notes|echo more > README.md"
  "a comment in a function|echo '-- it is enough' >> sql/shop/f/enough/udf.sql"
  "a dataset without people|table days \"SELECT day FROM UNNEST(GENERATE_DATE_ARRAY('2026-01-01', '2026-01-31')) AS day\""
  "an upstream table keeps its threshold|table large '$buyers HAVING COUNT(DISTINCT client_id) >= 6000'"
)
