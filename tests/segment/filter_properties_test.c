/* Random filters through ListProfiles, over a store of invented people, some of whom turned out to
 * be one: what is listed are those for whom the model's filter holds, by whatever index they were
 * found, page after page, and some days later too.
 *
 * A failure names the seed of its people and its filters; PROFILED_SEED=N runs that one alone. */

#include <inttypes.h>
#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "server/base/day.h"
#include "tests/engine/seeded.h"
#include "tests/engine/seeds.h"
#include "tests/handlers/definitions.h"
#include "tests/handlers/events.h"
#include "tests/segment/person_seen.h"

enum { SEEDS = 6, FILTERS = 250, PEOPLE = 18, MERGES = 20 };

static struct seeded rolls;
static uint64_t seed;
static size_t merged_count;
static struct model_people people;
static const char *ids[PEOPLE]; /* "" of those who are a part of somebody else. */

static void init(void) {
    ask_open();
    define_once(PLAIN("score", NUMBER));
    define_once(PLAIN("vip", BOOL));
    define_once(DEFINITION("tags", STRING, .max_values = 3));
}

TestSuite(filter_properties, .init = init, .fini = ask_close);

/* ---- people ---- */

static const char *date_text(int64_t time_us) { return day_text(day_of(time_us), &ask_arena); }

static Profiled__V1__Profile *profile_of(const struct model_person *person) {
    static const struct {
        enum model_field field;
        const char *name;
    } texts[] = {{MODEL_CITY, "city"}, {MODEL_COUNTRY, "country"}, {MODEL_GENDER, "gender"}};
    struct told told = {.name = person->values[MODEL_NAME].items[0].text};
    const struct model_value *emails = &person->values[MODEL_EMAIL];
    const struct model_value *account = &person->values[MODEL_ACCOUNT];
    const struct model_value *birth = &person->values[MODEL_BIRTH_DATE];
    size_t count = 0;
    for (size_t i = 0; i < emails->count; i++) {
        told.identities[i] =
            (struct told_identity){.type = "email", .value = emails->items[i].text};
    }
    if (account->count > 0) {
        told.identities[emails->count] =
            (struct told_identity){.type = "external_id", .value = account->items[0].text};
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const struct model_value *value = &person->values[texts[i].field];
        if (value->count > 0) {
            told.attributes[count++] =
                (struct told_attribute){.name = texts[i].name, .value = value->items[0].text};
        }
    }
    if (birth->count > 0) {
        told.attributes[count++] = (struct told_attribute){
            .name = "birth_date", .value = date_text(birth->items[0].time_us)};
    }
    return profile_told(&told);
}

static void add_own(Profiled__V1__Profile *profile, const struct model_person *person) {
    const struct model_value *score = &person->values[MODEL_SCORE];
    const struct model_value *vip = &person->values[MODEL_VIP];
    const struct model_value *tags = &person->values[MODEL_TAGS];
    if (score->count > 0) {
        with_value(profile, "score", number_value(score->items[0].number));
    }
    if (vip->count > 0) {
        with_value(profile, "vip", flag_value(vip->items[0].number > 0));
    }
    if (tags->count > 0) {
        const char *texts[MODEL_ITEMS_MAX + 1] = {NULL};
        for (size_t i = 0; i < tags->count; i++) {
            texts[i] = tags->items[i].text;
        }
        with_value(profile, "tags", list_value(texts));
    }
}

/* As many as the model has; their times say which the last is. */
static void record_events(struct model_person *person, const char *id) {
    const size_t count = (size_t)person->values[MODEL_COUNT].items[0].number;
    const size_t on_whatsapp = (size_t)person->values[MODEL_WHATSAPP].items[0].number;
    struct model_value *last = &person->values[MODEL_LAST_TIME];
    last->count = 0;
    for (size_t i = 0; i < count; i++) {
        const int64_t occur_us = ask_now_us() -
                                 (int64_t)seeded_below(&rolls, 40) * 12 * US_PER_HOUR -
                                 (int64_t)seeded_below(&rolls, 2);
        record_event(
            event_by_id(engagement_told("", i < on_whatsapp ? "whatsapp" : "email", occur_us), id));
        if (last->count == 0 || occur_us > last->items[0].time_us) {
            last->items[0].time_us = occur_us;
            last->count = 1;
        }
    }
}

static void make_person(size_t number) {
    struct model_person *person = &people.people[number];
    *person = model_person_make(&rolls, number, ask_now_us(), &ask_arena);
    person->mood_seed = 0; /* Nobody tells a mood. */
    person->values[MODEL_BIRTH_DATE].items[0].time_us -=
        person->values[MODEL_BIRTH_DATE].items[0].time_us % US_PER_DAY;
    Profiled__V1__CreateProfileRequest request = PROFILED__V1__CREATE_PROFILE_REQUEST__INIT;
    request.profile = profile_of(person);
    add_own(request.profile, person);
    const Profiled__V1__CreateProfileResponse *response =
        ask(&rpc_profile_service, "CreateProfile", &request.base);
    ids[number] = response->profile->id;
    const Google__Protobuf__Timestamp *created = response->profile->create_time;
    person->values[MODEL_CREATE_TIME].items[0].time_us =
        created->seconds * US_PER_SECOND + created->nanos / 1000;
    record_events(person, ids[number]);
    ask_wait_us((int64_t)seeded_below(&rolls, 3) * 12 * US_PER_HOUR + 1);
}

