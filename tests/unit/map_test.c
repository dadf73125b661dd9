/* SPDX-License-Identifier: Apache-2.0 */
#include "model/map.h"
#include "tests/lib/tap.h"

#include <stdio.h>
#include <string.h>

#define MAP(format, more)                                                                          \
	"{\"schema\":\"map/1\",\"format\":\"" format "\",\"id\":\"{id}\",\"answer\":\"a\"" more "}"
#define KINDS ",\"kind\":\"k\""
#define SHAPES                                                                                     \
	",\"kind\":\"k\",\"lower\":\"l\",\"upper\":\"u\",\"abstain\":[\"N/A\",\"-\"],\"shapes\":[" \
	"{\"kind\":\"date\",\"pattern\":\"(?<month>[0-9]+)/(?<day>[0-9]+)/(?<year>[0-9]+)\"},"     \
	"{\"kind\":\"duration\",\"pattern\":\"(?:(?<weeks>[0-9]+)w)?(?:(?<days>[0-9]+)d)?\"},"     \
	"{\"pattern\":\"(?<value>-?[0-9.]+) (?<unit>[a-z/]+)\"},"                                  \
	"{\"pattern\":\"[+]?0*(?<value>[0-9]+)[.]?\"}]"

/* The digests of {} and of {"q":"?"}. */
#define EMPTY "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
#define Q "406a2696d5e54d7a7b2792a387528e52139fbd9a7ccfa7febc0f92fd7360c531"

static struct ew_err err;
static struct ew_arena arena;
static struct ew_hash *hash;
static struct ew_buf out; /* what told() and label_of() give, until the next of them */

static struct ew_map_file *
parse(const char *map)
{
	struct ew_map_file *m = NULL;

	ew_err_clear(&err);
	if (ew_map_file_parse(&m, ew_str(map), "m.json", &err) != EW_OK)
		return NULL;
	return m;
}

static bool
first_row(struct ew_row *row, const struct ew_table *t)
{
	struct ew_rows rows;
	bool more;

	ew_rows_init(&rows, t, NULL);
	return ew_rows_next(&rows, row, &more, &arena, &err) == EW_OK && more;
}

/*
 * The last row of `text` placed by `map` over what is stored, if anything: true, or
 * false with err set.
 */
static bool
place(struct ew_placed *to, const char *map, const char *text, const struct ew_placed *stored)
{
	static struct ew_map_file *m;
	static struct ew_table *t; /* both until the next call, for what is placed */
	struct ew_rows rows;
	struct ew_row row;
	bool more;

	ew_table_free(t);
	ew_map_file_free(m);
	t = NULL;
	m = parse(map);
	more = m && ew_table_open(&t, m, ew_str(text), "dir/t", &err) == EW_OK;
	memset(to, 0, sizeof *to);
	if (more)
		ew_rows_init(&rows, t, NULL);
	while (more && ew_rows_next(&rows, &row, &more, &arena, &err) == EW_OK && more) {
		if (ew_map_file_place(to, m, t, &row, stored ? &stored->label : NULL,
			    stored ? &stored->instance : NULL, &arena, hash, &err) != EW_OK)
			break;
	}
	return err.code == EW_OK;
}

/* The answer, or the state and reason, of a placed row; its error if it is none. */
static struct ew_str
told(const char *map, const char *text, const struct ew_placed *stored)
{
	struct ew_placed p;

	ew_buf_clear(&out);
	if (!place(&p, map, text, stored)) {
		ew_buf_adds(&out, err.msg);
	} else if (p.label.state == EW_COMPUTABLE) {
		ew_buf_addf(&out, "%s ", ew_kind_word(p.label.answer.kind));
		ew_answer_describe(&out, &p.label.answer, true);
	} else {
		ew_buf_addf(&out, "%s: %.*s", ew_state_word(p.label.state), EW_FMT(p.label.reason));
	}
	return ew_buf_str(&out);
}

static struct ew_str
label_of(const struct ew_placed *p)
{
	ew_buf_clear(&out);
	ew_label_write(&out, &p->label);
	return ew_buf_str(&out);
}

static void
refused_map(const char *map, const char *message)
{
	struct ew_map_file *m = parse(map);

	ok(!m && err.code == EW_REFUSED, "refused: %s", message);
	is_str(ew_str(err.msg), message, "its message");
	ew_map_file_free(m);
}

static void
maps(void)
{
	struct ew_map_file *m = parse(MAP("jsonl", ""));

	ok(m && ew_map_file_format(m)->lines && ew_map_file_format(m)->encoding == EW_UTF8,
		"JSON Lines");
	ew_map_file_free(m);
	m = parse(MAP("csv", ",\"delimiter\":\";\",\"quote\":\"'\",\"encoding\":\"latin-1\""));
	ok(m && !ew_map_file_format(m)->lines && ew_map_file_format(m)->encoding == EW_LATIN1,
		"CSV");
	ok(m && ew_map_file_format(m)->delimiter == ';' && ew_map_file_format(m)->quote == '\'',
		"its dialect");
	ew_map_file_free(m);
	m = parse(MAP("csv", ""));
	ok(m && ew_map_file_format(m)->delimiter == ',' && ew_map_file_format(m)->quote == '"',
		"the usual one");
	ew_map_file_free(m);
	ew_map_file_free(NULL);
}

