/* Which value survives. */

#include "server/identity/survivorship.h"

#include <assert.h>
#include <string.h>

#include "server/identity/attribute_words.h"

static const char name_attribute[] = "name";

static bool is_name(const char *attribute) { return strcmp(attribute, name_attribute) == 0; }

static bool is_cleared(const struct profile_attribute *attribute) {
    return attribute->value[0] == '\0';
}

static int64_t later(int64_t one_us, int64_t other_us) {
    return one_us > other_us ? one_us : other_us;
}

/* ---- one value ---- */

/* Nobody told a derived name: the first one that somebody tells takes its place. */
static bool has_told_name(const struct profile *profile) {
    return profile->name != NULL && !profile->name_derived;
}

/* What a profile says of an attribute or, as one, of its name. */
bool survivorship_find(const struct profile *profile, const char *attribute,
                       struct profile_attribute *out) {
    if (is_name(attribute)) {
        *out = (struct profile_attribute){.name = name_attribute,
                                          .value = profile->name,
                                          .source = profile->name_source,
                                          .observe_us = profile->name_observe_us,
                                          .tell_us = profile->name_tell_us,
                                          .force_us = profile->name_force_us,
                                          .personal = true,
                                          .origin = profile->id};
        return has_told_name(profile);
    }
    const struct profile_attribute *there = profile_attribute_find(profile, attribute);
    if (there != NULL) {
        *out = *there;
    }
    return there != NULL;
}

/* The place of what somebody set, where it was replaced; attribute_count for none. */
static size_t find_replaced(const struct profile *profile, const char *attribute) {
    size_t found = 0;
    while (found < profile->attribute_count &&
           (!profile->attributes[found].replaced ||
            strcmp(profile->attributes[found].name, attribute) != 0)) {
        found++;
    }
    return found;
}

/* What somebody set last, be it replaced. */
static bool find_set(const struct profile *profile, const char *attribute,
                     struct profile_attribute *out) {
    if (survivorship_find(profile, attribute, out) && out->force_us != 0) {
        return true;
    }
    const size_t replaced = find_replaced(profile, attribute);
    if (replaced == profile->attribute_count) {
        return false;
    }
    *out = profile->attributes[replaced];
    out->replaced = false;
    return true;
}

static void add(struct profile *profile, const struct profile_attribute *attribute,
                struct arena *arena) {
    profile->attributes = arena_append(arena, profile->attributes, profile->attribute_count,
                                       sizeof *profile->attributes);
    profile->attributes[profile->attribute_count++] = *attribute;
}

static void remove_at(struct profile *profile, size_t place) {
    if (place < profile->attribute_count) {
        profile->attributes[place] = profile->attributes[--profile->attribute_count];
    }
}

static void put_name(struct profile *profile, const struct profile_attribute *name) {
    profile->name = name->value;
    profile->name_derived = false;
    profile->name_source = name->source;
    profile->name_observe_us = name->observe_us;
    profile->name_tell_us = name->tell_us;
    profile->name_force_us = name->force_us;
}

static void put(struct profile *profile, const struct profile_attribute *attribute,
                struct arena *arena) {
    if (is_name(attribute->name)) {
        put_name(profile, attribute);
        return;
    }
    const struct profile_attribute *there = profile_attribute_find(profile, attribute->name);
    if (there == NULL) {
        add(profile, attribute, arena);
    } else {
        profile->attributes[there - profile->attributes] = *attribute;
    }
}

void survivorship_set(struct profile *profile, const struct profile_attribute *attribute,
                      struct arena *arena) {
    struct profile_attribute there;
    if (attribute->force_us != 0) {
        remove_at(profile, find_replaced(profile, attribute->name));
    } else if (survivorship_find(profile, attribute->name, &there) && there.force_us != 0) {
        there.replaced = true;
        add(profile, &there, arena);
    }
    put(profile, attribute, arena);
}

void survivorship_clear(struct profile *profile, const struct attribute_kind *kind,
                        int64_t force_us, struct arena *arena) {
    survivorship_set(profile,
                     &(struct profile_attribute){.name = kind->name,
                                                 .value = "",
                                                 .source = "",
                                                 .observe_us = force_us,
                                                 .tell_us = force_us,
                                                 .force_us = force_us,
                                                 .personal = kind->personal,
                                                 .form = attribute_form(kind),
                                                 .origin = profile->id},
                     arena);
}

void survivorship_forget(struct profile *profile, const char *attribute) {
    const struct profile_attribute *there = profile_attribute_find(profile, attribute);
    const size_t place =
        there == NULL ? profile->attribute_count : (size_t)(there - profile->attributes);
    const size_t replaced = find_replaced(profile, attribute);
    if (!is_name(attribute)) {
        if (replaced < profile->attribute_count) {
            profile->attributes[replaced].replaced = false;
        }
        remove_at(profile, place);
        return;
    }
    profile->name_derived = true;
    if (replaced < profile->attribute_count) {
        put_name(profile, &profile->attributes[replaced]);
        remove_at(profile, replaced);
    }
}

