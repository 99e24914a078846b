/* Random filters over people of whom nothing is written while time goes by: compiled, they hold for
 * whom the model says, at every moment; and the answer of each moment stays as it is until the one
 * that it told.
 *
 * A failure names its seed; PROFILED_SEED=N runs that one alone. */

#include <inttypes.h>
#include <string.h>

#include <criterion/criterion.h>

#include "server/identity/name_words.h"
#include "server/identity/text.h"
#include "server/segment/filter.h"
#include "tests/engine/seeded.h"
#include "tests/engine/seeds.h"
#include "tests/segment/filter_model.h"
#include "tests/store/fixture.h"

enum { SEEDS = 4000, PEOPLE = 3, STEPS = 40, LOOKS = 6, DAYS = 800 };

TestSuite(filter_change, .init = fixture_open, .fini = fixture_close);

static struct seeded rolls;
static uint64_t seed;
static const char *text;

/* ---- values ---- */

static enum model_field field_of(const struct field *field) {
    static const struct {
        enum field_kind kind;
        enum model_field field;
    } kinds[] = {{FIELD_NAME, MODEL_NAME},
                 {FIELD_IDENTITY, MODEL_EMAIL},
                 {FIELD_CREATE_TIME, MODEL_CREATE_TIME},
                 {FIELD_LAST_INTERACTION_TIME, MODEL_LAST_TIME},
                 {FIELD_INTERACTION_COUNT, MODEL_COUNT},
                 {FIELD_LABEL, MODEL_WHATSAPP},
                 {FIELD_RECENT_NET_SENTIMENT, MODEL_MOOD}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (kinds[i].kind == field->kind) {
            return kinds[i].field;
        }
    }
    for (int i = MODEL_CITY; i <= MODEL_BIRTH_DATE; i++) {
        const char *name = model_name((enum model_field)i);
        if (field->kind == FIELD_ATTRIBUTE && strcmp(strchr(name, '.') + 1, field->name) == 0) {
            return (enum model_field)i;
        }
    }
    cr_assert(false, "a field of the model");
    return MODEL_NAME;
}

static struct field_value words_of(const struct model_value *value) {
    const char *const *words = NULL;
    const size_t count = value->count == 0 ? 0 : name_words(value->items[0].text, &arena, &words);
    struct field_item *items = arena_array(&arena, count, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        items[i].text = bytes_of_string(words[i]);
    }
    return (struct field_value){.count = count, .items = items};
}

static struct bytes folded(const char *value) {
    const char *out = "";
    return value != NULL && text_fold(value, &arena, &out) ? bytes_of_string(out)
                                                           : bytes_of_string("");
}

/* As person_value() makes them. */
static struct field_value value_of(const struct field *field, const struct model_person *person,
                                   int64_t at_us) {
    struct model_value room;
    int64_t change_us = 0;
    const struct model_value *value =
        model_value_at(person, field_of(field), at_us, &room, &change_us);
    struct field_value out = {.count = value->count};
    struct field_item *items = arena_array(&arena, value->count, sizeof *items);
    for (size_t i = 0; i < value->count; i++) {
        items[i] = (struct field_item){.text = folded(value->items[i].text),
                                       .number = value->items[i].number,
                                       .time_us = value->items[i].time_us};
    }
    out.items = items;
    out = field->words ? words_of(value) : out;
    out.change_us = change_us;
    return out;
}

/* ---- checks ---- */

struct compiled {
    const struct model_node *model;
    struct fields fields;
    struct filter filter;
};

/* Whether it holds, which the model must say too. */
static bool check_holds(const struct compiled *compiled, const struct model_person *person,
                        int64_t at_us, int64_t *change_us) {
    struct field_value values[MODEL_FIELDS * 2];
    cr_assert_leq(compiled->fields.count, sizeof values / sizeof *values);
    for (size_t i = 0; i < compiled->fields.count; i++) {
        values[i] = value_of(&compiled->fields.items[i], person, at_us);
    }
    *change_us = INT64_MAX;
    const bool holds = filter_holds(&compiled->filter, values, at_us, change_us);
    cr_assert_eq(holds, model_filter_holds(compiled->model, person, at_us),
                 "PROFILED_SEED=%" PRIu64 ": %s: %d at %" PRId64, seed, text, holds, at_us);
    cr_assert_gt(*change_us, at_us, "PROFILED_SEED=%" PRIu64 ": %s", seed, text);
    return holds;
}

/* From change to change: nothing happens between them. */
static void check_person(const struct compiled *compiled, const struct model_person *person) {
    const int64_t end_us = FIXTURE_NOW_US + DAYS * US_PER_DAY;
    int64_t at_us = FIXTURE_NOW_US;
    for (size_t i = 0; i < STEPS && at_us < end_us; i++) {
        int64_t change_us = 0;
        const bool holds = check_holds(compiled, person, at_us, &change_us);
        const int64_t until_us = change_us < end_us ? change_us : end_us;
        for (size_t k = 0; k < LOOKS; k++) {
            const int64_t span_us = until_us - at_us;
            const int64_t look_us =
                k == 0 ? until_us - 1 : at_us + (int64_t)seeded_below(&rolls, (size_t)span_us);
            int64_t ignored_us = 0;
            cr_assert_eq(check_holds(compiled, person, look_us, &ignored_us), holds,
                         "PROFILED_SEED=%" PRIu64 ": %s: changes at %" PRId64 " before %" PRId64,
                         seed, text, look_us, change_us);
        }
        at_us = until_us;
    }
}

/* A tree may have grown over the limits. */
static bool compile(const struct field_names *names, struct compiled *compiled) {
    struct filter_error error = {.found = "", .expected = ""};
    compiled->fields = (struct fields){.arena = &arena};
    const struct status status =
        filter_compile(text, names, &compiled->fields, &compiled->filter, &error);
    const bool is_over = strncmp(error.expected, "at most", strlen("at most")) == 0;
    cr_assert(status_is_ok(status) || is_over,
              "PROFILED_SEED=%" PRIu64 ": %s: at %zu found %s, expected %s", seed, text,
              error.offset, error.found, error.expected);
    return status_is_ok(status);
}

static void check_filter(const struct field_names *names) {
    static struct model_people people;
    struct compiled compiled;
    rolls = (struct seeded){.state = seed};
    people.count = PEOPLE;
    for (size_t i = 0; i < people.count; i++) {
        people.people[i] = model_person_make(&rolls, i, FIXTURE_NOW_US, &arena);
    }
    /* The fields of a workspace's own are not there. */
    compiled.model = model_filter_make(&rolls, &people, MODEL_SCORE, &arena);
    text = model_filter_text(&rolls, compiled.model, &arena);
    if (!compile(names, &compiled)) {
        return;
    }
    for (size_t i = 0; i < people.count; i++) {
        check_person(&compiled, &people.people[i]);
    }
}

Test(filter_change, answers_are_the_model_s_and_stay_until_they_said) {
    const struct seeds seeds = seeds_of(SEEDS);
    for (seed = seeds.first; seed <= seeds.last; seed++) {
        struct field_names names;
        struct store_view *view = read_begin();
        cr_assert(status_is_ok(field_names_read(view, "SA", FIXTURE_NOW_US, &names)));
        check_filter(&names);
        read_end();
        arena_reset(&arena);
    }
}
