/* Adding up interactions. The order in which they are told makes no difference: but where there are
 * more labels of a kind than are kept apart, which of them are. One that is kept apart is counted
 * whole: what may have been counted together with others stays with them, also where there is room,
 * until all are counted anew. */

#include "server/store/summary.h"

#include <stdlib.h>
#include <string.h>

#include "server/base/day.h"
#include "server/store/interaction_part.h"
#include "server/store/mark.h"
#include "server/store/records/record.pb-c.h"
#include "server/store/view.h"

/* ---- labels ---- */

/* The labels of a kind. */
struct labels_seen {
    struct store_label_count *it;     /* The one that is looked for; NULL for none. */
    struct store_label_count *others; /* Those that are counted together; NULL for none. */
    size_t apart;
};

static struct labels_seen labels_see(struct store_summary *summary, enum store_label kind,
                                     const char *name, const char *theme) {
    struct labels_seen seen = {NULL, NULL, 0};
    for (size_t i = 0; i < summary->label_count; i++) {
        struct store_label_count *label = &summary->labels[i];
        if (label->kind != kind) {
            continue;
        }
        const bool is_it = strcmp(label->label, name) == 0 && strcmp(label->theme, theme) == 0;
        seen.it = is_it ? label : seen.it;
        seen.others = label->label[0] == '\0' ? label : seen.others;
        seen.apart += label->label[0] == '\0' ? 0 : 1;
    }
    return seen;
}

static struct store_label_count *label_append(struct store_summary *summary, enum store_label kind,
                                              const char *name, const char *theme,
                                              struct arena *arena) {
    if (summary->label_count >= summary->label_room) {
        summary->label_room = 2 * (summary->label_count + 1);
        struct store_label_count *labels = arena_array(arena, summary->label_room, sizeof *labels);
        if (summary->label_count > 0) {
            memcpy(labels, summary->labels, summary->label_count * sizeof *labels);
        }
        summary->labels = labels;
    }
    struct store_label_count *label = &summary->labels[summary->label_count++];
    *label = (struct store_label_count){.kind = kind,
                                        .label = arena_string(arena, bytes_of_string(name)),
                                        .theme = arena_string(arena, bytes_of_string(theme))};
    return label;
}

/* Where a label is counted: by itself, or with those beyond `apart_max` labels of the kind. Where
 * there are such it may be one of them, and is no new one. */
static struct store_label_count *label_of(struct store_summary *summary, enum store_label kind,
                                          const char *name, const char *theme, size_t apart_max,
                                          struct arena *arena) {
    const struct labels_seen seen = labels_see(summary, kind, name, theme);
    if (seen.it != NULL || seen.others != NULL) {
        return seen.it != NULL ? seen.it : seen.others;
    }
    return seen.apart < apart_max ? label_append(summary, kind, name, theme, arena)
                                  : label_append(summary, kind, "", "", arena);
}

static void add_times(int64_t count, int64_t first_us, int64_t last_us, int64_t *into_count,
                      int64_t *into_first_us, int64_t *into_last_us) {
    if (*into_count == 0 || first_us < *into_first_us) {
        *into_first_us = first_us;
    }
    if (*into_count == 0 || last_us > *into_last_us) {
        *into_last_us = last_us;
    }
    *into_count += count;
}

static void add_label(struct store_label_count *label, const struct store_label_count *part) {
    add_times(part->count, part->first_us, part->last_us, &label->count, &label->first_us,
              &label->last_us);
}

/* ---- moods ---- */

static struct store_mood_day *mood_of(struct store_summary *summary, int32_t day,
                                      struct arena *arena) {
    for (size_t i = 0; i < summary->mood_count; i++) {
        if (summary->moods[i].day == day) {
            return &summary->moods[i];
        }
    }
    summary->moods =
        arena_append(arena, summary->moods, summary->mood_count, sizeof *summary->moods);
    struct store_mood_day *mood = &summary->moods[summary->mood_count++];
    *mood = (struct store_mood_day){.day = day};
    return mood;
}

bool summary_keeps_mood(int32_t day, int32_t mark_day) {
    return day > mark_day - STORE_MOOD_DAYS_MAX;
}

static void forget_moods(struct store_summary *summary, int32_t mark_day) {
    size_t kept = 0;
    for (size_t i = 0; i < summary->mood_count; i++) {
        if (summary_keeps_mood(summary->moods[i].day, mark_day)) {
            summary->moods[kept++] = summary->moods[i];
        }
    }
    summary->mood_count = kept;
}

