/* Rehearsals: simulating, applying, comparing. */

#include "tests/handlers/rehearsal.h"

#include <inttypes.h>
#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "server/base/limits.h"

const char *effect_text(const Profiled__V1__IdentityTypesEffect *effect) {
    return arena_format(&ask_arena,
                        "%" PRId64 " profiles, %" PRId64 " changed, %" PRId64 " lost, %" PRId64
                        " gained, %" PRId64 " made, %" PRId64 " split, %" PRId64 " joined, %" PRId64
                        " moved, %" PRId64 " unjudged",
                        effect->profile_count, effect->changed_count, effect->lost_identity_count,
                        effect->gained_identity_count, effect->made_count, effect->split_count,
                        effect->joined_count, effect->moved_count, effect->unjudged_count);
}

/* All profiles, and what each of them is. */
static const Profiled__V1__ListProfilesResponse *list_all(void) {
    Profiled__V1__ListProfilesRequest request = PROFILED__V1__LIST_PROFILES_REQUEST__INIT;
    request.page_size = PAGE_SIZE_MAX;
    return ask(&rpc_profile_service, "ListProfiles", &request.base);
}

static const char *etag_of(const Profiled__V1__ListProfilesResponse *profiles, const char *id) {
    for (size_t i = 0; i < profiles->n_profiles; i++) {
        if (strcmp(profiles->profiles[i]->id, id) == 0) {
            return profiles->profiles[i]->etag;
        }
    }
    return "";
}

static bool is_there(const Profiled__V1__ListProfilesResponse *profiles, const char *id) {
    for (size_t i = 0; i < profiles->n_profiles; i++) {
        const Profiled__V1__Profile *profile = profiles->profiles[i];
        if (strcmp(profile->id, id) == 0) {
            return true;
        }
        for (size_t k = 0; k < profile->n_merged_ids; k++) {
            if (strcmp(profile->merged_ids[k], id) == 0) {
                return true;
            }
        }
    }
    return false;
}

static bool are_there(const Profiled__V1__ListProfilesResponse *profiles, char *const *ids,
                      size_t count) {
    bool there = true;
    for (size_t i = 0; i < count; i++) {
        there = there && is_there(profiles, ids[i]);
    }
    return there;
}

/* Whether all whom it names are there before anything is done. */
static bool names_who_is_there(const Profiled__V1__ListProfilesResponse *before,
                               const Profiled__V1__ProfileEffect *listed) {
    return is_there(before, listed->profile_id) &&
           are_there(before, listed->split_ids, listed->n_split_ids) &&
           are_there(before, listed->joined_ids, listed->n_joined_ids) &&
           are_there(before, listed->moved_to_ids, listed->n_moved_to_ids) &&
           are_there(before, listed->moved_from_ids, listed->n_moved_from_ids);
}

/* Adds what is listed of the profiles that a page changed, which come next in the list: NULL where
 * it is not of that pass. */
static const char *listed_text(const struct simulated *told, size_t *next,
                               const Profiled__V1__ApplyIdentityTypesResponse *page) {
    Profiled__V1__IdentityTypesEffect sum = PROFILED__V1__IDENTITY_TYPES_EFFECT__INIT;
    sum.profile_count = page->effect->profile_count;
    sum.unjudged_count = page->effect->unjudged_count;
    int64_t moved_from_count = 0;
    for (; sum.changed_count < page->effect->changed_count; sum.changed_count++) {
        if (*next == told->listed_count || told->listed[*next]->pass != page->pass) {
            return NULL;
        }
        const Profiled__V1__ProfileEffect *listed = told->listed[(*next)++];
        sum.lost_identity_count += listed->lost_identity_count;
        sum.gained_identity_count += listed->gained_identity_count;
        sum.made_count += listed->made_count;
        sum.split_count += listed->split_count;
        sum.joined_count += listed->joined_count;
        sum.moved_count += listed->moved_to_count;
        moved_from_count += listed->moved_from_count;
    }
    if (sum.moved_count != moved_from_count) {
        return "with records from other profiles than they went from";
    }
    return effect_text(&sum);
}

/* What was told against what was done: in all, page by page, and profile by profile. */
static const char *compare(const struct simulated *told, const struct applied *done,
                           const Profiled__V1__ListProfilesResponse *before) {
    const char *simulated = effect_text(&told->effect);
    const char *applied = effect_text(&done->effect);
    if (strcmp(simulated, applied) != 0 || told->pass != done->pass ||
        told->settled != done->settled) {
        return arena_format(&ask_arena, "simulated %s in %d passes; applied %s in %d", simulated,
                            told->pass, applied, done->pass);
    }
    size_t next = 0;
    for (size_t i = 0; i < done->page_count; i++) {
        const char *listed = listed_text(told, &next, done->pages[i]);
        applied = effect_text(done->pages[i]->effect);
        if (listed == NULL || strcmp(listed, applied) != 0) {
            return arena_format(&ask_arena, "listed %s; a page applied %s",
                                listed == NULL ? "otherwise" : listed, applied);
        }
    }
    if (next != told->listed_count) {
        return "more is listed than was applied";
    }
    const Profiled__V1__ListProfilesResponse *after = list_all();
    for (size_t i = 0; i < told->listed_count; i++) {
        if (!names_who_is_there(before, told->listed[i])) {
            return "somebody is named who is not there";
        }
        const char *id = told->listed[i]->profile_id;
        const char *etag = etag_of(after, id);
        if (etag[0] != '\0' && strcmp(etag, etag_of(before, id)) == 0) {
            return "a profile is listed that did not change";
        }
    }
    return NULL;
}

const char *rehearse(int max_profiles, bool is_slow, const struct applied **done) {
    ask_wait_us(US_PER_SECOND);
    call_step_set(is_slow ? US_PER_SECOND / 3 : 0);
    const struct simulated *told = simulate_version(rule_version());
    call_step_set(0);
    const Profiled__V1__ListProfilesResponse *before = list_all();
    ask_wait_us(US_PER_SECOND);
    *done = apply_rules_by_page(max_profiles);
    return compare(told, *done, before);
}

const struct applied *rehearsed(void) {
    ask_wait_us(US_PER_SECOND);
    const struct applied *done = NULL;
    const char *fault = rehearse(2, false, &done);
    cr_expect_null(fault, "%s", fault);
    return done;
}

const char *tell(const struct told *told) {
    ask_wait_us(US_PER_SECOND);
    return resolve(told)->profile_id;
}
