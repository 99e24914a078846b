/* Following what is written, and going on where nobody writes. */

#include "server/segment/membership.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "server/segment/judge.h"
#include "server/store/mark.h"
#include "server/store/population.h"

enum {
    SCRATCH_SIZE = 512 << 20,
    STEP_PERSONS_MAX = 1000, /* Of one step, which others wait for. */
    REDIRECTS_MAX = 10000,
};

/* ---- the compiled segments: the follower's state, NULL where they were not yet ---- */

static void forget_set(void **state) {
    segment_set_free(*state);
    *state = NULL;
}

/* The segments as the view's transaction has them; *out is NULL where there never were any. */
static struct status set_of(void **state, struct store_view *view, int64_t now_us,
                            struct segment_set **out) {
    struct segment_set *set = *state;
    struct id stamp;
    *out = NULL;
    TRY(store_segments_stamp(view, &stamp));
    if (id_is_zero(stamp)) {
        return OK;
    }
    if (set == NULL || !id_equal(set->stamp, stamp)) {
        forget_set(state);
        TRY(segment_set_make(view, now_us, &set));
        *state = set;
    }
    *out = set;
    return OK;
}

/* ---- following ---- */

/* A person, and which parts of it are touched. */
struct subject {
    struct id id;
    unsigned parts;
};

static int by_id(const void *a, const void *b) {
    const struct subject *left = a;
    const struct subject *right = b;
    return id_compare(left->id, right->id);
}

/* The person that a profile belongs to, and the one that it belonged to. */
static struct status subject_add(struct store_view *view, const struct store_touch *touch,
                                 struct subject *subjects, size_t *count) {
    const struct profile *person = NULL;
    const struct profile *before = NULL;
    TRY(store_profile_follow(view, touch->profile, &person));
    if (person != NULL) {
        subjects[(*count)++] = (struct subject){person->id, touch->parts};
    }
    TRY(store_profile_before(view, touch->profile, &before));
    for (size_t i = 0; before != NULL && !id_is_zero(before->merged_into); i++) {
        assert(i < REDIRECTS_MAX); /* store_profile_follow() tells of circles. */
        TRY(store_profile_before(view, before->merged_into, &before));
    }
    if (before != NULL) {
        subjects[(*count)++] = (struct subject){before->id, touch->parts};
    }
    return OK;
}

/* The persons that the touched profiles belonged to, and belong to now; each once. */
static struct status subjects_find(struct judging *judging, const struct store_touch *touches,
                                   size_t touch_count, struct subject **out, size_t *count) {
    struct subject *subjects = arena_array(judging->scratch, 2 * touch_count, sizeof *subjects);
    size_t found = 0;
    for (size_t i = 0; i < touch_count; i++) {
        TRY(subject_add(judging->view, &touches[i], subjects, &found));
    }
    *count = 0;
    if (found > 0) {
        qsort(subjects, found, sizeof *subjects, by_id);
    }
    for (size_t i = 0; i < found; i++) {
        if (*count > 0 && id_equal(subjects[*count - 1].id, subjects[i].id)) {
            subjects[*count - 1].parts |= subjects[i].parts;
        } else {
            subjects[(*count)++] = subjects[i];
        }
    }
    *out = subjects;
    return OK;
}

static struct status judge_all(struct judging *judging, const struct store_touch *touches,
                               size_t touch_count) {
    struct subject *subjects = NULL;
    size_t count = 0;
    TRY(subjects_find(judging, touches, touch_count, &subjects, &count));
    for (size_t i = 0; i < count; i++) {
        TRY(judge_change(judging, subjects[i].id, subjects[i].parts));
    }
    return OK;
}