/* Less than nothing is nothing: what goes may not have been counted anew. */
static void change_count(int64_t *count, int64_t change) {
    *count += *count + change < 0 ? 0 : change;
}

static void change_mood(struct store_summary *summary, int32_t day, uint32_t sentiment,
                        int64_t change, struct arena *arena) {
    struct store_mood_day *mood = mood_of(summary, day, arena);
    change_count(&mood->negative, sentiment == STORE_SENTIMENT_NEGATIVE ? change : 0);
    change_count(&mood->neutral, sentiment == STORE_SENTIMENT_NEUTRAL ? change : 0);
    change_count(&mood->positive, sentiment == STORE_SENTIMENT_POSITIVE ? change : 0);
    if (mood->negative == 0 && mood->neutral == 0 && mood->positive == 0) {
        *mood = summary->moods[--summary->mood_count];
    }
}

void summary_count_mood(struct store_summary *summary, int64_t occur_us,
                        const Stored__V1__Interaction *interaction, int32_t mark_day,
                        struct arena *arena) {
    const int32_t day = day_of(occur_us);
    if (interaction->payload_case == STORED__V1__INTERACTION__PAYLOAD_ENGAGEMENT &&
        interaction->engagement->sentiment != 0 && summary_keeps_mood(day, mark_day)) {
        change_mood(summary, day, interaction->engagement->sentiment, 1, arena);
    }
}

static bool has_mood(const struct store_summary *summary, const struct store_mood_day *mood) {
    for (size_t i = 0; i < summary->mood_count; i++) {
        const struct store_mood_day *there = &summary->moods[i];
        if (there->day == mood->day) {
            return there->negative == mood->negative && there->neutral == mood->neutral &&
                   there->positive == mood->positive;
        }
    }
    return false;
}

static bool has_moods_of(const struct store_summary *in, const struct store_summary *of,
                         int32_t mark_day) {
    for (size_t i = 0; i < of->mood_count; i++) {
        if (summary_keeps_mood(of->moods[i].day, mark_day) && !has_mood(in, &of->moods[i])) {
            return false;
        }
    }
    return true;
}

bool summary_has_moods(const struct store_summary *summary, const struct store_summary *other,
                       int32_t mark_day) {
    return has_moods_of(summary, other, mark_day) && has_moods_of(other, summary, mark_day);
}

/* ---- adding ---- */

struct adding {
    struct store_summary *summary;
    struct arena *arena;
    int64_t occur_us;
    int64_t change;   /* 1, or -1 for what goes. */
    int32_t mark_day; /* As of which moods are kept. */
    size_t apart_max; /* Labels of a kind. */
    uint32_t kinds;   /* Of labels: a bit each. */
};

static const uint32_t ALL_KINDS = UINT32_MAX;

static uint32_t kind_bit(enum store_label kind) { return UINT32_C(1) << (unsigned)kind; }

/* One less of a label, or of those that it is counted with. */
static void take_label(struct store_summary *summary, enum store_label kind, const char *label,
                       const char *theme) {
    const struct labels_seen seen = labels_see(summary, kind, label, theme);
    struct store_label_count *found = seen.it != NULL ? seen.it : seen.others;
    if (found != NULL && --found->count == 0) {
        *found = summary->labels[--summary->label_count];
    }
}

static void add(const struct adding *adding, enum store_label kind, const char *label,
                const char *theme) {
    if (label[0] == '\0' || (adding->kinds & kind_bit(kind)) == 0) {
        return;
    }
    if (adding->change < 0) {
        take_label(adding->summary, kind, label, theme);
    } else {
        const struct store_label_count one = {
            .count = 1, .first_us = adding->occur_us, .last_us = adding->occur_us};
        add_label(label_of(adding->summary, kind, label, theme, adding->apart_max, adding->arena),
                  &one);
    }
}

static struct status add_engagement(const struct adding *adding,
                                    const Stored__V1__Engagement *engagement) {
    const char *sentiment = store_sentiment_word(engagement->sentiment);
    if (engagement->sentiment != 0 && sentiment[0] == '\0') {
        return store_corrupt("an interaction's sentiment is none");
    }
    add(adding, STORE_LABEL_KIND, "engagement", "");
    add(adding, STORE_LABEL_CHANNEL, engagement->channel, "");
    add(adding, STORE_LABEL_THEME, engagement->theme, "");
    add(adding, STORE_LABEL_SUB_THEME, engagement->sub_theme, engagement->theme);
    add(adding, STORE_LABEL_SENTIMENT, sentiment, "");
    if (engagement->direction != STORE_DIRECTION_OUTBOUND) {
        add(adding, STORE_LABEL_LANGUAGE, engagement->language, "");
        add(adding, STORE_LABEL_DIALECT, engagement->dialect, "");
    }
    const int32_t day = day_of(adding->occur_us);
    if (engagement->sentiment != 0 && summary_keeps_mood(day, adding->mark_day)) {
        change_mood(adding->summary, day, engagement->sentiment, adding->change, adding->arena);
    }
    return OK;
}

