/* Reads everything, and writes it down. Left out is what tells of the writes themselves and not of
 * what came of them: etag, time of change, ids of merges. */

#include "tests/identity/replay_picture.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "server/base/limits.h"
#include "tests/handlers/definitions.h"
#include "tests/handlers/events.h"

enum { PICTURE_SIZE_MAX = 1 << 16 };

struct picture {
    const struct replay_run *run;
    bool is_alike; /* Without members, and sorted. */
    char *text;
    size_t size;
};

static void print(struct picture *picture, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void print(struct picture *picture, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const int size = vsnprintf(picture->text + picture->size, PICTURE_SIZE_MAX - picture->size,
                               format, arguments);
    va_end(arguments);
    cr_assert(size >= 0 && (size_t)size < PICTURE_SIZE_MAX - picture->size);
    picture->size += (size_t)size;
}

/* Since the run began. */
static const char *time_text(const struct picture *picture,
                             const Google__Protobuf__Timestamp *time) {
    return time == NULL ? "never"
                        : arena_format(&ask_arena, "%" PRId64,
                                       time->seconds * US_PER_SECOND + time->nanos / 1000 -
                                           picture->run->begin_us);
}

static int name_of(const struct picture *picture, const char *id) {
    return replay_profile_of(picture->run, id);
}

/* ---- one profile ---- */

static void print_identities(struct picture *picture, const Profiled__V1__Profile *profile) {
    for (size_t i = 0; i < profile->n_identities; i++) {
        const Profiled__V1__Identity *identity = profile->identities[i];
        print(picture,
              "  %s %s as %s, provenance %d, source %s, state %d, rule %d, seen %s to %s\n",
              identity->type, replay_value_name(picture->run, identity->canonical_value),
              replay_value_name(picture->run, identity->value), (int)identity->provenance,
              identity->source, (int)identity->state, (int)identity->rule,
              time_text(picture, identity->first_seen_time),
              time_text(picture, identity->last_seen_time));
    }
}

static void print_attributes(struct picture *picture, const Profiled__V1__Profile *profile) {
    for (size_t i = 0; i < profile->n_attributes; i++) {
        const Profiled__V1__AttributeValue *value = profile->attributes[i]->value;
        print(picture, "  %s %s, source %s, observed %s\n", profile->attributes[i]->key,
              value_in(profile, profile->attributes[i]->key), value->source,
              time_text(picture, value->observe_time));
    }
}

static void print_labels(struct picture *picture, const char *kind, size_t count,
                         Profiled__V1__LabelCount *const *labels) {
    for (size_t i = 0; i < count; i++) {
        print(picture, "  %s %s%s%s %" PRId64 ", %s to %s\n", kind, labels[i]->theme,
              labels[i]->theme[0] == '\0' ? "" : " ", labels[i]->label, labels[i]->count,
              time_text(picture, labels[i]->first_time), time_text(picture, labels[i]->last_time));
    }
}

static void print_summary(struct picture *picture,
                          const Profiled__V1__InteractionSummary *summary) {
    print(picture, "  interactions %" PRId64 ", %s to %s\n", summary->count,
          time_text(picture, summary->first_time), time_text(picture, summary->last_time));
    print_labels(picture, "channel", summary->n_channels, summary->channels);
    print_labels(picture, "theme", summary->n_themes, summary->themes);
    print_labels(picture, "sub-theme", summary->n_sub_themes, summary->sub_themes);
    print_labels(picture, "sentiment", summary->n_sentiments, summary->sentiments);
    print_labels(picture, "kind", summary->n_kinds, summary->kinds);
}

static void print_interactions(struct picture *picture, const char *id) {
    const Profiled__V1__ListInteractionsResponse *list = events_of(id);
    for (size_t i = 0; i < list->n_interactions; i++) {
        const Profiled__V1__Interaction *one = list->interactions[i];
        const int member = picture->is_alike ? REPLAY_NONE : name_of(picture, one->profile_id);
        print(picture, "  I%d of P%d, source %s, %s, recorded %s, channel %s\n",
              replay_event_of(picture->run, one->id), member, one->source,
              time_text(picture, one->occur_time), time_text(picture, one->record_time),
              one->engagement->channel);
    }
}

static void print_merges(struct picture *picture, const Profiled__V1__Profile *profile) {
    if (profile->n_merged_ids == 0 || picture->is_alike) {
        return;
    }
    Profiled__V1__ListMergesRequest request = PROFILED__V1__LIST_MERGES_REQUEST__INIT;
    request.profile_id = profile->id;
    request.page_size = PAGE_SIZE_MAX;
    const Profiled__V1__ListMergesResponse *list =
        ask(&rpc_identity_service, "ListMerges", &request.base);
    for (size_t i = 0; i < list->n_merges; i++) {
        const Profiled__V1__Merge *merge = list->merges[i];
        if (merge->undo_time == NULL) {
            print(picture, "  merge of P%d and P%d, by %s, %s\n",
                  name_of(picture, merge->profile_id), name_of(picture, merge->other_profile_id),
                  merge->method, time_text(picture, merge->merge_time));
        }
    }
}

static int by_identity(const void *one, const void *other) {
    const Profiled__V1__Identity *const *a = one;
    const Profiled__V1__Identity *const *b = other;
    const int order = strcmp((*a)->type, (*b)->type);
    return order != 0 ? order : strcmp((*a)->canonical_value, (*b)->canonical_value);
}

static int by_key(const void *one, const void *other) {
    const Profiled__V1__Profile__AttributesEntry *const *a = one;
    const Profiled__V1__Profile__AttributesEntry *const *b = other;
    return strcmp((*a)->key, (*b)->key);
}

static void sort(const Profiled__V1__Profile *profile) {
    if (profile->n_identities > 0) {
        qsort(profile->identities, profile->n_identities, sizeof(Profiled__V1__Identity *),
              by_identity);
    }
    if (profile->n_attributes > 0) {
        qsort(profile->attributes, profile->n_attributes,
              sizeof(Profiled__V1__Profile__AttributesEntry *), by_key);
    }
}

static void print_profile(struct picture *picture, const Profiled__V1__Profile *profile) {
    print(picture, "P%d: %s, derived %d, complete %d, made %s, of", name_of(picture, profile->id),
          replay_value_name(picture->run, profile->name), (int)profile->name_derived,
          (int)profile->completeness, time_text(picture, profile->create_time));
    for (size_t i = 0; i < profile->n_merged_ids && !picture->is_alike; i++) {
        print(picture, " P%d", name_of(picture, profile->merged_ids[i]));
    }
    print(picture, "\n");
    if (picture->is_alike) {
        sort(profile);
    }
    print_identities(picture, profile);
    print_attributes(picture, profile);
    print_summary(picture, profile->interaction_summary);
    print_interactions(picture, profile->id);
    print_merges(picture, profile);
}

/* ---- all ---- */

/* NULL where there are none. */
static const Profiled__V1__BatchGetProfilesResponse *profiles_of(const struct replay_run *run) {
    char *ids[REPLAY_STEPS_MAX];
    Profiled__V1__BatchGetProfilesRequest request = PROFILED__V1__BATCH_GET_PROFILES_REQUEST__INIT;
    request.ids = ids;
    for (size_t i = 0; i < REPLAY_STEPS_MAX; i++) {
        if (run->profiles[i][0] != '\0') {
            ids[request.n_ids++] = (char *)(uintptr_t)run->profiles[i];
        }
    }
    return request.n_ids == 0 ? NULL : ask(&rpc_profile_service, "BatchGetProfiles", &request.base);
}

static void print_profiles(struct picture *picture) {
    const Profiled__V1__BatchGetProfilesResponse *response = profiles_of(picture->run);
    if (response == NULL) {
        return;
    }
    for (size_t i = 0; i < response->n_missing_ids; i++) {
        print(picture, "P%d does not answer\n", name_of(picture, response->missing_ids[i]));
    }
    for (size_t i = 0; i < response->n_profiles; i++) {
        const Profiled__V1__GetProfileResponse *one = response->profiles[i];
        if (one->redirected_from_id[0] == '\0') {
            print_profile(picture, one->profile);
        } else {
            print(picture, "P%d redirects to P%d\n", name_of(picture, one->redirected_from_id),
                  name_of(picture, one->profile->id));
        }
    }
}

static void print_found(struct picture *picture) {
    for (int type = 0; type < REPLAY_TYPES; type++) {
        for (int value = 0; value < REPLAY_VALUES; value++) {
            Profiled__V1__LookupProfileRequest request = PROFILED__V1__LOOKUP_PROFILE_REQUEST__INIT;
            request.identity =
                identity_told(replay_types[type], picture->run->values[type][value][0]);
            ProtobufCMessage *response = NULL;
            call_in(ask_fixture, picture->run->workspace, &rpc_profile_service, "LookupProfile",
                    &request.base, &response);
            if (response != NULL) {
                print(picture, "%s#%d finds P%d\n", replay_types[type], value,
                      name_of(picture,
                              ((Profiled__V1__LookupProfileResponse *)response)->profile->id));
            }
        }
    }
}

/* Those of other runs in the workspace are none of this one's. */
static void print_apart(struct picture *picture) {
    Profiled__V1__ListNeverJoinsRequest request = PROFILED__V1__LIST_NEVER_JOINS_REQUEST__INIT;
    request.page_size = PAGE_SIZE_MAX;
    const Profiled__V1__ListNeverJoinsResponse *list =
        ask(&rpc_identity_service, "ListNeverJoins", &request.base);
    cr_assert(list->next_page_token[0] == '\0');
    for (int one = 0; one < REPLAY_STEPS_MAX; one++) {
        for (size_t i = 0; i < list->n_never_joins; i++) {
            const Profiled__V1__NeverJoin *never = list->never_joins[i];
            if (name_of(picture, never->profile_id) == one) {
                print(picture, "P%d and P%d are never one\n", one,
                      name_of(picture, never->other_profile_id));
            }
        }
    }
}

static const char *take(struct picture picture) {
    picture.text = arena_alloc(&ask_arena, PICTURE_SIZE_MAX);
    ask_in(picture.run->workspace);
    print_profiles(&picture);
    print_found(&picture);
    print_apart(&picture);
    picture.text[picture.size] = '\0';
    return picture.text;
}

const char *replay_picture(const struct replay_run *run) {
    return take((struct picture){.run = run});
}

const char *replay_picture_alike(const struct replay_run *run) {
    return take((struct picture){.run = run, .is_alike = true});
}

/* ---- persons ---- */

static int by_text(const void *one, const void *other) {
    return strcmp(*(const char *const *)one, *(const char *const *)other);
}

/* The texts one behind the other, sorted, each behind `before`. */
static const char *join_sorted(const char **texts, size_t count, const char *before) {
    char *joined = arena_alloc(&ask_arena, PICTURE_SIZE_MAX);
    size_t size = 0;
    if (count > 0) {
        qsort(texts, count, sizeof *texts, by_text);
    }
    for (size_t i = 0; i < count; i++) {
        const int more = snprintf(joined + size, PICTURE_SIZE_MAX - size, "%s%s", before, texts[i]);
        cr_assert(more >= 0 && (size_t)more < PICTURE_SIZE_MAX - size);
        size += (size_t)more;
    }
    return joined;
}

/* The lines of a text, sorted. */
static const char *sort_lines(const char *text) {
    const char *lines[1000];
    size_t count = 0;
    while (text[0] != '\0') {
        const size_t size = strcspn(text, "\n");
        cr_assert_lt(count, sizeof lines / sizeof *lines);
        lines[count++] = arena_string(&ask_arena, bytes_of(text, size));
        text += size + (text[size] == '\n');
    }
    return join_sorted(lines, count, "\n");
}

/* Those of the members that the other run has too. */
static const char *members_text(const struct picture *picture, const Profiled__V1__Profile *profile,
                                const struct replay_run *beside) {
    uint64_t members = UINT64_C(1) << name_of(picture, profile->id);
    for (size_t i = 0; i < profile->n_merged_ids; i++) {
        members |= UINT64_C(1) << name_of(picture, profile->merged_ids[i]);
    }
    const char *text = "person";
    for (int i = 0; i < REPLAY_STEPS_MAX; i++) {
        if ((members & UINT64_C(1) << i) != 0 && beside->profiles[i][0] != '\0') {
            text = arena_format(&ask_arena, "%s P%02d", text, i);
        }
    }
    return text;
}

static const char *person_text(const struct replay_run *run, const Profiled__V1__Profile *profile,
                               const struct replay_run *beside) {
    struct picture picture = {
        .run = run, .is_alike = true, .text = arena_alloc(&ask_arena, PICTURE_SIZE_MAX)};
    print_identities(&picture, profile);
    print_attributes(&picture, profile);
    print_summary(&picture, profile->interaction_summary);
    print_interactions(&picture, profile->id);
    picture.text[picture.size] = '\0';
    return arena_format(&ask_arena, "%s: %s, derived %d%s", members_text(&picture, profile, beside),
                        replay_value_name(run, profile->name), (int)profile->name_derived,
                        sort_lines(picture.text));
}

const char *replay_picture_persons(const struct replay_run *run, const struct replay_run *beside) {
    const char *persons[REPLAY_STEPS_MAX];
    size_t count = 0;
    ask_in(run->workspace);
    const Profiled__V1__BatchGetProfilesResponse *response = profiles_of(run);
    for (size_t i = 0; response != NULL && i < response->n_profiles; i++) {
        const Profiled__V1__GetProfileResponse *one = response->profiles[i];
        if (one->redirected_from_id[0] == '\0') {
            persons[count++] = person_text(run, one->profile, beside);
        }
    }
    return join_sorted(persons, count, "\n");
}

/* ---- differing ---- */

static const char *line_at(const char *text, size_t at) {
    size_t from = at;
    while (from > 0 && text[from - 1] != '\n') {
        from--;
    }
    return arena_string(&ask_arena, bytes_of(text + from, strcspn(text + from, "\n")));
}

const char *replay_difference(const char *one, const char *other) {
    size_t at = 0;
    while (one[at] != '\0' && one[at] == other[at]) {
        at++;
    }
    return one[at] == other[at] ? NULL
                                : arena_format(&ask_arena, "'%s', and replayed '%s'",
                                               line_at(one, at), line_at(other, at));
}
