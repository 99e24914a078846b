/* Contacts compared: every value of one person with every value of the other, the best counts. */

#include "server/identity/similar_contact.h"

enum {
    EMAIL_MIN = 8, /* Letters of an address in which a slip can be told. */
    EMAIL_LETTERS_A_SLIP = 10,
    LOCAL_MIN = 5,  /* Letters before the @ that say something elsewhere too. */
    PHONE_TAIL = 9, /* Digits that make a number without its country. */
    ID_MIN = 6,     /* Characters of an id in which a slip can be told. */
};

static enum similar_level better(enum similar_level one, enum similar_level other) {
    return one > other ? one : other;
}

/* ---- addresses ---- */

struct similar_email similar_email_of(const char *canonical, struct arena *arena) {
    struct similar_email email = {.whole = similar_letters_of(canonical, arena)};
    int32_t digits[SIMILAR_LETTERS_MAX];
    size_t digit_count = 0;
    size_t at = 0;
    for (; at < email.whole.count && email.whole.at[at] != '@'; at++) {
        if (email.whole.at[at] >= '0' && email.whole.at[at] <= '9') {
            digits[digit_count++] = email.whole.at[at];
        }
    }
    email.local_count = at;
    email.digits_hash = similar_letters_hash((struct similar_letters){digits, digit_count}, 0);
    return email;
}

static enum similar_level compare_emails(const struct similar_email *one,
                                         const struct similar_email *other) {
    if (similar_letters_equal(one->whole, other->whole)) {
        return SIMILAR_SAME;
    }
    const size_t count =
        one->whole.count < other->whole.count ? one->whole.count : other->whole.count;
    const size_t slips_max = 1 + count / EMAIL_LETTERS_A_SLIP;
    if (count >= EMAIL_MIN &&
        similar_letters_distance(one->whole, other->whole, slips_max) <= slips_max) {
        return one->digits_hash == other->digits_hash ? SIMILAR_NEAR : SIMILAR_ALIKE;
    }
    const bool same_local =
        one->local_count >= LOCAL_MIN &&
        similar_letters_equal(similar_letters_part(one->whole, 0, one->local_count),
                              similar_letters_part(other->whole, 0, other->local_count));
    return same_local ? SIMILAR_ALIKE : SIMILAR_DIFFERENT;
}

enum similar_level similar_emails_compare(const struct similar_email *ones, size_t one_count,
                                          const struct similar_email *others, size_t other_count) {
    enum similar_level best = SIMILAR_UNKNOWN;
    for (size_t i = 0; i < one_count; i++) {
        for (size_t k = 0; k < other_count; k++) {
            best = better(best, compare_emails(&ones[i], &others[k]));
        }
    }
    return best;
}

/* ---- numbers ---- */

struct similar_letters similar_phone_of(const char *canonical, struct arena *arena) {
    return similar_letters_of(canonical[0] == '+' ? canonical + 1 : canonical, arena);
}

static enum similar_level compare_phones(struct similar_letters one, struct similar_letters other) {
    if (similar_letters_equal(one, other)) {
        return SIMILAR_SAME;
    }
    if (one.count < PHONE_TAIL || other.count < PHONE_TAIL) {
        return SIMILAR_DIFFERENT;
    }
    const bool same_tail =
        similar_letters_equal(similar_letters_part(one, one.count - PHONE_TAIL, PHONE_TAIL),
                              similar_letters_part(other, other.count - PHONE_TAIL, PHONE_TAIL));
    return same_tail || similar_letters_distance(one, other, 1) <= 1 ? SIMILAR_NEAR
                                                                     : SIMILAR_DIFFERENT;
}

static enum similar_level compare_ids(struct similar_letters one, struct similar_letters other) {
    if (similar_letters_equal(one, other)) {
        return SIMILAR_SAME;
    }
    return one.count >= ID_MIN && other.count >= ID_MIN &&
                   similar_letters_distance(one, other, 1) <= 1
               ? SIMILAR_NEAR
               : SIMILAR_DIFFERENT;
}

typedef enum similar_level compare_fn(struct similar_letters one, struct similar_letters other);

static enum similar_level compare_lists(const struct similar_letters *ones, size_t one_count,
                                        const struct similar_letters *others, size_t other_count,
                                        compare_fn *compare) {
    enum similar_level best = SIMILAR_UNKNOWN;
    for (size_t i = 0; i < one_count; i++) {
        for (size_t k = 0; k < other_count; k++) {
            best = better(best, compare(ones[i], others[k]));
        }
    }
    return best;
}

enum similar_level similar_phones_compare(const struct similar_letters *ones, size_t one_count,
                                          const struct similar_letters *others,
                                          size_t other_count) {
    return compare_lists(ones, one_count, others, other_count, compare_phones);
}

enum similar_level similar_ids_compare(const struct similar_letters *ones, size_t one_count,
                                       const struct similar_letters *others, size_t other_count) {
    return compare_lists(ones, one_count, others, other_count, compare_ids);
}