static struct status follow_touches(void **state, struct store_view *view, int64_t now_us,
                                    struct arena *scratch) {
    const struct store_touch *touches = NULL;
    struct changes changes = {.arena = scratch};
    struct judging judging = {
        .view = view, .changes = &changes, .scratch = scratch, .now_us = now_us};
    const size_t count = store_view_touched(view, scratch, &touches);
    TRY(changes_of_view(&changes, view));
    if (count > 0) {
        struct segment_set *set = NULL;
        judging.before = store_view_beside(view, scratch);
        TRY(set_of(state, view, now_us, &set));
        judging.set = set;
    }
    if (judging.set != NULL) {
        TRY(judge_all(&judging, touches, count));
        TRY(store_mark_pass(view, judging.passed_us));
    }
    return changes_put(&changes, view, now_us);
}

static struct status follow(void **state, struct store_view *view, int64_t now_us) {
    struct arena scratch;
    arena_init(&scratch, SCRATCH_SIZE);
    const struct status status = follow_touches(state, view, now_us, &scratch);
    arena_free(&scratch);
    return status;
}

/* ---- steps ---- */

/* What one step has done. */
struct step {
    void **state;
    struct judging judging;
    struct changes changes;
    int64_t step_us;
    int64_t end_us;          /* When it has taken as long as it may. */
    bool done;               /* There was something to do. */
    struct segment_set *set; /* What the state holds: it moves along with the rows. */
};

/* Whether others have waited long enough. */
static bool is_over(const struct step *step) {
    return store_view_clock_us(step->judging.view) >= step->end_us;
}

static struct status due_step(struct step *step) {
    struct judging *judging = &step->judging;
    struct id ids[STEP_PERSONS_MAX];
    size_t count = 0;
    TRY(store_segment_due_scan(judging->view, judging->now_us, STEP_PERSONS_MAX, ids, &count));
    for (size_t i = 0; i < count && (i == 0 || !is_over(step)); i++) {
        TRY(judge_due(judging, ids[i]));
    }
    step->done = count > 0;
    return OK;
}

/* Takes away members of the last one of the deleted segments, and at the end its place. */
static struct status clear_step(struct step *step) {
    struct judging *judging = &step->judging;
    const uint32_t segment = step->set->gone[step->set->gone_count - 1];
    struct id ids[STEP_PERSONS_MAX];
    size_t count = 0;
    bool more = false;
    TRY(store_member_scan(judging->view, segment, false, (struct id){{0}}, STEP_PERSONS_MAX, ids,
                          &count, &more));
    if (count == 0) {
        TRY(store_segment_forget(judging->view, segment));
        step->set->gone_count--;
    }
    for (size_t i = 0; i < count && (i == 0 || !is_over(step)); i++) {
        TRY(judge_without(judging, ids[i], segment));
    }
    step->done = true;
    return OK;
}

/* ---- the pass ---- */

static size_t filling_count(const struct segment_set *set) {
    size_t count = 0;
    for (size_t i = 0; i < set->count; i++) {
        count += set->items[i].filling ? 1 : 0;
    }
    return count;
}

/* Takes those along that have not begun. */
static struct status pass_begin(struct step *step) {
    const struct segment_set *set = step->set;
    bool is_counted = false;
    uint64_t whole = 0;
    for (size_t i = 0; i < set->count; i++) {
        struct store_segment_place *place = &set->items[i].place;
        if (!set->items[i].filling || place->begun) {
            continue;
        }
        if (!is_counted) {
            TRY(population_count_all(step->judging.before, &whole));
            is_counted = true;
        }
        place->begun = true;
        place->from = set->pass.profile;
        place->round = set->pass.round;
        place->looked_before = set->pass.looked_at;
        place->whole = whole;
        TRY(store_place_put(step->judging.view, place));
    }
    return OK;
}

/* Judges a profile by all that have not come to it, which they have then. */
static struct status pass_one(struct step *step, struct id id) {
    struct judging *judging = &step->judging;
    struct segment_set *set = step->set;
    bool *forced = arena_array(judging->scratch, set->count, sizeof *forced);
    const struct profile *profile = NULL;
    TRY(store_profile_get(judging->view, id, &profile));
    for (size_t i = 0; i < set->count; i++) {
        forced[i] = !segment_has_come_to(set, i, id);
    }
    set->pass.profile = id;
    set->pass.looked_at += profile != NULL && profile_is_live(profile) ? 1 : 0;
    return judge_forced(judging, id, forced);
}

