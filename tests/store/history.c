/* What might happen to a store, by the seed of the fixture. */

#include "tests/store/history.h"

#include <criterion/criterion.h>
#include <string.h>

#include "server/store/change.h"
#include "server/store/fact.h"
#include "server/store/records/record.pb-c.h"
#include "server/store/segment.h"
#include "server/store/subscription.h"
#include "server/store/trait.h"
#include "tests/store/fixture.h"

enum { PROFILES_MAX = 1000, STEPS_A_TRANSACTION = 20, ANSWER_SIZE = 200000, SEGMENTS = 3 };

static struct id ids[PROFILES_MAX];
static size_t id_count;
static int64_t now_us;
static uint64_t rule_version = 1;
static size_t trait_count;

static const char *pick(const char *const *words, size_t count) {
    return words[seeded_below(&seeded, count)];
}

static const char *a_city(void) {
    static const char *const cities[] = {"riyadh", "jeddah", "dammam", "medina"};
    return pick(cities, 4);
}

static const char *a_name(void) {
    static const char *const given[] = {"Noura", "Faisal", "Reem", "Sami"};
    static const char *const family[] = {"Alharbi", "Alotaibi", "Alqahtani"};
    return arena_format(&arena, "%s %s", pick(given, 4), pick(family, 3));
}

static void create(struct store_view *view) {
    struct profile *profile = profile_new(a_name());
    profile_add_identity(profile, "email", arena_format(&arena, "person%zu@example.com", id_count));
    profile_add_identity(profile, "phone", arena_format(&arena, "+9665000%05zu", id_count));
    profile->identities[1].rule = seeded_below(&seeded, 4) == 0 ? 6 : 0;
    profile_add_attribute(profile, "city", a_city(), false);
    profile_add_attribute(profile, "about", "likes tea", true);
    cr_assert(status_is_ok(store_profile_put(view, profile)));
    ids[id_count++] = profile->id;
}

static struct id an_id(void) { return ids[seeded_below(&seeded, id_count)]; }

static void change(struct store_view *view) {
    struct profile *profile = profile_to_change(view, an_id());
    if (!id_is_zero(profile->merged_into)) {
        return;
    }
    switch (seeded_below(&seeded, 4)) {
    case 0:
        profile->name = a_name();
        break;
    case 1:
        profile->attributes[0].value = a_city();
        break;
    case 2:
        profile->identities[0].rule = profile->identities[0].rule == 0 ? 5 : 0;
        break;
    default:
        profile->delete_us = profile->delete_us == 0 ? now_us : 0;
        break;
    }
    profile->update_us = now_us;
    cr_assert(status_is_ok(store_profile_put(view, profile)));
}

static void merge(struct store_view *view) {
    const struct profile *one = profile_to_change(view, an_id());
    const struct profile *other = profile_to_change(view, an_id());
    if (!id_equal(one->id, other->id) && profile_is_live(one) && profile_is_live(other)) {
        (void)profiles_merge(view, one->id, other->id, now_us, seeded_below(&seeded, 2) == 0);
    }
}

static void interact(struct store_view *view) {
    static const char *const channels[] = {"twitter", "whatsapp", "email"};
    static const char *const themes[] = {"", "delivery", "price"};
    static int64_t event_number;
    const char *event_id = seeded_below(&seeded, 2) == 0
                               ? ""
                               : arena_format(&arena, "event-%lld", (long long)++event_number);
    const int64_t occur_us = now_us - (int64_t)seeded_below(&seeded, 4) * US_PER_DAY * 9000;
    (void)interaction_add(view, an_id(), occur_us, event_id, pick(channels, 3), pick(themes, 3),
                          (uint32_t)seeded_below(&seeded, 4));
}

static void count_decision(struct profile *own, struct id unused) {
    (void)unused;
    own->decision_count++;
}

static void set_apart(struct profile *own, struct id other) {
    struct id *apart = arena_append(&arena, own->apart, own->apart_count, sizeof *apart);
    apart[own->apart_count++] = other;
    own->apart = apart;
}

