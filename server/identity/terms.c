/* Terms of a profile. Whatever is found must be among them, and nothing else is. */

#include "server/identity/terms.h"

#include <string.h>

#include "server/base/limits.h"
#include "server/identity/attribute_value.h"
#include "server/identity/identity_rule.h"
#include "server/identity/identity_type.h"
#include "server/identity/name_words.h"
#include "server/identity/shared_mailbox.h"
#include "server/identity/text.h"

static bool is_among(const struct profile_term *terms, size_t count,
                     const struct profile_term *term) {
    for (size_t i = 0; i < count; i++) {
        if (terms[i].kind == term->kind && strcmp(terms[i].field, term->field) == 0 &&
            strcmp(terms[i].value, term->value) == 0) {
            return true;
        }
    }
    return false;
}

/* What filters find an identity by is its canonical value, folded: where the index of identities
 * does not lead from that to the profile, a row of its own does. */
static bool needs_contact(const struct profile_identity *identity, struct arena *arena,
                          struct profile_term *out) {
    const char *folded = NULL;
    if (!text_fold(identity->canonical, arena, &folded)) {
        return false; /* A damaged row's: verify tells of it. */
    }
    *out = (struct profile_term){PROFILE_TERM_CONTACT, identity_match_name(identity->type), folded};
    return identity->rule != IDENTITY_RULE_NONE || strcmp(folded, identity->match) != 0;
}

static size_t add_contacts(const struct profile *profile, struct arena *arena,
                           struct profile_term *terms) {
    size_t count = 0;
    for (size_t i = 0; i < profile->identity_count; i++) {
        struct profile_term term;
        if (needs_contact(&profile->identities[i], arena, &term) &&
            !is_among(terms, count, &term)) {
            terms[count++] = term;
        }
    }
    return count;
}

static size_t add_identities(const struct profile *profile, struct arena *arena,
                             struct profile_term *terms) {
    size_t count = 0;
    for (size_t i = 0; i < profile->identity_count; i++) {
        const struct profile_identity *identity = &profile->identities[i];
        struct profile_term term = {PROFILE_TERM_IDENTITY, identity_match_name(identity->type),
                                    identity->match};
        if (identity->rule == IDENTITY_RULE_OWNED_ELSEWHERE) {
            term.kind = PROFILE_TERM_SHARED;
            term.value = shared_mailbox_of_profile(profile, identity, arena);
        }
        if ((identity->rule != IDENTITY_RULE_NONE && term.kind == PROFILE_TERM_IDENTITY) ||
            term.value == NULL) {
            continue;
        }
        if (!is_among(terms, count, &term)) { /* A phone number and its WhatsApp are one. */
            terms[count++] = term;
        }
    }
    return count;
}

/* A name that nobody knows, and that is of no form, is a damaged row's: verify tells of it. */
static bool is_indexed(const struct profile_attribute *attribute) {
    enum attribute builtin;
    if (attribute->form != 0) {
        return !attribute->personal;
    }
    return attribute_find(attribute->name, &builtin) && attribute_kind_of(builtin)->indexed;
}

static size_t add_attribute(const struct profile_attribute *attribute, struct arena *arena,
                            struct profile_term *terms) {
    const char *const *items = NULL;
    const size_t item_count = attribute_items_of(attribute->form, attribute->value, arena, &items);
    size_t count = 0;
    for (size_t i = 0; i < item_count; i++) {
        const struct profile_term term = {PROFILE_TERM_ATTRIBUTE, attribute->name,
                                          attribute_index_form(items[i], arena)};
        /* Values of a list may differ in case alone; of one that nobody sees nothing is left. */
        if (term.value[0] != '\0' && !is_among(terms, count, &term)) {
            terms[count++] = term;
            if (attribute_is_counted(attribute->form)) {
                terms[count++] =
                    (struct profile_term){PROFILE_TERM_COUNTED, term.field, term.value};
            }
        }
    }
    return count;
}

/* How many values the attributes have at most. */
static size_t attribute_room(const struct profile *profile) {
    size_t room = 0;
    for (size_t i = 0; i < profile->attribute_count; i++) {
        const bool is_list = (profile->attributes[i].form & ATTRIBUTE_FORM_LIST) != 0;
        room += is_list ? 2 * ATTRIBUTE_VALUES_MAX : 2; /* Counted ones are there twice. */
    }
    return room;
}

size_t identity_profile_terms(const struct profile *profile, struct arena *arena,
                              struct profile_term **out) {
    const char *const *words = NULL;
    const size_t word_count = name_words(profile->name, arena, &words);
    struct profile_term *terms = arena_array(
        arena, 2 * profile->identity_count + word_count + attribute_room(profile), sizeof *terms);
    size_t count = add_identities(profile, arena, terms);
    count += add_contacts(profile, arena, terms + count);
    for (size_t i = 0; i < word_count; i++) {
        terms[count++] = (struct profile_term){PROFILE_TERM_NAME_WORD, "name", words[i]};
    }
    for (size_t i = 0; i < profile->attribute_count; i++) {
        if (is_indexed(&profile->attributes[i])) {
            count += add_attribute(&profile->attributes[i], arena, terms + count);
        }
    }
    *out = terms;
    return count;
}