static struct status add_payload(const struct adding *adding,
                                 const Stored__V1__Interaction *interaction) {
    switch (interaction->payload_case) {
    case STORED__V1__INTERACTION__PAYLOAD_ENGAGEMENT:
        return add_engagement(adding, interaction->engagement);
    case STORED__V1__INTERACTION__PAYLOAD_SURVEY_RESPONSE:
        add(adding, STORE_LABEL_KIND, "survey_response", "");
        add(adding, STORE_LABEL_CHANNEL, "survey", "");
        return OK;
    case STORED__V1__INTERACTION__PAYLOAD_ACTIVITY:
        add(adding, STORE_LABEL_KIND, "activity", "");
        return OK;
    case STORED__V1__INTERACTION__PAYLOAD__NOT_SET:
    case _STORED__V1__INTERACTION__PAYLOAD__CASE_IS_INT_SIZE:
        break;
    }
    return store_corrupt("an interaction says nothing of what happened");
}

struct status summary_count(struct store_summary *summary, int64_t occur_us,
                            const Stored__V1__Interaction *interaction, int32_t mark_day,
                            struct arena *arena) {
    const struct adding adding = {summary,          arena,    occur_us, 1, mark_day,
                                  STORE_LABELS_MAX, ALL_KINDS};
    add_times(1, occur_us, occur_us, &summary->count, &summary->first_us, &summary->last_us);
    forget_moods(summary, mark_day);
    return add_payload(&adding, interaction);
}

struct status summary_remove(struct store_summary *summary, int64_t occur_us,
                             const Stored__V1__Interaction *interaction, int32_t mark_day,
                             struct arena *arena) {
    const struct adding taking = {summary,          arena,    occur_us, -1, mark_day,
                                  STORE_LABELS_MAX, ALL_KINDS};
    if (summary->count == 0) {
        return store_corrupt("a summary does not count an interaction that there is");
    }
    summary->count--;
    if (summary->removed_count++ == 0 || occur_us > summary->removed_us) {
        summary->removed_us = occur_us;
    }
    return add_payload(&taking, interaction);
}

/* ---- labels, counted anew ---- */

uint32_t summary_kinds_with_room(struct store_summary *summary) {
    uint32_t kinds = 0;
    for (size_t i = 0; i < summary->label_count; i++) {
        const struct store_label_count *label = &summary->labels[i];
        if (label->label[0] == '\0' &&
            labels_see(summary, label->kind, "", "").apart < STORE_LABELS_MAX) {
            kinds |= kind_bit(label->kind);
        }
    }
    return kinds;
}

struct store_summary summary_of_nothing(const struct store_summary *like, struct arena *arena) {
    struct store_summary nothing = {.label_count = 0};
    for (size_t i = 0; i < like->label_count; i++) {
        const struct store_label_count *label = &like->labels[i];
        (void)label_append(&nothing, label->kind, label->label, label->theme, arena);
    }
    return nothing;
}

struct status summary_count_labels(struct store_summary *summary, int64_t occur_us,
                                   const Stored__V1__Interaction *interaction, uint32_t kinds,
                                   struct arena *arena) {
    const struct adding adding = {summary, arena, occur_us, 1, INT32_MAX, SUMMARY_RECOUNT_MAX,
                                  kinds}; /* No mood. */
    return add_payload(&adding, interaction);
}

/* The most frequent first, of two that are as frequent the one that came up later, and at last
 * those that were counted together. */
static int by_count(const void *a, const void *b) {
    const struct store_label_count *left = a;
    const struct store_label_count *right = b;
    if ((left->label[0] == '\0') != (right->label[0] == '\0')) {
        return left->label[0] == '\0' ? 1 : -1;
    }
    if (left->count != right->count) {
        return left->count > right->count ? -1 : 1;
    }
    return (left->last_us < right->last_us) - (left->last_us > right->last_us);
}