/* Two that nobody will join: one of them is deleted, perhaps. */
static void keep_apart(struct store_view *view) {
    const struct id one = an_id();
    const struct id other = an_id();
    bool found = false;
    struct store_never_join never = {
        .one = one, .other = other, .create_us = now_us, .merge = {{1}}};
    if (id_equal(one, other)) {
        return;
    }
    cr_assert(status_is_ok(store_never_join_get(view, one, other, &found, &never)));
    if (!found) {
        own_state_change(view, one, set_apart, other);
        own_state_change(view, other, set_apart, one);
        cr_assert(status_is_ok(store_never_join_put(view, &never)));
    }
}

static void decide(struct store_view *view) {
    Stored__V1__Decision decision = STORED__V1__DECISION__INIT;
    decision.outcome = 1;
    decision.decide_us = (uint64_t)now_us;
    const struct id id = an_id();
    own_state_change(view, id, count_decision, id);
    cr_assert(status_is_ok(store_decision_put(view, id, id_make(now_us, &random_source),
                                              store_pack(&arena, &decision.base))));
}

/* A pair that is met for the first time or again, or is decided. */
static void review(struct store_view *view) {
    const struct id one = an_id();
    const struct id other = an_id();
    bool found = false;
    struct store_review met;
    if (id_equal(one, other)) {
        return;
    }
    cr_assert(status_is_ok(store_review_get(view, one, other, &found, &met)));
    if (found) {
        met.record_count++;
        met.last_us = now_us;
        met.state = met.state == STORE_REVIEW_OPEN ? STORE_REVIEW_DISMISSED : STORE_REVIEW_OPEN;
        met.decide_us = met.state == STORE_REVIEW_OPEN ? 0 : now_us;
        met.id = met.state == STORE_REVIEW_OPEN ? id_make(now_us, &random_source) : met.id;
    } else {
        const bool is_less = id_compare(one, other) < 0;
        met = (struct store_review){.id = id_make(now_us, &random_source),
                                    .one = is_less ? one : other,
                                    .other = is_less ? other : one,
                                    .state = STORE_REVIEW_OPEN,
                                    .rule = 7,
                                    .rules = 1 << 7,
                                    .record_count = 1,
                                    .first_us = now_us,
                                    .last_us = now_us,
                                    .decision = id_make(now_us, &random_source),
                                    .decision_member = one,
                                    .rule_version = 1};
    }
    cr_assert(status_is_ok(store_review_put(view, &met)));
}

static void answer(struct store_view *view) {
    const size_t size = seeded_below(&seeded, 2) == 0 ? 100 : ANSWER_SIZE;
    const struct store_request request = {.body = {{1}},
                                          .response = bytes_of(arena_alloc(&arena, size), size)};
    cr_assert(
        status_is_ok(store_request_put(view, id_make(now_us, &random_source), now_us, &request)));
}

