/* Which field a name is of, and which one was meant by a name that there is not. */

#include "server/segment/field.h"

#include <string.h>

#include <criterion/criterion.h>

#include "tests/store/fixture.h"

static struct field_names names;
static struct store_view *view;

static void init(void) {
    fixture_open();
    view = write_begin();
    cr_assert(status_is_ok(field_names_read(view, "SA", FIXTURE_NOW_US, &names)));
}

static void fini(void) {
    write_drop();
    fixture_close();
}

TestSuite(field, .init = init, .fini = fini);

/* A name with dots between its parts, as a reader of filters leaves it. */
static struct status find(const char *name, struct field_target *out, struct filter_error *error) {
    struct filter_text parts[FILTER_PARTS_MAX];
    size_t count = 0;
    for (const char *at = name; at != NULL;
         at = strchr(at, '.') == NULL ? NULL : strchr(at, '.') + 1) {
        parts[count++] =
            (struct filter_text){.offset = (size_t)(at - name),
                                 .is_name = true,
                                 .text = arena_string(&arena, bytes_of(at, strcspn(at, ".")))};
    }
    *error = (struct filter_error){.found = "", .expected = ""};
    return field_find(&names, parts, count, &arena, out, error);
}

struct known {
    const char *name;
    enum field_kind kind;
    enum field_type type;
};

Test(field, names_have_kinds_and_types) {
    static const struct known known[] = {
        {"id", FIELD_ID, FIELD_TEXT},
        {"name", FIELD_NAME, FIELD_TEXT},
        {"name_derived", FIELD_NAME_DERIVED, FIELD_FLAG},
        {"completeness", FIELD_COMPLETENESS, FIELD_NUMBER},
        {"create_time", FIELD_CREATE_TIME, FIELD_TIME},
        {"update_time", FIELD_UPDATE_TIME, FIELD_TIME},
        {"merged_count", FIELD_MERGED_COUNT, FIELD_NUMBER},
        {"interaction_count", FIELD_INTERACTION_COUNT, FIELD_NUMBER},
        {"first_interaction_time", FIELD_FIRST_INTERACTION_TIME, FIELD_TIME},
        {"last_interaction_time", FIELD_LAST_INTERACTION_TIME, FIELD_TIME},
        {"main_themes", FIELD_MAIN_THEMES, FIELD_TEXT},
        {"net_sentiment", FIELD_NET_SENTIMENT, FIELD_NUMBER},
        {"recent_net_sentiment", FIELD_RECENT_NET_SENTIMENT, FIELD_NUMBER},
        {"dominant_language", FIELD_DOMINANT_LANGUAGE, FIELD_TEXT},
        {"dominant_dialect", FIELD_DOMINANT_DIALECT, FIELD_TEXT},
        {"attributes.city", FIELD_ATTRIBUTE, FIELD_TEXT},
        {"attributes.birth_date", FIELD_ATTRIBUTE, FIELD_TIME},
        {"identity.email", FIELD_IDENTITY, FIELD_TEXT},
        {"channels.email", FIELD_LABEL, FIELD_NUMBER},
        {"channels.email.count", FIELD_LABEL, FIELD_NUMBER},
        {"channels.email.first_time", FIELD_LABEL, FIELD_TIME},
        {"dialects.saudi.last_time", FIELD_LABEL, FIELD_TIME},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct field_target target;
        struct filter_error error;
        cr_expect(status_is_ok(find(known[i].name, &target, &error)), "%s", known[i].name);
        cr_expect_eq(target.field.kind, known[i].kind, "%s", known[i].name);
        cr_expect_eq(target.field.type, known[i].type, "%s", known[i].name);
        cr_expect_not(target.is_collection, "%s", known[i].name);
    }
}

Test(field, collections_are_known_by_themselves) {
    static const char *const all[] = {"attributes", "identity",  "traits",  "segments",
                                      "channels",   "themes",    "kinds",   "sub_themes",
                                      "sentiments", "languages", "dialects"};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct field_target target;
        struct filter_error error;
        cr_expect(status_is_ok(find(all[i], &target, &error)), "%s", all[i]);
        cr_expect(target.is_collection, "%s", all[i]);
        cr_expect(field_is_known(&names, all[i]), "%s", all[i]);
    }
    cr_expect(field_is_known(&names, "name"));
    cr_expect_not(field_is_known(&names, "sara"));
    cr_expect_not(field_is_known(&names, "Name"));
}

struct unknown {
    const char *name;
    size_t offset;
    const char *nearest; /* NULL for none. */
};