/* Two of them are one: he or she is what everybody now sees. */
static void merge_some(void) {
    const size_t one = seeded_below(&rolls, PEOPLE);
    const size_t other = seeded_below(&rolls, PEOPLE);
    if (one == other || ids[one][0] == '\0' || ids[other][0] == '\0') {
        return;
    }
    ask_wait_us(US_PER_SECOND);
    Profiled__V1__MergeProfilesRequest request = PROFILED__V1__MERGE_PROFILES_REQUEST__INIT;
    ProtobufCMessage *response = NULL;
    request.profile_id = (char *)(uintptr_t)ids[one];
    request.other_profile_id = (char *)(uintptr_t)ids[other];
    call(ask_fixture, &rpc_identity_service, "MergeProfiles", &request.base, &response);
    if (response == NULL) {
        return; /* Born on different days. */
    }
    const Profiled__V1__Profile *profile = get(ids[one]);
    const bool one_is_left = strcmp(profile->id, ids[one]) == 0;
    people.people[one_is_left ? one : other] = person_seen(profile);
    ids[one_is_left ? other : one] = "";
    merged_count++;
}

/* What everybody sees of somebody is what was told; and the id and the time of the latest write. */
static void check_seen(size_t number) {
    const struct model_person seen = person_seen(get(ids[number]));
    people.people[number].values[MODEL_ID] = seen.values[MODEL_ID];
    people.people[number].values[MODEL_UPDATE_TIME] = seen.values[MODEL_UPDATE_TIME];
    for (int field = 0; field < MODEL_FIELDS; field++) {
        cr_assert_eq(seen.values[field].count, people.people[number].values[field].count,
                     "PROFILED_SEED=%" PRIu64 ": %s", seed, model_name((enum model_field)field));
    }
}

/* ---- filters ---- */

/* The time that profiles are in order of, going down as below zero. */
static int64_t order_of(const Profiled__V1__Profile *profile, const char *order_by) {
    const struct model_person person = person_seen(profile);
    const enum model_field field =
        strncmp(order_by, "update", 6) == 0 ? MODEL_UPDATE_TIME : MODEL_CREATE_TIME;
    const int64_t time_us = person.values[field].items[0].time_us;
    return strstr(order_by, "desc") == NULL ? time_us : -time_us;
}

/* Which of the people are listed, each once, in some order. False for a filter over the limits. */
static bool list(const char *filter, bool found[PEOPLE]) {
    static const char *const orders[] = {"", "create_time desc", "update_time", "update_time desc"};
    Profiled__V1__ListProfilesRequest request = PROFILED__V1__LIST_PROFILES_REQUEST__INIT;
    const char *order_by = orders[seeded_below(&rolls, 4)];
    int64_t last = INT64_MIN;
    request.filter = (char *)(uintptr_t)filter;
    request.order_by = (char *)(uintptr_t)order_by;
    request.page_size = seeded_below(&rolls, 2) == 0 ? 0 : 1 + (int32_t)seeded_below(&rolls, 5);
    memset(found, 0, PEOPLE * sizeof *found);
    for (;;) {
        ProtobufCMessage *message = NULL;
        const struct answer *answer =
            call(ask_fixture, &rpc_profile_service, "ListProfiles", &request.base, &message);
        if (message == NULL) {
            cr_assert_eq(strncmp(answer_metadata(answer, "expected"), "at most", 7), 0,
                         "PROFILED_SEED=%" PRIu64 ": %s: at %s, expected %s", seed, filter,
                         answer_metadata(answer, "offset"), answer_metadata(answer, "expected"));
            return false;
        }
        const Profiled__V1__ListProfilesResponse *page =
            (const Profiled__V1__ListProfilesResponse *)message;
        for (size_t i = 0; i < page->n_profiles; i++) {
            size_t k = 0;
            while (k < PEOPLE && strcmp(ids[k], page->profiles[i]->id) != 0) {
                k++;
            }
            cr_assert(k < PEOPLE && !found[k], "PROFILED_SEED=%" PRIu64 ": %s", seed, filter);
            found[k] = true;
            const int64_t order = order_of(page->profiles[i], order_by);
            cr_assert_geq(order, last, "PROFILED_SEED=%" PRIu64 ": %s", seed, filter);
            last = order;
        }
        if (page->next_page_token[0] == '\0') {
            return true;
        }
        request.page_token = page->next_page_token;
    }
}

static void check_filter(void) {
    const struct model_node *model = model_filter_make(&rolls, &people, MODEL_FIELDS, &ask_arena);
    const char *text = model_filter_text(&rolls, model, &ask_arena);
    bool found[PEOPLE];
    if (!list(text, found)) {
        return;
    }
    for (size_t i = 0; i < PEOPLE; i++) {
        cr_assert_eq(found[i],
                     ids[i][0] != '\0' &&
                         model_filter_holds(model, &people.people[i], ask_now_us()),
                     "PROFILED_SEED=%" PRIu64 ": %s: %d of person %zu", seed, text, found[i], i);
    }
}

static void check_population(void) {
    rolls = (struct seeded){.state = seed};
    people.count = PEOPLE;
    for (size_t i = 0; i < PEOPLE; i++) {
        make_person(i);
        check_seen(i);
    }
    for (size_t i = 0; i < MERGES; i++) {
        merge_some();
    }
    for (size_t i = 0; i < FILTERS; i++) {
        check_filter();
        if (i % 50 == 49) {
            ask_wait_us((int64_t)seeded_below(&rolls, 60) * 6 * US_PER_HOUR + 1);
        }
    }
}

Test(filter_properties, what_is_listed_is_what_the_model_s_filter_holds_for) {
    const struct seeds seeds = seeds_of(SEEDS);
    for (seed = seeds.first; seed <= seeds.last; seed++) {
        check_population();
        ask_close();
        init();
    }
    cr_expect_gt(merged_count, 0, "some turned out to be one");
}