static void
map_refusals(void)
{
	refused_map("{", "m.json: offset 1: ends where a member name in quotes is due; the input "
			 "is cut short");
	ok(!parse(MAP("csv", ",\"kinds\":\"k\"")) && strstr(err.msg, "kinds"),
		"an unknown member: %s", err.msg);
	ok(!parse("{\"schema\":\"map/2\",\"format\":\"csv\",\"id\":\"{id}\",\"answer\":\"a\"}"),
		"another version: %s", err.msg);
	ok(!parse("{\"schema\":\"map/1\",\"format\":\"csv\",\"answer\":\"a\"}"), "no id: %s",
		err.msg);
	ok(!parse(MAP("csv", ",\"readings\":\"r\"")), "readings in CSV: %s", err.msg);
	ok(!parse(MAP("csv", ",\"input\":\"r\"")), "a whole input in CSV: %s", err.msg);
	ok(!parse(MAP("jsonl", ",\"delimiter\":\";\"")), "a delimiter in JSON Lines: %s", err.msg);
	ok(!parse(MAP("jsonl", ",\"encoding\":\"latin-1\"")), "JSON Lines in Latin-1: %s", err.msg);
	ok(!parse(MAP("csv", ",\"kind\":{\"column\":\"a\",\"constant\":\"b\"}")),
		"column and constant: %s", err.msg);
	ok(!parse(MAP("csv", ",\"kind\":{\"constant\":\"b\",\"words\":{\"a\":\"b\"}}")),
		"words of a constant: %s", err.msg);
	refused_map(MAP("csv", ",\"delimiter\":\"\\n\""),
		"m.json: delimiter: must be one ASCII character that ends no line");
	refused_map(MAP("csv", ",\"quote\":\"\xc2\xab\""),
		"m.json: quote: must be one ASCII character that ends no line");
	refused_map(MAP("csv", ",\"delimiter\":\"\\\"\""),
		"m.json: delimiter and quote are both '\"'; choose two");
	refused_map(MAP("csv", ",\"optional\":[\"b\"]"),
		"m.json: optional: the map takes nothing from a column \"b\"; correct it");
	refused_map(MAP("csv", ",\"shapes\":[{\"pattern\":\"(?<value>x)\"},{\"pattern\":\"(\"}]"),
		"m.json: shapes/1: \"(\" is no regular expression: missing closing parenthesis at "
		"byte 1; "
		"see pcre2pattern(3)");
	refused_map(MAP("csv", ",\"shapes\":[{\"pattern\":\"(?<v>x)\"}]"),
		"m.json: shapes/0: a group named \"v\" means nothing; there are value, unit, year, "
		"month, "
		"day, weeks and days");
	refused_map(MAP("csv", ",\"shapes\":[{\"pattern\":\"x\"}]"),
		"m.json: shapes/0: the pattern must name the groups value, and may name unit");
	refused_map(
		MAP("csv", ",\"shapes\":[{\"kind\":\"date\",\"pattern\":\"(?<year>x)(?<day>x)\"}]"),
		"m.json: shapes/0: the pattern must name the groups year, month and day, or value, "
		"and may "
		"name unit");
	refused_map(MAP("csv", ",\"shapes\":[{\"kind\":\"duration\",\"pattern\":\"(?<unit>x)\"}]"),
		"m.json: shapes/0: the pattern must name the groups weeks or days, or value, and "
		"may name unit");
}

static void
ids(void)
{
	static const char brace[] =
		"m.json: id: a brace that opens or closes no column; write {COLUMN}, "
		"and {{ or }} for a brace itself";
	static const char *const bad[] = { "x}", "{id", "{}", "{id}}" };
	struct ew_placed p;
	char map[200];

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		snprintf(map, sizeof map,
			"{\"schema\":\"map/1\",\"format\":\"csv\",\"id\":\"%s\",\"answer\":\"a\"}",
			bad[i]);
		refused_map(map, brace);
	}
	refused_map("{\"schema\":\"map/1\",\"format\":\"csv\",\"id\":\"x\",\"answer\":\"a\"}",
		"m.json: id: names no column, so every row has the same; write {COLUMN}");
	ok(place(&p,
		   "{\"schema\":\"map/1\",\"format\":\"csv\",\"id\":\"{{{x}/{y "
		   "y}}}\",\"answer\":\"a\"}",
		   "x,y y,a\n 1 ,b,3\n", NULL),
		"a template: %s", err.msg);
	is_str(p.label.id, "{1/b}", "its columns trimmed, its braces");
	is_str(p.instance.id, "{1/b}", "the instance has it too");
	is_int(p.line, 2, "the line");
	is_str(told(MAP("csv", ""), "id,a\n ,1\n", NULL),
		"dir/t:2: column \"id\": is empty, but the id is made of it; fill it",
		"an empty part");
	is_str(told(MAP("csv", ""), "a\n1\n", NULL),
		"dir/t:1: no column \"id\"; correct its name in the map, or list it there as "
		"optional if it "
		"is; the columns are a",
		"a lacking part");
	ok(!place(&p, MAP("csv", ""), "id,a\n\"x\ty\",1\n", NULL) &&
			strncmp(err.msg, "dir/t:2: ", 9) == 0,
		"no id: %s", err.msg);
}

static void
id_possible(void)
{
	struct ew_map_file *m = parse(MAP("csv", ""));
	struct ew_table *t = NULL;
	struct ew_row row;
	struct ew_str id = EW_LIT("?");
	bool possible = true;

	ok(ew_table_open(&t, m, EW_LIT("a\n1\n"), "t", &err) == EW_OK &&
			first_row(&row, t),
		"a table without ids");
	ok(ew_map_file_id(&id, &possible, m, t, &row, &arena, &err) == EW_OK && !possible,
		"its ids are not possible, which is no error");
	ew_table_free(t);
	ew_map_file_free(m);
}

static void
numbers(void)
{
	static const char *const same[] = { "25.0", "-0.10", "1e-9", "8.549999999999999" };
	static const char *const not [] = { "+5", "05", ".5", "5.", "1,000", "0x1", "NaN" };
	char text[64], want[256];

	for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
		snprintf(text, sizeof text, "id,k,a\n1,decimal, %s \n", same[i]);
		snprintf(want, sizeof want, "decimal %s", same[i]);
		is_str(told(MAP("csv", KINDS), text, NULL), want, "%s keeps its text", same[i]);
	}
	for (size_t i = 0; i < sizeof not / sizeof not [0]; i++) {
		snprintf(text, sizeof text, "id,k,a\n1,decimal,\"%s\"\n", not [i]);
		snprintf(want, sizeof want,
			"dir/t:2: column \"a\": \"%s\" is no number; add a shape or an "
			"abstain spelling to the map",
			not [i]);
		is_str(told(MAP("csv", KINDS), text, NULL), want, "%s is no number", not [i]);
	}
	is_str(told(MAP("csv", KINDS), "id,k,a\n1,integer,3.5\n", NULL),
		"dir/t:2: column \"a\": \"3.5\" is no integer; add a shape or an abstain spelling "
		"to the map",
		"no integer");
	is_str(told(MAP("csv", KINDS), "id,k,a\n1,integer,3.0\n", NULL), "integer 3.0",
		"whole is integer");
	is_str(told(MAP("csv", KINDS), "id,k,a\n1,date,2014-02-30\n", NULL),
		"dir/t:2: column \"a\": \"2014-02-30\" is no date YYYY-MM-DD; add a shape or an "
		"abstain "
		"spelling to the map",
		"no date");
	is_str(told(MAP("csv", KINDS), "id,k,a\n1,duration,99\n", NULL),
		"dir/t:2: column \"a\": \"99\" is no duration like P2W3D; add a shape or an "
		"abstain spelling "
		"to the map",
		"no duration");
	is_str(told(MAP("csv", KINDS), "id,k,a\n1,\"decimal\",\"\"\n", NULL),
		"dir/t:2: column \"a\": is empty; give an answer, or list \"\" under abstain in "
		"the map if "
		"that means there is none",
		"an empty answer");
}