/* Those to whose beginning the pass has come round are ready; with the last one the pass is over.
 * By the filter of before nobody is judged then, whether it stays among what was compiled or not.
 */
static struct status pass_put(struct step *step) {
    struct store_view *view = step->judging.view;
    struct segment_set *set = step->set;
    for (size_t i = 0; i < set->count; i++) {
        struct segment_item *item = &set->items[i];
        if (item->filling && store_place_is_done(&item->place, &set->pass)) {
            store_place_delete(view, item->number);
            item->filling = false;
        }
    }
    if (filling_count(set) > 0) {
        return store_pass_put(view, &set->pass);
    }
    set->pass = (struct store_segment_pass){.round = 0};
    store_pass_delete(view);
    return OK;
}

/* Goes on with the pass, or begins the next round. */
static struct status pass_step(struct step *step) {
    struct judging *judging = &step->judging;
    struct store_segment_pass *pass = &step->set->pass;
    struct store_cursor cursor = {.set = !id_is_zero(pass->profile), .id = pass->profile};
    struct id ids[STEP_PERSONS_MAX];
    size_t count = 0;
    bool more = false;
    judging->filling = true;
    TRY(pass_begin(step));
    TRY(store_profile_scan(judging->view, STORE_BY_CREATE, false, NULL, &cursor, STEP_PERSONS_MAX,
                           ids, &count, &more, NULL));
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && is_over(step)) {
            more = true;
            break;
        }
        TRY(pass_one(step, ids[i]));
    }
    if (!more) {
        pass->profile = (struct id){{0}};
        pass->round++;
    }
    step->done = true;
    return pass_put(step);
}

static struct status step_view(struct step *step) {
    struct judging *judging = &step->judging;
    TRY(set_of(step->state, judging->view, judging->now_us, &step->set));
    judging->set = step->set;
    if (step->set == NULL) {
        return OK;
    }
    TRY(due_step(step));
    if (step->done) {
        return OK;
    }
    if (step->set->gone_count > 0) {
        return clear_step(step);
    }
    return filling_count(step->set) > 0 ? pass_step(step) : OK;
}

static struct status step_write(struct step *step, struct store_write *write,
                                struct arena *scratch) {
    struct judging *judging = &step->judging;
    TRY(store_view_begin_write(write, scratch, &judging->view));
    step->end_us = store_view_clock_us(judging->view) + step->step_us;
    judging->before = store_view_beside(judging->view, scratch);
    judging->scratch = scratch;
    step->changes.arena = scratch;
    judging->changes = &step->changes;
    TRY(step_view(step));
    TRY(store_mark_pass(judging->view, judging->passed_us));
    TRY(changes_put(&step->changes, judging->view, judging->now_us));
    return step->done ? store_view_apply(judging->view, judging->now_us) : OK;
}

/* What there is to do at a time: something at once, or something later. */
static struct status look(struct store *store, int64_t now_us, bool *more, int64_t *next_us) {
    struct store_reader *reader = NULL;
    struct store_view *view = NULL;
    struct store_segment_place place;
    struct arena arena;
    size_t places = 0;
    TRY(store_reader_open(store, &reader));
    arena_init(&arena, SCRATCH_SIZE);
    struct status status = store_view_begin_read(reader, &arena, &view);
    if (status_is_ok(status)) {
        status = store_segment_due_first(view, next_us);
        status = status_is_ok(status) ? store_place_scan(view, 0, 1, &place, &places) : status;
        store_view_end(view);
    }
    *more = places > 0 || *next_us <= now_us;
    arena_free(&arena);
    store_reader_close(reader);
    return status;
}