/* ---- names ---- */

/* How well an identity stands for a name: what people read as one first. */
static int name_rank(const char *type) {
    static const char *const order[] = {"twitter",  "instagram", "tiktok",   "facebook",
                                        "linkedin", "email",     "intercom", "google_business",
                                        "genesys",  "phone",     "whatsapp", "external_id"};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        if (strcmp(order[i], type) == 0) {
            return (int)i;
        }
    }
    return -1; /* Says nothing to people: anonymous_id, national_id. */
}

/* Of one type that was seen first: whichever member has it. */
static bool is_better_name(const struct profile_identity *one,
                           const struct profile_identity *other) {
    const int rank = name_rank(one->type);
    const int other_rank = name_rank(other->type);
    if (rank != other_rank) {
        return rank < other_rank;
    }
    return one->first_seen_us != other->first_seen_us
               ? one->first_seen_us < other->first_seen_us
               : strcmp(one->canonical, other->canonical) < 0;
}

static const char *name_of_identities(const struct profile *profile) {
    const struct profile_identity *best = NULL;
    for (size_t i = 0; i < profile->identity_count; i++) {
        const struct profile_identity *identity = &profile->identities[i];
        if (identity->rule == 0 && name_rank(identity->type) >= 0 &&
            (best == NULL || is_better_name(identity, best))) {
            best = identity;
        }
    }
    return best == NULL ? "Unnamed" : best->canonical;
}

static const struct profile_attribute *told_attribute(const struct profile *profile,
                                                      const char *name) {
    const struct profile_attribute *attribute = profile_attribute_find(profile, name);
    return attribute == NULL || is_cleared(attribute) ? NULL : attribute;
}

void survivorship_derive_name(struct profile *profile, struct arena *arena) {
    if (profile->name != NULL && !profile->name_derived) {
        return;
    }
    const struct profile_attribute *given = told_attribute(profile, "given_name");
    const struct profile_attribute *family = told_attribute(profile, "family_name");
    profile->name_derived = true;
    profile->name_source = "";
    profile->name_observe_us = 0;
    profile->name_tell_us = 0;
    profile->name_force_us = 0;
    if (given != NULL && family != NULL) {
        profile->name = arena_format(arena, "%s %s", given->value, family->value);
    } else if (given != NULL || family != NULL) {
        profile->name = given != NULL ? given->value : family->value;
    } else {
        profile->name = name_of_identities(profile);
    }
}

int64_t survivorship_force_us(const struct profile *profile, int64_t now_us) {
    int64_t latest_us = now_us;
    if (profile == NULL) {
        return latest_us;
    }
    for (size_t i = 0; i < profile->attribute_count; i++) {
        const struct profile_attribute *attribute = &profile->attributes[i];
        latest_us = later(latest_us, later(attribute->observe_us, attribute->force_us));
    }
    return later(latest_us, later(profile->name_observe_us, profile->name_force_us));
}

/* ---- by the rules ---- */

static struct attribute_claim claim_of(const struct profile_attribute *attribute) {
    return (struct attribute_claim){attribute->source, attribute->observe_us, attribute->tell_us};
}

/* Whether what is told takes the place of what is there. */
static bool is_preferred(const struct attribute_rules *rules, const struct profile_attribute *there,
                         const struct profile_attribute *told) {
    const struct attribute_claim before = claim_of(there);
    const struct attribute_claim now = claim_of(told);
    return is_cleared(there) || attribute_rules_prefer(rules, there->name, &before, &now);
}

/* Whether it was known only after something was set: else that hides it, whatever the rules. */
static bool is_since(const struct profile_attribute *told, const struct profile_attribute *set) {
    return told->observe_us > set->force_us ||
           (told->observe_us == set->force_us && told->tell_us > set->force_us);
}

void survivorship_tell(struct profile *profile, const struct profile_attribute *told,
                       const struct attribute_rules *rules, struct arena *arena) {
    struct profile_attribute set;
    struct profile_attribute there;
    if (find_set(profile, told->name, &set) && !is_since(told, &set)) {
        return;
    }
    if (!survivorship_find(profile, told->name, &there) || is_preferred(rules, &there, told)) {
        survivorship_set(profile, told, arena);
    }
}

