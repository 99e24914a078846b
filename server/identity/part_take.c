/* Taking a part out of the state of the one that its records were linked to: what each of the two
 * has from then on. */

#include "server/identity/part.h"

#include <string.h>

#include "server/identity/profile_identities.h"
#include "server/identity/spelling.h"
#include "server/identity/survivorship.h"

/* One part of a member that is taken. */
struct taking {
    const struct parts *parts;
    size_t part; /* By its number. */
    struct profile *moved;
    struct arena *arena;
};

/* The state of the part as a profile of that id. */
static struct profile *made_of(const struct parts *parts, size_t part, struct id id,
                               struct arena *arena) {
    struct profile *made = profile_copy(parts->states[part], arena);
    made->id = id;
    for (size_t i = 0; i < made->identity_count; i++) {
        made->identities[i].origin = id;
    }
    for (size_t i = 0; i < made->attribute_count; i++) {
        made->attributes[i].origin = id;
    }
    return made;
}

/* What the identity was by the member's own state, it is for the one that has it from now on. */
static void copy_rule(struct profile_identity *to, const struct profile_identity *from) {
    to->rule = from->rule;
    to->over_limit = from->over_limit;
    to->rule_before = from->rule_before;
    to->claimed = from->claimed;
    to->lent = from->lent;
}

static bool is_known_better(const struct profile_identity *there,
                            const struct profile_identity *told,
                            const struct profile_identity *gone) {
    return there->provenance > gone->provenance &&
           (told == NULL || there->provenance > told->provenance);
}

/* Whether somebody told the identity by hand too: it was seen when no record told it, or it is
 * known better. */
static bool is_linked_by_hand(const struct profile_identity *there,
                              const struct profile_identity *told,
                              const struct profile_identity *gone) {
    int64_t first_us = gone->first_seen_us;
    int64_t last_us = gone->last_seen_us;
    if (told != NULL) {
        first_us = told->first_seen_us < first_us ? told->first_seen_us : first_us;
        last_us = told->last_seen_us > last_us ? told->last_seen_us : last_us;
    }
    return there->first_seen_us < first_us || there->last_seen_us > last_us ||
           is_known_better(there, told, gone);
}

/* What was told before somebody unlinked the identity is not known of it any more. */
static void clip(struct profile_identity *told, const struct profile_identity *there) {
    told->first_seen_us =
        told->first_seen_us > there->first_seen_us ? told->first_seen_us : there->first_seen_us;
    told->provenance = told->provenance < there->provenance ? told->provenance : there->provenance;
}

/* An identity that both tell stays with the member, as it was; to the part it is somebody else's.
 */
static void share(struct profile_identity *moved, const struct profile_identity *there) {
    copy_rule(moved, there);
    if (moved->rule == IDENTITY_RULE_NONE) {
        moved->rule = IDENTITY_RULE_OWNED_ELSEWHERE;
    }
}

/* What the member keeps as another type of its family is somebody else's to the part, likewise:
 * each of the two was active as what it is. */
static void yield_to_family(struct profile_identity *moved, const struct profile *kept) {
    for (size_t i = 0; i < kept->identity_count && moved->rule == IDENTITY_RULE_NONE; i++) {
        const struct profile_identity *there = &kept->identities[i];
        if (there->rule == IDENTITY_RULE_NONE && profile_identities_are_one(there, moved)) {
            moved->rule = IDENTITY_RULE_OWNED_ELSEWHERE;
            moved->claimed = true;
        }
    }
}

/* What the records of a part tell of an identity that the member has; NULL when they tell nothing,
 * or told it before somebody unlinked it. */
static const struct profile_identity *find_told(const struct profile *part,
                                                const struct profile_identity *there) {
    const struct profile_identity *told = spelling_find(part, there->type, there->canonical);
    return told != NULL && told->last_seen_us >= there->first_seen_us ? told : NULL;
}

/* The same of all that stay: of the first part, and of parts that are yet to be taken. */
static const struct profile_identity *find_staying(const struct taking *taking,
                                                   const struct profile_identity *there,
                                                   struct profile_identity *room) {
    bool found = false;
    for (size_t part = 0; part < taking->parts->count; part++) {
        const struct profile_identity *told =
            part == 0 || part > taking->part ? find_told(taking->parts->states[part], there) : NULL;
        if (told != NULL && found) {
            profile_identity_fold(room, told, taking->arena);
        } else if (told != NULL) {
            *room = *told;
            found = true;
        }
    }
    return found ? room : NULL;
}

/* What the member no longer has was unlinked by hand since. */
static void settle_moved(const struct taking *taking, const struct profile *member,
                         const struct profile *kept_member) {
    struct profile *moved = taking->moved;
    size_t kept = 0;
    for (size_t i = 0; i < moved->identity_count; i++) {
        struct profile_identity identity = moved->identities[i];
        const struct profile_identity *there =
            spelling_find(member, identity.type, identity.canonical);
        if (there == NULL || find_told(moved, there) == NULL) {
            continue;
        }
        struct profile_identity room;
        const struct profile_identity *told = find_staying(taking, there, &room);
        if (told != NULL || is_linked_by_hand(there, told, &identity)) {
            share(&identity, there);
        } else {
            copy_rule(&identity, there);
            yield_to_family(&identity, kept_member);
        }
        clip(&identity, there);
        moved->identities[kept++] = identity;
    }
    moved->identity_count = kept;
}