static void
kinds(void)
{
	static const char words[] = MAP("csv",
		",\"kind\":{\"column\":\"k\",\"words\":{\"num\":\"decimal\",\"mc\":\"choice\"}}");

	is_str(told(MAP("csv", KINDS), "id,k,a\n1,choice,B\n", NULL), "choice B",
		"a kind by its column");
	is_str(told(MAP("csv", KINDS), "id,k,a\n1,float,1\n", NULL),
		"dir/t:2: column \"k\": \"float\" is no kind; there are decimal, integer, date, "
		"duration, "
		"choice, set and text; add words to the map",
		"no kind");
	is_str(told(words, "id,k,a\n1, mc ,B\n", NULL), "choice B", "words");
	is_str(told(words, "id,k,a\n1,bool,B\n", NULL),
		"dir/t:2: column \"k\": \"bool\" is none of its words; add it to them in the map",
		"no word");
	is_str(told(MAP("csv", ",\"kind\":{\"constant\":\"text\"}"), "id,a\n1,5\n", NULL), "text 5",
		"a constant");
	is_str(told(MAP("csv", ",\"kind\":{\"constant\":\"txt\"}"), "id,a\n1,5\n", NULL),
		"dir/t:2: constant of the map: \"txt\" is no kind; there are decimal, integer, "
		"date, "
		"duration, choice, set and text; add words to the map",
		"a constant that is no kind");
	is_str(told(MAP("csv", KINDS), "id,k,a\n1,,5\n", NULL), "decimal 5",
		"a number without a kind");
	is_str(told(MAP("csv", ""), "id,a\n1,B\n", NULL),
		"dir/t:2: column \"a\": \"B\" has no kind; say its kind, a shape or an abstain "
		"spelling in "
		"the map",
		"a text without a kind");
}

static void
sets(void)
{
	is_str(told(MAP("csv", KINDS ",\"separator\":\"; \""), "id,k,a\n1,set,b; a; b; c \n", NULL),
		"set {a, b, c}", "split, sorted, each once");
	is_str(told(MAP("csv", KINDS), "id,k,a\n1,set,b; a\n", NULL), "set {b; a}", "no separator");
	ok(ew_str_starts(
		   told(MAP("csv", KINDS ",\"separator\":\",\""), "id,k,a\n1,set,\"a,,b\"\n", NULL),
		   "dir/t:2: "),
		"an empty member: %s", err.msg);
	is_str(told(MAP("jsonl", ""), "{\"id\":\"1\",\"a\":[\"x\", 2.50, true]}", NULL),
		"set {2.50, true, x}", "an array");
	is_str(told(MAP("jsonl", ""), "{\"id\":\"1\",\"a\":[null]}", NULL),
		"dir/t:1: column \"a\": [0] is no text, number, true or false", "null in it");
	is_str(told(MAP("jsonl", KINDS), "{\"id\":\"1\",\"k\":\"text\",\"a\":[\"x\"]}", NULL),
		"dir/t:1: column \"a\": is an array or object, and its kind is text; give a text",
		"an array of another kind");
	is_str(told(MAP("jsonl", KINDS), "{\"id\":\"1\",\"k\":\"set\",\"a\":{\"x\":1}}", NULL),
		"dir/t:1: column \"a\": is an object; give an array or a text", "an object");
}

static void
shapes(void)
{
	is_str(told(MAP("csv", SHAPES), "id,k,a,l,u\n1,date,9/03/2014,09/02/2014,09/04/2014\n",
		       NULL),
		"date 2014-09-03 [2014-09-02, 2014-09-04]", "a date and its limits");
	is_str(told(MAP("csv", SHAPES), "id,k,a,l,u\n1,date,02/30/2014,,\n", NULL),
		"dir/t:2: column \"a\": \"02/30/2014\" is no day of the calendar; correct it, or "
		"the shape "
		"in the map",
		"no such day");
	ok(ew_str_starts(told(MAP("csv", SHAPES), "id,k,a,l,u\n1,date,02/03/14,,\n", NULL),
		   "dir/t:2: column \"a\": \"02/03/14\" is no day"),
		"a year of two digits is no year");
	is_str(told(MAP("csv", SHAPES), "id,k,a,l,u\n1,integer,14w1d,2w,099d\n", NULL),
		"duration P14W1D [P2W, P99D]", "a shape's kind wins over the column's");
	is_str(told(MAP("csv", SHAPES), "id,k,a,l,u\n1,integer,1234567d,,\n", NULL),
		"dir/t:2: column \"a\": \"1234567\" is no number of at most six digits; correct "
		"it, or the "
		"shape in the map",
		"too many days");
	is_str(told(MAP("csv", SHAPES), "id,k,a,l,u\n1,,78.1 ml/hr,70 ml/hr,80\n", NULL),
		"decimal 78.1 ml/hr [70, 80]", "a unit in the value");
	is_str(told(MAP("csv", SHAPES), "id,k,a,l,u\n1,,78.1 ml/hr,70 l/hr,80\n", NULL),
		"dir/t:2: column \"l\": its unit is not that of the answer; make them one",
		"a limit in another");
	is_str(told(MAP("csv", SHAPES), "id,k,a,l,u\n1,integer,+007.,5,9\n", NULL),
		"integer 7 [5, 9]", "a shape picks the digits up");
	is_str(told(MAP("csv", ",\"unit\":\"x\",\"shapes\":[{\"pattern\":\"(?<value>.+) "
			       "(?<unit>.+)\"}]"),
		       "id,a,x\n1,5 g,kg\n", NULL),
		"decimal 5 g", "a shape's unit wins over the column's");
	is_str(told(MAP("csv", ",\"shapes\":[{\"pattern\":\"(?<value>5)\"},{\"pattern\":\"(?<value>"
			       ".).*\"}]"),
		       "id,a\n1,52\n", NULL),
		"decimal 5", "a shape matches all of the text");
	ok(ew_str_starts(
		   told(MAP("csv", ",\"shapes\":[{\"pattern\":\"(?<value>(?:a?){30}a{30})\"}]"),
			   "id,a\n1,aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\n", NULL),
		   "dir/t:2: a pattern takes too many steps"),
		"a pattern that would hang: %s", err.msg);
}