/* A label that was kept apart has its times still, which are of what is no longer kept too; so have
 * those that are still together. */
static void keep_times(struct store_label_count *label, struct store_summary *before) {
    const struct store_label_count *was =
        labels_see(before, label->kind, label->label, label->theme).it;
    if (was != NULL && was->first_us < label->first_us) {
        label->first_us = was->first_us;
    }
    if (was != NULL && was->last_us > label->last_us) {
        label->last_us = was->last_us;
    }
}

/* The labels of a kind as they were counted, those kept apart first. */
static void take_kind(struct store_summary *into, struct store_summary *before,
                      const struct store_summary *counted, enum store_label kind,
                      struct arena *arena) {
    const size_t first = into->label_count;
    for (size_t i = 0; i < counted->label_count; i++) {
        const struct store_label_count *label = &counted->labels[i];
        if (label->kind == kind) {
            add_label(label_of(into, kind, label->label, label->theme, STORE_LABELS_MAX, arena),
                      label);
        }
    }
    for (size_t i = first; i < into->label_count; i++) {
        keep_times(&into->labels[i], before);
    }
}

void summary_take_labels(struct store_summary *summary, struct store_summary *counted,
                         struct arena *arena) {
    struct store_summary before = *summary;
    const uint32_t kinds = summary_kinds_with_room(summary);
    summary->label_count = 0;
    summary->label_room = 0;
    if (counted->label_count > 0) {
        qsort(counted->labels, counted->label_count, sizeof *counted->labels, by_count);
    }
    for (size_t i = 0; i < before.label_count; i++) {
        const struct store_label_count *label = &before.labels[i];
        if ((kinds & kind_bit(label->kind)) == 0) {
            add_label(label_append(summary, label->kind, label->label, label->theme, arena), label);
        } else if (label->label[0] == '\0') { /* Once a kind. */
            take_kind(summary, &before, counted, label->kind, arena);
        }
    }
}

struct status store_summary_add(struct store_view *view, struct store_summary *summary,
                                const struct store_interaction *interaction) {
    ProtobufCMessage *message = NULL;
    const struct store_mark *mark = NULL;
    TRY(store_mark_get(view, &mark));
    TRY(store_unpack(view->arena, &stored__v1__interaction__descriptor, interaction->packed,
                     &message));
    return summary_count(summary, interaction->occur_us, (const Stored__V1__Interaction *)message,
                         store_mark_day(mark), view->arena);
}

/* Each by itself, however many there are; those that are counted together by each other. */
static void fold_label(struct store_summary *into, const struct store_label_count *part,
                       struct arena *arena) {
    struct store_label_count *label = labels_see(into, part->kind, part->label, part->theme).it;
    label = label != NULL ? label : label_append(into, part->kind, part->label, part->theme, arena);
    label->at_least = label->at_least || part->at_least;
    add_label(label, part);
}

static bool has_others(const struct store_summary *summary) {
    for (size_t i = 0; i < summary->label_count; i++) {
        if (summary->labels[i].label[0] == '\0') {
            return true;
        }
    }
    return false;
}

/* What one of the two counts by itself may be among those that the other one counts together. */
static void note_others(struct store_summary *one, struct store_summary *other) {
    if (!has_others(other)) { /* As nearly always. */
        return;
    }
    for (size_t i = 0; i < one->label_count; i++) {
        struct store_label_count *label = &one->labels[i];
        const struct labels_seen seen = labels_see(other, label->kind, label->label, label->theme);
        if (label->label[0] != '\0' && seen.it == NULL && seen.others != NULL) {
            label->at_least = true;
        }
    }
}

void store_summary_fold(struct store_summary *into, struct store_summary *part,
                        struct arena *arena) {
    if (into->removed_count == 0 ||
        (part->removed_count > 0 && part->removed_us > into->removed_us)) {
        into->removed_us = part->removed_us;
    }
    into->removed_count += part->removed_count;
    if (part->count == 0) {
        return;
    }
    add_times(part->count, part->first_us, part->last_us, &into->count, &into->first_us,
              &into->last_us);
    note_others(into, part);
    note_others(part, into);
    for (size_t i = 0; i < part->label_count; i++) {
        fold_label(into, &part->labels[i], arena);
    }
    for (size_t i = 0; i < part->mood_count; i++) {
        struct store_mood_day *mood = mood_of(into, part->moods[i].day, arena);
        mood->negative += part->moods[i].negative;
        mood->neutral += part->moods[i].neutral;
        mood->positive += part->moods[i].positive;
    }
}