Test(field, the_nearest_name_is_told) {
    static const struct unknown unknown[] = {
        {"nmae", 0, "name"},
        {"Name", 0, "name"},
        {"create_tim", 0, "create_time"},
        {"created_time", 0, "create_time"},
        {"interactions_count", 0, "interaction_count"},
        {"city", 0, "attributes.city"},
        {"contry", 0, "attributes.country"},
        {"birthdate", 0, "attributes.birth_date"},
        {"atribute.city", 0, "attributes"},
        {"chanels.email", 0, "channels"},
        {"attributes.ctiy", 11, "city"},
        {"attributes.Country", 11, "country"},
        {"identity.mail", 9, "email"},
        {"identity.phones", 9, "phone"},
        {"createdAt", 0, "create_time"},
        {"created_at", 0, "create_time"},
        {"updated_at", 0, "update_time"},
        {"updateTime", 0, "update_time"},
        {"CREATE_TIME", 0, "create_time"},
        {"last_interaction", 0, "last_interaction_time"},
        {"last_seen", 0, "last_interaction_time"},
        {"lastInteractionTime", 0, "last_interaction_time"},
        {"email", 0, "identity.email"},
        {"phone", 0, "identity.phone"},
        {"telephone", 0, "identity.phone"},
        {"birthday", 0, "attributes.birth_date"},
        {"age", 0, "attributes.birth_date"},
        {"dob", 0, "attributes.birth_date"},
        {"first_name", 0, "attributes.given_name"},
        {"lastName", 0, "attributes.family_name"},
        {"update_at", 0, "update_time"},
        {"attributes.email", 11, "identity.email"},
        {"attributes.dob", 11, "birth_date"},
        {"attributes.first_name", 11, "given_name"},
        {"attributes.created_at", 11, "create_time"},
        {"channels.email.last", 15, NULL},
        {"channels.email.lasttime", 15, "last_time"},
        {"channels.email.counts", 15, "count"},
        {"shoe_size", 0, NULL},
        {"xyz", 0, NULL},
        {"attributes.q", 11, NULL},
        {"مدينة", 0, NULL},
        {"traits.orders", 7, NULL},
        {"segments.vip", 9, NULL},
        {"attributes_attributes_attributes_attributes_attributes_attributes_attributes", 0, NULL},
    };
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        struct field_target target;
        struct filter_error error;
        const struct status status = find(unknown[i].name, &target, &error);
        cr_expect_eq(status.reason, REASON_FILTER_INVALID, "%s", unknown[i].name);
        cr_expect_eq(error.offset, unknown[i].offset, "%s: %zu", unknown[i].name, error.offset);
        cr_expect(strncmp(error.found, "the name ", 9) == 0 ||
                      strncmp(error.found, "a name of ", 10) == 0,
                  "%s: %s", unknown[i].name, error.found);
        cr_expect((error.nearest == NULL) == (unknown[i].nearest == NULL) &&
                      (error.nearest == NULL || strcmp(error.nearest, unknown[i].nearest) == 0),
                  "%s: %s", unknown[i].name, error.nearest == NULL ? "none" : error.nearest);
    }
}

Test(field, what_has_no_members_is_told) {
    static const struct unknown without[] = {
        {"name.first", 5, NULL},
        {"create_time.day", 12, NULL},
        {"attributes.city.name", 16, NULL},
        {"identity.email.domain", 15, NULL},
        {"channels.email.count.x", 21, NULL},
    };
    for (size_t i = 0; i < sizeof without / sizeof *without; i++) {
        struct field_target target;
        struct filter_error error;
        const struct status status = find(without[i].name, &target, &error);
        cr_expect_eq(status.reason, REASON_FILTER_INVALID, "%s", without[i].name);
        cr_expect_eq(error.offset, without[i].offset, "%s", without[i].name);
        cr_expect_eq(strncmp(error.found, "the name ", 9), 0, "%s: %s", without[i].name,
                     error.found);
        cr_expect_null(error.nearest);
    }
}

/* ---- sets ---- */

Test(field, fields_are_kept_once_with_copies_of_their_names) {
    struct fields fields = {.arena = &arena};
    char name[] = "city";
    const struct field city = {.kind = FIELD_ATTRIBUTE, .type = FIELD_TEXT, .name = name};
    struct field words = city;
    words.words = true;

    cr_expect_eq(fields_add(&fields, &city), 0);
    cr_expect_eq(fields_add(&fields, &words), 1);
    name[0] = 'x';
    cr_expect_eq(fields_add(&fields, &city), 2, "another name now");
    cr_expect_str_eq(fields.items[0].name, "city");
    name[0] = 'c';
    cr_expect_eq(fields_add(&fields, &city), 0);
    cr_expect_eq(fields.count, 3);
}

Test(field, values_are_equal_by_their_type_and_change) {
    const struct field_item items[] = {
        {.text = bytes_of_string("a"), .number = 1, .time_us = 1},
        {.text = bytes_of_string("a"), .number = 2, .time_us = 2},
        {.text = bytes_of_string("b"), .number = 1, .time_us = 1},
    };
    const struct field_value values[] = {{.count = 1, .items = &items[0]},
                                         {.count = 1, .items = &items[1]},
                                         {.count = 1, .items = &items[2]},
                                         {.count = 0},
                                         {.count = 1, .items = &items[0], .change_us = 5}};
    cr_expect(field_value_equal(FIELD_TEXT, &values[0], &values[1]));
    cr_expect_not(field_value_equal(FIELD_TEXT, &values[0], &values[2]));
    cr_expect_not(field_value_equal(FIELD_NUMBER, &values[0], &values[1]));
    cr_expect(field_value_equal(FIELD_NUMBER, &values[0], &values[2]));
    cr_expect(field_value_equal(FIELD_TIME, &values[0], &values[2]));
    cr_expect_not(field_value_equal(FIELD_TIME, &values[0], &values[1]));
    cr_expect_not(field_value_equal(FIELD_TEXT, &values[0], &values[3]));
    cr_expect(field_value_equal(FIELD_TEXT, &values[3], &values[3]));
    cr_expect_not(field_value_equal(FIELD_TEXT, &values[0], &values[4]));
}