static void
limits(void)
{
	is_str(told(MAP("csv", SHAPES), "id,k,a,l,u\n1,decimal,5,,N/A\n", NULL), "decimal 5",
		"none");
	is_str(told(MAP("csv", SHAPES), "id,k,a,l,u\n1,integer,3,2.85,3.15\n", NULL),
		"integer 3 [2.85, 3.15]", "of an integer they are numbers");
	is_str(told(MAP("csv", SHAPES), "id,k,a,l,u\n1,decimal,5,x,6\n", NULL),
		"dir/t:2: column \"l\": \"x\" is no number; add a shape or an abstain spelling to "
		"the map",
		"no number");
	is_str(told(MAP("csv", SHAPES), "id,k,a,l,u\n1,choice,B,1,\n", NULL),
		"dir/t:2: column \"l\": an answer of kind choice has no limits; leave the cell "
		"empty",
		"of a choice");
	ok(ew_str_starts(
		   told(MAP("csv", SHAPES), "id,k,a,l,u\n1,decimal,5,6,4\n", NULL), "dir/t:2: "),
		"crossed: %s", err.msg);
}

static void
units(void)
{
	is_str(told(MAP("csv", ",\"unit\":\"x\""), "id,a,x\n1,5,mL/min\n", NULL),
		"decimal 5 mL/min", "a column");
	is_str(told(MAP("csv", ",\"unit\":\"x\""), "id,a,x\n1,5,\n", NULL), "decimal 5",
		"an empty cell");
	is_str(told(MAP("csv", ",\"unit\":{\"constant\":\"g\"}"), "id,a\n1,5\n", NULL),
		"decimal 5 g", "a constant");
	is_str(told(MAP("csv", ",\"unit\":\"x\""),
		       "id,a,x\n1,5,"
		       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
		       NULL),
		"dir/t:2: a unit of over 64 bytes; shorten it", "a long one");
}

static void
states(void)
{
	static const char state[] =
		MAP("csv", ",\"state\":{\"column\":\"s\",\"words\":{\"ok\":\"computable\","
			   "\"no\":\"incomputable\"}},\"reason\":\"r\",\"missing\":\"m\","
			   "\"separator\":\",\",\"abstain\":[\"N/A\"]");
	struct ew_placed p;

	is_str(told(MAP("csv", SHAPES), "id,k,a,l,u\n1,integer, N/A ,x,N/A\n", NULL),
		"incomputable: the table gives \"N/A\"",
		"an abstain spelling; limits are then ignored");
	is_str(told(MAP("csv", ",\"abstain\":[\"\"]"), "id,a\n1, \n", NULL),
		"incomputable: the table gives \"\"", "an empty cell can mean it");
	is_str(told(MAP("jsonl", ",\"abstain\":[\"\"]"), "{\"id\":\"1\",\"a\":[]}", NULL),
		"incomputable: the table gives \"\"", "and so an empty array");
	ok(place(&p, state, "id,a,s,r,m\n1,,no,no weight,\"weight, age\"\n", NULL), "a state: %s",
		err.msg);
	is_str(label_of(&p),
		"{\"confidence\":{\"basis\":\"imported\"},\"id\":\"1\",\"instance\":"
		"\"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\",\"missing\":["
		"\"weight\","
		"\"age\"],\"provenance\":{\"method\":\"import\",\"source\":\"t\"},\"reason\":\"no "
		"weight\","
		"\"schema\":\"label/1\",\"state\":\"incomputable\"}",
		"with what is missing, and the reason");
	ok(p.has_reason && p.has_missing, "which the row says");
	ok(place(&p, state, "id,a,s,r,m\n1,N/A,no, ,\n", NULL) && !p.has_reason && !p.has_missing,
		"an empty cell says nothing");
	is_str(p.label.reason, "the table gives \"N/A\"", "so the reason is the table's");
	is_str(told(state, "id,a,s,r,m\n1,,no,,\n", NULL),
		"incomputable: the table gives \"incomputable\"", "or its state");
	is_str(told(state, "id,a,s,r,m\n1,3,ok,\"a\r\nb\",\n", NULL), "decimal 3", "computable");
	ok(place(&p, state, "id,a,s,r,m\n1,3,ok,\" a\r\nb\rc \",\n", NULL), "it may have a reason");
	is_str(p.label.reason, "a\nb\nc", "with line ends made LF");
	is_str(told(state, "id,a,s,r,m\n1,3,no,,\n", NULL),
		"dir/t:2: column \"a\": \"3\" contradicts the state incomputable; correct one",
		"an answer, yet none");
	is_str(told(state, "id,a,s,r,m\n1,N/A,ok,,\n", NULL),
		"dir/t:2: column \"a\": \"N/A\" contradicts the state computable; correct one",
		"none, yet an answer");
	is_str(told(MAP("csv", ",\"state\":\"s\""), "id,a,s\n1,3,fine\n", NULL),
		"dir/t:2: column \"s\": \"fine\" is no state; there are computable, incomputable "
		"and "
		"ambiguous; add words to the map",
		"no state");
}