/* ---- rows ---- */

struct status store_summary_get(struct store_view *view, struct id profile,
                                struct store_summary *out) {
    const struct store_key key = store_key_id(STORE_TABLE_SUMMARY, profile);
    struct bytes row;
    TRY(view_get(view, &key, &row));
    *out = (struct store_summary){0};
    if (row.data == NULL) {
        return OK;
    }
    TRY(view_unversioned(row, &row));
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(view->arena, &stored__v1__summary__descriptor, row, &message));
    const Stored__V1__Summary *stored = (const Stored__V1__Summary *)message;
    out->count = (int64_t)stored->count;
    out->first_us = (int64_t)stored->first_us;
    out->last_us = (int64_t)stored->last_us;
    out->label_count = stored->n_labels;
    out->label_room = stored->n_labels;
    out->labels = arena_array(view->arena, stored->n_labels, sizeof *out->labels);
    for (size_t i = 0; i < stored->n_labels; i++) {
        const Stored__V1__LabelCount *label = stored->labels[i];
        out->labels[i] = (struct store_label_count){
            .kind = (enum store_label)label->kind,
            .label = label->label,
            .theme = label->theme,
            .count = (int64_t)label->count,
            .first_us = (int64_t)label->first_us,
            .last_us = (int64_t)label->first_us + (int64_t)label->last_after_us,
        };
    }
    out->removed_count = (int64_t)stored->removed;
    out->removed_us = (int64_t)stored->removed_us;
    out->mood_count = stored->n_moods;
    out->moods = arena_array(view->arena, stored->n_moods, sizeof *out->moods);
    for (size_t i = 0; i < stored->n_moods; i++) {
        const Stored__V1__MoodDay *mood = stored->moods[i];
        out->moods[i] = (struct store_mood_day){mood->day, (int64_t)mood->negative,
                                                (int64_t)mood->neutral, (int64_t)mood->positive};
    }
    return OK;
}

static void pack_labels(const struct store_summary *summary, struct arena *arena,
                        Stored__V1__Summary *out) {
    out->n_labels = summary->label_count;
    out->labels = arena_array(arena, summary->label_count, sizeof *out->labels);
    for (size_t i = 0; i < summary->label_count; i++) {
        const struct store_label_count *from = &summary->labels[i];
        Stored__V1__LabelCount *label = arena_alloc(arena, sizeof *label);
        stored__v1__label_count__init(label);
        label->kind = from->kind;
        label->label = (char *)(uintptr_t)from->label;
        label->theme = (char *)(uintptr_t)from->theme;
        label->count = (uint64_t)from->count;
        label->first_us = (uint64_t)from->first_us;
        label->last_after_us = (uint64_t)(from->last_us - from->first_us);
        out->labels[i] = label;
    }
}

static void pack_moods(const struct store_summary *summary, struct arena *arena,
                       Stored__V1__Summary *out) {
    out->n_moods = summary->mood_count;
    out->moods = arena_array(arena, summary->mood_count, sizeof *out->moods);
    for (size_t i = 0; i < summary->mood_count; i++) {
        const struct store_mood_day *from = &summary->moods[i];
        Stored__V1__MoodDay *mood = arena_alloc(arena, sizeof *mood);
        stored__v1__mood_day__init(mood);
        mood->day = from->day;
        mood->negative = (uint64_t)from->negative;
        mood->neutral = (uint64_t)from->neutral;
        mood->positive = (uint64_t)from->positive;
        out->moods[i] = mood;
    }
}

struct status store_summary_put(struct store_view *view, struct id profile,
                                const struct store_summary *summary) {
    const struct store_key key = store_key_id(STORE_TABLE_SUMMARY, profile);
    if (summary->count == 0 && summary->removed_count == 0) {
        view_delete(view, &key);
        return OK;
    }
    Stored__V1__Summary stored = STORED__V1__SUMMARY__INIT;
    stored.count = (uint64_t)summary->count;
    stored.first_us = (uint64_t)summary->first_us;
    stored.last_us = (uint64_t)summary->last_us;
    stored.removed = (uint64_t)summary->removed_count;
    stored.removed_us = (uint64_t)summary->removed_us;
    pack_labels(summary, view->arena, &stored);
    pack_moods(summary, view->arena, &stored);
    const struct bytes packed = store_pack(view->arena, &stored.base);
    TRY(view_size_check(packed));
    view_put(view, &key, view_versioned(view, packed));
    return OK;
}
