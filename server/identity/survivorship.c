/* Which value survives. */

#include "server/identity/survivorship.h"

#include <assert.h>
#include <string.h>

#include "server/identity/attribute_words.h"

static struct profile_attribute *find(struct profile *profile, const char *name) {
    return (struct profile_attribute *)(uintptr_t)profile_attribute_find(profile, name);
}

void survivorship_set(struct profile *profile, const struct profile_attribute *attribute,
                      struct arena *arena) {
    struct profile_attribute *there = find(profile, attribute->name);
    if (there == NULL) {
        profile->attributes = arena_append(arena, profile->attributes, profile->attribute_count,
                                           sizeof *profile->attributes);
        there = &profile->attributes[profile->attribute_count++];
    }
    *there = *attribute;
}

static void set_attribute(struct profile *profile, const struct record_attribute *attribute,
                          int64_t force_us, struct arena *arena) {
    const struct attribute_kind *kind = attribute->kind;
    survivorship_set(profile,
                     &(struct profile_attribute){.name = kind->name,
                                                 .value = attribute->value,
                                                 .source = attribute->source,
                                                 .observe_us = attribute->observe_us,
                                                 .force_us = force_us,
                                                 .personal = kind->personal,
                                                 .form = attribute_form(kind),
                                                 .origin = profile->id},
                     arena);
}

void survivorship_clear(struct profile *profile, const struct attribute_kind *kind,
                        int64_t force_us, struct arena *arena) {
    const struct record_attribute nothing = {
        .kind = kind, .value = "", .source = "", .observe_us = force_us};
    set_attribute(profile, &nothing, force_us, arena);
}

static bool is_cleared(const struct profile_attribute *attribute) {
    return attribute->value[0] == '\0';
}