static struct status membership_step(struct store *store, void **state, int64_t now_us,
                                     int64_t step_us, bool *more, int64_t *next_us) {
    struct store_write *write = NULL;
    struct arena scratch;
    TRY(look(store, now_us, more, next_us));
    if (!*more) {
        return OK;
    }
    struct step step = {.state = state, .step_us = step_us, .judging = {.now_us = now_us}};
    TRY(store_write_begin(store, STORE_WRITE_ERASE, &write));
    arena_init(&scratch, SCRATCH_SIZE);
    struct status status = step_write(&step, write, &scratch);
    arena_free(&scratch);
    if (status_is_ok(status) && step.done) {
        status = store_write_commit(write);
    } else {
        store_write_abort(write);
    }
    if (!status_is_ok(status)) {
        forget_set(step.state);
    }
    *more = status_is_ok(status) && step.done;
    return status;
}

/* ---- a clock that was set back ---- */

/* Whether a field comes to have other values where nobody writes. */
static bool is_timed(const struct field *field, const struct store_traits *traits) {
    if (field->kind != FIELD_TRAIT) {
        return field->kind == FIELD_RECENT_NET_SENTIMENT;
    }
    for (size_t i = 0; i < traits->count; i++) {
        if (traits->items[i].number == field->number) {
            return traits->items[i].window_days > 0;
        }
    }
    return false;
}

/* Whether a filter waits for times, or reads a segment that does: by item. */
static bool waits_for_times(const struct segment_set *set, const struct filter *filter,
                            const struct store_traits *traits, const bool *waits) {
    for (size_t i = 0; i < filter->test_count; i++) {
        const struct filter_test *test = &filter->tests[i];
        const struct field *field = &set->fields.items[test->field];
        const size_t item =
            field->kind == FIELD_SEGMENT ? segment_set_find(set, field->number) : SIZE_MAX;
        if (test->constant.relative || test->op == FILTER_OP_ANNIVERSARY ||
            is_timed(field, traits) || (item != SIZE_MAX && waits[item])) {
            return true;
        }
    }
    return false;
}

/* Fills a segment anew. Who is written before the backfill has come is judged by its filter at
 * once: others stay as they are. */
static struct status fill_anew(struct store_view *view, uint32_t number) {
    struct store_segment segment;
    const char *name = NULL;
    bool found = false;
    TRY(store_segment_name(view, number, &name));
    assert(name != NULL); /* It is one of the set. */
    TRY(store_segment_get(view, name, &found, &segment));
    assert(found);
    const struct store_segment_place place = {.segment = number, .filter_before = segment.filter};
    return store_place_put(view, &place);
}

/* Times that filters wait for have come and are to come again: those segments begin with everybody
 * anew. Whose times they were nobody has kept. */
static struct status begin_anew(void **state, struct store_view *view, struct judging *judging) {
    const struct store_traits *traits = NULL;
    struct segment_set *set = NULL;
    TRY(set_of(state, view, judging->now_us, &set));
    judging->set = set;
    if (set == NULL) {
        return OK;
    }
    TRY(store_traits_get(view, &traits));
    bool *waits = arena_array(judging->scratch, judging->set->count, sizeof *waits);
    for (size_t i = 0; i < judging->set->count; i++) {
        const struct segment_item *item = &judging->set->items[i];
        waits[i] =
            waits_for_times(judging->set, &item->filter, traits, waits) ||
            (item->has_before && waits_for_times(judging->set, &item->before, traits, waits));
        if (waits[i]) {
            TRY(fill_anew(view, item->number));
        }
    }
    return OK;
}

/* Compiled anew the next time: they have places then. */
static struct status anew(void **state, struct store_view *view, int64_t now_us) {
    struct judging judging = {.view = view, .scratch = store_view_arena(view), .now_us = now_us};
    const struct status status = begin_anew(state, view, &judging);
    forget_set(state);
    return status;
}

static void close(void *state) { segment_set_free(state); }

const struct store_follower membership_follower = {
    .follow = follow, .anew = anew, .step = membership_step, .close = close};