static void import(struct store_view *view) {
    uint8_t header[VAULT_FINGERPRINT_SIZE] = {5};
    Stored__V1__Import progress = STORED__V1__IMPORT__INIT;
    progress.header = (ProtobufCBinaryData){sizeof header, header};
    progress.durable_row = 9;
    progress.created = 4;
    progress.failed = 5;
    progress.update_us = (uint64_t)now_us;
    cr_assert(status_is_ok(store_import_put(view, STORE_IMPORT_PROFILES, "spring",
                                            store_pack(&arena, &progress.base))));
    progress.durable_row = 12;
    cr_assert(status_is_ok(store_import_put(view, STORE_IMPORT_PROFILES, "autumn",
                                            store_pack(&arena, &progress.base))));
    progress.of_interactions = true;
    progress.recorded = 6;
    progress.repeated = 1;
    progress.skipped = 90; /* What is sent again has no row of its own. */
    cr_assert(status_is_ok(store_import_put(view, STORE_IMPORT_INTERACTIONS, "spring",
                                            store_pack(&arena, &progress.base))));
    Stored__V1__IdentityRules rules = STORED__V1__IDENTITY_RULES__INIT;
    rules.version = ++rule_version;
    cr_assert(status_is_ok(store_rules_put(view, rule_version, store_pack(&arena, &rules.base))));
    Stored__V1__AttributeRule rule = STORED__V1__ATTRIBUTE_RULE__INIT;
    Stored__V1__AttributeRule own = STORED__V1__ATTRIBUTE_RULE__INIT;
    Stored__V1__AttributeRule *both[] = {&rule, &own};
    rule.name = (char *)(uintptr_t) "city";
    rule.survivorship = 3;
    own.name = (char *)(uintptr_t) "tier";
    own.survivorship = 1;
    own.form = 6;
    Stored__V1__AttributeDefinition tier = STORED__V1__ATTRIBUTE_DEFINITION__INIT;
    tier.name = own.name;
    cr_assert(status_is_ok(store_definition_put(view, "tier", store_pack(&arena, &tier.base))));
    Stored__V1__AttributeRules attributes = STORED__V1__ATTRIBUTE_RULES__INIT;
    attributes.version = 2;
    attributes.n_attributes = 2;
    attributes.attributes = both;
    cr_assert(status_is_ok(store_attribute_rules_put(view, store_pack(&arena, &attributes.base))));
    Stored__V1__Term term = STORED__V1__TERM__INIT;
    term.name = (char *)(uintptr_t) "complaint";
    Stored__V1__Theme theme = STORED__V1__THEME__INIT;
    theme.term = &term;
    Stored__V1__Theme *list[] = {&theme};
    Stored__V1__Themes themes = STORED__V1__THEMES__INIT;
    themes.n_themes = 1;
    themes.themes = list;
    cr_assert(status_is_ok(store_themes_put(view, store_pack(&arena, &themes.base))));
    Stored__V1__Channel channel = STORED__V1__CHANNEL__INIT;
    channel.term = &term;
    Stored__V1__Channel *channel_list[] = {&channel};
    Stored__V1__Channels channels = STORED__V1__CHANNELS__INIT;
    channels.n_channels = 1;
    channels.channels = channel_list;
    cr_assert(status_is_ok(store_channels_put(view, store_pack(&arena, &channels.base))));
    const struct store_retention retention = {.days = {[STORE_KIND_ACTIVITY] = 400}};
    cr_assert(status_is_ok(store_retention_put(view, &retention)));
}

static void step(struct store_view *view) {
    now_us += US_PER_SECOND;
    const size_t choice = id_count < 4 ? 0 : seeded_below(&seeded, 23);
    if (choice < 5) {
        create(view);
    } else if (choice < 9) {
        change(view);
    } else if (choice < 11) {
        merge(view);
    } else if (choice < 16) {
        interact(view);
    } else if (choice < 18) {
        decide(view);
    } else if (choice < 19) {
        keep_apart(view);
    } else if (choice < 20) {
        answer(view);
    } else if (choice < 21) {
        import(view);
    } else {
        review(view);
    }
}

static void add_trait(enum store_trait_aggregation aggregation, enum store_trait_field field,
                      int32_t window_days) {
    struct store_trait trait = {.name = arena_format(&arena, "trait_%zu", ++trait_count),
                                .description = "",
                                .aggregation = aggregation,
                                .field = field,
                                .field_name = "",
                                .filter = "",
                                .window_days = window_days};
    struct store_view *view = write_begin();
    cr_assert(status_is_ok(store_trait_add(view, &trait, now_us)));
    write_end();
}

/* A trait more, of which some interactions are counted; at first some that are ready. */
static void change_traits(void) {
    if (trait_count == 0) {
        add_trait(STORE_TRAIT_COUNT, STORE_TRAIT_NO_FIELD, 0);
        add_trait(STORE_TRAIT_MOST_FREQUENT, STORE_TRAIT_CHANNEL, 30);
        add_trait(STORE_TRAIT_LAST, STORE_TRAIT_CHANNEL, 0);
    } else {
        add_trait(STORE_TRAIT_DISTINCT_COUNT, STORE_TRAIT_THEME, 0);
    }
    int64_t looked_at = 0;
    struct store_view *view = write_begin();
    cr_assert(status_is_ok(store_traits_backfill(view, 20, &looked_at)));
    write_end();
}

