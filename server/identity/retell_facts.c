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

static bool is_as_it_was(const struct profile *state, const struct profile *before) {
    for (size_t i = 0; i < ATTRIBUTE_COUNT; i++) {
        const char *name = attribute_kind_of((enum attribute)i)->name;
        struct profile_attribute now = {0};
        struct profile_attribute then = {0};
        const bool is_told = survivorship_find(state, name, &now);
        if (is_told != survivorship_find(before, name, &then) ||
            (is_told && (strcmp(now.value, then.value) != 0 || now.observe_us != then.observe_us ||
                         now.tell_us != then.tell_us))) {
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
