/* Adding up interactions: how many, from when to when, and by which labels. */

#include <string.h>

#include "server/store/records/record.pb-c.h"
#include "server/store/view.h"

static void add_label(struct store_view *view, struct store_summary *summary, uint32_t kind,
                      const char *label) {
    if (label[0] == '\0') {
        return;
    }
    for (size_t i = 0; i < summary->label_count; i++) {
        if (summary->labels[i].kind == kind && strcmp(summary->labels[i].label, label) == 0) {
            summary->labels[i].count++;
            return;
        }
    }
    summary->labels =
        arena_append(view->arena, summary->labels, summary->label_count, sizeof *summary->labels);
    summary->labels[summary->label_count++] = (struct store_label_count){kind, label, 1};
}

static struct status add_labels(struct store_view *view, struct store_summary *summary,
                                const Stored__V1__Interaction *interaction) {
    static const char *const sentiments[] = {"", "negative", "neutral", "positive"};
    switch (interaction->payload_case) {
    case STORED__V1__INTERACTION__PAYLOAD_ENGAGEMENT: {
        const Stored__V1__Engagement *engagement = interaction->engagement;
        if (engagement->sentiment >= sizeof sentiments / sizeof *sentiments) {
            return store_corrupt("an interaction's sentiment is none");
        }
        add_label(view, summary, STORE_LABEL_CHANNEL, engagement->channel);
        add_label(view, summary, STORE_LABEL_THEME, engagement->theme);
        add_label(view, summary, STORE_LABEL_SENTIMENT, sentiments[engagement->sentiment]);
        return OK;
    }
    case STORED__V1__INTERACTION__PAYLOAD_SURVEY_RESPONSE:
        add_label(view, summary, STORE_LABEL_CHANNEL, "survey");
        return OK;
    case STORED__V1__INTERACTION__PAYLOAD_ACTIVITY:
        return OK;
    case STORED__V1__INTERACTION__PAYLOAD__NOT_SET:
    case _STORED__V1__INTERACTION__PAYLOAD__CASE_IS_INT_SIZE:
        break;
    }
    return store_corrupt("an interaction says nothing of what happened");
}

struct status store_summary_add(struct store_view *view, struct store_summary *summary,
                                const struct store_interaction *interaction) {
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(view->arena, &stored__v1__interaction__descriptor, interaction->packed,
                     &message));
    const bool first = summary->count == 0;
    summary->count++;
    if (first || interaction->occur_us < summary->first_us) {
        summary->first_us = interaction->occur_us;
    }
    if (first || interaction->occur_us > summary->last_us) {
        summary->last_us = interaction->occur_us;
    }
    return add_labels(view, summary, (const Stored__V1__Interaction *)message);
}