/* ---- segments ---- */

/* Two that are there, of which one is being filled, and one that was deleted. */
static void make_segments(void) {
    static const char *const names[] = {"lapsed", "vip", "gone"};
    for (size_t i = 0; i < SEGMENTS; i++) {
        struct store_segment segment = {.name = names[i],
                                        .display_name = "",
                                        .description = "",
                                        .color = "",
                                        .kind = STORE_SEGMENT_DYNAMIC,
                                        .state = STORE_SEGMENT_ACTIVE,
                                        .filter = "name:sara",
                                        .create_us = now_us};
        struct store_view *view = write_begin();
        cr_assert(status_is_ok(store_segment_put(view, &segment)));
        cr_assert_eq(segment.number, i + 1);
        write_end();
        view = write_begin();
        if (i == 0) {
            const struct store_segment_place place = {.segment = segment.number,
                                                      .filter_before = ""};
            cr_assert(status_is_ok(store_place_put(view, &place)));
        } else if (i == 2) {
            cr_assert(status_is_ok(store_segment_delete(view, &segment)));
        }
        write_end();
    }
}

/* A subscription with one change that is out and one that is dead. */
static void make_subscription(void) {
    const struct store_subscription subscription = {
        .name = "mails", .filter = "", .ack_seconds = 60, .max_attempts = 5, .create_us = now_us};
    struct store_view *view = write_begin();
    cr_assert(status_is_ok(store_subscription_put(view, &subscription)));
    for (uint32_t i = 0; i < 2; i++) {
        const struct store_delivery delivery = {
            .sequence = 1,
            .place = i,
            .change = store_change_of(STORE_CHANGE_PROFILE_CREATED, (struct id){{1}}),
            .attempt = 1,
            .due_us = now_us};
        cr_assert(status_is_ok(store_delivery_put(view, "mails", i == 1, &delivery)));
    }
    write_end();
}

/* What the store's follower would make of each live profile: nobody follows it here. */
static void put_memberships(bool some) {
    static const uint32_t in_both[] = {1, 2};
    struct store_view *view = write_begin();
    for (size_t i = 0; i < id_count; i++) {
        const struct profile *profile = NULL;
        struct store_membership before;
        const struct store_segment_due due = {2, now_us + (int64_t)i * US_PER_SECOND};
        struct store_membership after = {.count = some ? i % 3 : 0, .segments = in_both};
        if (some && i % 2 == 0) {
            after.due_count = 1;
            after.dues = &due;
        }
        cr_assert(status_is_ok(store_profile_get(view, ids[i], &profile)));
        if (!profile_is_live(profile)) {
            continue;
        }
        cr_assert(status_is_ok(store_membership_get(view, ids[i], &before)));
        cr_assert(status_is_ok(
            store_membership_put(view, ids[i], &before, &after, (int32_t)(now_us / US_PER_DAY))));
        cr_assert(status_is_ok(store_segment_list_put(view, ids[i], in_both, i % 3)));
        const struct store_change change = store_change_of(STORE_CHANGE_SEGMENT_ENTERED, ids[i]);
        if (i % 20 == 0) {
            cr_assert(status_is_ok(store_changes_put(view, now_us, &change, 1)));
        }
    }
    write_end();
}

void history_run(size_t steps) {
    if (now_us == 0) {
        now_us = FIXTURE_NOW_US + US_PER_HOUR;
    }
    if (trait_count == 0) {
        make_segments();
        make_subscription();
    }
    change_traits();
    put_memberships(false);
    for (size_t done = 0; done < steps;) {
        struct store_view *view = write_begin();
        for (size_t i = 0; i < STEPS_A_TRANSACTION && done < steps; i++, done++) {
            step(view);
        }
        write_end();
    }
    put_memberships(true);
}

void history_reset(void) {
    id_count = 0;
    now_us = 0;
    rule_version = 1;
    trait_count = 0;
}