static void
readings(void)
{
	static const char map[] = MAP(
		"jsonl", ",\"readings\":\"r\",\"state\":\"s\",\"optional\":[\"a\",\"s\",\"r\"]");
	static const char row[] =
		"{\"id\":\"1\",\"r\":["
		"{\"assuming\":\"weeks\",\"answer\":{\"kind\":\"duration\",\"value\":\"P2W\"}},"
		"{\"assuming\":\"any\",\"answer\":{\"kind\":\"set\",\"value\":[\"a\",\"b\"]}}]}";
	struct ew_placed p;

	ok(place(&p, map, row, NULL) && p.label.state == EW_AMBIGUOUS, "readings: %s", err.msg);
	ok(p.label.readings == 2 && ew_str_is(p.label.reading[0].assuming, "weeks") &&
			ew_str_is(p.label.reading[0].answer.value, "P2W") &&
			ew_str_is(p.label.reading[1].answer.member[1], "b"),
		"outlive their row");
	is_str(p.label.reason, "the table gives \"readings\"", "a reason");
	is_str(told(map, "{\"id\":\"1\",\"s\":\"ambiguous\"}", NULL),
		"dir/t:1: is ambiguous without an array of readings; give each assumption with its "
		"answer",
		"ambiguous without them");
	is_str(told(map, "{\"id\":\"1\",\"s\":\"computable\",\"a\":1,\"r\":[1]}", NULL),
		"dir/t:1: column \"r\": contradicts the state computable; correct one",
		"readings and an answer");
	is_str(told(map, "{\"id\":\"1\",\"a\":1,\"r\":[{}]}", NULL),
		"dir/t:1: column \"a\": \"1\" contradicts the state ambiguous; correct one",
		"an answer and readings");
	is_str(told(map, "{\"id\":\"1\"}", NULL),
		"dir/t:1: no column \"a\" and so no answer; give one, or a state that has none",
		"nothing at all");
	ok(ew_str_starts(
		   told(map, "{\"id\":\"1\",\"r\":[{\"assuming\":\"x\",\"answer\":{}}]}", NULL),
		   "dir/t:1: readings[0]: "),
		"no answer in it: %s", err.msg);
	is_str(told(map,
		       "{\"id\":\"1\",\"r\":[{\"assuming\":\"x\",\"answer\":{\"kind\":\"text\","
		       "\"value\":\"x\"},"
		       "\"more\":1}]}",
		       NULL),
		"dir/t:1: readings[0]: a reading has the members assuming and answer only",
		"more in it");
}

static void
provenance(void)
{
	static const char map[] =
		MAP("csv", ",\"confidence\":{\"basis\":\"b\",\"for\":\"f\",\"of\":\"o\"},"
			   "\"provenance\":{\"method\":{\"constant\":\"human\"},\"agent\":\"w\","
			   "\"at\":\"t\"}");
	struct ew_placed p;

	ok(place(&p, MAP("csv", ""), "id,a\n1,2\n", NULL) && !p.has_confidence && !p.has_provenance,
		"neither");
	ok(place(&p, map, "id,a,b,f,o,w,t\n1,2,supermajority,4,5,dr-b,2025-01-01T00:00:00Z\n",
		   NULL),
		"both: %s", err.msg);
	ok(p.has_confidence && p.has_provenance, "which the row says");
	ok(strstr(label_of(&p).p,
		   "\"confidence\":{\"basis\":\"supermajority\",\"for\":4,\"of\":5}") &&
			strstr(label_of(&p).p, "\"provenance\":{\"agent\":\"dr-b\",\"at\":\"2025-"
					       "01-01T00:00:00Z\","
					       "\"method\":\"human\"}"),
		"as it says: %s", label_of(&p).p);
	ok(place(&p, map, "id,a,b,f,o,w,t\n1,2,,,,,\n", NULL) && !p.has_confidence &&
			p.label.confidence.basis == EW_BASIS_IMPORTED && !p.label.confidence.votes,
		"empty cells: %s", err.msg);
	is_str(told(map, "id,a,b,f,o,w,t\n1,2,sure,,,,\n", NULL),
		"dir/t:2: column \"b\": \"sure\" is no basis; there are imported, single, "
		"supermajority and "
		"adjudicated",
		"no basis");
	is_str(told(map, "id,a,b,f,o,w,t\n1,2,,4,,,\n", NULL),
		"dir/t:2: votes for without their number, or the number alone; give both or none",
		"half the votes");
	is_str(told(map, "id,a,b,f,o,w,t\n1,2,,x,5,,\n", NULL),
		"dir/t:2: column \"f\": \"x\" is no number of votes; give a whole number",
		"no votes");
	is_str(told(MAP("csv", ",\"provenance\":{\"method\":\"w\"}"), "id,a,w\n1,2,guess\n", NULL),
		"dir/t:2: column \"w\": \"guess\" is no method; there are human, llm, script, "
		"consensus and "
		"import",
		"no method");
	ok(place(&p, MAP("csv", ",\"provenance\":{\"agent\":\"w\"}"), "id,a,w\n1,2,\n", NULL),
		"an empty cell: %s", err.msg);
	is_str(label_of(&p),
		"{\"answer\":{\"kind\":\"decimal\",\"value\":\"2\"},\"confidence\":{\"basis\":"
		"\"imported\"},\"id\":\"1\",\"instance\":\"" EMPTY "\",\"provenance\":{\"method\":"
		"\"import\",\"source\":\"t\"},\"schema\":\"label/1\",\"state\":\"computable\"}",
		"a row that says none is of the table");
}

static void
evidence(void)
{
	static const char map[] = MAP("jsonl", ",\"evidence\":\"e\",\"optional\":[\"e\"]");
	struct ew_placed p;

	ok(place(&p, map, "{\"id\":\"1\",\"a\":2}", NULL) && !p.has_evidence && !p.label.evidences,
		"no evidence");
	ok(place(&p, map, "{\"id\":\"1\",\"a\":2,\"e\":[\"audit\",\"blind\"]}", NULL) &&
			p.has_evidence && p.label.evidences == 2 &&
			ew_str_is(p.label.evidence[1], "blind"),
		"evidence: %s", err.msg);
	is_str(told(map, "{\"id\":\"1\",\"a\":2,\"e\":[\"An audit\"]}", NULL),
		"dir/t:1: evidence[0] is no campaign; use 1 to 64 of a-z, 0-9, _ and -",
		"evidence that is none");
}