static int64_t later(int64_t one_us, int64_t other_us) {
    return one_us > other_us ? one_us : other_us;
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

static const char name_attribute[] = "name";

static struct attribute_claim claim_of(const struct profile_attribute *attribute) {
    return (struct attribute_claim){attribute->source, attribute->observe_us};
}

static struct attribute_claim name_claim_of(const struct profile *profile) {
    return (struct attribute_claim){profile->name_source, profile->name_observe_us};
}

/* Nobody told a derived name: the first one that somebody tells takes its place. */
static bool has_told_name(const struct profile *profile) {
    return profile->name != NULL && !profile->name_derived;
}

static void apply_name(struct profile *profile, const struct record *record,
                       const struct attribute_rules *rules, enum survivorship_override override,
                       int64_t force_us) {
    if (record->name[0] == '\0') {
        return;
    }
    const struct attribute_claim there = name_claim_of(profile);
    const struct attribute_claim told = {record->source, record->observe_us};
    if (has_told_name(profile) && override == SURVIVORSHIP_BY_RULES &&
        !attribute_rules_prefer(rules, name_attribute, &there, &told)) {
        return;
    }
    profile->name = record->name;
    profile->name_derived = false;
    profile->name_source = record->source;
    profile->name_observe_us = record->observe_us;
    profile->name_force_us = force_us;
}

static bool takes_its_place(const struct profile_attribute *there,
                            const struct record_attribute *attribute,
                            const struct attribute_rules *rules) {
    const struct attribute_claim before = claim_of(there);
    const struct attribute_claim told = {attribute->source, attribute->observe_us};
    return attribute_rules_prefer(rules, there->name, &before, &told);
}

void survivorship_apply(struct profile *profile, const struct record *record,
                        const struct attribute_rules *rules, enum survivorship_override override,
                        int64_t force_us, struct arena *arena) {
    const int64_t forced_us = override == SURVIVORSHIP_REPLACE ? force_us : 0;
    apply_name(profile, record, rules, override, forced_us);
    for (size_t i = 0; i < record->attribute_count; i++) {
        const struct record_attribute *attribute = &record->attributes[i];
        const struct profile_attribute *there = told_attribute(profile, attribute->kind->name);
        if (there == NULL || override == SURVIVORSHIP_REPLACE ||
            takes_its_place(there, attribute, rules)) {
            set_attribute(profile, attribute, forced_us, arena);
        }
    }
    survivorship_derive_name(profile, arena);
}

/* ---- several members ---- */

/* Something that a member was told, and when it was set by force. */
struct forced_claim {
    struct attribute_claim claim;
    int64_t force_us;
};

/* Of two members neither was told later: what is there, the older's, is asked as if it were, and
 * wins a tie. */
static bool outweighs(const struct attribute_rules *rules, const char *attribute,
                      const struct forced_claim *other, const struct forced_claim *there) {
    if (other->force_us != 0 && there->force_us != 0) {
        return other->force_us > there->force_us;
    }
    if (other->force_us != 0 && there->claim.observe_us <= other->force_us) {
        return true;
    }
    if (there->force_us != 0 && other->claim.observe_us <= there->force_us) {
        return false;
    }
    return !attribute_rules_prefer(rules, attribute, &other->claim, &there->claim);
}

static void unify_names(struct profile *profile, const struct profile *const *members, size_t count,
                        const struct attribute_rules *rules) {
    profile->name_derived = true;
    for (size_t i = 0; i < count; i++) {
        const struct profile *member = members[i];
        const struct forced_claim other = {name_claim_of(member), member->name_force_us};
        const struct forced_claim there = {name_claim_of(profile), profile->name_force_us};
        if (!has_told_name(member) ||
            (has_told_name(profile) && !outweighs(rules, name_attribute, &other, &there))) {
            continue;
        }
        profile->name = member->name;
        profile->name_derived = false;
        profile->name_source = member->name_source;
        profile->name_observe_us = member->name_observe_us;
        profile->name_force_us = member->name_force_us;
    }
}

static void unify_attribute(struct profile *profile, const struct profile_attribute *attribute,
                            const struct attribute_rules *rules, struct arena *arena) {
    const struct profile_attribute *found = profile_attribute_find(profile, attribute->name);
    if (found != NULL) {
        const struct forced_claim other = {claim_of(attribute), attribute->force_us};
        const struct forced_claim there = {claim_of(found), found->force_us};
        if (!outweighs(rules, attribute->name, &other, &there)) {
            return;
        }
    }
    survivorship_set(profile, attribute, arena);
}

/* Whether it is a sub-dialect that does not belong to the dialect of the profile. */
static bool disagrees(const struct profile *profile, const struct profile_attribute *attribute) {
    const struct profile_attribute *dialect = told_attribute(profile, "dialect");
    return dialect != NULL &&
           strcmp(attribute->name, attribute_kind_of(ATTRIBUTE_SUB_DIALECT)->name) == 0 &&
           !attribute_dialects_agree(dialect->value, attribute->value);
}

static void unify_attributes(struct profile *profile, const struct profile *const *members,
                             size_t count, const struct attribute_rules *rules,
                             struct arena *arena) {
    profile->attribute_count = 0;
    profile->attributes = NULL;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < members[i]->attribute_count; k++) {
            unify_attribute(profile, &members[i]->attributes[k], rules, arena);
        }
    }
}

/* What the rules say now of what is there, whatever it was when it was told. */
static void settle_attributes(struct profile *profile, const struct attribute_rules *rules) {
    for (size_t i = 0; i < profile->attribute_count; i++) {
        struct profile_attribute *attribute = &profile->attributes[i];
        const struct attribute_rule *rule =
            attribute->form == 0 ? NULL : attribute_rules_find(rules, attribute->name);
        attribute->personal = rule == NULL ? attribute->personal : rule->kind->personal;
        attribute->aside = disagrees(profile, attribute);
    }
}

void survivorship_unify(struct profile *profile, const struct profile *const *members, size_t count,
                        const struct attribute_rules *rules, struct arena *arena) {
    if (count > 1) {
        unify_names(profile, members, count, rules);
        unify_attributes(profile, members, count, rules, arena);
    }
    settle_attributes(profile, rules);
    profile_attributes_part(profile, arena);
    if (count > 1) {
        profile->cleared_count = 0; /* Each member keeps its own. */
    }
    survivorship_derive_name(profile, arena);
}
