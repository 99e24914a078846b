/* Running a filter: tests, one leading to the next, over values that were read before. Nothing here
 * allocates, and nothing fails. */

#include <assert.h>
#include <string.h>

#include "server/base/clock.h"
#include "server/base/day.h"
#include "server/segment/anniversary.h"
#include "server/segment/filter.h"

static const int64_t DAY_US = INT64_C(86400) * US_PER_SECOND;

static bool order_holds(enum filter_op op, int order) {
    switch (op) {
    case FILTER_OP_EQUAL:
        return order == 0;
    case FILTER_OP_LESS:
        return order < 0;
    case FILTER_OP_LESS_OR_EQUAL:
        return order <= 0;
    case FILTER_OP_GREATER:
        return order > 0;
    case FILTER_OP_GREATER_OR_EQUAL:
        return order >= 0;
    case FILTER_OP_PRESENT:
    case FILTER_OP_NOT_EQUAL:
    case FILTER_OP_MATCHES:
    case FILTER_OP_NOT_MATCHES:
    case FILTER_OP_ALL_WORDS:
    case FILTER_OP_ANNIVERSARY:
        break;
    }
    assert(false && "an order");
    return false;
}

static void note_change(int64_t at_us, int64_t now_us, struct filter_times *times) {
    if (at_us > now_us) {
        times->next_us = at_us < times->next_us ? at_us : times->next_us;
    } else {
        times->passed_us = at_us > times->passed_us ? at_us : times->passed_us;
    }
}

/* When a comparison of a time with one that moves along becomes another one: they meet at
 * `meet_us`, and what holds while they are equal ends a microsecond later. */
static void note_meeting(enum filter_op op, int64_t meet_us, int64_t now_us,
                         struct filter_times *times) {
    const bool at_once = op == FILTER_OP_GREATER || op == FILTER_OP_LESS_OR_EQUAL;
    note_change(at_once ? meet_us : meet_us + 1, now_us, times);
}

static bool time_holds(const struct filter_test *test, int64_t time_us, int64_t now_us,
                       struct filter_times *times) {
    const struct filter_constant *constant = &test->constant;
    const int64_t other_us = constant->relative ? now_us + constant->time_us : constant->time_us;
    if (constant->relative) {
        note_meeting(test->op, time_us - constant->time_us, now_us, times);
    }
    return order_holds(test->op, (time_us > other_us) - (time_us < other_us));
}

/* Each piece is looked for once, behind the one before: the first place is as good as any. */
bool filter_text_matches(const struct filter_constant *constant, struct bytes text) {
    const struct bytes first = constant->pieces[0];
    const struct bytes last = constant->pieces[constant->piece_count - 1];
    if (text.size < first.size + last.size || !bytes_start_with(text, first) ||
        !bytes_equal(bytes_of(text.data + text.size - last.size, last.size), last)) {
        return false;
    }
    const uint8_t *at = text.data + first.size;
    size_t left = text.size - first.size - last.size;
    for (size_t i = 1; i + 1 < constant->piece_count; i++) {
        const struct bytes piece = constant->pieces[i];
        if (piece.size == 0) {
            continue;
        }
        const uint8_t *found = memmem(at, left, piece.data, piece.size);
        if (found == NULL) {
            return false;
        }
        left -= (size_t)(found - at) + piece.size;
        at = found + piece.size;
    }
    return true;
}

static bool item_holds(const struct filter_test *test, const struct field_item *item,
                       int64_t now_us, struct filter_times *times) {
    const struct filter_constant *constant = &test->constant;
    if (test->op == FILTER_OP_MATCHES) {
        return filter_text_matches(constant, item->text);
    }
    if (test->op == FILTER_OP_ANNIVERSARY) {
        int64_t at_us = 0;
        const bool holds = anniversary_is_near(item->time_us, constant->days, now_us, &at_us);
        note_change(at_us, now_us, times);
        note_change((int64_t)day_of(now_us) * DAY_US, now_us, times); /* It may have become so. */
        return holds;
    }
    switch (test->type) {
    case FIELD_TEXT:
        return order_holds(test->op, bytes_compare(item->text, constant->text));
    case FIELD_NUMBER:
    case FIELD_FLAG:
        return order_holds(test->op,
                           (item->number > constant->number) - (item->number < constant->number));
    case FIELD_TIME:
        return time_holds(test, item->time_us, now_us, times);
    }
    return false;
}

/* Whether one of the items is as asked for. All are looked at: each may tell when it changes. */
static bool any_holds(const struct filter_test *test, const struct field_value *value,
                      int64_t now_us, struct filter_times *times) {
    bool holds = false;
    for (size_t i = 0; i < value->count; i++) {
        holds = item_holds(test, &value->items[i], now_us, times) || holds;
    }
    return holds;
}

static bool has_word(const struct field_value *value, struct bytes word) {
    for (size_t i = 0; i < value->count; i++) {
        if (bytes_equal(value->items[i].text, word)) {
            return true;
        }
    }
    return false;
}

static bool has_all_words(const struct filter_constant *constant, const struct field_value *value) {
    for (size_t i = 0; i < constant->piece_count; i++) {
        if (!has_word(value, constant->pieces[i])) {
            return false;
        }
    }
    return true;
}

static bool test_holds(const struct filter_test *test, const struct field_value *value,
                       int64_t now_us, struct filter_times *times) {
    note_change(value->change_us, now_us, times);
    note_change(value->passed_us, now_us, times);
    struct filter_test opposite = *test;
    switch (test->op) {
    case FILTER_OP_PRESENT:
        return value->count > 0;
    case FILTER_OP_ALL_WORDS:
        return has_all_words(&test->constant, value);
    case FILTER_OP_NOT_EQUAL:
        opposite.op = FILTER_OP_EQUAL;
        return value->count > 0 && !any_holds(&opposite, value, now_us, times);
    case FILTER_OP_NOT_MATCHES:
        opposite.op = FILTER_OP_MATCHES;
        return value->count > 0 && !any_holds(&opposite, value, now_us, times);
    case FILTER_OP_EQUAL:
    case FILTER_OP_LESS:
    case FILTER_OP_LESS_OR_EQUAL:
    case FILTER_OP_GREATER:
    case FILTER_OP_GREATER_OR_EQUAL:
    case FILTER_OP_MATCHES:
    case FILTER_OP_ANNIVERSARY:
        break;
    }
    return any_holds(test, value, now_us, times);
}

bool filter_holds_at(const struct filter *filter, const struct field_value *values, int64_t now_us,
                     struct filter_times *times) {
    uint16_t at = filter->start;
    for (size_t steps = 0; at != FILTER_ACCEPT && at != FILTER_REJECT; steps++) {
        assert(at < filter->test_count && steps < filter->test_count); /* Tests lead on only. */
        const struct filter_test *test = &filter->tests[at];
        at = test_holds(test, &values[test->field], now_us, times) ? test->yes : test->no;
    }
    return at == FILTER_ACCEPT;
}

bool filter_holds(const struct filter *filter, const struct field_value *values, int64_t now_us,
                  int64_t *change_us) {
    struct filter_times times = {.next_us = *change_us};
    const bool holds = filter_holds_at(filter, values, now_us, &times);
    *change_us = times.next_us;
    return holds;
}