static void
digests(void)
{
	static const char map[] =
		MAP("jsonl", ",\"input\":\"in\",\"digest\":\"d\",\"optional\":[\"in\",\"d\"]");
	struct ew_placed p, s;
	char hex[65];

	ok(place(&s, map, "{\"id\":\"1\",\"a\":1,\"in\":{\"q\":\"?\"}}", NULL), "an input: %s", err.msg);
	ew_hex(hex, s.instance.digest.b, sizeof s.instance.digest.b);
	is_str(ew_str(hex), Q, "its digest");
	ok(place(&p, map, "{\"id\":\"1\",\"a\":1,\"in\":{\"q\":\"?\"},\"d\":\"" Q "\"}", NULL) &&
			ew_str_eq(p.instance.input, s.instance.input),
		"both: %s", err.msg);
	ok(place(&p, map, "{\"id\":\"1\",\"a\":1,\"d\":\"" Q "\"}", NULL) && !p.instance.input.p &&
			!p.has_input && ew_sha256_eq(&p.label.instance, &s.instance.digest),
		"the digest alone: %s", err.msg);
	ok(place(&p, map, "{\"id\":\"1\",\"a\":1,\"d\":\"" EMPTY "\"}", NULL) &&
			ew_str_is(p.instance.input, "{}"),
		"that of no input: %s", err.msg);
	s.instance.id = s.label.id;
	ok(place(&p, map, "{\"id\":\"1\",\"a\":1,\"d\":\"" Q "\"}", &s) &&
			ew_str_is(p.instance.input, "{\"q\":\"?\"}"),
		"that of the stored input, which stays: %s", err.msg);
	ok(place(&p, map, "{\"id\":\"1\",\"a\":1,\"d\":\"" EMPTY "\"}", &s) && !p.instance.input.p &&
			!ew_sha256_eq(&p.label.instance, &s.instance.digest),
		"another than that of the stored input: %s", err.msg);
	is_str(told(map, "{\"id\":\"1\",\"a\":1,\"in\":{\"q\":\"!\"},\"d\":\"" Q "\"}", NULL),
		"dir/t:1: column \"d\": is not the digest of the row's input; leave one of them out",
		"of another input");
	is_str(told(map, "{\"id\":\"1\",\"a\":1,\"d\":\"sympy-1\"}", NULL),
		"dir/t:1: column \"d\": is no digest; give 64 lower-case hexadecimal digits",
		"no digest");
	is_str(told(map, "{\"id\":\"1\",\"a\":1,\"d\":[]}", NULL),
		"dir/t:1: column \"d\": is an array or object; one value is due here", "a list");
}

static void
objects(void)
{
	static const char whole[] = MAP(
		"jsonl", ",\"input\":\"in\",\"attributes\":\"at\",\"optional\":[\"in\",\"at\"]");
	static const char parts[] =
		MAP("jsonl", ",\"input\":{\"q\":\"/in/q\",\"lang\":{\"constant\":\"en\"}},"
			     "\"attributes\":{\"n\":\"n\",\"w\":{\"column\":\"w\",\"words\":{\"x\":"
			     "\"y\"}}},\"optional\":[\"w\",\"n\"]");
	struct ew_placed p;

	ok(place(&p, whole,
		   "{\"id\":\"1\",\"a\":1,\"in\":{\"z\":[1.50,{\"b\":-7,\"a\":1e3}],"
		   "\"\xf0\x9f\x98\x80\":null,"
		   "\"\xef\xac\xb3\":-0},\"at\":{\"y\":1,\"x\":0.5,\"n\":null}}",
		   NULL),
		"whole objects: %s", err.msg);
	is_str(p.instance.input,
		"{\"z\":[\"1.50\",{\"a\":\"1e3\",\"b\":-7}],\"\xf0\x9f\x98\x80\":null,"
		"\"\xef\xac\xb3\":\"-0\"}",
		"canonical; numbers that are none of JCS are texts");
	is_str(p.instance.attributes, "{\"x\":\"0.5\",\"y\":1}", "null is no attribute");
	ok(p.has_input && p.has_attributes, "which the row says");
	ok(ew_sha256_eq(&p.instance.digest, &p.label.instance), "the label is bound to it");
	ok(place(&p, whole, "{\"id\":\"1\",\"a\":1}", NULL) && !p.has_input && !p.has_attributes,
		"optional ones");
	is_str(p.instance.input, "{}", "are empty");
	is_str(told(whole, "{\"id\":\"1\",\"a\":1,\"in\":[]}", NULL),
		"dir/t:1: column \"in\": is no object; give one, or name its members in the map",
		"an array");
	is_str(told(whole, "{\"id\":\"1\",\"a\":1,\"at\":{\"x\":[]}}", NULL),
		"dir/t:1: column \"at\": an array or object is no attribute; take its parts by "
		"JSON pointers",
		"an array as attribute");
	ok(place(&p, parts, "{\"id\":\"1\",\"a\":1,\"in\":{\"q\":[1]},\"n\":true,\"w\":\"x\"}",
		   NULL),
		"members: %s", err.msg);
	is_str(p.instance.input, "{\"lang\":\"en\",\"q\":[1]}", "by pointer and constant");
	is_str(p.instance.attributes, "{\"n\":true,\"w\":\"y\"}", "by words");
	is_str(told(parts, "{\"id\":\"1\",\"a\":1}", NULL),
		"dir/t:1: no column \"/in/q\"; correct its name in the map, or list it there as "
		"optional if "
		"it is; the columns are id, a",
		"lacking on a first import");
	is_str(told(MAP("jsonl", ",\"input\":{\"q\":\"q\"}"),
		       "{\"id\":\"1\",\"a\":1,\"q\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]"
		       "]]]]]]]]]]]]]]]}",
		       NULL),
		"dir/t:1: column \"q\": nests deeper than 30; flatten it",
		"too deep for the record");
	ok(place(&p, MAP("csv", ",\"input\":{\"q\":\"q\"}"), "id,a,q\n1,1,\" x\r\ny \"\n", NULL),
		"CSV: %s", err.msg);
	is_str(p.instance.input, "{\"q\":\" x\\r\\ny \"}", "a text as it stands");
}