/* What the member keeps of an identity that moves: what the records that stay tell of it, and what
 * somebody told by hand. */
static struct profile_identity kept_of(const struct profile_identity *there,
                                       const struct profile_identity *told,
                                       const struct profile_identity *gone) {
    struct profile_identity kept = told != NULL ? *told : *there;
    kept.hand_us = there->hand_us;
    kept.hand_provenance = there->hand_provenance;
    clip(&kept, there);
    if (is_linked_by_hand(there, told, gone)) {
        if (there->first_seen_us < kept.first_seen_us) {
            kept.first_seen_us = there->first_seen_us;
        }
        if (is_known_better(there, told, gone)) {
            kept.provenance = there->provenance;
        }
        if (there->last_seen_us > gone->last_seen_us) {
            kept.last_seen_us = there->last_seen_us;
            kept.tell_us = there->tell_us;
            kept.source = there->source;
            kept.value = there->value;
        } else if (told == NULL) {
            kept.last_seen_us = there->first_seen_us;
            kept.tell_us = there->first_seen_us;
        }
    }
    copy_rule(&kept, there);
    return kept;
}

/* The member keeps what those that stay tell, as far as they tell it, and what somebody linked. */
static void settle_identities(const struct taking *taking, const struct profile *member,
                              struct profile *out) {
    size_t kept = 0;
    for (size_t i = 0; i < member->identity_count; i++) {
        const struct profile_identity identity = member->identities[i];
        struct profile_identity room;
        const struct profile_identity *told = find_staying(taking, &identity, &room);
        const struct profile_identity *gone = find_told(taking->moved, &identity);
        if (gone == NULL) {
            out->identities[kept++] = identity;
        } else if (told != NULL || is_linked_by_hand(&identity, told, gone)) {
            out->identities[kept++] = kept_of(&identity, told, gone);
        }
    }
    out->identity_count = kept;
}

static bool is_same_value(const struct profile_attribute *one,
                          const struct profile_attribute *other) {
    return strcmp(one->value, other->value) == 0 && strcmp(one->source, other->source) == 0 &&
           one->observe_us == other->observe_us;
}

/* A value that came with what moves gives way to what somebody had set before and to the first
 * part's. */
static void settle_value(const struct attribute_rules *rules, const char *attribute,
                         struct profile *member, const struct taking *taking) {
    struct profile_attribute there;
    struct profile_attribute gone;
    struct profile_attribute stays;
    const bool is_told = survivorship_find(taking->parts->states[0], attribute, &stays);
    if (!survivorship_find(member, attribute, &there) ||
        !survivorship_find(taking->moved, attribute, &gone) || there.force_us != 0 ||
        !is_same_value(&there, &gone) || (is_told && is_same_value(&there, &stays))) {
        return;
    }
    survivorship_forget(member, attribute);
    if (is_told) {
        survivorship_tell(member, &stays, rules, taking->arena);
    }
}

static void settle_values(const struct attribute_rules *rules, struct profile *member,
                          const struct taking *taking) {
    settle_value(rules, "name", member, taking);
    for (size_t i = 0; i < taking->moved->attribute_count; i++) {
        settle_value(rules, taking->moved->attributes[i].name, member, taking);
    }
}

void part_free_limits(struct profile *member, const struct profile *before) {
    for (size_t i = 0; i < member->identity_count; i++) {
        struct profile_identity *identity = &member->identities[i];
        if (identity->rule == IDENTITY_RULE_OVER_LIMIT &&
            profile_identities_active(member, identity->type) <
                profile_identities_active(before, identity->type)) {
            identity->over_limit = 0;
        }
    }
}

void part_take(const struct members_context *context, struct profile *member,
               const struct history *history, const struct parts *parts, size_t part, struct id id,
               struct profile **out) {
    struct arena *arena = store_view_arena(context->view);
    struct profile *moved = made_of(parts, part, id, arena);
    const struct taking taking = {.parts = parts, .part = part, .moved = moved, .arena = arena};
    settle_values(context->attributes, member, &taking);
    struct profile kept = *member;
    kept.identities = arena_array(arena, member->identity_count, sizeof *kept.identities);
    settle_identities(&taking, member, &kept);
    settle_moved(&taking, member, &kept);
    member->identities = kept.identities;
    member->identity_count = kept.identity_count;
    for (size_t i = 0; i < history->count; i++) {
        moved->decision_count += parts->record[i] == part;
    }
    member->decision_count -= moved->decision_count;
    spellings_join(moved, arena);
    survivorship_derive_name(member, arena);
    survivorship_derive_name(moved, arena);
    *out = moved;
}