/* Takes the name, where `attribute` is NULL, or an attribute of a record. */
static void apply(struct profile *profile, const struct record *record,
                  const struct record_attribute *attribute, const struct attribute_rules *rules,
                  int64_t force_us, struct arena *arena) {
    const struct attribute_kind *kind = attribute == NULL ? NULL : attribute->kind;
    const struct profile_attribute told = {
        .name = kind == NULL ? name_attribute : kind->name,
        .value = kind == NULL ? record->name : attribute->value,
        .source = kind == NULL ? record->source : attribute->source,
        .observe_us = kind == NULL ? record->observe_us : attribute->observe_us,
        .tell_us = record->tell_us,
        .force_us = force_us,
        .personal = kind == NULL || kind->personal,
        .form = kind == NULL ? 0 : attribute_form(kind),
        .origin = profile->id,
    };
    if (force_us != 0) {
        survivorship_set(profile, &told, arena);
    } else {
        survivorship_tell(profile, &told, rules, arena);
    }
}

void survivorship_apply(struct profile *profile, const struct record *record,
                        const struct attribute_rules *rules, enum survivorship_override override,
                        int64_t force_us, struct arena *arena) {
    const int64_t forced_us = override == SURVIVORSHIP_REPLACE ? force_us : 0;
    if (record->name[0] != '\0') {
        apply(profile, record, NULL, rules, forced_us, arena);
    }
    for (size_t i = 0; i < record->attribute_count; i++) {
        apply(profile, record, &record->attributes[i], rules, forced_us, arena);
    }
    survivorship_derive_name(profile, arena);
}

/* ---- several members ---- */

/* What one of the members set last. */
static bool find_last_set(const struct profile *const *members, size_t count, const char *attribute,
                          struct profile_attribute *out) {
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        struct profile_attribute set;
        if (find_set(members[i], attribute, &set) && (!found || set.force_us > out->force_us)) {
            *out = set;
            found = true;
        }
    }
    return found;
}

/* Of two that were told at once, too, the older member's stays. */
static bool find_survivor(const struct profile *const *members, size_t count, const char *attribute,
                          const struct attribute_rules *rules, struct profile_attribute *out) {
    struct profile_attribute set;
    struct profile_attribute best;
    const bool is_set = find_last_set(members, count, attribute, &set);
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        struct profile_attribute told;
        if (survivorship_find(members[i], attribute, &told) && told.force_us == 0 &&
            (!is_set || is_since(&told, &set)) && (!found || !is_preferred(rules, &told, &best))) {
            best = told;
            found = true;
        }
    }
    if (!is_set && !found) {
        return false;
    }
    *out = is_set && (!found || !is_preferred(rules, &set, &best)) ? set : best;
    return true;
}

static void unify(struct profile *profile, const struct profile *const *members, size_t count,
                  const char *attribute, const struct attribute_rules *rules, struct arena *arena) {
    struct profile_attribute survivor;
    if (find_survivor(members, count, attribute, rules, &survivor)) {
        put(profile, &survivor, arena);
    }
}

static void unify_all(struct profile *profile, const struct profile *const *members, size_t count,
                      const struct attribute_rules *rules, struct arena *arena) {
    profile->name_derived = true;
    profile->attribute_count = 0;
    profile->attributes = NULL;
    unify(profile, members, count, name_attribute, rules, arena);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < members[i]->attribute_count; k++) {
            const char *attribute = members[i]->attributes[k].name;
            if (!is_name(attribute) && profile_attribute_find(profile, attribute) == NULL) {
                unify(profile, members, count, attribute, rules, arena);
            }
        }
    }
}

/* Whether it is a sub-dialect that does not belong to the dialect of the profile. */
static bool disagrees(const struct profile *profile, const struct profile_attribute *attribute) {
    const struct profile_attribute *dialect = told_attribute(profile, "dialect");
    return dialect != NULL &&
           strcmp(attribute->name, attribute_kind_of(ATTRIBUTE_SUB_DIALECT)->name) == 0 &&
           !attribute_dialects_agree(dialect->value, attribute->value);
}

/* What the rules say now of what is there, whatever it was when it was told. */
static void settle_attributes(struct profile *profile, const struct attribute_rules *rules) {
    for (size_t i = 0; i < profile->attribute_count; i++) {
        struct profile_attribute *attribute = &profile->attributes[i];
        const struct attribute_rule *rule =
            attribute->form == 0 ? NULL : attribute_rules_find(rules, attribute->name);
        attribute->personal = rule == NULL ? attribute->personal : rule->kind->personal;
        attribute->aside = !attribute->replaced && disagrees(profile, attribute);
    }
}

void survivorship_unify(struct profile *profile, const struct profile *const *members, size_t count,
                        const struct attribute_rules *rules, struct arena *arena) {
    if (count > 1) {
        unify_all(profile, members, count, rules, arena);
    }
    settle_attributes(profile, rules);
    profile_attributes_part(profile, arena);
    if (count > 1) {
        profile->cleared_count = 0; /* Each member keeps its own. */
    }
    survivorship_derive_name(profile, arena);
}