static const char stored_map[] =
	MAP("csv", ",\"kind\":\"k\",\"unit\":\"x\",\"lower\":\"l\",\"upper\":\"u\","
		   "\"reason\":\"r\",\"input\":{\"q\":\"q\",\"n\":\"n\"},\"attributes\":{\"kind\":"
		   "\"k\",\"row\":\"row\"}");

static void
updates(void)
{
	struct ew_placed s, p;

	ok(place(&s, stored_map, "id,k,a,x,l,u,r,q,n,row\ni,integer,5,g,4,6,why,Q,N,7\n", NULL),
		"a first: %s", err.msg);
	ok(place(&p, stored_map, "row,a\n7,5\n", &s), "a table without most columns: %s", err.msg);
	is_str(p.label.id, "i", "has the stored id");
	ok(ew_str_eq(p.instance.input, s.instance.input) &&
			ew_sha256_eq(&p.instance.digest, &s.instance.digest) && !p.has_input,
		"input stays");
	is_str(p.instance.attributes, "{\"kind\":\"integer\",\"row\":\"7\"}", "attributes stay");
	ok(p.has_attributes && !p.has_reason && !p.label.reason.p,
		"what is not said is not made up");
	is_str(told(stored_map, "row,a\n7,5.0\n", &s), "integer 5.0 g [4, 6]",
		"of the same value, kind, unit and limits stay");
	is_str(told(stored_map, "row,a\n7,8\n", &s),
		"dir/t:1: no column \"l\"; correct its name in the map, or list it there as "
		"optional if it "
		"is; the columns are row, a",
		"of another, limits cannot, which is not done silently");
	is_str(told(stored_map, "row,a,l,u\n7,8,7,9\n", &s), "integer 8 g [7, 9]", "they are said");
	is_str(told(stored_map, "row,a,l,u\n7,8.5,7,9\n", &s),
		"dir/t:2: column \"a\": \"8.5\" is no integer; add a shape or an abstain spelling "
		"to the map",
		"the kind is the stored attribute's");
	ok(place(&p, stored_map, "row,a,q\n8,5,Q2\n", &s), "a part of the input: %s", err.msg);
	is_str(p.instance.input, "{\"n\":\"N\",\"q\":\"Q2\"}", "the other part stays");
	is_str(p.instance.attributes, "{\"kind\":\"integer\",\"row\":\"8\"}",
		"a part of the attributes");
	ok(p.has_input && !ew_sha256_eq(&p.instance.digest, &s.instance.digest) &&
			ew_sha256_eq(&p.instance.digest, &p.label.instance),
		"another digest");
	is_str(told(stored_map, "row\n7\n", &s),
		"dir/t:1: no column \"a\" and so no answer; give one, or a state that has none",
		"the answer must be there");
	s.instance.input = ew_str(NULL);
	ok(!place(&p, stored_map, "row,a,q\n7,5,Q2\n", &s),
		"a part of an input that is not stored");
	is_str(ew_str(err.msg),
		"dir/t:2: only a digest of the input is stored; give all columns of the "
		"input that the map names, or none",
		"its message");
	ok(place(&p, stored_map, "row,a\n7,5\n", &s) && !p.instance.input.p &&
			ew_sha256_eq(&p.instance.digest, &s.instance.digest),
		"the digest stays");
	ok(place(&p, stored_map, "row,a,q,n\n7,5,Q,N\n", &s) &&
			ew_sha256_eq(&p.instance.digest, &s.instance.digest),
		"and is that of the same input");
}

static void
updates_of_kinds(void)
{
	struct ew_placed s, p;

	ok(place(&s, MAP("csv", ",\"kind\":\"k\""), "id,k,a\ni,choice,B\n", NULL), "a choice");
	is_str(told(MAP("csv", ",\"kind\":\"k\""), "id,a\ni,C\n", &s), "choice C",
		"the stored kind, if it fits");
	ok(place(&s, MAP("csv", ",\"kind\":\"k\""), "id,k,a\ni,date,2014-09-03\n", NULL), "a date");
	is_str(told(MAP("csv", ",\"kind\":\"k\""), "id,a\ni,9\n", &s), "decimal 9",
		"else a number is decimal");
	ok(place(&s, MAP("csv", SHAPES), "id,k,a,l,u\ni,integer,14w1d,14w1d,14w1d\n", NULL),
		"a duration");
	is_str(told(MAP("csv", SHAPES), "id,k,a,l,u\ni,integer,99,94.05,103.95\n", &s),
		"integer 99 [94.05, 103.95]", "made a number of days");
	is_str(told(MAP("csv", SHAPES), "id,k,a\ni,integer,99\n", &s),
		"dir/t:1: no column \"l\"; correct its name in the map, or list it there as "
		"optional if it "
		"is; the columns are id, k, a",
		"whose limits are not those of a duration");
	ok(place(&s, MAP("csv", ",\"kind\":\"k\",\"unit\":\"x\""), "id,k,a,x\ni,text,A,g\n", NULL),
		"a text with a unit");
	is_str(told(MAP("csv", ",\"kind\":\"k\",\"unit\":\"x\""), "id,k,a\ni,text,B\n", &s),
		"text B g", "keeps it");
	is_str(told(MAP("csv", ",\"kind\":\"k\",\"unit\":\"x\""), "id,k,a\ni,decimal,5\n", &s),
		"decimal 5", "a number does not");
	ok(place(&s,
		   MAP("csv", KINDS ",\"attributes\":{\"k\":{\"column\":\"k\",\"words\":{"
				    "\"decimal\":\"D\"}}}"),
		   "id,k,a\ni,decimal,5\n", NULL),
		"an attribute by words");
	is_str(told(MAP("csv", KINDS ",\"attributes\":{\"k\":{\"column\":\"k\",\"words\":{"
				     "\"decimal\":\"D\"}}}"),
		       "id,a\ni,6\n", &s),
		"decimal 6", "is not what the column said");
	ok(place(&s, MAP("jsonl", ",\"lower\":\"l\",\"optional\":[\"l\"]"),
		   "{\"id\":\"i\",\"a\":5,\"l\":4}", NULL),
		"a limit");
	is_str(told(MAP("jsonl", ",\"lower\":\"l\",\"optional\":[\"l\"]"), "{\"id\":\"i\",\"a\":5}",
		       &s),
		"decimal 5 [4, ...]", "a lacking limit stays");
	is_str(told(MAP("jsonl", ",\"lower\":\"l\",\"optional\":[\"l\"]"),
		       "{\"id\":\"i\",\"a\":5,\"l\":null}", &s),
		"decimal 5", "null is no limit");
	is_str(told(MAP("jsonl", ",\"lower\":\"l\",\"optional\":[\"l\"]"), "{\"id\":\"i\",\"a\":6}",
		       &s),
		"decimal 6", "of another value it goes where it is optional");
	ok(place(&s, MAP("jsonl", ",\"attributes\":{\"x\":\"x\",\"y\":\"y\"}"),
		   "{\"id\":\"i\",\"a\":5,\"x\":1,\"y\":2}", NULL) &&
			place(&p, MAP("jsonl", ",\"attributes\":{\"x\":\"x\",\"y\":\"y\"}"),
				"{\"id\":\"i\",\"a\":5,\"x\":null}", &s),
		"attributes: %s", err.msg);
	is_str(p.instance.attributes, "{\"y\":2}", "null takes one away, lacking does not");
}

