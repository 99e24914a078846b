/* Strong facts, as records are told again. Of a person of several members a record leaves what the
 * member that it goes to is not, and another one is, to that one; without a merge, or under other
 * rules, there may be no other one, or another record that leaves it. */

#include <string.h>

#include "server/identity/retell.h"
#include "server/identity/survivorship.h"
#include "server/identity/veto.h"

/* The facts that a record left to others, as it is or as it is told anew. */
static uint32_t left_of(const struct retell *retell, size_t record) {
    return retell->anew.left[record] |
           (retell->again.left == NULL ? 0 : retell->again.left[record]);
}

/* What of the record the member takes as it is told anew, of these facts. */
static struct record taken_of(const struct retell *retell, size_t record, uint32_t facts,
                              struct arena *arena) {
    struct record taken = retell_told(&retell->region, record)->record;
    const struct record_attribute *attributes = taken.attributes;
    const size_t count = taken.attribute_count;
    taken.name = "";
    taken.attributes = arena_array(arena, count, sizeof *taken.attributes);
    taken.attribute_count = 0;
    for (size_t i = 0; i < count; i++) {
        if ((veto_attribute_of(attributes[i].kind) & facts & ~retell->anew.left[record]) != 0) {
            taken.attributes[taken.attribute_count++] = attributes[i];
        }
    }
    return taken;
}

/* Forgets what records told of the facts; what somebody set stays. */
static void forget(struct profile *state, uint32_t facts) {
    for (size_t i = 0; i < ATTRIBUTE_COUNT; i++) {
        const struct attribute_kind *kind = attribute_kind_of((enum attribute)i);
        struct profile_attribute there;
        if ((veto_attribute_of(kind) & facts) != 0 &&
            survivorship_find(state, kind->name, &there) && there.force_us == 0) {
            survivorship_forget(state, kind->name);
        }
    }
}

static bool is_same(const struct profile *state, const struct profile *before, const char *name) {
    struct profile_attribute now = {0};
    struct profile_attribute then = {0};
    const bool is_told = survivorship_find(state, name, &now);
    return is_told == survivorship_find(before, name, &then) &&
           (!is_told || (strcmp(now.value, then.value) == 0 && now.observe_us == then.observe_us &&
                         now.tell_us == then.tell_us));
}

static bool is_as_it_was(const struct profile *state, const struct profile *before) {
    for (size_t i = 0; i < ATTRIBUTE_COUNT; i++) {
        if (!is_same(state, before, attribute_kind_of((enum attribute)i)->name)) {
            return false;
        }
    }
    return true;
}

static bool has_same_facts(const struct profile *state, const struct profile *retold) {
    for (size_t i = 0; i < ATTRIBUTE_COUNT; i++) {
        const struct attribute_kind *kind = attribute_kind_of((enum attribute)i);
        struct profile_attribute there = {0};
        (void)survivorship_find(state, kind->name, &there);
        if (veto_attribute_of(kind) != 0 && there.force_us == 0 &&
            !is_same(state, retold, kind->name)) {
            return false;
        }
    }
    return true;
}

/* Whether other members are of the same retold profile: it has the facts of all of them. */
static bool is_shared(const struct retelling *retelling, size_t member_count, size_t member) {
    for (size_t i = 0; i < member_count; i++) {
        if (i != member && retelling->of_member[i] == retelling->of_member[member]) {
            return true;
        }
    }
    return false;
}

bool retell_has_same_facts(const struct retell_region *region, const struct retelling *retelling) {
    for (size_t i = 0; i < region->member_count; i++) {
        const size_t retold = retelling->of_member[i];
        if (retold != RETELL_NOTHING && !is_shared(retelling, region->member_count, i) &&
            !has_same_facts(region->members[i].state, retelling->profiles[retold].state)) {
            return false;
        }
    }
    return true;
}

bool retell_settle_facts(const struct retell *retell, size_t retold, size_t member,
                         const struct attribute_rules *rules, struct profile *state,
                         struct arena *arena) {
    const struct retell_region *region = &retell->region;
    const struct profile *before = profile_copy(state, arena);
    uint32_t facts = 0; /* Also what records left that go elsewhere now: there they may take it. */
    for (size_t i = 0; i < region->record_count; i++) {
        if (region->records[i].member == member) {
            facts |= left_of(retell, i);
        }
    }
    if (facts == 0) {
        return false;
    }
    forget(state, facts);
    for (size_t i = 0; i < region->record_count; i++) {
        if (region->records[i].member == member && retell->anew.of_record[i] == retold) {
            const struct record taken = taken_of(retell, i, facts, arena);
            survivorship_apply(state, &taken, rules, SURVIVORSHIP_BY_RULES, 0, arena);
        }
    }
    survivorship_derive_name(state, arena);
    return !is_as_it_was(state, before);
}