static void
preset_medcalc(void)
{
	static const char header[] =
		"Unique ID,Calculator ID,Calculator Name,Category,Output Type,Note ID,"
		"Note Type,Patient Note,Question,Relevant Entities,Ground Truth Answer,Lower "
		"Limit,Upper Limit,"
		"Ground Truth Explanation\r\n";
	struct ew_map_file *m = NULL;
	struct ew_table *t = NULL;
	struct ew_placed p;
	struct ew_row row;
	struct ew_buf text = { 0 };

	ew_buf_adds(&text, header);
	ew_buf_adds(&text, "1028,69,Age,date,integer,1,Template,A note.,How long?,{'a': 'b'},"
			   "\"('14 weeks', '1 days')\",\"('14 weeks', '1 days')\",\"('14 weeks', "
			   "'1 days')\",Since so.");
	ok(ew_map_file_preset(&m, EW_LIT("medcalc-bench"), &err) == EW_OK,
		"preset medcalc-bench: %s", err.msg);
	ok(m && ew_table_open(&t, m, ew_buf_str(&text), "v1.csv", &err) == EW_OK &&
			first_row(&row, t) &&
			ew_map_file_place(&p, m, t, &row, NULL, NULL, &arena, hash, &err) == EW_OK,
		"a row: %s", err.msg);
	ok(strstr(label_of(&p).p,
		   "{\"answer\":{\"kind\":\"duration\",\"lower\":\"P14W1D\",\"upper\":\"P14W1D\","
		   "\"value\":\"P14W1D\"},\"confidence\":{\"basis\":\"imported\"},\"id\":\"69/1\""),
		"its label");
	is_str(p.instance.input, "{\"note\":\"A note.\",\"question\":\"How long?\"}", "its input");
	is_str(p.instance.attributes,
		"{\"calculator\":\"Age\",\"calculator_id\":\"69\",\"category\":\"date\","
		"\"entities\":\"{'a': "
		"'b'}\",\"note_id\":\"1\",\"note_type\":\"Template\",\"output_type\":\"integer\","
		"\"row\":\"1028\"}",
		"its attributes");
	ew_table_free(t);
	ew_map_file_free(m);
	ew_buf_release(&text);
}

static void
preset_jsonl(void)
{
	struct ew_map_file *m = NULL;
	struct ew_table *t = NULL;
	struct ew_placed p;
	struct ew_rows rows;
	struct ew_row row;
	bool more = true;
	size_t n = 0;

	ok(ew_map_file_preset(&m, EW_LIT("jsonl"), &err) == EW_OK, "preset jsonl: %s", err.msg);
	ok(m && ew_table_open(&t, m,
			EW_LIT("{\"id\":\"1\",\"value\":25.0,\"unit\":\"g\",\"lower\":24,\"upper\":"
			       "26,\"input\":{\"q\":\"?\"}}\n"
			       "{\"id\":\"2\",\"value\":[\"a\"]}\n"
			       "{\"id\":\"3\",\"value\":true}\n"
			       "{\"id\":\"4\",\"value\":\"B\",\"kind\":\"choice\",\"attributes\":{"
			       "\"topic\":\"x\"}}\n"
			       "{\"id\":\"5\",\"state\":\"incomputable\",\"missing\":[\"age\"],"
			       "\"reason\":\"no age\"}\n"),
			"t", &err) == EW_OK,
		"a table: %s", err.msg);
	if (t)
		ew_rows_init(&rows, t, NULL);
	while (t && ew_rows_next(&rows, &row, &more, &arena, &err) == EW_OK && more &&
		ew_map_file_place(&p, m, t, &row, NULL, NULL, &arena, hash, &err) == EW_OK)
		n++;
	is_int(n, 5, "all rows: %s", err.msg);
	ok(p.label.state == EW_INCOMPUTABLE && p.label.missings == 1, "the last has no answer");
	ew_table_free(t);
	ew_map_file_free(m);
	m = NULL;
	ok(ew_map_file_preset(&m, EW_LIT("csv"), &err) == EW_USAGE && !m, "no such preset");
	is_str(ew_str(err.msg),
		"no preset \"csv\"; there are jsonl, medcalc-bench, and --map takes a file",
		"the presets there are");
}

int
main(void)
{
	if (ew_hash_open(&hash, &err) != EW_OK)
		return 1;
	maps();
	map_refusals();
	ids();
	id_possible();
	numbers();
	kinds();
	sets();
	shapes();
	limits();
	units();
	states();
	readings();
	provenance();
	evidence();
	digests();
	objects();
	updates();
	updates_of_kinds();
	preset_medcalc();
	preset_jsonl();
	told("", "", NULL); /* frees the last map and table */
	ew_buf_release(&out);
	ew_arena_release(&arena);
	ew_hash_free(hash);
	return tap_done();
}
